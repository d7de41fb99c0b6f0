"""How many cells the product should hold for a patient's weight, as the protocol says it."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from protocol.domain.loading import SectionParser
from protocol.domain.reading import Setting, TableReader
from terms.words import N_

PER_KG, IN_ALL = "per_kg", "in_all"
COUNTED = (PER_KG, IN_ALL)


@dataclass(frozen=True)
class DoseBand:
    """The dose up to a weight, in 10^6 viable CAR+ T cells; the last band has no end."""

    up_to_kg: Setting[Decimal] | None
    counted: Setting[str]
    least: Setting[Decimal]
    most: Setting[Decimal]

    def holds(self, weight_kg: Decimal) -> bool:
        """Whether a patient of that weight falls in this band or an earlier one."""
        return self.up_to_kg is None or weight_kg <= self.up_to_kg.value


@dataclass(frozen=True)
class CellDose:
    """The dose by weight, lightest band first; `most_in_all` caps every band."""

    bands: tuple[DoseBand, ...]
    most_in_all: Setting[Decimal] | None

    def expected(self, weight_kg: Decimal) -> tuple[Decimal, Decimal]:
        """Least and most 10^6 cells in all for that weight."""
        band = next(band for band in self.bands if band.holds(weight_kg))
        times = weight_kg if band.counted.value == PER_KG else Decimal(1)
        least, most = band.least.value * times, band.most.value * times
        if self.most_in_all is not None:
            least, most = (min(one, self.most_in_all.value) for one in (least, most))
        return least, most


def read_cell_dose(reader: TableReader) -> CellDose:
    """Parse `[cell_dose]` with its `[[cell_dose.bands]]`: heavier and heavier, the last open."""
    rows = reader.rows("bands")
    bands = tuple(_band(row, last=row is rows[-1]) for row in rows)
    for row, before, band in zip(rows[1:], bands, bands[1:], strict=False):
        if before.up_to_kg and band.up_to_kg and band.up_to_kg.value <= before.up_to_kg.value:
            row.problem("up_to_kg", N_("must be heavier than the band before"))
    return CellDose(
        bands=bands,
        most_in_all=(
            reader.decimal_number("most_in_all", "0.001", "100000")
            if "most_in_all" in reader
            else None
        ),
    )


def _band(row: TableReader, *, last: bool) -> DoseBand:
    """Every band but the last ends at a weight, so that each weight has its dose."""
    least = row.decimal_number("least", "0", "100000")
    most = row.decimal_number("most", "0", "100000")
    if most.value < least.value:
        row.problem("most", N_("must not be below least"))
    return DoseBand(
        up_to_kg=None if last else row.decimal_number("up_to_kg", "1", "300"),
        counted=row.choice("counted", COUNTED),
        least=least,
        most=most,
    )


SECTIONS: Mapping[str, SectionParser] = {"cell_dose": read_cell_dose}
