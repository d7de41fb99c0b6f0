"""The reasons given with a dose: each answers a question that is asked of it, and that alone."""

from datetime import timedelta
from decimal import Decimal

import pytest

from pathway.domain.doses import DoseFacts
from pathway.domain.gate_rules import Gate
from pathway.dose_refusals import refuse_difference
from pathway.dosing import DoseOrder, change_order, withhold_dose
from pathway.gating import CheckNote, record_checks
from pathway.models import Dose
from terms.refusals import Kind, Refused
from tests.services.refused import codes
from tests.walking import DAY_ZERO, Walk

pytestmark = pytest.mark.walked("to_lymphodepletion")
BOGUS = {"dose_against_bogus": "junk", "dose_while_held": "no hold is open", "blank": " "}


@pytest.fixture
def walk(walk: Walk) -> Walk:
    """A course whose first dose was given."""
    walk.until(-6).plan("infusion", DAY_ZERO)
    walk.open("lymphodepletion", regimen="Flu/Cy")
    walk.until(-4).pass_gate("lymphodepletion")
    walk.give("lymphodepletion", 1)
    return walk


def not_met(walk: Walk, code: str) -> None:
    record_checks(
        course_id=walk.course.pk, gate=Gate.LYMPHODEPLETION, notes=[CheckNote(code, "not_met")],
        actor=walk.by("haematologist"), now=walk.tick(),
    )  # fmt: skip


def test_a_reason_that_nothing_asks_for_is_refused_by_its_name(walk: Walk) -> None:
    walk.until(-2)  # a day late
    with pytest.raises(Refused) as refused:
        walk.give("lymphodepletion", 2, "haematologist", overrides=BOGUS)
    assert codes(refused.value) == {"deviation_missing", "reason_not_asked"}
    [named] = [one for one in refused.value.refusals if one.code == "reason_not_asked"]
    assert (named.kind, named.field) == (Kind.HARD, "overrides")
    assert named.params["codes"] == ("dose_against_bogus", "dose_while_held")
    with pytest.raises(Refused) as refused:
        walk.give("lymphodepletion", 2, "haematologist", deviation="no bed", overrides=BOGUS)
    assert codes(refused.value) == {"reason_not_asked"}
    assert walk.doses("lymphodepletion")[1].is_open
    walk.give("lymphodepletion", 2, "haematologist", deviation="no bed", overrides={"blank": " "})


def test_a_reason_about_a_check_is_none_for_another_day(walk: Walk) -> None:
    not_met(walk, "gvhd")
    walk.until(-2)
    why = {"dose_against_gvhd": "drug rash"}
    with pytest.raises(Refused) as refused:
        walk.give("lymphodepletion", 2, "haematologist", overrides=why)
    assert codes(refused.value) == {"deviation_missing"}
    dose = walk.give("lymphodepletion", 2, "haematologist", deviation="no bed", overrides=why)
    assert Dose.objects.get(pk=dose.pk).deviation == "no bed; drug rash", "both are kept"


def test_a_reason_about_a_check_is_none_for_another_amount(walk: Walk) -> None:
    mesna = DoseOrder("mesna", planned_on=walk.now.date(), amount=Decimal(400))
    walk.order("lymphodepletion", mesna)
    not_met(walk, "gvhd")
    why = {"dose_against_gvhd": "drug rash"}
    with pytest.raises(Refused) as refused:
        walk.give("lymphodepletion", 5, "haematologist", amount=Decimal(200), overrides=why)
    assert codes(refused.value) == {"deviation_missing"}


@pytest.mark.parametrize(
    ("day", "amount", "reasons", "missing"),
    [
        (1, 400, {"first_dose_off_day": "no bed"}, False),
        (0, 200, {"first_dose_off_day": "no bed"}, True),
        (1, 200, {"first_dose_off_day": "no bed"}, True),
        (1, 400, {"dose_while_held": "no bed"}, True),
        (0, 400, {}, False),
    ],
)
def test_the_reason_for_the_first_day_is_one_for_the_day_alone(
    day: int, amount: int, reasons: dict[str, str], missing: bool
) -> None:
    ordered = DoseFacts(1, 1, "mesna", planned_on=DAY_ZERO, amount=Decimal(400))
    on = DAY_ZERO + timedelta(days=day)
    found = refuse_difference(ordered, on, Decimal(amount), " ", reasons)
    assert [one.code for one in found] == ["deviation_missing"] * missing


def test_an_order_takes_no_reason_that_nothing_asks_for(walk: Walk) -> None:
    mesna = DoseOrder("mesna", planned_on=walk.now.date(), amount=Decimal(400))
    with pytest.raises(Refused) as refused:
        walk.order("lymphodepletion", mesna, overrides=BOGUS)
    assert codes(refused.value) == {"reason_not_asked"}
    [second] = [dose for dose in walk.doses("lymphodepletion") if dose.number == 2]
    with pytest.raises(Refused) as refused:
        change_order(
            dose_id=second.pk, reason="x", amount=None, planned_on=None, overrides=BOGUS,
            actor=walk.by("haematologist"), now=walk.now,
        )  # fmt: skip
    assert codes(refused.value) == {"reason_not_asked"}


def test_a_regimen_given_in_part_is_asked_about_once_before_the_thaw(walk: Walk) -> None:
    walk.admit()
    for dose in walk.doses("lymphodepletion")[1:]:
        withhold_dose(
            dose_id=dose.pk, reason="creatinine", actor=walk.by("ward_nurse"), now=walk.tick()
        )
    walk.until(-2).move("lymphodepletion", "complete", "ward_nurse")
    with pytest.raises(Refused) as refused:
        walk.until(0).thaw()
    assert codes(refused.value) == {"regimen_in_part"}
    walk.move("product", "thawing", overrides={"regimen_in_part": "the meeting goes on"})
    walk.check("bedside", "ward_nurse", "haematologist")
    walk.go("infusion")
