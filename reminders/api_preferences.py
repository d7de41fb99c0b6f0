"""How the caller wants to be told, in the API."""

from dataclasses import asdict
from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api_answers import reading, writing
from accounts.api_requests import ApiView, StrictInput
from reminders.domain.sending import EARLIEST_HOUR, LATEST_HOUR
from reminders.preferences import LANGUAGES, Wishes, set_wishes, wishes_of


class WishesOut(serializers.Serializer[Any]):
    """How one is told of what is due, besides in the site."""

    email = serializers.BooleanField(help_text="A digest once a day; needs an address.")
    hour = serializers.IntegerField(help_text="Not before this hour of the centre's clocks.")
    language = serializers.ChoiceField(choices=LANGUAGES, help_text="Of e-mail.")


class WishesIn(StrictInput):
    """All of it, at once."""

    email = serializers.BooleanField()
    hour = serializers.IntegerField(min_value=EARLIEST_HOUR, max_value=LATEST_HOUR)
    language = serializers.ChoiceField(choices=LANGUAGES)


class WishesView(ApiView):
    """The caller's own wishes."""

    @reading("Read how one wants to be told", WishesOut)
    def get(self, request: Request) -> Response:
        """Read what holds for the caller, said or not."""
        return Response(asdict(wishes_of(self.actor)))

    @writing("Say how one wants to be told", WishesIn, WishesOut, status=200)
    def put(self, request: Request) -> Response:
        """Keep how the caller wants to be told."""
        given = Wishes(**self.received(WishesIn))
        return Response(asdict(set_wishes(wishes=given, actor=self.actor, now=timezone.now())))
