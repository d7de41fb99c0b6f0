"""What somebody saw at the bedside, before it is stored."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from toxicity.domain.crs import CrsSigns
from toxicity.domain.icans import IcansSigns
from toxicity.domain.iec_hs import IecHsSigns
from toxicity.domain.scales import Scale
from toxicity.domain.signs import crs_signs, icans_signs, iec_hs_signs, kept
from toxicity.models import Assessment

CHOSEN = "chosen"  # among the signs: the grades picked at the bedside, by scale


@dataclass(frozen=True)
class Seen:
    """What somebody saw at one moment; a scale that was not looked at is None.

    `chosen` holds grades picked at the bedside where the centre computes none; None there says not
    assessable. `confirmed`: an unusual temperature was checked. A `baseline` is before infusion.
    """

    observed_at: datetime
    crs: CrsSigns | None = None
    icans: IcansSigns | None = None
    iec_hs: IecHsSigns | None = None
    chosen: Mapping[str, int | None] = field(default_factory=dict)
    baseline: bool = False
    handwriting: str = ""
    remark: str = ""
    confirmed: bool = False

    def signs(self) -> dict[str, Any]:
        """What is kept of it, by scale."""
        said = {Scale.CRS: self.crs, Scale.ICANS: self.icans, Scale.IEC_HS: self.iec_hs}
        found: dict[str, Any] = {
            scale.value: kept(signs) for scale, signs in said.items() if signs is not None
        }
        return found | ({CHOSEN: dict(self.chosen)} if self.chosen else {})

    def said(self) -> dict[str, Any]:
        """Everything that makes two messages the same."""
        return {
            "observed_at": self.observed_at,
            "signs": self.signs(),
            "baseline": self.baseline,
            "handwriting": self.handwriting,
            "remark": self.remark,
        }


def seen_of(row: Assessment) -> Seen:
    """What a stored check said; that an unusual value was checked is said anew with each one."""
    said = row.signs
    crs, icans, iec_hs = (said.get(scale.value) for scale in Scale)
    return Seen(
        observed_at=row.observed_at,
        crs=None if crs is None else crs_signs(crs),
        icans=None if icans is None else icans_signs(icans),
        iec_hs=None if iec_hs is None else iec_hs_signs(iec_hs),
        chosen=said.get(CHOSEN, {}),
        baseline=row.baseline,
        handwriting=row.handwriting,
        remark=row.remark,
    )
