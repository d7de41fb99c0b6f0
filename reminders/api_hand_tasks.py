"""Tasks by hand in the API."""

from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.response import Response

from accounts.api_answers import writing
from accounts.api_keys import IDEMPOTENCY_KEY, key_of
from accounts.api_requests import ApiView, DayField, StrictInput, TextField, WordsField
from patients.selectors import course_or_404
from reminders.api import ReminderOut, reminder_json
from reminders.correcting_tasks import correct_task
from reminders.domain.items import TASK
from reminders.domain.repeats import Every
from reminders.hand_tasks import LONGEST_LABEL, LONGEST_REPEAT, NewTask, add_task
from reminders.models import Reminder
from reminders.series import skip_rest
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
    every = serializers.IntegerField(
        min_value=1, max_value=LONGEST_REPEAT, required=False, allow_null=True, default=None,
        help_text="Asked for again every so many of `unit`, up to `last`; left out: once.",
    )  # fmt: skip
    unit = serializers.ChoiceField(choices=[one.value for one in Every], required=False)
    last = DayField(required=False, allow_null=True, default=None)


class TaskCorrectionIn(StrictInput):
    """What the task says from now on, whole, and why; the item stays."""

    label = TextField(LONGEST_LABEL)  # type: ignore[assignment]
    due_on = DayField()
    until = DayField(
        required=False, allow_null=True, default=None,
        help_text="The last day in time; left out: as the protocol says, else the day itself.",
    )  # fmt: skip
    role = serializers.ChoiceField(choices=[role.value for role in Role], required=False)
    reason = WordsField(max_length=2000)


class TaskCorrectionView(ApiView):
    """A task by hand being put right."""

    @writing("Correct a task by hand", TaskCorrectionIn, ReminderOut)
    def post(self, request: Any, pk: int) -> Response:
        """Let a waiting task say something else; what it said before is kept."""
        tasks = Reminder.objects.visible_to(self.actor).exclude(made_by="")
        item = tasks.values_list("item", flat=True).get(pk=pk)
        given = dict(self.received(TaskCorrectionIn))
        reason = given.pop("reason")
        task = NewTask(item=item, **given)
        row = correct_task(
            reminder_id=pk, task=task, reason=reason, actor=self.actor, now=timezone.now()
        )
        return Response(reminder_json(row, self.actor), status=201)


class SkipRestIn(StrictInput):
    """Why."""

    reason = WordsField(max_length=2000)


class SkipRestOut(serializers.Serializer[Any]):
    """How many dates were skipped."""

    skipped = serializers.IntegerField()


class SkipRestView(ApiView):
    """The rest of a task that repeats being skipped."""

    @writing("Skip the rest of a series of tasks", SkipRestIn, SkipRestOut)
    def post(self, request: Any, pk: int) -> Response:
        """Record of this date and of those after it that wait that none will be done, and why."""
        given = self.received(SkipRestIn)
        count = skip_rest(reminder_id=pk, actor=self.actor, now=timezone.now(), **given)
        return Response({"skipped": count}, status=201)


class TasksView(ApiView):
    """Tasks of a course."""

    @writing("Ask for a task on a course", TaskIn, ReminderOut, parameters=[IDEMPOTENCY_KEY])
    def post(self, request: Any, pk: int) -> Response:
        """Ask for something beside the schedule; of what repeats the first date is answered."""
        course_or_404(self.actor, pk)
        task = NewTask(**self.received(TaskIn))
        row = add_task(
            course_id=pk, task=task, actor=self.actor, now=timezone.now(), key=key_of(request)
        )
        return Response(reminder_json(row, self.actor), status=201)
