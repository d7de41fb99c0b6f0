"""A recorded infusion of tocilizumab against the protocol's dose, cap, gap and count."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patients.domain.body import Measure
from tests.domain.shipped import shipped
from toxicity.domain.amounts import Amount, Dose, added, in_mg
from toxicity.domain.given import drug_named
from toxicity.domain.rules import ToxicityRules
from toxicity.domain.tocilizumab import Infusion, computed_mg, doubts_about

D = Decimal
RULES = ToxicityRules.of(shipped()).tocilizumab
NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
ON = date(2026, 3, 10)
WEIGHT_DAYS = 7


def infusion(**given: object) -> Infusion:
    values = {"dose": D(560), "unit": "mg", "at": NOON, "on": ON, "weight": Measure(D(70), ON)}
    return Infusion(**{**values, **given})  # type: ignore[arg-type]


def codes(**given: object) -> list[str]:
    return [doubt.code for doubt in doubts_about(infusion(**given), RULES, WEIGHT_DAYS)]


@pytest.mark.parametrize(
    ("weight", "mg"),
    [("70", "560"), ("99.9", "799.2"), ("100", "800"), ("120", "800"), ("30", "240"),
     ("29.9", "358.8"), ("66.7", "533.6"), ("10", "120")],
)  # fmt: skip
def test_dose_by_weight(weight: str, mg: str) -> None:
    assert computed_mg(D(weight), RULES) == D(mg)
    assert codes(dose=D(mg), weight=Measure(D(weight), ON)) == []


@pytest.mark.parametrize(
    ("dose", "unit", "weight", "expected"),
    [
        ("616", "mg", "70", []),
        ("616.001", "mg", "70", ["dose_differs"]),
        ("504", "mg", "70", []),
        ("503.999", "mg", "70", ["dose_differs"]),
        ("0.56", "g", "70", []),
        ("560000", "ug", "70", []),
        ("56", "mg", "70", ["dose_differs"]),
        ("5600", "mg", "70", ["over_cap", "dose_differs"]),
        ("800", "mg", "100", []),
        ("800.001", "mg", "100", ["over_cap"]),
        ("960", "mg", "120", ["over_cap", "dose_differs"]),
        ("239.2", "mg", "29.9", ["dose_differs"]),
        ("360", "mg", "30", ["dose_differs"]),
        ("5", "MU", "70", ["not_in_mg"]),
    ],
)
def test_dose_that_differs_or_is_above_the_cap(
    dose: str, unit: str, weight: str, expected: list[str]
) -> None:
    assert codes(dose=D(dose), unit=unit, weight=Measure(D(weight), ON)) == expected


def test_difference_shows_its_arithmetic() -> None:
    (doubt,) = doubts_about(infusion(dose=D(800)), RULES, WEIGHT_DAYS)
    assert (doubt.message % doubt.params).startswith("800 mg differs from 560 mg: 8 mg/kg of 70 kg")
    (doubt,) = doubts_about(infusion(weight=Measure(D("29.9"), ON)), RULES, WEIGHT_DAYS)
    assert (doubt.params["per_kg"], doubt.params["computed"]) == (D(12), D("358.8"))


@pytest.mark.parametrize(
    ("weight", "expected"),
    [
        (None, ["weight_unknown"]),
        (Measure(D(70), ON - timedelta(days=7)), []),
        (Measure(D(70), ON - timedelta(days=8)), ["weight_old"]),
    ],
)
def test_weight_that_is_not_known_or_too_old_is_said_and_nothing_compared(
    weight: Measure | None, expected: list[str]
) -> None:
    assert codes(weight=weight) == expected
    assert codes(weight=weight, dose=D(900))[0] == "over_cap"


@pytest.mark.parametrize(
    ("hours", "expected"),
    [
        ([-8], []),
        ([-7.99], ["too_soon"]),
        ([7.99], ["too_soon"]),
        ([8], []),
        ([0], ["too_soon"]),
        ([-16, -8], []),
        ([-23, -16, -8], ["too_many_in_24_hours"]),
        ([-24, -16, -8], []),
        ([-8, 8, 15.9], ["too_many_in_24_hours"]),
        ([-8, 8, 16], []),
        ([8, 16, 23.9], ["too_many_in_24_hours"]),
        ([-100, -80, -60], []),
        ([-100, -80, -60, -40], ["too_many_in_all"]),
        ([-20, -12, -1, 9], ["too_soon", "too_many_in_24_hours", "too_many_in_all"]),
    ],
)
def test_infusions_too_close_or_too_many(hours: list[float], expected: list[str]) -> None:
    assert codes(others=[NOON + timedelta(hours=one) for one in hours]) == expected


def test_dose_that_nobody_knows_is_counted_and_not_compared() -> None:
    assert codes(dose=None, unit="", weight=None) == []
    assert codes(dose=None, unit="", others=[NOON]) == ["too_soon"]


def test_nearest_other_infusion_is_named() -> None:
    others = [NOON - timedelta(hours=6), NOON + timedelta(hours=2)]
    doubts = doubts_about(infusion(others=others), RULES, WEIGHT_DAYS)
    assert doubts[0].params == {"at": others[1], "hours": 8}


weights = st.decimals("1", "300", places=3)
doses = st.decimals("0.001", "9000", places=3)
moments = st.lists(st.integers(-6000, 6000).map(lambda m: NOON + timedelta(minutes=m)), max_size=6)


@given(weights, doses)
def test_no_dose_above_the_cap_and_none_far_from_the_computed_one_passes(
    weight: Decimal, dose: Decimal
) -> None:
    computed = computed_mg(weight, RULES)
    assert 0 < computed <= RULES.most_mg.value
    found = set(codes(dose=dose, weight=Measure(weight, ON)))
    assert ("over_cap" in found) == (dose > 800)
    assert ("dose_differs" in found) == (not D("0.9") * computed <= dose <= D("1.1") * computed)


@given(moments, doses)
def test_another_infusion_never_settles_a_doubt(others: list[datetime], dose: Decimal) -> None:
    for number in range(len(others)):
        fewer, more = (set(codes(dose=dose, others=others[:n])) for n in (number, number + 1))
        assert fewer <= more
    assert set(codes(dose=dose)) <= set(codes(dose=dose, weight=None, others=others)) | {
        "dose_differs"
    }


def test_the_tolerance_is_the_protocols() -> None:
    tight = replace(RULES.tolerance_percent, value=D(0))
    rules = replace(RULES, tolerance_percent=tight)
    found = doubts_about(infusion(dose=D("560.001")), rules, WEIGHT_DAYS)
    assert [one.code for one in found] == ["dose_differs"]


@pytest.mark.parametrize(
    ("doses", "amount"),
    [
        ([Dose(D(10), "mg", 4)], Amount(D(40), "mg", 4)),
        ([Dose(D(10), "mg", 2), Dose(D("0.5"), "g")], Amount(D(520), "mg", 3)),
        ([Dose(D(300), "ug")], Amount(D("0.3"), "mg", 1)),
        ([Dose(D(30), "MU"), Dose(D(30), "MU")], Amount(D(60), "MU", 2)),
        ([Dose(D(30), "MU"), Dose(D(300), "ug")], Amount(None, "", 2)),
        ([Dose(D(10), "mg"), Dose(None, "mg")], Amount(None, "mg", 2)),
        ([], Amount(None, "", 0)),
    ],
)
def test_doses_of_a_day_added_up(doses: list[Dose], amount: Amount) -> None:
    assert added(doses) == amount


def test_a_unit_that_is_no_weight_has_no_milligrams() -> None:
    assert (in_mg(D(2), "g"), in_mg(D(2), "MU")) == (D(2000), None)


@pytest.mark.parametrize(
    ("typed", "drug"),
    [
        ("Tocilizumab", "tocilizumab"),
        ("RoActemra800mg", "tocilizumab"),
        ("biosimilar of TOCILIZUMAB (Tyenne)", "tocilizumab"),
        ("Solu-Medrol", "methylprednisolone"),
        ("desametasone", "dexamethasone"),
        ("Emapalumab", ""),
        ("", ""),
    ],
)
def test_a_drug_of_the_list_is_known_by_what_people_write(typed: str, drug: str) -> None:
    assert drug_named(typed) == drug
