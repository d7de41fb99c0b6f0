"""Comparing a recorded infusion of tocilizumab with the protocol's dose, cap, gap and count.

It never says what to give: it says how what was recorded differs, for somebody to look again.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from patients.domain.body import Measure
from terms.words import N_
from toxicity.domain.amounts import in_mg, plain
from toxicity.domain.grading import Warning
from toxicity.domain.rules import Tocilizumab

_DAY = timedelta(hours=24)


@dataclass(frozen=True)
class Infusion:
    """One infusion as it was recorded, and what was known then.

    `dose` is None where nobody knows it. `on` is its local day; `weight` the latest one up to that
    day, None where there is none.
    `others` are the moments of all other infusions of the course, before and after it.
    """

    dose: Decimal | None
    unit: str
    at: datetime
    on: date
    weight: Measure | None
    others: Sequence[datetime] = ()


def computed_mg(weight_kg: Decimal, rules: Tocilizumab) -> Decimal:
    """The dose by weight, capped; nothing is rounded."""
    light = weight_kg < rules.light_below_kg.value
    per_kg = rules.light_mg_per_kg if light else rules.mg_per_kg
    return min(weight_kg * per_kg.value, rules.most_mg.value)


def doubts_about(infusion: Infusion, rules: Tocilizumab, weight_days: int) -> tuple[Warning, ...]:
    """Everything about a recorded infusion that somebody should look at again."""
    return (
        *_dose_doubts(infusion, rules, weight_days),
        *_gap_doubts(infusion, rules),
        *_count_doubts(infusion, rules),
    )


def _dose_doubts(infusion: Infusion, rules: Tocilizumab, weight_days: int) -> Iterator[Warning]:
    if infusion.dose is None:
        return
    dose, weight, cap = in_mg(infusion.dose, infusion.unit), infusion.weight, rules.most_mg.value
    if dose is None:
        yield Warning("not_in_mg", _NOT_IN_MG, {"unit": infusion.unit})
        return
    if dose > cap:
        yield Warning("over_cap", _OVER_CAP, {"dose": plain(dose), "cap": cap})
    if weight is None:
        yield Warning("weight_unknown", _NO_WEIGHT)
    elif (infusion.on - weight.on).days > weight_days:
        yield Warning("weight_old", _OLD_WEIGHT, {"on": weight.on, "days": weight_days})
    else:
        yield from _difference(dose, weight, rules)


def _difference(dose: Decimal, weight: Measure, rules: Tocilizumab) -> Iterator[Warning]:
    computed = computed_mg(weight.value, rules)
    if abs(dose - computed) * 100 <= computed * rules.tolerance_percent.value:
        return
    light = weight.value < rules.light_below_kg.value
    per_kg = rules.light_mg_per_kg if light else rules.mg_per_kg
    params = {
        "dose": plain(dose),
        "computed": plain(computed),
        "per_kg": per_kg.value,
        "weight": plain(weight.value),
        "on": weight.on,
        "cap": rules.most_mg.value,
    }
    yield Warning("dose_differs", _DIFFERS, params)


def _gap_doubts(infusion: Infusion, rules: Tocilizumab) -> Iterator[Warning]:
    hours = rules.gap_hours.value
    near = [at for at in infusion.others if abs(at - infusion.at) < timedelta(hours=hours)]
    if near:
        nearest = min(near, key=lambda at: abs(at - infusion.at))
        yield Warning("too_soon", _TOO_SOON, {"at": nearest, "hours": hours})


def _count_doubts(infusion: Infusion, rules: Tocilizumab) -> Iterator[Warning]:
    within = _most_in_a_day(infusion)
    if within > rules.most_in_24_hours.value:
        params = {"count": within, "most": rules.most_in_24_hours.value}
        yield Warning("too_many_in_24_hours", _MANY_IN_A_DAY, params)
    count = len(infusion.others) + 1
    if count > rules.most_in_all.value:
        params = {"count": count, "most": rules.most_in_all.value}
        yield Warning("too_many_in_all", _MANY_IN_ALL, params)


def _most_in_a_day(infusion: Infusion) -> int:
    """The most infusions in any 24 hours that this one falls into.

    24 hours after one begin the next 24: an infusion then is no longer within.
    """
    moments = [*infusion.others, infusion.at]
    starts = [at for at in moments if timedelta(0) <= infusion.at - at < _DAY]
    return max(sum(start <= at < start + _DAY for at in moments) for start in starts)


_NOT_IN_MG = N_("The dose is in %(unit)s: it could not be compared with the protocol's mg per kg.")
_OVER_CAP = N_("%(dose)s mg is above %(cap)s mg, the most of one infusion in the protocol.")
_NO_WEIGHT = N_("No weight is recorded up to that day: the dose could not be compared.")
_OLD_WEIGHT = N_(
    "The last weight, of %(on)s, is older than %(days)s days: the dose could not be compared."
)
_DIFFERS = N_(
    "%(dose)s mg differs from %(computed)s mg: %(per_kg)s mg/kg of %(weight)s kg (weighed on "
    "%(on)s), at most %(cap)s mg."
)
_TOO_SOON = N_("Another infusion is recorded at %(at)s: less than %(hours)s hours apart.")
_MANY_IN_A_DAY = N_(
    "This makes %(count)s infusions in 24 hours; the protocol says at most %(most)s."
)
_MANY_IN_ALL = N_("This makes %(count)s infusions in all; the protocol says at most %(most)s.")
