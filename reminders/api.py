"""Reminders in the API: what is due, for whom, until when."""

from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api_answers import reading
from accounts.api_requests import DayField, IdField, actor_of, filters_of
from accounts.models import User
from reminders.models import Reminder, Status
from reminders.wording import item_text
from terms.roles import Role


class ReminderOut(serializers.Serializer[Any]):
    """One thing to do for a course; dates are local dates of the centre."""

    id = serializers.IntegerField()
    course = serializers.IntegerField()
    item = serializers.CharField(help_text="The code of the schedule item in the protocol.")
    ordinal = serializers.IntegerField(
        help_text="Names this date of the item for good: counted from 1, or, where a value asks "
        "for it, made of the day of that value."
    )
    label = serializers.CharField(  # type: ignore[assignment]
        help_text="In words; only `Task` of a task by hand for who may not see names."
    )
    by_hand = serializers.BooleanField(
        help_text="Whether somebody asked for it beside the protocol's schedule."
    )
    series = serializers.IntegerField(
        help_text="The ordinal of the first date of a task that repeats; 0 for anything else."
    )
    due_on = serializers.DateField()
    window_start = serializers.DateField()
    window_end = serializers.DateField()
    status = serializers.ChoiceField(choices=Status.choices)
    unsure = serializers.BooleanField(
        help_text="Whether nobody recorded what decides if it is needed, such as the chromosome."
    )
    role = serializers.ChoiceField(choices=[role.value for role in Role])
    closed_cause = serializers.CharField(
        help_text="What closed it, such as `before_percorso`; empty while it waits."
    )
    done_on = serializers.DateField(allow_null=True)
    awaits_result = serializers.BooleanField(
        help_text="Whether the test was done and its result is not there: open, put off."
    )
    performed_on = serializers.DateField(
        allow_null=True, help_text="The day of the test whose result is awaited."
    )
    snoozed_until = serializers.DateField(
        allow_null=True, help_text="The day on which what was put off asks again."
    )


class ReminderFilters(serializers.Serializer[Any]):
    """What the list is narrowed to."""

    course = IdField(required=False)
    status = serializers.ChoiceField(choices=Status.choices, required=False)
    due_before = DayField(required=False, help_text="Due before this date.")


class RemindersView(ListAPIView[Reminder]):
    """Reminders of the courses one may see."""

    serializer_class = ReminderOut
    queryset = Reminder.objects.none()

    @reading("List reminders", parameters=[ReminderFilters])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List reminders, earliest due first."""
        actor = actor_of(request)
        found = _narrowed(actor, filters_of(request, ReminderFilters))
        page = self.paginate_queryset(found) or []
        return self.get_paginated_response([reminder_json(reminder, actor) for reminder in page])


def _narrowed(actor: User, filters: dict[str, Any]) -> QuerySet[Reminder]:
    found = Reminder.objects.visible_to(actor)
    if "course" in filters:
        found = found.filter(course_id=filters["course"])
    if "status" in filters:
        found = found.filter(status=filters["status"])
    if "due_before" in filters:
        found = found.filter(due_on__lt=filters["due_before"])
    rows = found.select_related("course__protocol").defer("course__protocol__data")
    return rows.order_by("due_on", "pk")


def reminder_json(reminder: Reminder, actor: User) -> dict[str, Any]:
    """A reminder as `ReminderOut` describes it."""
    names = (
        "item", "ordinal", "series", "due_on", "window_start", "window_end", "status", "unsure",
        "role", "closed_cause", "done_on", "snoozed_until", "awaits_result", "performed_on",
    )  # fmt: skip
    return {
        "id": reminder.pk,
        "course": reminder.course_id,
        "label": item_text(reminder, actor),
        "by_hand": bool(reminder.made_by),
        **{name: getattr(reminder, name) for name in names},
    }
