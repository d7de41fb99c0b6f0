"""What a change of dates would move: tried, told, taken back; then saved as it was told."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.models import User
from audit.models import AuditEvent
from pathway.loading import load_state
from patients.anchors import plan_date, set_actual
from patients.courses import lock_course
from patients.foresight import Foreseen, foresee
from patients.models import Course
from reminders.appointing import Booking, book
from reminders.appointment_models import Appointment
from reminders.models import Reminder, Status
from terms.refusals import Refused
from tests.conftest import NOW
from tests.walking import Walk

pytestmark = pytest.mark.django_db
ZERO = date(2026, 12, 1)
LATER = ZERO + timedelta(days=3)
_WHY = "the bed is free later"


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def planned(course: Course, coordinator: User) -> Course:
    """A course with its infusion planned, and everything that follows it laid out."""
    plan(course, coordinator, ZERO)
    course.refresh_from_db()
    return course


def plan(course: Course, actor: User, on: date, reason: str = "") -> None:
    plan_date(
        course_id=course.pk, kind="infusion", planned_on=on, reason=reason, actor=actor, now=NOW
    )


def dates(course: Course) -> dict[tuple[str, int], date]:
    return {(row.item, row.ordinal): row.due_on for row in Reminder.objects.filter(course=course)}


def foreseen_plan(course: Course, actor: User, on: date) -> Foreseen:
    return foresee(course.pk, lambda: plan(course, actor, on, _WHY), actor=actor)


def test_what_is_foreseen_is_what_then_happens_and_nothing_is_written(
    planned: Course, coordinator: User
) -> None:
    before, events = dates(planned), AuditEvent.objects.count()
    found = foreseen_plan(planned, coordinator, LATER)
    assert dates(planned) == before
    assert AuditEvent.objects.count() == events
    assert Course.objects.get(pk=planned.pk).version == planned.version
    assert planned.anchors.get(kind="infusion").planned_on == ZERO
    plan(planned, coordinator, LATER, _WHY)
    told = {(one.before, one.after) for one in found.shifts}
    now = dates(planned)
    assert told == {(before.get(key), now[key]) for key in now if before.get(key) != now[key]}
    assert found.touches
    assert found.moved > 10


def test_days_are_numbered_from_each_day_zero_and_say_what_they_follow(
    planned: Course, coordinator: User
) -> None:
    found = foreseen_plan(planned, coordinator, LATER)
    marrow = next(one for one in found.shifts if one.before == ZERO + timedelta(days=28))
    assert (marrow.after, marrow.day_before, marrow.day_after) == (
        LATER + timedelta(days=28),
        28,
        28,
    )
    assert marrow.counted_from == "Infusion (day 0)"


def test_what_falls_away_and_what_is_new_are_counted_apart(
    planned: Course, coordinator: User
) -> None:
    assert foreseen_plan(planned, coordinator, LATER).gone == 0

    def take_away() -> None:
        planned.anchors.all().delete()
        set_actual(lock_course(planned.pk, actor=coordinator), "relapse", ZERO - timedelta(days=30),
                   actor=coordinator, now=NOW)  # fmt: skip

    found = foresee(planned.pk, take_away, actor=coordinator)
    assert found.gone >= 10
    assert found.new >= 1
    assert [one.after is None for one in found.shifts] == sorted(
        one.after is None for one in found.shifts
    )
    assert all(one.day_after is None for one in found.shifts)


def test_first_plan_touches_nothing_and_is_saved_at_once(
    course: Course, coordinator: User, client: Client
) -> None:
    found = foresee(course.pk, lambda: plan(course, coordinator, ZERO), actor=coordinator)
    assert (found.moved, found.gone, found.touches) == (0, 0, False)
    assert found.new > 10
    client.force_login(coordinator)
    values = {
        "kind": "infusion",
        "planned_on": ZERO.isoformat(),
        "expected_version": course.version,
    }
    assert client.post(reverse("anchor_plan", args=[course.pk]), values).status_code == 302


def test_done_and_appointments_stay_as_they_are(planned: Course, coordinator: User) -> None:
    first = Reminder.objects.filter(course=planned, item="MARROW").earliest("due_on")
    Reminder.objects.filter(pk=first.pk).update(
        status=Status.DONE, done_on=NOW.date(), closed_at=NOW, closed_by="x", closed_cause="hand"
    )
    booking = Booking(kind="infusion", on=ZERO)
    book(course_id=planned.pk, booking=booking, actor=coordinator, now=NOW)
    found = foreseen_plan(planned, coordinator, LATER)
    assert first.due_on not in {one.before for one in found.shifts if "arrow" in one.label}
    assert Appointment.objects.get().on == ZERO
    assert (
        foresee(planned.pk, lambda: Appointment.objects.update(on=LATER), actor=coordinator)
        .shifts[0]
        .counted_from
        == ""
    )


def test_page_shows_what_moves_saves_nothing_and_saves_what_was_seen(
    planned: Course, coordinator: User, client: Client
) -> None:
    client.force_login(coordinator)
    page = reverse("anchor_plan", args=[planned.pk])
    values = {
        "kind": "infusion", "planned_on": LATER.isoformat(), "reason": _WHY,
        "expected_version": planned.version,
    }  # fmt: skip
    shown = client.post(page, values)
    body = shown.content.decode()
    assert shown.status_code == 200
    assert "Nothing is saved yet." in body
    assert "29-Dec-2026" in body
    assert "01-Jan-2027" in body
    assert planned.anchors.get().planned_on == ZERO
    seal = shown.context["foreseen"].seal
    assert f'name="seen" value="{seal}"' in body
    # Another date than the one that was looked at is looked at again.
    other = {**values, "planned_on": (LATER + timedelta(days=1)).isoformat(), "seen": seal}
    assert "Nothing is saved yet." in client.post(page, other).content.decode()
    assert client.post(page, {**values, "seen": seal}).status_code == 302
    assert planned.anchors.get().planned_on == LATER


def test_page_refuses_before_it_foresees(
    planned: Course, coordinator: User, client: Client
) -> None:
    client.force_login(coordinator)
    page = reverse("anchor_plan", args=[planned.pk])
    values = {"kind": "infusion", "planned_on": LATER.isoformat()}
    stale = client.post(page, {**values, "reason": _WHY, "expected_version": planned.version - 1})
    assert stale.status_code == 409
    unreasoned = client.post(page, {**values, "expected_version": planned.version})
    assert unreasoned.status_code == 422
    assert "Nothing is saved yet." not in unreasoned.content.decode()
    assert client.post(page, {"kind": "infusion"}).status_code == 422


def test_api_foresees_and_refuses_as_the_plan_itself(
    planned: Course, coordinator: User, client: Client
) -> None:
    client.force_login(coordinator)
    url = reverse("api_anchor_foresee", args=[planned.pk])
    body = {"kind": "infusion", "planned_on": LATER.isoformat(), "reason": _WHY}
    answer = client.post(url, body, content_type="application/json")
    assert answer.status_code == 200
    found = answer.json()
    assert found["moved"] == sum(1 for one in found["shifts"] if one["before"] and one["after"])
    assert {
        "before": "2026-12-29",
        "after": "2027-01-01",
        "day_before": 28,
        "day_after": 28,
    }.items() <= next(one for one in found["shifts"] if one["before"] == "2026-12-29").items()
    assert planned.anchors.get().planned_on == ZERO
    refused = client.post(url, {**body, "reason": ""}, content_type="application/json")
    assert refused.status_code == 422
    assert [one["code"] for one in refused.json()["reasons"]] == ["reason_needed"]


def test_an_error_of_the_write_is_passed_on(planned: Course, coordinator: User) -> None:
    with pytest.raises(Refused):
        foresee(planned.pk, lambda: plan(planned, coordinator, LATER), actor=coordinator)
    assert planned.anchors.get().planned_on == ZERO


@pytest.mark.walked("to_infusion")
def test_corrected_day_of_the_infusion_shows_what_moves_on_page_and_in_api(walk: Walk) -> None:
    changes = load_state(walk.course).standing_changes
    begun = next(one for one in changes if (one.machine, one.target) == ("journey", "infusion"))
    course, browser = walk.course.pk, Client()
    browser.force_login(walk.by("haematologist"))
    page = reverse("change_correct", args=[course, begun.place])
    api = reverse("api_change_foresee", args=[course, begun.place])
    early = begun.happened_at.astimezone(walk.course.centre.zone) - timedelta(days=1)
    told = {
        "happened_at": f"{early:%Y-%m-%d %H:%M}", "reason": "the day before",
        "expected_version": Course.objects.get(pk=course).version,
    }  # fmt: skip
    with time_machine.travel(walk.now, tick=False):
        before = dates(walk.course)
        refused = browser.post(page, told)
        assert refused.status_code == 422
        # The gate is asked too: its checks are said to be of the day after.
        asks = [one for one in refused.context["form"].fields if one.startswith("override_")]
        assert {"override_begun_outside_check", "override_gate_infection"} < set(asks)
        told |= dict.fromkeys(asks, "read on the pump")
        answer = browser.post(page, told)
        assert answer.status_code == 200, answer.context["form"].errors
        assert "What moves, and why" in answer.content.decode()
        asked = {
            "happened_at": early.isoformat(), "reason": "the day before",
            "expected_version": told["expected_version"],
            "overrides": [
                {"code": one.removeprefix("override_"), "reason": "read on the pump"}
                for one in asks
            ],
        }  # fmt: skip
        found = browser.post(api, asked, "application/json")
        assert found.json()["moved"] == answer.context["foreseen"].moved > 10
        assert dates(walk.course) == before
        seen = {"seen": answer.context["foreseen"].seal}
        assert browser.post(page, told | seen).status_code == 302
    assert dates(walk.course) != before
