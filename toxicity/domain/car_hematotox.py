"""CAR-HEMATOTOX: the risk of long cytopenia, asked before lymphodepletion. A score, no grade.

Source: Rejeski K et al. Blood 2021;138:2499-2513; which side an exact limit falls on is [conv].
Derived in lymphoma: in B-ALL nearly everybody is at high risk.
"""

from dataclasses import dataclass
from decimal import Decimal

RULE_VERSION = "car-hematotox-2021.1"
HIGH_FROM = 2
MOST = 7


@dataclass(frozen=True)
class HematotoxValues:
    """The last values before lymphodepletion; None is not known.

    Platelets in 10^9/L, neutrophils per microlitre, haemoglobin in g/dL, CRP in mg/dL, ferritin in
    ng/mL.
    """

    plt: Decimal | None = None
    anc: Decimal | None = None
    hb: Decimal | None = None
    crp: Decimal | None = None
    ferritin: Decimal | None = None


@dataclass(frozen=True)
class Hematotox:
    """The score 0 to 7 with everything known, and between what it lies without."""

    score: int | None
    category: str | None  # low or high, also where what is missing cannot change it
    minimum: int
    maximum: int
    rule_version: str = RULE_VERSION


@dataclass(frozen=True)
class Part:
    """One variable of the score: its points, None where it is not known, and the most it gives."""

    name: str
    points: int | None
    most: int


def parts_of(values: HematotoxValues) -> tuple[Part, ...]:
    """What each variable adds to the score."""
    return (
        Part("plt", _platelets(values.plt), 2),
        Part("anc", _points(values.anc, below=Decimal(1200)), 1),
        Part("hb", _points(values.hb, below=Decimal(9)), 1),
        Part("crp", _points(values.crp, least=Decimal(3)), 1),
        Part("ferritin", _ferritin(values.ferritin), 2),
    )


def car_hematotox(values: HematotoxValues) -> Hematotox:
    """The score, `low` up to 1 and `high` from 2; what is missing leaves a range."""
    parts = parts_of(values)
    least = sum(part.points or 0 for part in parts)
    most = sum(part.most if part.points is None else part.points for part in parts)
    category = "high" if least >= HIGH_FROM else "low" if most < HIGH_FROM else None
    return Hematotox(least if least == most else None, category, least, most)


def _platelets(plt: Decimal | None) -> int | None:
    if plt is None:
        return None
    return 2 if plt < 75 else 1 if plt <= 175 else 0


def _ferritin(ferritin: Decimal | None) -> int | None:
    if ferritin is None:
        return None
    return 2 if ferritin > 2000 else 1 if ferritin >= 650 else 0


def _points(
    value: Decimal | None, *, below: Decimal | None = None, least: Decimal | None = None
) -> int | None:
    if value is None:
        return None
    low = below is not None and value < below
    return int(low or (least is not None and value >= least))
