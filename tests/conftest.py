"""Fixtures shared by all layers: centres, people by role, the protocol, referred patients."""

import gc
import logging
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

import hypothesis
import pytest
from django.db import connection
from django.test import override_settings
from django.utils import translation

from accounts.models import Centre, Membership, User
from audit import append_only
from config import messages
from pathway.referring import NewCourse, refer
from patients.models import Course
from patients.people import NewPatient
from protocol import services
from protocol.domain import loading
from protocol.domain.loading import ParsedProtocol
from protocol.models import Protocol
from protocol.services import publish
from tests import migrated
from tests.resting import at_rest, traced, untraced
from tests.untraced import django_untraced
from tests.walking import Walk
from tests.worlds import WORLDS, Shared, Worlds, in_a_row, make_way, stretches_of

NOW = datetime(2026, 11, 12, 9, 30, tzinfo=UTC)
PROTOCOL_FILE = Path(__file__).parent.parent / "protocols" / "brexucel-adult-all.toml"

# A busy machine is no fault of the code: no test may fail for the time it took.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")

# Hardly anything here goes round in circles: looking for that after each 700 objects is in vain.
gc.set_threshold(50_000, 20, 20)

UserWith = Callable[..., User]
Refer = Callable[..., Course]


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_test_environment: None,
    django_db_modify_db_settings_parallel_suffix: None,
    django_db_blocker: Any,
) -> None:
    """The database of each worker is a copy: migrations run once for all that have the same."""
    with django_db_blocker.unblock():
        connection.settings_dict["TEST"]["TEMPLATE"] = untraced(migrated.template)()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """Transactional tests flush by TRUNCATE, which the append-only tables refuse."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        append_only.drop_truncate_triggers(cursor)


@pytest.fixture(scope="session", autouse=True)
def catalogues() -> None:
    """Pages are tested with the words as they are written now."""
    messages.compile_catalogues()


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> Iterator[None]:
    """Argon2 is slow by design; the test that is about it puts it back."""
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield


@pytest.fixture(scope="session", autouse=True)
def protocols_read_once() -> Iterator[None]:
    """The same file says the same to each of some thousand tests; tests/domain reads it itself."""

    @cache
    def read(content: bytes, file: str, parsers: tuple[Any, ...]) -> ParsedProtocol:
        return loading.parse(content, file, dict(parsers))

    with patch.object(services, "parse", lambda *a: read(*a[:2], tuple(a[2].items()))):
        yield


@pytest.fixture(scope="session", autouse=True)
def quiet_log() -> None:
    """Writing two lines for each of many thousand requests takes longer than some of them."""
    for name in ("", "django"):
        logging.getLogger(name).setLevel(logging.ERROR)


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """In a worker pytest-cov starts coverage twice, and `no_cover` stops the second one only."""
    tracer = sys.gettrace()
    if item.get_closest_marker("no_cover"):
        sys.settrace(None)
    try:
        return (yield)
    finally:
        sys.settrace(tracer)


@pytest.fixture(scope="session", autouse=True)
def coverage_of_our_code() -> Iterator[None]:
    """Following Django through queries and pages takes a third of the time of a test."""
    with django_untraced():
        yield


@pytest.fixture(autouse=True)
def language() -> None:
    """The language of the last page that a test before asked for says nothing here."""
    translation.deactivate()


@pytest.fixture
def now() -> datetime:
    """The moment that tests call now."""
    return NOW


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Those who begin in the same world come one after another."""
    items[:] = in_a_row(items)
    for item in items:
        if hypothesis.is_hypothesis_test(getattr(item, "obj", None)):
            _rest_while_examples_are_made(item.obj)  # type: ignore[attr-defined]


def _rest_while_examples_are_made(test: Any) -> None:
    """Coverage follows what is tested, not how Hypothesis comes to its examples."""
    if not hasattr(test.hypothesis, "rests"):  # one test may be collected with many parameters
        inner, test.hypothesis.rests = test.hypothesis.inner_test, True
        test.hypothesis.inner_test = traced(inner)


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Iterator[None]:
    """Coverage rests while Hypothesis is at work, and wakes for each example."""
    if not hypothesis.is_hypothesis_test(pyfuncitem.obj):
        return (yield)
    with at_rest():
        return (yield)


