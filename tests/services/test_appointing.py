"""Appointments: booked, changed, cancelled, back again; refused at once; ended with the course."""

from collections import Counter
from datetime import date, time, timedelta
from typing import Any

import pytest
from django.db import ProgrammingError, transaction

from accounts.models import User
from audit.models import AuditEvent
from patients.anchors import plan_date, set_actual
from patients.consequences import Event, Happening
from patients.deaths import record_death, withdraw_death
from patients.mistaken import mark_course, undo_mark
from patients.models import Course
from reminders import closing, planning
from reminders.agenda import Scope, agenda, next_entry
from reminders.appointing import Booking, book, cancel, change, reinstate
from reminders.appointment_models import Appointment, AppointmentChange
from reminders.appointments_followed import restore
from reminders.awaiting import await_result
from reminders.domain.calendar import Against, Contradiction, Kind, State
from reminders.models import Reminder
from terms.refusals import NotAllowed, Refused, StaleVersion
from tests.conftest import NOW, Refer, UserWith
from tests.walking import Walk

pytestmark = pytest.mark.django_db
TODAY = NOW.date()
SOON = TODAY + timedelta(days=8)


@pytest.fixture
def at(course: Course, coordinator: User) -> dict[str, Any]:
    """What every service is told."""
    return {"course_id": course.pk, "actor": coordinator, "now": NOW}


def codes(act: Any, **given: Any) -> set[str]:
    with pytest.raises(Refused) as refused:
        act(**given)
    return {refusal.code for refusal in refused.value.refusals}


def entries(user: User, **scope: Any) -> list[tuple[str, str, date]]:
    found = agenda(Scope(user, TODAY, **scope), date(2026, 1, 1), date(2027, 12, 31))
    return [(one.kind.value, one.state.value, one.on) for one in found.entries]


def test_an_appointment_is_booked_changed_cancelled_and_stands_again(
    at: dict[str, Any], coordinator: User
) -> None:
    row = book(**at, booking=Booking("visit", SOON, time(9), " Room 3 ", "bring the list"))
    assert (row.place, row.revision, row.status) == ("Room 3", 1, "booked")
    moved = Booking("visit", SOON, time(11), "Room 3", "bring the list")
    change(**at, appointment_id=row.pk, booking=moved, reason="the room is taken")
    cancel(**at, appointment_id=row.pk, reason="wrong patient", expected_revision=2)
    row.refresh_from_db()
    assert (row.status, row.reason, row.cancelled_cause) == ("cancelled", "wrong patient", "hand")
    assert entries(coordinator) == [("visit", "cancelled", SOON)]
    reinstate(**at, appointment_id=row.pk, reason="right patient after all")
    row.refresh_from_db()
    assert (row.status, row.reason, row.cancelled_cause, row.at) == ("booked", "", "", time(11))
    said = AppointmentChange.objects.order_by("revision").values_list("what", "at", "reason")
    assert list(said) == [
        ("booked", time(9), ""),
        ("changed", time(11), "the room is taken"),
        ("cancelled", time(11), "wrong patient"),
        ("reinstated", time(11), "right patient after all"),
    ]
    audited = AuditEvent.objects.filter(action__startswith="appointment.").order_by("pk")
    assert [one.action for one in audited] == [
        "appointment.booked", "appointment.changed", "appointment.cancelled",
        "appointment.reinstated",
    ]  # fmt: skip
    assert audited[1].before["at"] == "09:00:00"
    assert audited[1].after["at"] == "11:00:00"
    with pytest.raises(ProgrammingError), transaction.atomic():
        AppointmentChange.objects.update(reason="another")


