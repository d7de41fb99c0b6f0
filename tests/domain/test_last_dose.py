"""A last dose of which only the day is kept: where it may lie."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from pathway.domain.detail_guards import against_details
from pathway.domain.doses import DoseFacts, DoseState
from pathway.domain.facts import CourseFacts
from tests.domain.course_facts import DAY, companion, facts

YESTERDAY = DAY - timedelta(days=1)
GIVEN = DoseFacts(pk=1, number=1, drug="x", state=DoseState.GIVEN, given_on=DAY)
RUNNING = companion("running", doses=(GIVEN,))
DEPLETED = facts(
    "lymphodepletion", subject=RUNNING,
    depletions=(companion("in_progress", reached={"in_progress": DAY}),),
)  # fmt: skip


@pytest.mark.parametrize("target", ["on_hold", "closed", "stopped_early"])
@pytest.mark.parametrize(
    ("last", "seen", "code"),
    [
        (None, facts(subject=RUNNING), None),
        (DAY, facts(subject=RUNNING), None),
        (YESTERDAY, facts(subject=RUNNING), "dose_after_last"),
        (YESTERDAY, facts(subject=companion("running")), None),
        # As it stood before: nobody says another day now.
        (YESTERDAY, facts(subject=replace(RUNNING, last_dose_on=YESTERDAY)), None),
        (DAY, DEPLETED, "depletion_begun"),
        (YESTERDAY, replace(DEPLETED, subject=companion("running")), None),
    ],
)
def test_a_last_dose_lies_where_a_dose_may(
    target: str, last: date | None, seen: CourseFacts, code: str | None
) -> None:
    values = {"last_dose_on": last, "response": "not_assessed"}
    found = against_details("bridging", "running", target, values, seen)
    assert [(one.code, one.field) for one in found] == ([(code, "last_dose_on")] if code else [])


def test_without_a_subject_nothing_is_compared() -> None:
    values = {"last_dose_on": DAY, "response": "not_assessed"}
    assert against_details("bridging", "running", "closed", values, facts()) == ()
