"""What every write of the API shares: strict input, who asks, and the version they saw."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from django.http import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.exceptions import APIException, NotAuthenticated, ParseError
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.models import User
from accounts.strict_inputs import DayField, MomentField, StrictInput
from terms.refusals import Refused

__all__ = [
    "LARGEST_ID",
    "LARGEST_VERSION",
    "ApiView",
    "DayField",
    "IdField",
    "MomentField",
    "PreconditionFailed",
    "PreconditionRequired",
    "StrictInput",
    "TextField",
    "VersionField",
    "WordsField",
    "actor_of",
    "body_of",
    "etag",
    "filters_of",
    "naming",
    "needed_version",
    "read",
    "seen_version",
    "with_etag",
]

LARGEST_ID = 2**63 - 1
LARGEST_VERSION = 2**31 - 1
_ETAG = re.compile(r'"(\d{1,19})\.(\d{1,10})"')


class PreconditionRequired(APIException):
    """The request does not say which version it is about."""

    status_code = 428
    default_detail = _("Say which version you saw: with If-Match, or with expected_version.")
    default_code = "precondition_required"


class PreconditionFailed(APIException):
    """If-Match names another version, or none that can be read."""

    status_code = 412
    default_detail = _("This has changed since you read it, or If-Match names something else.")
    default_code = "stale_version"


class IdField(serializers.IntegerField):
    """The id of a row."""

    def __init__(self, **given: Any) -> None:
        super().__init__(min_value=1, max_value=LARGEST_ID, **given)


class VersionField(serializers.IntegerField):
    """The version of a course that somebody saw."""

    def __init__(self, **given: Any) -> None:
        super().__init__(min_value=1, max_value=LARGEST_VERSION, **given)


class WordsField(serializers.CharField):
    """Text, and no number or truth value taken for one."""

    def to_internal_value(self, data: Any) -> str:
        """The text; raises ValidationError."""
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class TextField(WordsField):
    """Text that may be left out, then empty."""

    def __init__(self, max_length: int = 2000) -> None:
        super().__init__(required=False, allow_blank=True, default="", max_length=max_length)


@contextmanager
def naming(names: Mapping[str, str], *, within: str = "") -> Iterator[None]:
    """Refusals of the services inside name the API's own input.

    `names` maps a service's name of a field to the API's; any other field is looked for in the
    object `within` of the body.
    """
    try:
        yield
    except Refused as refused:
        raise type(refused)(
            replace(refusal, field=_input_name(refusal.field, names, within))
            for refusal in refused.refusals
        ) from refused


def _input_name(field: str, names: Mapping[str, str], within: str) -> str:
    if field in names or not field:
        return names.get(field, "")
    return f"{within}.{field}" if within else field


class ApiView(APIView):
    """A view of the API for somebody signed in."""

    @property
    def actor(self) -> User:
        """Who asks."""
        return actor_of(self.request)

    def received(self, form: type[serializers.Serializer[Any]]) -> dict[str, Any]:
        """The body as `form` reads it; raises ValidationError with everything wrong at once."""
        return read(form, body_of(self.request), self.actor)

    def received_on(
        self, form: type[serializers.Serializer[Any]], pk: int
    ) -> tuple[dict[str, Any], int]:
        """The body as `form` reads it, and the version of `pk` that the caller saw.

        The version may stand in the body as `expected_version`. Raises as `received` does, and
        PreconditionRequired or PreconditionFailed as `needed_version` does.
        """
        given = self.received(form)
        return given, needed_version(self.request, pk, given.pop("expected_version", None))

    def asked(self, form: type[serializers.Serializer[Any]]) -> dict[str, Any]:
        """The filters in the address as `form` reads them; raises as `received` does."""
        return filters_of(self.request, form)


def actor_of(request: Request) -> User:
    """Who asks. Raises NotAuthenticated for nobody."""
    if not isinstance(request.user, User):
        raise NotAuthenticated
    return request.user


def body_of(request: Request) -> Any:
    """The parsed body. Raises ParseError also for what the parser itself chokes on."""
    try:
        return request.data
    except (RecursionError, LookupError, TypeError) as error:
        raise ParseError from error


def filters_of(request: Request, form: type[serializers.Serializer[Any]]) -> dict[str, Any]:
    """The query parameters that `form` knows, the first of each; pages are the paginator's."""
    given = {name: text for name, text in request.query_params.items() if name in form().fields}
    return read(form, given, actor_of(request))


def read(form: type[serializers.Serializer[Any]], data: Any, actor: User) -> dict[str, Any]:
    """`data` as `form` reads it, with times in the zone of the actor's centre."""
    zone = actor.working_centre.zone if actor.working_centre else None
    context = {"zone": zone, "today": timezone.localdate(timezone=zone)}
    serializer = form(data=data, context=context)
    serializer.is_valid(raise_exception=True)
    values: dict[str, Any] = serializer.validated_data
    return values


def etag(pk: int, version: int) -> str:
    """The strong ETag of a row's version."""
    return f'"{pk}.{version}"'


def seen_version(request: Request, pk: int, given: int | None = None) -> int | None:
    """The version the caller saw: from If-Match, else `given` in the body, else None.

    Raises PreconditionFailed when If-Match is no ETag of `pk`.
    """
    header = request.headers.get("If-Match")
    if header is None:
        return given
    match = _ETAG.fullmatch(header.strip())
    if match is None or int(match[1]) != pk:
        raise PreconditionFailed
    return int(match[2])


def needed_version(request: Request, pk: int, given: int | None = None) -> int:
    """As `seen_version`, but raises PreconditionRequired when the caller names none."""
    version = seen_version(request, pk, given)
    if version is None:
        raise PreconditionRequired
    return version


def with_etag(response: HttpResponseBase, pk: int, version: int) -> None:
    """Put the ETag of a row's version on a response."""
    response["ETag"] = etag(pk, version)
