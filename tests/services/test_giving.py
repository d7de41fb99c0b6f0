"""Treatments given for toxicity: recorded once, doubted, corrected, taken back, refused."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction

from accounts.models import User
from audit.models import AuditEvent
from patients.anchors import set_actual
from patients.charting import add_entry
from patients.consequences import Event, Happening
from patients.deaths import record_death
from patients.models import Course
from terms.refusals import NotAllowed, Refused
from tests.conftest import NOW, Refer, UserWith
from tests.services.refused import codes, fields
from toxicity.given_refusals import GivenDose
from toxicity.giving import correct_treatment, give_treatment, withdraw_treatment
from toxicity.models import Treatment
from toxicity.wording.given_words import treatment_text

pytestmark = pytest.mark.django_db
KEY = UUID("7f1d9a52-0000-4000-8000-000000000002")
AT = datetime(2026, 11, 11, 20, tzinfo=UTC)
DEXA = GivenDose("dexamethasone", AT, "crs", Decimal("10"), "mg", times=4, route="iv")
TOCI = GivenDose("tocilizumab", AT, "crs", Decimal("560"), "mg", route="iv")


@pytest.fixture
def nurse(user_with: UserWith) -> User:
    return user_with("ward_nurse")


@pytest.fixture
def infused(course: Course, coordinator: User) -> Course:
    with transaction.atomic():
        set_actual(course, "infusion", date(2026, 11, 5), actor=coordinator, now=NOW)
    weigh(course, coordinator, "2026-11-09")
    return course


def weigh(course: Course, actor: User, on: str, kilograms: str = "70") -> None:
    values = {"on": on, "analyte": "WEIGHT", "value": kilograms, "unit": "kg"}
    add_entry(course_id=course.pk, kind="lab", values=values, actor=actor, now=NOW)


def give(course: Course, actor: User, given: GivenDose = DEXA, **more: Any) -> Treatment:
    return give_treatment(
        **{"course_id": course.pk, "given": given, "actor": actor, "now": NOW, **more}
    )


def refused(course: Course, actor: User, given: GivenDose, **more: Any) -> set[tuple[str, str]]:
    before = Treatment.objects.count()
    with pytest.raises(Refused) as caught, transaction.atomic():
        give(course, actor, given, **more)
    assert Treatment.objects.count() == before
    return fields(caught.value)


def test_dose_is_kept_as_it_was_given(
    infused: Course, nurse: User, happenings: list[Happening]
) -> None:
    row = give(infused, nurse, replace(DEXA, remark=" slow ", tapering=True), source="synthetic")
    row.refresh_from_db()
    assert (row.drug, row.dose, row.unit, row.times, row.route) == (
        "dexamethasone", Decimal("10"), "mg", 4, "iv",
    )  # fmt: skip
    assert (row.given_at, row.received_at, row.recorded_by) == (AT, NOW, nurse.username)
    assert (row.remark, row.tapering, row.doubts, row.confirmed, row.source) == (
        "slow", True, [], False, "synthetic",
    )  # fmt: skip
    assert [(one.event, one.cause) for one in happenings] == [
        (Event.CHART_CHANGED, f"treatment:{row.pk}")
    ]
    assert AuditEvent.objects.get(action="treatment.give").after["drug"] == "dexamethasone"


def test_everything_impossible_is_refused_at_once(course: Course, nurse: User) -> None:
    wrong = GivenDose(
        "aspirin", NOW + timedelta(minutes=1), "fun", Decimal("-1"), "", times=0, route="nose",
        other_drug="x" * 81, remark="y" * 201,
    )  # fmt: skip
    assert refused(course, nurse, wrong) == {
        ("drug", "unknown_choice"), ("purpose", "unknown_choice"), ("route", "unknown_choice"),
        ("other_drug", "name_needless"), ("other_drug", "too_long"), ("remark", "too_long"),
        ("unit", "unit_needed"), ("dose", "dose_impossible"), ("times", "times_impossible"),
        ("given_at", "future_time"),
    }  # fmt: skip


def test_a_transfusion_says_how_many_bags_and_whether_irradiated(
    infused: Course, nurse: User
) -> None:
    bags = GivenDose("platelets", AT, "cytopenia", Decimal(2), "bag", irradiated="unknown")
    row = give(infused, nurse, bags)
    row.refresh_from_db()
    assert (row.drug, row.dose, row.unit, row.irradiated) == (
        "platelets",
        Decimal(2),
        "bag",
        "unknown",
    )
    assert treatment_text(row, named=True) == (
        "Platelets, transfused 2 bags · given for: Cytopenia · irradiated or not: unknown"
    )
    cells = replace(bags, drug="red_cells", irradiated="")
    assert refused(infused, nurse, cells) == {("irradiated", "irradiated_needed")}
    assert refused(infused, nurse, replace(bags, unit="mg", irradiated="maybe")) == {
        ("irradiated", "unknown_choice"), ("unit", "unit_of_another"),
    }  # fmt: skip
    assert refused(infused, nurse, replace(DEXA, unit="bag", irradiated="yes")) == {
        ("irradiated", "irradiated_needless"), ("unit", "unit_of_another"),
    }  # fmt: skip
    with pytest.raises(IntegrityError), transaction.atomic():
        Treatment.objects.create(
            course=infused, drug="dexamethasone", given_at=AT, purpose="crs", irradiated="no",
            received_at=NOW, recorded_by="test",
        )  # fmt: skip


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"dose": Decimal("0")}, ("dose", "dose_impossible")),
        ({"dose": Decimal("NaN")}, ("dose", "dose_impossible")),
        ({"dose": Decimal("Infinity")}, ("dose", "dose_impossible")),
        ({"dose": Decimal("10000000")}, ("dose", "dose_impossible")),
        ({"dose": Decimal("0.0001")}, ("dose", "dose_too_fine")),
        ({"unit": "ml"}, ("unit", "unknown_choice")),
        ({"times": 25}, ("times", "times_impossible")),
        ({"drug": "other", "hides_fever": "no"}, ("other_drug", "name_needed")),
        (
            {"drug": "other", "other_drug": "Metamizole"},
            ("hides_fever", "hides_fever_needed"),
        ),
        *(
            (
                {"drug": "other", "other_drug": name, "hides_fever": "no"},
                ("other_drug", "drug_on_list"),
            )
            for name in ("Tocilizumab", "RoActemra 800", "Solu-Medrol", "desametasone, per os")
        ),
        ({"hides_fever": "no"}, ("hides_fever", "hides_fever_needless")),
        ({"drug": "tocilizumab", "dose": Decimal("560")}, ("times", "one_by_one")),
        ({"given_at": datetime(2026, 8, 31, 12, tzinfo=UTC)}, ("given_at", "before_referral")),
        ({"given_at": datetime(1960, 1, 1, tzinfo=UTC)}, ("given_at", "before_birth")),
    ],
)
def test_single_faults(
    infused: Course, nurse: User, change: dict[str, Any], expected: tuple[str, str]
) -> None:
    confirmed = ["before_infusion", "weight_unknown"]
    found = refused(infused, nurse, replace(DEXA, **change), confirmed=confirmed)
    assert expected in found
    assert {field for field, _code in found} == {expected[0]}


def test_nothing_is_given_after_the_death(infused: Course, coordinator: User) -> None:
    record_death(
        patient_id=infused.patient_id, died_on=date(2026, 11, 10), actor=coordinator, now=NOW
    )
    assert refused(infused, coordinator, DEXA) == {("given_at", "after_death")}
    give(infused, coordinator, replace(DEXA, given_at=AT - timedelta(days=1)))


def test_doubt_is_refused_until_somebody_stands_by_it_and_kept(
    infused: Course, nurse: User
) -> None:
    odd = replace(TOCI, dose=Decimal("900"))
    doubts = {("confirmed", "over_cap"), ("confirmed", "dose_differs")}
    assert refused(infused, nurse, odd) == doubts
    # A doubt that was not seen is not confirmed with the others.
    assert refused(infused, nurse, odd, confirmed=["over_cap"]) == {("confirmed", "dose_differs")}
    row = give(infused, nurse, odd, confirmed=["over_cap", "dose_differs"])
    row.refresh_from_db()
    assert row.confirmed
    assert [one["code"] for one in row.doubts] == ["over_cap", "dose_differs"]
    assert row.doubts[1]["params"]["computed"] == "560"
    fine = give(infused, nurse, replace(TOCI, given_at=AT - timedelta(hours=9)), confirmed=["x"])
    assert (fine.doubts, fine.confirmed) == ([], False)


def test_weight_counts_as_of_the_day_of_the_dose(course: Course, coordinator: User) -> None:
    with transaction.atomic():
        set_actual(course, "infusion", date(2026, 11, 1), actor=coordinator, now=NOW)
    weigh(course, coordinator, "2026-11-12", "50")
    assert refused(course, coordinator, TOCI) == {("confirmed", "weight_unknown")}
    weigh(course, coordinator, "2026-10-01")
    assert refused(course, coordinator, TOCI) == {("confirmed", "weight_old")}
    weigh(course, coordinator, "2026-11-05")
    give(course, coordinator, TOCI)


def test_infusions_are_counted_without_what_was_taken_back_or_replaced(
    infused: Course, nurse: User
) -> None:
    first = give(infused, nurse, replace(TOCI, given_at=AT - timedelta(hours=4)))
    assert refused(infused, nurse, TOCI) == {("confirmed", "too_soon")}
    # A correction of the same infusion is not another one.
    moved = replace(TOCI, given_at=AT - timedelta(hours=3))
    about: dict[str, Any] = {"course_id": infused.pk, "actor": nurse, "now": NOW}
    second = correct_treatment(**about, treatment_id=first.pk, given=moved, reason="misread")
    assert refused(infused, nurse, TOCI) == {("confirmed", "too_soon")}
    withdraw_treatment(**about, treatment_id=second.pk, reason="another patient's")
    give(infused, nurse, TOCI)


def test_dose_without_amount_stays_unknown_once_confirmed(infused: Course, nurse: User) -> None:
    unknown = replace(TOCI, dose=None)
    assert refused(infused, nurse, unknown) == {("confirmed", "dose_unknown")}
    row = give(infused, nurse, unknown, confirmed=["dose_unknown"])
    row.refresh_from_db()
    assert (row.dose, row.unit) == (None, "")
    later = replace(TOCI, given_at=AT + timedelta(hours=2))
    assert refused(infused, nurse, later) == {("confirmed", "too_soon")}


def test_second_nurse_is_told_that_the_dose_is_there_already(infused: Course, nurse: User) -> None:
    other = replace(DEXA, drug="other", other_drug="Emapalumab", times=1, hides_fever="unknown")
    for given in (DEXA, other):
        give(infused, nurse, given)
        assert refused(infused, nurse, given) == {("confirmed", "same_time")}
    give(infused, nurse, replace(other, other_drug="Etoposide"))


def test_before_the_infusion_is_asked_about(course: Course, coordinator: User) -> None:
    assert refused(course, coordinator, DEXA) == {("confirmed", "before_infusion")}
    with transaction.atomic():
        set_actual(course, "infusion", date(2026, 11, 12), actor=coordinator, now=NOW)
    assert refused(course, coordinator, DEXA) == {("confirmed", "before_infusion")}
    on_the_day = datetime(2026, 11, 11, 23, 30, tzinfo=UTC)  # half past midnight in Milan
    give(course, coordinator, replace(DEXA, given_at=on_the_day))


def test_same_key_stores_once_and_nothing_else_under_it(
    infused: Course, nurse: User, happenings: list[Happening]
) -> None:
    first = give(infused, nurse, key=KEY)
    assert give(infused, nurse, key=KEY, now=NOW + timedelta(hours=1)) == first
    assert refused(infused, nurse, replace(DEXA, times=3), key=KEY) == {("", "key_reused")}
    assert (Treatment.objects.count(), len(happenings)) == (1, 1)
    about: dict[str, Any] = {"course_id": infused.pk, "actor": nurse, "now": NOW}
    keys = [UUID(int=number) for number in (1, 2)]
    right: dict[str, Any] = {
        **about, "treatment_id": first.pk, "given": replace(DEXA, times=2), "reason": "misread",
    }  # fmt: skip
    second = correct_treatment(**right, key=keys[0])
    assert correct_treatment(**right, key=keys[0]) == second
    back: dict[str, Any] = {**about, "treatment_id": second.pk, "reason": "not given"}
    third = withdraw_treatment(**back, key=keys[1])
    assert withdraw_treatment(**back, key=keys[1]) == third
    assert Treatment.objects.count() == 3


def test_correction_says_who_and_why_and_keeps_the_source(
    infused: Course, nurse: User, haematologist: User
) -> None:
    first = give(infused, nurse, source="synthetic")
    about: dict[str, Any] = {
        "course_id": infused.pk, "treatment_id": first.pk, "actor": haematologist, "now": NOW,
    }  # fmt: skip
    with pytest.raises(Refused) as caught:
        correct_treatment(**about, given=replace(DEXA, times=0), reason=" ")
    assert fields(caught.value) == {("times", "times_impossible"), ("reason", "reason_needed")}
    with pytest.raises(Refused) as caught:
        withdraw_treatment(**about, reason="r" * 501)
    assert codes(caught.value) == {"too_long"}
    second = correct_treatment(**about, given=replace(DEXA, times=2), reason="two, not four")
    assert (second.source, second.replaces_id, second.reason) == (
        "synthetic", first.pk, "two, not four",
    )  # fmt: skip
    event = AuditEvent.objects.get(action="treatment.correct")
    assert (event.before, event.after) == ({"times": 4}, {"replaces": first.pk, "times": 2})
    with pytest.raises(Refused) as caught:
        withdraw_treatment(**about, reason="again")
    assert codes(caught.value) == {"already_replaced"}
    assert list(Treatment.objects.standing()) == [second]


def test_who_may_not_log_and_whose_course_it_is_not(
    infused: Course, nurse: User, user_with: UserWith, other_centre: Any, refer_patient: Refer
) -> None:
    with pytest.raises(NotAllowed):
        give(infused, user_with("pharmacist"))
    with pytest.raises(Course.DoesNotExist):
        give(infused, user_with("ward_nurse", at=other_centre))
    row = give(infused, nurse)
    other = refer_patient(user_with("coordinator"))
    with pytest.raises(Treatment.DoesNotExist):
        withdraw_treatment(
            course_id=other.pk, treatment_id=row.pk, reason="wrong", actor=nurse, now=NOW
        )
