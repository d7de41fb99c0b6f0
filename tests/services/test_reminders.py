"""Reminders: laid out with their anchors, closed by facts and people, cancelled and restored."""

from collections import Counter
from datetime import date, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import Centre, User
from audit.models import AuditEvent
from pathway.models import Journey
from pathway.transitions import MoveOrder, advance
from patients import anchors
from patients.charting import add_entry
from patients.consequences import Event, Happening
from patients.courses import lock_course
from patients.deaths import record_death, withdraw_death
from patients.models import Course, Death
from protocol.models import Protocol
from reminders import closing, planning, selectors
from reminders.closing_together import mark_all_done
from reminders.models import Plan, PlanPause, Reminder, Status
from terms.refusals import NotAllowed, Refused
from tests.conftest import NOW, Refer, UserWith, make_protocol
from tests.marrow_only import marrow_only
from tests.walking import ENDINGS

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 12)
DAY_ZERO = date(2026, 10, 20)
FIRST = date(2026, 11, 17)  # day +28
LATER = NOW + timedelta(days=1)


def plan(course: Course, actor: User, on: date, now: datetime = NOW) -> None:
    """Plan the infusion."""
    anchors.plan_date(
        course_id=course.pk, kind="infusion", planned_on=on, reason="a test", actor=actor, now=now
    )


@transaction.atomic
def infuse(course: Course, actor: User, on: date = DAY_ZERO, now: datetime = NOW) -> None:
    """Set the day of infusion, as the move to the stage does."""
    anchors.set_actual(lock_course(course.pk, actor=actor), "infusion", on, actor=actor, now=now)


@transaction.atomic
def never_infused(course: Course, actor: User, now: datetime = NOW) -> None:
    """Take the day of infusion back, as the move back does."""
    anchors.clear_actual(lock_course(course.pk, actor=actor), "infusion", actor=actor, now=now)


def marrow(course: Course, actor: User, on: str, now: datetime = NOW) -> None:
    values = {"on": on, "mrd": "negative", "remission": "cr", "blasts_percent": ""}
    add_entry(course_id=course.pk, kind="marrow", values=values, actor=actor, now=now)


def leave(course: Course, actor: User, now: datetime = NOW) -> None:
    move(course, actor, "withdrawn", now)


def come_back(course: Course, actor: User, now: datetime = NOW) -> None:
    move(course, actor, "referral", now)


def move(course: Course, actor: User, target: str, now: datetime) -> None:
    order = MoveOrder(
        target=target, happened_at=now, reason="a test", details=ENDINGS.get(target, {})
    )
    advance(course_id=course.pk, order=order, actor=actor, now=now)


def die(course: Course, actor: User, now: datetime = NOW) -> Death:
    return record_death(patient_id=course.patient_id, died_on=TODAY, actor=actor, now=now)


def rows(course: Course) -> list[Reminder]:
    return list(Reminder.objects.filter(course=course).order_by("item", "ordinal"))


def due_dates(course: Course) -> list[date]:
    return [row.due_on for row in rows(course) if row.status == Status.OPEN]


def statuses(course: Course) -> Counter[str]:
    return Counter(row.status for row in rows(course))


def codes(caught: pytest.ExceptionInfo[Refused]) -> list[tuple[str, str]]:
    return [(refusal.code, refusal.field) for refusal in caught.value.refusals]


@pytest.fixture
def protocol(db: None) -> Protocol:
    """A schedule of one item."""
    return make_protocol(marrow_only())


@pytest.fixture
def infused(course: Course, coordinator: User) -> Course:
    """A course whose day 0 was 20-Oct-2026: the first marrow check is due on 17-Nov."""
    infuse(course, coordinator)
    return course


def first_of(course: Course) -> Reminder:
    return rows(course)[0]


# Laying out


