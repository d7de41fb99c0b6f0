"""Downloads: timelines and the list by intention to treat; and that list as a page."""

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.permissions import Permission
from accounts.requests import SignedInRequest
from exports import requesting
from exports.intention import intended_view
from exports.requesting import StreamedFile
from pathway.intention import intended

ROWS_ON_A_PAGE = 100


@login_required
@require_GET
def course_timeline_csv(request: SignedInRequest, pk: int) -> StreamingHttpResponse:
    """The timeline of one course."""
    return download(
        requesting.request_course_timeline(course_id=pk, actor=request.user, now=timezone.now())
    )


@login_required
@require_GET
def timelines_csv(request: SignedInRequest) -> StreamingHttpResponse:
    """The timelines of every course one may see."""
    return download(requesting.request_timelines(actor=request.user, now=timezone.now()))


@login_required
@require_GET
def intention(request: SignedInRequest) -> HttpResponse:
    """Every enrolled course by intention to treat, infused or not."""
    rows = Paginator(intended(request.user), ROWS_ON_A_PAGE).get_page(request.GET.get("page"))
    journeys = list(rows.object_list)
    context = {
        "page": rows,
        "rows": [intended_view(journey) for journey in journeys],
        "may_export": request.user.may(Permission.EXPORT_CODED),
    }
    return render(request, "exports/intention.html", context)


@login_required
@require_GET
def intention_csv(request: SignedInRequest) -> StreamingHttpResponse:
    """The same as a file."""
    return download(requesting.request_intended(actor=request.user, now=timezone.now()))


def download(file: StreamedFile) -> StreamingHttpResponse:
    """`file` as an attachment; its name is made of codes and dates, plain ASCII."""
    return StreamingHttpResponse(
        (piece.encode() for piece in file.pieces),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{file.name}"'},
    )