def test_everything_against_an_appointment_is_named_at_once(
    at: dict[str, Any], course: Course, user_with: UserWith, refer_patient: Refer
) -> None:
    early = Booking("nothing", course.referred_on - timedelta(days=1))
    assert codes(book, **at, booking=early) == {"before_referral", "unknown_kind", "reason_needed"}
    far = Booking("visit", TODAY + timedelta(days=1200))
    assert codes(book, **at, booking=far) == {"too_far_ahead"}
    row = book(**at, booking=Booking("visit", TODAY - timedelta(days=2)), reason="noted late")
    book(**at, booking=Booking("visit", SOON))
    assert codes(book, **at, booking=Booking("visit", SOON)) == {"already_booked"}
    same = Booking("visit", TODAY - timedelta(days=2))
    of = {**at, "appointment_id": row.pk}
    assert codes(change, **of, booking=same, reason=" ") == {"reason_needed", "nothing_changed"}
    other = Booking("other", SOON)
    assert codes(change, **of, booking=other, reason="why") == {"kind_fixed"}
    assert codes(cancel, **of, reason="") == {"reason_needed"}
    assert codes(reinstate, **of, reason="why") == {"not_as_seen"}
    cancel(**of, reason="never needed")
    assert codes(cancel, **of, reason="again") == {"not_as_seen"}
    assert codes(change, **of, booking=Booking("visit", SOON), reason="x") == {
        "not_as_seen", "already_booked",
    }  # fmt: skip
    with pytest.raises(StaleVersion):
        reinstate(**of, reason="why", expected_revision=1)
    with pytest.raises(NotAllowed):
        book(**{**at, "actor": user_with("ward_nurse")}, booking=Booking("visit", SOON))
    elsewhere = refer_patient(at["actor"])
    with pytest.raises(Appointment.DoesNotExist):
        cancel(**{**of, "course_id": elsewhere.pk}, reason="of another course")
    assert Appointment.objects.count() == 2


def test_no_other_infusion_is_booked_after_the_one_that_happened(
    at: dict[str, Any], course: Course, coordinator: User
) -> None:
    book(**at, booking=Booking("infusion", TODAY))
    assert entries(coordinator) == [("infusion", "booked", TODAY)]
    set_actual(course, "infusion", TODAY, actor=coordinator, now=NOW)
    assert codes(book, **at, booking=Booking("infusion", SOON)) == {"already_happened"}
    book(**at, booking=Booking("infusion", TODAY, time(10)))
    assert entries(coordinator)[:2] == [("infusion", "happened", TODAY)] * 2


def test_plan_and_appointment_that_differ_say_so_on_both_sides(
    at: dict[str, Any], coordinator: User
) -> None:
    scope = Scope(coordinator, TODAY)
    span = (date(2026, 11, 1), date(2026, 12, 31))
    row = book(**at, booking=Booking("apheresis", SOON))
    [alone] = agenda(scope, *span).entries
    assert alone.contradiction == Contradiction(Against.NOT_PLANNED)
    later = SOON + timedelta(days=3)
    plan_date(**at, kind="apheresis", planned_on=later, reason="")
    first, second = agenda(scope, *span).entries
    assert first.contradiction == Contradiction(Against.OTHER_DAY, later)
    assert second.contradiction == Contradiction(Against.OTHER_DAY, SOON)
    assert (second.state, second.appointment_id) == (State.PLANNED, None)
    change(
        **at,
        appointment_id=row.pk,
        booking=Booking("apheresis", later, time(8)),
        reason="as planned",
    )
    [together] = agenda(scope, *span).entries
    assert (together.on, together.at, together.contradiction) == (later, time(8), None)
    assert (together.sequence, together.state) == (1, State.BOOKED)


def test_the_calendar_is_narrowed_by_kind_and_to_ones_own(
    at: dict[str, Any], coordinator: User, refer_patient: Refer, user_with: UserWith
) -> None:
    mine = refer_patient(coordinator, coordinator_id=coordinator.pk)
    plan_date(**at, kind="apheresis", planned_on=SOON, reason="")
    book(**{**at, "course_id": mine.pk}, booking=Booking("visit", SOON, place="A", remark="B"))
    assert [one[0] for one in entries(coordinator)] == ["apheresis", "visit"]
    assert [one[0] for one in entries(coordinator, mine=True)] == ["visit"]
    assert [one[0] for one in entries(coordinator, kind=Kind.APHERESIS)] == ["apheresis"]
    assert [one[0] for one in entries(coordinator, kind=Kind.VISIT)] == ["visit"]
    assert next_entry(Scope(coordinator, TODAY), TODAY).kind is Kind.APHERESIS  # type: ignore[union-attr]
    assert next_entry(Scope(coordinator, TODAY), SOON) is None
    coded = user_with("data_manager")
    found = agenda(Scope(coded, TODAY), SOON, SOON).entries[1]
    assert (found.name, found.initials, found.place, found.remark) == (mine.code, "", "", "")
    assert entries(user_with()) == []


