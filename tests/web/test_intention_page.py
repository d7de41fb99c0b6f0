"""The list by intention to treat, its file and its address in the API; the page of an end."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests.conftest import Refer, UserWith
from tests.services.test_early_ends import DATA_TOO
from tests.walking import Walk


@pytest.mark.usefixtures("protocol")
def test_every_enrolled_course_is_listed_with_why_it_ended(
    client: Client, refer_patient: Refer, user_with: UserWith, coordinator: User
) -> None:
    browser = client
    browser.force_login(coordinator)
    assert reverse("intention") in browser.get(reverse("board")).text
    assert "Nobody is enrolled yet." in browser.get(reverse("intention")).text
    walk = Walk(refer_patient(coordinator), user_with).to_apheresis()
    page = browser.get(reverse("move", args=[walk.course.pk, "withdrawn"])).text
    assert "Treatment and use of the data: Every open reminder" in page
    walk.go("withdrawn", reason="asked to", details=DATA_TOO)
    listed = browser.get(reverse("intention")).text
    assert "Never infused" in listed
    assert "data withdrawn" in listed
    assert "The patient&#x27;s choice · Treatment and use of the data" in listed
    assert "counts by intention to treat" in browser.get(walk_url(walk)).text
    file = browser.get(reverse("intention_csv"))
    assert b"never_infused" in file.getvalue()
    rows = browser.get("/api/v1/intention-to-treat/").json()["results"]
    assert [(row["outcome"], row["withheld"]) for row in rows] == [("never_infused", True)]
    refused = browser.get(reverse("course_timeline_csv", args=[walk.course.pk]))
    assert refused.status_code == 422
    assert "withdrew the use of the data" in refused.text


def walk_url(walk: Walk) -> str:
    return reverse("course", args=[walk.course.pk])
