"""The flowsheet of a course, gathered: rows of grades, drugs, infections and stays, day by day."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Subquery
from django.db.models.functions import JSONObject
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from accounts.permissions import Permission
from accounts.wording import month_name
from patients.models import Anchor, Course, Death, Stay
from patients.models.courses import AnchorKind, StayUnit
from protocol.selectors import settings_of
from terms.day_numbers import day_number, local_date
from toxicity.domain.flowsheet import (
    Cell,
    Days,
    Found,
    Kind,
    Span,
    StaySpan,
    bar_cells,
    dose_cells,
    grade_cells,
    stay_cells,
)
from toxicity.domain.given import BAG, DRUGS, ORGANISMS, OTHER, SITES
from toxicity.domain.grading import Status
from toxicity.domain.rules import FLOWSHEET_ROWS, ToxicityRules
from toxicity.domain.scales import SCALE_NAMES, Scale
from toxicity.flow_links import to_checks, to_given
from toxicity.given_records import doses_by_day, infections_by_day
from toxicity.models import Episode, Infection, first_entry
from toxicity.standing_grades import Standing, read, standing_grades
from toxicity.wording.flowsheet_words import CellView, cell_view, legend
from toxicity.wording.given_words import shown_unit

LAST_DAY, LATER_DAYS = 30, 30  # days 0 to 30 first, then 30 at a time: a matter of paper width
_OWN_ROWS = frozenset(FLOWSHEET_ROWS) & frozenset(DRUGS)


@dataclass(frozen=True)
class Known:
    """What the days of a course are counted and left empty by."""

    infused_on: date | None
    died_on: date | None = None
    stays: tuple[StaySpan, ...] = ()


@dataclass(frozen=True)
class DayHead:
    """The head of one column."""

    number: str
    on: date
    month: str
    today: bool


@dataclass(frozen=True)
class Row:
    """One row: what it is of, more of it in small, and its cells."""

    code: str
    label: str
    more: str
    cells: tuple[Cell, ...]
    views: tuple[CellView, ...]


@dataclass(frozen=True)
class Sheet:
    """Some days of a course; `later` and `earlier` are the first days of the pages around it."""

    days: Days
    infused_on: date
    heads: tuple[DayHead, ...]
    rows: tuple[Row, ...]
    headline: tuple[str, ...]
    legend: tuple[CellView, ...]
    earlier: int | None = None
    later: int | None = None


def known_of(course: Course) -> Known:
    """Infusion, death and stays of a course, in one query."""
    infusion = Anchor.objects.filter(
        course=OuterRef("pk"), kind=AnchorKind.INFUSION, actual_on__isnull=False
    )
    deaths = Death.objects.filter(patient=OuterRef("patient"), withdrawn_at=None)
    stays = Stay.objects.filter(course=OuterRef("pk")).order_by("began_on", "pk")
    found = Course.objects.filter(pk=course.pk).values_list(
        Subquery(infusion.values("actual_on")[:1]),
        Subquery(deaths.values("died_on")[:1]),
        ArraySubquery(
            stays.values(
                row=JSONObject(first="began_on", last="ended_on", unit="unit",
                               goes_on="ended_by_transfer")
            )
        ),
    )[0]  # fmt: skip
    return Known(found[0], found[1], tuple(_stay(row) for row in found[2]))


def _stay(row: Mapping[str, str | None]) -> StaySpan:
    first, last = row["first"], row["last"]
    return StaySpan(
        date.fromisoformat(first or ""),
        date.fromisoformat(last) if last else None,
        icu=row["unit"] == StayUnit.ICU,
        goes_on=bool(row["goes_on"]),
    )


def known_from(infused_on: date | None, died_on: date | None, stays: Iterable[Stay]) -> Known:
    """The same where a page has read them already."""
    return Known(
        infused_on,
        died_on,
        tuple(
            StaySpan(
                stay.began_on,
                stay.ended_on,
                icu=stay.unit == StayUnit.ICU,
                goes_on=stay.ended_by_transfer,
            )
            for stay in stays
        ),
    )


def first_day(asked: str, today_number: int) -> int:
    """The first day of the page asked for: 0, 31, 61 and so on, none that lies ahead."""
    wanted = int(asked) if asked.isascii() and asked.isdigit() and len(asked) <= 5 else 0
    wanted = min(wanted, max(today_number, 0))
    if wanted <= LAST_DAY:
        return 0
    return LAST_DAY + 1 + (wanted - LAST_DAY - 1) // LATER_DAYS * LATER_DAYS


def strip(course: Course, known: Known, *, today: date) -> Sheet | None:
    """Only the scales of the first days with the headline, in two queries; None before day 0."""
    if known.infused_on is None:
        return None
    days = _days(known, known.infused_on, 0, today)
    rows = tuple(_grade_rows(course, days).values())
    return _sheet(days, known.infused_on, rows, _headline(course, known.infused_on, rows))


def sheet(user: User, course: Course, known: Known, *, today: date, asked: str) -> Sheet | None:
    """The page of the flowsheet that shows the day `asked` for, in five queries; None before day 0.

    `asked` is what somebody typed: what is no number is the first page.
    """
    if known.infused_on is None:
        return None
    first = first_day(asked, day_number(today, known.infused_on))
    days = _days(known, known.infused_on, first, today)
    named = user.may(Permission.SEE_IDENTITY)
    rows: dict[str, Sequence[Row]] = {
        code: [row] for code, row in _grade_rows(course, days).items()
    }
    rows |= _drug_rows(course, days, named=named)
    rows["infections"] = _infection_rows(course, days, named=named)
    rows["stay"] = [_row("stay", _("Stay in hospital"), "", stay_cells(days))]
    order = ToxicityRules.of(settings_of(course.protocol)).flowsheet.rows.value
    shown = tuple(row for code in order for row in rows[code])
    found = _sheet(days, known.infused_on, shown, _headline(course, known.infused_on, shown))
    after = first + len(days.each)
    return replace(
        found,
        earlier=first_day(str(first - 1), first - 1) if first else None,
        later=after if after <= day_number(today, known.infused_on) else None,
    )


def moments(course: Course, days: Days) -> tuple[datetime, datetime]:
    """From the first moment of the days, included, to the last, left out, by the centre's clock."""
    zone = course.centre.zone
    end = days.last + timedelta(days=1)
    return (
        datetime.combine(days.first, time.min, tzinfo=zone),
        datetime.combine(end, time.min, tzinfo=zone),
    )


