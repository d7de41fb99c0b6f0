"""The published schema is complete and valid, and its documentation page works under our CSP."""

from typing import Any

import pytest
from django.core.management import call_command
from django.urls import get_resolver
from openapi_spec_validator import validate
from rest_framework.test import APIClient


@pytest.fixture
def schema(db: None) -> dict[str, Any]:
    """The schema as anybody gets it."""
    answer = APIClient().get("/api/v1/schema/?format=json")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


def test_the_schema_is_valid(schema: dict[str, Any]) -> None:
    validate(schema)


def test_the_schema_is_made_without_a_warning(
    capsys: pytest.CaptureFixture[str], tmp_path: Any
) -> None:
    call_command("spectacular", fail_on_warn=True, validate=True, file=str(tmp_path / "s.yml"))
    assert "Warning" not in capsys.readouterr().err


def test_every_address_is_in_the_schema(schema: dict[str, Any]) -> None:
    routes = {key for key in get_resolver().reverse_dict if isinstance(key, str)}
    named = {name for name in routes if name.startswith("api_") and name != "api_unknown"}
    assert len(schema["paths"]) == len(named)


def test_every_operation_has_a_summary_and_tells_its_problems(schema: dict[str, Any]) -> None:
    for path, operations in schema["paths"].items():
        if path.startswith("/api/v1/auth/"):
            continue
        for method, operation in operations.items():
            assert operation["summary"], path
            if method != "get":
                assert "application/problem+json" in operation["responses"]["422"]["content"], path


def test_both_ways_to_sign_in_are_described(schema: dict[str, Any]) -> None:
    assert set(schema["components"]["securitySchemes"]) == {"token", "session"}


@pytest.mark.django_db
def test_the_documentation_page_needs_nothing_from_elsewhere_and_no_inline_code() -> None:
    answer = APIClient().get("/api/v1/docs/")
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "https://" not in page
    assert "<style" not in page
    assert "style=" not in page
    assert "<script>" not in page
    policy = answer["Content-Security-Policy"]
    assert "img-src 'self' data:" in policy
    assert "unsafe" not in policy
    script = APIClient().get("/api/v1/docs/?script=")
    assert script["Content-Type"].startswith("application/javascript")
