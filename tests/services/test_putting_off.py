"""Putting reminders off until a day, and doing several at once."""

from datetime import date, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.models import Centre, User
from audit.models import AuditEvent
from patients.anchors import plan_date, set_actual
from patients.courses import lock_course
from patients.deaths import record_death, withdraw_death
from patients.models import Course
from protocol.models import Protocol
from reminders import closing, selectors
from reminders.closing_together import MOST_TOGETHER, mark_all_done
from reminders.models import Reminder, Status
from terms.refusals import NotAllowed, Refused
from tests.conftest import NOW, Refer, UserWith, make_protocol
from tests.marrow_only import marrow_only

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 12)
LATE = date(2026, 10, 2)  # of infusion: the first check was due on 30-Oct
BACK = date(2026, 11, 20)
FURTHEST = TODAY + timedelta(days=400)


@transaction.atomic
def infuse(course: Course, actor: User, on: date = LATE, now: datetime = NOW) -> None:
    set_actual(lock_course(course.pk, actor=actor), "infusion", on, actor=actor, now=now)


@pytest.fixture
def protocol(db: None) -> Protocol:
    """One whose schedule has the marrow checks alone."""
    return make_protocol(marrow_only())


@pytest.fixture
def late(course: Course, coordinator: User) -> Reminder:
    """The first check of a course, overdue."""
    infuse(course, coordinator)
    first = Reminder.objects.filter(course=course).order_by("due_on")[0]
    assert first.is_overdue(TODAY)
    return first


def put_off(reminder: Reminder, actor: User, until: date = BACK, reason: str = "abroad") -> None:
    closing.snooze(reminder_id=reminder.pk, until=until, reason=reason, actor=actor, now=NOW)
    reminder.refresh_from_db()


def codes(caught: pytest.ExceptionInfo[Refused]) -> list[tuple[str, str]]:
    return [(refusal.code, refusal.field) for refusal in caught.value.refusals]


def test_what_is_put_off_asks_again_by_itself_on_its_day(late: Reminder, coordinator: User) -> None:
    put_off(late, coordinator)
    assert (late.status, late.snoozed_until, late.reason) == (Status.SNOOZED, BACK, "abroad")
    event = AuditEvent.objects.get(action="reminder.snooze")
    assert (event.reason, event.after["snoozed_until"]) == ("abroad", "2026-11-20")
    for on, counts in ((TODAY, False), (BACK - timedelta(days=1), False), (BACK, True)):
        assert late.is_overdue(on) is counts
        assert late.is_put_off(on) is not counts
        assert Reminder.objects.overdue(on).filter(pk=late.pk).exists() is counts
        assert Reminder.objects.due(on).filter(pk=late.pk).exists() is counts
        assert selectors.due_within(coordinator, 30, on).filter(pk=late.pk).exists() is counts
        needy = selectors.courses_needing_something(on, 0)
        assert Course.objects.filter(needy).exists() is counts
        found = selectors.next_for_courses(coordinator, [late.course_id], today=on)
        assert (found[late.course_id].reminder_id == late.pk) is counts
    assert Reminder.objects.counting().filter(pk=late.pk).exists()
    assert Reminder.objects.due(BACK).filter(pk=late.pk).exists()


def test_putting_off_says_everything_that_is_wrong(late: Reminder, coordinator: User) -> None:
    for until, code in ((TODAY, "not_later"), (FURTHEST + timedelta(days=1), "too_far")):
        with pytest.raises(Refused) as caught:
            put_off(late, coordinator, until, reason=" ")
        assert codes(caught) == [(code, "until"), ("reason_needed", "reason")]
    late.refresh_from_db()
    assert late.status == Status.OPEN
    put_off(late, coordinator, TODAY + timedelta(days=1))
    put_off(late, coordinator, FURTHEST, "still abroad")
    assert (late.snoozed_until, late.reason) == (FURTHEST, "still abroad")


def test_what_is_done_or_still_to_come_cannot_be_put_off(
    late: Reminder, coordinator: User, refer_patient: Refer
) -> None:
    closing.mark_done(reminder_id=late.pk, done_on=TODAY, actor=coordinator, now=NOW)
    planned = refer_patient(coordinator)
    plan_date(
        course_id=planned.pk,
        kind="infusion",
        planned_on=LATE,
        reason="",
        actor=coordinator,
        now=NOW,
    )
    to_come = Reminder.objects.filter(course=planned)[0]
    for reminder, code in ((late, "not_waiting"), (to_come, "anchor_not_happened")):
        with pytest.raises(Refused) as caught:
            put_off(reminder, coordinator)
        assert codes(caught) == [(code, "")]


def test_what_is_put_off_can_be_done_skipped_or_asked_again(
    late: Reminder, coordinator: User
) -> None:
    put_off(late, coordinator)
    opened = closing.reopen(reminder_id=late.pk, reason="she came", actor=coordinator, now=NOW)
    assert (opened.status, opened.snoozed_until, opened.reason) == (Status.OPEN, None, "")
    put_off(late, coordinator)
    done = closing.mark_done(reminder_id=late.pk, done_on=TODAY, actor=coordinator, now=NOW)
    assert (done.status, done.snoozed_until, done.reason) == (Status.DONE, None, "")
    closing.reopen(reminder_id=late.pk, reason="dry tap", actor=coordinator, now=NOW)
    put_off(late, coordinator)
    skipped = closing.skip(reminder_id=late.pk, reason="refuses", actor=coordinator, now=NOW)
    assert (skipped.snoozed_until, skipped.reason) == (None, "refuses")


