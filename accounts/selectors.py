"""Reading people and roles, always within the centre one works at."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import F, Prefetch, Q, QuerySet

from accounts.models import Membership, User
from accounts.permissions import PERMISSION_NAMES, ROLE_PERMISSIONS, Permission
from terms.roles import Role


def visible_users(actor: User) -> QuerySet[User]:
    """People who hold or held a role at the centre `actor` works at; none without permission."""
    if not actor.may(Permission.MANAGE_USERS):
        return User.objects.none()
    return User.objects.filter(pk__in=memberships_at_centre(actor).values("user"))


def memberships_at_centre(actor: User) -> QuerySet[Membership]:
    """All roles, open and ended, at the centre `actor` works at."""
    return Membership.objects.filter(Q(centre_id=actor.working_centre_id))


def user_list(actor: User) -> QuerySet[User]:
    """The people of the centre by name, active ones first, with `roles_here` prefetched."""
    return (
        visible_users(actor)
        .prefetch_related(
            Prefetch(
                "memberships",
                queryset=memberships_at_centre(actor).filter(ended_at=None).order_by("role"),
                to_attr="roles_here",
            )
        )
        .order_by("-is_active", "last_name", "first_name", "username")
    )


def memberships_here(user: User, actor: User) -> QuerySet[Membership]:
    """The roles of `user` at the centre `actor` works at: open ones first, then the ended."""
    return (
        memberships_at_centre(actor)
        .filter(user=user)
        .order_by(F("ended_at").desc(nulls_first=True), "-granted_at", "role")
    )


@dataclass(frozen=True)
class PermissionRow:
    """One permission and, for each role in the order of the table, whether it includes it."""

    code: str
    name: str
    held: tuple[bool, ...]


def permission_table() -> Iterator[PermissionRow]:
    """Who may do what, as the rows of a table whose columns are the roles."""
    for permission, name in PERMISSION_NAMES.items():
        yield PermissionRow(
            code=permission.value,
            name=name,
            held=tuple(permission in ROLE_PERMISSIONS[role] for role in Role),
        )
