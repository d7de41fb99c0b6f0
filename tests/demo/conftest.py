"""The demo, loaded once for every test of what is in it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import transaction

from config.demo_data.loading import load

NOW = datetime(2026, 11, 12, 9, 30, tzinfo=UTC)


@pytest.fixture(scope="package")
def demo(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """One load for the whole folder, rolled back at its end."""
    with django_db_blocker.unblock(), transaction.atomic():
        load(NOW)
        yield
        transaction.set_rollback(True)
