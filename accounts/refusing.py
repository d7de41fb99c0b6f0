"""What follows a refusal besides its words: who is told what, the HTTP status, the audit's line."""

from collections.abc import Sequence
from datetime import datetime

from accounts.models import User
from accounts.permissions import Permission
from audit.recording import record
from terms.refusals import NotAllowed, Refusal, Refused, StaleVersion


def told_to(user: object, refusals: Sequence[Refusal]) -> tuple[Refusal, ...]:
    """The reasons against a move that `user` may hear.

    Where the role already refuses, somebody who may not see identities hears only that: the other
    reasons depend on facts such as the birth date, and asking again for another day would find it.
    """
    named = isinstance(user, User) and user.may(Permission.SEE_IDENTITY)
    role = tuple(refusal for refusal in refusals if refusal.code == "role")
    return tuple(refusals) if named or not role else role


def status_of(refused: Refused) -> int:
    """The HTTP status that says what kind of refusal this is."""
    if isinstance(refused, NotAllowed):
        return 403
    return 409 if isinstance(refused, StaleVersion) else 422


def note_refusal(user: object, refused: Refused, where: str, *, now: datetime) -> None:
    """Keep in the audit that somebody was refused; the refused write itself was rolled back."""
    if isinstance(user, User):
        told = told_to(user, refused.refusals)
        record(
            actor=user,
            now=now,
            action="refused",
            after={"where": where, "codes": [refusal.code for refusal in told]},
        )
