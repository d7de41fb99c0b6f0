"""The calendar in plain values: how entries stand, what contradicts what, weeks and stretches."""

from datetime import UTC, date, datetime, time

import pytest

from reminders.domain.calendar import (
    ASKED_FOR,
    BOOKABLE,
    GLYPHS,
    KIND_NAMES,
    STATE_NAMES,
    STEPS,
    Against,
    Anchored,
    Contradiction,
    Entry,
    Kind,
    State,
    View,
    contradiction_of,
    contradiction_of_plan,
    initials,
    state_of_anchor,
    state_of_appointment,
    stretch,
    weeks_of,
)
from reminders.domain.items import Schedule
from tests.domain.shipped import shipped

TODAY = date(2026, 11, 12)
BEFORE, AFTER, LATER = date(2026, 11, 10), date(2026, 11, 20), date(2026, 11, 24)


def entry(**given: object) -> Entry:
    values = {
        "key": "k", "course_id": 1, "code": "C-1", "name": "ROSSI, Maria", "initials": "R.M.",
        "kind": Kind.VISIT, "state": State.BOOKED, "on": TODAY, "sequence": 0,
        "modified": datetime(2026, 11, 1, tzinfo=UTC), **given,
    }  # fmt: skip
    return Entry(**values)  # type: ignore[arg-type]


def test_every_kind_and_state_has_its_word_and_every_kind_a_sign_of_its_own() -> None:
    assert set(KIND_NAMES) == set(GLYPHS) == set(Kind)
    assert set(STATE_NAMES) == set(State)
    assert len(set(GLYPHS.values())) == len(Kind)
    assert len(set(STATE_NAMES.values())) == len(State)


@pytest.mark.parametrize(
    ("on", "actual", "over", "state"),
    [
        (BEFORE, True, True, State.HAPPENED),
        (AFTER, False, False, State.PLANNED),
        (TODAY, False, False, State.PLANNED),
        (BEFORE, False, False, State.PASSED),
        (AFTER, False, True, State.CANCELLED),
    ],
)
def test_a_step_happened_only_where_that_is_recorded(
    on: date, actual: bool, over: bool, state: State
) -> None:
    assert state_of_anchor(on, actual=actual, over=over, today=TODAY) is state


@pytest.mark.parametrize(
    ("on", "cancelled", "anchored", "state"),
    [
        (AFTER, True, None, State.CANCELLED),
        (BEFORE, False, Anchored(AFTER, BEFORE), State.HAPPENED),
        (BEFORE, False, Anchored(BEFORE, None), State.PASSED),
        (BEFORE, False, None, State.PASSED),
        (TODAY, False, None, State.BOOKED),
    ],
)
def test_an_appointment_whose_day_passed_is_not_said_to_have_happened(
    on: date, cancelled: bool, anchored: Anchored | None, state: State
) -> None:
    found = state_of_appointment(on, cancelled=cancelled, anchored=anchored, today=TODAY)
    assert found is state


@pytest.mark.parametrize(
    ("kind", "on", "anchored", "found"),
    [
        (Kind.VISIT, AFTER, None, None),
        (Kind.INFUSION, BEFORE, None, None),
        (Kind.INFUSION, AFTER, None, Contradiction(Against.NOT_PLANNED)),
        (Kind.INFUSION, AFTER, Anchored(AFTER, None), None),
        (Kind.INFUSION, AFTER, Anchored(LATER, None), Contradiction(Against.OTHER_DAY, LATER)),
        (Kind.INFUSION, AFTER, Anchored(None, BEFORE), Contradiction(Against.HAPPENED, BEFORE)),
        (Kind.INFUSION, TODAY, Anchored(LATER, TODAY), None),
    ],
)
def test_an_appointment_of_a_step_is_held_against_its_plan(
    kind: Kind, on: date, anchored: Anchored | None, found: Contradiction | None
) -> None:
    assert contradiction_of(kind, on, anchored, TODAY) == found


@pytest.mark.parametrize(
    ("booked", "found"),
    [
        ([], None),
        ([BEFORE], None),
        ([LATER, AFTER], None),
        ([LATER], Contradiction(Against.OTHER_DAY, LATER)),
        ([date(2027, 1, 1), LATER], Contradiction(Against.OTHER_DAY, LATER)),
    ],
)
def test_a_plan_is_held_against_the_appointments_that_lie_ahead(
    booked: list[date], found: Contradiction | None
) -> None:
    assert contradiction_of_plan(AFTER, booked, TODAY) == found


def test_entries_of_a_day_stand_without_a_time_first() -> None:
    morning, noon = entry(at=time(8)), entry(at=time(12), kind=Kind.APHERESIS)
    allday, tomorrow = entry(kind=Kind.OTHER), entry(on=AFTER)
    mixed = [tomorrow, noon, allday, morning]
    assert sorted(mixed, key=lambda one: one.order) == [allday, morning, noon, tomorrow]


def test_the_day_number_is_that_of_day_0_and_unknown_without_one() -> None:
    assert entry().day is None
    assert entry(day_zero=LATER).day == -12
    assert entry(day_zero=TODAY).day == 0


def test_a_week_begins_on_monday_and_a_list_is_of_a_month() -> None:
    week = stretch(View.WEEK, TODAY)
    assert (week.first, week.last) == (date(2026, 11, 9), date(2026, 11, 15))
    assert (week.before, week.after) == (date(2026, 11, 2), date(2026, 11, 16))
    assert len(week.days) == 7
    for view in (View.LIST, View.MONTH):
        month = stretch(view, date(2028, 2, 29))
        assert (month.first, month.last) == (date(2028, 2, 1), date(2028, 2, 29))
        assert (month.before, month.after) == (date(2028, 1, 1), date(2028, 3, 1))
        assert len(month.days) == 29


@pytest.mark.parametrize("month", [date(2026, n, 1) for n in range(1, 13)])
def test_the_grid_of_a_month_holds_whole_weeks_and_every_day_of_it(month: date) -> None:
    days = [day for week in weeks_of(month) for day in week]
    assert all(len(week) == 7 and week[0].weekday() == 0 for week in weeks_of(month))
    assert set(stretch(View.MONTH, month).days) <= set(days)
    assert days == sorted(set(days))


@pytest.mark.parametrize(
    ("family", "given", "found"),
    [
        ("Rossi", "Maria", "R.M."),
        ("d’Angelo", " élise ", "D.É."),
        ("", "Maria", "M."),
        ("", "", ""),
    ],
)
def test_initials_are_all_that_is_left_of_a_name(family: str, given: str, found: str) -> None:
    assert initials(family, given) == found


def test_only_what_has_no_day_of_its_own_on_the_pathway_is_shown_of_a_schedule() -> None:
    assert not set(ASKED_FOR) & set(STEPS)
    assert set(ASKED_FOR) < set(BOOKABLE)


@pytest.mark.parametrize("code", ["brexucel-adult-all", "tisacel-young-all"])
def test_the_protocol_says_what_of_its_schedule_the_calendar_shows(code: str) -> None:
    items = shipped(code).section("schedule", Schedule).items
    assert {one.code: one.calendar.value for one in items if one.calendar is not None} == {
        "CNS_IT": "lumbar_puncture", "VISIT_CLOSE": "visit", "VISIT_M1_3": "visit",
        "VISIT_M3_12": "visit", "VISIT_LT": "visit", "SECCANCER": "visit",
    }  # fmt: skip
