"""The days that were counted at a step, asked again of its corrected time, told and shown."""

from collections.abc import Mapping
from copy import copy
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from pathway.check_times import doubtful_times
from pathway.correcting import correct_time
from pathway.day_times import against_days, days_apart
from pathway.domain.gate_rules import Gate
from pathway.loading import load_state
from pathway.models import Change, Dose
from reminders.models import Notice
from terms.refusals import Kind, Refused
from tests.services.refused import codes
from tests.services.test_gate_times import page, standing
from tests.walking import Walk

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
WHY = "as on paper"


def correct(
    walk: Walk, change: Change, at: datetime, reasons: Mapping[str, str] = MappingProxyType({})
) -> Change:
    """Correct a step; every check of a gate and of the bag has its reason."""
    checks = (check for found in walk.rules.gates.by_gate.values() for check in found)
    besides = {f"gate_{check.code}": WHY for check in checks}
    besides |= dict.fromkeys(("begun_outside_check", "thaw_expired", "thawed_after_check"), WHY)
    return correct_time(
        course_id=walk.course.pk, place=change.place, happened_at=at, reason="typed wrongly",
        actor=walk.by("haematologist"), now=walk.tick(), overrides=besides | dict(reasons),
    )  # fmt: skip


def asked(walk: Walk, change: Change, at: datetime) -> dict[str, Kind]:
    """What stands against a correction, each with how firmly."""
    with pytest.raises(Refused) as refused:
        correct(walk, change, at)
    return {one.code: one.kind for one in refused.value.refusals}


def doubts(walk: Walk) -> list[str]:
    return [one.code for one in doubtful_times(load_state(walk.course))]


def told() -> list[Notice]:
    return list(Notice.objects.standing().filter(code="step_not_then"))


@pytest.mark.walked("to_infusion")
def test_an_infusion_outside_the_interval_is_asked_told_shown_and_undone(walk: Walk) -> None:
    walk.move("product", "infused")
    begun, most = standing(walk, "journey", "infusion"), walk.rules.depletion_to_infusion_days[1]
    walk.until(30)
    late = begun.happened_at + most * DAY
    assert asked(walk, begun, late) == {"depletion_interval": Kind.SOFT}
    new = correct(walk, begun, late, {"depletion_interval": "held for fever"})
    assert {"code": "depletion_interval", "reason": "held for fever"} in new.overrides
    assert "depletion_interval" in doubts(walk)
    (notice,) = told()
    assert notice.roles == ["haematologist", "quality"]
    # The reason stands with its question on the page of the gate, and in words among the times.
    text = page(walk, Gate.INFUSION)
    assert "Interval from lymphodepletion in the label — held for fever" in text
    assert f"{most + 2} days from the end of lymphodepletion" in text
    kept = correct(walk, new, late + MINUTE)
    assert "depletion_interval" in {one["code"] for one in kept.overrides}
    assert len(told()) == 1
    assert correct(walk, kept, begun.happened_at).overrides == begun.overrides
    assert (doubts(walk), told()) == ([], [])


@pytest.mark.walked("to_infusion")
def test_an_infusion_before_lymphodepletion_was_over_cannot_have_been(walk: Walk) -> None:
    begun, over = (
        standing(walk, "journey", "infusion"),
        standing(walk, "lymphodepletion", "complete"),
    )
    given = Dose.objects.filter(course=walk.course, machine="lymphodepletion", replaced_by=None)
    last = given.latest("given_on").given_at
    assert last is not None
    walk.until(2)
    assert asked(walk, begun, last - DAY)["before_depletion_ended"] is Kind.HARD
    assert asked(walk, over, last - DAY)["before_last_dose"] is Kind.HARD
    assert asked(walk, over, begun.happened_at + MINUTE) == {"over_after_infusion": Kind.HARD}
    assert correct(walk, over, over.happened_at + MINUTE).overrides == []


@pytest.mark.walked("to_infusion")
def test_what_was_answered_at_the_step_is_not_said_again(walk: Walk) -> None:
    begun, days = standing(walk, "journey", "infusion"), walk.rules.depletion_to_infusion_days
    far = copy(begun)
    far.happened_on = begun.happened_on + days[1] * DAY
    state = load_state(walk.course)
    (found,) = against_days(state, begun, far)
    far.overrides = [{"code": found.code, "reason": WHY, "said": str(found)}]
    assert against_days(state, far, far) == ()
    told_once = [far if one.place == far.place else one for one in state.changes]
    assert days_apart(replace(state, changes=tuple(told_once))) == ()
    far.overrides = []
    assert days_apart(replace(state, changes=tuple(told_once))) == (found,)


