"""B-cell aplasia and the prompt about immunoglobulins from the results of a chart."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from terms.words import N_
from toxicity.domain.b_cell_aplasia import RULE_VERSION as APLASIA_VERSION
from toxicity.domain.b_cell_aplasia import b_cell_aplasia
from toxicity.domain.chart_values import Result, Taken, Unused, Why, decides, latest_within, nearest
from toxicity.domain.grading import Status, Warning
from toxicity.domain.immunoglobulin import LOW, IggPrompt, igg_prompt
from toxicity.domain.immunoglobulin import RULE_VERSION as IGG_VERSION
from toxicity.domain.score_rules import ScoreRules
from toxicity.domain.scores import (
    CourseKnown,
    Figure,
    Part,
    Score,
    State,
    day_after,
    series,
)

_DAYS_OF_A_MONTH = Decimal("30.4375")


def aplasia_score(results: Iterable[Result], known: CourseKnown, rules: ScoreRules) -> Score:
    """From the first aplastic sample after the infusion to the first of two recovered ones."""
    if known.infused_on is None:
        return Score("b_cell_aplasia", (Part("course", State.FUTURE),), (), (), APLASIA_VERSION)
    threshold, start = rules.b_cell_threshold.value, known.infused_on
    counts = series(results, "CD19", start, known.until,
                    low=lambda v: v < threshold, deep=lambda v: v < threshold)  # fmt: skip
    if not counts.samples:
        part = Part("course", State.NOT_RECORDED, Status.NOT_GRADEABLE)
        return Score("b_cell_aplasia", (part,), (), counts.unused, APLASIA_VERSION)
    found = b_cell_aplasia([(one.on, nearest(one)) for one in counts.used], threshold)
    over = found.end is not None and not counts.blurred
    figures = {
        "threshold": threshold,
        "start": found.start,
        "end": found.end,
        "ongoing": found.ongoing,
        "seen_until": found.seen_until,
        "months": months_between(start, found.end or found.seen_until or start),
    }
    part = Part(
        "course",
        State.SAID,
        Status.FINAL if over else Status.PROVISIONAL,
        figures=figures if found.start is not None else {**figures, "months": None},
        warnings=_unclear(blurred=counts.blurred),
        found=found,
    )
    return Score("b_cell_aplasia", (part,), counts.used, counts.unused, APLASIA_VERSION)


def months_between(start: date, end: date) -> Decimal:
    """The months between two days to one decimal, as reports count them: days through 30.4375."""
    return ((end - start).days / _DAYS_OF_A_MONTH).quantize(Decimal("0.1"))


def _unclear(*, blurred: bool) -> tuple[Warning, ...]:
    if not blurred:
        return ()
    message = N_("Some samples could not be counted: they could move beginning or end.")
    return (Warning("values_unclear", message),)


@dataclass(frozen=True)
class Prompted:
    """What two guidances think of; None where what is not recorded would decide."""

    igg: Taken
    severity: str
    hill: bool | None
    aaaai: bool | None
    infections: int


def igg_score(results: Iterable[Result], known: CourseKnown, rules: ScoreRules) -> Score:
    """The latest IgG beside two guidances; one that is too old prompts nothing."""
    if known.died_on is not None:
        return Score("igg", (Part("latest", State.ENDED),), (), (), IGG_VERSION)
    first = day_after(known.today, -rules.igg_days.value)
    taken, unused = latest_within(results, "IGG", first, known.today)
    if taken is not None and not decides(taken, _bands):
        unused, taken = (*unused, Unused(taken.result, Why.LIMIT)), None
    if taken is None:
        said = any(one.result.on is not None for one in unused)
        part = Part("latest", State.SAID if said else State.NOT_RECORDED, Status.NOT_GRADEABLE)
        return Score("igg", (part,), (), unused, IGG_VERSION)
    found, missing = _prompted(taken, known, rules)
    status = Status.PROVISIONAL if None in (found.hill, found.aaaai) else Status.FINAL
    figures: dict[str, Figure] = {
        "igg": taken.value,
        "limit": taken.comparator,
        "severity": found.severity,
        "hill": found.hill,
        "aaaai": found.aaaai,
        "infections": found.infections,
        "on": taken.on,
    }
    part = Part("latest", State.SAID, status, None, figures, missing=missing, found=found,
                warnings=_replaced(known))  # fmt: skip
    return Score("igg", (part,), (taken,), (), IGG_VERSION)


def _replaced(known: CourseKnown) -> tuple[Warning, ...]:
    if not known.immunoglobulins:
        return ()
    message = N_("Immunoglobulin was given, the last time on %(on)s: IgG may be that of the drug.")
    return (Warning("replaced", message, {"on": known.immunoglobulins[-1]}),)


def _bands(value: Decimal) -> tuple[IggPrompt, IggPrompt]:
    """What the rules say of a value with nothing beside it, and with everything."""
    worst = igg_prompt(value, bacterial_infections=2, serious=True, poor_vaccine_response=True)
    return igg_prompt(value), worst


def _prompted(
    taken: Taken, known: CourseKnown, rules: ScoreRules
) -> tuple[Prompted, tuple[str, ...]]:
    """The prompt with what is known, where what is not known could not turn it."""
    since = day_after(known.today, -rules.infection_days.value)
    recent = [one for one in known.infections if since <= one.began_on <= known.today]
    sure = [one for one in recent if one.bacterial]
    maybe = [one for one in recent if one.bacterial is not False]
    line = rules.serious_infection.value
    value = nearest(taken)
    least = igg_prompt(
        value, bacterial_infections=len(sure),
        serious=any(one.severity is not None and one.severity >= line for one in sure),
    )  # fmt: skip
    most = igg_prompt(
        value, bacterial_infections=len(maybe),
        serious=any(one.severity is None or one.severity >= line for one in maybe),
        poor_vaccine_response=True,
    )  # fmt: skip
    hill = least.hill if least.hill == most.hill else None
    aaaai = least.aaaai if least.aaaai == most.aaaai else None
    missing = []
    if hill is None and value > LOW:
        missing.append("vaccine_response")
    elif None in (hill, aaaai):
        missing.append("infections")
    return Prompted(taken, least.severity, hill, aaaai, len(sure)), tuple(missing)
