"""Files in the API: asking for one, how far it is, the file itself, and who signs."""

from typing import Any

from django.http import FileResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import get_language
from drf_spectacular.types import OpenApiTypes
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api_answers import problems, reading, writing
from accounts.api_requests import (
    ApiView,
    DayField,
    StrictInput,
    TextField,
    WordsField,
    actor_of,
    body_of,
    naming,
    read,
)
from accounts.models import User
from accounts.signing_again import sign_in_again
from exports.asking import LANGUAGES, LONGEST_TEXT, Wanted, request_export
from exports.choosing import Who
from exports.contents import CONTENTS
from exports.deciding import cancel_export, retry_export, sign_export
from exports.domain.jobs import JobStatus
from exports.fetching import fetch_export
from exports.fields.kinds import Level
from exports.job_views import file_response
from exports.jobs_shown import JobView, job_view, jobs_of
from exports.models import ExportJob
from exports.writers.formats import FORMATS

_FORMATS = {(200, one.content_type.split(";")[0]): OpenApiTypes.BINARY for one in FORMATS.values()}


class ExportIn(StrictInput):
    """A file as it is asked for."""

    content = serializers.ChoiceField(choices=list(CONTENTS), default="timelines")
    format = serializers.ChoiceField(choices=list(FORMATS), default="csv")
    purpose = WordsField(max_length=LONGEST_TEXT, help_text="What for. No name belongs here.")
    language = serializers.ChoiceField(choices=LANGUAGES, required=False)
    identity_level = serializers.ChoiceField(
        choices=[one.value for one in Level],
        default=Level.PSEUDONYMISED.value,
        help_text="`identified` needs reason, password and, from who may not sign, a signature.",
    )
    reason = TextField(LONGEST_TEXT)
    password = TextField()
    product = TextField(60)
    protocol = TextField(60)
    centre = TextField(12)
    infused_after = DayField(required=False, allow_null=True, default=None)
    infused_before = DayField(required=False, allow_null=True, default=None)


class PasswordIn(StrictInput):
    """One's own password, for something with names in it."""

    password = WordsField(max_length=2000)


class NothingIn(StrictInput):
    """Nothing need be said."""


class ExportOut(serializers.Serializer[Any]):
    """A file that somebody asked for, and how far it is."""

    id = serializers.IntegerField()
    content = serializers.CharField()
    format = serializers.CharField()
    language = serializers.CharField()
    identity_level = serializers.ChoiceField(choices=[one.value for one in Level])
    purpose = serializers.CharField()
    reason = serializers.CharField()
    product = serializers.CharField()
    protocol = serializers.CharField()
    infused_after = serializers.DateField(allow_null=True)
    infused_before = serializers.DateField(allow_null=True)
    requested_by = serializers.CharField()
    requested_at = serializers.DateTimeField()
    signed_by = serializers.CharField()
    status = serializers.ChoiceField(choices=[one.value for one in JobStatus])
    fault = serializers.CharField(help_text="Why it failed, in words; empty otherwise.")
    courses_done = serializers.IntegerField()
    courses = serializers.IntegerField()
    courses_left_out = serializers.IntegerField(
        help_text="Their patients withdrew the use of the data, or may have."
    )
    size = serializers.IntegerField(allow_null=True)
    sha256 = serializers.CharField()
    expires_at = serializers.DateTimeField(allow_null=True)
    downloads = serializers.IntegerField()
    file_missing = serializers.BooleanField(help_text="It should be there and is not: ask anew.")


def _shown(view: JobView) -> dict[str, Any]:
    job = view.job
    of_job = (
        "id", "content", "format", "language", "purpose", "reason", "product", "protocol",
        "infused_after", "infused_before", "requested_at", "sha256", "expires_at", "downloads",
    )  # fmt: skip
    return {name: getattr(job, name) for name in of_job} | {
        "identity_level": job.level,
        "requested_by": job.requested_by.get_username(),
        "signed_by": job.signed_by.get_username() if job.signed_by else "",
        "status": view.status,
        "fault": view.fault,
        "courses_done": job.done,
        "courses": job.total,
        "courses_left_out": job.left_out,
        "size": job.file_size,
        "file_missing": view.missing,
    }


