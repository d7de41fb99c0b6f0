"""The key that a sender puts on a message, so that sending it again stores nothing twice."""

from uuid import UUID

from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ParseError
from rest_framework.request import Request

IDEMPOTENCY_KEY = OpenApiParameter(
    name="Idempotency-Key",
    type=OpenApiTypes.UUID,
    location=OpenApiParameter.HEADER,
    description="A UUID made when the form was opened. The same key with the same content is "
    "stored once and answered again; with other content it is refused with 422.",
)


def key_of(request: Request) -> UUID | None:
    """The key of a request; None without one. Raises ParseError for what is no UUID."""
    text = request.headers.get("Idempotency-Key")
    if text is None:
        return None
    try:
        return UUID(text.strip())
    except ValueError:
        raise ParseError(_("Idempotency-Key is no UUID.")) from None
