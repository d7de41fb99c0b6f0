"""Downloads: the timeline of one course, or of all, as CSV."""

from django.contrib.auth.decorators import login_required
from django.http import StreamingHttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.requests import SignedInRequest
from exports import requesting
from exports.requesting import StreamedFile


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


def download(file: StreamedFile) -> StreamingHttpResponse:
    """`file` as an attachment; its name is made of codes and dates, plain ASCII."""
    return StreamingHttpResponse(
        (piece.encode() for piece in file.pieces),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{file.name}"'},
    )
