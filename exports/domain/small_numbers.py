"""What a report tells outside of the treating centre: no number by which somebody could be known.

A number from 1 to below `least` is not told, nor what it could be counted from: the rest of a rate,
the difference of two that lie in each other, the last part of a whole. How many are missing is
told: it says nothing of a patient.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType

from exports.domain.curves import Curve
from exports.domain.incidence import Incidence
from exports.domain.indicators import STEPS, Indicator
from exports.domain.summaries import Proportion, Summary, suppressed
from exports.domain.survival import Time, at_risk, estimate

# Whoever is in the first is in the second too: the difference would tell of few.
_WITHIN = (
    *(("crs_severe", "crs_any"), ("icans_severe", "icans_any"), ("mrd_negative", "remission")),
    *(("bacteraemia_30", "bacteraemia_100"), ("virus_30", "virus_100")),
    *(("mortality_30", "mortality_100"), ("mortality_100", "mortality_year")),
)
_ATTRITION = tuple(f"attrition_{stage}" for stage in STEPS)
# A length whose n is the first number of a rate.
COUNTED_BY: Mapping[str, str] = MappingProxyType(
    {
        **{f"{scale}_{what}": f"{scale}_any" for scale in ("crs", "icans")
           for what in ("onset", "duration")},
        **{f"{scale}_{what}": f"{scale}_any" for scale in ("crs", "icans")
           for what in ("onset_day", "duration_days")},
        "tocilizumab_doses": "tocilizumab",
        "dexamethasone_dose": "steroids",
        "steroid_dose": "steroids",
    }
)  # fmt: skip


def _small(number: int | None, least: int) -> bool:
    return number is not None and 0 < number < least


def summary_told(found: Summary, least: int, *, hidden: bool = False) -> Summary:
    """A statistic; without its n where that is small, or `hidden` is that it is told elsewhere."""
    n, censored = found.n or 0, found.censored or 0
    if hidden or _small(n, least):
        return Summary(None, found.missing, None, None, None, None, suppressed=True)
    if _small(n - censored, least):
        return Summary(n, found.missing, None, None, None, None, suppressed=True)
    if _small(censored, least):
        return replace(found, censored=None, longest_censored=None, suppressed=True)
    return found


def indicators_told(found: Iterable[Indicator], least: int) -> tuple[Indicator, ...]:
    """The indicators as they may be told."""
    listed = tuple(found)
    rates = {one.definition.code: one.rate for one in listed if one.rate is not None}
    told = {code: suppressed(rate, least) for code, rate in rates.items()}
    for inner, outer in _WITHIN:
        if _difference_is_small(rates[inner], rates[outer], least):
            told[inner] = _hidden(rates[inner])
    # The same patients, of other ones.
    if told["remission"].suppressed:
        told["remission_enrolled"] = _hidden(rates["remission_enrolled"])
    _hide_the_last_step(told, rates, least)
    return tuple(_told(one, told, least) for one in listed)


def _difference_is_small(inner: Proportion, outer: Proportion, least: int) -> bool:
    return _small(abs((outer.part or 0) - (inner.part or 0)), least)


def _hide_the_last_step(
    told: dict[str, Proportion], rates: Mapping[str, Proportion], least: int
) -> None:
    """Of steps that make a known whole one alone, or few together, could be counted: hide more."""
    if told["attrition"].suppressed:
        return
    shown = sorted(
        (code for code in _ATTRITION if not told[code].suppressed and rates[code].part),
        key=lambda code: rates[code].part or 0,
        reverse=True,
    )
    gone = [rates[code].part or 0 for code in _ATTRITION if told[code].suppressed]
    while gone and shown and (len(gone) == 1 or _small(sum(gone), least)):
        code = shown.pop()
        gone.append(rates[code].part or 0)
        told[code] = _hidden(rates[code])


def _hidden(rate: Proportion) -> Proportion:
    return Proportion(None, rate.of, rate.missing, suppressed=True)


def _told(one: Indicator, told: Mapping[str, Proportion], least: int) -> Indicator:
    code = one.definition.code
    if one.length is None:
        return replace(one, rate=told[code])
    hidden = is_hidden(code, one.length, told, least)
    return replace(one, length=summary_told(one.length, least, hidden=hidden))


def is_hidden(code: str, found: Summary, rates: Mapping[str, Proportion], least: int) -> bool:
    """Whether the n of a length would tell a rate that is not told, or how few it lacks."""
    if code not in COUNTED_BY:
        return False
    rate = rates[COUNTED_BY[code]]
    return rate.part is None or _small(abs((found.n or 0) - rate.part), least)


def statistics_told(
    found: Mapping[str, Summary], indicators: Iterable[Indicator], least: int
) -> dict[str, Summary]:
    """The statistics as they may be told beside `indicators` as they are told."""
    rates = {one.definition.code: one.rate for one in indicators if one.rate is not None}
    return {
        code: summary_told(summary, least, hidden=is_hidden(code, summary, rates, least))
        for code, summary in found.items()
    }


def incidence_told(found: Incidence, least: int) -> Incidence:
    """An incidence; nobody where few ended so, or otherwise, or are followed."""
    n = sum(found.times.values())
    few = (n, found.events, found.competing, n - found.events - found.competing)
    if not any(_small(number, least) for number in few):
        return found
    return replace(found, times={}, of={}, suppressed=True)


def curve_told(found: Curve, least: int) -> Curve:
    """A curve as far as `least` are at risk; without anybody where its events are few, or most."""
    lengths = sorted({one.length for one in found.times}, reverse=True)
    enough = zip(lengths, at_risk(found.times, lengths), strict=True)
    last = next((length for length, number in enough if number >= least), None)
    if last is None:
        return replace(found, times={}, suppressed=bool(found.times))
    times: dict[Time, int] = {}
    for one, number in found.times.items():
        until = one if one.length <= last else Time(last, event=False)
        times[until] = times.get(until, 0) + number
    told = estimate(times)
    if _small(told.events, least) or _small(told.censored, least):
        return replace(found, times={}, suppressed=True)
    return replace(found, times=times)
