"""Opening a centre: the one service that acts before anybody can sign in."""

from datetime import datetime
from zoneinfo import available_timezones

from django.db import transaction

from accounts.login_faults import faults_of_login
from accounts.managing import NewUser
from accounts.models import Centre, Membership, User
from audit.recording import SETTING_UP, record
from terms.refusals import Refusal, Refused
from terms.words import N_


@transaction.atomic
def open_centre(
    *, code: str, name: str, administrator: NewUser, now: datetime, time_zone: str = "Europe/Rome"
) -> User:
    """Make a centre with its first administrator and return the administrator.

    `administrator.roles` are all held at the new centre. Only for set-up commands: there is no
    actor to ask for a permission. Raises Refused naming every reason at once.
    """
    user = User(
        username=administrator.username.strip().lower(),
        first_name=administrator.given_name.strip(),
        last_name=administrator.family_name.strip(),
        email=administrator.email.strip(),
        date_joined=now,
    )
    faults = [*_faults_of_centre(code, name, time_zone)]
    faults += faults_of_login(user, administrator.password)
    if faults:
        raise Refused(faults)
    user.working_centre = Centre.objects.create(code=code, name=name.strip(), time_zone=time_zone)
    user.set_password(administrator.password)
    user.save(force_insert=True)
    for role in administrator.roles:
        Membership.objects.create(
            user=user,
            centre=user.working_centre,
            role=role,
            granted_at=now,
            granted_by=SETTING_UP.get_username(),
        )
    record(
        actor=SETTING_UP,
        now=now,
        action="centre.open",
        obj=user.working_centre,
        centre_id=user.working_centre.pk,
        after={"code": code, "name": name, "administrator": user.username},
    )
    return user


def _faults_of_centre(code: str, name: str, time_zone: str) -> list[Refusal]:
    faults = []
    if not code.replace("-", "").isalnum() or not code.isascii() or len(code) > 12:
        faults.append(
            Refusal(
                code="centre_code",
                message=N_("The code is up to 12 letters, digits and hyphens."),
                field="code",
            )
        )
    if Centre.objects.filter(code=code).exists():
        faults.append(
            Refusal(
                code="centre_exists", message=N_("There is a centre with this code."), field="code"
            )
        )
    if not name.strip():
        faults.append(
            Refusal(code="centre_name", message=N_("Type the centre's name."), field="name")
        )
    if time_zone not in available_timezones():
        faults.append(
            Refusal(
                code="time_zone",
                message=N_("There is no time zone %(zone)s."),
                params={"zone": time_zone},
                field="time_zone",
            )
        )
    return faults