def test_a_planned_infusion_lays_out_400_days(course: Course, coordinator: User) -> None:
    plan(course, coordinator, date(2026, 12, 1))
    found = rows(course)
    assert [row.ordinal for row in found] == list(range(1, 13))
    assert (found[0].due_on, found[-1].due_on) == (date(2026, 12, 29), date(2027, 11, 29))
    first = found[0]
    assert (first.item, first.anchor_kind, first.anchor_occurrence) == ("MARROW", "infusion", 1)
    assert (first.window_start, first.window_end) == (date(2026, 12, 26), date(2027, 1, 5))
    assert (first.role, first.status, first.planned_at) == ("haematologist", "open", NOW)
    assert Plan.objects.get(course=course).planned_at == NOW
    event = AuditEvent.objects.get(action="reminders.plan")
    assert (event.course_id, event.actor_name) == (course.pk, coordinator.username)
    assert event.before["MARROW 1.1"] is None
    assert event.after["MARROW 1.1"] == "2026-12-29"


def test_a_course_without_anchors_of_the_schedule_gets_no_rows(
    course: Course, coordinator: User
) -> None:
    anchors.plan_date(
        course_id=course.pk,
        kind="apheresis",
        planned_on=date(2026, 12, 1),
        reason="",
        actor=coordinator,
        now=NOW,
    )
    assert rows(course) == []
    assert not AuditEvent.objects.filter(action="reminders.plan").exists()


def test_the_actual_date_moves_what_was_planned(course: Course, coordinator: User) -> None:
    plan(course, coordinator, date(2026, 11, 1))
    before = {row.pk for row in rows(course)}
    infuse(course, coordinator, DAY_ZERO, LATER)
    assert due_dates(course)[0] == FIRST
    assert {row.pk for row in rows(course)} == before
    assert {row.planned_at for row in rows(course)} == {LATER}
    event = AuditEvent.objects.filter(action="reminders.plan").latest("pk")
    assert (event.before["MARROW 1.1"], event.after["MARROW 1.1"]) == ("2026-11-29", "2026-11-17")


def test_an_anchor_that_did_not_move_changes_no_row(infused: Course, coordinator: User) -> None:
    infuse(infused, coordinator, DAY_ZERO, LATER)
    assert {row.planned_at for row in rows(infused)} == {NOW}
    assert AuditEvent.objects.filter(action="reminders.plan").count() == 1
    assert Plan.objects.get(course=infused).planned_at == LATER


def test_an_anchor_that_goes_cancels_and_one_that_returns_brings_back(
    infused: Course, coordinator: User
) -> None:
    never_infused(infused, coordinator)
    assert statuses(infused) == {Status.CANCELLED: 12}
    cancelled = first_of(infused)
    assert (cancelled.closed_cause, cancelled.closed_by) == ("planning", coordinator.username)
    planning.replan(Happening(Event.ANCHOR_CHANGED, infused, coordinator, LATER))
    assert first_of(infused).closed_at == NOW
    infuse(infused, coordinator, date(2026, 10, 22))
    assert statuses(infused) == {Status.OPEN: 12}
    assert due_dates(infused)[0] == date(2026, 11, 19)


def test_an_anchor_back_where_it_was_brings_back_unmoved_rows(
    infused: Course, coordinator: User
) -> None:
    never_infused(infused, coordinator)
    infuse(infused, coordinator)
    assert statuses(infused) == {Status.OPEN: 12}
    assert due_dates(infused)[0] == FIRST


def test_done_and_skipped_rows_stay_when_the_anchor_moves(
    infused: Course, coordinator: User
) -> None:
    done, skipped = rows(infused)[:2]
    closing.mark_done(reminder_id=done.pk, done_on=TODAY, actor=coordinator, now=NOW)
    closing.skip(reminder_id=skipped.pk, reason="abroad", actor=coordinator, now=NOW)
    infuse(infused, coordinator, DAY_ZERO - timedelta(days=3))
    found = rows(infused)
    assert [row.due_on for row in found[:2]] == [done.due_on, skipped.due_on]
    assert found[2].due_on == date(2027, 1, 14)
    never_infused(infused, coordinator)
    assert statuses(infused) == {Status.DONE: 1, Status.SKIPPED: 1, Status.CANCELLED: 10}


