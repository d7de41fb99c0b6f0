"""Checks of what the actor may do, raising with who may instead."""

from accounts.models import Centre, User
from accounts.permissions import PERMISSION_NAMES, Permission, roles_with
from terms.refusals import NotAllowed, Refusal
from terms.words import N_


def require(actor: User, *permissions: Permission) -> None:
    """Raise NotAllowed naming every one of `permissions` the actor's roles lack."""
    missing = [permission for permission in permissions if not actor.may(permission)]
    if missing:
        raise NotAllowed(
            Refusal(
                code="not_permitted",
                message=N_("Your role does not allow this (%(permission)s)."),
                params={"permission": PERMISSION_NAMES[permission]},
                who_may=roles_with(permission),
            )
            for permission in missing
        )


def centre_of(actor: User) -> Centre:
    """The centre `actor` works at. Raises NotAllowed for somebody who works at none."""
    for held in actor.open_memberships:
        if held.centre_id == actor.working_centre_id:
            return held.centre
    raise NotAllowed([Refusal("no_centre", N_("You do not work at any centre."))])
