"""Dates known to the year, the month or the day."""

import contextlib
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terms.partial_dates import PartialDate, Precision, UnreadableDate, parse

DATES = st.dates(date(1920, 1, 1), date(2080, 12, 31))
PRECISIONS: st.SearchStrategy[Precision] = st.sampled_from(("year", "month", "day"))
PARTIAL = st.builds(PartialDate.of, DATES, PRECISIONS)


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2021", "2021"),
        ("2022-03", "2022-03"),
        ("2022-03-14", "2022-03-14"),
        ("03/2022", "2022-03"),
        ("3/2022", "2022-03"),
        ("14/03/2022", "2022-03-14"),
        ("14.3.2022", "2022-03-14"),
        ("04/03/2022", "2022-03-04"),
        ("14-Mar-2022", "2022-03-14"),
        ("14-mar-2022", "2022-03-14"),
        ("MAR-2022", "2022-03"),
        ("14 marzo 2022", "2022-03-14"),
        ("1-gen-2022", "2022-01-01"),
        ("May 2022", "2022-05"),
        ("mag-2022", "2022-05"),
        ("giu-2022", "2022-06"),
        ("lug-2022", "2022-07"),
        ("ago-2022", "2022-08"),
        ("set-2022", "2022-09"),
        ("sept-2022", "2022-09"),
        ("ott-2022", "2022-10"),
        ("31-dicembre-2022", "2022-12-31"),
        (" 29/02/2024 ", "2024-02-29"),
    ],
)
def test_a_date_is_read_as_typed_in_english_or_italian(text: str, iso: str) -> None:
    assert parse(text).iso() == iso


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "blank"),
        ("22", "not_a_date"),
        ("03/22", "not_a_date"),
        ("14/03/22", "not_a_date"),
        ("2022-3", "not_a_date"),
        ("2022/03", "not_a_date"),
        ("about 2022", "not_a_date"),
        ("14-foo-2022", "not_a_date"),
        ("2022-13", "no_such_month"),
        ("00/2022", "no_such_month"),
        ("03/14/2022", "no_such_month"),
        ("29/02/2023", "no_such_day"),
        ("2022-04-31", "no_such_day"),
        ("00/04/2022", "no_such_day"),
        ("1822", "year_out_of_range"),
        ("2101-01-01", "year_out_of_range"),
        ("٢٠٢٢", "not_a_date"),
    ],
)
def test_what_is_no_date_is_refused_with_its_reason(text: str, code: str) -> None:
    with pytest.raises(UnreadableDate) as caught:
        parse(text)
    assert caught.value.code == code
    assert str(caught.value)


def test_a_day_without_its_month_is_refused() -> None:
    with pytest.raises(UnreadableDate, match="needs its month"):
        PartialDate(2022, None, 3)


def test_a_moment_is_not_taken_for_a_date() -> None:
    with pytest.raises(TypeError):
        PartialDate.of(datetime(2022, 3, 14, tzinfo=UTC))


@pytest.mark.parametrize(
    ("text", "earliest", "latest"),
    [
        ("2024", date(2024, 1, 1), date(2024, 12, 31)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2024-02-10", date(2024, 2, 10), date(2024, 2, 10)),
    ],
)
def test_the_bounds_enclose_every_date_it_can_be(text: str, earliest: date, latest: date) -> None:
    assert (parse(text).earliest(), parse(text).latest()) == (earliest, latest)


@pytest.mark.parametrize(
    ("text", "days", "expected"),
    [
        ("2024-02-28", 1, "2024-02-29"),
        ("2024-01", 16, "2024-01"),
        ("2024-01", 17, "2024-02"),
        ("2024-01", -15, "2023-12"),
        ("2024", 183, "2024"),
        ("2024", 184, "2025"),
        ("2024", -183, "2023"),
    ],
)
def test_a_shift_moves_the_middle_of_the_period_and_keeps_its_precision(
    text: str, days: int, expected: str
) -> None:
    assert parse(text).shifted_days(days).iso() == expected


def test_a_shift_by_months_clamps_a_day_and_keeps_the_precision() -> None:
    assert parse("2024-01-31").shifted_months(1).iso() == "2024-02-29"
    assert parse("2024-11").shifted_months(2).iso() == "2025-01"
    assert parse("2024").shifted_months(5).iso() == "2024"
    assert parse("2024").shifted_months(6).iso() == "2025"


def test_a_date_inside_the_period_is_possibly_but_not_certainly_earlier_or_later() -> None:
    month = parse("2024-02")
    inside = date(2024, 2, 10)
    assert month.possibly_before(inside)
    assert month.possibly_after(inside)
    assert not month.certainly_before(inside)
    assert not month.certainly_after(inside)
    assert not month.possibly_before(date(2024, 2, 1))
    assert not month.possibly_after(date(2024, 2, 29))


@given(PARTIAL)
def test_iso_text_reads_back_to_the_same_date(partial: PartialDate) -> None:
    assert parse(partial.iso()) == partial
    assert str(partial) == partial.iso()


@given(DATES, PRECISIONS)
def test_the_bounds_hold_the_date_it_came_from(on: date, precision: Precision) -> None:
    partial = PartialDate.of(on, precision)
    assert partial.precision == precision
    assert partial.earliest() <= on <= partial.latest()


@given(PARTIAL, DATES)
def test_certain_implies_possible_and_excludes_the_opposite(
    partial: PartialDate, other: date
) -> None:
    if partial.certainly_before(other):
        assert partial.possibly_before(other)
        assert not partial.possibly_after(other)
    if partial.certainly_after(other):
        assert partial.possibly_after(other)
        assert not partial.possibly_before(other)


@given(DATES, st.integers(-5000, 5000))
def test_full_dates_shift_by_exactly_the_days(on: date, days: int) -> None:
    assert PartialDate.of(on).shifted_days(days).earliest() == on + timedelta(days=days)


@given(st.text(max_size=16) | st.text(alphabet="0123456789-/. marzo", max_size=12))
def test_any_text_either_reads_as_a_date_or_is_refused(text: str) -> None:
    with contextlib.suppress(UnreadableDate):
        assert isinstance(parse(text), PartialDate)
