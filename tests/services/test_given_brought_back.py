"""A treatment or an infection that was taken back by mistake stands again as it stood."""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from accounts.models import User
from audit.models import AuditEvent
from exports.timeline import course_timeline
from patients.models import Course
from terms.refusals import NotAllowed, Refused
from tests.conftest import NOW, Refer, UserWith
from tests.services.refused import codes, fields
from toxicity.bringing_back import bring_back_infection, bring_back_treatment
from toxicity.given_records import infections_of, treatments_of
from toxicity.given_refusals import GivenDose, InfectionFacts
from toxicity.giving import correct_treatment, give_treatment, withdraw_treatment
from toxicity.infections import (
    correct_infection,
    end_infection,
    record_infection,
    withdraw_infection,
)
from toxicity.models import Infection, Treatment

pytestmark = pytest.mark.django_db
BEFORE: dict[str, Any] = {"confirmed": ["before_infusion"]}
DEXA = GivenDose(
    "dexamethasone", datetime.fromisoformat("2026-11-08T20:00+01:00"), "icans", Decimal(10), "mg",
    times=2, route="iv", remark="with pantoprazole",
)  # fmt: skip
COLI = InfectionFacts(date(2026, 11, 3), "e_coli", "blood", 3, remark="two bottles")
KEY = UUID("7f1d9a52-0000-4000-8000-000000000007")


@pytest.fixture
def about(course: Course, coordinator: User) -> dict[str, Any]:
    return {"course_id": course.pk, "actor": coordinator, "now": NOW}


@pytest.fixture
def dose(about: dict[str, Any]) -> Treatment:
    """A dose that was taken back."""
    row = give_treatment(**about, given=DEXA, **BEFORE)
    withdraw_treatment(**about, treatment_id=row.pk, reason="another bed")
    return row


@pytest.fixture
def germ(about: dict[str, Any]) -> Infection:
    """An infection that was taken back."""
    row = record_infection(**about, infection=COLI)
    withdraw_infection(**about, infection_id=row.pk, reason="contaminant")
    return row


def test_a_dose_stands_again_as_it_stood(
    about: dict[str, Any], course: Course, dose: Treatment
) -> None:
    back = bring_back_treatment(**about, treatment_id=dose.pk, reason="it was hers", key=KEY)
    assert bring_back_treatment(
        **about, treatment_id=dose.pk, reason="it was hers", key=KEY
    ) == back  # fmt: skip
    (history,) = treatments_of(course)
    assert (history.row, history.row.withdrawn, len(history.before)) == (back, False, 2)
    names = (*GivenDose.__dataclass_fields__, "doubts", "confirmed")
    assert [getattr(back, n) for n in names] == [getattr(dose, n) for n in names]
    assert AuditEvent.objects.filter(action="treatment.bring_back").get().reason == "it was hers"
    with pytest.raises(Refused) as refused:
        bring_back_treatment(**about, treatment_id=dose.pk, reason="again")
    assert codes(refused.value) == {"already_replaced"}
    withdraw_treatment(**about, treatment_id=back.pk, reason="not hers after all")
    bring_back_treatment(**about, treatment_id=back.pk, reason="hers")
    assert Treatment.objects.standing().count() == 1


def test_an_infection_stands_again_as_it_stood(
    about: dict[str, Any], course: Course, germ: Infection
) -> None:
    gone = Infection.objects.get(replaces=germ)
    back = bring_back_infection(**about, infection_id=gone.pk, reason="second bottle", key=KEY)
    assert bring_back_infection(
        **about, infection_id=gone.pk, reason="second bottle", key=KEY
    ) == back  # fmt: skip
    (history,) = infections_of(course)
    assert history.row == back
    assert (back.organism, back.severity, back.remark) == ("e_coli", 3, "two bottles")
    assert AuditEvent.objects.filter(action="infection.bring_back").exists()


def test_what_was_recorded_anew_or_never_taken_back_is_refused(
    about: dict[str, Any], dose: Treatment, germ: Infection
) -> None:
    new_dose = give_treatment(**about, given=DEXA, **BEFORE)
    new_germ = record_infection(**about, infection=COLI)
    with pytest.raises(Refused) as twice:
        bring_back_treatment(**about, treatment_id=dose.pk, reason=" ")
    assert fields(twice.value) == {("", "recorded_anew"), ("reason", "reason_needed")}
    with pytest.raises(Refused) as again:
        bring_back_infection(**about, infection_id=germ.pk, reason="r")
    assert codes(again.value) == {"recorded_anew"}
    with pytest.raises(Refused) as standing:
        bring_back_treatment(**about, treatment_id=new_dose.pk, reason="r")
    assert codes(standing.value) == {"not_taken_back"}
    four = replace(DEXA, times=4)
    correct_treatment(**about, treatment_id=new_dose.pk, given=four, reason="r", **BEFORE)
    over = end_infection(**about, infection_id=new_germ.pk, ended_on=date(2026, 11, 9))
    for call in (
        lambda: bring_back_treatment(**about, treatment_id=new_dose.pk, reason="r"),
        lambda: bring_back_infection(**about, infection_id=over.pk, reason="r"),
    ):
        with pytest.raises(Refused) as corrected:
            call()
        assert codes(corrected.value) == {"not_taken_back"}


def test_who_may_not_log_or_is_elsewhere_brings_nothing_back(
    about: dict[str, Any],
    dose: Treatment,
    germ: Infection,
    refer_patient: Refer,
    coordinator: User,
    user_with: UserWith,
) -> None:
    with pytest.raises(NotAllowed):
        bring_back_treatment(
            **about | {"actor": user_with("pharmacist")}, treatment_id=dose.pk, reason="r"
        )
    other = refer_patient(coordinator, number="77")
    with pytest.raises(Treatment.DoesNotExist):
        bring_back_treatment(**about | {"course_id": other.pk}, treatment_id=dose.pk, reason="r")
    with pytest.raises(Infection.DoesNotExist):
        bring_back_infection(**about | {"course_id": other.pk}, infection_id=germ.pk, reason="r")


def test_the_timeline_says_what_stood_before(
    about: dict[str, Any], course: Course, coordinator: User, dose: Treatment, germ: Infection
) -> None:
    bring_back_treatment(**about, treatment_id=dose.pk, reason="it was hers")
    row = record_infection(**about, infection=replace(COLI, organism="s_epidermidis"))
    fixed = replace(COLI, organism="s_epidermidis", began_on=date(2026, 11, 4))
    right = correct_infection(**about, infection_id=row.pk, infection=fixed, reason="read again")
    end_infection(**about, infection_id=right.pk, ended_on=date(2026, 11, 9))
    said = [
        (one.event_date, one.label, one.value, one.entered_by)
        for one in course_timeline(coordinator, course)
        if one.event_code == "CORRECTED"
    ]
    today, who = "2026-11-12", coordinator.get_username()
    assert sorted(said) == [
        (today, "Corrected, stood before: Infection", "2026-11-03", who),
        (today, "Corrected, stood before: Infection", "2026-11-03", who),
        (today, "Corrected, stood before: Treatment given", "2026-11-08", who),
    ]
