"""Who may work at a centre and as what: logins and roles, given and ended by its administrators.

Every service locks the centre first, so that two administrators acting at once see each other.
All raise NotAllowed without the permission to manage users, User.DoesNotExist for somebody who
never had a role at the actor's centre, and Refused naming every reason at once.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from accounts.access import require
from accounts.login_faults import (
    faults_of_login,
    faults_of_password,
    faults_of_roles,
    faults_of_whole_login,
)
from accounts.models import Centre, Membership, User
from accounts.permissions import Permission, roles_with
from accounts.selectors import visible_users
from accounts.tokens import delete_tokens
from audit.recording import record
from terms.refusals import Refusal, Refused
from terms.words import N_

MANAGE = Permission.MANAGE_USERS


@dataclass(frozen=True)
class NewUser:
    """What is typed to make a login; the roles are held at the actor's working centre."""

    username: str
    given_name: str
    family_name: str
    password: str
    roles: tuple[str, ...]
    email: str = ""


@transaction.atomic
def create_user(*, new: NewUser, actor: User, now: datetime) -> User:
    """Make a login with its first roles; the username is kept in lower case.

    The password is only good for changing it: the administrator knows it.
    """
    centre = _lock_own_centre(actor)
    user = User(
        username=new.username.strip().lower(),
        first_name=new.given_name.strip(),
        last_name=new.family_name.strip(),
        email=new.email.strip(),
        working_centre=centre,
        date_joined=now,
        must_change_password=True,
    )
    _refuse([*faults_of_login(user, new.password), *faults_of_roles(new.roles)])
    user.set_password(new.password)
    user.save(force_insert=True)
    for role in dict.fromkeys(new.roles):
        _grant(user, centre, role, by=actor.get_username(), now=now)
    record(
        actor=actor,
        now=now,
        action="user.create",
        obj=user,
        after={"username": user.username, "roles": new.roles},
    )
    return user


@transaction.atomic
def grant_role(*, user_id: int, role: str, actor: User, now: datetime) -> Membership:
    """Give somebody else of the centre one more role there."""
    centre = _lock_own_centre(actor)
    user = visible_users(actor).get(pk=user_id)
    faults = faults_of_roles([role])
    if user.pk == actor.pk:
        faults.append(
            Refusal(
                code="own_role",
                message=N_("You cannot give yourself a role: another administrator can."),
                who_may=roles_with(MANAGE),
            )
        )
    if user.memberships.filter(centre=centre, role=role, ended_at=None).exists():
        faults.append(
            Refusal(code="role_held", message=N_("They already hold this role here."), field="role")
        )
    _refuse(faults)
    membership = _grant(user, centre, role, by=actor.get_username(), now=now)
    record(actor=actor, now=now, action="user.grant_role", obj=user, after={"role": role})
    return membership


@transaction.atomic
def end_role(*, membership_id: int, actor: User, now: datetime) -> Membership:
    """End a role at the centre; raises Membership.DoesNotExist for another centre's."""
    centre = _lock_own_centre(actor)
    membership = Membership.objects.select_related("user").get(pk=membership_id, centre=centre)
    faults = []
    if membership.ended_at is not None:
        faults.append(Refusal(code="role_ended", message=N_("This role has already been ended.")))
    if membership.user_id == actor.pk and membership.role in roles_with(MANAGE):
        faults.append(
            Refusal(
                code="own_administration",
                message=N_(
                    "You cannot end your own administrator role: another administrator can."
                ),
                who_may=roles_with(MANAGE),
            )
        )
    _refuse(faults)
    membership.ended_at, membership.ended_by = now, actor.get_username()
    membership.save(update_fields=["ended_at", "ended_by"])
    record(
        actor=actor,
        now=now,
        action="user.end_role",
        obj=membership.user,
        before={"role": membership.role},
    )
    return membership


