"""The gate to discharge: no grade above the protocol's, known of each scale and fresh."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from pathway.domain.gate_facts import COMPUTED, Finding, Status
from pathway.domain.gate_rules import Gate
from pathway.domain.toxicity_facts import NOT_ASSESSED, LastGrade, ToxicityFacts
from tests.domain.course_facts import CALM, DAY, NOON, facts


def low(toxicity: ToxicityFacts, **more: Any) -> Finding:
    return COMPUTED["toxicity_low"](facts("infusion", toxicity=toxicity, **more), Gate.DISCHARGE)


def graded(crs: int | None, icans: int | None) -> ToxicityFacts:
    grades = {"crs": LastGrade(crs, NOON, DAY), "icans": LastGrade(icans, NOON, DAY)}
    return replace(CALM, grades=grades)


@pytest.mark.parametrize(
    ("toxicity", "status"),
    [
        (graded(0, 0), Status.MET),
        (graded(1, 1), Status.MET),
        (graded(2, 0), Status.NOT_MET),
        (graded(0, 3), Status.NOT_MET),
        (graded(None, 0), Status.MISSING),
        (graded(0, None), Status.MISSING),
        (replace(CALM, grades={"crs": LastGrade(0, NOON, DAY)}), Status.MISSING),
        (NOT_ASSESSED, Status.MISSING),
        (
            replace(
                CALM,
                grades={**CALM.grades, "crs": LastGrade(1, NOON, DAY, at_least=True)},
            ),
            Status.MISSING,
        ),
        # What is known to be high is said, whatever else is not known.
        (graded(None, 2), Status.NOT_MET),
    ],
)
def test_only_low_grades_of_both_scales_are_met(toxicity: ToxicityFacts, status: Status) -> None:
    assert low(toxicity).status is status


def test_the_worst_is_named() -> None:
    found = low(graded(2, 3))
    assert found.params == {"scale": "ICANS", "grade": 3}
    assert low(graded(1, 0)).params["grades"] == "CRS 1, ICANS 0"


@pytest.mark.parametrize(("hours", "status"), [(24, Status.MET), (25, Status.STALE)])
def test_a_check_of_long_ago_says_nothing_of_now(hours: int, status: Status) -> None:
    assert low(CALM, at=NOON + timedelta(hours=hours)).status is status


@pytest.mark.parametrize(("days", "status"), [(1, Status.MET), (2, Status.STALE)])
def test_where_only_the_day_is_known_days_count(days: int, status: Status) -> None:
    assert low(CALM, on=DAY + timedelta(days=days), at=None).status is status
