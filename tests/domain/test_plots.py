"""Where the line of a survival curve and the bars of a swimmer plot stand."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from exports.domain.counted import Toxic
from exports.domain.plots import (
    HEIGHT,
    ROW,
    WIDTH,
    Mark,
    Span,
    curve_drawn,
    events_of,
    swimmer_drawn,
)
from exports.domain.survival import Time
from tests.domain.test_counted import NEVER, course, day

CRS = {"crs": Toxic(1, 0, 7, early_grade=1), "icans": Toxic(2, 350, 3), "iec_hs": Toxic(0)}


def test_a_curve_falls_in_steps_and_marks_who_is_censored() -> None:
    drawn = curve_drawn([Time(28, True), Time(56, False), Time(84, True), Time(112, False)])
    assert drawn.path == f"M0 0 L140 0 L140 40 L420 40 L420 100 L{WIDTH} 100"
    assert drawn.censored == ((280, 40), (560, 100))
    assert [(tick.month, tick.at_risk) for tick in drawn.ticks] == [(0, 4), (1, 3), (2, 2), (3, 1)]
    assert drawn.ticks[-1].surviving == 3 / 8


def test_a_curve_of_nobody_and_of_nothing_is_a_line() -> None:
    assert curve_drawn([]).path == "M0 0"
    assert curve_drawn([]).censored == ()
    assert curve_drawn([Time(9, False)]).path == f"M0 0 L{WIDTH} 0"
    assert curve_drawn([Time(0, True)]).path == f"M0 0 L0 {HEIGHT}"


@given(st.lists(st.builds(Time, st.integers(0, 6000), st.booleans()), max_size=60))
def test_every_curve_stays_in_its_field(times: list[Time]) -> None:
    drawn = curve_drawn(times)
    points = [tuple(map(int, one.split())) for one in drawn.path.removeprefix("M").split(" L")]
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in (*points, *drawn.censored))
    assert points == sorted(points)
    assert 1 <= len(drawn.ticks) <= 9


def test_bars_stand_in_rows_with_what_happened() -> None:
    ill = course(seen_on=day(400), toxic=CRS, remission_on=day(28), relapsed_on=day(200))
    dead = course(died_on=day(200), allo_after_on=day(100))
    drawn = swimmer_drawn([ill, course(**NEVER), dead])
    first, second = drawn.lanes
    assert drawn.height == 2 * ROW
    assert (first.y, first.length, first.ongoing) == (0, WIDTH, True)
    assert (second.y, second.length, second.ongoing) == (ROW, WIDTH // 2, False)
    assert first.spans == (Span("crs", 0, 10), Span("icans", 490, 4))
    assert first.marks == (Mark("response", 39), Mark("relapse", 280))
    assert events_of(dead) == (("transplant", 100), ("death", 200))
    assert drawn.months[0] == (0, 0)


def test_a_span_of_a_day_is_seen_and_nobody_is_no_plot() -> None:
    (lane,) = swimmer_drawn([course(seen_on=day(400), toxic={"crs": Toxic(1, 5)})]).lanes
    assert lane.spans == (Span("crs", 7, 3),)
    (fresh,) = swimmer_drawn([course(today=date(2026, 3, 1))]).lanes
    assert (fresh.length, fresh.ongoing) == (0, True)
    assert swimmer_drawn([]).lanes == ()