def _days(known: Known, infused_on: date, first: int, today: date) -> Days:
    count = LATER_DAYS if first else LAST_DAY + 1
    start = infused_on + timedelta(days=first)
    return Days(
        start,
        start + timedelta(days=count - 1),
        today,
        known.stays,
        known.died_on,
    )


def _grade_rows(course: Course, days: Days) -> dict[str, Row]:
    since, until = moments(course, days)
    rows = (
        standing_grades()
        .filter(
            assessment__course=course,
            assessment__observed_at__gte=since,
            assessment__observed_at__lt=until,
        )
        .order_by("assessment__observed_at", first_entry("assessment"))
    )
    by_scale: dict[str, list[Found]] = {}
    for one in read(rows):
        by_scale.setdefault(one.scale, []).append(_found(one, course))
    found = {}
    for scale in Scale:
        cells = grade_cells(days, by_scale.get(scale, []))
        views = tuple(to_checks(course, cell) for cell in cells)
        found[scale.value] = Row(scale.value, _(SCALE_NAMES[scale]), "", cells, views)
    return found


def _found(one: Standing, course: Course) -> Found:
    on = local_date(one.at, course.centre.zone)
    # A clinician's higher word that a correction left behind makes it as unsure as a sign does.
    status = one.status if one.lost is None else Status.PROVISIONAL
    return Found(on, one.grade, status, confirmed=one.reviewed, check=one.check)