@pytest.mark.walked("pass_to_lymphodepletion")
def test_the_step_to_lymphodepletion_inside_a_washout_is_asked(walk: Walk) -> None:
    went = walk.go("lymphodepletion")
    assert asked(walk, went, walk.at(-20)) == {"bridging_washout": Kind.SOFT}
    new = correct(walk, went, walk.at(-20), {"bridging_washout": WHY})
    assert f"Washout after bridging — {WHY}" in page(walk, Gate.LYMPHODEPLETION)
    assert len(told()) == 1
    assert correct(walk, new, went.happened_at).overrides == []
    assert told() == []


@pytest.mark.walked("to_apheresis")
def test_a_collection_that_begins_inside_a_washout_is_asked_and_told(walk: Walk) -> None:
    walk.open("containment", drug="dexamethasone", drug_class="systemic_steroid")
    walk.until(-34).move("containment", "given", "ward_nurse")
    planned = walk.at(-30)
    walk.until(-33).open("apheresis", "coordinator", planned_on=planned.date())
    walk.pass_gate("collection").move("apheresis", "cleared", "apheresis_nurse")
    walk.until(-30).pass_gate("collection")
    begun = walk.move("apheresis", "in_progress", "apheresis_nurse")
    early = walk.at(-32)
    assert asked(walk, begun, early) == {"washout": Kind.SOFT}
    new = correct(walk, begun, early, {"washout": WHY})
    (notice,) = told()
    assert notice.params["on"] == {"date": early.date().isoformat()}
    assert f" — {WHY}" in page(walk, Gate.COLLECTION)
    # Before its checks of the gate it is asked about those, as the beginning was.
    checks = walk.rules.gates.by_gate[Gate.COLLECTION]
    wanted = {f"gate_{one.code}" for one in checks if not one.fact and not one.repeat_only}
    with pytest.raises(Refused) as refused:
        correct_time(
            course_id=walk.course.pk, place=new.place, happened_at=walk.at(-34), reason="typed",
            actor=walk.by("haematologist"), now=walk.tick(),
        )  # fmt: skip
    assert codes(refused.value) == {*wanted, "out_of_order"}
    assert correct(walk, new, begun.happened_at).overrides == begun.overrides


@pytest.mark.walked("to_bridging")
def test_what_was_given_after_a_collection_is_no_washout_before_it(walk: Walk) -> None:
    walk.open("bridging", drug="dexamethasone", drug_class="systemic_steroid")
    walk.until(-27).move("bridging", "running")
    walk.move("bridging", "closed", details={"last_dose_on": str(walk.now.date())})
    begun = standing(walk, "apheresis", "in_progress")
    early = copy(begun)
    early.happened_on = walk.at(-32).date()
    (found,) = against_days(load_state(walk.course), begun, early)
    assert found.params["last"] == walk.at(-34).date()  # of containment, not of bridging
    assert correct(walk, begun, begun.happened_at - MINUTE).overrides == begun.overrides


@pytest.mark.walked("pass_to_infusion")
def test_an_infusion_on_a_day_of_its_hold_is_asked_and_shown(walk: Walk) -> None:
    today = walk.now.date()
    hold = walk.hold("infusion", began_on=today - 2 * DAY)
    walk.release(hold, today)
    begun = walk.go("infusion")
    assert doubts(walk) == []
    before = begun.happened_at - DAY
    assert asked(walk, begun, before)["held_then"] is Kind.SOFT
    reasons = dict.fromkeys(("held_then", "depletion_interval"), WHY)
    new = correct(walk, begun, before, reasons)
    assert "held_then" in doubts(walk)
    assert f"No open hold — {WHY}" in page(walk, Gate.INFUSION)
    assert correct(walk, new, begun.happened_at).overrides == begun.overrides
    assert doubts(walk) == []


@pytest.mark.walked("to_infusion")
def test_a_hold_of_what_followed_on_the_day_of_the_infusion_says_nothing_of_it(walk: Walk) -> None:
    walk.hold("infusion")
    assert doubts(walk) == []


@pytest.mark.walked("to_infusion")
def test_the_page_asks_for_the_reason_and_says_who_is_told(walk: Walk) -> None:
    begun, zone = standing(walk, "journey", "infusion"), walk.course.centre.zone
    walk.until(30)
    client = Client()
    client.force_login(walk.by("haematologist"))
    late = begun.happened_at + walk.rules.depletion_to_infusion_days[1] * DAY
    told = {
        "happened_at": late.astimezone(zone).strftime("%Y-%m-%dT%H:%M"),
        "reason": "typed wrongly",
        "expected_version": str(walk.course.version),
    }
    with time_machine.travel(walk.now, tick=False):
        address = reverse("change_correct", args=[walk.course.pk, begun.place])
        text = client.post(address, told).content.decode()
    assert 'name="override_depletion_interval"' in text
    assert "Haematologists and quality are told that this did not stand then." in text
