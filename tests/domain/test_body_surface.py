"""The body surface: the published formula, and never from what is missing or too old."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from patients.domain.body import FORMULA_NAMES, FORMULAS, Measure, far_apart, surface

DAY = date(2026, 11, 12)


def measure(value: str | None, age: int = 0) -> Measure | None:
    """A measure taken `age` days before the day that counts."""
    return None if value is None else Measure(Decimal(value), DAY - timedelta(days=age))


# Recomputed by hand: the root of height × weight / 3600.
@pytest.mark.parametrize(
    ("weight", "height", "metres"),
    [
        ("70", "170", "1.82"),
        ("60", "160", "1.63"),
        ("71.0", "174", "1.85"),
        ("100", "180", "2.24"),
        ("36", "100", "1.00"),
        ("15", "100", "0.65"),
        ("82.5", "165.5", "1.95"),
    ],
)
def test_the_formula_gives_the_published_values(weight: str, height: str, metres: str) -> None:
    found = surface(
        formula="mosteller",
        weight=measure(weight, 14),
        height=measure(height, 1825),
        on=DAY,
        weight_days=14,
        height_days=1825,
    )
    assert (found.square_metres, found.refusals) == (Decimal(metres), ())
    assert found.weight is not None
    assert found.height is not None


@pytest.mark.parametrize(
    ("weight", "height", "codes"),
    [
        (measure(None), measure("170"), ["no_weight"]),
        (measure("70"), measure(None), ["no_height"]),
        (measure(None), measure(None), ["no_weight", "no_height"]),
        (measure("70", 15), measure("170"), ["old_weight"]),
        (measure("70", 15), measure("170", 1826), ["old_weight", "old_height"]),
    ],
)
def test_a_missing_or_old_input_gives_no_surface_and_says_why(
    weight: Measure | None, height: Measure | None, codes: list[str]
) -> None:
    found = surface(
        formula="mosteller",
        weight=weight,
        height=height,
        on=DAY,
        weight_days=14,
        height_days=1825,
    )
    assert found.square_metres is None
    assert [refusal.code for refusal in found.refusals] == codes
    assert all(str(refusal) for refusal in found.refusals)


def test_every_formula_has_a_name() -> None:
    assert FORMULAS.keys() == FORMULA_NAMES.keys()


@pytest.mark.parametrize(
    ("value", "apart"),
    [("84", False), ("84.1", True), ("56", False), ("55.9", True), ("70", False)],
)
def test_weights_are_far_apart_beyond_so_many_percent_of_the_one_before(
    value: str, apart: bool
) -> None:
    assert far_apart(Measure(Decimal(70), date(2026, 11, 1)), Decimal(value), 20) is apart
