"""From what the board knows to what it says: cards and rows in the reader's language."""

from dataclasses import astuple
from datetime import date
from functools import cache

from django.urls import reverse
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import Permission
from accounts.wording import day_text
from desk.board import Rules, Standing
from desk.endings import deferred_until
from desk.shapes import CARD_WORDS, CardView, CardWords
from pathway.domain.facts import LOST_PRODUCT
from pathway.domain.spine import Stage
from pathway.hold_clocks import clock_text
from pathway.loading_companions import CompanionRow
from pathway.wording import state_name
from patients.domain.delays import DelayReasons
from patients.models.courses import StayUnit
from reminders.domain.items import Schedule
from reminders.domain.schedule import overdue
from reminders.domain.wanted import label_in
from terms.day_numbers import day_number

# Which companions say something at which stage, in the order in which they say it.
_BESIDE: dict[str, tuple[str, ...]] = {
    Stage.ELIGIBILITY: ("eligibility", "containment"),
    Stage.APHERESIS: ("apheresis", "containment"),
    Stage.BRIDGING: ("product", "bridging"),
    Stage.LYMPHODEPLETION: ("lymphodepletion", "product"),
    Stage.INFUSION: (),
}
_SILENT = frozenset({"closed", "cancelled", "not_needed", "none"})


def card(user: User, standing: Standing, rules: Rules, today: date) -> CardView:
    """The card of one course."""
    named = user.may(Permission.SEE_IDENTITY)
    name = f"{standing.family.upper()}, {standing.given}" if named else standing.code
    return CardView(
        name=name,
        code=standing.code,
        url=reverse("course", args=[standing.course_id]),
        product=standing.product if len(rules.products) > 1 else "",
        days=_days(standing, today),
        target=standing.target,
        day=_day(standing, today),
        holds=hold_reasons(standing, rules),
        line=" · ".join([*_unreadable(standing, rules), *_lines(standing, today)]),
        need=_need(standing, rules, today, named),
        clock=_clock(standing, rules, today),
        unchecked=standing.unchecked,
        mine=user.pk in (standing.coordinator, standing.haematologist),
        words=_words(get_language() or "en"),
    )


@cache
def _words(language: str) -> CardWords:
    """The words of all cards in one language."""
    with override(language):
        return CardWords(*(str(word) for word in astuple(CARD_WORDS)))


def hold_reasons(standing: Standing, rules: Rules) -> tuple[str, ...]:
    """The reasons of the open holds, as the course's protocol names them, else their codes."""
    protocol = rules.by_protocol.get(standing.protocol_id)
    if protocol is None:
        return tuple(standing.holds)
    known = protocol.section("delay_reasons", DelayReasons)
    language = get_language() or "en"
    return tuple(known.named(code).in_language(language) for code in standing.holds)


def _unreadable(standing: Standing, rules: Rules) -> list[str]:
    """Said where no target, no clock and no name of an item is known."""
    if standing.protocol_id in rules.by_protocol:
        return []
    return [_("The rules of this course cannot be read")]


def _clock(standing: Standing, rules: Rules, today: date) -> str:
    """How long lymphodepletion still serves while the infusion waits."""
    if not standing.infusion_held or standing.protocol_id not in rules.by_protocol:
        return ""
    return clock_text(
        standing.companions,
        stage=standing.stage,
        stage_since=standing.stage_since,
        most=rules.hold_days(standing.protocol_id),
        today=today,
    )


def _days(standing: Standing, today: date) -> int | None:
    """Days in the stage; in follow-up the day number says more."""
    if standing.stage == Stage.FOLLOW_UP:
        return None
    return (today - standing.stage_since).days


def _day(standing: Standing, today: date) -> int | None:
    """Today's day number: from day 0, or up to a planned one once lymphodepletion is near."""
    if standing.infused_on is not None:
        return day_number(today, standing.infused_on)
    planned = standing.planned_infusion
    if standing.stage == Stage.LYMPHODEPLETION and planned is not None and today < planned:
        return day_number(today, planned)
    return None


def _lines(standing: Standing, today: date) -> list[str]:
    lines = []
    for machine in _BESIDE.get(standing.stage, ()):
        rows = [row for row in standing.companions if row.machine == machine]
        if rows and rows[-1].state not in _SILENT:
            lines.append(_companion_line(rows[-1]))
    planned = standing.planned_infusion
    if standing.stage == Stage.LYMPHODEPLETION and planned is not None and planned <= today:
        lines.append(_("Infusion planned for %(on)s, not recorded") % {"on": day_text(planned)})
    if standing.unit:
        lines.append(str(StayUnit(standing.unit).label))
    if standing.stage == Stage.BRIDGING and not any(
        row.machine == "product" and row.state not in LOST_PRODUCT for row in standing.companions
    ):
        lines.insert(0, _("No product ordered"))
    return lines


def _companion_line(row: CompanionRow) -> str:
    """`Inotuzumab ozogamicin: on hold`, `In manufacture, expected 01-Dec-2026`."""
    state = state_name(row.machine, row.state)
    if row.machine in ("bridging", "containment"):
        return f"{row.title}: {state.lower()}"
    if row.machine == "product" and row.expected_on and row.state not in ("stored", "infused"):
        return _("%(state)s, expected %(on)s") % {"state": state, "on": day_text(row.expected_on)}
    if until := deferred_until(row):
        return _("%(state)s, review on %(on)s") % {"state": state, "on": until}
    if row.machine == "apheresis" and row.planned_on and row.state in ("scheduled", "cleared"):
        return _("%(state)s for %(on)s") % {"state": state, "on": day_text(row.planned_on)}
    return state


def _need(standing: Standing, rules: Rules, today: date, named: bool) -> str:
    """What falls due. Before follow-up the stage itself says what is next, unless it is late."""
    on, until = standing.due_on, standing.due_until
    if on is None or until is None:
        return ""
    performed_on = standing.due_performed_on
    late = overdue(until, today) or performed_on is not None
    if standing.stage != Stage.FOLLOW_UP and not late:
        return ""
    said = {"label": _due_label(standing, rules, named), "on": day_text(on)}
    if performed_on is not None:
        said["on"] = day_text(performed_on)
        return _("%(label)s: done on %(on)s, result awaited") % said
    if late:
        return _("%(label)s: overdue since %(on)s") % said
    return _("%(label)s: due %(on)s") % said


def _due_label(standing: Standing, rules: Rules, named: bool) -> str:
    """What the course's protocol calls the item; its code when that version does not say so."""
    protocol = rules.by_protocol.get(standing.protocol_id)
    schedule = None if protocol is None else protocol.section("schedule", Schedule)
    label = label_in(
        schedule, standing.due_item, standing.due_ordinal, doubtful=standing.due_unsure,
        words=standing.due_words if named else "",
    )  # fmt: skip
    return label.in_language(get_language() or "en")
