"""`manage.py reminders explain`: item, anchor, ordinal, rule, source, and when it will be sent."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from patients import anchors
from patients.deaths import record_death
from patients.models import Course
from protocol.models import Protocol
from reminders.models import Reminder
from reminders.sending import send_due
from tests.conftest import NOW, make_protocol
from tests.marrow_only import marrow_only
from tests.services.test_sweep import infuse
from tests.walking import DAY_ZERO

pytestmark = pytest.mark.django_db
EIGHT = datetime(2026, 11, 17, 7, tzinfo=UTC)


@pytest.fixture
def protocol(db: None) -> Protocol:
    """A schedule of one item."""
    return make_protocol(marrow_only())


def told(course: str, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """The blocks that the command prints, one a reminder after the first."""
    call_command("reminders", "explain", course)
    return capsys.readouterr().out.strip().split("\n\n")


def test_it_says_why_and_when(
    course: Course, coordinator: User, haematologist: User, capsys: pytest.CaptureFixture[str]
) -> None:
    infuse(course, coordinator)
    send_due(EIGHT)
    head, first, second, *_rest = told(course.code, capsys)
    assert head == (
        f"course {course.pk} {course.code}, protocol brexucel-adult-all:1, times in Europe/Rome"
    )
    marrow = Reminder.objects.filter(course=course).order_by("due_on")[0]
    lines = first.splitlines()
    assert lines[0] == (
        f"reminder {marrow.pk} MARROW 1.1: due 2026-11-17 (2026-11-14 to 2026-11-24), open"
    )
    assert lines[1] == "  counted from infusion 1: 2026-10-20 (happened)"
    assert lines[2].startswith("  rule: first after 28 days, then every 1 months until 12 months")
    assert lines[3] == "  source: Programme default (not confirmed)"
    assert lines[4:] == [
        "  sending 0 to haematologist: 2026-11-17 08:00, sent",
        "  sending 1 to coordinator: 2026-11-27 08:00, waiting",
        "  sending 2 to haematologist: 2026-12-01 08:00, waiting",
    ]
    assert second.splitlines()[-1].endswith("08:00, to come")
    assert "Rossi" not in f"{head}{first}{second}"
    infuse(course, coordinator, DAY_ZERO + timedelta(days=1))
    assert told(course.code, capsys)[1].splitlines()[4].endswith("2026-11-18 08:00, to come")


def test_what_is_planned_only_is_not_sent(
    course: Course, coordinator: User, capsys: pytest.CaptureFixture[str]
) -> None:
    anchors.plan_date(
        course_id=course.pk, kind="infusion", planned_on=date(2026, 12, 1), reason="",
        actor=coordinator, now=NOW,
    )  # fmt: skip
    lines = told(str(course.pk), capsys)[1].splitlines()
    assert lines[0].endswith("open, what it follows has not happened")
    assert lines[1].endswith("infusion 1: 2026-12-01 (planned)")
    assert lines[-1] == "  sending: nothing while it stands like this"


def test_faults_and_endings_are_told(
    course: Course, coordinator: User, haematologist: User, capsys: pytest.CaptureFixture[str]
) -> None:
    infuse(course, coordinator)
    haematologist.memberships.update(ended_at=NOW)
    send_due(EIGHT)
    assert "waiting, no_recipient after 1 tries" in told(course.code, capsys)[1]
    Reminder.objects.filter(course=course, ordinal=1).update(item="GONE", anchor_occurrence=2)
    block = told(course.code, capsys)[1]
    assert "infusion 2: no date any more" in block
    assert "rule: not in this version of the protocol" in block
    death = record_death(
        patient_id=course.patient_id, died_on=date(2026, 11, 12), actor=coordinator, now=NOW
    )
    head, first, *_rest = told(course.code, capsys)
    assert f"by death:{death.pk}: nothing is planned" in head
    assert f"cancelled by death:{death.pk}" in first.splitlines()[0]


def test_an_unknown_course_and_an_unreadable_protocol_are_said(course: Course) -> None:
    with pytest.raises(CommandError, match="there is no course NOPE"):
        call_command("reminders", "explain", "NOPE")
    poison = Protocol.objects.create(
        code="poison", version=1, title_en="x", title_it="x", product="x", data={}, sha256="e" * 64
    )
    Course.objects.filter(pk=course.pk).update(protocol=poison)
    with pytest.raises(CommandError, match="the protocol cannot be read"):
        call_command("reminders", "explain", course.code)
