"""Results of a chart as scales take them: units, limits, ages; what cannot be read is named."""

from decimal import Decimal

import pytest

from patients.domain.lab_values import Reading
from tests.chart_results import on_day, result
from toxicity.domain.chart_values import (
    MEASURES,
    Result,
    Taken,
    Unused,
    Why,
    decides,
    in_unit,
    latest_within,
    nearest,
    of_analyte,
    take,
)


@pytest.mark.parametrize(
    ("analyte", "value", "unit", "taken"),
    [
        ("ANC", "0.5", "10*9/L", "500"),
        ("ANC", "0.5", "10*3/uL", "500"),
        ("ANC", "500", "/uL", "500"),
        ("CD19", "20", "10*6/L", "20"),
        ("PLT", "50", "10*9/L", "50"),
        ("PLT", "50000", "/uL", "50"),
        ("HB", "90", "g/L", "9"),
        ("HB", "9", "g/dL", "9"),
        ("CRP", "30", "mg/L", "3"),
        ("CRP", "3", "mg/dL", "3"),
        ("FERRITIN", "3536", "ug/L", "3536"),
        ("FERRITIN", "3536", "ng/mL", "3536"),
        ("FIBRINOGEN", "1.18", "g/L", "118"),
        ("IGG", "4.0", "g/L", "400"),
        ("LDH", "250", "U/L", "250"),
        ("AST", "200", "U/L", "200"),
        ("CREATININE", "88.4", "umol/L", "1"),
        ("CREATININE", "1.4", "mg/dL", "1.4"),
        ("PLT", "0", "10*9/L", "0"),
    ],
)
def test_a_value_comes_in_the_unit_of_the_scale(
    analyte: str, value: str, unit: str, taken: str
) -> None:
    found = take(result(analyte, 0, value, unit))
    assert isinstance(found, Taken)
    assert (found.value, found.on) == (Decimal(taken), on_day(0))


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (result("ANC", None, "0.5"), Why.NO_DAY),
        (result("ANC", 0, None), Why.NO_NUMBER),
        (result("ANC", 0, "0.5", "{copies}/mL"), Why.UNIT),
        (result("ANC", 0, "0.5", "%"), Why.UNIT),
        (result("CREATININE", 0, "1", "g/L"), Why.UNIT),
        (result("ANC", 0, "201"), Why.IMPOSSIBLE),
        (result("CRP", 0, "1001"), Why.IMPOSSIBLE),
        (Result("PLT", Reading(Decimal("NaN"), "10*9/L", on=on_day(0))), Why.IMPOSSIBLE),
        (Result("PLT", Reading(Decimal("-1"), "10*9/L", on=on_day(0))), Why.IMPOSSIBLE),
    ],
)
def test_what_cannot_be_taken_never_gives_a_number(bad: Result, why: Why) -> None:
    assert take(bad) == Unused(bad, why)


def test_every_measure_has_a_unit_that_it_is_taken_in() -> None:
    assert all(in_unit(code, Decimal(7), one.unit) == 7 for code, one in MEASURES.items())


@pytest.mark.parametrize(
    ("value", "decided"),
    [
        ("0.5", True),
        ("<0.5", True),
        ("<0.6", False),
        (">0.4", False),
        (">0.5", True),
        ("<9", False),
    ],
)
def test_a_limit_decides_only_what_lies_wholly_beyond_it(value: str, decided: bool) -> None:
    taken = take(result("ANC", 0, value))
    assert isinstance(taken, Taken)
    assert decides(taken, lambda v: v <= 500) is decided


def test_a_limit_stands_for_the_nearest_value_beyond_it() -> None:
    below, above, zero, exact = (
        take(result("PLT", 0, value)) for value in ("<50", ">50", "<0.0000001", "50")
    )
    for one in (below, above, zero, exact):
        assert isinstance(one, Taken)
    assert [nearest(one) for one in (below, above, zero, exact) if isinstance(one, Taken)] == [
        Decimal("49.999999"), Decimal("50.000001"), 0, 50,
    ]  # fmt: skip


def test_values_stand_in_the_order_of_days_and_entries() -> None:
    rows = [
        result("ANC", None, "1", pk=9),
        result("ANC", 2, "1", pk=3),
        result("PLT", 1, "1", pk=4),
        result("ANC", 2, "2", pk=2),
        result("ANC", -4, "3", pk=8),
    ]
    assert [one.result.pk for one in of_analyte(rows, "ANC")] == [8, 2, 3, 9]


def test_the_latest_value_within_the_days_counts() -> None:
    rows = [
        result("CRP", -9, "10", pk=1),
        result("CRP", -5, "20", pk=2),
        result("CRP", -5, "30", pk=3),
        result("CRP", 1, "99", pk=4),
        result("CRP", None, "77", pk=5),
    ]
    found, unused = latest_within(rows, "CRP", on_day(-10), on_day(0))
    assert found is not None
    assert [found.result.pk, int(found.value)] == [3, 3]
    assert unused == ()


@pytest.mark.parametrize(
    ("rows", "named"),
    [
        ([], []),
        ([result("CRP", -11, "10", pk=1), result("CRP", -12, "10", pk=2)], [(1, Why.TOO_OLD)]),
        ([result("CRP", 1, "10", pk=1)], []),
        ([result("CRP", None, "10", pk=1)], [(1, Why.NO_DAY)]),
        # What is newer and cannot be read does not give way to what is older and could be.
        (
            [result("CRP", -6, "10", pk=1), result("CRP", -5, "10", "U/L", pk=2)],
            [(2, Why.UNIT)],
        ),
    ],
)
def test_without_a_value_that_counts_what_there_is_is_named(
    rows: list[Result], named: list[tuple[int, Why]]
) -> None:
    found, unused = latest_within(rows, "CRP", on_day(-10), on_day(0))
    assert found is None
    assert [(one.result.pk, one.why) for one in unused] == named
