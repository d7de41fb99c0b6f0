"""Every address × method × role × centre answers as access_matrix.toml says, and leaks nothing."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.core.cache import cache
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accounts.models import Centre, User
from accounts.permissions import ROLE_PERMISSIONS, Permission
from terms.roles import Role
from tests.conftest import Refer, UserWith
from tests.web.access_matrix import TABLE, Address, Row, addresses, read_table

SECTIONS = read_table()
ROWS = {row.key: row for rows in SECTIONS.values() for row in rows}


@dataclass(frozen=True)
class Place:
    """One centre with an object of every kind, and texts that must not leave it."""

    objects: dict[str, str]
    identifying: tuple[str, ...]  # for nobody without SEE_IDENTITY
    canaries: tuple[str, ...]  # for nobody of another centre


@dataclass(frozen=True)
class World:
    """Two centres and a browser for everybody of the first one."""

    own: Place
    other: Place
    clients: dict[str, Client]
    everything: Client  # somebody with every role


@pytest.fixture
def world(centre: Centre, other_centre: Centre, user_with: UserWith, refer_patient: Refer) -> World:
    """Everything there is to ask for, made through the real services."""
    cache.clear()
    clients = {role.value: _client(user_with(role, username=f"own-{role}")) for role in Role}
    return World(
        own=_place(centre, "Quarzo", user_with, refer_patient),
        other=_place(other_centre, "Zaffiro", user_with, refer_patient),
        clients=clients | {"anonymous": _client(None)},
        everything=_client(user_with(*Role, username="everything")),
    )


def _place(centre: Centre, family: str, user_with: UserWith, refer_patient: Refer) -> Place:
    coordinator = user_with("coordinator", at=centre, username=f"person-{family.lower()}")
    course = refer_patient(
        coordinator, family_name=family, given_name=f"{family}ina", number=f"{family}-4711"
    )
    identifying = (family, family.upper(), f"{family}ina", f"{family}-4711")
    return Place(
        objects={
            "user": str(coordinator.pk),
            "membership": str(coordinator.memberships.get().pk),
            "course": str(course.pk),
            "patient": str(course.patient_id),
        },
        identifying=identifying,
        canaries=(*identifying, coordinator.username),
    )


def _client(user: User | None) -> Client:
    client = Client(raise_request_exception=False)
    if user is not None:
        # Usable as allauth sees it, and quicker than hashing one nobody types.
        User.objects.filter(pk=user.pk).update(password="known to nobody")
        client.force_login(User.objects.get(pk=user.pk))
    return client


@contextmanager
def undone(client: Client) -> Iterator[None]:
    """Whatever happens inside is rolled back, in the database and in the browser."""
    cookies = deepcopy(client.cookies)
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
    client.cookies = cookies


def ask(client: Client, row: Row, place: Place) -> tuple[int, str]:
    """The status and everything that was sent back: headers and body."""
    kwargs = {
        keyword: kind.strip("'") if kind.startswith("'") else place.objects[kind]
        for keyword, kind in row.kwargs.items()
    }
    url = reverse(row.name, kwargs=kwargs)
    send: Callable[..., HttpResponse] = getattr(client, row.method.lower())
    extra = {"content_type": "application/json"} if url.startswith("/api/") else {}
    with undone(client):
        response = send(url, **({} if row.method == "GET" else extra))
        body = response.getvalue()
    return response.status_code, f"{response.headers} {body.decode(errors='replace')}"


def faults_of(row: Row, world: World) -> Iterator[str]:
    """Every way in which the site answers otherwise than `row` says."""
    for who, client in world.clients.items():
        allowed = row.anonymous if who == "anonymous" else row.roles[who]
        status, said = ask(client, row, world.own)
        if status not in allowed:
            yield f"{row.name} {row.method} {who}: {status}, not {sorted(allowed)}"
        leaks = [*world.other.canaries]
        if who == "anonymous" or Permission.SEE_IDENTITY not in ROLE_PERMISSIONS[Role(who)]:
            leaks += world.own.identifying
        yield from (f"{row.name} {row.method} {who} shows {x}" for x in leaks if x in said)
        if row.other:
            allowed = row.anonymous if who == "anonymous" else row.expected_of_other(who)
            status, said = ask(client, row, world.other)
            if status not in allowed:
                yield f"{row.name} {row.method} {who} elsewhere: {status}, not {sorted(allowed)}"
            leaks = [canary for canary in world.other.canaries if canary in said]
            yield from (f"{row.name} {row.method} {who} elsewhere shows {x}" for x in leaks)


@pytest.mark.django_db
@pytest.mark.parametrize("section", SECTIONS)
def test_every_role_gets_what_the_table_says(section: str, world: World) -> None:
    faults = [fault for row in SECTIONS[section] for fault in faults_of(row, world)]
    assert not faults, "\n".join(faults)


def accepts(address: Address, method: str, world: World) -> bool:
    """Whether an address knows the method: it answers 405 to those it does not know."""
    kinds = next((row.kwargs for row in ROWS.values() if row.name == address.name), {})
    row = Row(address.name, method, kinds, {}, frozenset(), frozenset())
    return set(kinds) != address.kwargs or ask(world.everything, row, world.own)[0] != 405


@pytest.mark.django_db
def test_every_address_and_method_has_its_row(world: World) -> None:
    missing = [
        f"{address.name} {method}   ({address.route})"
        for address in addresses()
        for method in address.methods
        if (address.name, method) not in ROWS and accepts(address, method, world)
    ]
    kinds = ", ".join(world.own.objects)
    assert not missing, (
        f"No row in {TABLE.name} for:\n"
        + "\n".join(missing)
        + '\nAdd one each, such as "course(pk=course) GET" = "all=200 anonymous=302 other=404"; '
        + f"kinds of objects: {kinds}."
    )


def test_every_row_has_its_address() -> None:
    known = {address.name: address.kwargs for address in addresses()}
    stale = [row.name for row in ROWS.values() if known.get(row.name) != set(row.kwargs)]
    assert not stale


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ('"board" = "all=200 anonymous=302"', "is not"),
        ('"board GET" = "boss=200 anonymous=302"', "neither a role nor a group"),
        ('"board GET" = "quality=200 anonymous=302"', "says nothing of apheresis_nurse"),
        ('"board GET" = "all=200"', "says nothing of anonymous"),
        ('"board GET" = "all=200 anonymous=302 other=404"', "`other` belongs"),
        ('"course(pk=course) GET" = "all=200 anonymous=302"', "`other` belongs"),
    ],
)
def test_row_that_cannot_be_read_is_named(line: str, fault: str, tmp_path: Path) -> None:
    file = tmp_path / "table.toml"
    file.write_text(f"[groups]\n[pages]\n{line}\n")
    with pytest.raises(ValueError, match=fault):
        read_table(file)


def test_refused_roles_may_be_refused_the_same_way_elsewhere(tmp_path: Path) -> None:
    file = tmp_path / "table.toml"
    file.write_text(
        "[groups]\n[pages]\n"
        '"x(pk=course, kind=\'lab\') POST" = "quality=200|422 rest=403 anonymous=302 other=404"\n'
    )
    (row,) = read_table(file)["pages"]
    assert row.kwargs == {"pk": "course", "kind": "'lab'"}
    assert row.roles["quality"] == {200, 422}
    assert row.expected_of_other("quality") == {404}
    assert row.expected_of_other("pharmacist") == {403, 404}
