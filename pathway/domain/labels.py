"""What the labels of a collection and of a product say: read from text, compared, asserted by two.

A value counts once two different people have read it off the label, each alone, and agree.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from enum import StrEnum

from pathway.domain.identity_checks import (
    DOSES,
    NUMBERS,
    READ_NAMES,
    WRONG_BARCODE,
    CheckKind,
    plain,
    refuse_din,
    role_refusal,
)
from pathway.domain.isbt128 import read_din
from terms.partial_dates import parse
from terms.reading import Unreadable
from terms.refusals import Refusal
from terms.roles import Role
from terms.words import N_


class Label(StrEnum):
    """One thing that a label says."""

    DIN = "din"
    LOT = "lot"
    EXPIRES_ON = "expires_on"
    COI = "coi_id"


LABELS_OF: dict[str, tuple[Label, ...]] = {
    "apheresis": (Label.DIN,),
    "product": (Label.LOT, Label.EXPIRES_ON, Label.COI),
}
# Who handles a label of each machine; both people are of these.
ASSERTED_BY: dict[str, tuple[Role, ...]] = {
    "apheresis": (Role.COORDINATOR, Role.APHERESIS_NURSE, Role.HAEMATOLOGIST, Role.CELL_LAB),
    "product": (Role.COORDINATOR, Role.HAEMATOLOGIST, Role.PHARMACIST, Role.CELL_LAB),
}
# Past the point where a new check at receipt could follow a correction.
TOO_LATE = frozenset({"thawing", "infused"})
# Where a product in doubt is put into quarantine.
IN_HAND = frozenset({"shipped_to_site", "received", "stored", "thawing"})
_LONGEST = {Label.LOT: 40, Label.COI: 60}
# Days before and after today between which a product expires.
_EXPIRES = (timedelta(days=3660), timedelta(days=11_000))
# What a check at receipt compares of the product; at the bedside the patient as well.
_PRODUCT = (Label.DIN, Label.LOT, Label.EXPIRES_ON, Label.COI, "order_number")
_PATIENT = ("family_name", "given_name", "birth_date", "hospital_id")


def read_label(name: str, text: str, today: date) -> tuple[str, list[Refusal]]:
    """The value as it is kept, and everything against what was typed or scanned."""
    if not text.strip():
        return "", [Refusal("value_missing", N_("This is needed."), field="value")]
    if name == Label.DIN:
        return read_din(text).din, [_at_value(refusal) for refusal in refuse_din(text)]
    if name == Label.EXPIRES_ON:
        return _read_day(text, today)
    kept = " ".join(text.split())
    longest = _LONGEST[Label(name)]
    if len(kept) > longest:
        message = N_("At most %(longest)s characters.")
        return "", [Refusal("too_long", message, params={"longest": longest}, field="value")]
    reading = read_din(text)
    if reading.scanned and reading.valid:
        return "", [Refusal("wrong_barcode", WRONG_BARCODE, field="value")]
    return kept, []


def _at_value(refusal: Refusal) -> Refusal:
    return Refusal(refusal.code, refusal.message, params=refusal.params, field="value")


def _read_day(text: str, today: date) -> tuple[str, list[Refusal]]:
    try:
        read = parse(text)
    except Unreadable as error:
        return "", [Refusal(error.code, error.message, params=error.params, field="value")]
    if read.precision != "day":
        return "", [Refusal("day_needed", N_("Give the day too."), field="value")]
    on, (before, after) = read.earliest(), _EXPIRES
    if not today - before <= on <= today + after:
        return "", [
            Refusal(
                code="date_out_of_range",
                message=N_("This date must lie from %(least)s to %(most)s."),
                params={"least": today - before, "most": today + after},
                field="value",
            )
        ]
    return on.isoformat(), []


def same(one: str, other: str) -> bool:
    """Whether two readings say the same; spaces and case do not count."""
    return plain(one) == plain(other)


def refuse_role(machine: str, roles: frozenset[str]) -> list[Refusal]:
    """The refusal of somebody who handles no label of `machine`."""
    may = ASSERTED_BY[machine]
    return [role_refusal(tuple(role.value for role in may))] if roles.isdisjoint(may) else []


def changed_since(
    kind: str, checked: Mapping[str, str], recorded: Mapping[str, str]
) -> tuple[str, ...]:
    """What is recorded now otherwise than when two people compared it with the labels.

    At receipt the product counts; names and numbers of a patient may change in the months after.
    A number that was found to be wrong counts at both: it was wrong when they compared. Of a check
    from before doses were compared nothing is said about them.
    """
    doses = tuple(name for name in DOSES if name in checked)
    own = () if kind == CheckKind.RECEIPT else (*_PATIENT, *doses)
    names = (*own, *_PRODUCT, NUMBERS)
    return tuple(name for name in names if not same(checked.get(name, ""), recorded.get(name, "")))


def coi_conflict(product: str, order: str) -> bool:
    """Whether product and order name two chains of identity."""
    return bool(product and order) and not same(product, order)


def coi_refusal(product: str, order: str) -> list[Refusal]:
    """What stands against any check of a product whose order names another chain of identity."""
    if not coi_conflict(product, order):
        return []
    return [
        Refusal(
            code="coi_conflict",
            message=N_("The order and the product have different chain-of-identity numbers."),
        )
    ]


def label_name(name: str) -> str:
    """What a label is called, an English msgid."""
    return READ_NAMES[name]
