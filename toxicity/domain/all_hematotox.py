"""ALL-HEMATOTOX: marrow disease in the place of ferritin. Disabled until a centre loads its table.

Source: Nair MS et al. Blood 2025 (abstract). Its cut-points are not verified, so none stand here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

RULE_VERSION = "all-hematotox-2025.0"


class TableMissing(Exception):
    """No table of cut-points is loaded: nothing is scored."""


@dataclass(frozen=True)
class MarrowTable:
    """A centre's own table: points by the least percentage of blasts, ascending; the cut-off."""

    points: tuple[tuple[Decimal, int], ...]
    high_from: int
    source: str


def marrow_points(blasts_percent: Decimal, table: MarrowTable | None) -> int:
    """The points of a marrow with so many percent of blasts. Raises TableMissing without one."""
    if table is None:
        raise TableMissing
    reached: Sequence[int] = [n for least, n in table.points if blasts_percent >= least]
    return reached[-1] if reached else 0
