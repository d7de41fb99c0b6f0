"""Recording eligibility items: results, waivers, corrections, and what is refused of them."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from audit.models import AuditEvent
from pathway.assessing import ItemNote, record_items
from pathway.domain.eligibility_items import ItemStanding
from pathway.domain.review_guards import standings_of
from pathway.loading import load_state
from pathway.models import EligibilityEntry
from patients.deaths import record_death
from patients.models import Course
from reminders.models import Notice
from terms.refusals import NotAllowed, Refused
from tests.conftest import UserWith
from tests.services.refused import codes, fields
from tests.walking import Walk

pytestmark = pytest.mark.walked("to_eligibility")


@pytest.fixture
def walk(walk: Walk) -> Walk:
    """A course whose review is being assessed."""
    walk.move("eligibility", "assessing", "coordinator")
    return walk


def item(walk: Walk, code: str) -> ItemStanding:
    """How an item stands on the walk's today."""
    seen = load_state(walk.course).facts(on=walk.now.date(), at=walk.now)
    return next(one for one in standings_of(seen) if one.item.code == code)


def note(walk: Walk, code: str, step: str, by: str = "haematologist", **given: Any) -> None:
    """Record one thing about one item; haemoglobin is in g/L."""
    if code == "CBC" and step == "resulted":
        given = {"unit": "g/L", **given}
    record_items(
        course_id=walk.course.pk,
        notes=[ItemNote(code, step, **given)],
        actor=walk.by(by),
        now=walk.tick(),
    )


def test_an_item_goes_from_its_order_to_a_waiver_and_every_row_stays(walk: Walk) -> None:
    note(walk, "CBC", "requested", "coordinator")
    note(walk, "CBC", "sampled", "ward_nurse")
    note(walk, "CBC", "resulted", "apheresis_nurse", value=" 70 ")
    assert (item(walk, "CBC").state, item(walk, "CBC").value) == ("out_of_range", "70")
    with pytest.raises(Refused) as refused:
        walk.move("eligibility", "mdt_review", "coordinator")
    assert "item_CBC" in codes(refused.value)
    note(walk, "CBC", "waived", reason="transfused tomorrow")
    assert (item(walk, "CBC").state, item(walk, "CBC").reason) == ("waived", "transfused tomorrow")
    walk.assess(*(ItemNote(one, "waived", reason="x") for one in _open(walk)))
    assert walk.move("eligibility", "mdt_review", "coordinator").target == "mdt_review"
    assert EligibilityEntry.objects.filter(item="CBC").count() == 4
    event = AuditEvent.objects.filter(action="eligibility.record").order_by("pk")[2]
    assert event.after["entries"][0]["value"] == "70"
    with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
        EligibilityEntry.objects.all().delete()


def test_a_waiver_and_a_result_are_taken_back(walk: Walk) -> None:
    note(walk, "CBC", "resulted", value="70")
    low = item(walk, "CBC").entry
    note(walk, "CBC", "waived", reason="transfused")
    waiver = item(walk, "CBC").entry
    for given in ({"reason": "x"}, {"reason": "x", "replaces": low}):
        with pytest.raises(Refused) as refused:
            note(walk, "CBC", "withdrawn", **given)
        assert codes(refused.value) == {"no_such_row"}
    with pytest.raises(Refused) as refused:
        note(walk, "CBC", "withdrawn", replaces=waiver)
    assert codes(refused.value) == {"reason_missing"}
    with pytest.raises(NotAllowed):
        note(walk, "CBC", "withdrawn", "ward_nurse", reason="x", replaces=waiver)
    note(walk, "CBC", "withdrawn", reason="not transfused", replaces=waiver)
    assert (item(walk, "CBC").state, item(walk, "CBC").entry) == ("out_of_range", low)
    note(walk, "CBC", "withdrawn", "apheresis_nurse", reason="another's blood", replaces=low)
    assert item(walk, "CBC").state == "not_requested"


def _open(walk: Walk) -> list[str]:
    seen = load_state(walk.course).facts(on=walk.now.date(), at=walk.now)
    return [
        one.item.code for one in standings_of(seen) if one.item.mandatory.value and not one.settled
    ]


def test_a_correction_takes_the_place_of_the_row_that_counts(walk: Walk) -> None:
    note(walk, "LVEF", "resulted", value="16")
    wrong, version = item(walk, "LVEF").entry, walk.course.version
    note(walk, "LVEF", "resulted", value="61", reason="misread", replaces=wrong)
    assert (item(walk, "LVEF").value, item(walk, "LVEF").settled) == ("61", True)
    walk.course.refresh_from_db()
    assert walk.course.version == version + 1
    with pytest.raises(Refused) as again:
        note(walk, "LVEF", "resulted", value="62", replaces=wrong)
    assert codes(again.value) == {"no_such_row", "reason_missing"}
    right = item(walk, "LVEF").entry
    note(walk, "LVEF", "waived", reason="no result was meant", replaces=right)
    assert item(walk, "LVEF").state == "waived"


