"""The page and the address on which a task is asked for beside the schedule."""

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from patients.models import Course
from reminders.models import Reminder
from tests.conftest import NOW, UserWith

pytestmark = pytest.mark.django_db
WORDS = "Call Dr Rossi about the sister"


def test_a_nurse_asks_for_a_task_and_lists_show_it(
    client: Client, course: Course, user_with: UserWith
) -> None:
    nurse, manager = user_with("ward_nurse"), user_with("data_manager")
    address = reverse("task_new", args=[course.pk])
    with time_machine.travel(NOW, tick=False):
        client.force_login(nurse)
        assert address in client.get(reverse("course_due", args=[course.pk])).content.decode()
        form = client.get(address).content.decode()
        assert "Suspected adverse reaction: report to the national authority" in form
        assert 'value="12-Nov-2026"' in form
        refused = client.post(address, {"due_on": "12-Nov-2026"})
        assert refused.status_code == 422
        assert "Say what there is to do." in refused.content.decode()
        assert "Say who does it." in refused.content.decode()
        said = {"label": WORDS, "due_on": "12-Nov-2026", "role": "coordinator"}
        page = client.post(address, said, follow=True).content.decode()
        assert WORDS in page
        assert WORDS in client.get(reverse("today") + "?role=all").content.decode()
        client.force_login(manager)
        for page in ("today", "course_due"):
            where = reverse(page, args=[course.pk] if page == "course_due" else None)
            told = client.get(where + "?role=all").content.decode()
            assert "Task" in told
            assert "Rossi about" not in told
            assert address not in told


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
