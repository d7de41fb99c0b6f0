"""The secret link of one's calendar feed in the API."""

from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import require
from accounts.api_answers import reading, writing
from accounts.api_requests import ApiView, StrictInput
from accounts.permissions import Permission
from reminders import subscribing


class FeedIn(StrictInput):
    """Which courses the feed is of."""

    mine = serializers.BooleanField(required=False, default=False)


class FeedOut(serializers.Serializer[Any]):
    """Since when there is a link; null without one. Its secret is told when it is made only."""

    made_at = serializers.DateTimeField(allow_null=True)
    mine = serializers.BooleanField()
    url = serializers.CharField(help_text="Only in the answer to POST, else empty.")


class FeedView(ApiView):
    """One's own link."""

    @reading("Whether one has a calendar feed", FeedOut)
    def get(self, request: Request) -> Response:
        """Say since when there is a link."""
        require(self.actor, Permission.READ_COURSES)
        feed = subscribing.feed_of(self.actor)
        return Response(
            {
                "made_at": feed.made_at if feed else None,
                "mine": bool(feed and feed.mine),
                "url": "",
            }
        )

    @writing("Make a calendar feed", FeedIn, FeedOut)
    def post(self, request: Request) -> Response:
        """Make a link; the one before ends. Whoever has it reads the calendar: keep it secret."""
        issued = subscribing.subscribe(
            **self.received(FeedIn), language=get_language() or "en", actor=self.actor,
            now=timezone.now(),
        )  # fmt: skip
        path = reverse("calendar_feed", args=[issued.secret])
        return Response(
            {
                "made_at": issued.feed.made_at,
                "mine": issued.feed.mine,
                "url": request.build_absolute_uri(path),
            },
            status=201,
        )

    @writing("End the calendar feed", None, None, status=204)
    def delete(self, request: Request) -> Response:
        """End the link; harmless without one."""
        require(self.actor, Permission.READ_COURSES)
        subscribing.unsubscribe(actor=self.actor, now=timezone.now())
        return Response(status=204)