@transaction.atomic
def deactivate_user(*, user_id: int, reason: str, actor: User, now: datetime) -> User:
    """Close somebody's login at once: their sessions and tokens end with it."""
    centre = _lock_own_centre(actor)
    user = visible_users(actor).get(pk=user_id)
    faults = faults_of_whole_login(user, centre)
    if user.pk == actor.pk:
        faults.append(
            Refusal(
                code="own_login",
                message=N_("You cannot deactivate your own login: another administrator can."),
                who_may=roles_with(MANAGE),
            )
        )
    if not user.is_active:
        faults.append(
            Refusal(code="already_inactive", message=N_("This login is already deactivated."))
        )
    if not reason.strip():
        faults.append(Refusal(code="reason_missing", message=N_("Say why."), field="reason"))
    _refuse(faults)
    user.is_active = False
    user.save(update_fields=["is_active"])
    delete_tokens(user)
    record(
        actor=actor,
        now=now,
        action="user.deactivate",
        obj=user,
        reason=reason.strip(),
        before={"is_active": True},
        after={"is_active": False},
    )
    return user


@transaction.atomic
def reactivate_user(*, user_id: int, actor: User, now: datetime) -> User:
    """Open a deactivated login again, with the roles it had."""
    centre = _lock_own_centre(actor)
    user = visible_users(actor).get(pk=user_id)
    faults = faults_of_whole_login(user, centre)
    if user.is_active:
        faults.append(Refusal(code="already_active", message=N_("This login is already active.")))
    _refuse(faults)
    user.is_active = True
    user.save(update_fields=["is_active"])
    record(
        actor=actor,
        now=now,
        action="user.reactivate",
        obj=user,
        before={"is_active": False},
        after={"is_active": True},
    )
    return user


@transaction.atomic
def set_initial_password(*, user_id: int, password: str, actor: User, now: datetime) -> User:
    """Give somebody who lost theirs a password to change; their sessions and tokens end."""
    centre = _lock_own_centre(actor)
    user = visible_users(actor).get(pk=user_id)
    faults = [*faults_of_whole_login(user, centre), *faults_of_password(user, password)]
    if user.pk == actor.pk:
        faults.append(
            Refusal(
                code="own_password",
                message=N_("Change your own password on its page, which asks for the present one."),
            )
        )
    _refuse(faults)
    user.set_password(password)
    user.must_change_password = True
    user.save(update_fields=["password", "must_change_password"])
    delete_tokens(user)
    record(actor=actor, now=now, action="user.set_password", obj=user)
    return user


@transaction.atomic
def switch_centre(*, centre_code: str, actor: User, now: datetime) -> User:
    """Let the actor work at another centre where they hold a role.

    Needs no permission: whoever has roles at two centres may work at either. Raises
    Centre.DoesNotExist where the actor holds none.
    """
    held = Membership.objects.filter(user=actor, ended_at=None)
    # NUL, which the database would choke on, is in no code.
    code = centre_code.replace("\0", "?")
    centre = Centre.objects.get(pk__in=held.values("centre"), code=code)
    before = actor.working_centre_id
    actor.working_centre = centre
    actor.save(update_fields=["working_centre"])
    actor.forget_roles()
    record(
        actor=actor,
        now=now,
        action="user.switch_centre",
        obj=actor,
        before={"working_centre": before},
        after={"working_centre": centre.pk},
    )
    return actor


def _lock_own_centre(actor: User) -> Centre:
    """Lock the centre the actor works at, then check with fresh eyes that they administer it."""
    require(actor, MANAGE)
    centre = Centre.objects.select_for_update(no_key=True).get(Q(pk=actor.working_centre_id))
    require(User.objects.get(pk=actor.pk), MANAGE)
    return centre


def _grant(user: User, centre: Centre, role: str, *, by: str, now: datetime) -> Membership:
    return Membership.objects.create(
        user=user, centre=centre, role=role, granted_at=now, granted_by=by
    )


def _refuse(faults: list[Refusal]) -> None:
    if faults:
        raise Refused(faults)
