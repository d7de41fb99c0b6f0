"""Fixtures of the service tests."""

from collections.abc import Iterator

import pytest

from patients import consequences
from patients.consequences import Event, Happening


@pytest.fixture
def happenings() -> Iterator[list[Happening]]:
    """What the services under test caused, instead of what is wired."""
    seen: list[Happening] = []
    wired = dict(consequences._consequences)
    consequences.wire(dict.fromkeys(Event, (seen.append,)))
    yield seen
    consequences.wire(wired)
