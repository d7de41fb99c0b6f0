"""Lanes of a course: what lasts, until when it is known to, and nothing drawn on anything else."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exports.domain.swimlanes import Bar, Drawn, End, Event, Lane, lane_of, lanes
from exports.event_labels import EVENT_LABELS

DAY = date(2026, 6, 1)
UNTIL = DAY + timedelta(days=100)


def at(day: int | None, code: str, about: str = "") -> Event:
    """An event so many days after the first of June."""
    return Event(code, None if day is None else DAY + timedelta(days=day), about=about)


def drawn(*events: Event) -> dict[Lane, Drawn]:
    """The lanes of these events, by lane."""
    return {lane.lane: lane for lane in lanes(events, UNTIL)}


def bars(lane: Drawn) -> list[tuple[str, int, int | None, str]]:
    """Every bar as its code, its first and last day, and how it ends."""
    return [
        (bar.event.code, (bar.first - DAY).days, _days(bar.last), bar.end.value)
        for track in lane.tracks
        for bar in track
    ]


def _days(on: date | None) -> int | None:
    return (on - DAY).days if on else None


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        # A stage lasts until the next one, the last one until today, none after the way out.
        ([at(0, "STAGE_REFERRAL"), at(3, "STAGE_ELIGIBILITY")],
         [("STAGE_REFERRAL", 0, 3, "recorded"), ("STAGE_ELIGIBILITY", 3, 100, "ongoing")]),
        ([at(0, "STAGE_REFERRAL"), at(3, "EXIT_DECLINED")],
         [("STAGE_REFERRAL", 0, 3, "recorded")]),
        ([at(0, "STAGE_REFERRAL"), at(3, "DEATH")], [("STAGE_REFERRAL", 0, 3, "recorded")]),
        # It ended, nobody knows when.
        ([at(0, "STAGE_REFERRAL"), at(None, "EXIT_LOST")],
         [("STAGE_REFERRAL", 0, None, "unknown")]),
    ],
)  # fmt: skip
def test_stages_follow_one_another(
    events: list[Event], expected: list[tuple[str, int, int | None, str]]
) -> None:
    assert bars(drawn(*events)[Lane.JOURNEY]) == expected


@pytest.mark.parametrize(
    ("lane", "events", "expected"),
    [
        # The first day without signs ends an episode: its bar lasts until the day before.
        (Lane.TOXICITY, [at(3, "CRS"), at(7, "CRS_END")], [("CRS", 3, 6, "recorded")]),
        (Lane.TOXICITY, [at(3, "CRS")], [("CRS", 3, 100, "ongoing")]),
        (Lane.HOSPITAL, [at(0, "ADMISSION"), at(26, "DISCHARGE")],
         [("ADMISSION", 0, 26, "recorded")]),
        # Two delays at once end by their reasons, not by their order.
        (Lane.DELAYS,
         [at(0, "DELAY", "EBV"), at(2, "DELAY", "bed"), at(4, "DELAY_END", "bed")],
         [("DELAY", 0, 100, "ongoing"), ("DELAY", 2, 4, "recorded")]),
        (Lane.INFECTIONS, [at(3, "INFECTION", "E. coli"), at(None, "INFECTION_END", "E. coli")],
         [("INFECTION", 3, None, "unknown")]),
        # A second stay after the first.
        (Lane.HOSPITAL,
         [at(0, "ADMISSION"), at(5, "DISCHARGE"), at(9, "ADMISSION"), at(12, "DISCHARGE")],
         [("ADMISSION", 0, 5, "recorded"), ("ADMISSION", 9, 12, "recorded")]),
        (Lane.THERAPY, [at(110, "BRIDGE")], [("BRIDGE", 110, 110, "ongoing")]),
    ],
)  # fmt: skip
def test_what_lasts_ends_where_its_end_is_recorded(
    lane: Lane, events: list[Event], expected: list[tuple[str, int, int | None, str]]
) -> None:
    assert bars(drawn(*events)[lane]) == expected


def test_an_end_without_a_beginning_is_a_mark_and_a_beginning_without_a_day_is_counted() -> None:
    found = drawn(at(4, "DELAY_END", "EBV"), at(None, "INFECTION"), at(None, "NOTE"))
    assert [event.code for event in found[Lane.DELAYS].marks] == ["DELAY_END"]
    assert (found[Lane.INFECTIONS].tracks, found[Lane.INFECTIONS].undated) == ((), 1)
    assert found[Lane.OTHER].count == 1


def test_the_way_out_is_a_mark_besides() -> None:
    found = drawn(at(0, "STAGE_REFERRAL"), at(3, "EXIT_DECLINED"))[Lane.JOURNEY]
    assert ([event.code for event in found.marks], found.count) == (["EXIT_DECLINED"], 2)


def test_what_overlaps_lies_in_tracks_of_its_own() -> None:
    [lane] = lanes([at(0, "INFECTION", "a"), at(2, "INFECTION", "b")], UNTIL)
    assert [len(track) for track in lane.tracks] == [1, 1]


def test_nothing_gives_no_lane() -> None:
    assert lanes([], UNTIL) == ()


@pytest.mark.parametrize(
    ("code", "lane"),
    [
        ("LAB", Lane.RESULTS), ("PRODUCT_STORED", Lane.PRODUCT), ("LD_DOSE", Lane.THERAPY),
        ("GATE_MET", Lane.DECISIONS), ("SCHEDULE_DONE", Lane.REMINDERS), ("NOTE", Lane.OTHER),
    ],
)  # fmt: skip
def test_every_event_has_a_lane(code: str, lane: Lane) -> None:
    assert lane_of(code) is lane
    assert all(lane_of(other) in Lane for other in EVENT_LABELS)


_EVENTS = st.lists(
    st.builds(
        at,
        st.none() | st.integers(0, 120),
        st.sampled_from(sorted(EVENT_LABELS)),
        st.sampled_from(["", "a", "b"]),
    ),
    max_size=60,
)


@given(_EVENTS)
def test_nothing_is_lost_and_no_bar_lies_on_another(events: list[Event]) -> None:
    known = sorted((event for event in events if event.on), key=lambda event: event.on or DAY)
    events = [*known, *(event for event in events if event.on is None)]
    found = lanes(events, UNTIL)
    told = [bar.event for lane in found for track in lane.tracks for bar in track]
    told += [event for lane in found for event in lane.marks]
    for event in told:
        assert event in events
    assert sum(lane.count for lane in found) <= len(events)
    for lane in found:
        for track in lane.tracks:
            for earlier, later in pairwise(track):
                assert _apart(earlier, later)


def _apart(earlier: Bar, later: Bar) -> bool:
    return earlier.after <= later.first and (earlier.last is None) is (earlier.end is End.UNKNOWN)
