"""Calculators of the pathway in the API: an answer from what is sent, and nothing stored."""

from dataclasses import asdict
from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api_answers import Reason, writing
from accounts.api_requests import ApiView, StrictInput, WordsField
from accounts.problems import refusal_json
from pathway.domain.isbt128 import read_din
from pathway.scanning import LONGEST_SCAN


class DinIn(StrictInput):
    """A donation number in any printed or scanned form."""

    din = WordsField(max_length=LONGEST_SCAN)


class DinOut(serializers.Serializer[Any]):
    """What a text says as a donation number."""

    valid = serializers.BooleanField()
    din = serializers.CharField(
        allow_null=True, help_text="The 13 characters; null when the text has not their form."
    )
    check_character = serializers.CharField(
        allow_null=True, help_text="The one that belongs to `din`, given or not."
    )
    flags = serializers.CharField(allow_null=True, help_text="The two flags of a scanned number.")
    reasons = Reason(many=True, help_text="Everything that is wrong; empty when valid.")


class IsbtDinView(ApiView):
    """The ISBT 128 donation number."""

    @writing("Read a donation number", DinIn, DinOut, status=200)
    def post(self, request: Request) -> Response:
        """Read 13 characters, 14 with their check character, or 16 as scanned."""
        reading = read_din(self.received(DinIn)["din"])
        read = asdict(reading)
        texts = {name: read[name] or None for name in ("din", "check_character", "flags")}
        reasons = [refusal_json(reason) for reason in reading.reasons]
        return Response({"valid": reading.valid, **texts, "reasons": reasons})
