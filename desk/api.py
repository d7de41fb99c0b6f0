"""The ward page in the API: who needs a check, and what was last found of each."""

from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import require
from accounts.api_answers import reading
from accounts.api_requests import ApiView
from accounts.permissions import Permission
from desk.ward import WardRow, ward
from toxicity.domain.cadence import Urgency


class LastGradeOut(serializers.Serializer[Any]):
    """The last grade of a scale. Null: never checked, or never with a grade; it is never 0."""

    scale = serializers.CharField()
    grade = serializers.IntegerField(allow_null=True)
    at = serializers.DateTimeField(allow_null=True)
    current = serializers.BooleanField(
        help_text="False once the next check is overdue, or a later one gave no grade."
    )
    not_gradeable_at = serializers.DateTimeField(
        allow_null=True, help_text="A later check that gave no grade."
    )
    at_least = serializers.BooleanField(
        help_text="Something was not known that could make it more, and no clinician spoke."
    )


class WardRowOut(serializers.Serializer[Any]):
    """One in-patient from lymphodepletion on."""

    course = serializers.IntegerField()
    code = serializers.CharField()
    name = serializers.CharField(allow_null=True)
    day = serializers.IntegerField(allow_null=True)
    intensive_care = serializers.BooleanField()
    urgency = serializers.ChoiceField(choices=[one.name.lower() for one in Urgency])
    due_at = serializers.DateTimeField(
        allow_null=True, help_text="Null where no check was ever made, or before the infusion."
    )
    never_checked = serializers.BooleanField()
    grades = LastGradeOut(many=True)
    to_confirm = serializers.ListField(child=serializers.CharField())
    course_ended = serializers.CharField(
        help_text="How the course ended, of somebody still in bed; empty while it goes on."
    )


class WardOut(serializers.Serializer[Any]):
    """In-patients by urgency; in each the highest risk first, then the latest."""

    rows = WardRowOut(many=True)


class WardView(ApiView):
    """The ward."""

    @reading("List in-patients by when their next check is due", WardOut)
    def get(self, request: Request) -> Response:
        """Everybody with an open stay around an infusion; how late is told by `due_at`."""
        require(self.actor, Permission.READ_COURSES)
        found = ward(self.actor, timezone.now())
        named = self.actor.may(Permission.SEE_IDENTITY)
        rows = [_json(row, named=named) for rows in found.rows.values() for row in rows]
        return Response({"rows": rows})


def _json(row: WardRow, *, named: bool) -> dict[str, Any]:
    return {
        "course": row.course_id,
        "code": row.code,
        "name": row.name if named else None,
        "day": row.day,
        "intensive_care": row.icu,
        "urgency": row.urgency.name.lower(),
        "due_at": row.due.at,
        "never_checked": row.due.never,
        "grades": [
            {
                "scale": one.scale,
                "grade": one.grade,
                "at": one.at,
                "current": one.current,
                "not_gradeable_at": one.tried_at,
                "at_least": one.at_least,
            }
            for one in row.grades
        ],
        "to_confirm": list(row.to_confirm),
        "course_ended": row.ended,
    }
