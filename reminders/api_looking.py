"""What is looked at before a reminder is done, in the API."""

from typing import Any

from django.http import Http404
from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api_answers import reading
from accounts.api_requests import ApiView
from patients.reading import note_chart_read
from reminders.doers import require_doing
from reminders.following import repeating
from reminders.looking import look_at
from reminders.models import Reminder
from terms.day_numbers import local_date


class LookedOut(serializers.Serializer[Any]):
    """A value that decides, in its canonical unit; without a day none is recorded."""

    analyte = serializers.CharField()
    on = serializers.DateField(allow_null=True)
    age_days = serializers.IntegerField(allow_null=True)
    value = serializers.CharField(allow_null=True, help_text="A decimal number as text.")
    comparator = serializers.CharField(help_text="`<` or `>` where the number is a limit.")


class LookDoubtOut(serializers.Serializer[Any]):
    """One thing that speaks for waiting."""

    code = serializers.CharField(
        help_text="Such as `too_low`, `too_old`, `icans`, `not_reached`, `perhaps_done`."
    )
    text = serializers.CharField()


class LookOut(serializers.Serializer[Any]):
    """What the protocol wants looked at before this is done."""

    values = LookedOut(many=True)
    doubts = LookDoubtOut(many=True)
    note = serializers.CharField(help_text="Why the protocol asks for it as it does; may be empty.")
    moves_following = serializers.BooleanField(
        help_text="Whether the dates after it are counted from the day on which it is done."
    )


class LookView(ApiView):
    """What decides about one reminder."""

    @reading("Look at what decides about a reminder", LookOut)
    def get(self, request: Request, pk: int) -> Response:
        """Read the values, with their age, and what speaks for waiting."""
        rows = Reminder.objects.visible_to(self.actor)
        found = rows.select_related("course__protocol", "course__centre").filter(pk=pk).first()
        if found is None:
            raise Http404
        require_doing(self.actor, [found.role])
        now = timezone.now()
        note_chart_read(found.course, actor=self.actor, now=now)
        look = look_at(found, local_date(now, found.course.centre.zone))
        values = [
            {
                "analyte": one.analyte,
                "on": one.sample and one.sample.on,
                "age_days": None if one.sample is None else one.age,
                "value": None
                if one.sample is None or one.sample.value is None
                else str(one.sample.value),
                "comparator": "" if one.sample is None else one.sample.comparator,
            }
            for one in look.values
        ]
        doubts = [{"code": one.code, "text": one.text} for one in look.doubts]
        answer = {"values": values, "doubts": doubts, "note": look.note}
        moves = repeating(found.course, found) is not None
        return Response({**answer, "moves_following": moves})
