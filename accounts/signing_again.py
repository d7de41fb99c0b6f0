"""Signing in again before something dangerous: the password, under the limits of a sign-in."""

from datetime import datetime

from allauth.account.adapter import get_adapter
from allauth.core import ratelimit
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from accounts.models import User
from terms.refusals import Refusal, Refused
from terms.words import N_


def sign_in_again(request: HttpRequest, user: User, password: str, *, now: datetime) -> datetime:
    """When `user`, who asks, gave their own password: now. Raises Refused for a wrong one.

    The audit keeps every try. Somebody who has tried too often waits, as at the sign-in.
    """
    if not ratelimit.consume(request, action="reauthenticate", user=user):
        raise Refused([_refusal("too_many_tries", _TOO_MANY)])
    try:
        right = get_adapter(request).reauthenticate(user, password)
    except ValidationError as error:
        raise Refused([_refusal("too_many_tries", _TOO_MANY)]) from error
    if not right:
        raise Refused([_refusal("password_wrong", N_("This is not your password."))])
    return now


_TOO_MANY = N_("Too many wrong passwords. Wait some minutes, then try again.")


def _refusal(code: str, message: str) -> Refusal:
    return Refusal(code=code, message=message, field="password")
