"""What follows a refusal besides its words: the HTTP status and the line in the audit."""

from datetime import datetime

from accounts.models import User
from audit.recording import record
from terms.refusals import NotAllowed, Refused, StaleVersion


def status_of(refused: Refused) -> int:
    """The HTTP status that says what kind of refusal this is."""
    if isinstance(refused, NotAllowed):
        return 403
    return 409 if isinstance(refused, StaleVersion) else 422


def note_refusal(user: object, refused: Refused, where: str, *, now: datetime) -> None:
    """Keep in the audit that somebody was refused; the refused write itself was rolled back."""
    if isinstance(user, User):
        record(
            actor=user,
            now=now,
            action="refused",
            after={"where": where, "codes": [refusal.code for refusal in refused.refusals]},
        )
