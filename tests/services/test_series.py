"""Tasks by hand that repeat: laid out at once, each done for itself, the rest skipped together."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from audit.models import AuditEvent
from exports.timeline import course_timeline
from patients.models import Course
from reminders import closing
from reminders.explaining import explained
from reminders.hand_tasks import NewTask, add_task
from reminders.models import Reminder, Status
from reminders.series import skip_rest
from terms.refusals import NotAllowed, Refused
from tests.conftest import NOW, UserWith
from tests.web.test_given_pages import hidden

pytestmark = pytest.mark.django_db

FIRST = date(2027, 1, 31)
MONTHLY = NewTask(
    due_on=FIRST, label="Call the sister", role="coordinator", until=date(2027, 2, 3), every=1,
    unit="months", last=date(2027, 4, 30),
)  # fmt: skip
DAYS = [FIRST, date(2027, 2, 28), date(2027, 3, 31), date(2027, 4, 30)]


def asked(course: Course, actor: User, task: NewTask = MONTHLY) -> list[Reminder]:
    first = add_task(course_id=course.pk, task=task, actor=actor, now=NOW)
    return list(Reminder.objects.filter(course=course, series=first.series).order_by("due_on"))


def test_a_series_is_laid_out_at_once_and_its_rest_skipped_together(
    course: Course, coordinator: User, user_with: UserWith
) -> None:
    add_task(course_id=course.pk, task=NewTask(FIRST, "once", role="ward_nurse"), actor=coordinator,
             now=NOW)  # fmt: skip
    rows = asked(course, coordinator)
    assert [row.due_on for row in rows] == DAYS
    assert {(row.window_end - row.due_on).days for row in rows} == {3}
    assert [(row.ordinal, row.series) for row in rows] == [(2, 2), (3, 2), (4, 2), (5, 2)]
    event = AuditEvent.objects.filter(action="reminder.task").latest("pk")
    assert event.after["days"] == [day.isoformat() for day in DAYS]
    other = asked(course, coordinator)
    told = "\n".join(explained(course))
    assert told.count("one of a series that begins with TASK 0.2") == 4
    closing.skip(reminder_id=rows[2].pk, reason="a holiday", actor=coordinator, now=NOW)
    with pytest.raises(NotAllowed):
        skip_rest(reminder_id=rows[1].pk, reason="x", actor=user_with("pharmacist"), now=NOW)
    count = skip_rest(reminder_id=rows[1].pk, reason=" moved away ", actor=coordinator, now=NOW)
    assert count == 2
    for row in rows:
        row.refresh_from_db()
    assert [row.status for row in rows] == [Status.OPEN, *[Status.SKIPPED] * 3]
    assert [row.reason for row in rows] == ["", "moved away", "a holiday", "moved away"]
    assert {row.status for row in Reminder.objects.filter(series=other[0].series)} == {"open"}
    with pytest.raises(Refused) as caught:
        skip_rest(reminder_id=rows[1].pk, reason=" ", actor=coordinator, now=NOW)
    assert [one.code for one in caught.value.refusals] == ["nothing_waits", "reason_needed"]
    closing.reopen(reminder_id=rows[3].pk, reason="back", actor=coordinator, now=NOW)
    rows[3].refresh_from_db()
    assert rows[3].status == Status.OPEN
    said = [one for one in course_timeline(coordinator, course) if one.event_code == "TASK"]
    assert len(said) == 3, "each series was asked for once"


@pytest.mark.parametrize(
    ("task", "expected"),
    [
        (replace(MONTHLY, every=None), [("every", "every")]),
        (replace(MONTHLY, every=0), [("every", "every")]),
        (replace(MONTHLY, every=367, unit="years"), [("every", "every"), ("unit", "unit")]),
        (replace(MONTHLY, unit="", last=None), [("unit", "unit"), ("last", "last")]),
        (replace(MONTHLY, last=FIRST), [("last", "last")]),
        (replace(MONTHLY, last=date(2036, 1, 1)), [("too_far", "last")]),
        (replace(MONTHLY, unit="days", last=date(2027, 9, 1)), [("too_many", "last")]),
    ],
)
def test_everything_against_a_repeat_is_said_at_once(
    course: Course, coordinator: User, task: NewTask, expected: list[tuple[str, str]]
) -> None:
    with pytest.raises(Refused) as caught:
        asked(course, coordinator, task)
    assert [(one.code, one.field) for one in caught.value.refusals] == expected
    assert not Reminder.objects.filter(course=course).exists()


def test_pages_and_api_ask_for_a_series_and_skip_its_rest(
    course: Course, coordinator: User, client: Client
) -> None:
    client.force_login(coordinator)
    said = {
        "label": "Weigh", "role": "ward_nurse", "due_on": "2026-11-28", "every": "2",
        "unit": "weeks",
    }  # fmt: skip
    url = reverse("task_new", args=[course.pk])
    said["key"] = hidden(client.get(url).content.decode(), "key")
    half = client.post(url, said)
    assert half.status_code == 422
    assert "A repeat needs its last day, after the first." in half.content.decode()
    assert hidden(half.content.decode(), "key") == said["key"], "what failed is tried again"
    for _tap in range(2):
        done = client.post(url, said | {"last": "2026-12-26"}, follow=True).content.decode()
    other = client.post(url, said | {"last": "2027-12-26"})
    assert other.status_code == 422
    assert "used for another entry" in other.content.decode()
    rows = list(Reminder.objects.filter(course=course).order_by("due_on"))
    assert [row.due_on.isoformat() for row in rows] == ["2026-11-28", "2026-12-12", "2026-12-26"]
    skip = reverse("task_skip_rest", args=[rows[1].pk])
    assert skip in done
    assert "wait after it: from 12-Dec-2026 on" in client.get(skip).content.decode()
    assert client.post(skip, {"reason": "home"}).status_code == 302
    assert [row.status for row in Reminder.objects.order_by("due_on")] == [
        "open", "skipped", "skipped",
    ]  # fmt: skip
    json: dict[str, Any] = {"content_type": "application/json"}
    api = f"/api/v1/courses/{course.pk}/tasks/"
    body = {
        "label": "Call", "role": "coordinator", "due_on": "2026-12-01", "every": 1,
        "unit": "days", "last": "2026-12-03",
    }  # fmt: skip
    once: Any = {"HTTP_IDEMPOTENCY_KEY": str(uuid4())}
    answer = client.post(api, body, **json, **once)
    assert (answer.status_code, answer.json()["series"]) == (201, 4)
    again = client.post(api, body, **json, **once)
    assert (again.status_code, again.json()) == (201, answer.json())
    reused = client.post(api, body | {"every": 2}, **json, **once)
    assert reused.status_code == 422
    assert [one["code"] for one in reused.json()["reasons"]] == ["key_reused"]
    assert Reminder.objects.filter(label="Call").count() == 3
    assert client.post(api, body, **json, HTTP_IDEMPOTENCY_KEY="x").status_code == 400
    assert client.post(api, body | {"unit": "years"}, **json).status_code == 400
    pk = answer.json()["id"]
    skipped = client.post(f"/api/v1/tasks/{pk}/skip-rest/", {"reason": "x"}, **json)
    assert (skipped.status_code, skipped.json()) == (201, {"skipped": 3})