def pytest_collection_finish() -> None:
    """What is imported and collected stays to the end: nobody need look through it again."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """No test begins in the world of another one."""
    make_way(item)


@pytest.fixture(scope="session")
def worlds(
    request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: Any
) -> Iterator[Worlds]:
    """The worlds of this process, the last one taken down before the database is."""
    made = request.config.stash[WORLDS] = Worlds(django_db_blocker.unblock, _referred)
    yield made
    made.leave()


def _referred() -> Shared:
    centre, protocol = make_centre(), make_protocol()
    user_with = making_users(centre)
    coordinator = user_with("coordinator")
    return Shared(centre, protocol, coordinator, Walk(referring(protocol)(coordinator), user_with))


# Of a function, the scope "class" is its own, and comes before the transaction of its test.
@pytest.fixture(scope="class", autouse=True)
def shared(request: pytest.FixtureRequest) -> Shared | None:
    """The world where the test begins (`worlds.stretches_of`); None when it shares nothing."""
    stretches = stretches_of(request.node)
    if stretches is None:
        return None
    worlds: Worlds = request.getfixturevalue("worlds")
    return worlds.enter(stretches)


@pytest.fixture
def centre(db: None, shared: Shared | None) -> Centre:
    """The centre one works at."""
    return Centre.objects.get(pk=shared.centre.pk) if shared else make_centre()


def make_centre() -> Centre:
    """A centre that may exist once in a test."""
    return Centre.objects.create(code="NIG", name="Niguarda")


@pytest.fixture
def other_centre(db: None) -> Centre:
    """A centre whose patients nobody here may see."""
    return Centre.objects.create(code="PAV", name="Pavia")


@pytest.fixture
def user_with(centre: Centre) -> UserWith:
    """Make a user with roles at a centre: user_with("haematologist", "coordinator")."""
    return making_users(centre)


def making_users(centre: Centre) -> UserWith:
    """Who makes users at `centre` unless another one is said."""

    def make(*roles: str, at: Centre | None = None, username: str = "") -> User:
        where = at or centre
        user = User.objects.create(
            username=username
            or f"{'-'.join(roles) or 'nobody'}.{where.code.lower()}.{User.objects.count()}",
            first_name="Rita",
            last_name="Verdi",
            working_centre=where,
            password="!",
        )
        for role in roles:
            Membership.objects.create(
                user=user, centre=where, role=role, granted_at=NOW, granted_by="test"
            )
        return user

    return make


@pytest.fixture
def coordinator(user_with: UserWith, shared: Shared | None) -> User:
    """A CAR-T coordinator."""
    return User.objects.get(pk=shared.coordinator.pk) if shared else user_with("coordinator")


@pytest.fixture
def haematologist(user_with: UserWith) -> User:
    """A haematologist."""
    return user_with("haematologist")


@pytest.fixture
def protocol(db: None, shared: Shared | None) -> Protocol:
    """The shipped protocol, published."""
    return Protocol.objects.get(pk=shared.protocol.pk) if shared else make_protocol()


def make_protocol(content: bytes = PROTOCOL_FILE.read_bytes()) -> Protocol:
    """The shipped protocol in force, or what a centre made of it."""
    return publish(content=content, filename=PROTOCOL_FILE.name, actor_name="test", now=NOW)


@pytest.fixture
def refer_patient(protocol: Protocol) -> Refer:
    """Refer a patient through the real service: refer_patient(actor, family_name="ROSSI")."""
    return referring(protocol)


def referring(protocol: Protocol) -> Refer:
    """Who refers patients for a course by `protocol`."""

    def make(actor: User, **given: Any) -> Course:
        number = given.pop("number", f"H{Course.objects.count() + 1:05d}")
        referred_on = given.pop("referred_on", date(2026, 9, 1))
        people = {
            key: given.pop(key) for key in ("coordinator_id", "haematologist_id") if key in given
        }
        patient = NewPatient(
            **{
                "family_name": f"Rossi {number}",
                "given_name": "Maria",
                "birth_date": date(1961, 10, 14),
                "sex": "female",
                "identifiers": (("Hospital", number),),
                "referring_hospital": "Ospedale di Prova",
                "referring_physician": "Dr Prova",
                **given,
            }
        )
        course = NewCourse(protocol_code=protocol.code, referred_on=referred_on, **people)
        return refer(
            patient=patient, course=course, actor=actor, now=NOW, distinct_reason="made by a test"
        )

    return make


@pytest.fixture
def course(db: None, shared: Shared | None, request: pytest.FixtureRequest) -> Course:
    """A freshly referred course of the centre, or the one that the test shares."""
    if shared:
        loaded = Course.objects.select_related("patient", "centre", "protocol")
        return loaded.get(pk=shared.walk.course.pk)
    refer: Refer = request.getfixturevalue("refer_patient")
    return refer(request.getfixturevalue("coordinator"))


@pytest.fixture
def walk(course: Course, shared: Shared | None, user_with: UserWith) -> Walk:
    """The walk of the course: where the test's mark says that it was taken, or at its beginning."""
    return shared.walk.on(course) if shared else Walk(course, user_with)
