"""Infections: recorded, over, corrected, taken back, refused."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from accounts.models import User
from audit.models import AuditEvent
from patients.consequences import Event, Happening
from patients.deaths import record_death
from patients.models import Course
from terms.refusals import NotAllowed, Refused
from tests.conftest import NOW, UserWith
from tests.services.refused import codes, fields
from toxicity.given_refusals import InfectionFacts
from toxicity.infections import (
    correct_infection,
    end_infection,
    facts_of,
    record_infection,
    withdraw_infection,
)
from toxicity.models import Infection

pytestmark = pytest.mark.django_db
BEGAN, OVER = date(2026, 11, 3), date(2026, 11, 9)
COLI = InfectionFacts(BEGAN, "e_coli", "blood", 3)


@pytest.fixture
def nurse(user_with: UserWith) -> User:
    return user_with("ward_nurse")


@pytest.fixture
def about(course: Course, nurse: User) -> dict[str, Any]:
    return {"course_id": course.pk, "actor": nurse, "now": NOW}


def test_infection_begins_ends_and_is_corrected(
    about: dict[str, Any], nurse: User, happenings: list[Happening]
) -> None:
    first = record_infection(
        **about, infection=replace(COLI, remark=" line removed "), source="synthetic"
    )
    first.refresh_from_db()
    assert facts_of(first) == replace(COLI, remark="line removed")
    assert (first.recorded_by, first.source) == (nurse.username, "synthetic")
    over = end_infection(**about, infection_id=first.pk, ended_on=OVER)
    assert facts_of(over) == replace(COLI, remark="line removed", ended_on=OVER)
    assert (over.source, over.reason) == ("synthetic", "The infection is over.")
    right = InfectionFacts(BEGAN, "other", "catheter", None, OVER, other_organism=" Rothia ")
    third = correct_infection(**about, infection_id=over.pk, infection=right, reason="culture")
    assert facts_of(third).other_organism == "Rothia"
    assert list(Infection.objects.standing()) == [third]
    withdraw_infection(**about, infection_id=third.pk, reason="contaminant")
    assert not Infection.objects.standing().exists()
    actions = AuditEvent.objects.filter(action__startswith="infection.").order_by("pk")
    assert list(actions.values_list("action", flat=True)) == [
        "infection.record", "infection.end", "infection.correct", "infection.withdraw",
    ]  # fmt: skip
    assert actions[1].after == {"replaces": first.pk, "ended_on": "2026-11-09"}
    assert {one.event for one in happenings} == {Event.CHART_CHANGED}
    assert happenings[0].cause == f"infection:{first.pk}"


def test_everything_impossible_is_refused_at_once(about: dict[str, Any]) -> None:
    wrong = InfectionFacts(
        NOW.date() + timedelta(days=2), "lemon", "nose", 1, NOW.date() + timedelta(days=1),
        other_organism="x" * 81, remark="y" * 201,
    )  # fmt: skip
    with pytest.raises(Refused) as caught:
        record_infection(**about, infection=wrong)
    assert fields(caught.value) == {
        ("organism", "unknown_choice"), ("site", "unknown_choice"), ("severity", "unknown_choice"),
        ("other_organism", "name_needless"), ("other_organism", "too_long"),
        ("remark", "too_long"), ("began_on", "future_date"), ("ended_on", "future_date"),
        ("ended_on", "before_beginning"),
    }  # fmt: skip
    unnamed = InfectionFacts(date(1950, 1, 1), "other", "unknown")
    with pytest.raises(Refused) as caught:
        record_infection(**about, infection=unnamed)
    assert codes(caught.value) == {"before_birth", "name_needed"}
    assert not Infection.objects.exists()


def test_death_and_infection(about: dict[str, Any], course: Course, coordinator: User) -> None:
    fatal = replace(COLI, severity=5)
    with pytest.raises(Refused) as caught:
        record_infection(**about, infection=fatal)
    assert fields(caught.value) == {("severity", "no_death")}
    record_death(patient_id=course.patient_id, died_on=OVER, actor=coordinator, now=NOW)
    record_infection(**about, infection=fatal)
    late = replace(COLI, began_on=OVER + timedelta(days=1), ended_on=OVER + timedelta(days=2))
    with pytest.raises(Refused) as caught:
        record_infection(**about, infection=late)
    assert fields(caught.value) == {("began_on", "after_death"), ("ended_on", "after_death")}


def test_infection_that_is_over_ends_no_second_time(about: dict[str, Any]) -> None:
    first = record_infection(**about, infection=replace(COLI, ended_on=OVER))
    with pytest.raises(Refused) as caught:
        end_infection(**about, infection_id=first.pk, ended_on=OVER)
    assert codes(caught.value) == {"already_over"}
    second = record_infection(**about, infection=COLI)
    with pytest.raises(Refused) as caught:
        end_infection(**about, infection_id=second.pk, ended_on=BEGAN - timedelta(days=1))
    assert codes(caught.value) == {"before_beginning"}
    end_infection(**about, infection_id=second.pk, ended_on=BEGAN)
    with pytest.raises(Refused) as caught:
        end_infection(**about, infection_id=second.pk, ended_on=BEGAN)
    assert codes(caught.value) == {"already_replaced"}


def test_correction_needs_a_reason(about: dict[str, Any]) -> None:
    first = record_infection(**about, infection=COLI)
    with pytest.raises(Refused) as caught:
        correct_infection(
            **about, infection_id=first.pk, infection=replace(COLI, site="nose"), reason=""
        )
    assert fields(caught.value) == {("site", "unknown_choice"), ("reason", "reason_needed")}
    with pytest.raises(Refused) as caught:
        withdraw_infection(**about, infection_id=first.pk, reason="")
    assert codes(caught.value) == {"reason_needed"}


def test_same_key_stores_each_of_them_once(about: dict[str, Any]) -> None:
    keys = [UUID(int=number) for number in range(4)]
    begun: dict[str, Any] = {**about, "infection": COLI, "key": keys[0]}
    first = record_infection(**begun)
    assert record_infection(**begun) == first
    ended: dict[str, Any] = {
        **about, "infection_id": first.pk, "ended_on": OVER, "key": keys[1]
    }  # fmt: skip
    second = end_infection(**ended)
    assert end_infection(**ended) == second
    right: dict[str, Any] = {
        **about, "infection_id": second.pk, "infection": COLI, "reason": "not over",
        "key": keys[2],
    }  # fmt: skip
    third = correct_infection(**right)
    assert correct_infection(**right) == third
    back: dict[str, Any] = {
        **about, "infection_id": third.pk, "reason": "contaminant", "key": keys[3],
    }  # fmt: skip
    assert withdraw_infection(**back) == withdraw_infection(**back)
    assert Infection.objects.count() == 4


def test_who_may_not_log_is_refused(about: dict[str, Any], user_with: UserWith) -> None:
    with pytest.raises(NotAllowed):
        record_infection(**{**about, "actor": user_with("data_manager")}, infection=COLI)
