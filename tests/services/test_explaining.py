"""`manage.py reminders explain`: item, anchor, ordinal, rule, source, and when it will be sent."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from patients import anchors
from patients.deaths import record_death
from patients.models import Course
from protocol.models import Protocol
from reminders.domain.items import Schedule
from reminders.domain.levels import Level
from reminders.explained_rules import rule_of
from reminders.models import Dispatch, Reminder
from reminders.sending import send_due
from tests.conftest import NOW, make_protocol
from tests.domain.shipped import shipped
from tests.domain.test_schedule import setting
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
    assert lines[3] == "  none later than 0 days after relapse"
    assert lines[4] == "  done by a result in its window: marrow"
    assert lines[5] == "  source: Programme default (not confirmed)"
    assert lines[6:] == [
        "  sending 0 to haematologist: 2026-11-17 08:00, sent",
        "  sending 1 to coordinator: 2026-11-27 08:00, waiting",
        "  sending 2 to haematologist: 2026-12-01 08:00, waiting",
    ]
    assert second.splitlines()[-1].endswith("08:00, to come")
    assert "Rossi" not in f"{head}{first}{second}"
    infuse(course, coordinator, DAY_ZERO + timedelta(days=1))
    assert told(course.code, capsys)[1].splitlines()[6].endswith("2026-11-18 08:00, to come")


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
    assert "sent to others: nobody holds the role" in told(course.code, capsys)[1]
    Dispatch.objects.filter(step=0).update(status="waiting")
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


@pytest.mark.parametrize(
    ("code", "unsure", "expected"),
    [
        ("MRD_BLOOD", True, "  only if ph_positive, which is not recorded"),
        ("MRD_BLOOD", False, "  only if ph_positive"),
        ("ANTIVIRAL", False, "  may end after 12 months, looked at again every 1 months"),
        ("ANTIVIRAL", False, "  stops with CD4 above 200 in 1 samples"),
        ("IRRAD", False, "  may end after 90 days counted from infusion"),
        (
            "BACT_PROPH",
            False,
            "  rule: when ANC is below 0.5, first after 0 days",
        ),
        ("REG_DEATH", False, "  rule: when the patient has died, first after 0 days"),
        ("VISIT_CLOSE", False, "  not on days in hospital"),
        ("DRIVE_END", False, "  not before 56 days after neurotoxicity"),
        (
            "INPT_VIRAL",
            False,
            "  stops with CMV negative in 4 samples and EBV negative in 4 samples"
            " and HHV6 negative in 4 samples",
        ),
    ],
)
def test_the_rule_says_on_what_it_depends(code: str, unsure: bool, expected: str) -> None:
    item = shipped().section("schedule", Schedule).item(code)
    assert expected in list(rule_of(item, unsure=unsure))


def test_every_shipped_rule_is_told_without_a_gap() -> None:
    for item in shipped().section("schedule", Schedule).items:
        lines = list(rule_of(item, unsure=False))
        assert lines[0].startswith("  rule: ")
        assert lines[-1].startswith("  source: ")
        assert (item.stop is None) or any("  stops with" in line for line in lines)


def test_lines_that_no_shipped_rule_has_are_told_too() -> None:
    item = shipped().section("schedule", Schedule).item("CNS_IT")
    level = Level(
        setting("CD19"), None, setting(1), below=setting(Decimal(2)), negative=setting(False)
    )
    assert "  stops with CD19 below 2 not negative in 1 samples" in list(
        rule_of(replace(item, stop=level), unsure=False)
    )
