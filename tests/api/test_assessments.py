"""Eligibility items, meetings and gates in the API."""

from typing import Any

import pytest
import time_machine
from rest_framework.test import APIClient

from accounts.models import User
from patients.models import Course
from tests.api.conftest import ClientOf
from tests.conftest import UserWith
from tests.walking import Walk

pytestmark = pytest.mark.walked("to_eligibility")


@pytest.fixture
def walk(walk: Walk) -> Walk:
    """A course whose review is being assessed."""
    walk.move("eligibility", "assessing", "coordinator")
    return walk


def url(walk: Walk, path: str) -> str:
    """An address below the course."""
    return f"/api/v1/courses/{walk.course.pk}/{path}/"


def listed(api: APIClient, walk: Walk, path: str) -> dict[str, dict[str, Any]]:
    """The rows of a list by their code."""
    with time_machine.travel(walk.now, tick=False):
        return {row["code"]: row for row in api.get(url(walk, path)).json()["results"]}


def sent(api: APIClient, walk: Walk, path: str, body: dict[str, Any]) -> Any:
    """What a post answers, an hour later."""
    with time_machine.travel(walk.tick(), tick=False):
        return api.post(url(walk, path), body, "json")


def test_items_are_listed_recorded_and_refused(
    walk: Walk, client_of: ClientOf, user_with: UserWith
) -> None:
    api = client_of(walk.by("haematologist"))
    rows = listed(api, walk, "eligibility-items")
    assert len(rows) == len(walk.rules.items.by_code)
    bare = rows["CBC"]
    assert (bare["state"], bare["passed"], bare["value"]) == ("not_requested", False, "")
    assert (bare["threshold"], bare["who_may_waive"]) == ("> 80 g/L", ["haematologist"])
    assert [one["code"] for one in bare["missing"]] == ["item_CBC"]
    notes = [
        {"item": "CBC", "step": "resulted", "value": "98", "unit": "g/L"},
        {"item": "LVEF", "step": "waived", "reason": "echo of last month"},
    ]
    made = sent(api, walk, "eligibility-items", {"notes": notes})
    assert made.status_code == 201
    assert {row["code"]: row["state"] for row in made.json()["rows"]} == {
        "CBC": "accepted", "LVEF": "waived",
    }  # fmt: skip
    wrong = {"notes": [{"item": "CBC", "step": "resulted", "value": "many"}]}
    refused = sent(api, walk, "eligibility-items", wrong)
    assert refused.status_code == 422
    assert [(one["field"], one["code"]) for one in refused.json()["reasons"]] == [
        ("notes.CBC", "not_a_number")
    ]
    assert sent(api, walk, "eligibility-items", {"notes": [{"item": 1}]}).status_code == 400
    coded = listed(client_of(user_with("data_manager")), walk, "eligibility-items")
    assert "AGE" not in coded
    assert (coded["LVEF"]["state"], coded["LVEF"]["remark"]) == ("waived", "")


def test_meetings_are_recorded_listed_and_signed(
    walk: Walk, client_of: ClientOf, user_with: UserWith
) -> None:
    coordinator = client_of(walk.by("coordinator"))
    body = {
        "held_on": walk.now.date().isoformat(), "participants": "two", "minutes": "discussed",
        "vote": "accepted", "in_favour": 2,
    }  # fmt: skip
    early = sent(coordinator, walk, "meetings", body)
    assert [one["code"] for one in early.json()["reasons"]] == ["not_on_the_list"]
    walk.assess().move("eligibility", "mdt_review", "coordinator")
    body["held_on"] = walk.now.date().isoformat()
    made = sent(coordinator, walk, "meetings", body).json()
    assert (made["signed"], made["counts"], made["in_favour"]) == (False, True, 2)
    path = f"meetings/{made['id']}/sign"
    assert sent(coordinator, walk, path, {}).status_code == 403
    signed = sent(client_of(walk.by("haematologist")), walk, path, {})
    assert (signed.status_code, signed.json()["signed_by"]) == (201, "Rita Verdi")
    found = coordinator.get(url(walk, "meetings")).json()["results"]
    assert [(one["counts"], one["signed"]) for one in found] == [(True, True), (False, False)]
    coded = client_of(user_with("data_manager")).get(url(walk, "meetings")).json()["results"][0]
    assert (coded["signed"], coded["signed_by"], coded["minutes"]) == (True, "", "")


def test_gates_are_listed_at_any_time_and_recorded_at_their_stage(
    course: Course, user_with: UserWith, client_of: ClientOf, coordinator: User
) -> None:
    walk = Walk(course, user_with)
    api = client_of(walk.by("haematologist"))
    far = listed(api, walk, "gates/infusion")
    assert far["infection"]["state"] == "missing"
    assert not any(row["not_checked"] for row in far.values())
    assert api.get(url(walk, "gates/follow_up")).status_code == 404
    walk.to_lymphodepletion().deplete()
    notes = [
        {"check": "infection", "outcome": "met"},
        {"check": "tocilizumab", "value": "0"},
        {"check": "fever", "outcome": "not_applicable"},
        {"check": "premedication", "outcome": "waived", "remark": "allergic"},
    ]
    made = sent(api, walk, "gates/infusion", {"notes": notes})
    assert made.status_code == 201
    states = {row["code"]: row["state"] for row in made.json()["rows"]}
    assert states == {
        "infection": "met", "tocilizumab": "not_met", "fever": "not_applicable",
        "premedication": "waived",
    }  # fmt: skip
    refused = sent(api, walk, "gates/infusion", {"notes": [{"check": "hold", "outcome": "met"}]})
    assert [(one["field"], one["code"]) for one in refused.json()["reasons"]] == [
        ("notes.hold", "computed")
    ]
    premedication = listed(api, walk, "gates/infusion")["premedication"]
    back = {"check": "premedication", "outcome": "withdrawn", "replaces": premedication["waiver"],
            "remark": "not allergic"}  # fmt: skip
    made = sent(api, walk, "gates/infusion", {"notes": [back]}).json()["rows"][0]
    assert (made["state"], made["waiver"]) == ("missing", None)
    [before] = made["before"]
    assert (before["state"], before["taken_back"], before["reason"]) == (
        "waived", True, "not allergic",
    )  # fmt: skip
    nurse = client_of(walk.by("ward_nurse"))
    alone = {"notes": [{"check": "infection", "outcome": "met"}]}
    assert sent(nurse, walk, "gates/infusion", alone).status_code == 403
    course.journey.stage = "follow_up"
    course.journey.save()
    past = listed(api, walk, "gates/infusion")
    assert past["resuscitation"]["not_checked"] is True
    assert past["infection"]["not_checked"] is False
