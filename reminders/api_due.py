"""What is due for the caller in the API, and saying that one has seen it."""

from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api_answers import reading, writing
from accounts.api_requests import ApiView, IdField, StrictInput, actor_of
from reminders.due_for_me import ToldView, mark_seen, told_to, told_views
from reminders.models import Reminder
from terms.roles import Role

MOST_AT_ONCE = 500


class ToldOut(serializers.Serializer[Any]):
    """An open reminder that was sent to the caller."""

    id = serializers.IntegerField()
    course = serializers.IntegerField()
    item = serializers.CharField(help_text="The code of the schedule item in the protocol.")
    label = serializers.CharField()  # type: ignore[assignment]
    due_on = serializers.DateField()
    window_end = serializers.DateField()
    overdue = serializers.BooleanField()
    role = serializers.ChoiceField(choices=[role.value for role in Role])
    step = serializers.IntegerField(
        help_text="0 for the first time it was sent; above, nobody had done it days later."
    )
    told_at = serializers.DateTimeField()
    seen = serializers.BooleanField()
    cautions = serializers.ListField(
        child=serializers.CharField(),
        help_text="In words, what speaks for waiting, such as platelets that are low or unknown.",
    )


class SeenIn(StrictInput):
    """Which reminders one has seen."""

    reminders = serializers.ListField(child=IdField(), min_length=1, max_length=MOST_AT_ONCE)


class SeenOut(serializers.Serializer[Any]):
    """For how many that was new."""

    seen = serializers.IntegerField()


class DueForMeView(ListAPIView[Reminder]):
    """What was sent to the caller and is still open."""

    serializer_class = ToldOut
    queryset = Reminder.objects.none()

    @reading("List what is due for the caller")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List the open reminders sent to the caller, oldest first."""
        actor = actor_of(request)
        page = self.paginate_queryset(told_to(actor)) or []
        views = told_views(actor, page, timezone.now())
        return self.get_paginated_response([_json(view) for view in views])


class SeenView(ApiView):
    """Saying that one has seen them."""

    @writing("Say that one has seen reminders", SeenIn, SeenOut, status=200)
    def post(self, request: Request) -> Response:
        """Keep that the caller has seen these of the reminders sent to them; they stay open."""
        ids = self.received(SeenIn)["reminders"]
        count = mark_seen(reminder_ids=ids, actor=self.actor, now=timezone.now())
        return Response({"seen": count})


def _json(view: ToldView) -> dict[str, Any]:
    names = (
        "item", "label", "due_on", "window_end", "overdue", "role", "step", "told_at", "seen",
        "cautions",
    )  # fmt: skip
    return {
        "id": view.pk,
        "course": view.course_id,
        **{name: getattr(view, name) for name in names},
    }