def test_no_row_survives_an_anchor_that_is_refused(course: Course, coordinator: User) -> None:
    with pytest.raises(Refused):
        infuse(course, coordinator, TODAY + timedelta(days=1))
    assert rows(course) == []


# Closed by a fact


def test_a_marrow_result_in_one_open_window_does_that_reminder(
    infused: Course, coordinator: User
) -> None:
    marrow(infused, coordinator, "2026-11-11", NOW)  # three days before the window
    assert statuses(infused) == {Status.OPEN: 12}
    infuse(infused, coordinator, DAY_ZERO - timedelta(days=5))
    marrow(infused, coordinator, "2026-11-12", LATER)
    first = first_of(infused)
    assert (first.status, first.done_on, first.closed_at) == ("done", TODAY, LATER)
    assert first.closed_cause.startswith("marrow:")
    assert AuditEvent.objects.filter(action="reminder.done", object_id=str(first.pk)).exists()
    assert statuses(infused) == {Status.OPEN: 11, Status.DONE: 1}


@pytest.mark.parametrize("on", ["2026-11", "2026"])
def test_a_result_known_to_the_month_closes_nothing(
    infused: Course, coordinator: User, on: str
) -> None:
    marrow(infused, coordinator, on)
    assert statuses(infused) == {Status.OPEN: 12}


def test_a_result_in_two_open_windows_closes_neither(infused: Course, coordinator: User) -> None:
    Reminder.objects.filter(course=infused, ordinal__lte=2).update(
        window_start=TODAY - timedelta(days=30), window_end=TODAY + timedelta(days=90)
    )
    marrow(infused, coordinator, TODAY.isoformat())
    assert statuses(infused) == {Status.OPEN: 12}


def test_another_result_at_the_same_moment_counts_for_itself(
    infused: Course, coordinator: User
) -> None:
    infuse(infused, coordinator, date(2026, 9, 15))  # due 13-Oct and 13-Nov
    marrow(infused, coordinator, "2026-10-14")
    marrow(infused, coordinator, "2026-11-11")
    assert [row.done_on for row in rows(infused)[:2]] == [date(2026, 10, 14), date(2026, 11, 11)]
    assert statuses(infused) == {Status.OPEN: 11, Status.DONE: 2}


def test_a_reminder_reopened_by_hand_is_not_closed_by_an_older_result(
    infused: Course, coordinator: User
) -> None:
    infuse(infused, coordinator, DAY_ZERO - timedelta(days=5))
    marrow(infused, coordinator, "2026-11-11")
    closing.reopen(reminder_id=first_of(infused).pk, reason="dry tap", actor=coordinator, now=LATER)
    add_entry(
        course_id=infused.pk,
        kind="marrow",
        values={"on": "2026-01-03", "mrd": "not_assessed"},
        actor=coordinator,
        now=LATER,
    )
    assert first_of(infused).status == Status.OPEN


def test_an_undated_result_closes_nothing(infused: Course, coordinator: User) -> None:
    infused.marrowresults.create(on="", mrd="negative", recorded_at=NOW, recorded_by="import")
    planning.on_result(Happening(Event.RESULT_RECORDED, infused, coordinator, NOW))
    assert statuses(infused) == {Status.OPEN: 12}


# Exits and deaths