def _answer(actor: User, pk: int, status: int = 200) -> Response:
    """A job as it stands now."""
    job = get_object_or_404(jobs_of(actor), pk=pk)
    return Response(ExportOut(_shown(job_view(job, actor, timezone.now()))).data, status=status)


class ExportsView(ListAPIView[Any]):
    """Files that were asked for."""

    serializer_class = ExportOut

    @reading("List files")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One's own, those one may sign, and for who watches all of the centre; latest first."""
        actor, now = actor_of(request), timezone.now()
        page: Any = self.paginate_queryset(jobs_of(actor))
        views = [_shown(job_view(job, actor, now)) for job in page]
        return self.get_paginated_response(ExportOut(views, many=True).data)

    @writing("Ask for a file", ExportIn, ExportOut)
    def post(self, request: Request) -> Response:
        """Put a file into the queue: it is made beside, ask again until its status is final."""
        actor, now = actor_of(request), timezone.now()
        given = read(ExportIn, body_of(request), actor)
        wanted, signed_at = _wanted(given), None
        if wanted.level == Level.IDENTIFIED:
            signed_at = sign_in_again(request._request, actor, given["password"], now=now)
        with naming({"level": "identity_level"}):
            job = request_export(wanted=wanted, signed_in_at=signed_at, actor=actor, now=now)
        return _answer(actor, job.pk, 201)


def _wanted(given: dict[str, Any]) -> Wanted:
    filters = ("product", "protocol", "centre", "infused_after", "infused_before")
    return Wanted(
        content=given["content"],
        format=given["format"],
        purpose=given["purpose"],
        language=given.get("language") or (get_language() or "en")[:2],
        level=given["identity_level"],
        reason=given["reason"],
        who=Who(**{name: given[name] for name in filters}),
    )


class ExportView(ApiView):
    """One file."""

    @reading("Read how far a file is", ExportOut)
    def get(self, request: Request, pk: int) -> Response:
        """Answer its status, its progress, and once it is ready its size and SHA-256."""
        return _answer(self.actor, pk)


class ExportFileView(ApiView):
    """The file itself."""

    @reading("Download a file", responses=_FORMATS | problems(401, 403, 404, 422))
    def get(self, request: Request, pk: int) -> FileResponse:
        """Send the file to who asked for it; each download is counted and in the audit."""
        return file_response(fetch_export(job_id=pk, actor=self.actor, now=timezone.now()))


class ExportCancelView(ApiView):
    """Stopping a file."""

    @writing("Cancel a file", NothingIn, ExportOut, status=200)
    def post(self, request: Request, pk: int) -> Response:
        """Stop a file on its way; who could sign it declines so."""
        self.received(NothingIn)
        cancel_export(job_id=pk, actor=self.actor, now=timezone.now())
        return _answer(self.actor, pk)


class ExportRetryView(ApiView):
    """Another try."""

    @writing("Make a file once more", NothingIn, ExportOut, status=200)
    def post(self, request: Request, pk: int) -> Response:
        """Make a file that failed once more, from the start."""
        self.received(NothingIn)
        retry_export(job_id=pk, actor=self.actor, now=timezone.now())
        return _answer(self.actor, pk)


class ExportSignView(ApiView):
    """The signature of a second person."""

    @writing("Sign a file with names", PasswordIn, ExportOut, status=200)
    def post(self, request: Request, pk: int) -> Response:
        """Let a file with names be made for somebody else, with one's own password."""
        get_object_or_404(ExportJob.objects.visible_to(self.actor), pk=pk)
        given, now = self.received(PasswordIn), timezone.now()
        signed_at = sign_in_again(request._request, self.actor, given["password"], now=now)
        sign_export(job_id=pk, signed_in_at=signed_at, actor=self.actor, now=now)
        return _answer(self.actor, pk)
