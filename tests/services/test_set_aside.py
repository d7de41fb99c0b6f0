"""What was set aside as before Percorso, when the chart tells that it was done."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from accounts.models import User
from pathway.domain.transcription import PastAttempt
from patients.correcting import correct_entry
from patients.mistaken_facts import mark_fact
from patients.models import Course
from reminders.closing import reopen
from reminders.laying import lay_out
from reminders.models import BEFORE_PERCORSO, Reminder, Status
from reminders.sweeping import SWEEP
from tests.conftest import NOW
from tests.domain.test_transcription import FOLLOWED, ago
from tests.services.test_following import TESTS, punctures
from tests.services.test_scheduled_by_facts import fact, later
from tests.services.test_transcribing import enter

__all__ = ["enter"]
pytestmark = pytest.mark.django_db
ZERO = ago(140)
PAST = replace(
    FOLLOWED, referred_on=ago(220), enrolled_on=ago(215), accepted_on=ago(210),
    attempts=(PastAttempt(on=ago(200), result="adequate"),),
    bridging_last_dose_on=ago(160), ld_from=ago(145), ld_to=ago(143), infused_on=ZERO,
    admitted_on=ago(146), discharged_on=ago(120),
)  # fmt: skip


@pytest.fixture
def old(enter: Any) -> Course:
    """A course entered on its day 140: the punctures of days 30 and 90 were before."""
    course: Course = enter(PAST)
    return course


def day(number: int) -> date:
    return ZERO + timedelta(days=number)


def puncture(course: Course, ordinal: int) -> Reminder:
    return Reminder.objects.get(course=course, item="CNS_IT", ordinal=ordinal)


def therapy(course: Course, actor: User, number: int) -> Any:
    return fact(course, actor, "csf", day(number).isoformat(), **TESTS, intrathecal=True)


def test_a_result_of_then_does_it_and_what_follows_keeps_its_distance(
    old: Course, coordinator: User
) -> None:
    assert punctures(old)[0] == day(150)
    told = therapy(old, coordinator, 82)
    second = puncture(old, 2)
    assert (second.status, second.done_on) == (Status.DONE, day(82))
    assert second.closed_cause == f"csf:{told.pk}"
    assert punctures(old)[:2] == [day(90), day(142)]
    assert puncture(old, 1).closed_cause == BEFORE_PERCORSO, "of that nobody said anything"
    assert not Reminder.objects.filter(course=old).overdue(NOW.date()).exists()


def test_told_otherwise_it_is_set_aside_again_and_never_overdue(
    old: Course, coordinator: User, haematologist: User
) -> None:
    before = punctures(old)
    told = therapy(old, coordinator, 82)
    correct_entry(
        course_id=old.pk, kind="csf", entry_id=told.pk, reason="diagnostic alone",
        values={"on": day(82).isoformat(), **TESTS, "intrathecal": False},
        actor=haematologist, now=later(),
    )  # fmt: skip
    second = puncture(old, 2)
    assert (second.status, second.closed_cause) == (Status.CANCELLED, BEFORE_PERCORSO)
    assert second.done_on is None
    lay_out([old], actor=SWEEP, now=later())
    assert punctures(old) == before
    assert not Reminder.objects.filter(course=old).overdue(NOW.date()).exists()


def test_a_day_outside_of_its_window_says_nothing(old: Course, coordinator: User) -> None:
    therapy(old, coordinator, 60)
    assert puncture(old, 1).status == puncture(old, 2).status == Status.CANCELLED


def test_what_somebody_had_asked_for_waits_again_instead(
    old: Course, coordinator: User, haematologist: User
) -> None:
    reopen(reminder_id=puncture(old, 2).pk, reason="not in the file", actor=coordinator, now=NOW)
    told = therapy(old, coordinator, 82)
    assert puncture(old, 2).status == Status.DONE
    entry = {"course_id": old.pk, "kind": "csf", "fact_id": told.pk, "actor": haematologist}
    mark_fact(reason="of another patient", now=later(), **entry)
    assert puncture(old, 2).status == Status.OPEN
