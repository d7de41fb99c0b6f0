"""Where a record had no truthful way on: the way there is now, and that it undoes exactly."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from pathway.domain.gate_rules import Gate
from pathway.domain.gates import checklist
from pathway.dosing import DoseGiven, DoseOrder, correct_dose
from pathway.loading import load_state
from pathway.models import Journey, Lymphodepletion, Product
from pathway.writing import Step, write_change
from patients.correcting_holds import correct_hold
from patients.deaths import record_death, withdraw_death
from patients.models import Anchor, Hold
from reminders.models import Notice, Reminder
from terms.refusals import NotAllowed, Refused
from tests.services.refused import codes, fields
from tests.walking import Walk

DOUBTED: Any = {"overrides": {"identity_doubted": "DEV-7"}}
NUMBER: Any = {"details": {"deviation_number": "DEV-8"}}
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
    walk.move("product", "thawing", "quality", reason="it was running", **NUMBER)
    after = next(row for row in load_state(walk.course).of("product"))
    assert (after.state_since, after.reached) == (before.state_since, before.reached)
    assert not Hold.objects.filter(ended_on=None).exists()
    assert not Notice.objects.standing().filter(code="product_interlock").exists()
    assert walk.move("product", "infused").target == "infused"
    assert walk.course.anchors.get(kind="infusion").actual_on is not None


@pytest.mark.walked("to_lymphodepletion", "deplete", "thaw")
def test_before_the_infusion_a_mismatch_has_its_number_before_any_way_out(walk: Walk) -> None:
    walk.check("bedside", "ward_nurse", "haematologist", lot="other")
    with pytest.raises(Refused) as refused:
        walk.move("product", "thawing", "quality", reason="it was running")
    assert codes(refused.value) == {"deviation_missing", "deviation_needed"}


@pytest.mark.walked("to_lymphodepletion", "deplete", "thaw")
def test_back_from_quarantine_a_thawed_bag_is_checked_anew(walk: Walk) -> None:
    walk.check("bedside", "ward_nurse", "haematologist")
    walk.move("product", "quarantined", "ward_nurse", reason="the lot looks wrong")
    with pytest.raises(Refused) as refused:
        walk.move("product", "thawing", "quality", reason="the lot is right")
    assert fields(refused.value) == {("deviation_number", "deviation_needed")}
    walk.move("product", "thawing", "quality", reason="the lot is right", **NUMBER)
    with pytest.raises(Refused) as refused:
        walk.go("infusion")
    assert codes(refused.value) == {"bedside_check_before_return", "thaw_too_long"}
    walk.check("bedside", "ward_nurse", "haematologist")
    late = {"thaw_too_long": "The deviation was looked into"}
    assert walk.go("infusion", overrides=late).target == "infusion"


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


@pytest.mark.walked("to_lymphodepletion")
@pytest.mark.parametrize("first", ["interlock", "by hand"])
def test_a_hold_for_the_product_keeps_its_guard_under_another_reason(
    walk: Walk, first: str
) -> None:
    if first == "by hand":
        walk.hold("infusion", "PRODUCT_QUARANTINE")
    walk.move("product", "quarantined", "cell_lab", reason="temperature log missing")
    hold = Hold.objects.get()
    correct_hold(
        course_id=walk.course.pk, hold_id=hold.pk, began_on=hold.began_on, planned_on=None,
        ended_on=None, reason="so it was", reason_code="PERSONAL",
        actor=walk.by("haematologist"), now=walk.tick(),
    )  # fmt: skip
    with pytest.raises(Refused) as refused:
        walk.release(hold)
    assert codes(refused.value) == {"cause_stands"}
    other = walk.hold("infusion", "TRAVEL")
    walk.release(other)


@pytest.mark.walked("to_bridging")
def test_a_last_dose_is_compared_with_the_opening_of_its_own_therapy(walk: Walk) -> None:
    bridging = walk.open("bridging", drug="inotuzumab ozogamicin", drug_class="inotuzumab")
    walk.move("bridging", "running")
    on = walk.now.date()
    walk.until(-20)
    # A lymphodepletion may have the same number as a bridging course.
    write_change(
        Step(
            course=walk.course, machine="lymphodepletion", subject_id=bridging.pk, source="",
            target="planned", happened_at=walk.tick(), actor=walk.by("haematologist"), now=walk.now,
        )
    )  # fmt: skip
    walk.move("bridging", "closed", details={"last_dose_on": str(on)})


@pytest.mark.walked("to_bridging")
def test_a_bridging_dose_that_was_later_than_said_is_told_once_preparation_began(
    walk: Walk,
) -> None:
    def told() -> int:
        return Notice.objects.standing().filter(code="bridging_not_washed_out").count()

    def put_right(pk: int, day: int) -> int:
        return correct_dose(
            dose_id=pk, given=DoseGiven(walk.at(day), deviation="as it was"), reason="wrong day",
            actor=walk.by("haematologist"), now=walk.tick(),
        ).pk  # fmt: skip

    walk.until(-27).open("bridging", drug="cyclophosphamide", drug_class="chemotherapy")
    walk.order("bridging", DoseOrder("cyclophosphamide", "chemotherapy", route="iv"))
    dose = put_right(walk.give("bridging", 1).pk, -26 if walk.now >= walk.at(-26) else -27)
    walk.make().until(-7).move("bridging", "closed")
    walk.pass_gate("lymphodepletion").go("lymphodepletion")
    dose = put_right(dose, -15)
    assert told() == 0
    dose = put_right(dose, -9)
    assert told() == 1
    put_right(dose, -15)
    assert told() == 0


@pytest.mark.walked("pass_to_infusion")
def test_what_happened_on_the_last_day_is_told_after_the_death(walk: Walk) -> None:
    patient, physician, died_on = walk.course.patient_id, walk.by("haematologist"), walk.now.date()
    dead: Any = {"patient_id": patient, "actor": physician}
    record_death(**dead, died_on=died_on, now=walk.tick())
    begun, later = walk.tick(), walk.at(1)
    client = Client()
    client.force_login(physician)
    with pytest.raises(Refused) as refused:
        walk.go("lymphodepletion", happened_at=begun)
    assert codes(refused.value) == {"no_such_move"}
    walk.now = later
    with pytest.raises(Refused) as refused:
        walk.go("infusion")
    assert "patient_died" in codes(refused.value)
    with pytest.raises(Refused) as refused:
        walk.pass_gate("infusion")
    assert codes(refused.value) == {"patient_died"}
    walk.go("infusion", happened_at=begun)
    journey = walk.course.journey
    assert (journey.stage, journey.active) == ("infusion", False)
    assert walk.course.anchors.get(kind="infusion").actual_on == died_on
    waiting = Reminder.objects.filter(course=walk.course, status="open")
    assert {row.item for row in waiting} == {"REG_DEATH"}, "only what the death itself asks for"
    page = client.get(reverse("course", args=[walk.course.pk])).content.decode()
    assert "It happened earlier: record it" in page
    walk.administer()
    walk.move("product", "infused", happened_at=begun)
    with pytest.raises(Refused) as refused:
        walk.go("withdrawn", happened_at=begun, reason="asked for it")
    assert codes(refused.value) == {"patient_died"}
    withdraw_death(**dead, reason="another patient", now=walk.tick())
    walk.course.refresh_from_db()
    assert Journey.objects.get(course=walk.course).active