def test_an_exit_cancels_what_waits_and_the_way_back_restores_exactly_that(
    infused: Course, coordinator: User
) -> None:
    done, skipped, later = rows(infused)[:3]
    closing.mark_done(reminder_id=done.pk, done_on=TODAY, actor=coordinator, now=NOW)
    closing.skip(reminder_id=skipped.pk, reason="abroad", actor=coordinator, now=NOW)
    until = TODAY + timedelta(days=90)
    closing.snooze(reminder_id=later.pk, until=until, reason="abroad", actor=coordinator, now=NOW)
    # All but the moment at which it came back, for other calendars.
    names = [one.name for one in Reminder._meta.fields if one.name != "changed_at"]
    before = list(Reminder.objects.order_by("pk").values(*names))
    leave(infused, coordinator)
    assert statuses(infused) == {Status.DONE: 1, Status.SKIPPED: 1, Status.CANCELLED: 10}
    assert PlanPause.objects.filter(course=infused).count() == 1
    assert not Plan.objects.filter(course=infused).exists()
    come_back(infused, coordinator)
    assert list(Reminder.objects.order_by("pk").values(*names)) == before
    assert not PlanPause.objects.filter(course=infused).exists()
    assert Plan.objects.filter(course=infused).exists()


def test_what_was_put_off_comes_back_put_off_when_its_day_of_infusion_does(
    infused: Course, coordinator: User
) -> None:
    first, until = first_of(infused), TODAY + timedelta(days=9)
    closing.snooze(reminder_id=first.pk, until=until, reason="x", actor=coordinator, now=NOW)
    never_infused(infused, coordinator)
    assert statuses(infused) == {Status.CANCELLED: 12}
    infuse(infused, coordinator)
    assert statuses(infused) == {Status.OPEN: 11, Status.SNOOZED: 1}
    assert first_of(infused).snoozed_until == until


def test_nothing_is_planned_for_a_course_that_has_ended_until_it_is_back(
    infused: Course, coordinator: User
) -> None:
    leave(infused, coordinator)
    infuse(infused, coordinator, DAY_ZERO - timedelta(days=1))
    assert statuses(infused) == {Status.CANCELLED: 12}
    assert not Plan.objects.filter(course=infused).exists()
    come_back(infused, coordinator)
    assert due_dates(infused)[0] == FIRST - timedelta(days=1)


def test_a_death_cancels_and_its_withdrawal_restores(infused: Course, coordinator: User) -> None:
    death = die(infused, coordinator)
    assert statuses(infused) == {Status.CANCELLED: 12}
    assert {row.closed_cause for row in rows(infused)} == {f"death:{death.pk}"}
    withdraw_death(patient_id=infused.patient_id, reason="wrong", actor=coordinator, now=LATER)
    assert statuses(infused) == {Status.OPEN: 12}


def test_a_withdrawn_death_leaves_an_earlier_exit_as_it_was(
    infused: Course, coordinator: User
) -> None:
    leave(infused, coordinator)
    cause = first_of(infused).closed_cause
    die(infused, coordinator, LATER)
    withdraw_death(patient_id=infused.patient_id, reason="wrong", actor=coordinator, now=LATER)
    assert statuses(infused) == {Status.CANCELLED: 12}
    assert {row.closed_cause for row in rows(infused)} == {cause}


def test_an_undone_exit_leaves_a_later_death_in_force(infused: Course, coordinator: User) -> None:
    leave(infused, coordinator)
    cause = first_of(infused).closed_cause
    death = die(infused, coordinator, LATER)
    planning.restore_all(Happening(Event.COURSE_REOPENED, infused, coordinator, LATER, cause))
    assert {row.closed_cause for row in rows(infused)} == {f"death:{death.pk}"}
    withdraw_death(patient_id=infused.patient_id, reason="wrong", actor=coordinator, now=LATER)
    assert statuses(infused) == {Status.OPEN: 12}


# By hand


def test_done_keeps_the_day_who_and_when(infused: Course, haematologist: User) -> None:
    reminder = closing.mark_done(
        reminder_id=first_of(infused).pk, done_on=TODAY, actor=haematologist, now=LATER
    )
    reminder.refresh_from_db()
    assert (reminder.status, reminder.done_on, reminder.closed_at) == ("done", TODAY, LATER)
    assert (reminder.closed_by, reminder.closed_cause) == (haematologist.username, "hand")
    event = AuditEvent.objects.get(action="reminder.done")
    assert (event.before, event.after["done_on"]) == ({"status": "open"}, "2026-11-12")


