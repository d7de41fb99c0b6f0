"""How sending stands, in the API, for administrators."""

from dataclasses import asdict
from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import require
from accounts.api_answers import reading, writing
from accounts.api_requests import ApiView, StrictInput, WordsField
from accounts.permissions import Permission
from reminders import queue
from reminders.unplanned import failures_of


class QueueCountsOut(serializers.Serializer[Any]):
    """Rows of one kind whose time has come, and those given up."""

    due = serializers.IntegerField()
    leased = serializers.IntegerField(help_text="Of these, in the hands of a worker.")
    failing = serializers.IntegerField(help_text="Of these, failed before and tried again.")
    dead = serializers.IntegerField(help_text="Given up: somebody has to look.")


class LetterOut(serializers.Serializer[Any]):
    """Something that failed; it names codes and logins, no patient."""

    kind = serializers.ChoiceField(choices=[queue.DISPATCH, queue.DIGEST])
    id = serializers.IntegerField(source="pk")
    what = serializers.CharField(help_text="The code of the course, or the login of the reader.")
    detail = serializers.CharField(help_text="The schedule item, or the day of the digest.")
    step = serializers.IntegerField()
    send_at = serializers.DateTimeField()
    attempts = serializers.IntegerField()
    error_code = serializers.CharField()
    next_try_at = serializers.DateTimeField(allow_null=True)
    dead = serializers.BooleanField()


class NotPlannedOut(serializers.Serializer[Any]):
    """A course whose reminders cannot be planned."""

    course = serializers.CharField(source="course.code", help_text="The code of the course.")
    since = serializers.DateTimeField()
    tried_at = serializers.DateTimeField(help_text="It is tried again a day later.")
    error_code = serializers.CharField()


class QueueOut(serializers.Serializer[Any]):
    """How sending stands at the centre."""

    reminders = QueueCountsOut()
    digests = QueueCountsOut()
    letters = LetterOut(many=True)
    not_planned = NotPlannedOut(many=True)
    roles_not_held = serializers.ListField(
        child=serializers.CharField(),
        help_text="Something is due for these, and nobody holds them: others are told instead.",
    )


class RetryIn(StrictInput):
    """Why it may work now."""

    reason = WordsField(max_length=500)


class RetriedOut(serializers.Serializer[Any]):
    """What is tried again."""

    kind = serializers.ChoiceField(choices=[queue.DISPATCH, queue.DIGEST])
    id = serializers.IntegerField()


class QueueView(ApiView):
    """The state of sending."""

    @reading("Read how sending stands", QueueOut)
    def get(self, request: Request) -> Response:
        """Count what waits, fails and was given up; list the last two, and what is not planned."""
        require(self.actor, Permission.WATCH_SENDING)
        now = timezone.now()
        found = {
            "reminders": asdict(queue.counts(queue.dispatches_of(self.actor), now)),
            "digests": asdict(queue.counts(queue.digests_of(self.actor), now)),
            "letters": queue.letters(self.actor),
            "not_planned": failures_of(self.actor),
            "roles_not_held": queue.roles_not_held(self.actor),
        }
        return Response(QueueOut(found).data)


class _RetryView(ApiView):
    kind = ""

    def _retry(self, pk: int) -> Response:
        reason = self.received(RetryIn)["reason"]
        queue.retry(kind=self.kind, pk=pk, reason=reason, actor=self.actor, now=timezone.now())
        return Response({"kind": self.kind, "id": pk})


class DispatchRetryView(_RetryView):
    """Another try for a reminder that could not be sent in the site."""

    kind = queue.DISPATCH

    @writing("Try to send a reminder again", RetryIn, RetriedOut, status=200)
    def post(self, request: Request, pk: int) -> Response:
        """Let a reminder that was given up be tried again, from the first try on."""
        return self._retry(pk)


class DigestRetryView(_RetryView):
    """Another try for a digest that could not be sent."""

    kind = queue.DIGEST

    @writing("Try to send a digest again", RetryIn, RetriedOut, status=200)
    def post(self, request: Request, pk: int) -> Response:
        """Let a digest that was given up be tried again, with the same Message-ID."""
        return self._retry(pk)
