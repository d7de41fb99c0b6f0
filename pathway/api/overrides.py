"""Reasons in the API that let soft refusals yield."""

from typing import Any

from rest_framework import serializers

from accounts.api_requests import StrictInput, WordsField
from pathway.domain.asking import MOST_ASKED


class OverrideIn(StrictInput):
    """A reason to let a soft refusal yield."""

    code = WordsField(max_length=60)
    reason = WordsField(max_length=2000)


class OverridesField(serializers.ListField):
    """As many reasons as one step can ask for."""

    def __init__(self, **given: Any) -> None:
        super().__init__(child=OverrideIn(), required=False, max_length=MOST_ASKED, **given)
