"""The indicators of a programme: how each is defined, and what the data say or cannot say.

Every definition is ours unless it names a source. A rate is always told as so many of so many.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType

from exports.domain import indicator_words as words
from exports.domain.counted import Counted, between
from exports.domain.summaries import (
    Definition,
    Proportion,
    Summary,
    Value,
    proportion_of,
    summary_of,
    suppressed,
)

EARLY, LATER, YEAR = 30, 100, 365  # days of the definitions


@dataclass(frozen=True)
class Indicator:
    """One indicator: a length, a rate, or neither where the data cannot say it."""

    definition: Definition
    length: Summary | None = None
    rate: Proportion | None = None


Lengths = Callable[[Counted], Value | None]
Answers = Callable[[Counted], bool | None]


def _by(day: int | None, limit: int, one: Counted) -> bool | None:
    """Whether something on a day came by a limit; no only for who was followed that long."""
    if day is not None and day <= limit:
        return True
    followed = one.followed_days
    return False if followed is not None and (followed >= limit or day is not None) else None


_LENGTHS: Mapping[str, Lengths] = MappingProxyType(
    {
        "referral_to_enrolment": lambda one: between(one.referred_on, one.enrolled_on),
        "enrolment_to_apheresis": lambda one: one.days_to_apheresis,
        "decision_to_infusion": lambda one: (
            between(one.accepted_on, one.infused_on) if one.infused else None
        ),
        "door_to_door": lambda one: (
            between(one.referred_on, one.discharged_on) if one.discharged_on else None
        ),
        "vein_to_vein": lambda one: (
            between(one.last_collected_on, one.infused_on) if one.infused else None
        ),
        "length_of_stay": lambda one: one.stay,
        "neutropenia": lambda one: one.neutropenia,
        "crs_onset": lambda one: one.of_scale("crs").onset if one.infused else None,
        "crs_duration": lambda one: one.of_scale("crs").duration if one.infused else None,
        "icans_onset": lambda one: one.of_scale("icans").onset if one.infused else None,
        "icans_duration": lambda one: one.of_scale("icans").duration if one.infused else None,
    }
)


def _depletion_in_window(one: Counted) -> bool | None:
    if one.last_depletion_on is None or one.infused_on is None or one.depletion_window is None:
        return None
    least, most = one.depletion_window
    return timedelta(least) <= one.infused_on - one.last_depletion_on <= timedelta(most)


def _low_immunoglobulin(one: Counted) -> bool | None:
    return True if one.immunoglobulin else one.igg_low


def _readmitted(one: Counted) -> bool | None:
    return one.readmitted if not one.in_hospital else None


def _left(one: Counted) -> bool | None:
    """Whether it ended without an infusion; not known of one under way."""
    if one.infused:
        return False
    return True if one.ended or one.died_on is not None else None


def _consolidated(one: Counted) -> bool | None:
    return one.allo_consolidating or (one.allo_after and None)


_OF_INFUSED: Mapping[str, Answers] = MappingProxyType(
    {
        "depletion_in_window": _depletion_in_window,
        "crs_any": lambda one: one.of_scale("crs").reached(1),
        "crs_severe": lambda one: one.of_scale("crs").reached(3),
        "icans_any": lambda one: one.of_scale("icans").reached(1),
        "icans_severe": lambda one: one.of_scale("icans").reached(3),
        "iec_hs": lambda one: one.of_scale("iec_hs").reached(1),
        "tocilizumab": lambda one: one.tocilizumab_doses > 0,
        "steroids": lambda one: one.steroids,
        "intensive_care": lambda one: one.intensive,
        "bacteraemia_30": lambda one: _by(one.bacteraemia_day, EARLY, one),
        "bacteraemia_100": lambda one: _by(one.bacteraemia_day, LATER, one),
        "virus_30": lambda one: _by(one.virus_day, EARLY, one),
        "virus_100": lambda one: _by(one.virus_day, LATER, one),
        "mortality_30": lambda one: one.dead_by(EARLY),
        "mortality_100": lambda one: one.dead_by(LATER),
        "mortality_year": lambda one: one.dead_by(YEAR),
        "remission": lambda one: one.remission,
        "mrd_negative": lambda one: one.mrd_negative,
        "low_immunoglobulin": _low_immunoglobulin,
    }
)
_OF_SOME: Mapping[str, Callable[[Iterable[Counted]], list[bool | None]]] = MappingProxyType(
    {
        "attrition": lambda all_: [_left(one) for one in all_],
        "delay_burden": lambda all_: [one.holds > 0 for one in all_],
        "reapheresis": lambda all_: [
            one.attempts_ended > 1 for one in all_ if one.attempts_ended
        ],
        "infusion_cancelled": lambda all_: [
            not one.infused for one in all_ if one.depletion_complete and (one.infused or one.ended)
        ],
        "readmission": lambda all_: [
            _readmitted(one) for one in all_ if one.infused and one.discharged_on
        ],
        "consolidation": lambda all_: [
            _consolidated(one) for one in all_ if one.infused and one.remission
        ],
        "cd19_negative_relapse": lambda all_: [
            {"negative": True, "positive": False, "dim": False}.get(one.relapse_cd19 or "")
            for one in all_ if one.relapsed_on
        ],
    }
)  # fmt: skip
# Counted in things, not in patients: so many of so many.
_THINGS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "apheresis_success": ("attempts_adequate", "attempts_ended"),
        "manufacturing_failure": ("products_failed", "products_ordered"),
        "wastage": ("products_wasted", "products_ordered"),
    }
)


def indicators_of(
    patients: Iterable[Counted], due: Mapping[str, tuple[int, int]], *, least: int = 0
) -> tuple[Indicator, ...]:
    """Every indicator in the order of its definitions.

    `due` is how many items of the schedule were due and done in time, of the registries' forms and
    of all. Where `least` is given, a rate that counts fewer patients is not told.
    """
    counted = tuple(patients)
    infused = tuple(one for one in counted if one.infused)
    return tuple(_indicator(one, counted, infused, due, least) for one in words.DEFINITIONS)


def _indicator(
    definition: Definition,
    counted: tuple[Counted, ...],
    infused: tuple[Counted, ...],
    due: Mapping[str, tuple[int, int]],
    least: int,
) -> Indicator:
    code = definition.code
    if code in _LENGTHS:
        found = (_LENGTHS[code](one) for one in counted)
        return Indicator(definition, length=summary_of(one for one in found if one is not None))
    if code in _OF_INFUSED:
        answers = [_OF_INFUSED[code](one) for one in infused]
        return Indicator(definition, rate=_told(proportion_of(answers), least))
    if code in _OF_SOME:
        return Indicator(definition, rate=_told(proportion_of(_OF_SOME[code](counted)), least))
    if code in _THINGS:
        part, whole = (sum(getattr(one, name) or 0 for one in counted) for name in _THINGS[code])
        return Indicator(definition, rate=_told(Proportion(part, whole), least))
    if code in due:
        whole, part = due[code]
        return Indicator(definition, rate=_told(Proportion(part, whole), least))
    return Indicator(definition)


def _told(found: Proportion, least: int) -> Proportion:
    return suppressed(found, least) if least else found
