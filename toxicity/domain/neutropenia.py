"""Neutropenia: its CTCAE grade, and on how many days after the infusion it lasted.

Sources: CTCAE v5 (NCI 2017, from memory); days as in the case series, neutrophils below 500.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from toxicity.domain.daily import Sample, filled, lowest_by_day

RULE_VERSION = "neutropenia-ctcae5.1"
SEVERE = 500
LAST_DAY = 60
_LIMITS = ((500, 4), (1000, 3), (1500, 2))


@dataclass(frozen=True)
class NeutropenicDays:
    """Days with neutrophils below 500, and on how many days nobody knows."""

    days: int
    unknown: int


def ctcae_grade(anc: Decimal, lower_limit: Decimal) -> int:
    """The grade of a count in cells per microlitre; `lower_limit` is the laboratory's normal."""
    graded = next((grade for limit, grade in _LIMITS if anc < limit), None)
    return graded if graded is not None else int(anc < lower_limit)


def neutropenic_days(
    samples: Iterable[Sample], infused_on: date, as_of: date, last_day: int = LAST_DAY
) -> NeutropenicDays:
    """Days from the infusion to `last_day` with a count below 500; gaps as in ICAHT."""
    last = min(last_day, (as_of - infused_on).days)
    values = filled(lowest_by_day(samples, infused_on, 0, last), 0, last)
    low = sum(value < Fraction(SEVERE) for value in values.values())
    return NeutropenicDays(low, max(0, last + 1 - len(values)))
