"""From errors of the API to problem+json (RFC 9457), with a stable code and every reason."""

from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from django.core.exceptions import (
    ObjectDoesNotExist,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
)
from django.http import Http404
from django.utils import timezone
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.problems import PROBLEM_TYPE, encodable, problem_json, refusal_json
from accounts.refusing import note_refusal, status_of, told_to
from config import unreadable
from config.unreadable import unreadable_problem
from protocol.domain.loading import ProtocolInvalid
from terms.refusals import NotAllowed, Overtaken, Refused, StaleVersion

Reasons = list[dict[str, Any]]


def as_problem(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """The answer for `error`; None for what is a fault of ours, which stays one."""
    request: Request = context["request"]
    if isinstance(error, Refused):
        return _refused(error, request)
    if isinstance(error, ProtocolInvalid):
        reason = dict(unreadable_problem(request._request, error))
        return _answer(unreadable.STATUS, unreadable.CODE, [reason])
    known = _as_api_error(error)
    if known is None:
        return None
    # What DRF says it with: who to sign in as, when to come back.
    headers = {}
    if getattr(known, "auth_header", None):
        headers["WWW-Authenticate"] = known.auth_header  # type: ignore[attr-defined]
    if getattr(known, "wait", None):
        headers["Retry-After"] = str(int(known.wait))  # type: ignore[attr-defined]
    reasons = list(_reasons(known.get_full_details()))
    code = "invalid" if isinstance(known, exceptions.ValidationError) else reasons[0]["code"]
    return _answer(known.status_code, code, reasons, headers=headers)


def _refused(refused: Refused, request: Request) -> Response:
    note_refusal(request.user, refused, request.path, now=timezone.now())
    reasons = [refusal_json(refusal) for refusal in told_to(request.user, refused.refusals)]
    status, code, more = status_of(refused), "refused", {}
    if isinstance(refused, NotAllowed):
        code = "not_allowed"
    if isinstance(refused, StaleVersion):
        code = "stale_version"
        more = {"current_version": refused.refusals[0].params.get("current")}
        if isinstance(refused, Overtaken):
            code, more = "overtaken", {"standing": dict(refused.standing)}
        if "If-Match" in request.headers:
            status = HTTPStatus.PRECONDITION_FAILED
    return _answer(status, code, reasons, more)


def _as_api_error(error: Exception) -> exceptions.APIException | None:
    if isinstance(error, exceptions.APIException):
        return error
    if isinstance(error, Http404 | ObjectDoesNotExist):
        return exceptions.NotFound()
    if isinstance(error, PermissionDenied):
        return exceptions.PermissionDenied()
    if isinstance(error, SuspiciousOperation):
        problem = exceptions.ParseError()
        if isinstance(error, RequestDataTooBig):
            problem.status_code = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        return problem
    return None


def _reasons(details: Any, field: str = "") -> Iterator[dict[str, Any]]:
    """Every message of DRF's nested details, with the path to its field."""
    if isinstance(details, Mapping) and set(details) == {"message", "code"}:
        yield {
            "code": str(details["code"]),
            "message": encodable(str(details["message"])),
            "kind": "hard",
            "who_may": [],
            "field": encodable(field),
        }
    elif isinstance(details, Mapping):
        for name, nested in details.items():
            own = "" if name == "non_field_errors" else str(name)
            yield from _reasons(nested, ".".join(filter(None, (field, own))))
    elif isinstance(details, Sequence):
        for place, nested in enumerate(details):
            several = isinstance(nested, Mapping) and "message" not in nested
            yield from _reasons(nested, f"{field}.{place}" if several else field)


def _answer(
    status: int,
    code: str,
    reasons: Reasons,
    more: Mapping[str, Any] | None = None,
    *,
    headers: Mapping[str, str] | None = None,
) -> Response:
    return Response(
        problem_json(status, code, reasons, more),
        status=int(status),
        headers=dict(headers or {}),
        content_type=PROBLEM_TYPE,
    )
