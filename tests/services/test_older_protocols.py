"""Courses that stay on a version published before protocols said what the calendar shows."""

import re
from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps

from accounts.models import User
from patients.models import Course, Hold
from protocol.models import Protocol
from reminders.agenda import Scope, agenda
from reminders.laying import lay_out
from reminders.models import Reminder
from reminders.sweeping import SWEEP
from terms.refusals import Refused
from tests.conftest import NOW, PROTOCOL_FILE, UserWith, make_protocol, referring
from tests.services.refused import codes
from tests.services.test_reminders import infuse
from tests.walking import Walk

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


def test_a_quarantine_holds_also_where_the_version_does_not_know_its_reason(
    user_with: UserWith, coordinator: User
) -> None:
    text = PROTOCOL_FILE.read_text(encoding="utf-8")
    section = re.compile(r"\[delay_reasons\.PRODUCT_QUARANTINE\]\n(?:.+\n)+")
    older, taken_out = section.subn("", text)
    assert taken_out == 1
    walk = Walk(referring(make_protocol(older.encode()))(coordinator), user_with)
    walk.to_lymphodepletion().move("product", "quarantined", "cell_lab", reason="cracked bag")
    held = Hold.objects.get(source="interlock")
    assert (held.step, held.reason_code) == ("infusion", "SHIPMENT_EXCURSION")
    with pytest.raises(Refused) as refused:
        walk.release(held)
    assert "cause_stands" in codes(refused.value)
