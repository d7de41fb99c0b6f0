"""The screen for IEC-HS from the results of a chart, and what its form proposes from them.

Whether a cytopenia is new, worsening or refractory, and whether ferritin rises rapidly, a clinician
says: the counts and the ferritin before are shown, and neither is a criterion by itself.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from toxicity.domain.chart_values import (
    MEASURES,
    Result,
    Taken,
    Unused,
    Why,
    decides,
    latest_within,
    nearest,
    of_analyte,
)
from toxicity.domain.iec_hs import IecHs, IecHsSigns, Screen, grade_iec_hs
from toxicity.domain.score_rules import ScoreRules
from toxicity.domain.scores import CourseKnown, day_after

ASKED = ("FERRITIN", "AST", "ALT", "FIBRINOGEN", "ANC", "PLT")
# CTCAE version 5, grade 4, in the units of the scales.
GRADE_4: Mapping[str, Decimal] = {"ANC": Decimal(500), "PLT": Decimal(25)}
_LIMITS = {"FERRITIN": "ferritin_uln", "AST": "ast_uln", "ALT": "alt_uln"}
_BASELINES = ("FERRITIN", "AST", "ALT")


@dataclass(frozen=True)
class Proposal:
    """What the chart says of one sign; without `taken` it is of the protocol's usual range."""

    name: str
    value: Decimal
    taken: Taken | None = None


@dataclass(frozen=True)
class Proposed:
    """What a form of IEC-HS proposes, and what is on record and cannot be proposed."""

    signs: Mapping[str, Proposal]
    unused: tuple[Unused, ...]
    before: Taken | None  # the ferritin before the latest one
    counts: tuple[Taken, ...]  # of grade 4 now


@dataclass(frozen=True)
class Screened:
    """What the laboratory says by itself, and from what."""

    found: IecHs
    signs: IecHsSigns
    proposed: Proposed

    @property
    def suspected(self) -> bool:
        """Whether its criteria are seen; only a clinician diagnoses."""
        return self.found.screen is Screen.SUSPECTED


def proposed(
    results: Iterable[Result],
    known: CourseKnown,
    rules: ScoreRules,
    usual: Mapping[str, tuple[Decimal, Decimal]],
) -> Proposed:
    """The latest results that are not too old, those at infusion, and the laboratory's limits.

    A result of which only a limit is known is no number that somebody could take over.
    """
    rows = tuple(one for one in results if one.analyte in ASKED)
    first, last = day_after(known.until, -rules.iec_hs_days.value), known.until
    signs: dict[str, Proposal] = {}
    unused: list[Unused] = []
    for analyte in ("FERRITIN", "AST", "ALT", "FIBRINOGEN"):
        taken, left = _exact(rows, analyte, first, last)
        unused += left
        if taken is not None:
            name = MEASURES[analyte].name
            signs[name] = Proposal(name, taken.value, taken)
    for analyte in _BASELINES if known.infused_on is not None else ():
        infused_on = known.infused_on or last
        begin = day_after(infused_on, -rules.baseline_days.value)
        taken, _left = _exact(rows, analyte, begin, infused_on)
        if taken is not None:
            name = f"{MEASURES[analyte].name}_baseline"
            signs[name] = Proposal(name, taken.value, taken)
    signs |= {one.name: one for one in _limits(usual)}
    latest = signs.get("ferritin")
    before = None if latest is None or latest.taken is None else _before(rows, latest.taken)
    return Proposed(signs, tuple(unused), before, _counts(rows, first, last))


def screened(
    results: Iterable[Result],
    known: CourseKnown,
    rules: ScoreRules,
    usual: Mapping[str, tuple[Decimal, Decimal]],
    needed: int,
) -> Screened | None:
    """The screen of an infused patient who lives; None before the infusion and after a death."""
    if known.infused_on is None or known.died_on is not None:
        return None
    rows = tuple(results)
    found = proposed(rows, known, rules, usual)
    values: dict[str, Any] = {name: one.value for name, one in found.signs.items()}
    values |= _beyond(rows, known, rules, values, needed)
    signs = IecHsSigns(**values)
    return Screened(grade_iec_hs(signs, needed=needed), signs, found)


def _beyond(
    rows: Iterable[Result],
    known: CourseKnown,
    rules: ScoreRules,
    values: Mapping[str, Any],
    needed: int,
) -> dict[str, Decimal]:
    """Results of which only a limit is known, where all that lies beyond it says the same."""
    first = day_after(known.until, -rules.iec_hs_days.value)
    found: dict[str, Decimal] = {}
    for analyte in ("FERRITIN", "AST", "ALT", "FIBRINOGEN"):
        taken, _left = latest_within(rows, analyte, first, known.until)
        name = MEASURES[analyte].name
        if taken is None or not taken.comparator:
            continue
        around = {key: value for key, value in values.items() if key.startswith(name)}

        def limbs(value: Decimal, name: str = name, around: dict[str, Any] = around) -> object:
            return grade_iec_hs(IecHsSigns(**{**around, name: value}), needed=needed).limbs

        if decides(taken, limbs):
            plain = limbs(taken.value) == limbs(nearest(taken))
            found[name] = taken.value if plain else nearest(taken)
    return found


def _exact(
    rows: Iterable[Result], analyte: str, first: date, last: date
) -> tuple[Taken | None, tuple[Unused, ...]]:
    taken, unused = latest_within(rows, analyte, first, last)
    if taken is not None and taken.comparator:
        return None, (Unused(taken.result, Why.LIMIT),)
    return taken, unused


def _limits(usual: Mapping[str, tuple[Decimal, Decimal]]) -> Iterable[Proposal]:
    for analyte, name in _LIMITS.items():
        if analyte in usual:
            yield Proposal(name, usual[analyte][1])
    if "FIBRINOGEN" in usual:
        yield Proposal("fibrinogen_lln", usual["FIBRINOGEN"][0])


def _before(rows: Iterable[Result], latest: Taken) -> Taken | None:
    earlier = [
        one
        for one in of_analyte(rows, "FERRITIN")
        if isinstance(one, Taken) and one.on < latest.on and not one.comparator
    ]
    return earlier[-1] if earlier else None


def _counts(rows: Iterable[Result], first: date, last: date) -> tuple[Taken, ...]:
    found = (latest_within(rows, analyte, first, last)[0] for analyte in GRADE_4)
    return tuple(
        one
        for one in found
        if one is not None
        and nearest(one) < GRADE_4[one.result.analyte]
        and decides(one, lambda v, limit=GRADE_4[one.result.analyte]: v < limit)  # type: ignore[misc]
    )
