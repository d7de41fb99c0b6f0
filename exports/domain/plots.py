"""Where the lines of a survival curve and the bars of a swimmer plot stand. Whole pixels only."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from exports.domain.counted import Counted
from exports.domain.survival import Step, Time, Times, at_risk, steps, surviving_at, tallied

WIDTH, HEIGHT = 560, 160  # of the field between the axes
ROW = 34  # the height of one patient in a swimmer plot
_MONTH = Fraction("30.4375")
_STEPS = (1, 2, 3, 6, 12, 24, 60)
_MOST_TICKS = 8
_LEAST_SPAN = 3  # pixels, or a span of a day would not be seen


@dataclass(frozen=True)
class Tick:
    """A month on the axis: who is at risk then, and the part without an event."""

    month: int
    x: int
    at_risk: int
    surviving: Fraction | None


@dataclass(frozen=True)
class CurveDrawn:
    """A stepped line, a short stroke for each day on which somebody was censored, and the axis."""

    path: str
    censored: tuple[tuple[int, int], ...]
    ticks: tuple[Tick, ...]


@dataclass(frozen=True)
class Span:
    """Days on which something lasted."""

    kind: str
    x: int
    width: int


@dataclass(frozen=True)
class Mark:
    """A day on which something happened."""

    kind: str
    x: int


@dataclass(frozen=True)
class Lane:
    """One patient: a bar from day 0 to the last contact, what happened, whether it goes on."""

    patient: Counted
    y: int
    length: int
    ongoing: bool
    spans: tuple[Span, ...]
    marks: tuple[Mark, ...]


@dataclass(frozen=True)
class SwimmerDrawn:
    """Every patient, the months of the axis and the height of all."""

    lanes: tuple[Lane, ...]
    months: tuple[tuple[int, int], ...]  # month and its x
    height: int


class _Axis:
    """Days on the width, so that the longest fits."""

    def __init__(self, longest: int) -> None:
        self._longest = max(longest, 1)

    def x(self, day: int) -> int:
        return round(Fraction(min(max(day, 0), self._longest) * WIDTH, self._longest))

    @property
    def months(self) -> tuple[int, ...]:
        last = int(self._longest / _MONTH)
        step = next((one for one in _STEPS if last // one < _MOST_TICKS), _STEPS[-1])
        return tuple(range(0, last + 1, step))


def curve_drawn(times: Times) -> CurveDrawn:
    """The curve of some times; a line at the top where nothing happened."""
    followed = tallied(times)
    longest = max((one.length for one in followed), default=0)
    axis, happened = _Axis(longest), {step.length: _y(step) for step in steps(followed)}
    left = {one.length for one in followed if not one.event}
    points, censored = [(0, 0)], []
    for day in sorted(happened.keys() | left):
        x, y = axis.x(day), points[-1][1]
        if day in happened:
            points += [(x, y), (x, happened[day])]
        if day in left:
            censored.append((x, points[-1][1]))
    points.append((axis.x(longest), points[-1][1]))
    return CurveDrawn(
        path=_path(points), censored=tuple(dict.fromkeys(censored)), ticks=_ticks(followed, axis)
    )


def _ticks(followed: Mapping[Time, int], axis: _Axis) -> tuple[Tick, ...]:
    months = axis.months
    days = [round(month * _MONTH) for month in months]
    told = zip(months, days, at_risk(followed, days), surviving_at(followed, days), strict=True)
    return tuple(Tick(month, axis.x(day), risk, part) for month, day, risk, part in told)


def _y(step: Step) -> int:
    """The nearest pixel, of two as near the even one, as `round` does."""
    down, over = divmod((step.whole - step.kept) * HEIGHT, step.whole)
    return down + (2 * over > step.whole or (2 * over == step.whole and down % 2))


def _path(points: Iterable[tuple[int, int]]) -> str:
    """Points as a path; of those on one pixel the first."""
    return "M" + " L".join(f"{x} {y}" for x, y in dict.fromkeys(points))


def swimmer_drawn(patients: Iterable[Counted]) -> SwimmerDrawn:
    """A bar for each patient who was infused, from day 0 to the last contact."""
    infused = [one for one in patients if one.followed_days is not None]
    axis = _Axis(max((one.followed_days or 0 for one in infused), default=0))
    lanes = tuple(_lane(one, row * ROW, axis) for row, one in enumerate(infused))
    days = ((month, round(month * _MONTH)) for month in axis.months)
    return SwimmerDrawn(lanes, tuple((month, axis.x(day)) for month, day in days), len(lanes) * ROW)


def _lane(one: Counted, y: int, axis: _Axis) -> Lane:
    found = ((scale, one.of_scale(scale)) for scale in ("crs", "icans"))
    spans = tuple(
        Span(scale, axis.x(toxic.onset_day), _wide(axis, toxic.onset_day, toxic.duration_days or 1))
        for scale, toxic in found
        if toxic.onset_day is not None
    )
    return Lane(
        one, y, axis.x(one.followed_days or 0), one.died_on is None, spans,
        tuple(Mark(kind, axis.x(day)) for kind, day in events_of(one)),
    )  # fmt: skip


def _wide(axis: _Axis, first: int, days: int) -> int:
    return max(axis.x(first + days) - axis.x(first), _LEAST_SPAN)


def events_of(one: Counted) -> tuple[tuple[str, int], ...]:
    """What happened after the infusion on a known day, in the order of days."""
    dated = (
        ("response", one.remission_on),
        ("relapse", one.relapsed_on),
        ("transplant", one.allo_after_on),
        ("death", one.died_on),
    )
    days = ((kind, one.since_infusion(on)) for kind, on in dated)
    return tuple(sorted(((k, d) for k, d in days if d is not None), key=lambda found: found[1]))
