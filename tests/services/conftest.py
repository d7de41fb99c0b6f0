"""Fixtures of the service tests."""

from collections.abc import Iterator

import pytest

from accounts.models import User
from patients import consequences
from patients.consequences import Event, Happening
from tests.conftest import UserWith


@pytest.fixture
def nurse(user_with: UserWith) -> User:
    """A ward nurse."""
    return user_with("ward_nurse")


@pytest.fixture
def happenings() -> Iterator[list[Happening]]:
    """What the services under test caused, instead of what is wired."""
    seen: list[Happening] = []
    wired = dict(consequences._consequences)
    consequences.wire(dict.fromkeys(Event, (seen.append,)))
    yield seen
    consequences.wire(wired)
