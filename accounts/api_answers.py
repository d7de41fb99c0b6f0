"""What the answers of the API share in its schema: problems, and how an endpoint is described."""

from collections.abc import Callable
from typing import Any, TypeVar

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers

from accounts.problems import PROBLEM_TYPE
from terms.refusals import Kind

F = TypeVar("F", bound=Callable[..., Any])


class Reason(serializers.Serializer[Any]):
    """One reason against a request."""

    code = serializers.CharField(help_text="Stable; never translated.")
    message = serializers.CharField(help_text="In the language of the request.")
    kind = serializers.ChoiceField(
        choices=[kind.value for kind in Kind],
        help_text="`soft` yields to a reason in `overrides`, given by one of `who_may`.",
    )
    who_may = serializers.ListField(
        child=serializers.CharField(), help_text="Roles that could do or waive it."
    )
    field = serializers.CharField(help_text="The input at fault; empty when no single one is.")


class Problem(serializers.Serializer[Any]):
    """An error, as RFC 9457 describes it, with every reason at once."""

    type = serializers.CharField(help_text="Always `about:blank`: look at `code`.")
    title = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.CharField(help_text="Stable; never translated.")
    detail = serializers.CharField()
    reasons = Reason(many=True)
    current_version = serializers.IntegerField(
        required=False, help_text="With 409 and 412: the version there is now."
    )
    standing = serializers.DictField(
        required=False, help_text="With 409 `overtaken`: what somebody else said meanwhile."
    )


_READ = (401, 403, 404, 429)
_WRITE = (400, 401, 403, 404, 409, 412, 415, 422, 429)


def problems(*statuses: int) -> dict[Any, Any]:
    """Responses of the schema: problem+json for each status."""
    return {(status, PROBLEM_TYPE): Problem for status in statuses}


def reading(summary: str, answer: Any = None, **more: Any) -> Callable[[F], F]:
    """Decorator: how the schema describes a GET. Without `answer` the view's own serializer."""
    own = {200: answer} if answer is not None else {}
    if own:
        more["responses"] = own | problems(*_READ)
    described: Callable[[F], F] = extend_schema(summary=summary, **more)
    return described


def writing(
    summary: str,
    body: Any,
    answer: Any,
    *,
    status: int = 201,
    statuses: tuple[int, ...] = (),
    **more: Any,
) -> Callable[[F], F]:
    """Decorator: how the schema describes a write; `statuses` are further problems."""
    described: Callable[[F], F] = extend_schema(
        summary=summary,
        request=body,
        responses={status: answer} | problems(*_WRITE, *statuses),
        **more,
    )
    return described


IF_MATCH = OpenApiParameter(
    name="If-Match",
    type=OpenApiTypes.STR,
    location=OpenApiParameter.HEADER,
    description='The ETag that course or patient was read with, `"<id>.<version>"`.',
)
