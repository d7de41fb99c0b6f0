"""What is asked for life outlasts the completion of a course, and ends with the patient."""

import importlib
from collections import Counter
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.apps import apps
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from icalendar import Calendar

from desk.endings import ending_lines
from pathway.loading import load_state
from patients.consequences import Event, Happening
from patients.deaths import record_death, withdraw_death
from patients.models import Course
from reminders import closing
from reminders.appointing import Booking, book
from reminders.appointment_models import AppointmentStatus
from reminders.hand_tasks import NewTask, add_task
from reminders.laying import lay_out
from reminders.models import WAITING, Plan, PlanPause, Reminder, Status
from reminders.planning import reopen_answered
from reminders.subscribing import subscribe
from reminders.sweeping import SWEEP, sweep
from terms.refusals import Refused
from tests.walking import Walk

pytestmark = [pytest.mark.django_db, pytest.mark.walked("to_follow_up")]
LIFELONG = "SECCANCER"
_TECHNICAL = {"planned_at", "changed_at"}


@pytest.fixture
def late(walk: Walk) -> Walk:
    """A course fifteen years after its infusion, with everything of those years laid out."""
    walk.now = walk.now.replace(year=walk.now.year + 15, month=12)
    lay_out([walk.course], actor=SWEEP, now=walk.now)
    return walk


@pytest.fixture
def over(late: Walk) -> Walk:
    """The same, completed."""
    late.go("completed")
    return late


def waiting(course: Course) -> Counter[str]:
    rows = Reminder.objects.filter(course=course, status__in=WAITING)
    return Counter(rows.values_list("item", flat=True))


def picture(course: Course) -> list[dict[str, Any]]:
    names = [one.name for one in Reminder._meta.fields if one.name not in _TECHNICAL]
    return list(Reminder.objects.filter(course=course).order_by("pk").values(*names))


def next_screening(course: Course, today: date) -> Reminder:
    rows = Reminder.objects.filter(course=course, item=LIFELONG, status__in=WAITING)
    return rows.filter(due_on__gte=today).earliest("due_on")


def explained(course: Course, capsys: pytest.CaptureFixture[str]) -> str:
    call_command("reminders", "explain", course.code)
    return capsys.readouterr().out


def test_only_what_is_for_life_waits_after_the_completion(
    late: Walk, capsys: pytest.CaptureFixture[str]
) -> None:
    before = waiting(late.course)
    assert len(before) > 5
    late.go("completed")
    assert waiting(late.course) == {LIFELONG: before[LIFELONG]}
    told = explained(late.course, capsys)
    assert ": only what is for life is planned" in told
    assert "for life, after the follow-up is completed too: FDA boxed warning" in told


def test_the_page_of_the_move_says_what_it_cancels(late: Walk, client: Client) -> None:
    rows = Reminder.objects.filter(course=late.course, status__in=WAITING).exclude(item=LIFELONG)
    overdue = rows.filter(window_end__lt=late.now.date()).count()
    said = (
        f"What still waits is cancelled with it: {rows.count()} reminders, {overdue} of them"
        " overdue. Only what is for life goes on."
    )
    url = reverse("move", args=[late.course.pk, "completed"])
    with time_machine.travel(late.now, tick=False):
        client.force_login(late.by("haematologist"))
        assert said in client.get(url).content.decode()
        other = client.get(reverse("move", args=[late.course.pk, "lost"])).content.decode()
        assert "is cancelled with it" not in other
        rows.delete()
        assert "is cancelled with it" not in client.get(url).content.decode()


def test_its_undo_restores_exactly_what_it_cancelled(late: Walk) -> None:
    before = picture(late.course)
    late.go("completed")
    sweep(now=late.now + timedelta(days=2), host="x")
    late.go("follow_up", reason="Too early")
    assert picture(late.course) == before


def test_the_sweep_goes_on_for_life(over: Walk) -> None:
    later = over.now + timedelta(days=3000)
    sweep(now=later, host="x")
    found = Reminder.objects.filter(course=over.course, item=LIFELONG, status=Status.OPEN)
    assert found.filter(due_on__gt=later.date()).exists()
    assert set(waiting(over.course)) == {LIFELONG}


def test_lists_calendar_and_feed_tell_it(over: Walk, client: Client) -> None:
    due = next_screening(over.course, over.now.date())
    user = over.by("haematologist")
    with time_machine.travel(datetime.combine(due.due_on, over.now.timetz()), tick=False):
        client.force_login(user)
        assert "Second cancer" in client.get(reverse("today")).content.decode()
        page = client.get(reverse("course_due", args=[over.course.pk])).content.decode()
        assert "Second cancer" in page
        rows = client.get(f"/api/v1/reminders/?course={over.course.pk}&status=open")
        assert {row["item"] for row in rows.json()["results"]} == {LIFELONG}
        month = client.get(reverse("calendar"), {"on": due.due_on.isoformat()})
        assert "Second cancer" in month.content.decode()
        issued = subscribe(mine=False, language="en", actor=user, now=over.now)
        feed = Client().get(reverse("calendar_feed", args=[issued.secret]))
    events: Any = Calendar.from_ical(feed.content).walk("VEVENT")
    assert due.due_on in {one["DTSTART"].dt for one in events if one["STATUS"] != "CANCELLED"}


