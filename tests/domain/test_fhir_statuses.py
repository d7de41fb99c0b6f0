"""Every state of every machine has a status of FHIR, and it is the one that the table says."""

from datetime import date, timedelta
from typing import Any

import pytest

from exports.writers.fhir import statuses
from pathway.domain.companions import Attempt, Bridging, Containment
from pathway.domain.depletion import Depletion
from pathway.domain.product_states import Product
from pathway.domain.spine import Stage
from reminders.models import Reminder, Status

TODAY = date(2026, 11, 12)
# What the value sets of FHIR R4 hold.
EPISODES = {"planned", "waitlist", "active", "onhold", "finished", "cancelled"}
PLANS = {"draft", "active", "on-hold", "revoked", "completed"}
PROCEDURES = {"preparation", "in-progress", "not-done", "on-hold", "stopped", "completed"}
ACTIVITIES = {"scheduled", "in-progress", "on-hold", "completed", "cancelled", "stopped"}
TASKS = {"draft", "requested", "ready", "in-progress", "on-hold", "failed", "completed",
         "cancelled", "rejected"}  # fmt: skip


@pytest.mark.parametrize(
    ("stage", "more", "episode", "plan"),
    [
        ("referral", {}, "planned", "draft"),
        ("eligibility", {}, "planned", "draft"),
        ("eligibility", {"review": "mdt_review"}, "planned", "draft"),
        ("eligibility", {"review": "accepted"}, "waitlist", "draft"),
        ("eligibility", {"review": "deferred"}, "onhold", "on-hold"),
        ("apheresis", {"review": "deferred"}, "active", "active"),
        ("apheresis", {}, "active", "active"),
        ("bridging", {"held": True}, "onhold", "on-hold"),
        ("lymphodepletion", {}, "active", "active"),
        ("lymphodepletion", {"held": True}, "onhold", "on-hold"),
        ("infusion", {}, "active", "active"),
        ("follow_up", {}, "active", "active"),
        ("follow_up", {"dead": True}, "finished", "revoked"),
        ("lymphodepletion", {"held": True, "dead": True}, "finished", "revoked"),
        ("completed", {}, "finished", "completed"),
        ("completed", {"dead": True}, "finished", "completed"),
        ("declined", {}, "cancelled", "revoked"),
        ("withdrawn", {"dead": True}, "cancelled", "revoked"),
        ("lost", {}, "finished", "revoked"),
    ],
)
def test_the_episode_and_the_plan_follow_the_journey(
    stage: str, more: dict[str, Any], episode: str, plan: str
) -> None:
    found = statuses.episode_status(stage, **more)
    assert (found, statuses.plan_status(found, stage)) == (episode, plan)


def test_every_stage_has_a_status_of_the_value_set() -> None:
    found = {stage: statuses.episode_status(stage) for stage in Stage}
    assert set(found.values()) <= EPISODES
    assert {statuses.plan_status(found[stage], stage) for stage in Stage} <= PLANS


@pytest.mark.parametrize(
    ("state", "held", "status"),
    [
        ("scheduled", False, "preparation"),
        ("scheduled", True, "on-hold"),
        ("cleared", True, "on-hold"),
        ("in_progress", True, "in-progress"),
        ("completed", False, "completed"),
        ("adequate", False, "completed"),
        ("inadequate", False, "completed"),
        ("aborted", False, "stopped"),
        ("cancelled", True, "not-done"),
    ],
)
def test_a_collection_is_a_procedure(state: str, held: bool, status: str) -> None:
    assert statuses.attempt_status(state, held=held) == status


def test_every_state_beside_the_journey_is_in_its_table() -> None:
    assert {statuses.attempt_status(state, held=False) for state in Attempt} <= PROCEDURES
    tables = statuses.ACTIVITIES
    for machine, states in (
        ("containment", Containment), ("bridging", Bridging), ("lymphodepletion", Depletion),
    ):  # fmt: skip
        assert {tables[machine][state] for state in states} <= ACTIVITIES
        assert set(tables[machine]) == set(states)
    assert {statuses.PRODUCT_TASKS[state] for state in Product} <= TASKS


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"infused": True, "product": "infused"}, "completed"),
        ({"infused": True, "product": "thawing"}, "completed"),
        ({"product": "infused"}, "completed"),
        ({"product": "wasted", "over": True}, "stopped"),
        ({"product": "stored", "over": True}, "not-done"),
        ({"product": "stored", "held": True}, "on-hold"),
        ({"product": "thawing"}, "in-progress"),
        ({"product": "stored"}, "preparation"),
    ],
)
def test_the_infusion_is_a_procedure(given: dict[str, Any], status: str) -> None:
    said = {"infused": False, "over": False, "held": False, **given}
    assert statuses.infusion_status(**said) == status


def test_only_what_is_stored_on_site_is_available() -> None:
    available = [one for one in Product if statuses.product_status(one) == "available"]
    assert available == [Product.STORED]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"status": Status.DONE}, ("completed", "")),
        ({"status": Status.SKIPPED}, ("rejected", "")),
        ({"status": Status.CANCELLED}, ("cancelled", "")),
        ({"provisional": True}, ("draft", "")),
        ({"status": Status.SNOOZED, "snoozed_until": TODAY + timedelta(days=1)}, ("on-hold", "")),
        ({"status": Status.SNOOZED, "snoozed_until": TODAY}, ("ready", "")),
        ({"due_on": TODAY + timedelta(days=1)}, ("requested", "")),
        ({}, ("ready", "")),
        ({"window_end": TODAY - timedelta(days=1)}, ("ready", "urgent")),
    ],
)
def test_a_reminder_is_a_task(given: dict[str, Any], expected: tuple[str, str]) -> None:
    said = {"status": Status.OPEN, "due_on": TODAY, "window_end": TODAY, **given}
    assert statuses.reminder_status(Reminder(**said), TODAY) == expected
