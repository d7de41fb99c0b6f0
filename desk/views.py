"""The board and the course page."""

from datetime import date

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.access import centre_of, require
from accounts.permissions import Permission
from accounts.requests import SignedInRequest
from audit.recording import record
from desk import board as boards
from desk.actions import course_actions
from desk.cards import card
from desk.course_page import course_page
from desk.patient_page import patient_page
from desk.records_page import record_rows
from desk.shapes import BoardColumn, BoardRow
from desk.summary import summary_page
from pathway.selectors import course_state
from pathway.wording import stage_name
from patients.facts_shown import fact_rows
from patients.identity import identity_of
from patients.reading import note_chart_read, note_patient_read
from patients.selectors import patient_or_404
from terms.day_numbers import local_date

ROWS_ON_A_PAGE = 50


@login_required
@require_GET
def board(request: SignedInRequest) -> HttpResponse:
    """Where every patient stands, as columns or as a table."""
    user, now = request.user, timezone.now()
    require(user, Permission.READ_COURSES)
    today = local_date(now, centre_of(user).zone)
    filters = _filters(request)
    rules = boards.load_rules()
    view = "table" if request.GET.get("view") == "table" else "columns"
    context = {
        "filters": filters,
        "view": view,
        "query": _query(request),
        "now": now,
        "may_refer": user.may(Permission.REFER),
    }
    if view == "table":
        context |= _table(request, filters, rules, today)
    else:
        context["columns"] = [
            BoardColumn(
                stage=column.stage.value,
                label=stage_name(column.stage),
                cards=tuple(card(user, standing, rules, today) for standing in column.standings),
                count=column.count,
                needing=column.needing,
                rest=column.rest,
            )
            for column in boards.columns(user, filters, rules, today)
        ]
    template = "desk/board.html#board" if request.htmx else "desk/board.html"  # type: ignore[attr-defined]
    response = render(request, template, context)
    response["Vary"] = "HX-Request, Cookie"
    return response


@login_required
@require_GET
def course(request: SignedInRequest, pk: int) -> HttpResponse:
    """One course: who, where on Figure 2, what next and why not, what happened."""
    user, now = request.user, timezone.now()
    state = course_state(user, pk)
    today = local_date(now, state.course.centre.zone)
    record(
        actor=user,
        now=now,
        action="chart.read",
        obj=state.course,
        course_id=pk,
        patient_id=state.course.patient_id,
    )
    context = {
        "page": course_page(user, state, today, now),
        "actions": course_actions(user, state, today),
        "course": state.course,
        "may_export": user.may(Permission.EXPORT_CODED),
        "now": now,
    }
    return render(request, "desk/course.html", context)


@login_required
@require_GET
def patient(request: SignedInRequest, pk: int) -> HttpResponse:
    """One patient with every course, the earlier ones too."""
    found = patient_or_404(request.user, pk)
    note_patient_read(found, actor=request.user, now=timezone.now())
    return render(request, "desk/patient.html", {"page": patient_page(request.user, found)})


@login_required
@require_GET
def course_records(request: SignedInRequest, pk: int) -> HttpResponse:
    """Every step of a course as it stands, with what stood before a correction."""
    user, now = request.user, timezone.now()
    state = course_state(user, pk)
    note_chart_read(state.course, actor=user, now=now)
    context = {
        "identity": identity_of(
            user,
            state.course,
            today=local_date(now, state.course.centre.zone),
            infused_on=state.infused_on,
            died_on=state.deceased_on,
        ),
        "rows": record_rows(user, state),
        "facts": fact_rows(user, state.course, local_date(now, state.course.centre.zone)),
    }
    return render(request, "desk/records.html", context)


@login_required
@require_GET
def summary(request: SignedInRequest, pk: int) -> HttpResponse:
    """The course on one page of paper."""
    user, now = request.user, timezone.now()
    state = course_state(user, pk)
    note_chart_read(state.course, actor=user, now=now)
    page = summary_page(user, state, local_date(now, state.course.centre.zone))
    return render(request, "desk/summary.html", {"page": page, "user": user, "now": now})


def _table(
    request: SignedInRequest, filters: boards.Filters, rules: boards.Rules, today: date
) -> dict[str, object]:
    user = request.user
    journeys = boards.standing_journeys(user, filters, rules, today)
    stage = request.GET.get("stage", "")
    if stage not in {known.value for known in boards.COLUMNS}:
        stage = ""
    if stage:
        journeys = journeys.filter(stage=stage)
    page = Paginator(boards.in_order(journeys), ROWS_ON_A_PAGE).get_page(request.GET.get("page"))
    narrowed = boards.narrowed(user, filters, rules, today)
    standings = boards.standings(narrowed, list(page.object_list), rules, today)
    rows = [
        BoardRow(stage=stage_name(standing.stage), card=card(user, standing, rules, today))
        for standing in standings
    ]
    pages = request.GET.copy()
    pages.pop("page", None)
    return {
        "page": page,
        "rows": rows,
        "stage": stage_name(stage) if stage else "",
        "pages": pages.urlencode(),
    }


def _filters(request: SignedInRequest) -> boards.Filters:
    asked = request.GET
    return boards.Filters(
        text=asked.get("search", "").replace("\x00", "").strip()[:100],
        mine=bool(asked.get("mine")),
        held=bool(asked.get("held")),
        over=bool(asked.get("over")),
    )


def _query(request: SignedInRequest) -> str:
    """The address of the same board without page, stage and view."""
    asked = request.GET.copy()
    for name in ("page", "view", "stage"):
        asked.pop(name, None)
    return asked.urlencode()
