"""Tasks by hand in the API."""

from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.response import Response

from accounts.api_answers import writing
from accounts.api_requests import ApiView, DayField, StrictInput, TextField
from patients.selectors import course_or_404
from reminders.api import ReminderOut, reminder_json
from reminders.domain.items import TASK
from reminders.hand_tasks import LONGEST_LABEL, NewTask, add_task
from terms.roles import Role


class TaskIn(StrictInput):
    """What is asked for, when, and of whom."""

    item = serializers.CharField(
        max_length=40, required=False, default=TASK,
        help_text="An item that the protocol keeps for an occasion, else `TASK`.",
    )  # fmt: skip
    label = TextField(LONGEST_LABEL)  # type: ignore[assignment]
    due_on = DayField()
    until = DayField(
        required=False, allow_null=True, default=None,
        help_text="The last day in time; left out: as the protocol says, else the day itself.",
    )  # fmt: skip
    role = serializers.ChoiceField(
        choices=[role.value for role in Role], required=False,
        help_text="Who does it; left out for an item of the protocol: as that says.",
    )  # fmt: skip


class TasksView(ApiView):
    """Tasks of a course."""

    @writing("Ask for a task on a course", TaskIn, ReminderOut)
    def post(self, request: Any, pk: int) -> Response:
        """Ask for something beside the schedule; it is done, skipped and put off like the rest."""
        course_or_404(self.actor, pk)
        task = NewTask(**self.received(TaskIn))
        row = add_task(course_id=pk, task=task, actor=self.actor, now=timezone.now())
        return Response(reminder_json(row, self.actor), status=201)
