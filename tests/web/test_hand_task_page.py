"""The page on which a task is asked for beside the schedule."""

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from patients.models import Course
from tests.conftest import NOW, UserWith
from tests.web.test_given_pages import hidden

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
        assert form.count("(one of these two)") == 2
        key = hidden(form, "key")
        refused = client.post(address, {"due_on": "12-Nov-2026", "key": key})
        assert refused.status_code == 422
        assert "Say what there is to do." in refused.content.decode()
        assert "Say who does it." in refused.content.decode()
        said = {"label": WORDS, "due_on": "12-Nov-2026", "role": "coordinator", "key": key}
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
