"""Sending in the site: what is due once, to whom it concerns, and what goes wrong is seen."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from threading import Thread
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import Centre, Membership, User
from patients import anchors
from patients.courses import lock_course
from patients.deaths import record_death
from patients.models import Course
from protocol.models import Protocol
from reminders import closing, sending
from reminders.dispatches import lay_dispatches, not_laid
from reminders.due_for_me import mark_seen, told_to, unseen
from reminders.models import Delivery, Dispatch, Reminder, Status
from reminders.sending import LEASE, send_due, something_to_send
from reminders.sweeping import sweep
from tests.conftest import NOW, Refer, UserWith, make_protocol
from tests.marrow_only import marrow_only
from tests.services.test_sweep import infuse
from tests.walking import DAY_ZERO

pytestmark = pytest.mark.django_db
DUE = date(2026, 11, 17)  # the first marrow, 28 days after day 0
EIGHT = datetime(2026, 11, 17, 7, tzinfo=UTC)  # by the clocks of Rome
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
LATE = EIGHT + 7 * DAY  # the last day on which that marrow is in time
Tells = Callable[..., list[tuple[str, int, str]]]


@pytest.fixture
def protocol(db: None) -> Protocol:
    """A schedule of one item."""
    return make_protocol(marrow_only())


@pytest.fixture
def infused(course: Course, coordinator: User, haematologist: User) -> Course:
    """A course on day 23, its marrow the haematologist's."""
    infuse(course, coordinator)
    return course


@pytest.fixture
def first(infused: Course) -> Reminder:
    """What is due next."""
    return Reminder.objects.filter(course=infused).earliest("due_on")


def told() -> list[tuple[int, str]]:
    """The ledger of the site: step and role of who was told."""
    rows = Delivery.objects.filter(channel="inapp").order_by("dispatch__step", "recipient")
    return [(row.dispatch.step, sorted(row.recipient.roles)[0]) for row in rows]


def states(reminder: Reminder) -> list[str]:
    return list(
        Dispatch.objects.filter(reminder=reminder).order_by("step", "pk").values_list(
            "status", flat=True
        )
    )  # fmt: skip


def test_a_due_reminder_is_sent_at_eight_local_once_and_to_its_role(first: Reminder) -> None:
    assert send_due(EIGHT - MINUTE).sent == 0
    assert told() == []
    tally = send_due(EIGHT)
    assert (tally.sent, tally.failed) == (1, 0)
    assert told() == [(0, "haematologist")]
    assert send_due(EIGHT).sent == 0
    assert states(first) == ["sent", "waiting", "waiting"]
    row = Dispatch.objects.get(reminder=first, step=0)
    assert (row.attempts, row.lease_until, row.error_code) == (1, None, "")
    first.refresh_from_db()
    assert first.status == Status.OPEN, "sending is not doing"


def test_what_nobody_does_goes_to_the_coordinator_then_to_the_haematologist(
    first: Reminder,
) -> None:
    for days in range(16):
        send_due(EIGHT + days * DAY)
    assert told() == [(0, "haematologist"), (1, "coordinator"), (2, "haematologist")]
    assert states(first) == ["sent"] * 3
    sent = Dispatch.objects.filter(reminder=first).order_by("step")
    assert [row.send_at for row in sent] == [EIGHT, LATE + 3 * DAY, LATE + 7 * DAY]


def test_after_days_without_a_worker_everything_missed_is_sent_once(first: Reminder) -> None:
    assert send_due(EIGHT + 30 * DAY).sent == 4, "three steps of one, the first of the next"
    assert send_due(EIGHT + 30 * DAY).sent == 0


