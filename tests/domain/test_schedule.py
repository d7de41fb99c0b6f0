"""Due dates from an anchor: fixed grid, clamped months, stable ordinals, one meaning of overdue."""

from datetime import date, timedelta
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.domain.reading import Setting
from reminders.domain.items import ScheduleItem, read_span
from reminders.domain.levels import Phase
from reminders.domain.schedule import expand, overdue
from terms.day_numbers import add_months
from terms.words import Bilingual

T = TypeVar("T")
FAR = date(2100, 1, 1)


def setting(value: T) -> Setting[T]:
    return Setting(value, "a test", confirmed=True)


def item(first: str, *phases: tuple[str, str], before: int = 3, after: int = 7) -> ScheduleItem:
    return ScheduleItem(
        code="MARROW",
        label=Bilingual("Marrow", "Midollo"),
        role=setting("haematologist"),
        anchor=setting("infusion"),
        first_offset=setting(read_span(first)),
        phases=tuple(
            Phase(setting(read_span(every)), setting(read_span(until))) for every, until in phases
        ),
        window_before=setting(before),
        window_after=setting(after),
    )


MARROW = item("28 days", ("1 month", "12 months"), ("3 months", "24 months"))


def dates(schedule: ScheduleItem, anchor: date, horizon: date = FAR) -> list[date]:
    return [due.due_on for due in expand(schedule, anchor, horizon=horizon)]


def test_marrow_checks_are_monthly_from_day_28_then_three_monthly_from_the_anchor() -> None:
    assert dates(MARROW, date(2026, 3, 4)) == [
        *(add_months(date(2026, 4, 1), month) for month in range(12)),
        date(2027, 6, 4),
        date(2027, 9, 4),
        date(2027, 12, 4),
        date(2028, 3, 4),
    ]


@pytest.mark.parametrize(
    ("first", "phases", "anchor", "expected"),
    [
        pytest.param("30 days", (), "2026-01-01", ["2026-01-31"], id="once"),
        pytest.param("-7 days", (), "2026-01-01", ["2025-12-25"], id="before the anchor"),
        pytest.param(
            "30 days",
            (("60 days", "365 days"),),
            "2026-01-01",
            ["2026-01-31", "2026-04-01", "2026-05-31", "2026-07-30", "2026-09-28", "2026-11-27"],
            id="every 60 days to day 365",
        ),
        pytest.param(
            "1 month",
            (("1 month", "4 months"),),
            "2026-10-31",
            ["2026-11-30", "2026-12-31", "2027-01-31", "2027-02-28"],
            id="the 31st is clamped each time anew",
        ),
        pytest.param(
            "1 month",
            (("1 month", "3 months"),),
            "2028-01-31",
            ["2028-02-29", "2028-03-31", "2028-04-30"],
            id="leap day",
        ),
        pytest.param(
            "12 months",
            (("12 months", "60 months"),),
            "2024-02-29",
            ["2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29", "2029-02-28"],
            id="yearly from a leap day",
        ),
        pytest.param(
            "35 days",
            (("7 days", "50 days"), ("20 days", "100 days")),
            "2026-01-01",
            ["2026-02-05", "2026-02-12", "2026-02-19", "2026-03-02", "2026-03-22", "2026-04-11"],
            id="the second phase lies on its own grid from the anchor",
        ),
        pytest.param(
            "13 months",
            (("1 month", "12 months"), ("3 months", "18 months")),
            "2026-01-15",
            ["2027-02-15", "2027-04-15", "2027-07-15"],
            id="a first date beyond the first phase",
        ),
        pytest.param(
            "20 months",
            (("1 month", "12 months"), ("3 months", "24 months")),
            "2026-01-15",
            ["2027-09-15", "2027-10-15", "2028-01-15"],
            id="a grid date before the first one is left out",
        ),
    ],
)
def test_expanded_dates(
    first: str, phases: tuple[tuple[str, str], ...], anchor: str, expected: list[str]
) -> None:
    found = dates(item(first, *phases), date.fromisoformat(anchor))
    assert [on.isoformat() for on in found] == expected