def _drug_rows(course: Course, days: Days, *, named: bool) -> dict[str, Sequence[Row]]:
    """A row of each usual drug, and one of each other that was given on these days."""
    given = doses_by_day(course)
    rows: dict[str, Sequence[Row]] = {
        code: [_doses(course, code, _(DRUGS[code]), dose_cells(days, given.get((code, ""), {})))]
        for code in _OWN_ROWS
    }
    others = [
        _doses(course, "others", other if named and code == OTHER else _(DRUGS[code]),
               dose_cells(days, amounts))
        for (code, other), amounts in given.items()
        if code not in _OWN_ROWS and any(on in amounts for on in days.each)
    ]  # fmt: skip
    rows["others"] = others or [_row("others", _("Other drugs"), "", dose_cells(days, {}))]
    return rows


def _doses(course: Course, code: str, label: str, cells: tuple[Cell, ...]) -> Row:
    views = to_given(course, cells, Kind.GIVEN, "#given-{:%Y-%m-%d}")
    bags = any(cell.amount is not None and cell.amount.unit == BAG for cell in cells)
    return Row(code, label, shown_unit(BAG) if bags else "mg", cells, views)


def _infection_rows(course: Course, days: Days, *, named: bool) -> Sequence[Row]:
    until = min(days.last, days.today)
    by_day = infections_by_day(course, days.first, until)
    found: dict[int, Infection] = {row.pk: row for rows in by_day.values() for row in rows}
    rows = []
    for row in found.values():
        other = row.other_organism if named else ""
        cells = bar_cells(days, Span(row.began_on, row.ended_on))
        views = to_given(course, cells, Kind.INFECTION, f"#infection-{row.pk}")
        label = other or _(ORGANISMS[row.organism])
        rows.append(Row("infections", label, _(SITES[row.site]), cells, views))
    return rows or [_row("infections", _("Infections"), "", bar_cells(days, None))]


def _row(code: str, label: str, more: str, cells: tuple[Cell, ...]) -> Row:
    return Row(code, label, more, cells, tuple(cell_view(cell) for cell in cells))


def _sheet(days: Days, infused_on: date, rows: tuple[Row, ...], headline: tuple[str, ...]) -> Sheet:
    return Sheet(
        days,
        infused_on,
        tuple(_head(days, on, infused_on) for on in days.each),
        rows,
        headline,
        legend([row.cells for row in rows]),
    )


def _head(days: Days, on: date, infused_on: date) -> DayHead:
    number = day_number(on, infused_on)
    return DayHead(signed(number), on, month_name(on.month), on == days.today)


def signed(number: int) -> str:
    """`0`, `+6`, `−1`."""
    return f"+{number}" if number > 0 else str(number).replace("-", "−")


def _headline(course: Course, infused_on: date, rows: Iterable[Row]) -> tuple[str, ...]:
    """Every episode in one line, in one query; without any, what that is worth."""
    episodes = Episode.objects.filter(course=course).order_by("onset_at", "scale")
    found = tuple(episode_text(episode, infused_on) for episode in episodes)
    if found:
        return found
    graded = any(cell.kind is Kind.GRADE for row in rows for cell in row.cells)
    if graded:
        return (_("No episode follows from the checks that are recorded."),)
    return (_("No check with a grade is recorded in these days."),)


def episode_text(episode: Episode, infused_on: date) -> str:
    """`CRS grade 1, onset day +3, 4 days`; of one that nobody knows to be over `4+ days`."""
    said = {
        "what": _("%(scale)s grade %(grade)s")
        % {"scale": _(SCALE_NAMES[episode.scale]), "grade": episode.peak},
        "onset": signed(day_number(episode.onset_on, infused_on)),
        "last": signed(day_number(episode.last_on, infused_on)),
        "days": episode.days,
    }
    if not episode.ongoing:
        over = ngettext(
            "%(what)s, onset day %(onset)s, %(days)s day",
            "%(what)s, onset day %(onset)s, %(days)s days",
            episode.days,
        )
        return over % said
    if episode.to_confirm:
        return _("%(what)s, onset day %(onset)s, %(days)s+ days: over, to be confirmed") % said
    return _("%(what)s, onset day %(onset)s, ongoing on day %(last)s: %(days)s+ days") % said
