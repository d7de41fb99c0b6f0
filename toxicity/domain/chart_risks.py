"""CAR-HEMATOTOX and the EASIX family from the results of a chart: which sample, and how old."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from types import MappingProxyType

from terms.day_numbers import day_number
from terms.words import N_
from toxicity.domain.car_hematotox import RULE_VERSION as HEMATOTOX_VERSION
from toxicity.domain.car_hematotox import Hematotox, HematotoxValues, car_hematotox, parts_of
from toxicity.domain.chart_values import (
    MEASURES,
    Result,
    Taken,
    Unused,
    Why,
    decides,
    latest_within,
    nearest,
)
from toxicity.domain.easix import RULE_VERSION as EASIX_VERSION
from toxicity.domain.easix import easix, log2_of
from toxicity.domain.grading import Status, Warning
from toxicity.domain.score_rules import ScoreRules
from toxicity.domain.scores import CourseKnown, Figure, Part, Score, State, day_after

_HEMATOTOX = ("PLT", "ANC", "HB", "CRP", "FERRITIN")
_EASIX = ("LDH", "CREATININE", "PLT", "CRP")
_INPUTS = ("ldh", "creatinine", "plt", "crp")
_NOTHING: Mapping[str, Figure] = MappingProxyType({})
_LYMPHOMA = N_("Derived in lymphoma: in B-ALL nearly everybody is at high risk.")


@dataclass(frozen=True)
class Given:
    """What a score is computed from: by the name of its input, the value and where it stands."""

    values: Mapping[str, Decimal]
    taken: Mapping[str, Taken]
    unused: tuple[Unused, ...]


def reference_day(known: CourseKnown) -> date:
    """The day before which the values of a risk lie: the first of lymphodepletion, else today.

    A sample of that day counts as taken before the first dose. Without lymphodepletion the infusion
    takes its place.
    """
    return known.depleted_on or known.infused_on or known.until


def hematotox_score(results: Iterable[Result], known: CourseKnown, rules: ScoreRules) -> Score:
    """The score from the last values before lymphodepletion, or between what it lies."""
    given = _given(results, _HEMATOTOX, _window(known, rules), _of_score)
    found = car_hematotox(HematotoxValues(**given.values))
    asked = parts_of(HematotoxValues(**given.values))
    begun = known.depleted_on is not None or known.infused_on is not None
    missing = tuple(part.name for part in asked if part.points is None)
    state = State.SAID if given.values else State.NOT_RECORDED
    part = Part(
        "before_depletion",
        state,
        _status(given, missing, begun=begun),
        figures=_figures(found) if given.values else {},
        warnings=(
            *_not_begun(begun=begun),
            Warning("lymphoma", _LYMPHOMA),
        ),
        missing=missing,
        found=(found, asked, dict(given.values)),
    )  # fmt: skip
    used = tuple(given.taken.values())
    return Score("car_hematotox", (part,), used, given.unused, HEMATOTOX_VERSION)


def easix_score(results: Iterable[Result], known: CourseKnown, rules: ScoreRules) -> Score:
    """The indices before lymphodepletion, and of each later day with LDH and platelets."""
    rows = tuple(results)
    begun = known.depleted_on is not None or known.infused_on is not None
    before = _given(rows, _EASIX, _window(known, rules), _of_index)
    parts = [_indices("before_depletion", before, begun=begun)]
    used, unused = list(before.taken.values()), list(before.unused)
    for on in _days(rows, known, rules):
        given = _given(rows, _EASIX, (on, on), _of_index)
        unused += [one for one in given.unused if one.result.on == on]
        if {"ldh", "plt"} <= given.values.keys():
            day: dict[str, Figure] = {"on": on, "day": day_number(on, known.infused_on or on)}
            parts.append(_indices("day", given, begun=True, day=day))
            used += given.taken.values()
    return Score("easix", tuple(parts), tuple(used), tuple(dict.fromkeys(unused)), EASIX_VERSION)


def _days(rows: Iterable[Result], known: CourseKnown, rules: ScoreRules) -> list[date]:
    """The days after the infusion with a value of LDH, up to the protocol's last."""
    if known.infused_on is None:
        return []
    last = min(known.until, day_after(known.infused_on, rules.easix_until_day.value))
    days = {one.on for one in rows if one.analyte == "LDH" and one.on is not None}
    return sorted(on for on in days if known.infused_on <= on <= last)


