"""Doses, papers, identity checks, labels and corrections on the timeline."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils.translation import override

from accounts.models import User
from exports.event_labels import EVENT_LABELS
from exports.timeline import TimelineRow, course_timeline, timeline
from pathway import timeline_papers
from pathway.correcting import correct_time
from pathway.deviations import record_deviation
from pathway.dosing import DoseOrder, correct_dose
from pathway.loading import load_state
from pathway.models import Dose, Incident, Product
from patients.correcting import correct_entry
from patients.fact_values import typed_values
from patients.mistaken_facts import bring_back, mark_fact
from patients.models import Course
from terms.roles import Role
from tests.conftest import Refer, UserWith
from tests.services.test_labels import Labels
from tests.walking import Walk


@pytest.fixture
def all_round(user_with: UserWith) -> User:
    """Somebody who may do everything."""
    return user_with(*(role.value for role in Role))


@pytest.fixture
def walk(refer_patient: Refer, all_round: User) -> Walk:
    return Walk(refer_patient(all_round), all_round)


def told(walk: Walk, user: User, code: str) -> list[TimelineRow]:
    return [row for row in course_timeline(user, walk.course) if row.event_code == code]


def one(walk: Walk, user: User, code: str) -> TimelineRow:
    [row] = told(walk, user, code)
    return row


def test_every_code_has_a_label() -> None:
    assert timeline_papers.CODES - EVENT_LABELS.keys() == set()


def test_doses_stand_as_they_were_given_ordered_or_left_out(walk: Walk, all_round: User) -> None:
    walk.to_apheresis()
    walk.open("containment", drug="dexamethasone", drug_class="systemic_steroid")
    walk.order(
        "containment",
        DoseOrder("dexamethasone", route="po", amount=Decimal(40)),
        DoseOrder("dexamethasone", route="po"),
    )
    ordered = told(walk, all_round, "CONTAIN_DOSE_ORDERED")
    assert {(row.value, row.unit) for row in ordered} == {("40", "mg"), ("", "")}
    assert {row.event_date for row in ordered} == {walk.now.date().isoformat()}
    given = walk.give("containment", 1, amount=Decimal(30), deviation="was sick")
    row = one(walk, all_round, "CONTAIN_DOSE")
    assert (row.value, row.unit, row.event_date) == ("30", "mg", str(given.given_on))
    assert row.label == "Containment dose given: dexamethasone"
    # Given is not a correction of ordered.
    assert told(walk, all_round, "CORRECTED") == []
    correct_dose(
        dose_id=given.pk,
        given=None,
        not_given_reason="vomited",
        reason="another patient's",
        actor=all_round,
        now=walk.tick(),
    )
    assert told(walk, all_round, "CONTAIN_DOSE") == []
    gone = one(walk, all_round, "CONTAIN_DOSE_NOT_GIVEN")
    assert (gone.value, gone.entered_by) == ("", all_round.username)
    before = one(walk, all_round, "CORRECTED")
    assert before.label == "Corrected, stood before: Containment dose given"
    assert before.value == str(given.given_on)
    assert Dose.objects.filter(replaced_by=None).count() == 2


def test_papers_and_checks_are_told_once_each(walk: Walk, all_round: User) -> None:
    walk.to_bridging()
    walk.paper("product", "order", coi_id="COI-1")
    walk.paper("product", "order", coi_id="COI-2")
    for leg, at in (("material", "2026-09-22 08:00"), ("product", "2026-09-21 23:30")):
        walk.paper("product", "shipment", leg=leg, picked_up_at=at)
    walk.paper("apheresis", "collection", started_at="2026-09-20 09:00", product_ml="210")
    walk.make()
    # The latest order counts; each leg is a shipment of its own.
    assert len(told(walk, all_round, "ORDER_CONFIRMED")) == 1
    picked = told(walk, all_round, "SHIPMENT_PICKED_UP")
    # Half past eleven at night at the centre is still that day.
    assert [(row.shown_value, row.event_date) for row in picked] == [
        ("Product to the site", "2026-09-21"),
        ("Material to the manufacturer", "2026-09-22"),
    ]
    assert told(walk, all_round, "SHIPMENT_ARRIVED") == []
    certificate = one(walk, all_round, "CERTIFICATE")
    assert (certificate.value, certificate.unit) == ("70", "10*6")
    begun = one(walk, all_round, "COLLECTION_BEGAN")
    assert (begun.event_date, begun.value) == ("2026-09-20", "")
    assert told(walk, all_round, "COLLECTION_ENDED") == []
    passed = one(walk, all_round, "IDENTITY_PASSED")
    assert passed.shown_value == "at receipt"
    assert passed.entered_by != one(walk, all_round, "IDENTITY_READ").entered_by
    incident = {"happened_on": "2026-10-05", "description": "Bag of Signora Bianchi broke"}
    for category in ("container", "temperature"):
        walk.paper("product", "incident", **incident, category=category)
    # As one stands that was recorded before incidents had a category.
    Incident.objects.create(
        **incident, product_id=walk.latest("product").pk, recorded_at=walk.now, recorded_by="x"
    )
    seen = told(walk, all_round, "INCIDENT")
    assert {row.value for row in seen} == {incident["description"]}
    assert sorted(row.label for row in seen) == [
        "Incident: Bag or container damaged",
        "Incident: Temperature out of range",
        "Incident: category not recorded",
    ]
    with override("it"):
        words = {row.label for row in told(walk, all_round, "INCIDENT")}
    assert "Incidente: categoria non registrata" in words
    coded = list(timeline(all_round, Course.objects.visible_to(all_round), coded=True))
    assert "Bianchi" not in str(coded)
    assert "Incident: Bag or container damaged" in {row.label for row in coded}


def test_a_mismatch_and_its_deviation_are_told(walk: Walk, all_round: User) -> None:
    walk.to_bridging().until(-27)
    for day, target in enumerate(("at_manufacturer", "manufacturing", "qc"), start=-26):
        walk.until(day).move("product", target, "coordinator")
    walk.until(-23).release_product()
    walk.move("product", "shipped_to_site", "coordinator")
    stopped = walk.check("receipt", "cell_lab", "pharmacist", lot="LOT-OTHER")
    record_deviation(
        course_id=walk.course.pk,
        check_id=stopped.pk,
        number="DEV-77",
        actor=all_round,
        now=walk.tick(),
    )
    assert one(walk, all_round, "IDENTITY_STOPPED").shown_value == "at receipt"
    assert one(walk, all_round, "DEVIATION").value == "DEV-77"


def test_labels_of_two_people_are_told(
    course: Course, user_with: UserWith, all_round: User
) -> None:
    walk = Walk(course, user_with).to_bridging()
    labels = Labels(walk, Product.objects.get(course=course))
    labels.both("lot", "LOT-42")
    assert one(walk, all_round, "LABEL").label == "Label entered by two people: Lot"
    assert told(walk, all_round, "CORRECTED") == []
    labels.enter("lot", "LOT-43", reason="misread")
    assert told(walk, all_round, "CORRECTED") == []  # one person is not enough
    labels.both("lot", "LOT-43", reason="misread")
    before = one(walk, all_round, "CORRECTED")
    assert (before.label, before.value) == ("Corrected, stood before: Lot", "LOT-42")


def test_allergies_are_told_until_they_are_refuted(walk: Walk, all_round: User) -> None:
    walk.note("allergy", on="2026-09-01", none_known=True)
    walk.note("allergy", on="2026-09-05", substance="penicillin")
    assert one(walk, all_round, "ALLERGY_NONE").event_date == "2026-09-01"
    allergy = walk.course.allergys.get(substance="penicillin")
    correct_entry(
        course_id=walk.course.pk,
        kind="allergy",
        entry_id=allergy.pk,
        values=typed_values(allergy, "allergy") | {"refuted_on": "2026-09-06"},
        reason="tested",
        actor=all_round,
        now=walk.tick(),
    )
    assert one(walk, all_round, "ALLERGY").value == "penicillin"
    refuted = one(walk, all_round, "ALLERGY_REFUTED")
    assert (refuted.event_date, refuted.value) == ("2026-09-06", "penicillin")


def test_what_stood_before_a_correction_is_told(walk: Walk, all_round: User) -> None:
    walk.to_apheresis()
    collected = next(
        change for change in load_state(walk.course).changes if change.target == "apheresis"
    )
    before = collected.happened_on.isoformat()
    correct_time(
        course_id=walk.course.pk,
        place=collected.place,
        happened_at=collected.happened_at + timedelta(minutes=5),
        reason="typed wrongly",
        actor=all_round,
        now=walk.tick(),
    )
    step = one(walk, all_round, "CORRECTED")
    assert step.label == "Corrected, stood before: Stage: leukapheresis"
    assert (step.value, step.event_date) == (before, walk.now.date().isoformat())
    walk.note("line", on="2022-03", treatment="dasatinib")
    line = walk.course.therapylines.get(on="2022-03")
    correct_entry(
        course_id=walk.course.pk,
        kind="line",
        entry_id=line.pk,
        values=typed_values(line, "line") | {"on": "2022-04"},
        reason="typed wrongly",
        actor=all_round,
        now=walk.tick(),
    )

    def corrected() -> list[tuple[str, str]]:
        rows = told(walk, all_round, "CORRECTED")
        return [(row.label, row.shown_value) for row in rows]

    fact = ("Corrected, stood before: Line of treatment", "Mar-2022")
    assert fact in corrected()
    asked: dict[str, Any] = {"reason": "another patient's", "actor": all_round, "now": walk.tick()}
    mark = mark_fact(course_id=walk.course.pk, kind="line", fact_id=line.pk, **asked)
    # What was entered in error is gone, with what it said before.
    assert fact not in corrected()
    bring_back(correction_id=mark.pk, **asked)
    assert fact in corrected()
