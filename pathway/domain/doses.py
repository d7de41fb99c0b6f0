"""Doses of containment, bridging and lymphodepletion: what a dose is and what is against one."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from terms.refusals import Refusal
from terms.words import N_


class Route(StrEnum):
    """How a drug is given."""

    INTRAVENOUS = "iv"
    ORAL = "po"
    SUBCUTANEOUS = "sc"
    INTRATHECAL = "it"


ROUTE_LABELS: dict[Route, str] = {
    Route.INTRAVENOUS: N_("Intravenous"),
    Route.ORAL: N_("By mouth"),
    Route.SUBCUTANEOUS: N_("Subcutaneous"),
    Route.INTRATHECAL: N_("Intrathecal"),
}
# Vinca alkaloids kill when given intrathecally. This is no setting: no centre can switch it off.
# Names, trade names, and what people write for short where it stands by itself.
_VINCA = re.compile(
    "vinca|vin(c|k)rist|vincrex|oncovin|marqibo|vinblast|velban|velbe|vindes|eldisine"
    "|vinorelb|navelbine|vinflun|javlor|(?<![a-z])(vcr|vbl|vds|vnr|vnb|vrl|vfl)(?![a-z])",
    re.IGNORECASE,
)
_VINCA_CLASSES = frozenset({"vincristine_single"})
_INTRATHECAL_CLASSES = frozenset({"intrathecal"})


class DoseState(StrEnum):
    """What became of an ordered dose."""

    ORDERED = "ordered"
    GIVEN = "given"
    NOT_GIVEN = "not_given"


DOSE_LABELS: dict[DoseState, str] = {
    DoseState.ORDERED: N_("Ordered"),
    DoseState.GIVEN: N_("Given"),
    DoseState.NOT_GIVEN: N_("Not given"),
}


@dataclass(frozen=True)
class DoseFacts:
    """One dose as it stands now, its corrections applied. Amounts are None where not recorded."""

    pk: int
    number: int
    drug: str
    state: DoseState = DoseState.ORDERED
    drug_class: str = ""
    route: str = ""
    planned_on: date | None = None
    planned_day: int | None = None
    amount: Decimal | None = None
    unit: str = "mg"
    given_on: date | None = None
    given_amount: Decimal | None = None
    per_m2: Decimal | None = None
    amount_reason: str = ""  # why it was ordered otherwise than the protocol comes to
    amount_counted: Decimal | None = None  # what that was when the amount was said, in mg
    deviation: str = ""
    answers: tuple[Mapping[str, Any], ...] = ()  # to what it was asked when it was told afterwards

    @property
    def unpassed(self) -> frozenset[str]:
        """The checks of its gate that did not stand when it was given, told afterwards."""
        return frozenset(one["check"] for one in self.answers if one["check"])

    @property
    def is_open(self) -> bool:
        """Whether nobody has said yet what became of it."""
        return self.state is DoseState.ORDERED


def is_vinca(drug: str, drug_class: str) -> bool:
    """Whether a drug, by its name or class, is a vinca alkaloid."""
    return drug_class in _VINCA_CLASSES or _VINCA.search(drug) is not None


def needs_verifier(drug: str, drug_class: str, route: str) -> bool:
    """Whether a second person verifies the dose: a vinca alkaloid, or anything intrathecal."""
    intrathecal = route == Route.INTRATHECAL or drug_class in _INTRATHECAL_CLASSES
    return intrathecal or is_vinca(drug, drug_class)


def refuse_route(drug: str, drug_class: str, route: str) -> list[Refusal]:
    """A vinca alkaloid goes into a vein and nowhere else; nothing waives this."""
    if not is_vinca(drug, drug_class):
        return []
    if route == Route.INTRAVENOUS:
        return []
    if route == "":
        message = N_("Say that %(drug)s is given intravenously: it has no other route.")
        return [Refusal("route_missing", message, {"drug": drug}, field="route")]
    message = N_("%(drug)s is given intravenously only. By any other route it can kill.")
    return [Refusal("vinca_route", message, {"drug": drug}, field="route")]


def other_day(dose: DoseFacts, given_on: date) -> bool:
    """Whether a dose was given on another day than ordered, as far as that is known."""
    return dose.planned_on is not None and given_on != dose.planned_on


def other_amount(dose: DoseFacts, given: Decimal | None) -> bool:
    """Whether another amount was given than ordered, as far as both are known."""
    return dose.amount is not None and given is not None and given != dose.amount
