"""Scores and indices beside the grades: vectors of the reference, exact limits, what is missing."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest

from toxicity.domain.all_hematotox import MarrowTable, TableMissing, marrow_points
from toxicity.domain.b_cell_aplasia import b_cell_aplasia
from toxicity.domain.car_hematotox import HematotoxValues, car_hematotox
from toxicity.domain.daily import Sample
from toxicity.domain.easix import KORELL, easix, log2_of
from toxicity.domain.immunoglobulin import igg_prompt
from toxicity.domain.neutropenia import ctcae_grade, neutropenic_days

D = Decimal
ZERO = date(2026, 3, 1)


@pytest.mark.parametrize(
    ("values", "score", "category", "bounds"),
    [
        (("220", "3400", "12.4", "0.8", "180"), 0, "low", (0, 0)),
        (("175", "1200", "9.0", "2.99", "649"), 1, "low", (1, 1)),
        (("75", "1500", "10", "1", "2000"), 2, "high", (2, 2)),
        (("40", "400", "7.8", "9.5", "3200"), 7, "high", (7, 7)),
        (("74.9", "900", "8.2", "2.5", "700"), 5, "high", (5, 5)),
        (("180", "1300", "9.5", "3.0", "500"), 1, "low", (1, 1)),
        (("40", None, None, None, None), None, "high", (2, 7)),
        (("220", "3400", "12.4", None, "180"), None, "low", (0, 1)),
        (("100", "3400", "12.4", None, "180"), None, None, (1, 2)),
        ((None, None, None, None, None), None, None, (0, 7)),
    ],
)
def test_car_hematotox(
    values: tuple[str | None, ...], score: int | None, category: str | None, bounds: tuple[int, int]
) -> None:
    found = car_hematotox(HematotoxValues(*(None if v is None else D(v) for v in values)))
    assert (found.score, found.category) == (score, category)
    assert (found.minimum, found.maximum) == bounds


@pytest.mark.parametrize(
    ("ldh", "creatinine", "plt", "crp", "indices"),
    [
        ("250", "1.0", "100", "2", ("2.5", "2.5", "5")),
        ("600", "1.4", "40", "12", ("21", "15", "180")),
        ("180", "0.7", "250", "0.3", ("0.504", "0.72", "0.216")),
        ("1000", "2.0", "20", "25", ("100", "50", "1250")),
        ("467", "1.0", "100", "5", ("4.67", "4.67", "23.35")),
        ("300", "0.9", "60", "0", ("4.5", "5", "0")),
        ("300", None, "60", None, (None, "5", None)),
        ("300", "1", "0", "1", (None, None, None)),
        ("300", "1", None, "1", (None, None, None)),
        (None, "1", "100", "1", (None, None, None)),
    ],
)
def test_easix(
    ldh: str | None, creatinine: str | None, plt: str | None, crp: str | None,
    indices: tuple[str | None, ...],
) -> None:  # fmt: skip
    found = easix(*(None if v is None else D(v) for v in (ldh, creatinine, plt, crp)))
    wanted = tuple(None if v is None else D(v) for v in indices)
    assert (found.easix, found.s_easix, found.m_easix) == wanted


def test_easix_at_its_cut_off_and_its_logarithm() -> None:
    found = easix(D(467), D(1), D(100), D(0))
    assert found.easix is not None
    assert not found.easix > KORELL
    assert log2_of(found.m_easix) is None
    assert log2_of(None) is None
    assert log2_of(D("0.5")) == -1


@pytest.mark.parametrize(
    ("values", "start", "end", "ongoing"),
    [
        (("0", "0", "25", "30"), 0, 2, False),
        (("0", "25", "5", "30", "40"), 0, 3, False),
        (("0", "0", "0"), 0, None, True),
        (("0", "25"), 0, None, True),
        (("19",), 0, None, True),
        (("20",), None, None, False),
        (("50", "19", "20", "20"), 1, 2, False),
        ((), None, None, False),
    ],
)
def test_b_cell_aplasia_ends_with_the_first_of_two_recovered_samples(
    values: tuple[str, ...], start: int | None, end: int | None, ongoing: bool
) -> None:
    days = [ZERO + timedelta(days=30 * number) for number in range(len(values))]
    found = b_cell_aplasia(zip(days, map(D, values), strict=True), D(20))
    assert found.start == (None if start is None else days[start])
    assert found.end == (None if end is None else days[end])
    assert (found.ongoing, found.seen_until) == (ongoing, days[-1] if days else None)


def test_two_samples_of_one_day_are_no_two_recoveries() -> None:
    later = ZERO + timedelta(days=30)
    found = b_cell_aplasia([(ZERO, D(0)), (later, D(40)), (later, D(30))], D(20))
    assert found.ongoing


@pytest.mark.parametrize(
    ("igg", "given", "prompt"),
    [
        ("400", {}, ("severe", True, False)),
        ("450", {"bacterial_infections": 2}, ("mild", True, False)),
        ("450", {"serious": True}, ("mild", True, False)),
        ("450", {}, ("mild", False, False)),
        ("140", {}, ("severe", True, True)),
        ("399", {"bacterial_infections": 2}, ("severe", True, True)),
        ("601", {"poor_vaccine_response": True}, ("none", True, False)),
        ("601", {}, ("none", False, False)),
    ],
)
def test_two_rules_for_immunoglobulins_stand_side_by_side(
    igg: str, given: dict[str, object], prompt: tuple[str, bool, bool]
) -> None:
    found = igg_prompt(D(igg), **given)  # type: ignore[arg-type]
    assert (found.severity, found.hill, found.aaaai) == prompt


def test_the_ctcae_grade_of_a_count() -> None:
    limit = D(2000)
    counts = ("1999", "1500", "1499", "1000", "999", "500", "499", "2000")
    assert [ctcae_grade(D(count), limit) for count in counts] == [1, 1, 2, 2, 3, 3, 4, 0]


def test_neutropenic_days_are_strictly_below_500_and_say_what_is_unknown() -> None:
    low = [Sample(ZERO + timedelta(days=n), Fraction(400)) for n in range(5, 12)]
    well = [Sample(ZERO + timedelta(days=n), Fraction(500)) for n in (0, 4, 12, 20)]
    found = neutropenic_days([*low, *well], ZERO, ZERO + timedelta(days=90))
    assert (found.days, found.unknown) == (7, 40)
    assert neutropenic_days([], ZERO, ZERO - timedelta(days=1)).unknown == 0


def test_all_hematotox_is_off_until_a_centre_loads_its_table() -> None:
    with pytest.raises(TableMissing):
        marrow_points(D(30), None)
    table = MarrowTable(((D(5), 1), (D(25), 2)), high_from=5, source="a test")
    assert [marrow_points(D(n), table) for n in (4, 5, 25)] == [0, 1, 2]
