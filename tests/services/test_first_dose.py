"""A first dose that was recorded as not given, and was given: it passes the gate like any other."""

from decimal import Decimal
from typing import Any

import pytest

from pathway.domain.gate_rules import Gate
from pathway.dosing import DoseGiven, DoseOrder, correct_dose, withhold_dose
from pathway.gating import CheckNote, record_checks
from pathway.loading import load_state
from pathway.models import Change, Dose, GateEntry
from terms.refusals import Kind, NotAllowed, Refused
from tests.services.refused import codes
from tests.walking import DAY_ZERO, SURFACE, Walk


def withheld(walk: Walk, machine: str) -> Dose:
    """The first dose, recorded as not given."""
    [first, *_] = walk.doses(machine)
    return withhold_dose(
        dose_id=first.pk, reason="a hold", actor=walk.by("ward_nurse"), now=walk.tick()
    )


def correct(walk: Walk, dose: Dose, **given: Any) -> Dose:
    """It was given after all, now."""
    right = correct_dose(
        dose_id=dose.pk, given=DoseGiven(walk.tick(), **given), reason="it was given",
        actor=walk.by("haematologist"), now=walk.now,
    )  # fmt: skip
    walk.course.refresh_from_db()
    return right


def depleting(walk: Walk) -> Dose:
    """The first dose of a lymphodepletion whose gate nobody stood before again."""
    walk.until(-6).plan("infusion", DAY_ZERO)
    walk.open("lymphodepletion", regimen="Flu/Cy")
    return withheld(walk.until(-4), "lymphodepletion")


def state_of(walk: Walk, machine: str) -> str:
    return load_state(walk.course).of(machine)[-1].state


@pytest.mark.walked("to_lymphodepletion")
def test_a_dose_given_after_all_is_asked_what_the_first_dose_is(walk: Walk) -> None:
    wrong, amount = depleting(walk), Decimal(25) * SURFACE
    walk.hold("lymphodepletion")
    record_checks(
        course_id=walk.course.pk, gate=Gate.LYMPHODEPLETION,
        notes=[CheckNote("infection", "not_met", remark="fever")],
        actor=walk.by("haematologist"), now=walk.tick(),
    )  # fmt: skip
    with pytest.raises(Refused) as given:
        walk.give("lymphodepletion", 2)
    with pytest.raises(Refused) as refused:
        correct(walk, wrong, amount=amount)
    assert {"on_hold", "gate_infection"} <= codes(given.value) & codes(refused.value)
    [way] = [one for one in given.value.refusals if one.code == "told_after_the_fact"]
    assert way.who_may == ("haematologist",)
    assert "record it as not given" in str(way)
    assert "told_after_the_fact" not in codes(refused.value)
    assert {one.kind for one in refused.value.refusals} == {Kind.SOFT}, "the truth can be told"
    assert {one.who_may for one in refused.value.refusals if one.code == "gate_infection"} == {
        ("haematologist",)
    }
    assert state_of(walk, "lymphodepletion") == "planned"
    waived = GateEntry.objects.filter(check_code="infection", outcome="waived")
    why = {code: f"why {code}" for code in codes(refused.value)}
    right = correct(walk, wrong, amount=amount, overrides=why)
    assert state_of(walk, "lymphodepletion") == "in_progress"
    assert not waived.exists(), "nobody waives this check, only this dose is answered for"
    [move] = Change.objects.filter(machine="lymphodepletion", target="in_progress")
    assert {one["code"]: one["reason"] for one in move.overrides} == why
    anchor = walk.course.anchors.get(kind="lymphodepletion")
    assert anchor.actual_on == right.given_on


@pytest.mark.walked("to_lymphodepletion")
def test_what_began_by_a_correction_is_stopped_not_cancelled(walk: Walk) -> None:
    wrong = depleting(walk)
    walk.pass_gate("lymphodepletion")
    correct(walk, wrong, amount=Decimal(25) * SURFACE)
    assert state_of(walk, "lymphodepletion") == "in_progress"
    with pytest.raises(Refused) as refused:
        walk.move("lymphodepletion", "cancelled", reason="no")
    assert codes(refused.value) == {"no_such_move"}
    walk.move("lymphodepletion", "stopped", reason="no")
    depletion = load_state(walk.course).facts(on=walk.now.date()).depletion
    assert depletion is not None
    assert len(depletion.doses_given) == 1


@pytest.mark.walked("to_apheresis")
def test_a_containment_dose_given_after_all_begins_its_containment(walk: Walk) -> None:
    walk.open("containment", drug="vincristine", drug_class="vincristine_single")
    vincristine = DoseOrder("vincristine", "vincristine_single", route="iv", amount=Decimal(2))
    walk.order("containment", vincristine)
    wrong = withheld(walk, "containment")
    pharmacist = walk.by("pharmacist").get_username()
    with pytest.raises(NotAllowed):
        correct_dose(
            dose_id=wrong.pk, given=DoseGiven(walk.now, Decimal(2), verified_by=pharmacist),
            reason="it was given", actor=walk.by("ward_nurse"), now=walk.now,
        )  # fmt: skip
    correct(walk, wrong, amount=Decimal(2), verified_by=pharmacist)
    [row] = load_state(walk.course).of("containment")
    assert (row.state, len(row.doses)) == ("given", 1)
    assert row.doses[0].given_on == walk.now.date()
