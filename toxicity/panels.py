"""Temperature and results as curves on the grid of the flowsheet: one drawing for screen and paper.

Everything a template needs is here as whole pixels and words; nothing is computed there. Beside
each drawing stands a table of every value.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from accounts.wording import day_text
from patients.lab_forms import analyte_label, ranges_of
from patients.models import Course, LabResult
from patients.result_pages import shown
from patients.results import reading_of
from protocol.selectors import settings_of
from terms.day_numbers import day_number, local_date
from terms.quantities import Analyte, to_shown, unit_text
from toxicity.domain.crs import FEVER_C
from toxicity.domain.curves import (
    COLUMN,
    HEIGHT,
    Axis,
    Curve,
    Reading,
    curve,
    even_axis,
    log_axis,
    worst_by_day,
)
from toxicity.domain.flowsheet import Days
from toxicity.domain.rules import CURVES, ToxicityRules
from toxicity.flowsheet import moments, signed
from toxicity.models import Assessment

_LOG = frozenset({"CRP", "FERRITIN"})
_LOWEST = frozenset({"ANC", "PLT"})  # of several values on a day the lowest is drawn
_TEMPERATURE, *_ANALYTES = CURVES
_LEAST_C = (Decimal(36), Decimal(39))  # what the axis of temperatures shows at least


@dataclass(frozen=True)
class Tick:
    """A value written at an axis."""

    y: int
    text: str


@dataclass(frozen=True)
class Dot:
    """One dot; hollow where only a limit is known."""

    x: int
    y: int
    day: int
    text: str
    limit: bool


@dataclass(frozen=True)
class Value:
    """One line of the table beside a drawing."""

    day: str
    when: str
    text: str


@dataclass(frozen=True)
class Panel:
    """One measure: its drawing, empty where nothing can be drawn, and the table of its values."""

    code: str
    label: str
    unit: str
    log: bool
    width: int
    height: int
    grid: str
    ticks: tuple[Tick, ...]
    band: tuple[int, int] | None  # from the top: where it begins, and how high it is
    band_text: str
    threshold: Tick | None
    lines: tuple[str, ...]
    dots: tuple[Dot, ...]
    values: tuple[Value, ...]
    measured: tuple["Measured", ...]


@dataclass(frozen=True)
class Measured:
    """A value with its words; `value` None where there is nothing to draw."""

    on: date
    value: Decimal | None
    limit: str
    text: str
    at: datetime | None = None


@dataclass(frozen=True)
class _Look:
    """How a measure is drawn."""

    axis: Axis
    band: tuple[Decimal, Decimal] | None = None
    band_text: str = ""
    threshold: Decimal | None = None
    threshold_text: str = ""


def panels(course: Course, days: Days, infused_on: date) -> tuple[Panel, ...]:
    """The panels of some days, in two queries."""
    by_code = _results(course, days)
    found = [_temperature(course, days, infused_on)]
    for code in _ANALYTES:
        analyte = ranges_of(course).analyte(code)
        if analyte is not None:
            values = [_of(analyte, row) for row in by_code.get(code, [])]
            found.append(_lab(course, days, infused_on, analyte, values))
    return tuple(found)


def _temperature(course: Course, days: Days, infused_on: date) -> Panel:
    zone = course.centre.zone
    since, until = moments(course, days)
    rows = (
        Assessment.objects.filter(
            course=course, observed_at__gte=since, observed_at__lt=until, temp_c__isnull=False
        )
        .standing()
        .in_order()
        .values_list("observed_at", "temp_c")
    )
    values = [
        Measured(local_date(at, zone), temp, "", f"{plain_text(temp)} °C", at.astimezone(zone))
        for at, temp in rows
    ]
    axis = even_axis([one.value for one in values if one.value is not None], *_LEAST_C)
    fever = plain_text(FEVER_C, 1)
    look = _Look(axis, (FEVER_C, axis.high), _("fever"), FEVER_C, f"{fever} °C")
    return _panel(course, days, infused_on, _TEMPERATURE, (_("Temperature"), "°C"), values, look)


def _results(course: Course, days: Days) -> dict[str, list[LabResult]]:
    rows = LabResult.objects.filter(
        course=course,
        analyte__in=_ANALYTES,
        on__gte=days.first.isoformat(),
        on__lte=days.last.isoformat(),
        on__regex=r"^.{10}$",
    ).order_by("on", "pk")
    found: dict[str, list[LabResult]] = {}
    for row in rows:
        found.setdefault(row.analyte, []).append(row)
    return found


def _of(analyte: Analyte, row: LabResult) -> Measured:
    reading = reading_of(row)
    value, unit = None, ""
    if reading.value is not None:
        value, unit = to_shown(analyte, reading.value, reading.unit)
    text = shown(analyte, reading)
    drawn = value if unit == analyte.shown_in else None
    words = " ".join(filter(None, (text.text, text.sign, text.mark)))
    return Measured(date.fromisoformat(row.on), drawn, reading.comparator, words)


def _lab(
    course: Course, days: Days, infused_on: date, analyte: Analyte, values: Sequence[Measured]
) -> Panel:
    usual = None
    if analyte.usual is not None:
        low, high = (to_shown(analyte, end, analyte.unit)[0] for end in analyte.usual)
        usual = (low, high)
    numbers = [one.value for one in values if one.value is not None]
    if analyte.code in _LOG:
        low, high = usual or (Decimal(1), Decimal(10))
        axis = log_axis(numbers, low or high / 10, high * 10)
    else:
        axis = even_axis(numbers, Decimal(0), usual[0] if usual else Decimal(1))
    look = _Look(axis, usual, _("usual range"))
    head = (analyte_label(analyte), unit_text(analyte.shown_in))
    return _panel(course, days, infused_on, analyte.code, head, values, look)


def _panel(
    course: Course,
    days: Days,
    infused_on: date,
    code: str,
    head: tuple[str, str],
    values: Sequence[Measured],
    look: _Look,
) -> Panel:
    readings = [Reading(one.on, one.value, one.limit) for one in values if one.value is not None]
    joined = ToxicityRules.of(settings_of(course.protocol)).flowsheet.joined_days[code].value
    drawn = curve(
        worst_by_day(readings, lowest=code in _LOWEST),
        look.axis,
        first=days.first,
        joined_days=joined,
    )
    columns = len(days.each)
    label, unit = head
    return Panel(
        code,
        label,
        unit,
        look.axis.log,
        columns * COLUMN,
        HEIGHT,
        "".join(f"M{number * COLUMN} 0V{HEIGHT}" for number in range(1, columns)),
        tuple(Tick(look.axis.y(tick), plain_text(tick)) for tick in look.axis.ticks),
        _band(look),
        look.band_text,
        None if look.threshold is None else Tick(look.axis.y(look.threshold), look.threshold_text),
        tuple(" ".join(f"{point.x},{point.y}" for point in line) for line in drawn.lines),
        _dots(drawn, infused_on, unit),
        tuple(_value(one, infused_on) for one in values),
        tuple(values),
    )


def _band(look: _Look) -> tuple[int, int] | None:
    if look.band is None:
        return None
    low, high = look.band
    top, bottom = look.axis.y(high), look.axis.y(low or look.axis.low)
    return (top, bottom - top) if bottom > top else None


def _dots(drawn: Curve, infused_on: date, unit: str) -> tuple[Dot, ...]:
    return tuple(
        Dot(
            point.x,
            point.y,
            day_number(point.reading.on, infused_on),
            _("Day %(number)s") % {"number": signed(day_number(point.reading.on, infused_on))}
            + f": {point.reading.limit}{plain_text(point.reading.value)} {unit}",
            bool(point.reading.limit),
        )
        for point in drawn.points
    )


def _value(one: Measured, infused_on: date) -> Value:
    when = day_text(one.on)
    if one.at is not None:
        when = f"{when} {one.at:%H:%M}"
    return Value(signed(day_number(one.on, infused_on)), when, one.text)


def plain_text(number: Decimal, places: int | None = None) -> str:
    """A number in the language's writing, without zeros that say nothing unless asked for."""
    value = number if places is not None else Decimal(f"{number.normalize():f}")
    text = number_format(value, decimal_pos=places, use_l10n=True, force_grouping=False)
    return str(text)
