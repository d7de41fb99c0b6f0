"""What is wrong with a login or its roles, as every reason at once."""

from collections.abc import Iterable

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from accounts.models import Centre, User
from terms.refusals import Refusal
from terms.roles import Role
from terms.words import N_

_FORM_FIELDS = {"first_name": "given_name", "last_name": "family_name"}


def faults_of_login(user: User, password: str) -> list[Refusal]:
    """Return what is wrong with a login to be made: name, username, e-mail, password."""
    faults = []
    try:
        user.clean_fields(exclude=["password", "working_centre"])
    except ValidationError as error:
        faults += [
            Refusal(code="invalid", message=message, field=_FORM_FIELDS.get(field, field))
            for field, messages in error.message_dict.items()
            for message in messages
        ]
    if not user.first_name or not user.last_name:
        faults += [
            Refusal(code="name_missing", message=N_("Type the name."), field=field)
            for field, value in (
                ("given_name", user.first_name),
                ("family_name", user.last_name),
            )
            if not value
        ]
    if User.objects.filter(username__iexact=user.username).exists():
        faults.append(
            Refusal(
                code="username_taken",
                message=N_("Somebody has this username already."),
                field="username",
            )
        )
    return [*faults, *faults_of_password(user, password)]


def faults_of_roles(roles: Iterable[str]) -> list[Refusal]:
    """Return what is wrong with the roles to be given."""
    roles = list(roles)
    if not roles:
        return [
            Refusal(code="role_missing", message=N_("Choose at least one role."), field="roles")
        ]
    return [
        Refusal(
            code="role_unknown",
            message=N_("There is no role %(role)s."),
            params={"role": role},
            field="roles",
        )
        for role in roles
        if role not in set(Role)
    ]


def faults_of_password(user: User, password: str) -> list[Refusal]:
    """Return what the password rules of the settings hold against `password`."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        return [
            Refusal(code="password", message=message, field="password")
            for message in error.messages
        ]
    return []


def faults_of_whole_login(user: User, centre: Centre) -> list[Refusal]:
    """A login also used at another centre is not this centre's to close or to take over."""
    elsewhere = user.memberships.filter(ended_at=None).exclude(centre=centre)
    if not elsewhere.exists():
        return []
    return [
        Refusal(
            code="works_elsewhere",
            message=N_(
                "They also work at another centre: here you can only end their roles at yours."
            ),
        )
    ]
