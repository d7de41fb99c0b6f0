"""The rules that collection, product and loss to follow-up read from a protocol."""

from collections.abc import Mapping
from dataclasses import dataclass

from protocol.domain.loading import SectionParser
from protocol.domain.reading import SMALL_CODE, Setting, TableReader
from terms.words import N_, Bilingual

PLACES = ("manufacture", "transport", "site", "any")


@dataclass(frozen=True)
class ProductRules:
    """The clock at the bedside, in minutes."""

    thaw_to_infusion_minutes: Setting[int]
    thaw_stability_minutes: Setting[int]
    infusion_minutes: Setting[int]  # the most from its start to its end


@dataclass(frozen=True)
class FailureReason:
    """One coded reason for which a product is lost, and where such things happen."""

    code: str
    label: Bilingual
    where: Setting[str]


@dataclass(frozen=True)
class FailureReasons:
    """Every reason for a lost product, by code."""

    by_code: Mapping[str, FailureReason]


@dataclass(frozen=True)
class Loss:
    """What must have been tried before a patient is called lost to follow-up."""

    contact_attempts: Setting[int]
    months_without_contact: Setting[int]


def read_product(reader: TableReader) -> ProductRules:
    """Parse `[product]`; a bag is stable for at least as long as the infusion may wait."""
    soon = reader.whole_number("thaw_to_infusion_minutes", 1, 1440)
    stable = reader.whole_number("thaw_stability_minutes", 1, 1440)
    if stable.value < soon.value:
        reader.problem("thaw_stability_minutes", N_("must not be below thaw_to_infusion_minutes"))
    return ProductRules(soon, stable, reader.whole_number("infusion_minutes", 1, 1440))


def read_failure_reasons(reader: TableReader) -> FailureReasons:
    """Parse `[failure_reasons.<code>]`; without any, no failure could be recorded."""
    if not reader.table:
        reader.problem("", N_("must not be empty"))
    return FailureReasons(
        {
            code: FailureReason(code, row.bilingual("label"), row.choice("where", PLACES))
            for code, row in reader.children(SMALL_CODE)
        }
    )


def read_loss(reader: TableReader) -> Loss:
    """Parse `[loss]`."""
    return Loss(
        contact_attempts=reader.whole_number("contact_attempts", 0, 20),
        months_without_contact=reader.whole_number("months_without_contact", 0, 120),
    )


SECTIONS: Mapping[str, SectionParser] = {
    "product": read_product,
    "failure_reasons": read_failure_reasons,
    "loss": read_loss,
}
