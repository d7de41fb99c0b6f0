"""The calendar and the pages of appointments: what is shown, how it differs, who sees a name."""

import re
from datetime import date, time, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.models import User
from patients.anchors import plan_date, set_actual
from patients.models import Course
from reminders.appointing import Booking, book, cancel
from reminders.appointment_models import Appointment
from tests.conftest import NOW, UserWith

pytestmark = pytest.mark.django_db
TODAY = NOW.date()
SOON = TODAY + timedelta(days=8)


@pytest.fixture(autouse=True)
def clock() -> Any:
    """Everybody looks at the moment that tests call now."""
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def at(course: Course, coordinator: User) -> dict[str, Any]:
    """What every service is told."""
    return {"course_id": course.pk, "actor": coordinator, "now": NOW}


def page(client: Client, user: User, path: str, *, markup: bool = False) -> str:
    client.force_login(user)
    response = client.get(path)
    assert response.status_code == 200
    main = response.content.decode().split("<main")[1].split("</main>")[0]
    return main if markup else re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main))


def test_planned_booked_happened_and_cancelled_differ_by_word_and_class(
    client: Client, coordinator: User, at: dict[str, Any], course: Course
) -> None:
    set_actual(course, "apheresis", TODAY - timedelta(days=1), actor=coordinator, now=NOW)
    plan_date(**at, kind="infusion", planned_on=SOON, reason="")
    row = book(**at, booking=Booking("visit", SOON, time(9, 5), "Room 3", "bring the list"))
    cancel(**at, appointment_id=row.pk, reason="the room is taken")
    book(**at, booking=Booking("lumbar_puncture", TODAY, time(14)))
    book(**at, booking=Booking("other", TODAY - timedelta(days=3)), reason="noted late")
    shown = page(client, coordinator, "/calendar/", markup=True)
    for state in ("planned", "booked", "happened", "passed", "cancelled"):
        assert f"entry--{state}" in shown, state
    said = page(client, coordinator, "/calendar/")
    assert re.search(r"Friday 20-Nov-2026 .*Infusion · Day 0 of the planned day 0 · planned", said)
    assert re.search(r"09:05 .*Visit · Day 0 of the planned day 0 · cancelled Room 3 bring", said)
    assert re.search(r"Thursday 12-Nov-2026 Today .*14:00 .*Lumbar puncture · Day −8", said)
    assert "Leukapheresis · Day −9 of the planned day 0 · happened" in said
    assert "day passed, not recorded" in said
    assert course.patient.family_name.upper() in said


def test_a_plan_and_an_appointment_that_differ_say_so_in_every_form_and_on_the_course(
    client: Client, coordinator: User, at: dict[str, Any], course: Course
) -> None:
    plan_date(**at, kind="apheresis", planned_on=SOON, reason="")
    book(**at, booking=Booking("apheresis", SOON + timedelta(days=2)))
    for view in ("list", "month"):
        said = page(client, coordinator, f"/calendar/?view={view}")
        assert "An appointment is booked for another day: 22-Nov-2026." in said
        assert "The pathway has another day planned: 20-Nov-2026." in said
    said = page(client, coordinator, reverse("appointment_list", args=[course.pk]))
    assert "The pathway has another day planned: 20-Nov-2026." in said
    assert "Leukapheresis planned 20-Nov-2026" in said
    said = page(client, coordinator, reverse("course", args=[course.pk]))
    assert "booked for 22-Nov-2026" in said


def test_forms_filters_and_the_way_on_keep_what_was_asked(
    client: Client, coordinator: User, at: dict[str, Any]
) -> None:
    book(**at, booking=Booking("visit", SOON))
    week = page(client, coordinator, "/calendar/?view=week&on=2026-11-20&kind=visit", markup=True)
    assert week.count('class="calendar__day"') == 7
    assert "?view=week&amp;on=2026-11-09&amp;kind=visit" in week
    assert "?view=week&amp;on=2026-11-12&amp;kind=visit" in week
    assert '<option value="visit" selected>' in week
    month = page(client, coordinator, "/calendar/?view=month&on=2026-11-20&mine=1", markup=True)
    assert len(re.findall(r'<th scope="col">', month)) == 7
    assert month.count("<tr>") == 7
    assert "?view=month&amp;on=2026-12-01&amp;mine=1" in month
    assert "entry--booked" not in month  # not one of theirs
    for odd in (
        "view=x&on=never&kind=x",
        "on=0001-01-01",
        "on=9999-12-31",
        "view=month&on=2026-02-30",
    ):
        assert "12-Nov-2026" in page(client, coordinator, f"/calendar/?{odd}&view=week") or odd