def test_what_was_put_off_is_told_on_its_day_and_escalates_from_there(
    first: Reminder, coordinator: User, haematologist: User
) -> None:
    send_due(EIGHT)
    mark_seen(reminder_ids=[first.pk], actor=haematologist, now=EIGHT)
    back = DUE + 10 * DAY
    closing.snooze(reminder_id=first.pk, until=back, reason="abroad", actor=coordinator, now=EIGHT)
    for days in range(10):
        assert send_due(EIGHT + days * DAY).sent == 0
    assert not told_to(haematologist).exists()
    assert send_due(EIGHT + 10 * DAY - MINUTE).sent == 0
    assert send_due(EIGHT + 10 * DAY).sent == 1
    assert [row.pk for row in told_to(haematologist)] == [first.pk]
    assert unseen(haematologist).count() == 1
    assert [row for days in range(11, 18) for row in [send_due(EIGHT + days * DAY).sent]] == [
        0, 0, 1, 0, 0, 0, 1,
    ]  # fmt: skip
    again = [(0, "haematologist"), (1, "coordinator"), (2, "haematologist")]
    assert told() == sorted([again[0], *again])


@pytest.mark.parametrize(
    ("zone", "at"),
    [
        ("Pacific/Auckland", datetime(2026, 11, 24, 19, tzinfo=UTC)),  # the day before, in UTC
        ("America/Los_Angeles", datetime(2026, 11, 25, 16, tzinfo=UTC)),
    ],
)
def test_what_was_put_off_comes_back_by_the_clocks_of_its_centre(
    zone: str, at: datetime, first: Reminder, coordinator: User
) -> None:
    send_due(EIGHT)
    back = date(2026, 11, 25)
    closing.snooze(reminder_id=first.pk, until=back, reason="abroad", actor=coordinator, now=EIGHT)
    Centre.objects.update(time_zone=zone)
    assert send_due(at - MINUTE).sent == 0
    assert send_due(at).sent == 1


@pytest.mark.parametrize("what", ["done", "skipped", "died", "moved", "not happened", "error"])
def test_what_is_not_wanted_any_more_is_not_sent(
    what: str, first: Reminder, infused: Course, coordinator: User
) -> None:
    lay_dispatches(EIGHT - DAY)
    assert states(first) == ["waiting"] * 3
    by: dict[str, Any] = {"actor": coordinator, "now": NOW}
    if what == "done":
        closing.mark_done(reminder_id=first.pk, done_on=date(2026, 11, 12), **by)
    elif what == "skipped":
        closing.skip(reminder_id=first.pk, reason="abroad", **by)
    elif what == "died":
        record_death(patient_id=infused.patient_id, died_on=date(2026, 11, 12), **by)
    elif what == "moved":
        infuse(infused, coordinator, DAY_ZERO + timedelta(days=10))
    elif what == "not happened":
        Reminder.objects.filter(pk=first.pk).update(provisional=True)
    else:
        Course.objects.filter(pk=infused.pk).update(error_cause="error:1")
    assert send_due(EIGHT).sent == 0
    assert told() == []
    assert states(first)[:3] == ["void"] * 3


def test_a_moved_reminder_is_sent_on_its_new_date_and_once_when_it_comes_back(
    first: Reminder, infused: Course, coordinator: User
) -> None:
    send_due(EIGHT)
    infuse(infused, coordinator, DAY_ZERO + DAY)
    assert send_due(EIGHT + DAY).sent == 1
    infuse(infused, coordinator, DAY_ZERO)
    assert send_due(LATE + 2 * DAY).sent == 0
    assert send_due(LATE + 3 * DAY).sent == 1
    assert told() == [(0, "haematologist"), (0, "haematologist"), (1, "coordinator")]


def test_what_is_opened_again_escalates_and_is_not_told_twice(
    first: Reminder, coordinator: User
) -> None:
    send_due(EIGHT)
    closing.mark_done(reminder_id=first.pk, done_on=date(2026, 11, 12), actor=coordinator, now=NOW)
    send_due(LATE + 3 * DAY)
    assert states(first) == ["sent", "void", "void"]
    closing.reopen(reminder_id=first.pk, reason="not readable", actor=coordinator, now=NOW)
    assert send_due(LATE + 4 * DAY).sent == 1
    assert told() == [(0, "haematologist"), (1, "coordinator")]


