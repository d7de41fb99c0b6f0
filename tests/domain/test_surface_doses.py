"""Doses per square metre: what they come to, and what asks why."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from pathway.domain.assessments import Assessments
from pathway.domain.doses import DoseFacts
from pathway.domain.surface_doses import Arithmetic, arithmetic, refuse_given, refuse_ordered
from patients.domain.body import Measure
from tests.domain.course_facts import DAY, RULES

FLUDARABINE = DoseFacts(pk=1, number=1, drug="Fludarabine", per_m2=Decimal("25.000"))
KG, CM = Measure(Decimal(70), DAY - timedelta(days=14)), Measure(Decimal(170), DAY)


def counted(*measures: Measure, on: date = DAY, dose: DoseFacts = FLUDARABINE) -> Arithmetic:
    weights, heights = measures[:1], measures[1:]
    found = arithmetic(dose.per_m2, Assessments(weights=weights, heights=heights), RULES.body, on)
    assert found is not None
    return found


COUNTED, NOT_COUNTED = counted(KG, CM), counted(KG)


def test_a_dose_in_milligrams_has_no_arithmetic() -> None:
    plain = DoseFacts(pk=1, number=1, drug="vincristine", amount=Decimal(2))
    assert arithmetic(plain.per_m2, Assessments(), RULES.body, DAY) is None
    assert refuse_ordered(None, Decimal(2)) == refuse_given(None, plain, None) == []


@pytest.mark.parametrize(
    ("measures", "on", "expected", "why"),
    [
        ((KG, CM), DAY, "45.5", []),
        ((), DAY, None, ["no_weight", "no_height"]),
        ((KG,), DAY, None, ["no_height"]),
        ((KG, CM), DAY + timedelta(days=1), None, ["old_weight"]),
        ((KG, CM), DAY - timedelta(days=1), None, ["no_height"]),  # measured later
    ],
)
def test_milligrams_come_from_a_weight_and_a_height_of_the_day(
    measures: tuple[Measure, ...], on: date, expected: str | None, why: list[str]
) -> None:
    found = counted(*measures, on=on)
    assert found.expected == (None if expected is None else Decimal(expected))
    assert [one.code for one in found.surface.refusals] == why


@pytest.mark.parametrize(
    ("found", "amount", "off", "is_off"),
    [
        (COUNTED, "45.5", "0.0", False),
        (COUNTED, "47.775", "5.0", False),
        (COUNTED, "47.8", "5.1", True),
        (COUNTED, "43.225", "-5.0", False),
        (COUNTED, "43.2", "-5.1", True),
        (COUNTED, "455", "900.0", True),
        (COUNTED, None, None, False),
        (NOT_COUNTED, "455", None, False),
        (replace(COUNTED, per_m2=Decimal(0)), "1", None, False),
    ],
)
def test_how_far_an_amount_is_off(
    found: Arithmetic, amount: str | None, off: str | None, is_off: bool
) -> None:
    said = None if amount is None else Decimal(amount)
    assert found.off_by(said) == (None if off is None else Decimal(off))
    assert found.is_off(said) is is_off


@pytest.mark.parametrize(
    ("found", "amount", "code"),
    [
        (COUNTED, "45", None),
        (COUNTED, "30", "amount_off_surface"),
        (COUNTED, None, None),
        (NOT_COUNTED, None, None),
        (NOT_COUNTED, "30", "surface_unknown"),
    ],
)
def test_an_order(found: Arithmetic, amount: str | None, code: str | None) -> None:
    refusals = refuse_ordered(found, None if amount is None else Decimal(amount))
    assert [one.code for one in refusals] == ([code] if code else [])
    assert all(one.kind == "soft" and "ward_nurse" in one.who_may for one in refusals)


REDUCED = replace(
    FLUDARABINE, amount=Decimal(30), amount_reason="renal", amount_counted=Decimal("45.5")
)


@pytest.mark.parametrize(
    ("found", "dose", "amount", "code"),
    [
        (COUNTED, FLUDARABINE, "46", None),
        (COUNTED, FLUDARABINE, "455", "amount_off_surface"),
        (COUNTED, FLUDARABINE, None, "amount_unknown"),
        (NOT_COUNTED, FLUDARABINE, None, "amount_unknown"),
        (NOT_COUNTED, FLUDARABINE, "45.5", "surface_unknown"),
        (COUNTED, REDUCED, "30", None),
        (COUNTED, REDUCED, "31", "amount_off_surface"),
        (COUNTED, replace(REDUCED, amount_reason=""), "30", "amount_off_surface"),
        # The reason was about another arithmetic, or about none.
        (COUNTED, replace(REDUCED, amount_counted=Decimal("47.7")), "30", None),
        (COUNTED, replace(REDUCED, amount_counted=Decimal(60)), "30", "amount_off_surface"),
        (COUNTED, replace(REDUCED, amount_counted=None), "30", "amount_off_surface"),
        (NOT_COUNTED, REDUCED, "30", "surface_unknown"),
    ],
)
def test_what_is_given(
    found: Arithmetic, dose: DoseFacts, amount: str | None, code: str | None
) -> None:
    refusals = refuse_given(found, dose, None if amount is None else Decimal(amount))
    assert [one.code for one in refusals] == ([code] if code else [])


def test_why_nothing_is_compared_is_said() -> None:
    old, none = counted(KG, CM, on=DAY + timedelta(days=1)), counted()
    assert [str(one) for found in (old, none) for one in refuse_ordered(found, Decimal(30))] == [
        "The amount cannot be compared with the protocol. "
        f"The weight of {KG.on} is older than 14 days. Say why it is right.",
        "The amount cannot be compared with the protocol. "
        "No weight is recorded. No height is recorded. Say why it is right.",
    ]


def test_the_refusal_shows_the_arithmetic() -> None:
    [refusal] = refuse_given(COUNTED, FLUDARABINE, Decimal("455.000"))
    assert str(refusal) == (
        "25 mg/m² × 1.82 m² = 45.5 mg, but this is 455 mg: "
        "900.0 %, and the protocol allows 5 %. Say why."
    )
