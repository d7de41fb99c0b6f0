"""The indicators of a programme: what each asks of a course, and what the data say together.

A rate is always told as so many of so many.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType

from exports.domain import indicator_words as words
from exports.domain.completeness import cells_of
from exports.domain.counted import EARLY, LATER, YEAR, Counted, between
from exports.domain.statistics import Lengths
from exports.domain.summaries import (
    MISSING,
    Definition,
    Proportion,
    Summary,
    Total,
    Value,
    summary_of,
)
from exports.domain.tally import Tally
from terms.words import Bilingual


@dataclass(frozen=True)
class Indicator:
    """One indicator: a length, a rate or a total; `name` says of what it is one of several."""

    definition: Definition
    length: Summary | None = None
    rate: Proportion | None = None
    total: Total | None = None
    name: Bilingual | str = ""  # of a protocol, or a msgid


Answers = Callable[[Counted], bool | None]


@dataclass(frozen=True)
class Asked:
    """What is asked, of which courses; None is not known."""

    answer: Answers
    of: Callable[[Counted], bool] = lambda one: one.infused


# The same figures as statistics.
_SAME: Mapping[str, str] = MappingProxyType(
    {
        "enrolment_to_apheresis": "enrolment_to_apheresis_days",
        "length_of_stay": "hospital_stay_days",
        "neutropenia": "neutropenia_days",
        "crs_onset": "crs_onset_day",
        "crs_duration": "crs_duration_days",
        "icans_onset": "icans_onset_day",
        "icans_duration": "icans_duration_days",
    }
)
LENGTHS: Mapping[str, Lengths] = MappingProxyType(
    {
        "referral_to_enrolment": lambda one: between(one.referred_on, one.enrolled_on),
        "decision_to_infusion": lambda one: (
            between(one.accepted_on, one.infused_on) if one.infused else None
        ),
        "door_to_door": lambda one: (
            between(one.referred_on, one.discharged_on) if one.discharged_on else None
        ),
        "vein_to_vein": lambda one: (
            between(one.material_on or one.last_collected_on, one.infused_on)
            if one.infused
            else None
        ),
        "manufacturing_turnaround": lambda one: (
            between(one.material_arrived_on, one.product_released_on)
            if one.product_released
            else None
        ),
        "collection_to_receipt": lambda one: (
            between(one.material_on, one.product_received_on) if one.infused else None
        ),
        "thaw_to_infusion": lambda one: _thawed(one) if one.infused else None,
        "tocilizumab_latency": lambda one: (
            None if one.latency_hours is None else Value(one.latency_hours)
        ),
        "tocilizumab_doses": lambda one: (
            Value(one.tocilizumab_doses) if one.infused and one.tocilizumab_doses else None
        ),
        "steroid_dose": lambda one: (
            Value(one.steroids_mg) if one.infused and one.steroids else None
        ),
        "dexamethasone_dose": lambda one: (
            Value(one.dexamethasone_mg) if one.infused and one.dexamethasone else None
        ),
    }
)


def _by(day: int | None, limit: int, one: Counted) -> bool | None:
    """Whether something on a day came by a limit.

    None before the limit has come, of yes as of no: what happens is known at once and what does not
    happen only then, so that counting both as they are known would tell too much. No of whoever was
    followed that long, or died before without it.
    """
    if not one.is_over(limit):
        return None
    if day is not None and day <= limit:
        return True
    to_the_end = one.died_on is not None or (one.followed_days or 0) >= limit
    return False if to_the_end or day is not None else None


def _bacteraemia_by(limit: int) -> Answers:
    """As `_by`; of another organism in the blood nobody knows whether it was a bacterium."""

    def answer(one: Counted) -> bool | None:
        known = _by(one.bacteraemia_day, limit, one)
        unclear = one.blood_unclear_day is not None and one.blood_unclear_day <= limit
        return None if unclear and not known else known

    return answer


def _dead_by(limit: int) -> Answers:
    return lambda one: _by(one.since_infusion(one.died_on), limit, one)


def _reached(scale: str, grade: int) -> Answers:
    """Whether a scale reached a grade in an episode that began by day 30."""
    return lambda one: one.of_scale(scale).reached(grade) if one.is_over(EARLY) else None


def _thawed(one: Counted) -> Value:
    """The minutes; missing where nobody recorded them, or the wrong way round."""
    minutes = one.thaw_minutes
    return MISSING if minutes is None or minutes < 0 else Value(minutes)


def _thawed_in_time(one: Counted) -> bool | None:
    minutes = _thawed(one).length
    return None if minutes is None or one.thaw_limit is None else minutes <= one.thaw_limit


def _checked_by_two(one: Counted) -> bool | None:
    """Of what was transcribed nobody knows."""
    return one.bedside_checked or (None if one.transcribed_on else False)


def _depletion_in_window(one: Counted) -> bool | None:
    if one.last_depletion_on is None or one.infused_on is None or not one.depletion_window:
        return None
    least, most = one.depletion_window
    return timedelta(least) <= one.infused_on - one.last_depletion_on <= timedelta(most)


def _low_immunoglobulin(one: Counted) -> bool | None:
    return True if one.immunoglobulin else one.igg_low


def _readmitted(one: Counted) -> bool | None:
    if one.in_hospital or one.readmitted is None:
        return None
    return _by(0 if one.readmitted else None, EARLY, one)


def _left_at(stage: str) -> Answers:
    """Whether it ended at a stage without an infusion."""

    def answer(one: Counted) -> bool | None:
        return one.never_infused and stage == (one.left_stage if one.ended else one.stage)

    return answer


def _consolidated(one: Counted) -> bool | None:
    return one.allo_consolidating or (one.allo_after and None)


def _in_remission_of_all(one: Counted) -> bool | None:
    """By intention to treat: who was never infused is in none."""
    return False if one.never_infused else one.remission


# Before the infusion, those that somebody enrolled can leave at.
STEPS = ("eligibility", "apheresis", "bridging", "lymphodepletion")


def _anyone(_one: Counted) -> bool:
    return True


ANSWERS: Mapping[str, Asked] = MappingProxyType(
    {
        "depletion_in_window": Asked(_depletion_in_window),
        "crs_any": Asked(_reached("crs", 1)),
        "crs_severe": Asked(_reached("crs", 3)),
        "icans_any": Asked(_reached("icans", 1)),
        "icans_severe": Asked(_reached("icans", 3)),
        "iec_hs": Asked(_reached("iec_hs", 1)),
        "icaht_severe": Asked(lambda one: one.icaht_severe),
        "tocilizumab": Asked(lambda one: one.tocilizumab_doses > 0),
        "steroids": Asked(lambda one: one.steroids),
        "intensive_care": Asked(lambda one: one.intensive),
        "bacteraemia_30": Asked(_bacteraemia_by(EARLY)),
        "bacteraemia_100": Asked(_bacteraemia_by(LATER)),
        "virus_30": Asked(lambda one: _by(one.virus_day, EARLY, one)),
        "virus_100": Asked(lambda one: _by(one.virus_day, LATER, one)),
        "mortality_30": Asked(_dead_by(EARLY)),
        "mortality_100": Asked(_dead_by(LATER)),
        "mortality_year": Asked(_dead_by(YEAR)),
        "remission": Asked(lambda one: one.remission),
        "remission_enrolled": Asked(_in_remission_of_all, _anyone),
        "mrd_negative": Asked(lambda one: one.mrd_negative),
        "low_immunoglobulin": Asked(_low_immunoglobulin),
        "thaw_in_time": Asked(_thawed_in_time),
        "bedside_check": Asked(_checked_by_two),
        "attrition": Asked(lambda one: one.never_infused, _anyone),
        **{f"attrition_{stage}": Asked(_left_at(stage), _anyone) for stage in STEPS},
        "corrected_late": Asked(
            lambda one: one.corrected_late, lambda one: one.closed_on is not None
        ),
        "delay_burden": Asked(lambda one: one.holds > 0, _anyone),
        "reapheresis": Asked(
            lambda one: (one.attempts_ended or 0) > 1, lambda one: bool(one.attempts_ended)
        ),
        "infusion_cancelled": Asked(
            lambda one: not one.infused,
            lambda one: one.depletion_complete and one.never_infused is not None,
        ),
        "readmission": Asked(
            _readmitted, lambda one: one.infused and one.discharged_on is not None
        ),
        "consolidation": Asked(_consolidated, lambda one: one.infused and bool(one.remission)),
        "cd19_negative_relapse": Asked(
            lambda one: {"negative": True, "positive": False, "dim": False}.get(
                one.relapse_cd19 or ""
            ),
            lambda one: one.relapsed_on is not None,
        ),
    }
)
# Counted in things, not in patients: so many of so many.
_THINGS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "apheresis_success": ("attempts_adequate", "attempts_ended"),
        "manufacturing_failure": ("products_failed", "products_ordered"),
        "out_of_specification": ("products_oos", "products_controlled"),
        "wastage": ("products_wasted", "products_received"),
        "data_quality": ("cells_known", "cells_asked"),
        "incidents": ("incidents", "infusions"),
        "follow_up_completeness": ("registry_timely", "registry_due"),
        "item_timeliness": ("items_timely", "items_due"),
    }
)


def _number(name: str) -> Callable[[Counted], int]:
    return lambda one: getattr(one, name) or 0


# What is no column: the names of what is counted of a course.
_COUNTED: Mapping[str, Callable[[Counted], int]] = MappingProxyType(
    {
        "cells_known": lambda one: sum(cells_of(one)),
        "cells_asked": lambda one: len(cells_of(one)),
        "infusions": lambda one: int(one.infused),
    }
)
NUMBERS: Mapping[str, Callable[[Counted], int]] = MappingProxyType(
    {name: _COUNTED.get(name) or _number(name) for name in dict.fromkeys(sum(_THINGS.values(), ()))}
)


def indicators_of(tally: Tally) -> tuple[Indicator, ...]:
    """Every indicator in the order of its definitions."""
    return tuple(_indicator(one, tally) for one in words.DEFINITIONS)


def _indicator(definition: Definition, tally: Tally) -> Indicator:
    code = definition.code
    if code in LENGTHS or code in _SAME:
        length = summary_of(tally.lengths(_SAME.get(code, code)))
        return Indicator(definition, length=length)
    if code in ANSWERS:
        return Indicator(definition, rate=tally.rate(code))
    part, whole = (tally.total(name) for name in _THINGS[code])
    return Indicator(definition, rate=Proportion(part, whole))