def test_an_exit_and_its_undo_bring_what_was_put_off_back(
    late: Reminder, coordinator: User
) -> None:
    """As it was: put off until its day, on which it asks by itself."""
    put_off(late, coordinator)
    record_death(patient_id=late.course.patient_id, died_on=TODAY, actor=coordinator, now=NOW)
    late.refresh_from_db()
    assert late.status == Status.CANCELLED
    withdraw_death(patient_id=late.course.patient_id, reason="wrong", actor=coordinator, now=NOW)
    late.refresh_from_db()
    assert (late.status, late.snoozed_until, late.reason) == (Status.SNOOZED, BACK, "abroad")
    assert not late.counts(TODAY)
    assert late.counts(BACK)
    assert not Reminder.objects.overdue(TODAY).filter(pk=late.pk).exists()
    assert Reminder.objects.overdue(BACK).filter(pk=late.pk).exists()


def test_who_may_put_off(late: Reminder, user_with: UserWith, other_centre: Centre) -> None:
    with pytest.raises(NotAllowed):
        put_off(late, user_with("pharmacist"))
    with pytest.raises(Reminder.DoesNotExist):
        put_off(late, user_with("haematologist", at=other_centre))
    put_off(late, user_with("ward_nurse"))


@pytest.mark.parametrize(
    "values", [{"reason": "x"}, {"snoozed_until": BACK}], ids=["without a day", "without a reason"]
)
def test_the_database_refuses_half_put_off_rows(late: Reminder, values: dict[str, object]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Reminder.objects.filter(pk=late.pk).update(status="snoozed", **values)


def test_what_is_due_is_found_by_its_index(late: Reminder) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        plans = [
            rows.explain()
            for rows in (
                Reminder.objects.due(TODAY).order_by("due_on"),
                Reminder.objects.overdue(TODAY).order_by("due_on"),
            )
        ]
    # Of so few rows the planner may take the other index of those that wait.
    assert all("reminder_waiting_by_" in plan for plan in plans), plans


# Several at once


def test_several_of_one_kind_are_done_together(
    late: Reminder, coordinator: User, refer_patient: Refer
) -> None:
    other = refer_patient(coordinator)
    infuse(other, coordinator)
    ids = [late.pk, *_firsts(other)[:2], late.pk]
    done = mark_all_done(reminder_ids=ids, done_on=TODAY, actor=coordinator, now=NOW)
    assert {row.pk for row in done} == set(ids)
    found = Reminder.objects.filter(status=Status.DONE, done_on=TODAY, closed_cause="hand")
    assert found.count() == 3
    assert AuditEvent.objects.filter(action="reminder.done").count() == 3


def _firsts(course: Course) -> list[int]:
    rows = Reminder.objects.filter(course=course).order_by("due_on")
    return list(rows.values_list("pk", flat=True))


def test_all_together_or_none_with_every_reason(
    late: Reminder, coordinator: User, refer_patient: Refer
) -> None:
    other, planned = refer_patient(coordinator), refer_patient(coordinator)
    infuse(other, coordinator)
    plan_date(
        course_id=planned.pk,
        kind="infusion",
        planned_on=LATE,
        reason="",
        actor=coordinator,
        now=NOW,
    )
    gone = _firsts(other)[0]
    closing.skip(reminder_id=gone, reason="abroad", actor=coordinator, now=NOW)
    with pytest.raises(Refused) as caught:
        mark_all_done(
            reminder_ids=[late.pk, gone, _firsts(planned)[0]],
            done_on=date(2020, 1, 1),
            actor=coordinator,
            now=NOW,
        )
    found = {(refusal.code, refusal.params.get("course")) for refusal in caught.value.refusals}
    early = {("before_referral", one.code) for one in (late.course, other, planned)}
    assert found == early | {("not_waiting", other.code), ("anchor_not_happened", planned.code)}
    with pytest.raises(Refused) as caught:
        mark_all_done(
            reminder_ids=[late.pk], done_on=TODAY + timedelta(days=1), actor=coordinator, now=NOW
        )
    assert codes(caught) == [("future_date", "done_on")]
    assert not Reminder.objects.filter(status=Status.DONE).exists()


def test_what_cannot_be_done_together_at_all(
    late: Reminder, coordinator: User, user_with: UserWith, other_centre: Centre
) -> None:
    ids = _firsts(late.course)
    Reminder.objects.filter(pk=ids[1]).update(item="PET30")

    def refused(chosen: list[int]) -> list[str]:
        with pytest.raises(Refused) as caught:
            mark_all_done(reminder_ids=chosen, done_on=TODAY, actor=coordinator, now=NOW)
        return [code for code, _field in codes(caught)]

    assert refused([]) == ["none_chosen"]
    assert refused(ids[:2]) == ["several_items"]
    row = Reminder.objects.get(pk=ids[0])
    for number in range(MOST_TOGETHER + 1):
        row.pk, row.ordinal = None, 1000 + number
        row.save(force_insert=True)
    many = list(Reminder.objects.filter(ordinal__gte=1000).values_list("pk", flat=True))
    assert refused(many) == ["too_many"]
    with pytest.raises(Reminder.DoesNotExist):
        mark_all_done(reminder_ids=[ids[0], 0], done_on=TODAY, actor=coordinator, now=NOW)
    with pytest.raises(NotAllowed):
        mark_all_done(reminder_ids=ids[:1], done_on=TODAY, actor=user_with("pharmacist"), now=NOW)
    stranger = user_with("haematologist", at=other_centre)
    with pytest.raises(Reminder.DoesNotExist):
        mark_all_done(reminder_ids=ids[:1], done_on=TODAY, actor=stranger, now=NOW)