def test_what_the_protocol_asks_for_stands_until_an_appointment_is_made_for_it(
    at: dict[str, Any], course: Course, coordinator: User
) -> None:
    set_actual(course, "infusion", TODAY - timedelta(days=10), actor=coordinator, now=NOW)
    laid = Counter(kind for kind, *_rest in entries(coordinator))
    rows = Reminder.objects.filter(course=course)
    visits = rows.filter(item__in=("VISIT_M1_3", "VISIT_M3_12", "VISIT_LT", "SECCANCER")).count()
    punctures = rows.filter(item="CNS_IT").count()
    assert laid == {"infusion": 1, "visit": visits, "lumbar_puncture": punctures}
    assert punctures == 6
    rows.delete()
    waiting: dict[str, Any] = {
        "course": course, "anchor_kind": "infusion", "anchor_occurrence": 1, "ordinal": 1,
        "due_on": SOON, "window_start": SOON - timedelta(days=10),
        "window_end": SOON + timedelta(days=10), "role": "haematologist", "planned_at": NOW,
    }  # fmt: skip
    lp = Reminder.objects.create(item="CNS_IT", shown_as="lumbar_puncture", **waiting)
    Reminder.objects.create(item="MARROW", **waiting)  # not of the calendar's kinds
    assert entries(coordinator)[1:] == [("lumbar_puncture", "due", SOON)]
    Reminder.objects.filter(pk=lp.pk).update(provisional=True)
    assert entries(coordinator)[1:] == [("lumbar_puncture", "planned", SOON)]
    past = TODAY - timedelta(days=5)
    Reminder.objects.filter(pk=lp.pk).update(
        provisional=False, window_start=past, due_on=past, window_end=past
    )
    assert entries(coordinator)[1:] == [("lumbar_puncture", "overdue", past)]
    Reminder.objects.filter(pk=lp.pk).update(window_end=SOON + timedelta(days=10))
    back = SOON + timedelta(days=15)
    by: Any = {"reminder_id": lp.pk, "actor": coordinator, "now": NOW}
    closing.snooze(until=back, reason="platelets", **by)
    assert entries(coordinator)[1:] == [("lumbar_puncture", "due", back)], "not overdue meanwhile"
    assert entries(coordinator, kind=Kind.LUMBAR_PUNCTURE) == entries(coordinator)[1:]
    assert next_entry(Scope(coordinator, TODAY), SOON).on == back  # type: ignore[union-attr]
    beyond = book(**at, booking=Booking("lumbar_puncture", back))
    assert entries(coordinator)[1:] == [("lumbar_puncture", "booked", back)]
    cancel(**at, appointment_id=beyond.pk, reason="x")
    await_result(performed_on=TODAY, **by)
    Reminder.objects.exclude(pk=lp.pk).delete()  # laid out anew by it
    assert [one[1] for one in entries(coordinator)[1:]] == ["cancelled"], "it was done"
    asked = {"status": "open", "snoozed_until": None, "performed_on": None, "performed_by": ""}
    Reminder.objects.filter(pk=lp.pk).update(**asked)
    book(**at, booking=Booking("lumbar_puncture", SOON + timedelta(days=2)))
    booked = ("lumbar_puncture", "booked", SOON + timedelta(days=2))
    assert entries(coordinator)[1:] == [booked, ("lumbar_puncture", "cancelled", back)]