def test_done_is_refused_for_a_day_ahead_or_before_the_referral(
    infused: Course, coordinator: User
) -> None:
    pk = first_of(infused).pk
    for on, code in (
        (TODAY + timedelta(days=1), "future_date"),
        (infused.referred_on - timedelta(days=1), "before_referral"),
    ):
        with pytest.raises(Refused) as caught:
            closing.mark_done(reminder_id=pk, done_on=on, actor=coordinator, now=NOW)
        assert codes(caught) == [(code, "done_on")]


def test_what_is_closed_cannot_be_closed_again(infused: Course, coordinator: User) -> None:
    pk = first_of(infused).pk
    closing.mark_done(reminder_id=pk, done_on=TODAY, actor=coordinator, now=NOW)
    with pytest.raises(Refused) as caught:
        closing.mark_done(
            reminder_id=pk, done_on=TODAY + timedelta(days=2), actor=coordinator, now=NOW
        )
    assert codes(caught) == [("not_waiting", ""), ("future_date", "done_on")]
    with pytest.raises(Refused) as caught:
        closing.skip(reminder_id=pk, reason=" ", actor=coordinator, now=NOW)
    assert codes(caught) == [("not_waiting", ""), ("reason_needed", "reason")]


def test_a_skip_keeps_its_reason(infused: Course, coordinator: User) -> None:
    pk = first_of(infused).pk
    closing.skip(reminder_id=pk, reason=" patient abroad ", actor=coordinator, now=NOW)
    assert (first_of(infused).status, first_of(infused).reason) == ("skipped", "patient abroad")
    assert AuditEvent.objects.get(action="reminder.skipped").reason == "patient abroad"


def test_a_reopened_reminder_follows_its_anchor_again(infused: Course, coordinator: User) -> None:
    pk = first_of(infused).pk
    closing.mark_done(reminder_id=pk, done_on=TODAY, actor=coordinator, now=NOW)
    infuse(infused, coordinator, DAY_ZERO - timedelta(days=2))
    reminder = closing.reopen(reminder_id=pk, reason="wrong patient", actor=coordinator, now=LATER)
    assert (reminder.status, reminder.done_on) == ("open", None)
    assert reminder.due_on == FIRST - timedelta(days=2)
    event = AuditEvent.objects.get(action="reminder.reopen")
    assert (event.reason, event.before["done_on"]) == ("wrong patient", "2026-11-12")


def test_reopening_is_refused_with_every_reason(infused: Course, coordinator: User) -> None:
    leave(infused, coordinator)
    with pytest.raises(Refused) as caught:
        closing.reopen(reminder_id=first_of(infused).pk, reason="", actor=coordinator, now=NOW)
    assert codes(caught) == [("not_closed", ""), ("course_ended", ""), ("reason_needed", "reason")]


@pytest.mark.parametrize(
    ("role", "may"),
    [
        ("coordinator", True),
        ("haematologist", True),
        ("ward_nurse", True),
        ("pharmacist", False),
        ("data_manager", False),
        ("quality", False),
    ],
)
def test_who_may_do_reminders(infused: Course, user_with: UserWith, role: str, may: bool) -> None:
    actor, pk = user_with(role), first_of(infused).pk
    if may:
        closing.skip(reminder_id=pk, reason="abroad", actor=actor, now=NOW)
        closing.reopen(reminder_id=pk, reason="back", actor=actor, now=NOW)
        closing.mark_done(reminder_id=pk, done_on=TODAY, actor=actor, now=NOW)
        return
    with pytest.raises(NotAllowed) as caught:
        closing.skip(reminder_id=pk, reason="abroad", actor=actor, now=NOW)
    assert caught.value.refusals[0].who_may == ("coordinator", "ward_nurse", "haematologist")
    assert first_of(infused).status == Status.OPEN


