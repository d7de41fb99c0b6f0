"""Downloads of one course: the FHIR bundle, the timeline as PDF."""

import json
from collections.abc import Mapping

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.models import User
from accounts.requests import SignedInRequest
from exports.requesting_one import request_bundle, request_timeline_pdf
from exports.requesting_sheet import request_timeline_sheet
from exports.writers.fhir.bundle import MEDIA_TYPE
from exports.writers.formats import FORMATS


@login_required
@require_GET
def course_fhir(request: SignedInRequest, pk: int) -> HttpResponse:
    """One course as a FHIR bundle."""
    name, bundle = request_bundle(course_id=pk, actor=request.user, now=timezone.now())
    return bundle_answer(bundle, name)


@login_required
@require_GET
def course_timeline_pdf(request: SignedInRequest, pk: int) -> HttpResponse:
    """The timeline of one course, to be printed."""
    name, made = request_timeline_pdf(course_id=pk, actor=request.user, now=timezone.now())
    return pdf_answer(made, name)


@login_required
@require_GET
def course_timeline_xlsx(request: SignedInRequest, pk: int) -> HttpResponse:
    """The timeline of one course as a workbook."""
    return sheet_answer(request.user, pk, "xlsx")


@login_required
@require_GET
def course_timeline_json(request: SignedInRequest, pk: int) -> HttpResponse:
    """The timeline of one course as JSON."""
    return sheet_answer(request.user, pk, "json")


def sheet_answer(user: User, pk: int, form: str) -> HttpResponse:
    """The timeline of one course in that format, as an attachment."""
    name, made = request_timeline_sheet(course_id=pk, form=form, actor=user, now=timezone.now())
    return HttpResponse(
        made,
        content_type=FORMATS[form].content_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def pdf_answer(made: bytes, name: str) -> HttpResponse:
    """A PDF as an attachment."""
    return HttpResponse(
        made,
        content_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def bundle_answer(bundle: Mapping[str, object], name: str) -> HttpResponse:
    """`bundle` as an attachment; its name is made of codes and dates, plain ASCII."""
    return HttpResponse(
        json.dumps(bundle, ensure_ascii=False),
        content_type=f"{MEDIA_TYPE}; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
