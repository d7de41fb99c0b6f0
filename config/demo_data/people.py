"""The people of the demo: two centres and who signs in to them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from accounts.managing import NewUser, create_user
from accounts.models import Centre, User
from accounts.opening import open_centre
from accounts.passwords import DEMO_PASSWORD
from terms.roles import Role


@dataclass(frozen=True)
class Person:
    """One login of the demo. All names are invented."""

    username: str
    given_name: str
    family_name: str
    role: Role

    @property
    def login(self) -> NewUser:
        """What the service that makes logins asks for."""
        return NewUser(
            username=self.username,
            given_name=self.given_name,
            family_name=self.family_name,
            password=DEMO_PASSWORD,
            roles=(self.role.value,),
        )


ADMINISTRATOR = Person("admin", "Luca", "Orsini", Role.CENTRE_ADMIN)
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
)
# The second centre shows that nobody sees across; its logins are not printed.
OTHER_ADMINISTRATOR = Person("admin2", "Fabio", "Conti", Role.CENTRE_ADMIN)
OTHER_STAFF = (Person("coordinator2", "Sara", "Pini", Role.COORDINATOR),)


@dataclass(frozen=True)
class Team:
    """A centre and its people by username."""

    centre: Centre
    members: Mapping[str, User]

    def __getitem__(self, username: str) -> User:
        return self.members[username]


def open_first_centre(now: datetime) -> Team:
    """Make the centre of the four cases and of the ward, with its eleven logins."""
    return _open("NORD", "Ospedale Nord (demo)", ADMINISTRATOR, STAFF, now)


def open_second_centre(now: datetime) -> Team:
    """Make the centre that must see nothing of the first."""
    return _open("SUD", "Ospedale Sud (demo)", OTHER_ADMINISTRATOR, OTHER_STAFF, now)


def _open(
    code: str, name: str, administrator: Person, staff: tuple[Person, ...], now: datetime
) -> Team:
    admin = open_centre(code=code, name=name, administrator=administrator.login, now=now)
    made = [create_user(new=person.login, actor=admin, now=now) for person in staff]
    members = {user.username: user for user in (admin, *made)}
    return Team(Centre.objects.get(code=code), members)
