"""Worlds that tests share: a course taken along once, and a transaction around all who begin there.

What a single test does is undone after it. A test says `@pytest.mark.walked("to_bridging")`, a
module `pytestmark`, and asks for `walk`; whoever asks for `course` alone begins with one fresh from
referral. tests/conftest.py puts those of one world in a row.
"""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from typing import TypeAlias

import pytest
from django.db import connection, transaction
from django.utils import translation

from accounts.models import Centre, User
from protocol.models import Protocol
from tests.walking import Walk

Stretches: TypeAlias = tuple[str, ...]
FOUNDATIONS = ("centre", "user_with", "coordinator", "protocol", "refer_patient", "course")


@dataclass(frozen=True)
class Shared:
    """What a test finds that begins where others do: one course, taken along once."""

    centre: Centre
    protocol: Protocol
    coordinator: User
    walk: Walk


class Worlds:
    """At most one world stands at a time; whoever wants another takes it down first."""

    def __init__(
        self, unblocked: Callable[[], AbstractContextManager[None]], referred: Callable[[], Shared]
    ) -> None:
        self._unblocked = unblocked
        self._referred = referred
        self._held = ExitStack()
        self._depth = 0
        self._shared: Shared | None = None
        self.stretches: Stretches | None = None

    def enter(self, stretches: Stretches) -> Shared:
        """The world at the end of `stretches`, made now unless it stands."""
        if self._shared is None or self.stretches != stretches:
            self.leave()
            with self._unblocked():
                self._make(stretches)
        assert self._shared is not None
        return self._shared

    def _make(self, stretches: Stretches) -> None:
        assert not connection.in_atomic_block, "A walked test shares no other transaction."
        translation.deactivate()  # the language of the test before says nothing here
        self._held.enter_context(transaction.atomic())
        self._held.callback(transaction.set_rollback, True)
        shared = self._referred()
        for stretch in stretches:
            getattr(shared.walk, stretch)()
        self._depth = len(connection.savepoint_ids)
        self._shared, self.stretches = shared, stretches

    def leave(self) -> None:
        """Take down the world that stands, with everything in it."""
        if self._shared is None:
            return
        assert len(connection.savepoint_ids) == self._depth, "Something in it is still open."
        self._shared = self.stretches = None
        with self._unblocked():
            self._held.close()


WORLDS = pytest.StashKey[Worlds]()


def stretches_of(node: pytest.Item) -> Stretches | None:
    """Where a test begins: None when it shares nothing, () with the course fresh from referral.

    The closest mark says how far its walk was taken; who asks for no more than the course shares
    it too, unless the test commits, or its module makes what a course stands on in another way.
    """
    if not isinstance(node, pytest.Function) or node.cls:
        return None  # `shared` would stand for all tests of a class
    marker = node.get_closest_marker("walked")
    if marker is not None and "walk" in node.fixturenames:
        return marker.args
    shares = "course" in node.fixturenames and not _commits(node) and _as_everybody(node)
    return () if shares else None


def _commits(node: pytest.Function) -> bool:
    marker = node.get_closest_marker("django_db")
    return "transactional_db" in node.fixturenames or bool(marker and marker.kwargs)


def _as_everybody(node: pytest.Function) -> bool:
    """Whether every fixture under the course is that of tests/conftest.py."""
    manager = node.session._fixturemanager
    return all(len(manager.getfixturedefs(name, node) or ()) < 2 for name in FOUNDATIONS)


def in_a_row(items: Iterable[pytest.Item]) -> list[pytest.Item]:
    """Tests without a database first, then those that share nothing, then those of each world.

    Each in the order they stood. While one worker makes the database, the other need not wait.
    """
    begins = [(item, stretches_of(item)) for item in items]
    begins.sort(key=lambda begin: (_place(*begin), begin[1] or ()))
    return [item for item, _stretches in begins]


def _place(item: pytest.Item, stretches: Stretches | None) -> int:
    if stretches is not None:
        return 2
    asks = item.get_closest_marker("django_db") or "django_db_setup" in _fixtures_of(item)
    return 1 if asks else 0


def _fixtures_of(item: pytest.Item) -> Iterable[str]:
    return item.fixturenames if isinstance(item, pytest.Function) else ()


def make_way(item: pytest.Item) -> None:
    """Before any fixture of a test: take down the world of the one before, unless it is shared."""
    worlds = item.config.stash.get(WORLDS, None)
    if worlds is not None and worlds.stretches != stretches_of(item):
        worlds.leave()
