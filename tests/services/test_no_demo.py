"""Where the demo is refused, or its loading fails: nothing of it is there."""

from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from accounts.models import Centre
from config.demo_data.loading import is_empty, load
from tests.conftest import NOW


@pytest.mark.django_db
def test_production_refuses_the_demo(settings: Any) -> None:
    settings.DEMO = False
    with pytest.raises(CommandError, match="production"):
        call_command("load_demo", "--if-empty")
    assert is_empty()


@pytest.mark.django_db
def test_a_failing_load_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("config.demo_data.loading.walk_cases", fail)
    with pytest.raises(RuntimeError), transaction.atomic():
        load(NOW)
    assert not Centre.objects.exists()
