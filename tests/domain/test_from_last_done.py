"""Dates counted from the day on which the last one was done, instead of a fixed grid."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.domain.reading import ProtocolProblem, TableReader
from reminders.domain.facts import Sample, ScheduleFacts
from reminders.domain.items import Schedule, ScheduleItem, read_schedule, read_span
from reminders.domain.levels import Level
from reminders.domain.schedule import Done, DueItem, Skipped, expand
from reminders.domain.wanted import wanted
from tests.domain.shipped import shipped
from tests.domain.test_schedule import item, setting

FAR = date(2100, 1, 1)
DAY_ZERO = date(2026, 1, 1)
NOBODY_YET: Done = {}


def from_last_done(
    first: str, *phases: tuple[str, str], further: tuple[str, ...] = ()
) -> ScheduleItem:
    return replace(
        item(first, *phases, before=10, after=10),
        repeats_from=setting("last_done"),
        further=tuple(setting(read_span(one)) for one in further),
    )


PUNCTURE = from_last_done("30 days", ("60 days", "365 days"))
VACCINES = from_last_done("6 months", further=("8 months", "10 months"))


def dates(one: ScheduleItem, done: Done = NOBODY_YET, anchor: date = DAY_ZERO) -> list[str]:
    return [due.due_on.isoformat() for due in expand(one, anchor, horizon=FAR, done=done)]


def by_ordinal(one: ScheduleItem, anchor: date, done: Done) -> dict[int, DueItem]:
    return {due.ordinal: due for due in expand(one, anchor, horizon=FAR, done=done)}


@pytest.mark.parametrize(
    ("one", "done", "expected"),
    [
        pytest.param(
            PUNCTURE,
            {},
            ["2026-01-31", "2026-04-01", "2026-05-31", "2026-07-30", "2026-09-28", "2026-11-27"],
            id="nothing done: as a grid",
        ),
        pytest.param(
            PUNCTURE,
            {1: date(2026, 2, 9)},
            ["2026-01-31", "2026-04-10", "2026-06-09", "2026-08-08", "2026-10-07", "2026-12-06"],
            id="nine days late: all that follow are",
        ),
        pytest.param(
            PUNCTURE,
            {1: date(2026, 1, 25)},
            ["2026-01-31", "2026-03-26", "2026-05-25", "2026-07-24", "2026-09-22", "2026-11-21"],
            id="early: nearer, and none beyond the end",
        ),
        pytest.param(
            PUNCTURE,
            {1: date(2026, 3, 20)},
            ["2026-01-31", "2026-05-19", "2026-07-18", "2026-09-16", "2026-11-15"],
            id="so late that the year holds one less",
        ),
        pytest.param(
            PUNCTURE,
            {2: date(2026, 4, 5)},
            ["2026-01-31", "2026-04-01", "2026-06-04", "2026-08-03", "2026-10-02", "2026-12-01"],
            id="one that nobody did holds nothing up",
        ),
        pytest.param(
            PUNCTURE,
            {1: date(2026, 4, 20), 2: date(2026, 4, 5)},
            ["2026-01-31", "2026-06-19", "2026-06-19", "2026-08-18", "2026-10-17", "2026-12-16"],
            id="told in another order: the last day of all counts",
        ),
        pytest.param(
            VACCINES, {}, ["2026-07-01", "2026-09-01", "2026-11-01"], id="named distances"
        ),
        pytest.param(
            VACCINES,
            {1: date(2026, 8, 30)},
            ["2026-07-01", "2026-10-30", "2026-12-30"],
            id="named distances from a late dose",
        ),
        pytest.param(
            from_last_done("28 days", ("1 month", "4 months"), ("3 months", "9 months")),
            {},
            ["2026-01-29", "2026-02-28", "2026-03-29", "2026-04-29", "2026-07-29"],
            id="months clamp once; a later phase goes on from the date before it",
        ),
        pytest.param(
            from_last_done("28 days", ("1 month", "4 months"), ("3 months", "9 months")),
            {3: date(2026, 4, 20)},
            ["2026-01-29", "2026-02-28", "2026-03-29", "2026-07-20"],
            id="beyond a phase the distances of the next one hold",
        ),
    ],
)
def test_expanded_dates(one: ScheduleItem, done: Done, expected: list[str]) -> None:
    assert dates(one, done) == expected


SKIPPED_DAY_90 = {2: date(2026, 4, 1)}


@pytest.mark.parametrize(
    ("one", "done", "skipped", "expected"),
    [
        pytest.param(
            PUNCTURE,
            {1: date(2026, 4, 3)},
            SKIPPED_DAY_90,
            ["2026-06-02", "2026-08-01", "2026-09-30", "2026-11-29"],
            id="skipped, then the one before it done late: 60 days on, not 120",
        ),
        pytest.param(
            PUNCTURE,
            {1: date(2026, 9, 29)},
            SKIPPED_DAY_90,
            ["2026-11-28"],
            id="so late that only one more fits: it is asked for",
        ),
        pytest.param(
            PUNCTURE,
            {1: date(2026, 3, 28)},
            SKIPPED_DAY_90,
            ["2026-05-27", "2026-07-26", "2026-09-24", "2026-11-23"],
            id="done before the day that was skipped, far later than due",
        ),
        pytest.param(
            PUNCTURE,
            {1: date(2026, 2, 5)},
            SKIPPED_DAY_90,
            ["2026-06-05", "2026-08-04", "2026-10-03", "2026-12-02"],
            id="moved within the window of what was skipped: skipped still",
        ),
        pytest.param(
            PUNCTURE,
            {1: date(2026, 1, 31)},
            SKIPPED_DAY_90,
            ["2026-05-31", "2026-07-30", "2026-09-28", "2026-11-27"],
            id="skipped on its day: as if it had been done",
        ),
        pytest.param(
            PUNCTURE,
            {},
            {2: date(2026, 3, 1)},
            ["2026-05-31", "2026-07-30", "2026-09-28", "2026-11-27"],
            id="nothing done: the anchor says, wherever it was",
        ),
        pytest.param(
            VACCINES,
            {1: date(2026, 11, 12)},
            {2: date(2026, 9, 1)},
            ["2027-01-12"],
            id="named distances",
        ),
    ],
)
def test_what_was_skipped_takes_its_own_day_away_and_no_later_one(
    one: ScheduleItem, done: Done, skipped: Skipped, expected: list[str]
) -> None:
    found = expand(one, DAY_ZERO, horizon=FAR, done=done, skipped=skipped)
    assert [due.due_on.isoformat() for due in found if due.ordinal > 2] == expected
    near = date.fromisoformat(expected[0])
    assert due_on_in(expand(one, DAY_ZERO, horizon=near, done=done, skipped=skipped), 3) == near


def test_a_series_that_is_named_has_so_many_and_no_more() -> None:
    done, skipped = {2: date(2026, 12, 1)}, {3: date(2026, 11, 1)}
    found = expand(VACCINES, DAY_ZERO, horizon=FAR, done=done, skipped=skipped)
    assert [due.ordinal for due in found] == [1, 2, 3]


def due_on_in(found: Iterable[DueItem], ordinal: int) -> date:
    return next(due.due_on for due in found if due.ordinal == ordinal)


@given(
    st.dictionaries(st.integers(1, 6), st.integers(-20, 300), max_size=4),
    st.dictionaries(st.integers(1, 6), st.integers(-20, 300), max_size=4),
)
def test_after_the_last_one_done_or_skipped_the_next_is_never_further_than_its_distance(
    done_days: dict[int, int], skipped_days: dict[int, int]
) -> None:
    done = {number: DAY_ZERO + timedelta(days=30 + days) for number, days in done_days.items()}
    skipped = {
        number: DAY_ZERO + timedelta(days=30 + days)
        for number, days in skipped_days.items()
        if number not in done
    }
    found = expand(PUNCTURE, DAY_ZERO, horizon=FAR, done=done, skipped=skipped)
    open_ = [due for due in found if due.ordinal not in {*done, *skipped}]
    if not done or set(done) | set(skipped) != set(range(1, max({**done, **skipped}) + 1)):
        return  # something before them waits, or the anchor alone says
    base = max(*done.values(), *skipped.values(), date.min)
    furthest = base + timedelta(days=60 + PUNCTURE.window_after.value)
    if furthest <= DAY_ZERO + timedelta(days=365):
        assert open_
        assert open_[0].due_on <= furthest


def test_a_date_beyond_the_horizon_hides_nothing_that_was_done_sooner() -> None:
    done = {2: date(2026, 2, 10)}
    found = expand(PUNCTURE, date(2026, 3, 1), horizon=date(2026, 4, 15), done=done)
    assert [(due.ordinal, due.due_on) for due in found] == [
        (1, date(2026, 3, 31)),
        (3, date(2026, 4, 11)),
    ]


@given(
    st.dates(date(2020, 1, 1), date(2032, 12, 31)),
    st.dictionaries(st.integers(1, 8), st.integers(-40, 90), max_size=6),
    st.integers(1, 8),
    st.integers(-40, 90),
    st.sampled_from([PUNCTURE, VACCINES, from_last_done("28 days", ("1 month", "12 months"))]),
)
def test_another_day_of_being_done_moves_the_following_ones_alone(
    anchor: date, late: dict[int, int], ordinal: int, other: int, one: ScheduleItem
) -> None:
    due = by_ordinal(one, anchor, {})
    done = {
        number: due[number].due_on + timedelta(days=days)
        for number, days in late.items()
        if number in due
    }
    found = by_ordinal(one, anchor, done)
    assert found == by_ordinal(one, anchor, dict(done)), "same input, same output"
    for number, one_due in found.items():
        before = [on for earlier, on in done.items() if earlier < number]
        assert not before or one_due.due_on > max(before), "never before the last one done"
    on = due.get(ordinal, due[1]).due_on + timedelta(days=other)
    moved = by_ordinal(one, anchor, {**done, ordinal: on})
    for number in range(1, ordinal + 1):
        assert moved.get(number) == found.get(number)
    days_ = [
        moved[number].due_on for number in sorted(moved) if number > max({**done, ordinal: on})
    ]
    assert days_ == sorted(set(days_))


@given(
    st.dates(date(2020, 1, 1), date(2032, 12, 31)),
    st.integers(1, 90),
    st.integers(1, 400),
    st.integers(-30, 120),
)
def test_what_was_done_in_time_leaves_the_grid_as_it_is(
    anchor: date, every: int, until: int, first: int
) -> None:
    grid = item(f"{first} days", (f"{every} days", f"{until} days"), before=10, after=10)
    known = expand(grid, anchor, horizon=FAR)
    done = {due.ordinal: due.due_on for due in known}
    chained = replace(grid, repeats_from=setting("last_done"))
    assert expand(chained, anchor, horizon=FAR, done=done) == known
    assert expand(chained, anchor, horizon=FAR) == known


@given(st.integers(0, 40), st.integers(200, 900))
def test_stop_rule_and_end_hold_whatever_was_done(late: int, limit: int) -> None:
    level = Level(setting("IGG"), setting(Decimal(400)), setting(1))
    one = replace(PUNCTURE, stop=level)
    done = {1: date(2026, 1, 31) + timedelta(days=late)}
    reached = date(2026, 6, 15)
    facts = ScheduleFacts(series={"IGG": [Sample(reached, Decimal(limit))]})
    found = wanted(one, DAY_ZERO, facts, horizon=FAR, done=done)
    free = wanted(one, DAY_ZERO, ScheduleFacts(), horizon=FAR, done=done)
    assert all(due.due_on <= DAY_ZERO + timedelta(days=365) for due in free)
    assert found == tuple(due for due in free if limit <= 400 or due.due_on <= reached)


@pytest.mark.parametrize("code", ["brexucel-adult-all", "tisacel-young-all"])
def test_shipped_punctures_and_vaccines_keep_their_distance(code: str) -> None:
    schedule = shipped(code).section("schedule", Schedule)
    found = {one.code for one in schedule.items if one.from_last_done}
    assert found == {"CNS_IT", "VACC_INACT"}
    for one in found:
        rule = schedule.item(one).repeats_from
        assert rule is not None
        assert not rule.confirmed
        assert "default" in rule.source


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"kind": "cadence"}, "is for what is dated and comes again"),
        ({}, "is for what is dated and comes again"),
        ({"further": "3 months"}, "needs the first and the further offsets in one unit"),
        ({"repeats_from": "never"}, "must be one of"),
    ],
)
def test_a_rule_that_says_nothing_is_refused(row: dict[str, object], said: str) -> None:
    given_: dict[str, object] = {
        "role": "haematologist", "anchor": "infusion", "first_offset": "30 days",
        "window_before": 0, "window_after": 0, "repeats_from": "last_done", **row,
    }  # fmt: skip
    further = given_.pop("further", None)
    table: dict[str, object] = {name: stated(value) for name, value in given_.items()}
    table["label"] = {"en": "x", "it": "x"}
    if further is not None:
        table["further"] = [{"offset": stated(further)}]
    problems: list[ProtocolProblem] = []
    read_schedule(TableReader({"CNS_IT": table}, "x.toml", "schedule", problems))
    assert [one.dotted_key for one in problems] == ["schedule.CNS_IT.repeats_from"]
    assert said in str(problems[0])


def stated(value: object) -> dict[str, object]:
    return {"value": value, "source": "a test", "confirmed": True}
