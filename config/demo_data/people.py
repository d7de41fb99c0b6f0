"""The people of the demo: two centres and who signs in to them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from django.contrib.auth.hashers import make_password

from accounts.models import Centre, Membership, User
from audit.recording import SETTING_UP, record
from terms.demo import DEMO_PASSWORD
from terms.roles import Role


@dataclass(frozen=True)
class Person:
    """One login of the demo. All names are invented."""

    username: str
    given_name: str
    family_name: str
    role: Role


STAFF = (
    Person("coordinator", "Marta", "Colli", Role.COORDINATOR),
    Person("nurse", "Ilaria", "Denti", Role.WARD_NURSE),
    Person("nurse2", "Paolo", "Serra", Role.WARD_NURSE),
    Person("physician", "Chiara", "Valenti", Role.HAEMATOLOGIST),
    Person("physician2", "Andrea", "Fabbri", Role.HAEMATOLOGIST),
    Person("apheresis", "Silvia", "Ronchi", Role.APHERESIS_NURSE),
    Person("celllab", "Davide", "Prati", Role.CELL_LAB),
    Person("pharmacist", "Laura", "Testa", Role.PHARMACIST),
    Person("manager", "Giulio", "Bassi", Role.DATA_MANAGER),
    Person("quality", "Anna", "Ferri", Role.QUALITY),
    Person("admin", "Luca", "Orsini", Role.CENTRE_ADMIN),
)
# The second centre shows that nobody sees across; its logins are not printed.
OTHER_STAFF = (
    Person("coordinator2", "Sara", "Pini", Role.COORDINATOR),
    Person("admin2", "Fabio", "Conti", Role.CENTRE_ADMIN),
)


@dataclass(frozen=True)
class Team:
    """A centre and its people by username."""

    centre: Centre
    members: Mapping[str, User]

    def __getitem__(self, username: str) -> User:
        return self.members[username]


def open_first_centre(now: datetime) -> Team:
    """Make the centre of the four cases and of the ward, with its eleven logins."""
    return _open("NORD", "Ospedale Nord (demo)", STAFF, now)


def open_second_centre(now: datetime) -> Team:
    """Make the centre that must see nothing of the first."""
    return _open("SUD", "Ospedale Sud (demo)", OTHER_STAFF, now)


def _open(code: str, name: str, people: tuple[Person, ...], now: datetime) -> Team:
    """Write centre and logins as accounts.opening and accounts.managing do.

    Not through them, because each login would hash the same password again: argon2 is slow by
    design, and thirteen hashes are a good part of the time that the demo takes to load.
    """
    centre = Centre.objects.create(code=code, name=name)
    record(
        actor=SETTING_UP,
        now=now,
        action="centre.open",
        obj=centre,
        centre_id=centre.pk,
        after={"code": code, "name": name},
    )
    return Team(centre, {person.username: _sign_up(person, centre, now) for person in people})


def _sign_up(person: Person, centre: Centre, now: datetime) -> User:
    user = User.objects.create(
        username=person.username,
        first_name=person.given_name,
        last_name=person.family_name,
        password=_hashed_password(),
        working_centre=centre,
        date_joined=now,
    )
    Membership.objects.create(
        user=user,
        centre=centre,
        role=person.role.value,
        granted_at=now,
        granted_by=SETTING_UP.get_username(),
    )
    record(
        actor=SETTING_UP,
        now=now,
        action="user.create",
        obj=user,
        centre_id=centre.pk,
        after={"username": user.username, "roles": [person.role.value]},
    )
    return user


@cache
def _hashed_password() -> str:
    return make_password(DEMO_PASSWORD)
