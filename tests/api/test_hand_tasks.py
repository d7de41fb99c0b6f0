"""Tasks by hand, in the API."""

import pytest
from rest_framework.test import APIClient

from patients.models import Course
from reminders.models import Reminder

pytestmark = pytest.mark.django_db
WORDS = "Call Dr Rossi about the sister"


def test_the_api_asks_for_one_and_refuses_with_every_reason(api: APIClient, course: Course) -> None:
    address = f"/api/v1/courses/{course.pk}/tasks/"
    body = {"label": WORDS, "due_on": "2026-12-01", "role": "haematologist"}
    made = api.post(address, body, format="json")
    assert (made.status_code, made.json()["label"], made.json()["by_hand"]) == (201, WORDS, True)
    assert Reminder.objects.get(pk=made.json()["id"]).made_by
    event = {"item": "PV", "due_on": "2026-11-10"}
    assert api.post(address, event, format="json").json()["window_end"] == "2026-11-12"
    wrong = api.post(address, {"due_on": "2036-12-01"}, format="json")
    assert wrong.status_code == 422
    codes = {one["code"] for one in wrong.json()["reasons"]}
    assert codes == {"label_needed", "role_needed", "too_far"}
    assert api.post(address, {}, format="json").status_code == 400
