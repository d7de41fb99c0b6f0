"""The page of what is due today."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.access import centre_of, require
from accounts.permissions import Permission
from accounts.requests import SignedInRequest
from desk.today import today_page as gather
from desk.worklist import ALL, MINE, MOST_IN_A_SECTION, MOST_OF_ALL, Narrowing
from exports.jobs_shown import to_sign
from terms.day_numbers import local_date
from terms.roles import Role

_LARGEST_ID = 18  # digits


@login_required
@require_GET
def today_page(request: SignedInRequest) -> HttpResponse:
    """What is overdue, due now and due in the next days; the links to do it."""
    user, now = request.user, timezone.now()
    require(user, Permission.READ_COURSES)
    narrowing = _narrowing(request)
    today = local_date(now, centre_of(user).zone)
    context = {
        "page": gather(user, narrowing, today, now),
        "to_sign": to_sign(user),
        "role": narrowing.role,
        "coordinator": str(narrowing.coordinator or ""),
        "today": today,
        "now": now,
    }
    return render(request, "desk/today.html", context)


def _narrowing(request: SignedInRequest) -> Narrowing:
    """What the address asks for; anything unreadable narrows nothing beyond one's own roles.

    A coordinator looks after what everybody has to do, and is shown all of it unless asked.
    """
    usual = ALL if Role.COORDINATOR in request.user.roles else MINE
    role = request.GET.get("role", usual)
    coordinator = request.GET.get("coordinator", "")
    known = coordinator.isdecimal() and len(coordinator) <= _LARGEST_ID
    return Narrowing(
        role=role if role in (ALL, *Role) else MINE,
        coordinator=int(coordinator) if known else None,
        most=MOST_OF_ALL if request.GET.get("most") == ALL else MOST_IN_A_SECTION,
    )