def test_the_course_page_says_what_goes_on(over: Walk) -> None:
    (line,) = ending_lines(load_state(over.course))
    assert line == (
        "The follow-up is completed: of the schedule only what is for life stays due: "
        "Second cancer: screening, skin, blood count."
    )


def test_it_is_done_and_opened_again_as_before(over: Walk) -> None:
    row, actor = next_screening(over.course, over.now.date()), over.by("haematologist")
    given: dict[str, Any] = {"reminder_id": row.pk, "actor": actor, "now": over.now}
    closing.mark_done(done_on=over.now.date(), **given)
    closing.reopen(reason="another patient", **given)
    row.refresh_from_db()
    assert row.status == Status.OPEN
    done = Reminder.objects.filter(course=over.course, status=Status.CANCELLED).first()
    assert done is not None
    Reminder.objects.filter(pk=done.pk).update(
        status=Status.DONE, done_on=over.now.date(), closed_cause="hand"
    )
    with pytest.raises(Refused) as refused:
        closing.reopen(reason="x", **{**given, "reminder_id": done.pk})
    assert [str(one.message) for one in refused.value.refusals] == [
        "The follow-up is completed: only what is for life is due on it."
    ]


def test_what_is_found_can_be_asked_about_by_hand(over: Walk) -> None:
    task = NewTask(due_on=over.now.date(), item="RCR", role="haematologist")
    asked = add_task(
        course_id=over.course.pk, task=task, actor=over.by("haematologist"), now=over.now
    )
    assert waiting(over.course)["RCR"] == 1
    lay_out([over.course], actor=SWEEP, now=over.now)
    asked.refresh_from_db()
    assert asked.status == Status.OPEN


def test_a_death_ends_it_and_its_withdrawal_restores_it(over: Walk) -> None:
    actor, patient = over.by("haematologist"), over.course.patient_id
    booking = Booking("visit", over.now.date() + timedelta(days=9))
    given: dict[str, Any] = {"course_id": over.course.pk, "actor": actor, "now": over.now}
    with pytest.raises(Refused):
        book(booking=replace(booking, kind="apheresis"), **given)
    visit = book(booking=booking, **given)
    before = picture(over.course)
    record_death(patient_id=patient, died_on=over.now.date(), actor=actor, now=over.now)
    assert set(waiting(over.course)) == {"REG_DEATH"}
    visit.refresh_from_db()
    assert visit.status == AppointmentStatus.CANCELLED
    sweep(now=over.now + timedelta(days=2), host="x")
    withdraw_death(patient_id=patient, reason="another patient", actor=actor, now=over.now)
    assert [one for one in picture(over.course) if one["item"] != "REG_DEATH"] == before
    visit.refresh_from_db()
    assert visit.status == AppointmentStatus.BOOKED


def test_a_corrected_fact_asks_again_only_for_what_is_for_life(over: Walk) -> None:
    actor = over.by("haematologist")
    answered = {"done_on": over.now.date(), "closed_at": over.now, "closed_by": "x"}
    rows = Reminder.objects.filter(course=over.course)
    lasting = next_screening(over.course, over.now.date())
    other = rows.exclude(item=LIFELONG).filter(status=Status.CANCELLED)[0]
    for pk in (lasting.pk, other.pk):
        rows.filter(pk=pk).update(status=Status.DONE, closed_cause="lab:7", **answered)
    happening = Happening(Event.FACT_CORRECTED, over.course, actor, over.now, "lab:7")
    reopen_answered(happening)
    assert rows.get(pk=lasting.pk).status == Status.OPEN
    again = rows.get(pk=other.pk)
    pause = PlanPause.objects.get(course=over.course)
    assert (again.status, again.closed_cause) == (Status.CANCELLED, pause.cause)
    rows.filter(pk=other.pk).update(status=Status.DONE, closed_cause="lab:8", **answered)
    reopen_answered(Happening(Event.FACT_CORRECTED, over.course, actor, over.now, "lab:8"))
    assert rows.get(pk=other.pk).status == Status.CANCELLED


def test_what_was_completed_before_asks_again(over: Walk) -> None:
    before = waiting(over.course)
    pause = PlanPause.objects.get(course=over.course)
    PlanPause.objects.update(lasting=False)
    Plan.objects.filter(course=over.course).delete()
    Reminder.objects.filter(course=over.course, status__in=WAITING).update(
        status=Status.CANCELLED, closed_at=over.now, closed_by="x", closed_cause=pause.cause
    )
    migration = importlib.import_module("pathway.migrations.0022_completed_asks_for_life")
    migration.go_on_for_life(apps, None)
    sweep(now=over.now, host="x")
    assert waiting(over.course) == before
