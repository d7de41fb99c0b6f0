"""The washout table of a protocol: by drug class, the least days from a dose to apheresis.

It stands with the chart, whose lines of therapy name these classes; the pathway's guards read it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from protocol.domain.reading import SMALL_CODE, Setting, TableReader
from terms.words import Bilingual

SEVERITIES = ("warn", "block")


@dataclass(frozen=True)
class Washout:
    """Least days from the last dose of a class of drug to apheresis."""

    drug_class: str
    label: Bilingual
    min_days: Setting[int]
    severity: Setting[str]


@dataclass(frozen=True)
class Washouts:
    """Every washout before apheresis, by class of drug."""

    by_class: Mapping[str, Washout]


def read_washouts(reader: TableReader) -> Washouts:
    """Parse `[washouts.<drug_class>]`: label, `min_days` from 0 to 730, severity."""
    return Washouts(
        {
            drug_class: Washout(
                drug_class=drug_class,
                label=row.bilingual("label"),
                min_days=row.whole_number("min_days", 0, 730),
                severity=row.choice("severity", SEVERITIES),
            )
            for drug_class, row in reader.children(SMALL_CODE)
        }
    )
