"""API tokens: issued against a password, kept hashed, expiring, few per person."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from knox.models import AuthToken
from knox.settings import knox_settings

from accounts.models import User
from audit.recording import record


@dataclass(frozen=True)
class IssuedToken:
    """A fresh token: the text is shown this once and kept nowhere."""

    text: str
    expires_at: datetime


@transaction.atomic
def issue_token(*, actor: User, now: datetime) -> IssuedToken:
    """Give `actor`, whose password was just checked, a token.

    Over REST_KNOX["TOKEN_LIMIT_PER_USER"] the oldest ones end, so that a script that signs in
    each time it runs never locks its owner out.
    """
    User.objects.select_for_update(no_key=True).get(pk=actor.pk)
    held = AuthToken.objects.filter(user=actor)
    held.filter(expiry__lt=now).delete()
    kept = knox_settings.TOKEN_LIMIT_PER_USER - 1
    surplus = held.order_by("-created", "digest").values_list("pk", flat=True)[kept:]
    held.filter(pk__in=list(surplus)).delete()
    token, text = AuthToken.objects.create(user=actor)
    record(
        actor=actor, now=now, action="token.issue", obj=actor, after={"expires_at": token.expiry}
    )
    return IssuedToken(text=text, expires_at=token.expiry)


@transaction.atomic
def revoke_token(*, token: AuthToken, actor: User, now: datetime) -> None:
    """End the token that `actor` signed this request with."""
    AuthToken.objects.filter(user=actor, pk=token.pk).delete()
    record(actor=actor, now=now, action="token.revoke", obj=actor)


def delete_tokens(user: User) -> None:
    """End all tokens of `user`, in the caller's transaction, which writes the audit event."""
    AuthToken.objects.filter(user=user).delete()
