"""What a dose comes to by the body surface of its patient, and what is kept of the comparison."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from pathway.domain.rules import PathwayRules, RegimenDrug
from pathway.domain.surface_doses import AMOUNT_CODES, Arithmetic, arithmetic
from pathway.loading import CourseState
from patients.domain.ranges import BodyRules
from protocol.selectors import settings_of
from terms.refusals import Refusal


def comes_to(state: CourseState, per_m2: Decimal | None, on: date) -> Arithmetic | None:
    """The arithmetic by the weight and height of a day; None of a dose without mg/m²."""
    rules = settings_of(state.course.protocol).section("body", BodyRules)
    return arithmetic(per_m2, state.assessments, rules, on)


def rate_of(state: CourseState, machine: str, drug: str) -> Decimal | None:
    """The mg/m² at which the regimen gives a drug that somebody orders by hand."""
    found = regimen_drug(state, drug) if machine == "lymphodepletion" else None
    return Decimal(found.dose_mg_per_m2.value) if found else None


def regimen_drug(state: CourseState, drug: str) -> RegimenDrug | None:
    """The drug of the regimen that somebody names."""
    rules = PathwayRules.of(settings_of(state.course.protocol))
    return rules.lymphodepletion.drug_named(drug)


def kept_of_amount(
    found: Arithmetic | None, asked: Iterable[Refusal], overrides: Mapping[str, str]
) -> dict[str, Any]:
    """What an order keeps beside its amount: why it is so much, and what was counted then."""
    return {
        "amount_reason": _answered(asked, overrides),
        "amount_counted": found.expected if found else None,
    }


def with_amount(deviation: str, asked: Iterable[Refusal], overrides: Mapping[str, str]) -> str:
    """Why a dose was given otherwise, with what was said of its amount."""
    said = (deviation, _answered(asked, overrides))
    return "; ".join(dict.fromkeys(one for one in said if one))


def _answered(asked: Iterable[Refusal], overrides: Mapping[str, str]) -> str:
    codes = {refusal.code for refusal in asked}
    return "; ".join(
        text for one in AMOUNT_CODES if one in codes and (text := overrides.get(one, "").strip())
    )
