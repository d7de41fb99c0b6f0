"""In which form the API answers."""

from collections.abc import Iterable
from contextlib import suppress

from rest_framework.exceptions import NotAcceptable
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request


class LenientNegotiation(DefaultContentNegotiation):
    """What `Accept` asks for where there is a choice, else the one form there is.

    A refusal of an `Accept` header helps nobody: the answer says what it is.
    """

    def select_renderer(
        self,
        request: Request,
        renderers: Iterable[BaseRenderer],
        format_suffix: str | None = None,
    ) -> tuple[BaseRenderer, str]:
        """The renderer and its media type."""
        first, *others = renderers
        if others:
            with suppress(NotAcceptable):
                found: tuple[BaseRenderer, str] = super().select_renderer(
                    request, [first, *others], format_suffix
                )
                return found
        return first, str(first.media_type)