def test_the_courses_own_coordinator_is_told_from_the_first(
    first: Reminder, infused: Course, coordinator: User, user_with: UserWith, other_centre: Centre
) -> None:
    Course.objects.filter(pk=infused.pk).update(coordinator=coordinator)
    user_with("haematologist", at=other_centre)
    user_with("coordinator")
    gone = user_with("haematologist")
    User.objects.filter(pk=gone.pk).update(is_active=False)
    left = user_with("haematologist")
    left.memberships.update(ended_at=NOW)
    send_due(EIGHT)
    assert told() == [(0, "coordinator"), (0, "haematologist")]
    coordinator.memberships.update(ended_at=NOW)
    send_due(LATE + 3 * DAY)
    late = Delivery.objects.get(dispatch__step=1)
    assert late.recipient != coordinator, "whoever left is not told"


def test_e_mail_waits_beside_it_for_whoever_wants_it(first: Reminder, haematologist: User) -> None:
    User.objects.filter(pk=haematologist.pk).update(email="h@example.org")
    send_due(EIGHT)
    assert [row.channel for row in Delivery.objects.order_by("channel")] == ["email", "inapp"]


def test_the_summer_time_of_the_centre_counts(
    coordinator: User, haematologist: User, refer_patient: Refer
) -> None:
    later = NOW + 120 * DAY
    for day in (27, 28, 29):
        on = date(2027, 3, day) - timedelta(days=28)
        with transaction.atomic():
            locked = lock_course(refer_patient(coordinator).pk, actor=coordinator)
            anchors.set_actual(locked, "infusion", on, actor=coordinator, now=later)
    for day, hour in ((27, 7), (28, 6), (29, 6)):
        at = datetime(2027, 3, day, hour, tzinfo=UTC)
        assert send_due(at - MINUTE).sent == 0
        assert send_due(at).sent == 1


# What goes wrong


