"""Asking for a correction: who hears of it, what is kept, and when it is settled."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from audit.models import AuditEvent
from patients.charting import add_entry
from patients.correcting import correct_entry
from patients.fact_values import typed_values
from patients.models import Correction, Course
from reminders.asking import ask_to_correct
from reminders.models import Notice
from terms.refusals import NotAllowed, Refused
from tests.conftest import UserWith
from tests.services.refused import codes

NOW = datetime(2026, 12, 1, 9, tzinfo=UTC)


def told(course: Course) -> list[Notice]:
    return list(Notice.objects.standing().filter(course=course, code="correction_asked"))


def test_a_nurse_asks_and_a_haematologist_puts_it_right(
    course: Course, haematologist: User, user_with: UserWith, client: Client
) -> None:
    nurse, manager = user_with("ward_nurse"), user_with("data_manager")
    line = add_entry(
        course_id=course.pk,
        kind="line",
        values={"on": "2024", "treatment": "dasatinib"},
        actor=haematologist,
        now=NOW,
    )
    asked: dict[str, Any] = {"course_id": course.pk, "kind": "line", "fact_id": line.pk}
    with pytest.raises(NotAllowed):
        ask_to_correct(**asked, reason="wrong", actor=manager, now=NOW)
    with pytest.raises(Refused) as caught:
        ask_to_correct(**asked, reason=" ", actor=nurse, now=NOW)
    assert codes(caught.value) == {"reason_needed"}
    client.force_login(nurse)
    page = reverse("course_records", args=[course.pk])
    ask = reverse("fact_ask", args=[course.pk, "line", line.pk])
    assert ask in client.get(page).content.decode()
    assert client.post(ask, {"reason": "It was 2023"}).status_code == 302
    (notice,) = told(course)
    assert (notice.roles, notice.params) == (
        ["haematologist", "quality"],
        {"what": "Line of treatment"},
    )
    assert AuditEvent.objects.get(action="line.asked_for").reason == "It was 2023"
    assert "It was 2023" in client.get(page).content.decode()
    client.force_login(manager)
    assert "It was 2023" not in client.get(page).content.decode()
    client.force_login(haematologist)
    shown = client.get(page).content.decode()
    assert "It was 2023" in shown
    assert ask not in shown  # who may correct it need not ask
    correct_entry(
        course_id=course.pk,
        kind="line",
        entry_id=line.pk,
        values=typed_values(line, "line") | {"on": "2023"},
        reason="as the nurse says",
        actor=haematologist,
        now=NOW + timedelta(hours=1),
    )
    assert told(course) == []
    assert "It was 2023" not in client.get(page).content.decode()
    assert Correction.objects.count() == 2