@pytest.mark.parametrize("role", ["pharmacist", "data_manager", "quality"])
def test_everybody_does_what_is_for_their_own_role(
    infused: Course, user_with: UserWith, role: str
) -> None:
    actor, mine = user_with(role), first_of(infused)
    Reminder.objects.filter(pk=mine.pk).update(role=role)
    until = TODAY + timedelta(days=3)
    closing.snooze(reminder_id=mine.pk, until=until, reason="abroad", actor=actor, now=NOW)
    closing.reopen(reminder_id=mine.pk, reason="back", actor=actor, now=NOW)
    with pytest.raises(NotAllowed):
        closing.skip(reminder_id=mine.pk, reason="abroad", actor=actor, now=NOW)
    Reminder.objects.filter(pk=mine.pk).update(role=role)
    mark_all_done(reminder_ids=[mine.pk], done_on=TODAY, actor=actor, now=NOW)
    assert first_of(infused).closed_by == actor.username
    others = Reminder.objects.filter(course=infused, status=Status.OPEN).exclude(role=role)[0]
    with pytest.raises(NotAllowed):
        mark_all_done(reminder_ids=[others.pk], done_on=TODAY, actor=actor, now=NOW)


def test_another_centres_reminder_is_not_found(
    infused: Course, user_with: UserWith, other_centre: Centre
) -> None:
    stranger, pk = user_with("haematologist", at=other_centre), first_of(infused).pk
    with pytest.raises(Reminder.DoesNotExist):
        closing.mark_done(reminder_id=pk, done_on=TODAY, actor=stranger, now=NOW)
    assert not selectors.reminders_of(stranger, infused.pk).exists()
    assert not selectors.due_within(stranger, 400, TODAY).exists()
    assert selectors.next_for_courses(stranger, [infused.pk], today=TODAY) == {}


def test_somebody_without_a_role_sees_none(infused: Course, user_with: UserWith) -> None:
    assert not Reminder.objects.visible_to(user_with()).exists()


# Reading


def test_due_within_holds_the_overdue_and_ends_with_the_last_day(
    infused: Course, coordinator: User
) -> None:
    due = selectors.due_within(coordinator, 30, FIRST + timedelta(days=1))
    assert [row.due_on for row in due] == [FIRST, FIRST + timedelta(days=30)]
    assert not selectors.due_within(coordinator, 4, TODAY).exists()
    assert selectors.due_within(coordinator, 5, TODAY).count() == 1


def test_overdue_means_the_same_in_python_and_in_sql(infused: Course) -> None:
    first = first_of(infused)
    for on, expected in ((first.window_end, False), (first.window_end + timedelta(days=1), True)):
        assert first.is_overdue(on) is expected
        assert Reminder.objects.overdue(on).filter(pk=first.pk).exists() is expected
    first.status = Status.DONE
    assert not first.is_overdue(FIRST + timedelta(days=99))


def test_the_next_of_many_courses_in_one_query(
    infused: Course, coordinator: User, refer_patient: Refer
) -> None:
    late, none = refer_patient(coordinator), refer_patient(coordinator)
    infuse(late, coordinator, date(2026, 10, 2))
    selectors.next_for_courses(coordinator, [infused.pk], today=TODAY)  # keeps the protocol
    with CaptureQueriesContext(connection) as queries:
        found = selectors.next_for_courses(coordinator, [infused.pk, late.pk, none.pk], today=TODAY)
    assert len(queries) == 1
    assert set(found) == {infused.pk, late.pk}
    assert (found[infused.pk].due_on, found[infused.pk].overdue) == (FIRST, False)
    assert (found[late.pk].due_on, found[late.pk].overdue) == (date(2026, 10, 30), True)
    assert found[late.pk].label.in_language("it") == "Midollo: morfologia e MRD"
    assert found[late.pk].label.in_language("en") == "Bone marrow: morphology and MRD"


