"""Fixtures of the API tests: a client per person, and a clock that stands at the tests' now."""

from collections.abc import Callable, Iterator
from datetime import datetime

import pytest
import time_machine
from rest_framework.test import APIClient

from accounts.models import User

ClientOf = Callable[[User], APIClient]


@pytest.fixture(autouse=True)
def clock(now: datetime) -> Iterator[None]:
    """Views read the clock: let it say what the services were told."""
    with time_machine.travel(now, tick=False):
        yield


@pytest.fixture
def client_of() -> ClientOf:
    """A client that asks as a person."""

    def make(user: User) -> APIClient:
        client = APIClient(raise_request_exception=True)
        # A fresh instance: what one request cached of roles must not help the next.
        client.force_authenticate(User.objects.get(pk=user.pk))
        return client

    return make


@pytest.fixture
def api(client_of: ClientOf, coordinator: User) -> APIClient:
    """The client of a coordinator."""
    return client_of(coordinator)
