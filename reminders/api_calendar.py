"""The calendar in the API: what is planned, booked and due, and what happened, by day."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import centre_of, require
from accounts.api_answers import reading
from accounts.api_requests import DayField, actor_of, filters_of
from accounts.models import User
from accounts.permissions import Permission
from reminders.agenda import Scope, agenda
from reminders.appointment_models import Appointment
from reminders.domain.calendar import Against, Entry, Kind, State, View, stretch
from terms.day_numbers import local_date

LONGEST_DAYS = 400


class ContradictionOut(serializers.Serializer[Any]):
    """How plan and appointment differ; `on` is the other day, null where none is planned."""

    against = serializers.ChoiceField(choices=[one.value for one in Against])
    on = serializers.DateField(allow_null=True)


class CalendarEntryOut(serializers.Serializer[Any]):
    """One thing on one day, a local date of the centre. `key` stays the same for its life."""

    key = serializers.CharField()
    course = serializers.IntegerField()
    code = serializers.CharField()
    name = serializers.CharField(allow_null=True)
    kind = serializers.ChoiceField(choices=[one.value for one in Kind])
    state = serializers.ChoiceField(
        choices=[one.value for one in State],
        help_text="`passed`: its day is over and nobody recorded that it happened.",
    )
    on = serializers.DateField()
    at = serializers.TimeField(allow_null=True, help_text="Null where only the day is known.")
    label = serializers.CharField()  # type: ignore[assignment]
    place = serializers.CharField()
    remark = serializers.CharField()
    day = serializers.IntegerField(allow_null=True, help_text="The day number.")
    day_zero_planned = serializers.BooleanField()
    until = serializers.DateField(allow_null=True)
    contradiction = ContradictionOut(allow_null=True)
    appointment = serializers.IntegerField(allow_null=True)


class CalendarFilters(serializers.Serializer[Any]):
    """What the calendar is narrowed to; without days the present month."""

    first = DayField(required=False)
    last = DayField(required=False)
    kind = serializers.ChoiceField(choices=[one.value for one in Kind], required=False)
    mine = serializers.BooleanField(required=False, default=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Both days or neither, in their order, within reason. Raises ValidationError."""
        first, last = attrs.get("first"), attrs.get("last")
        if (first is None) != (last is None):
            raise serializers.ValidationError(_("Give both days, or neither."))
        if first is not None and not 0 <= (last - first).days <= LONGEST_DAYS:
            raise serializers.ValidationError(
                {"last": _("The last day lies within 400 days after the first.")}
            )
        return attrs


class CalendarView(ListAPIView[Appointment]):
    """The calendar."""

    serializer_class = CalendarEntryOut
    queryset = Appointment.objects.none()

    @reading("List what is on the calendar", parameters=[CalendarFilters])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List entries by day; of more than 500 only the first."""
        actor, asked = actor_of(request), filters_of(request, CalendarFilters)
        require(actor, Permission.READ_COURSES)
        today = local_date(timezone.now(), centre_of(actor).zone)
        month = stretch(View.MONTH, today)
        scope = Scope(actor, today, Kind(asked["kind"]) if "kind" in asked else None, asked["mine"])
        found = agenda(scope, asked.get("first", month.first), asked.get("last", month.last))
        rows: Any = found.entries
        page = self.paginate_queryset(rows) or []
        return self.get_paginated_response([entry_json(actor, one) for one in page])


def entry_json(actor: User, entry: Entry) -> dict[str, Any]:
    """An entry as the API tells it to `actor`."""
    found = entry.contradiction
    names = (
        "key", "code", "kind", "state", "on", "at", "label", "place", "remark", "day",
        "day_zero_planned", "until",
    )  # fmt: skip
    return {name: getattr(entry, name) for name in names} | {
        "course": entry.course_id,
        "name": entry.name if actor.may(Permission.SEE_IDENTITY) else None,
        "contradiction": {"against": found.against, "on": found.on} if found else None,
        "appointment": entry.appointment_id,
    }