def test_everything_wrong_with_a_batch_is_said_at_once_and_nothing_is_written(walk: Walk) -> None:
    note(walk, "CD22", "resulted", value="positive")
    now, before = walk.tick(), EligibilityEntry.objects.count()
    tomorrow, unborn = now.date() + timedelta(days=1), walk.course.patient.birth_date
    notes = [
        ItemNote("CBC", "resulted", "<70", on=tomorrow),
        ItemNote("LVEF", "resulted", "60"),
        ItemNote("LVEF", "resulted", "61"),
        ItemNote("SPO2", "waived"),
        ItemNote("CD22", "waived", reason="x"),
        ItemNote("ECOG", "requested", "1", on=unborn - timedelta(days=1)),
        ItemNote("WEATHER", "resulted", "fair"),
        ItemNote("ALC", "guessed", "1"),
    ]
    with pytest.raises(Refused) as refused:
        record_items(course_id=walk.course.pk, notes=notes, actor=walk.by("haematologist"), now=now)
    assert fields(refused.value) == {
        ("CBC", "future_date"), ("CBC", "sign"), ("LVEF", "twice"), ("SPO2", "reason_missing"),
        ("CD22", "nothing_to_waive"), ("ECOG", "before_birth"), ("ECOG", "value_unexpected"),
        ("WEATHER", "unknown_item"), ("ALC", "unknown_item"),
    }  # fmt: skip
    assert EligibilityEntry.objects.count() == before
    with pytest.raises(Refused) as empty:
        record_items(course_id=walk.course.pk, notes=[], actor=walk.by("coordinator"), now=now)
    assert codes(empty.value) == {"nothing_given"}


@pytest.mark.parametrize(
    ("role", "code", "step", "who"),
    [
        ("ward_nurse", "CBC", "resulted", ("coordinator", "haematologist", "apheresis_nurse")),
        ("coordinator", "CBC", "waived", ("haematologist",)),
        ("haematologist", "AGE", "resulted", ()),
        ("quality", "CBC", "requested", ("coordinator", "haematologist", "apheresis_nurse")),
    ],
)
def test_the_protocol_says_who_records_and_who_waives(
    walk: Walk, role: str, code: str, step: str, who: tuple[str, ...]
) -> None:
    with pytest.raises(NotAllowed) as refused:
        note(walk, code, step, role, value="98" if code == "CBC" and step == "resulted" else "")
    [refusal] = [one for one in refused.value.refusals if one.code == "role"]
    assert (refusal.who_may, refusal.field) == (who, code)


def test_without_an_open_review_or_after_death_nothing_is_recorded(
    walk: Walk, course: Course, user_with: UserWith
) -> None:
    walk.go("withdrawn", reason="wishes so")
    with pytest.raises(Refused) as closed:
        note(walk, "CBC", "resulted", value="98")
    assert codes(closed.value) == {"no_open_review"}
    actor = walk.by("coordinator")
    died_on = walk.now.date()
    record_death(patient_id=course.patient_id, died_on=died_on, actor=actor, now=walk.tick())
    with pytest.raises(Refused) as dead:
        note(walk, "CBC", "resulted", value="98")
    assert codes(dead.value) == {"patient_died", "no_open_review"}


def test_another_centres_course_is_none(walk: Walk, user_with: UserWith, other_centre: Any) -> None:
    stranger = user_with("haematologist", at=other_centre)
    with pytest.raises(Course.DoesNotExist):
        record_items(
            course_id=walk.course.pk,
            notes=[ItemNote("CBC", "resulted", "98", unit="g/L")],
            actor=stranger,
            now=walk.tick(),
        )


def test_a_deferred_review_orders_again_what_is_too_old_and_nothing_else(walk: Walk) -> None:
    walk.assess().move("eligibility", "mdt_review", "coordinator")
    later = walk.now.date() + timedelta(days=20)
    walk.meet("deferred", reason="infection", review_on=later)
    walk.move("eligibility", "deferred", reason="infection")
    assert walk.course.eligibilityreviews.latest("pk").review_on == later
    walk.now += timedelta(days=20)
    walk.move("eligibility", "assessing", "coordinator")
    again = EligibilityEntry.objects.filter(step="requested").values_list("item", flat=True)
    assert {"CBC", "ALC", "INFECT", "SARS2"} <= set(again)
    assert {"RR", "LVEF", "BLAST"}.isdisjoint(again)
    assert item(walk, "CBC").state == "requested"
    with pytest.raises(Refused) as refused:
        walk.move("eligibility", "mdt_review", "coordinator")
    assert {"item_CBC", "item_ALC"} <= codes(refused.value)
    walk.assess().move("eligibility", "mdt_review", "coordinator")
    # Nothing is ordered again where nothing is too old.
    count = EligibilityEntry.objects.count()
    walk.meet("deferred", reason="infection", review_on=walk.now.date())
    walk.move("eligibility", "deferred", reason="infection")
    walk.move("eligibility", "assessing", "coordinator")
    assert EligibilityEntry.objects.count() == count