def test_the_horizon_is_included_and_ends_the_list() -> None:
    second = dates(MARROW, date(2026, 3, 4))[1]
    assert len(dates(MARROW, date(2026, 3, 4), second)) == 2
    assert len(dates(MARROW, date(2026, 3, 4), second - timedelta(days=1))) == 1
    assert dates(MARROW, date(2026, 3, 4), date(2026, 3, 31)) == []


def test_a_window_lies_around_its_due_date_and_its_end_is_not_yet_overdue() -> None:
    (due, *_) = expand(MARROW, date(2026, 3, 4), horizon=FAR)
    assert (due.item_code, due.ordinal) == ("MARROW", 1)
    assert (due.window_start, due.window_end) == (date(2026, 3, 29), date(2026, 4, 8))
    assert not overdue(due.window_end, due.window_end)
    assert overdue(due.window_end, due.window_end + timedelta(days=1))


days = st.dates(date(2020, 1, 1), date(2032, 12, 31))
offsets = st.one_of(
    st.integers(-30, 400).map(lambda count: f"{count} days"),
    st.integers(-1, 14).map(lambda count: f"{count} months"),
)


@st.composite
def schedules(draw: st.DrawFn) -> ScheduleItem:
    unit, most = draw(st.sampled_from([("days", 120), ("months", 12)]))
    ends = sorted(draw(st.sets(st.integers(1, 3 * most), max_size=3)))
    phases = [(f"{draw(st.integers(1, most))} {unit}", f"{end} {unit}") for end in ends]
    return item(draw(offsets), *phases)


@given(schedules(), days, st.integers(0, 1500))
def test_a_growing_horizon_only_appends(schedule: ScheduleItem, anchor: date, ahead: int) -> None:
    near = expand(schedule, anchor, horizon=anchor + timedelta(days=ahead))
    far = expand(schedule, anchor, horizon=FAR)
    assert far[: len(near)] == near
    assert all(due.due_on > anchor + timedelta(days=ahead) for due in far[len(near) :])


@given(schedules(), days)
def test_dates_and_ordinals_strictly_increase(schedule: ScheduleItem, anchor: date) -> None:
    found = expand(schedule, anchor, horizon=FAR)
    assert found == expand(schedule, anchor, horizon=FAR)
    assert [due.due_on for due in found] == sorted({due.due_on for due in found})
    assert [due.ordinal for due in found] == sorted({due.ordinal for due in found})


@given(st.lists(st.integers(1, 60), min_size=1, max_size=3), days, st.integers(1, 4000))
def test_moving_the_anchor_moves_every_day_counted_date_alike(
    repeats: list[int], anchor: date, shift: int
) -> None:
    phases = [
        (f"{every} days", f"{200 * number} days") for number, every in enumerate(repeats, start=1)
    ]
    schedule = item("28 days", *phases)
    moved = dates(schedule, anchor + timedelta(days=shift))
    assert moved == [on + timedelta(days=shift) for on in dates(schedule, anchor)]


@given(days, days)
def test_every_anchor_has_the_same_ordinals(anchor: date, other: date) -> None:
    lumbar = item("30 days", ("1 month", "12 months"), ("6 months", "36 months"))
    for schedule in (MARROW, lumbar):
        numbers = [
            [due.ordinal for due in expand(schedule, start, horizon=FAR)]
            for start in (anchor, other)
        ]
        assert numbers[0] == numbers[1] == list(range(1, len(numbers[0]) + 1))


@given(days, st.integers(1, 120))
def test_a_month_counted_date_is_the_anchor_plus_its_months(anchor: date, until: int) -> None:
    schedule = item("1 month", ("1 month", f"{until} months"))
    assert dates(schedule, anchor) == [
        add_months(anchor, month) for month in range(1, max(until, 1) + 1)
    ]
