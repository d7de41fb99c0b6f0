"""The page of the calendar."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.access import centre_of, require
from accounts.permissions import Permission
from accounts.requests import SignedInRequest
from desk.calendar_page import calendar_page, day_of
from reminders.agenda import Scope
from reminders.calendar_words import kind_name, legend
from reminders.domain.calendar import Kind, View, stretch
from terms.day_numbers import local_date


@login_required
@require_GET
def calendar(request: SignedInRequest) -> HttpResponse:
    """What is planned, booked and due, and what happened, as list, week or month."""
    user, now, asked = request.user, timezone.now(), request.GET
    require(user, Permission.READ_COURSES)
    today = local_date(now, centre_of(user).zone)
    kind, view = asked.get("kind", ""), asked.get("view", "")
    scope = Scope(
        user,
        today,
        kind=Kind(kind) if kind in set(Kind) else None,
        mine=bool(asked.get("mine")),
    )
    shown = stretch(
        View(view) if view in set(View) else View.LIST, day_of(asked.get("on", ""), today)
    )
    context = {
        "page": calendar_page(scope, shown),
        "scope": scope,
        "kinds": [(one.value, kind_name(one)) for one in Kind],
        "legend": legend(),
        "now": now,
    }
    return render(request, "desk/calendar.html", context)
