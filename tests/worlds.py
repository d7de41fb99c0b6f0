"""Worlds that tests share: a course taken along once, and a transaction around all who begin there.

What a single test does is undone after it. A test says `@pytest.mark.walked("to_bridging")`, a
module `pytestmark`, and asks for `walk`; tests/conftest.py puts those of one world in a row.
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
    """Where the walk of a test begins, by its closest mark; None when it shares nothing."""
    marker = node.get_closest_marker("walked")
    if marker is None or "walk" not in getattr(node, "fixturenames", ()):
        return None
    return marker.args


def in_a_row(items: Iterable[pytest.Item]) -> list[pytest.Item]:
    """Tests that share nothing first, then those of each world, each in the order they stood."""
    return sorted(items, key=lambda item: stretches_of(item) or ())


def make_way(item: pytest.Item) -> None:
    """Before any fixture of a test: take down the world of the one before, unless it is shared."""
    worlds = item.config.stash.get(WORLDS, None)
    if worlds is not None and worlds.stretches != stretches_of(item):
        worlds.leave()