def _told(walk: Walk) -> list[str]:
    standing = Notice.objects.standing().filter(course=walk.course, code="review_unsettled")
    return [notice.about.rpartition(":")[2] for notice in standing.order_by("about")]


def test_what_no_longer_stands_is_told_and_stops_the_review_and_the_course(
    course: Course, user_with: UserWith
) -> None:
    walk = Walk(course, user_with).to_eligibility().until(-39)
    walk.move("eligibility", "assessing", "coordinator")
    walk.until(-36).assess()
    note(walk, "LVEF", "resulted", value="30")
    note(walk, "LVEF", "waived", reason="compensated")
    assert _told(walk) == []  # the review is not listed yet
    walk.move("eligibility", "mdt_review", "coordinator")
    note(walk, "CBC", "resulted", value="70")
    low = item(walk, "CBC").entry
    note(walk, "CD22", "resulted", value="negative")  # not mandatory
    note(walk, "SPO2", "requested")  # whoever orders it again knows
    assert _told(walk) == ["CBC"]
    walk.until(-35).meet()
    with pytest.raises(Refused) as refused:
        walk.move("eligibility", "accepted")
    assert codes(refused.value) == {"item_CBC", "item_SPO2"}
    note(walk, "CBC", "resulted", value="98", reason="another's blood", replaces=low)
    note(walk, "SPO2", "resulted", value="97")
    assert _told(walk) == []
    walk.move("eligibility", "accepted")
    note(walk, "LVEF", "withdrawn", reason="it was not", replaces=item(walk, "LVEF").entry)
    assert _told(walk) == ["LVEF"]
    with pytest.raises(Refused) as refused:
        walk.go("apheresis", "coordinator")
    assert [(one.code, one.kind) for one in refused.value.refusals] == [("item_LVEF", "hard")]
    note(walk, "LVEF", "waived", reason="the meeting saw it")
    with pytest.raises(Refused) as refused:
        walk.until(-20).go("apheresis")  # blood counts hold for a week: collection has its gate
    assert [(one.code, one.kind) for one in refused.value.refusals] == [("items_expired", "soft")]
    walk.go("apheresis", overrides={"items_expired": "counts on the day of collection"})
    walk.course.refresh_from_db()
    note(walk, "VIRO", "resulted", value="positive")
    assert _told(walk) == ["LVEF", "VIRO"]


def test_a_number_is_recorded_in_the_unit_that_was_chosen(walk: Walk) -> None:
    wrong = (
        ItemNote("LFT", "resulted", "3.5"),
        ItemNote("CBC_ANC", "resulted", "500", unit="10⁹/L"),
        ItemNote("ALC", "resulted", "150", unit="10⁹/L"),
        ItemNote("LVEF", "resulted", "4000"),
    )
    with pytest.raises(Refused) as refused:
        walk.assess(*wrong)
    assert fields(refused.value) == {
        ("LFT", "unit_missing"), ("CBC_ANC", "impossible"), ("ALC", "unusual"),
        ("LVEF", "impossible"),
    }  # fmt: skip
    walk.assess(
        ItemNote("LFT", "resulted", "3,5", unit="mg/dL"),
        ItemNote("CBC_ANC", "resulted", "500", unit="/uL"),
    )
    assert (item(walk, "LFT").state, item(walk, "LFT").value) == ("out_of_range", "59.8640")
    assert (item(walk, "CBC_ANC").state, item(walk, "CBC_ANC").value) == ("out_of_range", "0.500")
    typed = AuditEvent.objects.latest("pk").after["typed"]
    assert typed == {"LFT": "3,5 mg/dL", "CBC_ANC": "500 /uL"}


def test_a_correction_keeps_the_day_unless_another_is_said(walk: Walk) -> None:
    sampled = walk.now.date() - timedelta(days=50)
    note(walk, "LVEF", "resulted", value="55", on=sampled)
    note(walk, "LVEF", "resulted", value="61", reason="misread", replaces=item(walk, "LVEF").entry)
    assert (item(walk, "LVEF").value, item(walk, "LVEF").on) == ("61", sampled)
    today = walk.now.date()
    last = item(walk, "LVEF").entry
    note(walk, "LVEF", "resulted", value="61", on=today, reason="the day too", replaces=last)
    assert item(walk, "LVEF").on == today