def test_a_poison_row_among_others_keeps_nobody_waiting(
    infused: Course, coordinator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    lay_dispatches(EIGHT)
    proto = Reminder.objects.filter(course=infused).earliest("due_on")
    Reminder.objects.bulk_create(
        Reminder(**{
            name: getattr(proto, name)
            for name in ("course_id", "item", "anchor_kind", "anchor_occurrence", "role",
                         "due_on", "window_start", "window_end", "planned_at")
        } | {"ordinal": 1000 + number})
        for number in range(99)
    )  # fmt: skip
    really = sending._recipients

    def recipients(dispatch: Dispatch) -> Any:
        if dispatch.reminder_id == proto.pk:
            raise LookupError("Maria Rossi has no such thing")
        return really(dispatch)

    monkeypatch.setattr(sending, "_recipients", recipients)
    assert (send_due(EIGHT).sent, states(proto)[0]) == (99, "waiting")
    row = Dispatch.objects.get(reminder=proto, step=0)
    assert (row.attempts, row.error_code) == (1, "LookupError")
    assert row.next_try_at == EIGHT + MINUTE
    now, tries = EIGHT, 1
    while states(proto)[0] == "waiting":
        now = Dispatch.objects.get(pk=row.pk).next_try_at or now
        assert send_due(now - timedelta(seconds=1)).failed == 0
        assert send_due(now).failed == 1
        tries += 1
    assert (tries, states(proto)) == (8, ["dead", "waiting", "waiting"])
    assert now - EIGHT == timedelta(minutes=1 + 2 + 4 + 8 + 16 + 32 + 60)
    proto.refresh_from_db()
    assert proto.status == Status.OPEN, "it stays on the list"
    monkeypatch.undo()
    assert send_due(LATE + 3 * DAY).sent == 100, "and escalates"


@pytest.mark.parametrize(
    ("there", "told_instead"),
    [
        (("coordinator", "centre_admin"), "coordinator"),
        (("centre_admin", "ward_nurse"), "centre_admin"),
    ],
)
def test_what_nobody_holds_the_role_of_is_told_to_others_once(
    first: Reminder, user_with: UserWith, there: tuple[str, ...], told_instead: str
) -> None:
    Membership.objects.update(ended_at=NOW)
    for role in there:
        user_with(role)
    assert (send_due(EIGHT).sent, send_due(EIGHT + MINUTE).sent) == (1, 0)
    assert told() == [(0, told_instead)]
    row = Dispatch.objects.get(reminder=first, step=0)
    assert (row.status, row.error_code) == ("sent", "no_recipient"), "and it is seen"


def test_the_courses_own_coordinator_is_enough_where_nobody_holds_the_role(
    first: Reminder, user_with: UserWith
) -> None:
    Membership.objects.update(ended_at=NOW)
    own, other = user_with("coordinator", "data_manager"), user_with("coordinator")
    Course.objects.filter(pk=first.course_id).update(coordinator=own)
    assert send_due(EIGHT).sent == 1
    recipients = Delivery.objects.filter(channel="inapp").values_list("recipient", flat=True)
    assert list(recipients) == [own.pk]
    assert other.pk not in recipients


def test_a_reminder_for_a_role_that_nobody_holds_waits_for_somebody(
    first: Reminder, user_with: UserWith
) -> None:
    Membership.objects.update(ended_at=NOW)
    assert send_due(EIGHT).failed == 1
    assert Dispatch.objects.get(reminder=first, step=0).error_code == "no_recipient"
    user_with("haematologist")
    assert send_due(EIGHT + MINUTE).sent == 1


def test_a_worker_killed_between_claim_and_commit_loses_nothing(first: Reminder) -> None:
    lay_dispatches(EIGHT)
    assert len(sending._claim(EIGHT)) == 1  # and then the machine went off
    assert send_due(EIGHT + LEASE).sent == 0
    assert send_due(EIGHT + LEASE + MINUTE).sent == 1
    assert told() == [(0, "haematologist")]
    assert Dispatch.objects.get(reminder=first, step=0).attempts == 2


def test_what_killed_a_worker_is_taken_alone_and_given_up_in_the_end(
    first: Reminder, coordinator: User, refer_patient: Refer
) -> None:
    infuse(refer_patient(coordinator), coordinator)
    lay_dispatches(EIGHT)
    now = EIGHT
    assert len(sending._claim(now)) == 2
    for _ in range(7):
        now += LEASE + MINUTE
        assert len(sending._claim(now)) == 1
    assert send_due(now + LEASE + MINUTE).sent == 1, "the other one"
    row = Dispatch.objects.get(reminder=first, step=0)
    assert (row.status, row.attempts, row.error_code) == ("dead", 9, "worker_lost")


def test_another_worker_that_was_quicker_leaves_nothing_to_do(first: Reminder) -> None:
    lay_dispatches(EIGHT)
    [pk] = sending._claim(EIGHT)
    assert sending._deliver(pk, EIGHT)
    assert not sending._deliver(pk, EIGHT)
    assert told() == [(0, "haematologist")]


def test_a_database_that_is_down_is_no_fault_of_the_row(
    first: Reminder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: Any) -> None:
        raise OperationalError("terminating connection")

    monkeypatch.setattr(sending, "_deliver", gone)
    with pytest.raises(OperationalError):
        send_due(EIGHT)
    monkeypatch.undo()
    assert Dispatch.objects.get(reminder=first, step=0).error_code == ""
    assert send_due(EIGHT + LEASE + MINUTE).sent == 1


def test_a_protocol_that_cannot_be_read_is_seen_and_hides_nobody(
    first: Reminder, infused: Course, coordinator: User, refer_patient: Refer
) -> None:
    sick = refer_patient(coordinator)
    infuse(sick, coordinator)
    poison = Protocol.objects.create(
        code="poison", version=1, title_en="x", title_it="x", product="x", data={}, sha256="e" * 64
    )
    Course.objects.filter(pk=sick.pk).update(protocol=poison)
    assert send_due(EIGHT).sent == 1
    row = Dispatch.objects.get(reminder__course=sick)
    assert (row.status, row.error_code) == ("dead", "protocol_unreadable")
    assert not something_to_send(EIGHT)


def test_a_run_ends_when_its_time_is_up_and_the_next_goes_on(
    first: Reminder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "MOST_SECONDS", 0)
    assert send_due(EIGHT).sent == 0
    monkeypatch.undo()
    assert send_due(EIGHT).sent == 1


# The sweep and its cost


def test_the_sweep_sends_and_says_how_many(first: Reminder, haematologist: User) -> None:
    run = sweep(now=EIGHT, host="ward-server")
    assert (run.sent, run.failed) == (1, 0)
    Membership.objects.update(ended_at=NOW)
    assert sweep(now=LATE + 7 * DAY, host="ward-server").failed == 2


MANY_REMINDERS = """
    INSERT INTO reminders_reminder (course_id, item, anchor_kind, anchor_occurrence, ordinal,
        due_on, window_start, window_end, provisional, unsure, role, planned_at, reason,
        status, done_on, closed_at, closed_by, closed_cause)
    SELECT course_id, item, anchor_kind, anchor_occurrence, 100 + n, due_on, window_start,
        window_end, false, false, role, planned_at, '',
        CASE WHEN n %% 20 = 0 THEN 'open' ELSE 'done' END,
        CASE WHEN n %% 20 = 0 THEN NULL ELSE due_on END,
        CASE WHEN n %% 20 = 0 THEN NULL ELSE planned_at END,
        CASE WHEN n %% 20 = 0 THEN '' ELSE 'x' END, CASE WHEN n %% 20 = 0 THEN '' ELSE 'hand' END
    FROM reminders_reminder, generate_series(1, 4000) n WHERE id = %s"""
MANY_DISPATCHES = """
    INSERT INTO reminders_dispatch (reminder_id, due_on, step, last, role, laid_at, status, send_at,
        attempts, error_code)
    SELECT id, due_on, step, step = 2, role, planned_at, 'sent', planned_at, 1, ''
    FROM reminders_reminder, generate_series(0, 2) step WHERE ordinal > 100"""


def test_a_tick_with_nothing_due_costs_one_query_from_three_indexes(first: Reminder) -> None:
    send_due(EIGHT)
    with connection.cursor() as cursor:
        cursor.execute(MANY_REMINDERS, [first.pk])
        cursor.execute(MANY_DISPATCHES)
        cursor.execute("ANALYZE reminders_reminder, reminders_dispatch")
    with CaptureQueriesContext(connection) as captured:
        assert send_due(EIGHT + MINUTE).sent == 0
    assert len(captured) == 1
    with connection.cursor() as cursor:
        # So few pages are read whole at no cost: what counts is that an index answers it.
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("EXPLAIN " + captured[0]["sql"])
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "Seq Scan" not in plan, plan
    # Of so few courses the planner may take the other index of the reminders that wait.
    for index in ("dispatch_waiting", "reminder_waiting_by_", "dispatch_laid"):
        assert index in plan, plan


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_somebody_at_work_on_the_course_holds_nothing_up(
    first: Reminder, infused: Course, coordinator: User
) -> None:
    with transaction.atomic():
        lock_course(infused.pk, actor=coordinator)
        _at_once(1)
    assert told() == [(0, "haematologist")]


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_six_sweeps_at_once_send_each_once(
    infused: Course, coordinator: User, refer_patient: Refer
) -> None:
    for _ in range(5):
        infuse(refer_patient(coordinator), coordinator)
    _at_once(6)
    assert Delivery.objects.count() == 6
    assert Dispatch.objects.count() == 18
    assert set(Dispatch.objects.filter(step=0).values_list("status", "attempts")) == {("sent", 1)}
    assert not not_laid(EIGHT).exists()


def _at_once(count: int) -> None:
    failures: list[Exception] = []

    def run() -> None:
        try:
            send_due(EIGHT)
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
