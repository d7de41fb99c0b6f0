"""Where a record had no truthful way on: the way there is now, and that it undoes exactly."""

from typing import Any

import pytest

from pathway.domain.gate_rules import Gate
from pathway.domain.gates import checklist
from pathway.loading import load_state
from pathway.models import Lymphodepletion, Product
from patients.deaths import record_death
from patients.models import Anchor, Hold
from reminders.models import Notice
from terms.refusals import NotAllowed, Refused
from tests.services.refused import codes
from tests.walking import Walk

DOUBTED: Any = {"overrides": {"identity_doubted": "DEV-7"}}
UNUSED: Any = {"reason": "nobody needs it", "details": {"failure_reason": "not_needed"}}


@pytest.mark.walked("to_infusion")
def test_a_doubt_about_cells_that_run_in_is_told_and_answered_for(walk: Walk) -> None:
    walk.paper("product", "order", coi_id="COI-SOMEBODY-ELSE")
    assert Product.objects.get().state == "thawing"
    assert Notice.objects.filter(code="labels_in_doubt").count() == 1
    assert not Hold.objects.exists()
    with pytest.raises(Refused) as refused:
        walk.open_check("bedside", "ward_nurse")
    assert "not_to_be_checked" in codes(refused.value)
    with pytest.raises(Refused) as refused:
        walk.move("product", "infused")
    assert codes(refused.value) == {"identity_doubted"}
    with pytest.raises(Refused) as refused:
        walk.move("product", "infused", "ward_nurse", **DOUBTED)
    assert codes(refused.value) == {"identity_doubted"}
    change = walk.move("product", "infused", **DOUBTED)
    assert [one["reason"] for one in change.overrides] == ["DEV-7"]


@pytest.mark.walked("to_infusion")
def test_a_product_put_into_quarantine_while_it_runs_in_comes_back_exactly(walk: Walk) -> None:
    before = next(row for row in load_state(walk.course).of("product"))
    walk.move("product", "quarantined", "ward_nurse", reason="the lot looks wrong")
    assert Hold.objects.get(ended_on=None).source == "interlock"
    with pytest.raises(NotAllowed):
        walk.move("product", "thawing", "ward_nurse", reason="it was running")
    walk.move("product", "thawing", "quality", reason="it was running")
    after = next(row for row in load_state(walk.course).of("product"))
    assert (after.state_since, after.reached) == (before.state_since, before.reached)
    assert not Hold.objects.filter(ended_on=None).exists()
    assert not Notice.objects.standing().filter(code="product_interlock").exists()
    assert walk.move("product", "infused").target == "infused"
    assert walk.course.anchors.get(kind="infusion").actual_on is not None


@pytest.mark.walked("to_lymphodepletion", "deplete", "thaw")
def test_before_the_infusion_a_mismatch_has_no_way_out_of_quarantine(walk: Walk) -> None:
    walk.check("bedside", "ward_nurse", "haematologist", lot="other")
    with pytest.raises(Refused) as refused:
        walk.move("product", "thawing", "quality", reason="it was running")
    assert codes(refused.value) == {"wrong_stage", "deviation_missing"}


@pytest.mark.walked("to_bridging")
def test_quality_ends_a_product_that_nobody_needs_any_more(walk: Walk) -> None:
    walk.move("product", "at_manufacturer", "coordinator")
    walk.move("product", "manufacturing", "coordinator")
    record_death(
        patient_id=walk.course.patient_id,
        died_on=walk.now.date(),
        actor=walk.by("haematologist"),
        now=walk.now,
    )
    with pytest.raises(NotAllowed):
        walk.move("product", "discarded", "coordinator", **UNUSED)
    assert walk.move("product", "discarded", "quality", **UNUSED).target == "discarded"
    assert not Hold.objects.filter(ended_on=None).exists()
    with pytest.raises(Refused) as refused:
        walk.move("product", "qc", "quality", reason="a slip")
    assert codes(refused.value) == {"not_the_way_back"}
    walk.move("product", "manufacturing", "quality", reason="a slip")
    assert Product.objects.get().failure_reason == ""


@pytest.mark.walked("to_lymphodepletion")
def test_a_lymphodepletion_stopped_by_a_slip_goes_on(walk: Walk) -> None:
    walk.until(-6).plan("infusion", walk.at(0).date())
    walk.open("lymphodepletion", regimen="Flu/Cy")
    walk.pass_gate("lymphodepletion")
    walk.move("lymphodepletion", "cancelled", reason="wrong patient")
    walk.move("lymphodepletion", "planned", reason="the right one")
    first = walk.doses("lymphodepletion")[0]
    walk.until(-4).pass_gate("lymphodepletion")
    walk.give("lymphodepletion", first.number)
    before = Lymphodepletion.objects.get(), Anchor.objects.filter(kind="lymphodepletion").count()
    walk.move("lymphodepletion", "stopped", reason="wrong patient")
    with pytest.raises(NotAllowed):
        walk.move("lymphodepletion", "in_progress", "ward_nurse", reason="the right one")
    walk.move("lymphodepletion", "in_progress", reason="the right one")
    after = Lymphodepletion.objects.get(), Anchor.objects.filter(kind="lymphodepletion").count()
    assert (after[0].state, after[0].state_since, after[1]) == (
        "in_progress", before[0].state_since, before[1],
    )  # fmt: skip
    walk.move("lymphodepletion", "stopped", reason="fever")
    stopped = walk.latest("lymphodepletion")
    walk.open("lymphodepletion", regimen="Flu/Cy")
    walk._opened["lymphodepletion"] = stopped
    with pytest.raises(Refused) as refused:
        walk.move("lymphodepletion", "in_progress", reason="a slip")
    assert codes(refused.value) == {"other_depletion"}


@pytest.mark.walked("to_infusion")
def test_the_ticks_of_the_discharge_gate_are_those_of_one_infusion(walk: Walk) -> None:
    def missing() -> int:
        facts = load_state(walk.course).facts(on=walk.now.date(), at=walk.now)
        return sum(one.entry is None for one in checklist(Gate.DISCHARGE, facts))

    before = missing()
    walk.pass_gate("discharge")
    assert missing() < before
    walk.go("lymphodepletion", reason="never infused")
    walk.pass_gate("infusion").check("bedside", "ward_nurse", "haematologist")
    walk.go("infusion")
    assert missing() == before
