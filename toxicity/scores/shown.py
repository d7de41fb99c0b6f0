"""The scores of a course as the page shows them, in the reader's language."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any

from django.utils.translation import gettext as _

from accounts.wording import day_text
from patients.lab_forms import analyte_label
from patients.result_pages import shown
from terms.day_numbers import day_number
from terms.words import N_
from toxicity.calculators.answers import Finding, rounded
from toxicity.calculators.scales import SCALES
from toxicity.domain.chart_values import Result
from toxicity.domain.iec_hs_results import Screened
from toxicity.domain.rules import MODE_NAMES, Mode
from toxicity.domain.scores import Part, Score, State
from toxicity.flowsheet import signed
from toxicity.scores.computing import DISABLED, Asked, Listed
from toxicity.scores.words import PART_TITLES, STATES, TITLES, WHY, age_words, findings_of
from toxicity.wording.iec_hs_words import criteria_words, screen_words

_MODES: Mapping[str, str] = MappingProxyType(
    {
        Mode.OFF: N_("Not used by this centre: nothing is computed."),
        Mode.RECORD_ONLY: N_(
            "No grade is computed here: whoever looks picks it beside the published table."
        ),
        Mode.COMPUTED: N_("Computed from the signs of each check, on the flowsheet."),
        DISABLED: N_("Disabled until a centre loads the table of its publication."),
    }
)
_SOURCES: Mapping[str, str] = MappingProxyType(
    {
        "neutropenia": "CTCAE v5 (NCI 2017); Rejeski K et al. Blood 2021;138:2499-2513",
        "igg": "Hill JA et al. Blood Rev 2019;38:100596; AAAAI work group 2022 (PMC11272770)",
    }
)


@dataclass(frozen=True)
class PartView:
    """One part: its findings, or the kind of emptiness it has."""

    title: str
    findings: tuple[Finding, ...] = ()
    absent: str = ""  # `future`, `not_recorded` or `ended`
    text: str = ""


@dataclass(frozen=True)
class ValueRow:
    """One value with where it stands; `why` says why it is not counted."""

    analyte: str
    day: str
    on: str
    text: str
    source: str
    age: str
    why: str = ""


@dataclass(frozen=True)
class TrendRow:
    """The indices of one day."""

    day: str
    on: str
    numbers: tuple[str, ...]


@dataclass(frozen=True)
class ScoreView:
    """One score; `text` says why nothing is computed where nothing is."""

    code: str
    title: str
    computed: bool
    text: str = ""
    parts: tuple[PartView, ...] = ()
    trend: tuple[TrendRow, ...] = ()
    used: tuple[ValueRow, ...] = ()
    unused: tuple[ValueRow, ...] = ()
    source: str = ""
    rule_version: str = ""


def views_of(asked: Asked, listed: tuple[Listed, ...]) -> tuple[ScoreView, ...]:
    """Every score in words."""
    return tuple(_view(asked, one) for one in listed)


def ends_words(asked: Asked) -> tuple[str, ...]:
    """What of the course the counting goes by, each said also where it is not recorded."""
    known = asked.known
    days = (
        (N_("Lymphodepletion"), known.depleted_on),
        (N_("Infusion (day 0)"), known.infused_on),
        (N_("Progression"), known.progressed_on),
        (N_("Next therapy"), known.next_therapy_on),
        (N_("Death"), known.died_on),
    )
    return tuple(
        f"{_(name)}: {day_text(on) if on is not None else _('none recorded')}" for name, on in days
    )


def _view(asked: Asked, listed: Listed) -> ScoreView:
    title = _(TITLES[listed.code])
    score = listed.score
    if score is None:
        return ScoreView(listed.code, title, computed=False, text=_(_MODES[listed.mode]),
                         rule_version=listed.rule_version)  # fmt: skip
    scale = SCALES.get(listed.code.replace("_", "-"))
    days = [part for part in score.parts if part.code == "day"]
    return ScoreView(
        listed.code,
        title,
        computed=True,
        text=_(MODE_NAMES[Mode.COMPUTED]),
        parts=tuple(_part(score, part) for part in score.parts if part.code != "day"),
        trend=tuple(_trend(part) for part in days),
        used=tuple(_values(asked, score)),
        unused=tuple(_row(asked, one.result, _(WHY[one.why])) for one in score.unused),
        source=_SOURCES[listed.code] if scale is None else scale.source,
        rule_version=listed.rule_version,
    )


def _part(score: Score, part: Part) -> PartView:
    title = _(PART_TITLES[part.code])
    if part.state is State.SAID:
        return PartView(title, findings_of(score, part))
    return PartView(title, absent=part.state.value, text=_(STATES[part.state]))


def _trend(part: Part) -> TrendRow:
    said: Any = part.figures
    numbers = [said[name] for name in ("easix", "log2_easix", "s_easix", "m_easix", "log2_m_easix")]
    shown_numbers = tuple("–" if one is None else rounded(one) for one in numbers)
    return TrendRow(signed(said["day"]), day_text(said["on"]), shown_numbers)


def _values(asked: Asked, score: Score) -> Iterator[ValueRow]:
    """Each value once, also where several parts take it."""
    for one in dict.fromkeys(score.used):
        yield _row(asked, one.result)


def _row(asked: Asked, result: Result, why: str = "") -> ValueRow:
    analyte = asked.ranges.analyte(result.analyte)
    on, known = result.on, asked.known
    return ValueRow(
        analyte_label(analyte) if analyte is not None else result.analyte,
        signed(day_number(on, known.infused_on)) if on and known.infused_on else "",
        day_text(on) if on is not None else _("no day"),
        shown(analyte, result.reading).text,
        result.source,
        _age(asked, on),
        why,
    )


def _age(asked: Asked, on: date | None) -> str:
    if on is None:
        return ""
    return age_words((asked.known.today - on).days)


@dataclass(frozen=True)
class ScreenView:
    """What the laboratory says of IEC-HS, with each criterion that can be compared."""

    suspected: bool
    text: str
    criteria: tuple[str, ...]
    rule_version: str


def screen_view(found: Screened | None) -> ScreenView | None:
    """The screen in words; None where it is not asked, which is said nowhere."""
    if found is None:
        return None
    return ScreenView(
        found.suspected,
        screen_words(found.found.screen),
        criteria_words(found.signs),
        found.found.grading.rule_version,
    )
