"""Times of day are shown in the zone of the centre where one works."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts.models import User


class CentreZoneMiddleware:
    """Makes the zone of the user's working centre the current one during a request.

    Otherwise `moment` would show a time in the site's zone beside day numbers counted in another.
    Stands after the authentication middleware.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with timezone.override(_zone_of(request.user) if isinstance(request.user, User) else None):
            return self.get_response(request)


def _zone_of(user: User) -> ZoneInfo | None:
    """The zone of the working centre, from the memberships that are read for the roles anyway."""
    for held in user.open_memberships:
        if held.centre_id == user.working_centre_id:
            return held.centre.zone
    return None
