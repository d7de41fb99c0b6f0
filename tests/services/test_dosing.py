"""Doses through the real services: ordered, given, not given, changed, corrected, counted."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from audit.models import AuditEvent
from pathway.dosing import DoseGiven, DoseOrder, change_order, correct_dose, withhold_dose
from pathway.loading import load_state
from pathway.models import Dose
from reminders.models import Notice
from terms.refusals import NotAllowed, Refused
from tests.walking import DAY_ZERO, Walk

VINCRISTINE = DoseOrder("vincristine", "vincristine_single", route="iv", amount=Decimal(2))


def codes(refused: Refused) -> set[str]:
    return {refusal.code for refusal in refused.refusals}


def contained(walk: Walk) -> Walk:
    walk.open("containment", drug="vincristine", drug_class="vincristine_single")
    return walk


NOT_WRITTEN = {"amount_unknown": "not written down"}


def depleting(walk: Walk) -> Walk:
    walk.until(-6).plan("infusion", DAY_ZERO)
    walk.open("lymphodepletion", regimen="Flu/Cy")
    return walk.pass_gate("lymphodepletion")


def state_of(walk: Walk, machine: str) -> str:
    return load_state(walk.course).of(machine)[-1].state


@pytest.mark.walked("to_apheresis")
def test_vincristine_is_refused_by_any_route_but_a_vein(walk: Walk) -> None:
    contained(walk)
    for route, code in (("it", "vinca_route"), ("", "route_missing")):
        with pytest.raises(Refused) as refused:
            walk.order("containment", DoseOrder("vincristine", route=route, amount=Decimal(-1)))
        assert codes(refused.value) == {code, "impossible_amount"}
    assert not Dose.objects.exists()


@pytest.mark.walked("to_apheresis")
def test_vincristine_is_given_with_a_second_person_only(walk: Walk) -> None:
    contained(walk).order("containment", VINCRISTINE)
    with pytest.raises(Refused) as refused:
        walk.give("containment", 1)
    assert codes(refused.value) == {"verifier_missing"}
    nurse = walk.by("ward_nurse").get_username()
    for name, code in ((nurse, "verifier_same"), ("nobody", "verifier_unknown")):
        with pytest.raises(Refused) as refused:
            walk.give("containment", 1, verified_by=name)
        assert codes(refused.value) == {code}
    with pytest.raises(Refused) as bare:
        walk.move("containment", "given", "ward_nurse")
    assert codes(bare.value) == {"dose_not_verified"}
    verifier = walk.by("haematologist").get_username()
    dose = walk.give("containment", 1, verified_by=verifier, amount=Decimal(2))
    assert (dose.given_by, dose.verified_by) == (nurse, verifier)
    assert state_of(walk, "containment") == "given"


@pytest.mark.walked("to_apheresis")
def test_a_given_dose_pushes_collection_back_until_a_haematologist_overrides(walk: Walk) -> None:
    contained(walk)
    walk.open("apheresis", "coordinator", planned_on=walk.now.date() + timedelta(days=2))
    with pytest.raises(Refused) as booked:
        walk.order("containment", VINCRISTINE)
    assert codes(booked.value) == {"passes_booked_date"}
    today = walk.now.date()
    days = [replace(VINCRISTINE, planned_on=today + timedelta(days=n)) for n in (1, 2)]
    with pytest.raises(Refused) as several:
        walk.order("containment", *days)
    said = [one.params["until"] for one in several.value.refusals]
    assert len(set(said)) == 2, "each of its days is named"
    walk.order("containment", VINCRISTINE, overrides={"passes_booked_date": "disease is fast"})
    [dose] = walk.doses("containment")
    moved = change_order(
        dose_id=dose.pk, reason="later", amount=None, planned_on=today + timedelta(days=1),
        delay_code="PERSONAL", overrides={"passes_booked_date": "agreed by telephone"},
        actor=walk.by("haematologist"), now=walk.tick(),
    )  # fmt: skip
    assert moved.reason == "later; agreed by telephone"
    why = {"deviation": "a day early"}
    walk.give("containment", 1, **why, verified_by=walk.by("haematologist").get_username())
    walk.pass_gate("collection")
    with pytest.raises(Refused) as refused:
        walk.move("apheresis", "cleared", "apheresis_nurse")
    assert codes(refused.value) == {"washout"}
    walk.move("apheresis", "cleared", overrides={"washout": "agreed with the manufacturer"})


@pytest.mark.walked("to_apheresis")
def test_a_bare_step_of_containment_keeps_a_dose_of_unknown_amount(walk: Walk) -> None:
    walk.open("containment", drug="dexamethasone", drug_class="systemic_steroid")
    walk.order("containment", DoseOrder("dexamethasone", route="po", amount=Decimal(20)))
    walk.move("containment", "given", "ward_nurse")
    walk.move("containment", "given", "ward_nurse")
    doses = walk.doses("containment")
    assert [dose.given_amount for dose in doses] == [None, None]
    assert all(dose.given_on == walk.now.date() for dose in doses)


@pytest.mark.walked("to_apheresis")
def test_orders_and_doses_are_for_those_who_may(walk: Walk) -> None:
    contained(walk).order("containment", VINCRISTINE)
    with pytest.raises(NotAllowed):
        walk.give("containment", 1, "coordinator")
    [dose] = walk.doses("containment")
    with pytest.raises(NotAllowed):
        change_order(
            dose_id=dose.pk, reason="x", amount=Decimal(1), planned_on=None,
            actor=walk.by("ward_nurse"), now=walk.now,
        )  # fmt: skip


@pytest.mark.walked("to_lymphodepletion")
def test_the_regimen_is_counted_from_the_planned_day_zero_and_moves_with_it(walk: Walk) -> None:
    depleting(walk)
    days = [(dose.planned_on, dose.amount) for dose in walk.doses("lymphodepletion")]
    assert days == [(DAY_ZERO - timedelta(days=day), None) for day in (4, 3, 2, 2)]
    walk.plan("infusion", DAY_ZERO + timedelta(days=3), reason="bed")
    assert walk.doses("lymphodepletion")[0].planned_on == DAY_ZERO - timedelta(days=1)


@pytest.mark.walked("to_lymphodepletion")
def test_completion_waits_for_every_dose_and_ends_on_the_last(walk: Walk) -> None:
    depleting(walk).until(-4).give("lymphodepletion", 1)
    assert state_of(walk, "lymphodepletion") == "in_progress"
    with pytest.raises(Refused) as refused:
        walk.move("lymphodepletion", "complete", "ward_nurse")
    assert codes(refused.value) == {"doses_open"}
    walk.until(-3).give("lymphodepletion", 2)
    walk.until(-2).give("lymphodepletion", 4)
    [third] = [dose for dose in walk.doses("lymphodepletion") if dose.number == 3]
    with pytest.raises(Refused) as silent:
        withhold_dose(dose_id=third.pk, reason=" ", actor=walk.by("ward_nurse"), now=walk.tick())
    assert codes(silent.value) == {"reason_missing"}
    withhold_dose(dose_id=third.pk, reason="creatinine", actor=walk.by("ward_nurse"), now=walk.now)
    walk.until(0).move("lymphodepletion", "complete", "ward_nurse")
    depletion = load_state(walk.course).facts(on=DAY_ZERO).depletion
    assert depletion is not None
    assert depletion.ended_on == DAY_ZERO - timedelta(days=2)


@pytest.mark.walked("to_lymphodepletion")
def test_the_first_dose_off_its_day_asks_a_haematologist(walk: Walk) -> None:
    depleting(walk).until(-3)
    with pytest.raises(Refused) as refused:
        walk.give("lymphodepletion", 1, overrides={"first_dose_off_day": "late"})
    assert codes(refused.value) == {"first_dose_off_day"}
    dose = walk.give(
        "lymphodepletion", 1, "haematologist", overrides={"first_dose_off_day": "no bed"}
    )
    assert dose.deviation == "no bed"


@pytest.mark.walked("to_lymphodepletion")
def test_another_amount_needs_its_reason(walk: Walk) -> None:
    depleting(walk).until(-4)
    [first, *_] = walk.doses("lymphodepletion")
    who: dict[str, Any] = {"actor": walk.by("haematologist"), "now": walk.tick()}
    change_order(dose_id=first.pk, reason="", amount=Decimal(45), planned_on=None, **who)
    with pytest.raises(Refused) as refused:
        walk.give("lymphodepletion", 1, amount=Decimal(40))
    assert codes(refused.value) == {"deviation_missing", "amount_off_surface"}
    [first, *_] = walk.doses("lymphodepletion")
    with pytest.raises(Refused) as silent:
        change_order(dose_id=first.pk, reason="", amount=Decimal(30), planned_on=None, **who)
    assert codes(silent.value) == {"reason_missing", "amount_off_surface"}
    off = {"amount_off_surface": "vial broke"}
    dose = walk.give("lymphodepletion", 1, amount=Decimal(40), deviation="a vial", overrides=off)
    assert dose.deviation == "a vial; vial broke"


@pytest.mark.walked("to_bridging")
def test_a_bridging_dose_is_put_off_with_its_own_reason(walk: Walk) -> None:
    walk.until(-27)
    walk.open("bridging", drug="inotuzumab ozogamicin", drug_class="inotuzumab")
    day = walk.now.date()
    cycle = [
        DoseOrder("inotuzumab", planned_on=day + timedelta(days=n - 1), planned_day=n)
        for n in (1, 8, 15)
    ]
    walk.order("bridging", *cycle)
    walk.give("bridging", 1)
    assert state_of(walk, "bridging") == "running"
    second = walk.doses("bridging")[1]
    later = day + timedelta(days=12)
    who: dict[str, Any] = {"actor": walk.by("haematologist"), "now": walk.tick()}
    with pytest.raises(Refused) as refused:
        change_order(dose_id=second.pk, reason="", amount=None, planned_on=later, **who)
    assert codes(refused.value) == {"reason_missing", "unknown_reason"}
    moved = change_order(
        dose_id=second.pk, reason="few symptoms", amount=None, planned_on=later,
        delay_code="VIRAL_INFECTION_SARS_COV_2", **who,
    )  # fmt: skip
    assert (moved.planned_on, moved.replaces_id) == (later, second.pk)
    with pytest.raises(Refused) as stale:
        withhold_dose(dose_id=second.pk, reason="x", **who)
    assert codes(stale.value) == {"dose_replaced"}


@pytest.mark.walked("to_lymphodepletion")
def test_no_bridging_dose_once_lymphodepletion_has_begun(walk: Walk) -> None:
    depleting(walk).until(-4).give("lymphodepletion", 1)
    with pytest.raises(Refused) as refused:
        walk.order("bridging", DoseOrder("inotuzumab", planned_on=walk.now.date()))
    assert codes(refused.value) == {"companion_over", "depletion_begun"}


@pytest.mark.walked("to_lymphodepletion")
def test_a_correction_stands_beside_what_it_corrects_and_moves_the_anchor(walk: Walk) -> None:
    depleting(walk).until(-4).give("lymphodepletion", 1)
    [first, *_] = walk.doses("lymphodepletion")
    who: dict[str, Any] = {"actor": walk.by("haematologist"), "now": walk.tick()}
    with pytest.raises(Refused) as refused:
        withhold_dose(dose_id=first.pk, reason="x", **who)
    assert codes(refused.value) == {"dose_given"}
    earlier = walk.now - timedelta(days=1)
    right = correct_dose(
        dose_id=first.pk,
        given=DoseGiven(earlier, deviation="typed a day late", overrides=NOT_WRITTEN),
        reason="wrong day", **who,
    )  # fmt: skip
    wrong = Dose.objects.get(pk=first.pk)
    assert (right.given_on, wrong.given_on) == (earlier.date(), walk.now.date())
    anchor = walk.course.anchors.get(kind="lymphodepletion")
    assert anchor.actual_on == earlier.date()
    event = AuditEvent.objects.get(action="dose.correct")
    assert (event.reason, event.course_id) == ("wrong day", walk.course.pk)


@pytest.mark.walked("to_lymphodepletion")
def test_a_dose_of_which_nothing_is_said_is_not_corrected_past_its_gate(walk: Walk) -> None:
    depleting(walk).until(-4)
    [first, *_] = walk.doses("lymphodepletion")
    given = DoseGiven(walk.now, deviation="x")
    with pytest.raises(Refused) as refused:
        correct_dose(
            dose_id=first.pk, given=given, reason="x", actor=walk.by("haematologist"),
            now=walk.tick(),
        )  # fmt: skip
    assert "dose_open" in codes(refused.value)
    assert Dose.objects.get(pk=first.pk).given_at is None


@pytest.mark.walked("to_lymphodepletion", "deplete")
def test_a_completed_lymphodepletion_leaves_no_dose_open(walk: Walk) -> None:
    [first, *_] = walk.doses("lymphodepletion")
    who: dict[str, Any] = {"actor": walk.by("haematologist"), "now": walk.tick()}
    with pytest.raises(Refused) as refused:
        correct_dose(dose_id=first.pk, given=None, reason="mistake", **who)
    assert codes(refused.value) == {"dose_left_open"}
    for dose in walk.doses("lymphodepletion"):
        assert not Notice.objects.standing().filter(code="depletion_undone")
        undone = correct_dose(
            dose_id=dose.pk, given=None, not_given_reason="thrown away", reason="mistake", **who
        )
    # Nothing of it stands as given: no thaw and no interval, whatever the step says.
    assert Notice.objects.standing().get(code="depletion_undone").causes == [f"dose:{undone.pk}"]
    assert not walk.course.anchors.filter(kind="lymphodepletion").exclude(actual_on=None)
    with pytest.raises(Refused) as thaw:
        walk.move("product", "thawing", "cell_lab")
    assert "no_dose_stands" in codes(thaw.value)
    walk.course.refresh_from_db()
    given = DoseGiven(
        walk.now - timedelta(days=3),
        deviation="given after all",
        overrides=NOT_WRITTEN | {"first_dose_off_day": "nothing was given before"},
    )
    correct_dose(dose_id=undone.pk, given=given, reason="mistake", **who)
    assert not Notice.objects.standing().filter(code="depletion_undone")
    assert walk.course.anchors.get(kind="lymphodepletion").actual_on == given.given_at.date()


@pytest.mark.walked("to_lymphodepletion")
def test_a_further_dose_asks_what_says_to_stop(walk: Walk) -> None:
    depleting(walk).until(-4).give("lymphodepletion", 1)
    walk.move("product", "quarantined", "cell_lab", reason="temperature log missing")
    walk.until(-3)
    with pytest.raises(Refused) as refused:
        walk.give("lymphodepletion", 2)
    assert codes(refused.value) == {"dose_while_held", "dose_without_product"}
    why = {"dose_while_held": "given before it was known", "dose_without_product": "see above"}
    dose = walk.give("lymphodepletion", 2, "haematologist", overrides=why)
    assert dose.deviation == "given before it was known; see above"


@pytest.mark.walked("to_lymphodepletion")
def test_a_dose_is_not_given_in_the_future_nor_after_the_end(walk: Walk) -> None:
    depleting(walk).until(-4)
    with pytest.raises(Refused) as refused:
        walk.give("lymphodepletion", 1, given_at=walk.now + timedelta(days=3), amount=Decimal(0))
    assert {"future_date", "impossible_amount", "first_dose_off_day"} <= codes(refused.value)
    walk.move("lymphodepletion", "cancelled", reason="infection")
    with pytest.raises(Refused) as over:
        walk.give("lymphodepletion", 1)
    assert "companion_over" in codes(over.value)


@pytest.mark.walked("to_lymphodepletion", "deplete")
def test_a_hold_of_fifteen_days_leads_to_a_repeat_that_counts(walk: Walk) -> None:
    walk.until(-1)
    hold = walk.hold("infusion", "FEVER_UNEXPLAINED", began_on=walk.now.date())
    with pytest.raises(Refused) as early:
        walk.open("lymphodepletion", regimen="Flu/Cy")
    assert "depletion_still_serves" in codes(early.value)
    walk.until(13)
    walk.release(hold)
    with pytest.raises(Refused) as refused:
        walk.thaw()
    assert codes(refused.value) == {"repeat_depletion", "depletion_interval"}
    day_zero = DAY_ZERO + timedelta(days=20)
    walk.plan("infusion", day_zero, reason="repeat lymphodepletion")
    walk.open("lymphodepletion", regimen="Flu/Cy")
    with pytest.raises(Refused) as waiting:
        walk.move("product", "thawing")
    assert codes(waiting.value) == {"depletion_not_complete", "gate_interval"}
    walk.until(15).pass_gate("lymphodepletion")
    walk.give_regimen().move("lymphodepletion", "complete", "ward_nurse")
    walk.until(20).thaw().check("bedside", "ward_nurse", "haematologist")
    walk.go("infusion")
    anchors = walk.course.anchors.filter(kind="lymphodepletion").order_by("occurrence")
    assert [anchor.actual_on for anchor in anchors] == [
        DAY_ZERO - timedelta(days=4), day_zero - timedelta(days=4),
    ]  # fmt: skip


@pytest.mark.walked("to_apheresis")
def test_the_database_keeps_every_dose_as_it_was_written(walk: Walk) -> None:
    contained(walk).order("containment", VINCRISTINE)
    with pytest.raises(DatabaseError), transaction.atomic():
        Dose.objects.update(drug="other")
