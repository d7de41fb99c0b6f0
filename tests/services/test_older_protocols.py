"""Courses that stay on a version published before protocols said what the calendar shows."""

from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps

from accounts.models import User
from patients.models import Course
from protocol.models import Protocol
from reminders.agenda import Scope, agenda
from reminders.laying import lay_out
from reminders.models import Reminder
from reminders.sweeping import SWEEP
from tests.conftest import NOW, PROTOCOL_FILE, make_protocol
from tests.services.test_reminders import infuse

pytestmark = pytest.mark.django_db
TODAY = NOW.date()
SHOWN = {"lumbar_puncture", "visit"}


@pytest.fixture
def protocol(db: None) -> Protocol:
    """The shipped protocol in its older form."""
    lines = PROTOCOL_FILE.read_text(encoding="utf-8").splitlines(keepends=True)
    older = [line for line in lines if not line.startswith(("calendar =", "repeats_from ="))]
    assert len(lines) - len(older) > len(SHOWN)
    return make_protocol("".join(older).encode())


def on_calendar(user: User) -> set[str]:
    entries = agenda(Scope(user, TODAY), TODAY, TODAY + timedelta(days=100)).entries
    return {str(entry.kind) for entry in entries}


def test_punctures_and_visits_stay_on_the_calendar(course: Course, coordinator: User) -> None:
    infuse(course, coordinator, TODAY - timedelta(days=20))
    assert on_calendar(coordinator) == SHOWN
    marrows = Reminder.objects.filter(course=course, item="MARROW")
    assert set(marrows.values_list("shown_as", flat=True)) == {""}


def test_rows_of_before_are_shown_at_once_and_by_the_next_sweep(
    course: Course, coordinator: User
) -> None:
    infuse(course, coordinator, TODAY - timedelta(days=20))
    rows = Reminder.objects.filter(course=course)
    kinds = list(rows.order_by("pk").values_list("item", "shown_as"))
    rows.update(shown_as="")
    assert on_calendar(coordinator) == set()
    migration = import_module("reminders.migrations.0019_shown_as_before")
    migration.show_as_before(apps, None)
    assert on_calendar(coordinator) == SHOWN
    assert list(rows.order_by("pk").values_list("item", "shown_as")) == kinds
    rows.update(shown_as="")
    lay_out([course], actor=SWEEP, now=NOW)
    assert on_calendar(coordinator) == SHOWN
