"""People who sign in, the centres they work at and the roles they hold there."""

from functools import cached_property
from typing import ClassVar
from zoneinfo import ZoneInfo

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from accounts.permissions import ROLE_CHOICES, ROLE_PERMISSIONS, Permission
from audit.prepared import Prepared
from terms.roles import Role


class Centre(models.Model):
    """A hospital's cell-therapy programme: the border of what anybody sees."""

    code = models.SlugField(_("code"), max_length=12, unique=True)
    name = models.CharField(_("name"), max_length=120)
    time_zone = models.CharField(_("time zone"), max_length=40, default="Europe/Rome")

    def __str__(self) -> str:
        return self.name

    @cached_property
    def zone(self) -> ZoneInfo:
        """The zone in which this centre's dates and day numbers are counted."""
        return ZoneInfo(self.time_zone)


class User(AbstractUser):
    """One person, one login; shared logins are not allowed."""

    email = models.EmailField(_("email address"), blank=True)
    working_centre = models.ForeignKey(
        Centre,
        verbose_name=_("centre"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    # Somebody else set the password: until its owner does, it opens nothing else.
    must_change_password = models.BooleanField(default=False)
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [
            # Sign-in ignores case: two names that differ in case alone would be one login.
            models.UniqueConstraint(Lower("username"), name="username_unique_in_any_case"),
        ]

    @cached_property
    def open_memberships(self) -> "tuple[Membership, ...]":
        """The roles held now, at every centre, with their centres: one query a request."""
        found = tuple(_OPEN_MEMBERSHIPS(self.pk))
        for held in found:
            if held.centre_id == self.working_centre_id:
                self.working_centre = held.centre  # it need not be asked for again
        return found

    @cached_property
    def roles(self) -> frozenset[str]:
        """Role codes held at the working centre; empty when inactive there."""
        if not self.is_active or self.working_centre_id is None:
            return frozenset()
        here = self.working_centre_id
        return frozenset(held.role for held in self.open_memberships if held.centre_id == here)

    @cached_property
    def permissions(self) -> frozenset[Permission]:
        """Everything the roles at the working centre allow."""
        return frozenset().union(*(ROLE_PERMISSIONS[Role(role)] for role in self.roles))

    def may(self, permission: Permission) -> bool:
        """Whether the roles at the working centre include `permission`."""
        return permission in self.permissions

    def forget_roles(self) -> None:
        """Read the roles anew next time: memberships or the working centre changed."""
        for known in ("open_memberships", "roles", "permissions"):
            self.__dict__.pop(known, None)


class Membership(models.Model):
    """A role somebody holds at a centre. Ended, never deleted."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    centre = models.ForeignKey(Centre, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(_("role"), max_length=20, choices=ROLE_CHOICES)
    granted_at = models.DateTimeField()
    granted_by = models.CharField(max_length=150)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.CharField(max_length=150, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "centre", "role"],
                condition=Q(ended_at=None),
                name="one_open_membership",
            ),
            models.CheckConstraint(
                condition=Q(role__in=[role.value for role in Role]), name="membership_role_known"
            ),
        ]


# Asked at every request and by every service.
_OPEN_MEMBERSHIPS = Prepared(
    lambda user: Membership.objects.filter(user=user, ended_at=None).select_related("centre")
)
