"""A death before a treatment, an infection or a bedside check: one of the dates is wrong."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from accounts.models import User
from patients.deaths import record_death
from patients.models import Course
from terms.refusals import Refused
from tests.conftest import NOW
from toxicity.domain.icans import IcansSigns
from toxicity.given_refusals import GivenDose, InfectionFacts
from toxicity.giving import give_treatment, withdraw_treatment
from toxicity.infections import record_infection
from toxicity.recording import log_check
from toxicity.seen import Seen

pytestmark = pytest.mark.django_db
NIGHT = datetime(2026, 11, 10, 23, 30, tzinfo=UTC)  # the 11th in Milan


def die(course: Course, actor: User, on: date) -> None:
    record_death(patient_id=course.patient_id, died_on=on, actor=actor, now=NOW)


def last_fact(course: Course, actor: User, on: date) -> object:
    with pytest.raises(Refused) as caught:
        die(course, actor, on)
    (refusal,) = caught.value.refusals
    assert (refusal.code, refusal.field) == ("before_last_fact", "died_on")
    return refusal.params["limit"]


def test_death_lies_on_or_after_the_last_record_that_stands(
    course: Course, coordinator: User
) -> None:
    about: dict[str, Any] = {"course_id": course.pk, "actor": coordinator, "now": NOW}
    infection = InfectionFacts(date(2026, 11, 2), "e_coli", "blood", ended_on=date(2026, 11, 4))
    record_infection(**about, infection=infection)
    assert last_fact(course, coordinator, date(2026, 11, 3)) == date(2026, 11, 4)
    seen = Seen(
        observed_at=NIGHT - timedelta(days=3),
        icans=IcansSigns(arousal="spontaneous"),
        baseline=True,
        remark="from paper",
    )
    log_check(**about, seen=seen)
    assert last_fact(course, coordinator, date(2026, 11, 7)) == date(2026, 11, 8)
    given = GivenDose("dexamethasone", NIGHT, "crs", Decimal(10), "mg")
    row = give_treatment(**about, given=given, confirmed=["before_infusion"])
    assert last_fact(course, coordinator, date(2026, 11, 10)) == date(2026, 11, 11)
    withdraw_treatment(**about, treatment_id=row.pk, reason="another patient's")
    die(course, coordinator, date(2026, 11, 8))
