"""What is stored once however often it is sent: the key of its page, and what came with it."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from django import forms
from django.core.serializers.json import DjangoJSONEncoder

from terms.refusals import Refusal
from terms.words import N_

KEY_REUSED = Refusal(
    code="key_reused",
    message=N_("This key was used for another entry: it stands for one entry only."),
)


class OnceForm(forms.Form):
    """A form that stores one record however often it is sent: its key is made with the page."""

    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, initial: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(data, initial={"key": uuid4(), **(initial or {})})


def digest(content: Mapping[str, Any]) -> str:
    """What was sent, as 64 characters: the same for the same content, in whatever order."""
    plain = json.dumps(content, cls=DjangoJSONEncoder, sort_keys=True)
    return hashlib.sha256(plain.encode()).hexdigest()