def _window(known: CourseKnown, rules: ScoreRules) -> tuple[date, date]:
    """From when to when a value is one before lymphodepletion."""
    last = reference_day(known)
    return day_after(last, -rules.before_depletion_days.value), last


def _given(
    results: Iterable[Result],
    analytes: Iterable[str],
    window: tuple[date, date],
    number: Callable[[Taken], Decimal | None],
) -> Given:
    rows = tuple(results)
    taken: dict[str, Taken] = {}
    values: dict[str, Decimal] = {}
    unused: list[Unused] = []
    for analyte in analytes:
        found, left = latest_within(rows, analyte, *window)
        unused += left
        if found is None:
            continue
        name = MEASURES[analyte].name
        value = number(found)
        if value is None:
            unused.append(Unused(found.result, Why.LIMIT))
            continue
        taken[name], values[name] = found, value
    return Given(values, taken, tuple(unused))


def _of_index(taken: Taken) -> Decimal | None:
    """A number to compute with; of a CRP below detection its limit, as published."""
    if not taken.comparator:
        return taken.value
    below = taken.comparator == "<" and taken.result.analyte == "CRP"
    return taken.value if below else None


def _of_score(taken: Taken) -> Decimal | None:
    """A number that gives the points that every possible value gives."""
    name = MEASURES[taken.result.analyte].name

    def points(value: Decimal) -> int | None:
        asked = parts_of(HematotoxValues(**{name: value}))
        return next(part.points for part in asked if part.name == name)

    return nearest(taken) if decides(taken, points) else None


def _status(given: Given, missing: tuple[str, ...], *, begun: bool) -> Status:
    if not given.values:
        return Status.NOT_GRADEABLE
    return Status.FINAL if begun and not missing else Status.PROVISIONAL


def _figures(found: Hematotox) -> dict[str, Figure]:
    return {
        "score": found.score,
        "category": found.category,
        "minimum": found.minimum,
        "maximum": found.maximum,
    }


def _indices(code: str, given: Given, *, begun: bool, day: Mapping[str, Figure] = _NOTHING) -> Part:
    """The three indices of one day; `day` says which where there are several."""
    values = given.values
    found = easix(*(values.get(name) for name in _INPUTS))
    missing = tuple(name for name in _INPUTS if name not in values)
    indices = {"easix": found.easix, "s_easix": found.s_easix, "m_easix": found.m_easix}
    figures: dict[str, Figure] = {**indices}
    figures |= {f"log2_{name}": _log2(value) for name, value in indices.items()}
    crp = given.taken.get("crp")
    warnings = _not_begun(begun=begun)
    if crp is not None and crp.comparator:
        message = N_("CRP is below detection: its limit is computed with.")
        warnings = (*warnings, Warning("crp_limit", message))
    status = Status.NOT_GRADEABLE
    if found.s_easix is not None:
        status = Status.FINAL if begun and not missing else Status.PROVISIONAL
    return Part(
        code,
        State.SAID if values else State.NOT_RECORDED,
        status,
        figures={**figures, **day} if values else {},
        warnings=warnings,
        missing=missing,
        found=(found, dict(values)),
    )


def _log2(value: Decimal | None) -> Decimal | None:
    logarithm = log2_of(value)
    return None if logarithm is None else Decimal(repr(logarithm))


def _not_begun(*, begun: bool) -> tuple[Warning, ...]:
    if begun:
        return ()
    message = N_("Lymphodepletion has not begun: these are the latest values up to today.")
    return (Warning("not_begun", message),)
