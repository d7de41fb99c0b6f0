"""Times of day are those of the centre where one works."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.utils import timezone

from accounts.models import Centre, User
from accounts.zones import CentreZoneMiddleware
from tests.conftest import UserWith

pytestmark = pytest.mark.django_db
MORNING = datetime(2026, 11, 12, 9, 30, tzinfo=UTC)


def shown_to(user: Any) -> str:
    """The hour that a page shows somebody for `MORNING`."""

    def page(request: HttpRequest) -> HttpResponse:
        return HttpResponse(f"{timezone.localtime(MORNING):%H:%M}")

    request = HttpRequest()
    request.user = user
    return CentreZoneMiddleware(page)(request).content.decode()


def test_times_are_in_the_zone_of_the_working_centre(user_with: UserWith, client: Client) -> None:
    lisbon = Centre.objects.create(code="LIS", name="Lisboa", time_zone="Europe/Lisbon")
    assert shown_to(user_with("coordinator")) == "10:30"
    assert shown_to(user_with("coordinator", at=lisbon)) == "09:30"
    before = timezone.get_current_timezone_name()
    client.force_login(user_with("coordinator", at=lisbon))
    assert client.get("/").status_code == 200
    assert timezone.get_current_timezone_name() == before


def test_somebody_without_a_centre_sees_the_zone_of_the_site(centre: Centre) -> None:
    nobody = User.objects.create(username="nobody", password="!")
    assert shown_to(nobody) == "10:30"
