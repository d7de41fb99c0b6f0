"""The sweep: rolls the horizon on, twice is as good as once, and steps around locks and poison."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from threading import Thread
from typing import Any

import pytest
import time_machine
from celery import current_app
from django.core.management import call_command
from django.db import OperationalError, connection, transaction
from django.utils import translation
from structlog.testing import capture_logs

from accounts.models import User
from audit.models import AuditEvent
from patients import anchors
from patients.courses import lock_course
from patients.models import Course
from protocol.domain.loading import ProtocolInvalid
from protocol.models import Protocol
from protocol.selectors import settings_of
from reminders import closing, laying, selectors, sweeping
from reminders.models import Plan, PlanPause, Reminder, Status, SweepRun
from reminders.sending import Tally
from tests.conftest import NOW, Refer, make_protocol
from tests.marrow_only import marrow_only
from tests.walking import DAY_ZERO

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
JUST_OVER_A_DAY = DAY + timedelta(minutes=1)


@transaction.atomic
def infuse(course: Course, actor: User, on: date = DAY_ZERO) -> None:
    anchors.set_actual(lock_course(course.pk, actor=actor), "infusion", on, actor=actor, now=NOW)


def sweep(now: datetime) -> SweepRun:
    return sweeping.sweep(now=now, host="ward-server")


@pytest.fixture
def protocol(db: None) -> Protocol:
    """A schedule of one item."""
    return make_protocol(marrow_only())


@pytest.fixture
def infused(course: Course, coordinator: User) -> Course:
    """A course on day 23, planned at NOW."""
    infuse(course, coordinator)
    return course


def test_a_plan_of_today_is_left_alone(infused: Course) -> None:
    run = sweep(NOW + DAY)
    assert (run.planned, run.host, run.started_at) == (0, "ward-server", NOW + DAY)
    assert run.finished_at >= run.started_at
    assert Plan.objects.get(course=infused).planned_at == NOW


def test_an_older_plan_is_rolled_on_once(infused: Course) -> None:
    later = NOW + timedelta(days=60)
    assert Reminder.objects.filter(course=infused).count() == 12
    assert sweep(later).planned == 1
    assert Reminder.objects.filter(course=infused).count() == 13
    assert Reminder.objects.latest("due_on").due_on == date(2028, 1, 20)
    event = AuditEvent.objects.filter(action="reminders.plan").latest("pk")
    assert (event.actor_name, event.actor_id) == ("reminders.sweep", None)
    assert (event.centre_id, event.after) == (infused.centre_id, {"MARROW 1.13": "2028-01-20"})
    before = list(Reminder.objects.order_by("pk").values())
    assert sweep(later).planned == 0
    assert sweep(later + JUST_OVER_A_DAY).planned == 1
    assert list(Reminder.objects.order_by("pk").values()) == before


def test_a_sweep_leaves_what_people_have_closed(infused: Course, coordinator: User) -> None:
    first, second = Reminder.objects.filter(course=infused).order_by("ordinal")[:2]
    closing.skip(reminder_id=first.pk, reason="abroad", actor=coordinator, now=NOW)
    closing.mark_done(reminder_id=second.pk, done_on=date(2026, 11, 1), actor=coordinator, now=NOW)
    sweep(NOW + timedelta(days=300))
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.status, second.status) == (Status.SKIPPED, Status.DONE)


def test_days_without_a_sweep_lose_nothing(infused: Course) -> None:
    sweep(NOW + timedelta(days=800))
    due = Reminder.objects.filter(course=infused).order_by("due_on")
    assert due.count() == 16
    assert due.filter(status=Status.OPEN).count() == 16


def test_more_courses_than_one_sweep_takes_wait_for_the_next(
    coordinator: User, refer_patient: Refer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeping, "BATCH", 2)
    monkeypatch.setattr(sweeping, "MOST_BATCHES", 2)
    for _ in range(5):
        infuse(refer_patient(coordinator), coordinator)
    later = NOW + JUST_OVER_A_DAY
    assert [sweep(later).planned for _ in range(3)] == [4, 1, 0]


def test_a_protocol_that_cannot_be_read_does_not_hide_the_other_courses(
    infused: Course, coordinator: User, refer_patient: Refer, monkeypatch: pytest.MonkeyPatch
) -> None:
    poison = Protocol.objects.create(
        code="poison", version=1, title_en="x", title_it="x", product="x", data={}, sha256="f" * 64
    )
    with pytest.raises(ProtocolInvalid):
        settings_of(poison)
    sick = refer_patient(coordinator)
    infuse(sick, coordinator)
    Course.objects.filter(pk=sick.pk).update(protocol=poison)
    monkeypatch.setattr(sweeping, "send_due", lambda _now: Tally())
    later = NOW + timedelta(days=60)
    run = sweep(later)
    assert (run.planned, run.failed) == (2, 1)
    assert Reminder.objects.filter(course=infused).count() == 13
    assert Reminder.objects.filter(course=sick).count() == 12
    assert sweep(later).planned == 0


def test_a_course_that_cannot_be_laid_out_costs_the_others_nothing(
    infused: Course, coordinator: User, refer_patient: Refer, monkeypatch: pytest.MonkeyPatch
) -> None:
    sick = refer_patient(coordinator)
    infuse(sick, coordinator)
    Plan.objects.filter(course=sick).delete()

    def lay_out(courses: Sequence[Course], **by: Any) -> int:
        laid = laying.lay_out(courses, **by)
        if sick in courses:
            raise ZeroDivisionError
        return laid

    monkeypatch.setattr(sweeping, "lay_out", lay_out)
    monkeypatch.setattr(sweeping, "send_due", lambda _now: Tally())
    later = NOW + timedelta(days=60)
    with capture_logs() as logs:
        run = sweep(later)
    assert (run.planned, run.failed) == (2, 1)
    assert [(log["event"], log["course"]) for log in logs] == [("course_not_planned", sick.pk)]
    assert Reminder.objects.filter(course=infused).count() == 13
    assert Reminder.objects.filter(course=sick).count() == 12
    assert sweep(later).planned == 0
    monkeypatch.setattr(sweeping, "lay_out", laying.lay_out)
    assert sweep(later + JUST_OVER_A_DAY).failed == 0
    assert Reminder.objects.filter(course=sick).count() == 13


@pytest.mark.parametrize("stage", ["batch", "course"])
def test_a_database_that_is_away_is_no_fault_of_a_course(
    infused: Course, monkeypatch: pytest.MonkeyPatch, stage: str
) -> None:
    faults: list[Exception] = [OperationalError()]
    if stage == "course":
        faults.insert(0, ZeroDivisionError())

    def lay_out(*_given: Any, **_by: Any) -> int:
        raise faults.pop(0)

    monkeypatch.setattr(sweeping, "lay_out", lay_out)
    with pytest.raises(OperationalError):
        sweep(NOW + JUST_OVER_A_DAY)
    assert Plan.objects.get(course=infused).planned_at == NOW


def test_a_course_that_nobody_ever_planned_is_planned_unless_it_is_paused(
    infused: Course, coordinator: User, refer_patient: Refer
) -> None:
    paused = refer_patient(coordinator)
    infuse(paused, coordinator)
    for course in (infused, paused):
        Plan.objects.filter(course=course).delete()
        Reminder.objects.filter(course=course).delete()
    PlanPause.objects.create(course=paused, cause="exit:1", since=NOW)
    assert [sweep(NOW).planned for _ in range(2)] == [1, 0]
    assert Reminder.objects.filter(course=infused).count() == 12
    assert not Plan.objects.filter(course=paused).exists()


def test_runs_older_than_a_week_are_taken_away() -> None:
    for age in (timedelta(days=8), timedelta(days=6), timedelta(0)):
        sweep(NOW - age)
    assert [run.started_at for run in SweepRun.objects.order_by("pk")] == [
        NOW - timedelta(days=6),
        NOW,
    ]


def test_the_task_that_beat_sends_and_the_command_sweep(capsys: pytest.CaptureFixture[str]) -> None:
    with time_machine.travel(NOW, tick=False):
        current_app.loader.import_default_modules()  # as a worker does when it starts
        entry = current_app.conf.beat_schedule["sweep"]
        current_app.tasks[entry["task"]].apply(throw=True)
        call_command("reminders", "sweep")
    assert capsys.readouterr().out == "0 courses planned\n"
    assert [run.started_at for run in SweepRun.objects.all()] == [NOW, NOW]


# The banner


def test_no_banner_within_five_minutes_of_a_sweep() -> None:
    sweep(NOW)
    assert selectors.sweep_banner(NOW + timedelta(minutes=5)) == ""


@pytest.mark.parametrize(
    ("language", "after", "text"),
    [
        ("en", timedelta(minutes=6), "Automatic reminders have not run since 10:30;"),
        ("en", timedelta(days=1), "Automatic reminders have not run since 12-Nov-2026 10:30;"),
        ("en", timedelta(minutes=-6), "Automatic reminders have not run since 10:30;"),
    ],
    ids=["six minutes", "a day", "a clock set back"],
)
def test_the_banner_says_since_when(language: str, after: timedelta, text: str) -> None:
    sweep(NOW)
    with translation.override(language):
        banner = selectors.sweep_banner(NOW + after)
    assert banner == f"{text} the list below is still current."


def test_the_banner_says_that_no_sweep_ever_ran() -> None:
    assert selectors.sweep_banner(NOW).startswith("Automatic reminders have not run yet")


def test_a_clock_set_back_counts_from_the_sweep_written_last() -> None:
    sweep(NOW + timedelta(hours=1))
    sweep(NOW)
    assert selectors.sweep_banner(NOW) == ""


# Several at once, on real transactions


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_a_course_that_somebody_works_on_waits_for_the_next_sweep(
    infused: Course, coordinator: User, refer_patient: Refer
) -> None:
    other = refer_patient(coordinator)
    infuse(other, coordinator)
    later = NOW + timedelta(days=60)
    with transaction.atomic():
        lock_course(infused.pk, actor=coordinator)
        _in_threads(1, later)
    assert Plan.objects.get(course=infused).planned_at == NOW
    assert Plan.objects.get(course=other).planned_at == later
    assert sweep(later).planned == 1


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_eight_sweeps_at_once_make_each_row_once(coordinator: User, refer_patient: Refer) -> None:
    for _ in range(6):
        infuse(refer_patient(coordinator), coordinator)
    _in_threads(8, datetime(2027, 1, 20, tzinfo=UTC))
    assert SweepRun.objects.count() == 8
    assert Reminder.objects.count() == 6 * 13
    assert AuditEvent.objects.filter(actor_name="reminders.sweep").count() == 6


def _in_threads(count: int, now: datetime) -> None:
    failures: list[Exception] = []

    def run() -> None:
        try:
            sweep(now)
        except Exception as failure:
            failures.append(failure)
        finally:
            connection.close()

    threads = [Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
