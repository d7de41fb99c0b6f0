"""Who may say that a reminder was done: who does everybody's, and whose own work it is."""

from collections.abc import Iterable

from accounts.models import User
from accounts.permissions import PERMISSION_NAMES, Permission, roles_with
from terms.refusals import NotAllowed, Refusal
from terms.words import N_


def may_do(actor: User, role: str) -> bool:
    """Whether `actor` may do, skip, put off and open again what `role` has to do."""
    return actor.may(Permission.DO_REMINDERS) or role in actor.roles


def require_doing(actor: User, roles: Iterable[str]) -> None:
    """Raise NotAllowed when one of `roles` has work that is not for `actor` to answer."""
    others = [role for role in sorted(set(roles)) if not may_do(actor, role)]
    if others:
        raise NotAllowed(
            Refusal(
                code="not_permitted",
                message=N_("Your role does not allow this (%(permission)s)."),
                params={"permission": PERMISSION_NAMES[Permission.DO_REMINDERS]},
                who_may=tuple(dict.fromkeys((*roles_with(Permission.DO_REMINDERS), role))),
            )
            for role in others
        )
