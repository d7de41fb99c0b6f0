"""EASIX and its relatives: indices of endothelial activation. Numbers to follow, no grade.

Sources: Pennisi M et al. Blood Adv 2021;5:3397-3406; Korell F et al. Front Immunol 2022;13:877477.
No cut-off of the modified index is validated: nothing here is coloured.
"""

from dataclasses import dataclass
from decimal import Decimal, localcontext
from math import log2

RULE_VERSION = "easix-2021.1"
KORELL = Decimal("4.67")  # above it, before lymphodepletion: more severe CRS or ICANS


@dataclass(frozen=True)
class Easix:
    """The three indices, None where a value is missing or there are no platelets to divide by."""

    easix: Decimal | None
    s_easix: Decimal | None
    m_easix: Decimal | None
    rule_version: str = RULE_VERSION


def easix(
    ldh: Decimal | None, creatinine: Decimal | None, plt: Decimal | None, crp: Decimal | None
) -> Easix:
    """LDH in U/L, creatinine and CRP in mg/dL, platelets in 10^9/L."""
    if plt is None or plt <= 0 or ldh is None:
        return Easix(None, None, None)
    with localcontext(prec=12):
        simple = ldh / plt
        full = None if creatinine is None else ldh * creatinine / plt
        modified = None if crp is None else ldh * crp / plt
    return Easix(full, simple, modified)


def log2_of(index: Decimal | None) -> float | None:
    """The logarithm to the base 2 by which the index is followed; None where there is none."""
    return log2(index) if index is not None and index > 0 else None
