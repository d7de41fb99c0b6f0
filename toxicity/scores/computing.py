"""The scores of a course, each as the centre uses it: computed, or not used and said to be so."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from types import MappingProxyType

from patients.domain.ranges import Ranges
from patients.models import Course
from protocol.selectors import settings_of
from toxicity.domain.all_hematotox import RULE_VERSION as ALL_HEMATOTOX
from toxicity.domain.chart_risks import easix_score, hematotox_score
from toxicity.domain.chart_values import MEASURES, Result, in_unit
from toxicity.domain.count_scores import icaht_score, neutropenia_score, t_icaht_score
from toxicity.domain.iec_hs_results import Proposed, Screened, proposed, screened
from toxicity.domain.immunity_scores import aplasia_score, igg_score
from toxicity.domain.rules import RISKS, Mode, ToxicityRules
from toxicity.domain.scales import Scale
from toxicity.domain.scores import CourseKnown, Score
from toxicity.scores.facts import known_of, results_of

DISABLED = "disabled"  # no table is loaded: nobody can turn it on yet
ALL_HT = "all_hematotox"


@dataclass(frozen=True)
class Asked:
    """What every score may look at."""

    results: tuple[Result, ...]
    known: CourseKnown
    rules: ToxicityRules
    ranges: Ranges

    def usual(self, analyte: str) -> tuple[Decimal, Decimal] | None:
        """The usual range of an analyte in the unit of the scales; None where there is none."""
        found = self.ranges.analyte(analyte)
        if found is None or found.usual is None:
            return None
        low, high = (in_unit(analyte, end, found.unit) for end in found.usual)
        return None if low is None or high is None else (low, high)

    def usuals(self) -> dict[str, tuple[Decimal, Decimal]]:
        """The usual ranges of all analytes that have one."""
        found = {analyte: self.usual(analyte) for analyte in MEASURES}
        return {analyte: span for analyte, span in found.items() if span is not None}


@dataclass(frozen=True)
class Listed:
    """A score as the centre uses it; `score` only where it is computed."""

    code: str
    mode: str
    score: Score | None = None
    rule_version: str = ""


def asked_of(course: Course, *, today: date) -> Asked:
    """Of a course now, in two queries."""
    settings = settings_of(course.protocol)
    return Asked(
        results_of(course),
        known_of(course, today=today),
        ToxicityRules.of(settings),
        settings.section("ranges", Ranges),
    )


def screen_of(asked: Asked) -> Screened | None:
    """What the laboratory says of IEC-HS, only where the centre has that scale computed."""
    if asked.rules.mode(Scale.IEC_HS) is not Mode.COMPUTED:
        return None
    return screened(asked.results, asked.known, asked.rules.scores, asked.usuals(),
                    asked.rules.iec_hs_limbs.value)  # fmt: skip


def proposals_of(asked: Asked) -> Proposed:
    """What the form of IEC-HS proposes; it is recorded anyhow, so no scale need be computed."""
    return proposed(asked.results, asked.known, asked.rules.scores, asked.usuals())


def scores_of(asked: Asked) -> tuple[Listed, ...]:
    """Every score, then the scales of the bedside, which are graded there."""
    risks = tuple(_listed(code, asked) for code in RISKS)
    waiting = Listed(ALL_HT, DISABLED, rule_version=ALL_HEMATOTOX)
    bedside = tuple(Listed(scale.value, asked.rules.mode(scale).value) for scale in Scale)
    return (*risks, waiting, *bedside)


def _listed(code: str, asked: Asked) -> Listed:
    mode = asked.rules.mode(code)
    if mode is not Mode.COMPUTED:
        return Listed(code, mode.value)
    score = _SCORES[code](asked)
    return Listed(code, mode.value, score, score.rule_version)


def _neutropenia(asked: Asked) -> Score:
    usual = asked.usual("ANC")
    return neutropenia_score(
        asked.results, asked.known, asked.rules.scores, usual[0] if usual is not None else None
    )


_SCORES: Mapping[str, Callable[[Asked], Score]] = MappingProxyType(
    {
        "icaht": lambda a: icaht_score(a.results, a.known, a.rules.scores),
        "t_icaht": lambda a: t_icaht_score(a.results, a.known),
        "neutropenia": _neutropenia,
        "car_hematotox": lambda a: hematotox_score(a.results, a.known, a.rules.scores),
        "easix": lambda a: easix_score(a.results, a.known, a.rules.scores),
        "b_cell_aplasia": lambda a: aplasia_score(a.results, a.known, a.rules.scores),
        "igg": lambda a: igg_score(a.results, a.known, a.rules.scores),
    }
)
