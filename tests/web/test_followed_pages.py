"""Pages and addresses of what follows: a death described later, an attempt, shared care."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from patients.deaths import record_death
from patients.models import Course, Death
from tests.conftest import NOW, UserWith

pytestmark = pytest.mark.django_db


def test_death_is_described_on_its_page_and_in_the_api(
    client: Client, course: Course, coordinator: User
) -> None:
    client.force_login(coordinator)
    url = reverse("death_details", args=[course.patient_id])
    assert client.get(url).status_code == 404
    record_death(patient_id=course.patient_id, died_on=NOW.date(), actor=coordinator, now=NOW)
    assert 'value="unknown" selected' in client.get(url).text
    wrong = client.post(url, {"category": "luck", "setting": "home", "autopsy": "no"})
    assert wrong.status_code == 422
    sent = {"category": "infection", "setting": "home", "autopsy": "no", "cause": "sepsis"}
    assert client.post(url, sent).status_code == 302
    assert Death.objects.get().category == "infection"
    page = client.get(reverse("course", args=[course.pk])).text
    assert "Infection; At home; Autopsy: No" in page
    assert url in page
    api = f"/api/v1/patients/{course.patient_id}/death/details/"
    answer = client.post(api, {**sent, "category": "crs"}, "application/json")
    assert (answer.status_code, answer.json()["category"]) == (201, "crs")


def test_attempts_and_shared_care_are_recorded_and_coded_for_who_may_not_see_names(
    client: Client, course: Course, coordinator: User, user_with: UserWith
) -> None:
    client.force_login(coordinator)
    handover = reverse("chart_entry_new", args=[course.pk, "handover"])
    assert "keeps the duty of follow-up" in client.get(handover).text
    sent = {"on": "10-Nov-2026", "centre": "Pavia", "shared": "all"}
    assert client.post(handover, sent).status_code == 302
    attempt = {"on": "2026-11-10", "means": "letter", "made_by": "Neri", "reached": False}
    api = f"/api/v1/courses/{course.pk}/chart/"
    assert client.post(f"{api}attempt/", attempt, "application/json").status_code == 201
    page = client.get(reverse("course", args=[course.pk])).text
    assert "Letter; not reached" in page
    assert "Everything but the duty of follow-up" in page
    assert "Pavia" in page
    client.force_login(user_with("data_manager"))
    rows = client.get(api).json()["results"]
    hidden = {name: value for row in rows for name, value in row["values"].items()}
    assert (hidden["centre"], hidden["made_by"], hidden["shared"]) == (None, None, "all")
    assert "Pavia" not in client.get(reverse("course", args=[course.pk])).text
