"""The cohort report as a page shows it: tables, figures with their definitions, drawings."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from exports.cohort_names import label_of
from exports.cohort_report import Report
from exports.cohort_words import (
    Cell,
    marks,
    number,
    percent,
    said,
    signed,
    spread,
    table_1_cells,
    table_2_cells,
)
from exports.domain.counted import Counted, whole_months
from exports.domain.curves import Curve
from exports.domain.incidence import Incidence, incidence_at
from exports.domain.plots import (
    CurveDrawn,
    Lane,
    SwimmerDrawn,
    curve_drawn,
    events_of,
    swimmer_drawn,
)
from exports.domain.statistics import STATISTICS
from exports.domain.survival import estimate

# From so many patients on a curve says more than their bars; it has to have that many on it.
LEAST_FOR_A_CURVE = 10
ROWS_ON_A_PAGE = 100
_DAYS = (100, 365, 730)  # on which an incidence is told
# What stands above all that is folded.
HEADLINE = frozenset(
    {
        *("age_years", "hospital_stay_days", "follow_up_months", "vein_to_vein"),
        *("crs_severe", "icans_severe", "remission", "mortality_100"),
    }
)


@dataclass(frozen=True)
class RowView:
    """One course in a table."""

    course_id: int
    patient: str
    cells: list[Cell]


@dataclass(frozen=True)
class FigureView:
    """A statistic or an indicator with how it is counted."""

    code: str
    label: str
    value: str
    n: str
    missing: str
    censored: str
    definition: str
    longest: str = ""


@dataclass(frozen=True)
class CurveView:
    """A survival curve: its line, its numbers, and the same as a table."""

    code: str
    label: str
    definition: str
    summary: str
    drawn: CurveDrawn | None  # None of too few: of nobody it would be a line at the top
    ticks: tuple[tuple[int, int, int, str], ...]  # month, x, at risk, without an event


@dataclass(frozen=True)
class IncidenceView:
    """A cumulative incidence: its numbers, and the part at some days."""

    label: str
    definition: str
    summary: str
    at: list[tuple[int, str]]


@dataclass(frozen=True)
class BarView:
    """One patient in a swimmer plot."""

    lane: Lane
    told: str  # the same in words


@dataclass(frozen=True)
class CohortPage:
    """Everything below the filters but the rows of the tables."""

    headline: list[FigureView]
    statistics: list[FigureView]
    indicators: list[FigureView]
    curves: list[CurveView]
    incidences: list[IncidenceView]
    swimmer: SwimmerDrawn | None
    bars: list[BarView]
    legend: list[tuple[str, str, str]]  # code, sign, name


def cohort_page(report: Report, rows: Iterable[Counted]) -> CohortPage:
    """The page of a report with some rows; a curve from ten patients on, bars below that."""
    few = 0 < report.cohort.infused < LEAST_FOR_A_CURVE
    curves = [_curve(one) for one in report.curves] if report.cohort.infused and not few else []
    swimmer = swimmer_drawn(_infused(report, rows)) if few else None
    statistics, indicators = _statistics(report), _indicators(report)
    return CohortPage(
        headline=[one for one in (*statistics, *indicators) if one.code in HEADLINE],
        statistics=statistics,
        indicators=indicators,
        curves=curves,
        incidences=[_incidence(one) for one in report.incidences] if curves else [],
        swimmer=swimmer,
        bars=[BarView(lane, told_of(lane.patient)) for lane in swimmer.lanes] if swimmer else [],
        legend=[(code, sign, name) for code, (sign, name) in marks().items()],
    )


def _infused(report: Report, rows: Iterable[Counted]) -> list[Counted]:
    shown = [one for one in rows if one.infused]
    every = len(shown) == report.cohort.infused
    return shown if every else report.cohort.rows(infused=True)


def rows_of(patients: Iterable[Counted], table: int) -> list[RowView]:
    """The rows of Table 1 or 2."""
    cells = table_1_cells if table == 1 else table_2_cells
    return [RowView(one.course_id, one.patient, cells(one)) for one in patients]


def _number(told: int | None) -> str:
    return _("few") if told is None else str(told)


def _statistics(report: Report) -> list[FigureView]:
    return [
        FigureView(
            code=code,
            label=_(STATISTICS[code].label),
            value=spread(found, STATISTICS[code].unit),
            n=_number(found.n),
            missing=str(found.missing),
            censored=_number(found.censored),
            definition=_(STATISTICS[code].text),
            longest="" if found.longest_censored is None else f"{found.longest_censored}+",
        )
        for code, found in report.statistics.items()
    ]


def _indicators(report: Report) -> list[FigureView]:
    views = []
    for one in report.indicators:
        counted = one.length or one.total
        of = counted.n if counted else one.rate.of if one.rate else 0
        missing = counted.missing if counted else one.rate.missing if one.rate else 0
        views.append(
            FigureView(
                code=one.definition.code,
                label=label_of(one),
                value=said(one),
                n=_number(of),
                missing=str(missing),
                censored=_number(one.length.censored) if one.length else "",
                definition=_(one.definition.text),
            )
        )
    return views


def _curve(found: Curve) -> CurveView:
    drawn, told = curve_drawn(found.times), estimate(found.times)
    median = (
        pgettext("median", "not reached") if told.median is None
        else _("%(number)s months") % {"number": number(whole_months(told.median))}
    )  # fmt: skip
    summary = _("too few to be told") if found.suppressed else _(
        "n = %(n)s, events %(events)s, censored %(censored)s, missing %(missing)s; "
        "median %(median)s"
    ) % {
        "n": told.n, "events": told.events, "censored": told.censored, "missing": found.missing,
        "median": median,
    }  # fmt: skip
    return CurveView(
        code=found.definition.code,
        label=_(found.definition.label),
        definition=_(found.definition.text),
        summary=summary,
        drawn=drawn if told.n >= LEAST_FOR_A_CURVE else None,
        ticks=tuple(
            (
                tick.month,
                tick.x,
                tick.at_risk,
                "" if tick.surviving is None else percent(tick.surviving),
            )
            for tick in drawn.ticks
        ),
    )


def _incidence(found: Incidence) -> IncidenceView:
    told = zip(_DAYS, incidence_at(found.times, found.of, _DAYS), strict=True)
    return IncidenceView(
        label=_(found.definition.label),
        definition=_(found.definition.text),
        summary=_("too few to be told") if found.suppressed else _(
            "n = %(n)s, events %(events)s, competing %(competing)s, missing %(missing)s"
        ) % {
            "n": sum(found.times.values()), "events": found.events,
            "competing": found.competing, "missing": found.missing,
        },
        at=[(day, percent(part)) for day, part in told if part is not None],
    )  # fmt: skip


def told_of(one: Counted) -> str:
    """What a bar shows, in words: `CRS grade 1 from day 0, 7 days; alive, 11 months`."""
    names = marks()
    parts = [
        _("%(what)s grade %(grade)s from day %(day)s, %(days)s days")
        % {
            "what": names[scale][1], "grade": toxic.grade, "day": signed(toxic.onset_day),
            "days": f"{toxic.duration_days}{'+' * toxic.ongoing}",
        }
        for scale, toxic in ((name, one.of_scale(name)) for name in ("crs", "icans"))
        if toxic.onset_day is not None
    ]  # fmt: skip
    parts += [
        _("%(what)s on day %(day)s") % {"what": names[kind][1], "day": signed(day)}
        for kind, day in events_of(one)
    ]
    if one.died_on is None:
        last = _("alive at the last contact, day %(day)s")
        parts.append(last % {"day": signed(one.followed_days or 0)})
    return "; ".join(parts)
