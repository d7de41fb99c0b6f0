"""The ward page and the list of what waits for a clinician's word."""

from dataclasses import dataclass
from datetime import timedelta

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from accounts.access import require
from accounts.permissions import Permission
from accounts.requests import SignedInRequest
from desk.confirming import to_confirm
from desk.ward import Ward, WardRow, ward
from toxicity.domain.cadence import Urgency

_TITLES: dict[Urgency, Promise] = {
    Urgency.OVERDUE: gettext_lazy("Overdue"),
    Urgency.DUE_NOW: gettext_lazy("Due now"),
    Urgency.LATER: gettext_lazy("Later"),
    Urgency.NOT_YET: gettext_lazy("Before an infusion or without one"),
}


@dataclass(frozen=True)
class WardGroup:
    """The rows of one urgency under their title."""

    code: str
    title: Promise
    rows: tuple[tuple[WardRow, str], ...]  # each with its line about the next check


@login_required
@require_GET
def ward_page(request: SignedInRequest) -> HttpResponse:
    """Who of the in-patients needs a check now, and what was last found of each."""
    user, now = request.user, timezone.now()
    require(user, Permission.READ_COURSES)
    found = ward(user, now)
    context = {
        "ward": found,
        "groups": _groups(found),
        "quiet": not (found.rows[Urgency.OVERDUE] or found.rows[Urgency.DUE_NOW]),
        "may_log": user.may(Permission.LOG_TOXICITY),
        "now": now,
    }
    # The page asks for its list again by itself, see the template; that is no use by a person.
    template = "desk/ward.html#list" if request.htmx else "desk/ward.html"  # type: ignore[attr-defined]
    response = render(request, template, context)
    response["Vary"] = "HX-Request, Cookie"
    return response


@login_required
@require_GET
def to_confirm_page(request: SignedInRequest) -> HttpResponse:
    """Grades without a word, words lost by a correction, episodes that seem over: newest first."""
    require(request.user, Permission.READ_COURSES)
    found = to_confirm(request.user, request.GET.get("page"))
    context = {"found": found, "page": found.page, "now": timezone.now()}
    return render(request, "desk/to_confirm.html", context)


def _groups(found: Ward) -> tuple[WardGroup, ...]:
    return tuple(
        WardGroup(
            urgency.name.lower(),
            _TITLES[urgency],
            tuple((row, due_text(row)) for row in rows),
        )
        for urgency, rows in found.rows.items()
        if rows
    )


def due_text(row: WardRow) -> str:
    """`Overdue 1 h 20 · due 12-Nov-2026 13:00`, or why there is no such time."""
    if row.urgency is Urgency.NOT_YET:
        if row.ended:
            return _("No infusion was given: no check is counted. The stay is still open.")
        if row.baseline:
            return _("Baseline recorded; checks are counted from the infusion.")
        return _("No baseline recorded; checks are counted from the infusion.")
    if row.due.at is None:
        return _("Never checked since the infusion")
    if row.late is not None:
        return _("Late by %(time)s") % {"time": hours_text(row.late)}
    return ""


def hours_text(late: timedelta) -> str:
    """`1 h 20`; of a day and more `2 d 3 h`."""
    minutes = int(late.total_seconds()) // 60
    hours, rest = divmod(minutes, 60)
    if hours < 24:
        return f"{hours} h {rest:02d}"
    days, over = divmod(hours, 24)
    return _("%(days)s d %(hours)s h") % {"days": days, "hours": over}
