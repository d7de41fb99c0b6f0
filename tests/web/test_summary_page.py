"""The summary of a course: everything on one page, what is not known said as such."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from patients.charting import add_entry
from patients.models import Course
from tests.conftest import NOW, UserWith
from tests.walking import Walk

pytestmark = pytest.mark.django_db


def test_the_summary_tells_what_is_known_within_its_budget(
    course: Course, user_with: UserWith
) -> None:
    client, actor = Client(), user_with("coordinator")
    client.force_login(actor)
    url = reverse("summary", args=[course.pk])
    empty = client.get(url).content.decode()
    assert "Not counted." in empty
    assert "Not recorded" in empty
    Walk(course, user_with).to_follow_up()
    for kind, values in (
        ("lab", {"on": "2026-11-10", "analyte": "ANC", "value": "0.4", "unit": "10*9/L"}),
        ("line", {"treatment": "dasatinib", "response": "her sister says CR"}),
        ("diagnosis", {"on": "2021", "disease": "B-ALL"}),
        *(("line", {"on": "2022", "treatment": f"drug {number}"}) for number in range(14)),
        ("relapse", {"on": "2024", "kind": "molecular"}),
    ):
        add_entry(course_id=course.pk, kind=kind, values=values, actor=actor, now=NOW)
    with CaptureQueriesContext(connection) as captured:
        said = client.get(url).content.decode()
    assert len(captured) <= 25
    for words in ("0.4 ×10⁹/L", "Low", "dasatinib", "her sister", "not known", "Printed on"):
        assert words in said, words
    client.force_login(user_with("data_manager"))
    coded = client.get(url).content.decode()
    assert "her sister" not in coded
    assert course.patient.family_name not in coded