def test_an_empty_stretch_names_what_comes_next(
    client: Client, coordinator: User, at: dict[str, Any], course: Course
) -> None:
    said = page(client, coordinator, "/calendar/")
    assert "Nothing is planned, booked or due here." in said
    assert "Nothing lies ahead of that either." in said
    book(**at, booking=Booking("visit", date(2027, 1, 4), time(8)))
    said = page(client, coordinator, "/calendar/")
    assert f"Next: {course.patient.family_name.upper()}, Maria, Visit, 04-Jan-2027 08:00" in said


def test_a_cell_of_the_month_leads_to_its_week_for_what_it_has_no_room_for(
    client: Client, coordinator: User, at: dict[str, Any]
) -> None:
    for hour in range(8, 14):
        book(**at, booking=Booking("visit", SOON, time(hour)))
    assert "and 2 more" in page(client, coordinator, "/calendar/?view=month")


def test_who_reads_codes_gets_no_name_place_or_remark(
    client: Client, coordinator: User, at: dict[str, Any], course: Course, user_with: UserWith
) -> None:
    row = book(**at, booking=Booking("visit", SOON, place="Signora Rossi's", remark="told Maria"))
    cancel(**at, appointment_id=row.pk, reason="told Maria twice")
    manager = user_with("data_manager")
    for path in (
        "/calendar/",
        "/calendar/?view=month",
        reverse("appointment_list", args=[course.pk]),
    ):
        said = page(client, manager, path, markup=True)
        assert course.code in said
        for secret in ("Rossi", "ROSSI", "Maria", coordinator.username):
            assert secret not in said, path
    api = client.get("/api/v1/calendar/?first=2026-11-01&last=2026-11-30").json()
    assert api["results"][0] | {"key": ""} == {
        "key": "", "course": course.pk, "code": course.code, "name": None, "kind": "visit",
        "state": "cancelled", "on": "2026-11-20", "at": None, "label": "", "place": "",
        "remark": "", "day": None, "day_zero_planned": False, "until": None,
        "contradiction": None, "appointment": row.pk,
    }  # fmt: skip


def test_an_appointment_is_made_changed_and_cancelled_on_pages(
    client: Client, coordinator: User, course: Course
) -> None:
    client.force_login(coordinator)
    new = reverse("appointment_new", args=[course.pk])
    typed = {"kind": "visit", "on": "20/11/2026", "at": "25:00"}
    answer = client.post(new, typed)
    assert answer.status_code == 422
    assert "Write the time as 09:30." in answer.content.decode()
    answer = client.post(new, {"kind": "visit", "on": "10-Nov-2026", "at": "9.30"})
    assert answer.status_code == 422
    assert "Say why an appointment is booked for a day that has passed." in answer.content.decode()
    listed = reverse("appointment_list", args=[course.pk])
    assert client.post(new, {**typed, "at": "9:30"})["Location"] == listed
    row = Appointment.objects.get()
    change = reverse("appointment_change", args=[course.pk, row.pk])
    form = client.get(change).content.decode()
    assert 'value="20-Nov-2026"' in form
    assert 'value="09:30"' in form
    said = {"on": "21-Nov-2026", "at": "", "reason": "no room", "expected_revision": "1"}
    assert client.post(change, said).status_code == 302
    assert client.post(change, said).status_code == 409
    why = {"reason": "recovered", "expected_revision": "2"}
    assert (
        client.post(reverse("appointment_cancel", args=[course.pk, row.pk]), why).status_code == 302
    )
    text = page(client, coordinator, listed)
    assert "Changed : 21-Nov-2026" in text
    assert "no room" in text
    assert "Let it stand again" in text
    why["expected_revision"] = "3"
    back = reverse("appointment_reinstate", args=[course.pk, row.pk])
    assert client.post(back, why).status_code == 302
    assert "Cancel it" in page(client, coordinator, listed)


def test_too_many_entries_are_cut_and_said(
    client: Client, coordinator: User, at: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    for hour in (8, 9):
        book(**at, booking=Booking("visit", SOON, time(hour)))
    monkeypatch.setattr("reminders.agenda.MOST", 1)
    assert "More than can be shown" in page(client, coordinator, "/calendar/")
