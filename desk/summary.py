"""The summary of a course on one page, for the screen and for paper."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import Permission
from accounts.wording import day_text
from desk.rail import rail_view
from desk.shapes import IdentityView, Named
from pathway.domain.spine import SPINE
from pathway.loading import CourseState
from pathway.wording import state_name
from patients.domain.delays import DelayReasons
from patients.identity import identity_of
from patients.lab_forms import analyte_label, ranges_of
from patients.result_pages import examinations, shown, surface_pairs
from patients.results import latest_results, surface_of
from patients.selectors import Chart, chart_of
from protocol.selectors import settings_of
from reminders.models import WAITING
from reminders.selectors import reminders_of
from reminders.wording import item_text

# What one page of paper has room for; of more, the latest, and of what is due the next.
RELAPSES, LINES, EXAMINATIONS, DUE = 5, 10, 5, 6


@dataclass(frozen=True)
class SummarySection:
    """One part of the page; `none` is said where there is nothing."""

    title: str
    pairs: tuple[Named, ...]
    none: str


@dataclass(frozen=True)
class SummaryPage:
    """The whole page."""

    identity: IdentityView
    stage: str
    sections: tuple[SummarySection, ...]


def summary_page(user: User, state: CourseState, today: date) -> SummaryPage:
    """The summary as `user` may see it; `today` is a local date of the centre."""
    chart, not_recorded = chart_of(state.course), _("Not recorded")
    parts = (
        (_("Disease"), _disease(chart), not_recorded),
        (_("Earlier treatment"), _lines(user, chart), not_recorded),
        (_("Dates"), _dates(state, today), not_recorded),
        (_("Product"), _products(state), _("None ordered")),
        (_("In hospital"), _stay(user, state), _("No open stay is recorded.")),
        (_("Last results"), _results(state, today), not_recorded),
        (_("Examinations"), _examinations(chart), not_recorded),
        (_("On hold"), _holds(state), _("No open delay is recorded.")),
        (_("What is due"), _due(user, state), _("Nothing is open in the schedule.")),
    )
    return SummaryPage(
        identity=identity_of(
            user, state.course, today=today, infused_on=state.infused_on, died_on=state.deceased_on
        ),
        stage=state_name(SPINE.name, state.journey.stage),
        sections=tuple(SummarySection(*part) for part in parts),
    )


def _on(text: str) -> str:
    return text or _("date not known")


def _disease(chart: Chart) -> tuple[Named, ...]:
    known = {True: _("yes"), False: _("no"), None: _("not known")}
    pairs = [
        Named(
            one.disease,
            " · ".join(
                (
                    _on(one.on),
                    f"Ph: {one.get_ph_status_display() or _('not known')}",
                    f"{_('Central nervous system involved')}: {known[one.cns_involved]}",
                    f"{_('Extramedullary disease')}: {known[one.extramedullary]}",
                )
            ),
        )
        for one in chart.diagnoses
    ]
    relapses = [Named(str(one.get_kind_display()), _on(one.on)) for one in chart.relapses]
    return (*pairs, *relapses[-RELAPSES:], *_left(len(relapses) - RELAPSES))


def _lines(user: User, chart: Chart) -> tuple[Named, ...]:
    named = user.may(Permission.SEE_IDENTITY)
    lines = [(one.on, one.treatment, one.response if named else "") for one in chart.lines]
    lines += [
        (one.on, str(one.get_kind_display()), f"{one.donor} {one.conditioning}".strip())
        for one in chart.transplants
    ]
    pairs = [
        Named(what, " · ".join(filter(None, (_on(on), more))))
        for on, what, more in sorted(lines, key=lambda line: (not line[0], line[0]))
    ]
    return (*pairs[-LINES:], *_left(len(pairs) - LINES))


def _left(number: int) -> tuple[Named, ...]:
    """Say how many the page has no room for, where there are any."""
    if number <= 0:
        return ()
    left = _("%(number)s more are on the course's page.") % {"number": number}
    return (Named(_("Not shown here"), left),)


def _dates(state: CourseState, today: date) -> tuple[Named, ...]:
    """The boxes of Figure 2 with the days on which they began and ended."""
    boxes = rail_view(state, _reasons(state), today).boxes
    return tuple(
        Named(
            box.label,
            " – ".join(day_text(on) for on in dict.fromkeys((box.start, box.end)) if on)
            or str(box.state.word),
        )
        for box in boxes
    )


def _products(state: CourseState) -> tuple[Named, ...]:
    return tuple(
        Named(
            row.title or state.course.product,
            f"{state_name(row.machine, row.state)} ({day_text(row.state_since)})",
        )
        for row in state.of("product")
    )


def _stay(user: User, state: CourseState) -> tuple[Named, ...]:
    place = user.may(Permission.SEE_IDENTITY)
    return tuple(
        Named(
            str(stay.get_unit_display()),
            " · ".join(filter(None, (stay.place if place else "", day_text(stay.began_on)))),
        )
        for stay in state.stays
        if stay.ended_on is None
    )


def _results(state: CourseState, today: date) -> tuple[Named, ...]:
    ranges, latest = ranges_of(state.course), latest_results(state.course, until=today)
    pairs = []
    for analyte in ranges.analytes:
        if analyte.code in latest and analyte.group != "body":
            value = shown(analyte, latest[analyte.code])
            assert value.on is not None, "the latest are dated"
            words = (value.text, value.mark, day_text(value.on))
            pairs.append(Named(analyte_label(analyte), " · ".join(filter(None, words))))
    return (*pairs, *surface_pairs(surface_of(state.course, latest, today)))


def _examinations(chart: Chart) -> tuple[Named, ...]:
    latest = examinations(chart.marrows, chart.images, chart.csf)
    pairs = [Named(one.what, f"{one.on.iso()} · {one.text}") for one in latest[:EXAMINATIONS]]
    return (*pairs, *_left(len(latest) - EXAMINATIONS))


def _reasons(state: CourseState) -> dict[str, str]:
    known = settings_of(state.course.protocol).section("delay_reasons", DelayReasons)
    language = get_language() or "en"
    codes = {*known.by_code, *(hold.reason_code for hold in state.holds)}
    return {code: known.named(code).in_language(language) for code in codes}


def _holds(state: CourseState) -> tuple[Named, ...]:
    reasons = _reasons(state)
    return tuple(
        Named(
            state_name(SPINE.name, hold.step),
            f"{reasons[hold.reason_code]} · {day_text(hold.began_on)}",
        )
        for hold in state.open_holds
    )


def _due(user: User, state: CourseState) -> tuple[Named, ...]:
    waiting = reminders_of(user, state.course.pk).filter(status__in=WAITING)
    rows = list(waiting.order_by("due_on", "pk"))
    pairs = [Named(item_text(row, user), day_text(row.due_on)) for row in rows[:DUE]]
    return (*pairs, *_left(len(rows) - DUE))
