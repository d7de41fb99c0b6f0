"""Reading treatments and infections: histories, doses and infections day by day, in one query."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from accounts.models import User
from patients.models import Course
from tests.conftest import NOW, Refer
from toxicity.domain.amounts import Amount
from toxicity.given_records import (
    doses_by_day,
    infections_by_day,
    infections_of,
    treatments_of,
)
from toxicity.given_refusals import GivenDose, InfectionFacts
from toxicity.giving import correct_treatment, give_treatment, withdraw_treatment
from toxicity.infections import correct_infection, record_infection, withdraw_infection
from toxicity.models import Treatment

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 9, 7, tzinfo=UTC)
DEXA = GivenDose("dexamethasone", AT, "icans", Decimal("10"), "mg")
BEFORE = ["before_infusion", "dose_unknown"]
D = Decimal


@pytest.fixture
def about(course: Course, coordinator: User) -> dict[str, Any]:
    return {"course_id": course.pk, "actor": coordinator, "now": NOW}


def test_doses_are_added_by_drug_and_local_day_as_they_stand(
    about: dict[str, Any], course: Course, coordinator: User, refer_patient: Refer,
    django_assert_num_queries: Any,
) -> None:  # fmt: skip
    def give(given: GivenDose, **more: Any) -> Treatment:
        return give_treatment(**{**about, **more}, given=given, confirmed=BEFORE)

    wrong = give(DEXA)
    correct_treatment(
        **about, treatment_id=wrong.pk, given=replace(DEXA, times=2), reason="two",
        confirmed=BEFORE,
    )  # fmt: skip
    # Half past eleven in the evening in London is the next day in Milan.
    give(replace(DEXA, given_at=AT + timedelta(hours=16.5), dose=D("0.02"), unit="g"))
    give(replace(DEXA, given_at=AT + timedelta(hours=20), dose=None))
    gone = give(replace(DEXA, given_at=AT + timedelta(hours=2)))
    withdraw_treatment(**about, treatment_id=gone.pk, reason="another patient's")
    give(replace(DEXA, drug="other", other_drug="Emapalumab", hides_fever="yes"))
    give(DEXA, course_id=refer_patient(coordinator).pk)
    with django_assert_num_queries(1):
        found = doses_by_day(course)
    assert found == {
        ("dexamethasone", ""): {
            date(2026, 11, 9): Amount(D("20.000"), "mg", 2),
            date(2026, 11, 10): Amount(None, "", 2),
        },
        ("other", "Emapalumab"): {date(2026, 11, 9): Amount(D("10.000"), "mg", 1)},
    }
    with django_assert_num_queries(1):
        histories = treatments_of(course)
    assert [(one.row.times, len(one.before), one.row.withdrawn) for one in histories] == [
        (1, 0, False), (1, 0, False), (1, 1, True), (2, 1, False), (1, 0, False),
    ]  # fmt: skip
    assert histories[3].before == (wrong,)


def test_infections_by_day_as_they_stand(
    about: dict[str, Any], course: Course, django_assert_num_queries: Any
) -> None:
    first, last = date(2026, 11, 1), date(2026, 11, 6)

    def record(organism: str, began_on: date, ended_on: date | None = None) -> int:
        facts = InfectionFacts(began_on, organism, "blood", ended_on=ended_on)
        return int(record_infection(**about, infection=facts).pk)

    record("e_coli", date(2026, 10, 20), date(2026, 11, 2))
    record("candida", date(2026, 11, 5))
    record("cmv", date(2026, 10, 1), date(2026, 10, 31))
    record("influenza", date(2026, 11, 7))
    record("ebv", date(2026, 11, 3), date(2026, 11, 9))
    moved = record("hhv6", date(2026, 11, 1))
    facts = InfectionFacts(date(2026, 10, 1), "hhv6", "blood", ended_on=date(2026, 10, 2))
    correct_infection(**about, infection_id=moved, infection=facts, reason="last month")
    gone = record("s_aureus", date(2026, 11, 4))
    withdraw_infection(**about, infection_id=gone, reason="contaminant")
    with django_assert_num_queries(1):
        found = infections_by_day(course, first, last)
    assert {on.day: [row.organism for row in rows] for on, rows in found.items()} == {
        1: ["e_coli"], 2: ["e_coli"], 3: ["ebv"], 4: ["ebv"], 5: ["ebv", "candida"],
        6: ["ebv", "candida"],
    }  # fmt: skip
    with django_assert_num_queries(1):
        histories = infections_of(course)
    assert [one.row.organism for one in histories][:3] == ["influenza", "candida", "s_aureus"]
    assert sum(one.row.withdrawn for one in histories) == 1
