"""Errors of the API as data: the one shape (RFC 9457) that views, middleware and crashes answer."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from django.http import JsonResponse

from accounts.wording import in_words
from terms.refusals import Kind, Refusal

PROBLEM_TYPE = "application/problem+json"


def refusal_json(refusal: Refusal) -> dict[str, Any]:
    """A refusal as the API gives it, in the active language."""
    return {
        "code": refusal.code,
        "message": encodable(in_words(refusal)),
        "kind": refusal.kind.value,
        "who_may": list(refusal.who_may),
        "field": encodable(refusal.field),
    }


def problem_json(
    status: int,
    code: str,
    reasons: Sequence[Mapping[str, Any]],
    more: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """An error with every reason at once."""
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
    """A problem for one reason, from where no view of the API answers."""
    reason = {"code": code, "message": message, "kind": Kind.HARD.value, "who_may": [], "field": ""}
    problem = problem_json(status, code, [reason])
    return JsonResponse(problem, status=status, content_type=PROBLEM_TYPE)


def encodable(text: str) -> str:
    """What was typed may be quoted in an answer, and may hold halves of characters."""
    return text.encode(errors="replace").decode()
