"""The calculator of donation numbers: what it answers, and what it cannot read."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from audit.models import AuditEvent

ADDRESS = "/api/v1/calculators/isbt-din/"


@pytest.mark.parametrize(
    ("din", "answer"),
    [
        ("A9999 26 123456 T", ("A999926123456", "T", None)),
        ("=A99992612345689", ("A999926123456", "T", "89")),
        ("A999926000088", ("A999926000088", "*", None)),
    ],
)
def test_a_number_is_read(api: APIClient, din: str, answer: tuple[Any, ...]) -> None:
    events = AuditEvent.objects.count()
    answered = api.post(ADDRESS, {"din": din}, "json")
    assert answered.status_code == 200
    read = answered.json()
    assert (read["din"], read["check_character"], read["flags"]) == answer
    assert read["valid"] is True
    assert read["reasons"] == []
    assert AuditEvent.objects.count() == events


def test_a_wrong_number_names_everything_that_is_wrong(api: APIClient) -> None:
    read = api.post(ADDRESS, {"din": "=G12349865432X99"}, "json").json()
    assert read["valid"] is False
    assert read["din"] is None
    assert [reason["code"] for reason in read["reasons"]] == ["sequence", "unknown_flags"]
    assert all(reason["message"] and reason["field"] == "din" for reason in read["reasons"])
    read = api.post(ADDRESS, {"din": "G123498654321G"}, "json").json()
    assert read["valid"] is False
    assert (read["din"], read["check_character"]) == ("G123498654321", "H")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"din": None},
        {"din": 1234526000001},
        {"din": ["A999926123456"]},
        {"din": ""},
        {"din": "9" * 81},
        {"din": "A999926123456", "K": "T"},
        ["A999926123456"],
    ],
)
def test_what_is_no_text_is_a_problem(api: APIClient, body: object) -> None:
    answered = api.post(ADDRESS, body, "json")
    assert answered.status_code == 400
    assert answered["Content-Type"] == "application/problem+json"
    assert answered.json()["reasons"]
