"""Reasons for a delay and kinds of consent, as the protocol lists them."""

from collections.abc import Mapping
from dataclasses import dataclass

from protocol.domain.loading import SectionParser
from protocol.domain.reading import (
    CAPITAL_CODE,
    SMALL_CODE,
    Setting,
    TableReader,
)
from terms.words import N_, Bilingual

# What holds that open by themselves are coded with: no protocol may leave these out.
MANUFACTURING_FAILURE, OUT_OF_SPECIFICATION = "MANUFACTURING_FAILURE", "OOS"
SHIPMENT_EXCURSION, PRODUCT_IDENTITY = "SHIPMENT_EXCURSION", "PRODUCT_IDENTITY"
NEEDED = (
    MANUFACTURING_FAILURE,
    OUT_OF_SPECIFICATION,
    SHIPMENT_EXCURSION,
    PRODUCT_IDENTITY,
)
# A quarantine for anything but an excursion; versions published before it was known lack it.
PRODUCT_QUARANTINE = "PRODUCT_QUARANTINE"
# The code of the consent to the use of data: without it nothing of a course leaves in a file.
DATA_CONSENT = "data"
SIDES = ("patient", "disease", "site", "manufacturer", "payer", "other")


@dataclass(frozen=True)
class DelayReason:
    """One coded reason for a delay and the side it lies on."""

    code: str
    label: Bilingual
    side: Setting[str]


@dataclass(frozen=True)
class DelayReasons:
    """Every reason for a delay, by code, side by side."""

    by_code: Mapping[str, DelayReason]

    def named(self, code: str) -> Bilingual:
        """What a reason is called; the code itself where another version knew it."""
        reason = self.by_code.get(code)
        return reason.label if reason is not None else Bilingual(code, code)


@dataclass(frozen=True)
class ConsentKind:
    """Something to consent to; `required` ones are needed before eligibility is assessed."""

    code: str
    label: Bilingual
    required: Setting[bool]


@dataclass(frozen=True)
class ConsentKinds:
    """Every kind of consent, by code."""

    by_code: Mapping[str, ConsentKind]

    def named(self, code: str) -> Bilingual:
        """What a kind is called; the code itself where another version knew it."""
        kind = self.by_code.get(code)
        return kind.label if kind is not None else Bilingual(code, code)

    @property
    def required(self) -> tuple[str, ...]:
        """The codes of the kinds that must have been given."""
        return tuple(code for code, kind in self.by_code.items() if kind.required.value)

    def missing(self, given: frozenset[str]) -> tuple[Bilingual, ...]:
        """The names of the required kinds that are not among those `given`."""
        return tuple(self.by_code[kind].label for kind in self.required if kind not in given)


def read_delay_reasons(reader: TableReader) -> DelayReasons:
    """Parse `[delay_reasons.<CODE>]`: label and side; those the software itself uses must be there.

    A protocol without one could not say why an interlock holds an infusion.
    """
    _refuse_empty(reader)
    for code in NEEDED:
        if code not in reader:
            reader.problem(code, N_("must be there: the software opens holds for this reason"))
    reasons = [
        DelayReason(code, row.bilingual("label"), row.choice("side", SIDES))
        for code, row in reader.children(CAPITAL_CODE)
    ]
    reasons.sort(key=lambda reason: (SIDES.index(reason.side.value), reason.code))
    return DelayReasons({reason.code: reason for reason in reasons})


def read_consents(reader: TableReader) -> ConsentKinds:
    """Parse `[consents.<kind>]`: label and whether it is required."""
    _refuse_empty(reader)
    return ConsentKinds(
        {
            code: ConsentKind(code, row.bilingual("label"), row.flag("required"))
            for code, row in reader.children(SMALL_CODE)
        }
    )


def _refuse_empty(reader: TableReader) -> None:
    if not reader.table:
        reader.problem("", N_("must not be empty"))


SECTIONS: Mapping[str, SectionParser] = {
    "delay_reasons": read_delay_reasons,
    "consents": read_consents,
}
