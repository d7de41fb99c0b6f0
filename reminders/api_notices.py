"""Notices in the API: those sent to the caller, and acknowledging one."""

from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api_answers import reading, writing
from accounts.api_requests import (
    ApiView,
    IdField,
    StrictInput,
    TextField,
    actor_of,
    filters_of,
)
from reminders.domain.notice_kinds import NOTICE_KINDS, Severity
from reminders.models import Notice
from reminders.notices import LONGEST_REMARK, acknowledge
from reminders.telling import NoticeView, acknowledged_notices, notice_views, open_notices


class NoticeOut(serializers.Serializer[Any]):
    """A notice in the language of the request. It says what to look at, never what to give."""

    id = serializers.IntegerField()
    course = serializers.IntegerField()
    code = serializers.ChoiceField(choices=list(NOTICE_KINDS))
    severity = serializers.ChoiceField(choices=[severity.value for severity in Severity])
    text = serializers.CharField()
    look = serializers.CharField(help_text="What to look at next.")
    count = serializers.IntegerField(help_text="How often it came.")
    raised_at = serializers.DateTimeField()
    last_at = serializers.DateTimeField()
    roles = serializers.ListField(child=serializers.CharField())


class NoticeFilters(serializers.Serializer[Any]):
    """What the list is narrowed to."""

    state = serializers.ChoiceField(choices=["open", "acknowledged"], required=False)
    course = IdField(required=False)


class AcknowledgementIn(StrictInput):
    """That one has read it, with a remark for colleagues."""

    remark = TextField(LONGEST_REMARK)


class AcknowledgementOut(serializers.Serializer[Any]):
    """When it was acknowledged."""

    notice = serializers.IntegerField()
    at = serializers.DateTimeField()
    remark = serializers.CharField()


class NoticesView(ListAPIView[Notice]):
    """Notices sent to the caller."""

    serializer_class = NoticeOut
    queryset = Notice.objects.none()

    @reading("List notices", parameters=[NoticeFilters])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List what is still to acknowledge, the most pressing first; or what was."""
        actor, filters = actor_of(request), filters_of(request, NoticeFilters)
        read = filters.get("state") == "acknowledged"
        found = acknowledged_notices(actor) if read else open_notices(actor)
        if "course" in filters:
            found = found.filter(course_id=filters["course"])
        page = self.paginate_queryset(found) or []
        return self.get_paginated_response([_json(one) for one in notice_views(actor, page)])


class AcknowledgementView(ApiView):
    """The acknowledgement of one notice."""

    @writing("Acknowledge a notice", AcknowledgementIn, AcknowledgementOut)
    def post(self, request: Request, pk: int) -> Response:
        """Record that the caller has read a notice sent to them."""
        Notice.objects.visible_to(self.actor).get(pk=pk)
        values = self.received(AcknowledgementIn)
        reading_ = acknowledge(notice_id=pk, actor=self.actor, now=timezone.now(), **values)
        answer = {"notice": pk, "at": reading_.at, "remark": reading_.remark}
        return Response(answer, status=201)


def _json(view: NoticeView) -> dict[str, Any]:
    names = ("code", "severity", "text", "look", "count", "raised_at", "last_at", "roles")
    return {
        "id": view.pk,
        "course": view.course_id,
        **{name: getattr(view, name) for name in names},
    }