def test_a_death_cancels_what_lies_ahead_and_its_undo_restores_exactly_that(
    at: dict[str, Any], course: Course, haematologist: User, coordinator: User
) -> None:
    died = TODAY - timedelta(days=2)
    plan_date(**at, kind="infusion", planned_on=SOON, reason="")
    past = book(**at, booking=Booking("visit", died), reason="late")
    by_hand = book(**at, booking=Booking("visit", SOON))
    cancel(**at, appointment_id=by_hand.pk, reason="not needed")
    gone = [
        book(**at, booking=Booking("visit", on), reason="late")
        for on in (TODAY - timedelta(days=1), TODAY)
    ]
    done = book(**at, booking=Booking("other", TODAY, time(9)))  # it is 10:30 at the centre
    death: dict[str, Any] = {"patient_id": course.patient_id, "actor": haematologist, "now": NOW}
    record_death(**death, died_on=died)
    states = dict(Appointment.objects.values_list("pk", "cancelled_cause"))
    assert states[past.pk] == ""
    assert states[by_hand.pk] == "hand"
    assert {states[row.pk].split(":")[0] for row in gone} == {"death"}
    assert states[done.pk].startswith("death:")  # its day is after the death
    assert ("infusion", "cancelled", SOON) in entries(coordinator)
    assert codes(book, **at, booking=Booking("visit", SOON)) == {"patient_died"}
    of = {**at, "appointment_id": gone[0].pk, "reason": "why"}
    assert {"patient_died", "cancelled_with_course"} == codes(reinstate, **of)
    withdraw_death(**death, reason="another patient's")
    states = dict(Appointment.objects.values_list("pk", "cancelled_cause"))
    assert states == {
        past.pk: "",
        by_hand.pk: "hand",
        done.pk: "",
        **dict.fromkeys((r.pk for r in gone), ""),
    }
    assert ("infusion", "planned", SOON) in entries(coordinator)


def test_an_exit_cancels_and_what_still_stands_after_its_undo_keeps_them(
    course: Course, user_with: UserWith, at: dict[str, Any], haematologist: User
) -> None:
    walk = Walk(course, user_with).to_eligibility()
    now = walk.now
    at = {**at, "now": now, "actor": walk.by("coordinator")}
    today = now.date()
    early, late, whole, ahead = (
        book(**at, booking=Booking("visit", on, when))
        for on, when in (
            (today, time(0, 1)), (today, time(23, 59)), (today, None),
            (today + timedelta(days=4), None),
        )
    )  # fmt: skip
    walk.go("withdrawn", "coordinator", reason="prefers not to")
    states = dict(Appointment.objects.values_list("pk", "cancelled_cause"))
    assert states[early.pk] == ""  # was earlier that day
    assert {states[row.pk].split(":")[0] for row in (late, whole, ahead)} == {"change"}
    death: dict[str, Any] = {"patient_id": course.patient_id, "actor": haematologist, "now": now}
    record_death(**death, died_on=today)
    course.refresh_from_db()
    undone = Happening(Event.COURSE_REOPENED, course, haematologist, now, states[ahead.pk])
    planning.restore_all(undone)
    restore(undone)
    ahead.refresh_from_db()
    assert ahead.cancelled_cause.startswith("death:")
    withdraw_death(**death, reason="another patient's")
    assert set(Appointment.objects.values_list("status", flat=True)) == {"booked"}


def test_a_course_in_error_takes_its_appointments_with_it_and_brings_them_back(
    at: dict[str, Any], course: Course, coordinator: User, user_with: UserWith
) -> None:
    row = book(**at, booking=Booking("visit", SOON))
    mark = mark_course(
        course_id=course.pk, confirmation=course.patient.family_name, reason="twice",
        actor=coordinator, now=NOW,
    )  # fmt: skip
    assert entries(coordinator) == []
    row.refresh_from_db()
    assert row.cancelled_cause == f"error:{mark.pk}"
    undo_mark(mark_id=mark.pk, reason="not twice", actor=user_with("quality"), now=NOW)
    assert entries(coordinator) == [("visit", "booked", SOON)]
