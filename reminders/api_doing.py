"""What people do with a reminder, in the API: done, skipped, put off, open again."""

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api_answers import writing
from accounts.api_requests import ApiView, DayField, StrictInput, WordsField
from reminders import closing
from reminders.api import ReminderOut, reminder_json
from reminders.awaiting import await_result


class ReminderDoneIn(StrictInput):
    """The day on which it was done: from the referral to today."""

    done_on = DayField()


class ReminderReasonIn(StrictInput):
    """Why."""

    reason = WordsField(max_length=2000)


class ReminderSnoozeIn(StrictInput):
    """Until which day it is put off, and why; it asks again by itself on that day."""

    until = DayField()
    reason = WordsField(max_length=2000)


class DoneView(ApiView):
    """A reminder being done."""

    @writing("Mark a reminder done", ReminderDoneIn, ReminderOut)
    def post(self, request: Request, pk: int) -> Response:
        """Record that it was done on a day, in time or not."""
        given = self.received(ReminderDoneIn)
        done = closing.mark_done(reminder_id=pk, actor=self.actor, now=timezone.now(), **given)
        return Response(reminder_json(done, self.actor), status=201)


class ReminderAwaitedIn(StrictInput):
    """The day on which the test was done: from the referral to today."""

    performed_on = DayField()


class AwaitedView(ApiView):
    """A test being done whose result is awaited."""

    @writing("Mark a test done, its result awaited", ReminderAwaitedIn, ReminderOut)
    def post(self, request: Request, pk: int) -> Response:
        """Record the day of the test; it stays open and asks for the result later."""
        given = self.received(ReminderAwaitedIn)
        waits = await_result(reminder_id=pk, actor=self.actor, now=timezone.now(), **given)
        return Response(reminder_json(waits, self.actor), status=201)


class SkipView(ApiView):
    """A reminder being skipped."""

    @writing("Skip a reminder", ReminderReasonIn, ReminderOut)
    def post(self, request: Request, pk: int) -> Response:
        """Record that it will not be done, and why."""
        given = self.received(ReminderReasonIn)
        skipped = closing.skip(reminder_id=pk, actor=self.actor, now=timezone.now(), **given)
        return Response(reminder_json(skipped, self.actor), status=201)


class SnoozeView(ApiView):
    """A reminder being put off."""

    @writing("Put a reminder off", ReminderSnoozeIn, ReminderOut)
    def post(self, request: Request, pk: int) -> Response:
        """Put it off until a day, and say why."""
        given = self.received(ReminderSnoozeIn)
        put_off = closing.snooze(reminder_id=pk, actor=self.actor, now=timezone.now(), **given)
        return Response(reminder_json(put_off, self.actor), status=201)


class ReopenView(ApiView):
    """A reminder being opened again."""

    @writing("Open a reminder again", ReminderReasonIn, ReminderOut)
    def post(self, request: Request, pk: int) -> Response:
        """Ask again for what was done, skipped or put off, and say why."""
        given = self.received(ReminderReasonIn)
        opened = closing.reopen(reminder_id=pk, actor=self.actor, now=timezone.now(), **given)
        return Response(reminder_json(opened, self.actor), status=201)