def test_who_needs_something_as_a_condition_on_courses_and_on_journeys(
    infused: Course, coordinator: User, refer_patient: Refer
) -> None:
    quiet = refer_patient(coordinator)
    plan(quiet, coordinator, date(2027, 3, 1))
    needy = selectors.courses_needing_something(TODAY, 30)
    assert list(Course.objects.visible_to(coordinator).filter(needy)) == [infused]
    needy = selectors.courses_needing_something(TODAY, 30, course="course_id")
    assert [journey.course_id for journey in Journey.objects.filter(needy)] == [infused.pk]
    for reminder in selectors.due_within(coordinator, 30, TODAY):
        closing.skip(reminder_id=reminder.pk, reason="abroad", actor=coordinator, now=NOW)
    assert not Course.objects.filter(selectors.courses_needing_something(TODAY, 30)).exists()


def test_labels_come_from_the_courses_protocol_or_are_the_code(infused: Course) -> None:
    label_of = selectors.label_of
    assert label_of(infused.protocol, "MARROW", 1, doubtful=False).en.startswith("Bone marrow")
    assert label_of(infused.protocol, "NO_SUCH", 1, doubtful=False).it == "NO_SUCH"


# The table itself


@pytest.mark.parametrize(
    "values",
    [
        {"status": "done"},
        {"done_on": TODAY},
        {"status": "cancelled"},
        {"closed_cause": "hand"},
        {"status": "skipped", "closed_at": NOW, "closed_by": "x", "closed_cause": "hand"},
        {"status": "unheard"},
        {"window_end": date(2026, 1, 1)},
        {"anchor_kind": "birthday"},
    ],
    ids=lambda values: ",".join(values),
)
def test_the_database_refuses_half_closed_rows(infused: Course, values: dict[str, object]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Reminder.objects.filter(pk=first_of(infused).pk).update(**values)


def test_the_database_refuses_a_second_row_of_one_ordinal(infused: Course) -> None:
    twin = first_of(infused)
    twin.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        twin.save(force_insert=True)


# What follows something that has not happened


def test_follow_up_of_a_planned_infusion_is_neither_due_nor_done(
    course: Course, coordinator: User
) -> None:
    plan(course, coordinator, DAY_ZERO)
    first = first_of(course)
    assert first.provisional
    assert not first.is_overdue(date(2027, 6, 1))
    assert not Reminder.objects.overdue(date(2027, 6, 1)).exists()
    assert not selectors.due_within(coordinator, 400, TODAY).exists()
    assert selectors.next_for_courses(coordinator, [course.pk], today=TODAY) == {}
    needing = selectors.courses_needing_something(TODAY, 400)
    assert not Course.objects.visible_to(coordinator).filter(needing).exists()
    with pytest.raises(Refused) as caught:
        closing.mark_done(reminder_id=first.pk, done_on=TODAY, actor=coordinator, now=NOW)
    assert codes(caught) == [("anchor_not_happened", "")]


def test_marrow_does_not_close_the_follow_up_of_a_planned_infusion(
    course: Course, coordinator: User
) -> None:
    plan(course, coordinator, DAY_ZERO - timedelta(days=10))
    marrow(course, coordinator, "2026-11-07")
    assert statuses(course) == {"open": 12}


def test_follow_up_counts_from_the_infusion_on_and_no_more_when_that_never_was(
    course: Course, coordinator: User
) -> None:
    plan(course, coordinator, DAY_ZERO)
    infuse(course, coordinator)
    assert not first_of(course).provisional
    assert list(selectors.due_within(coordinator, 30, TODAY)) == [first_of(course)]
    never_infused(course, coordinator)
    assert first_of(course).provisional


def test_follow_up_of_a_planned_infusion_can_be_skipped(course: Course, coordinator: User) -> None:
    plan(course, coordinator, DAY_ZERO)
    row = first_of(course)
    closing.skip(reminder_id=row.pk, reason="a test", actor=coordinator, now=NOW)
    assert first_of(course).status == Status.SKIPPED
