"""What the answers of the API share: refusals as data, and how the schema describes an endpoint."""

from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, TypeVar

from django.http import JsonResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers

from accounts.wording import in_words
from terms.refusals import Kind, Refusal

F = TypeVar("F", bound=Callable[..., Any])
PROBLEM_TYPE = "application/problem+json"


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
        required=False, help_text="With 409 and 412: the version that the course has now."
    )


_READ = (401, 403, 404, 429)
_WRITE = (400, 401, 403, 404, 409, 412, 415, 422, 429)


def refusal_json(refusal: Refusal) -> dict[str, Any]:
    """A refusal as the API gives it, in the active language."""
    return {
        "code": refusal.code,
        "message": in_words(refusal),
        "kind": refusal.kind.value,
        "who_may": list(refusal.who_may),
        "field": refusal.field,
    }


def problem_json(
    status: int,
    code: str,
    reasons: Sequence[Mapping[str, Any]],
    more: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """An error as every part of the API gives it: the shape of `Problem`."""
    return {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": int(status),
        "code": code,
        "detail": " ".join(reason["message"] for reason in reasons),
        "reasons": list(reasons),
        **(more or {}),
    }


def problem_response(status: int, code: str, message: str) -> JsonResponse:
    """A problem for one reason, from where no view of the API answers: middleware, a crash."""
    reason = {"code": code, "message": message, "kind": Kind.HARD.value, "who_may": [], "field": ""}
    problem = problem_json(status, code, [reason])
    return JsonResponse(problem, status=status, content_type=PROBLEM_TYPE)


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
    description='The ETag that the course was read with, `"<id>.<version>"`.',
)
