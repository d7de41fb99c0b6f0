"""Correcting when a course went through a gate: what of it did not stand is asked and kept."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from pathway.correcting import correct_time
from pathway.domain.gate_rules import Gate
from pathway.gating import CheckNote, record_checks
from pathway.loading import load_state
from pathway.models import Change
from pathway.referring import NewCourse
from pathway.transcribing import Transcript, transcribe
from patients.models import Course
from protocol.models import Protocol
from terms.refusals import Kind, Refused
from tests.conftest import NOW, UserWith
from tests.domain.test_transcription import FOLLOWED
from tests.services.refused import codes
from tests.services.test_transcribing import ROSSI
from tests.walking import DAY_ZERO, Walk

MINUTE = timedelta(minutes=1)
WHY = "seen on the chart"


def note(walk: Walk, gate: Gate, check: str, outcome: str) -> datetime:
    """Record one check of a gate; when."""
    how = CheckNote(check, outcome, remark="fever" if outcome == "not_met" else "")
    actor, now = walk.by("haematologist"), walk.tick()
    record_checks(course_id=walk.course.pk, gate=gate, notes=[how], actor=actor, now=now)
    return now


def correct(walk: Walk, change: Change, at: datetime, *checks: str) -> Change:
    """Correct a step, with a reason for each of the checks."""
    return correct_time(
        course_id=walk.course.pk, place=change.place, happened_at=at, reason="typed wrongly",
        actor=walk.by("haematologist"), now=walk.tick(),
        overrides={f"gate_{check}": WHY for check in checks},
    )  # fmt: skip


def asked(walk: Walk, change: Change, at: datetime) -> set[str]:
    """What a correction asks, each of which yields to a reason."""
    with pytest.raises(Refused) as refused:
        correct(walk, change, at)
    assert {one.kind for one in refused.value.refusals} == {Kind.SOFT}
    return codes(refused.value)


def page(walk: Walk, gate: Gate) -> str:
    """The page of a gate."""
    browser = Client()
    browser.force_login(walk.by("haematologist"))
    return browser.get(reverse("gate", args=[walk.course.pk, gate.value])).content.decode()


def standing(walk: Walk, machine: str, target: str) -> Change:
    """The latest step of a machine to a state, as it stands."""
    changes = load_state(walk.course).standing_changes
    return [c for c in changes if (c.machine, c.target) == (machine, target)][-1]


def shown_and_undone(walk: Walk, gate: Gate, old: Change, at: datetime, label: str) -> None:
    """A step moved into a fever: asked once, kept, shown, and gone once it is moved back."""
    assert asked(walk, old, at) == {"gate_infection"}
    assert f"{label} — {WHY}" not in page(walk, gate)
    new = correct(walk, old, at, "infection")
    assert new.overrides == [*old.overrides, {"code": "gate_infection", "reason": WHY}]
    assert f"{label} — {WHY}" in page(walk, gate)
    again = correct(walk, new, at + MINUTE)
    assert again.overrides == new.overrides
    assert correct(walk, again, old.happened_at).overrides == old.overrides
    assert f"{label} — {WHY}" not in page(walk, gate)


@pytest.mark.walked("pass_to_infusion")
def test_an_infusion_moved_into_a_fever_is_asked_shown_and_undone(walk: Walk) -> None:
    ill = note(walk, Gate.INFUSION, "infection", "not_met") + timedelta(seconds=20)
    walk.now += 5 * MINUTE
    well = note(walk, Gate.INFUSION, "infection", "met")
    begun = walk.go("infusion")
    assert correct(walk, begun, well + MINUTE / 2).overrides == begun.overrides
    label = "No active infection or inflammatory disorder"
    shown_and_undone(walk, Gate.INFUSION, standing(walk, "journey", "infusion"), ill, label)
    walk.now += timedelta(hours=1)
    client, zone = Client(), walk.course.centre.zone
    client.force_login(walk.by("haematologist"))
    place = [walk.course.pk, standing(walk, "journey", "infusion").place]
    told: dict[str, Any] = {
        "happened_at": (ill + 2 * MINUTE).astimezone(zone).strftime("%Y-%m-%dT%H:%M"),
        "reason": "typed wrongly",
        "expected_version": Course.objects.get(pk=walk.course.pk).version,
    }  # fmt: skip
    with time_machine.travel(walk.now, tick=False):
        text = client.post(reverse("change_correct", args=place), told).content.decode()
        assert 'name="override_gate_infection"' in text
        assert "this check of the gate did not stand then" in text
        body = told | {"happened_at": (ill + 2 * MINUTE).isoformat()}
        api = reverse("api_change_correct", args=place)
        refused = client.post(api, body, "application/json").json()
        assert [one["code"] for one in refused["reasons"]] == ["gate_infection"]
        body["overrides"] = [{"code": "gate_infection", "reason": WHY}]
        assert client.post(api, body, "application/json").status_code == 201


@pytest.mark.walked("to_infusion")
def test_a_thaw_before_its_checks_asks_those_that_come_before_it(walk: Walk) -> None:
    checks = walk.rules.gates.by_gate[Gate.INFUSION]
    before = {f"gate_{one.code}" for one in checks if one.before_thaw and not one.fact}
    before -= {f"gate_{one.code}" for one in checks if one.repeat_only}
    thawed = standing(walk, "product", "thawing")
    early = asked(walk, thawed, thawed.happened_at - 2 * timedelta(hours=1))
    assert early == before | {"thaw_too_long"}


@pytest.mark.walked("pass_to_lymphodepletion")
def test_the_step_to_lymphodepletion_is_asked_of_its_time_also_after_it(walk: Walk) -> None:
    ill = note(walk, Gate.LYMPHODEPLETION, "infection", "not_met") + MINUTE
    note(walk, Gate.LYMPHODEPLETION, "infection", "met")
    went = walk.go("lymphodepletion")
    label = "No active infection, fever or new antimicrobial"
    shown_and_undone(walk, Gate.LYMPHODEPLETION, went, ill, label)
    # What came since counts in rounds of their own, not in that in which the step was made.
    walk.until(-6).plan("infusion", DAY_ZERO)
    walk.open("lymphodepletion", regimen="Flu/Cy")
    walk.until(-4).pass_gate("lymphodepletion").give("lymphodepletion", 1)
    walk.move("lymphodepletion", "stopped", reason="fever")
    assert asked(walk, went, ill) == {"gate_infection"}
    assert correct(walk, went, went.happened_at + MINUTE).overrides == went.overrides


@pytest.mark.walked("pass_to_lymphodepletion")
def test_what_was_answered_at_the_step_itself_is_not_asked_again(walk: Walk) -> None:
    checks = walk.rules.gates.by_gate[Gate.LYMPHODEPLETION]
    mild = next(one.code for one in checks if one.waived_by and not one.fact and not one.measure)
    ill = note(walk, Gate.LYMPHODEPLETION, mild, "not_met") + MINUTE
    went = walk.go("lymphodepletion", overrides={f"gate_{mild}": "palliative"})
    assert [one["code"] for one in went.overrides] == [f"gate_{mild}"]
    moved = correct(walk, went, ill)  # before the reason was given, which goes with the step
    assert moved.overrides == went.overrides
    assert correct(walk, moved, went.happened_at + MINUTE).overrides == went.overrides
    # Before anything was recorded of it, that it was not is another question.
    assert f"gate_{mild}" in asked(walk, moved, ill - timedelta(hours=20))


@pytest.mark.walked("to_apheresis")
def test_a_collection_cleared_before_its_checks_is_asked_in_its_own_round(walk: Walk) -> None:
    walk.until(-30).open("apheresis", "coordinator", planned_on=walk.now.date())
    early = walk.tick()
    walk.pass_gate("collection")
    cleared = walk.move("apheresis", "cleared", "apheresis_nurse")
    checks = walk.rules.gates.by_gate[Gate.COLLECTION]
    wanted = {f"gate_{one.code}" for one in checks if not one.fact and not one.repeat_only}
    assert asked(walk, cleared, early) == wanted
    walk.move("apheresis", "cancelled", reason="no slot")
    walk.open("apheresis", "coordinator", planned_on=walk.now.date())
    assert correct(walk, cleared, cleared.happened_at + MINUTE).overrides == cleared.overrides
    kept = correct(walk, cleared, early, *(code.removeprefix("gate_") for code in wanted))
    assert wanted < {one["code"] for one in kept.overrides}


def test_what_was_entered_with_its_past_is_not_asked(
    protocol: Protocol, user_with: UserWith
) -> None:
    given = NewCourse(protocol_code=protocol.code, referred_on=FOLLOWED.referred_on)
    course = transcribe(
        patient=ROSSI, transcript=Transcript(given, FOLLOWED), actor=user_with("coordinator"),
        now=NOW,
    )  # fmt: skip
    changes = load_state(course).standing_changes
    begun = next(one for one in changes if (one.machine, one.target) == ("journey", "infusion"))
    right = correct_time(
        course_id=course.pk, place=begun.place, happened_at=begun.happened_at + MINUTE,
        reason="as it was", actor=user_with("haematologist"), now=NOW,
    )  # fmt: skip
    assert right.overrides == []


@pytest.mark.walked("to_apheresis")
def test_one_reason_answers_all_that_was_recorded_later(walk: Walk) -> None:
    walk.until(-33).open("apheresis", "coordinator", planned_on=walk.now.date())
    early = walk.tick()
    walk.now += timedelta(hours=1)
    cleared = walk.pass_gate("collection").move("apheresis", "cleared", "apheresis_nurse")
    walk.now += timedelta(hours=1)
    client, zone = Client(), walk.course.centre.zone
    client.force_login(walk.by("haematologist"))
    address = reverse("change_correct", args=[walk.course.pk, cleared.place])
    told: dict[str, Any] = {
        "happened_at": (early + MINUTE).astimezone(zone).strftime("%Y-%m-%dT%H:%M"),
        "reason": "typed wrongly",
        "expected_version": Course.objects.get(pk=walk.course.pk).version,
    }
    with time_machine.travel(walk.now, tick=False):
        text = client.post(address, told).content.decode()
        fields = re.findall(r'name="(override_gate_\w+)"', text)
        assert len(fields) > 1
        assert 'name="reason_for_all"' in text
        # each question stands at its own field, and the summary leads there
        assert all(f'href="#id_{field}"' in text for field in fields)
        own = {fields[0]: "seen on paper"}
        said = told | dict.fromkeys(fields, "") | own | {"reason_for_all": WHY}
        saved = client.post(address, said)
        assert saved.status_code == 302, saved.content.decode()
    reasons = [one["reason"] for one in standing(walk, "apheresis", "cleared").overrides]
    assert reasons.count("seen on paper") == 1
    assert reasons.count(WHY) == len(fields) - 1
