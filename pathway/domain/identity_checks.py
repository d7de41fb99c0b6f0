"""Checking with two people that the product in hand is this patient's: what is read, what agrees.

Each person reads the labels alone; nobody sees what the other one read. A reading that cannot be
what a label says is asked for again; one that says something else stops everything.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from pathway.domain.isbt128 import read_din
from protocol.domain.reading import Setting, TableReader
from terms.numbers import read_number
from terms.reading import Unreadable
from terms.refusals import Refusal
from terms.roles import ROLE_NAMES, Role
from terms.words import N_


class CheckKind(StrEnum):
    """When two people look."""

    RECEIPT = "receipt"  # the shipper is opened at the centre
    BEDSIDE = "bedside"  # before the bag is connected


KIND_NAMES: dict[str, str] = {
    CheckKind.RECEIPT: N_("Identity check at receipt"),
    CheckKind.BEDSIDE: N_("Identity check at the bedside"),
}
# Whose eyes are needed: one person for each of the two places.
PLACES: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    CheckKind.RECEIPT: (frozenset({Role.CELL_LAB, Role.PHARMACIST}),) * 2,
    CheckKind.BEDSIDE: (frozenset({Role.WARD_NURSE}), frozenset({Role.HAEMATOLOGIST})),
}
# Where the product stands while it is checked. A product in quarantine that was not thawed may be
# checked again: quality lets none out of it without.
STATES: dict[str, tuple[str, ...]] = {
    CheckKind.RECEIPT: ("shipped_to_site", "quarantined"),
    CheckKind.BEDSIDE: ("thawing",),
}
# What each person scans; a chain-of-identity number too, when the order has one.
SCANNED: dict[str, tuple[str, ...]] = {
    CheckKind.RECEIPT: ("din", "lot"),
    CheckKind.BEDSIDE: ("hospital_id", "din", "lot", "cassette_lot"),
}
COI, AGREES, NUMBERS = "coi_id", "labels_agree", "numbers"
# At the bedside the bag is out of its cassette: each of the two is read and answered for.
CASSETTE_LOT, CASSETTE_AGREES = "cassette_lot", "cassette_agrees"
# The bag prints its dose in all or per kg: what is typed is one of those of the certificate.
DOSE, DOSES = "dose", ("dose_total", "dose_per_kg")
ANSWERED: dict[str, tuple[str, ...]] = {
    CheckKind.RECEIPT: (AGREES,),
    CheckKind.BEDSIDE: (AGREES, CASSETTE_AGREES),
}
# What must be known before anybody can compare anything with it.
NEEDED = ("hospital_id", "din", "lot", "expires_on")
READ_NAMES: dict[str, str] = {
    "family_name": N_("Family name"),
    "given_name": N_("Given name"),
    "birth_date": N_("Birth date"),
    "hospital_id": N_("Hospital number"),
    "din": N_("Donation number"),
    "lot": N_("Lot"),
    COI: N_("Chain-of-identity number"),
    "expires_on": N_("Expires on"),
    "order_number": N_("Order number"),
    "dose_total": N_("Dose in all (10⁶ CAR+ cells)"),
    "dose_per_kg": N_("Dose per kg (10⁶ CAR+ cells)"),
    CASSETTE_LOT: N_("Lot on the cassette"),
    DOSE: N_("Dose on the bag (10⁶ CAR+ cells, in all or per kg)"),
    AGREES: N_("Name, birth date, order and expiry on every label in hand"),
    CASSETTE_AGREES: N_("Name, birth date, order and expiry on the cassette"),
}
# What is recorded and can be shown beside the labels.
SHOWN = (
    "family_name", "given_name", "birth_date", "hospital_id", "din", "lot", COI, "expires_on",
    "order_number", *DOSES,
)  # fmt: skip
# What can be recorded otherwise since a check: what was read, and a number found to be wrong.
CHANGED_NAMES: dict[str, str] = {**READ_NAMES, NUMBERS: N_("Numbers of the patient")}


@dataclass(frozen=True)
class IdentityCheckRules:
    """How long a signature, a pair of readings and a passed check hold, in minutes.

    `coi_needed` says whether no check begins without a chain-of-identity number.
    """

    sign_in_minutes: Setting[int]
    between_minutes: Setting[int]
    bedside_valid_minutes: Setting[int]
    coi_needed: Setting[bool]


def read_identity_checks(reader: TableReader) -> IdentityCheckRules:
    """Parse `[identity_checks]`."""
    return IdentityCheckRules(
        sign_in_minutes=reader.whole_number("sign_in_minutes", 1, 60),
        between_minutes=reader.whole_number("between_minutes", 1, 120),
        bedside_valid_minutes=reader.whole_number("bedside_valid_minutes", 1, 1440),
        coi_needed=reader.flag("coi_needed"),
    )


@dataclass(frozen=True)
class CheckFacts:
    """A check as guards see it: passed, stopped by a mismatch, or begun and not finished.

    `changed` names what is recorded otherwise now than when it was compared.
    """

    kind: str
    product: int
    passed: bool
    at: datetime
    on: date
    deviation: str = ""
    finished: bool = True
    changed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reading:
    """What one person read and when; `mismatches` names what did not agree."""

    person: int
    roles: frozenset[str]
    at: datetime
    mismatches: tuple[str, ...] = ()


class Outcome(StrEnum):
    """How a check stands."""

    OPEN = "open"  # waiting for a reading
    PASSED = "passed"
    STOPPED = "stopped"  # something did not agree
    EXPIRED = "expired"  # the second reading did not come in time


def outcome_of(
    opened_at: datetime, readings: Sequence[Reading], now: datetime, rules: IdentityCheckRules
) -> Outcome:
    """How a check stands at `now`."""
    if any(reading.mismatches for reading in readings):
        return Outcome.STOPPED
    if len(readings) == len(("first", "second")):
        return Outcome.PASSED
    since = readings[0].at if readings else opened_at
    late = now - since > timedelta(minutes=rules.between_minutes.value)
    return Outcome.EXPIRED if late else Outcome.OPEN


def scanned_names(kind: str, snapshot: Mapping[str, str]) -> tuple[str, ...]:
    """What each person scans in a check of `kind`; the dose where the certificate says one."""
    dosed = kind == CheckKind.BEDSIDE and not dose_left_out(kind, snapshot)
    coi = (COI,) if snapshot.get(COI) else ()
    return (*SCANNED[kind], *coi, *((DOSE,) if dosed else ()))


def dose_left_out(kind: str, snapshot: Mapping[str, str]) -> bool:
    """Whether nobody can compare the dose on the bag, because none is recorded to compare with."""
    return kind == CheckKind.BEDSIDE and not any(snapshot.get(name) for name in DOSES)


def unreadable(kind: str, snapshot: Mapping[str, str], read: Mapping[str, object]) -> list[Refusal]:
    """Everything missing from a reading, or that no label can say: it is to be read again."""
    refusals = [
        Refusal(code="not_scanned", message=N_("This is to be scanned."), field=name)
        for name in scanned_names(kind, snapshot)
        if not plain(read.get(name))
    ]
    refusals += [
        Refusal(code="not_answered", message=N_("Answer yes or no."), field=name)
        for name in ANSWERED[kind]
        if not isinstance(read.get(name), bool)
    ]
    if DOSE in scanned_names(kind, snapshot) and plain(read.get(DOSE)):
        refusals += _refuse_dose(str(read[DOSE]))
    if plain(read.get("din")):
        refusals += refuse_din(str(read["din"]))
    return refusals + [
        Refusal(code="wrong_barcode", message=WRONG_BARCODE, field=name)
        for name in scanned_names(kind, snapshot)
        if name not in ("din", DOSE) and _is_scanned_din(str(read.get(name) or ""))
    ]


def _refuse_dose(text: str) -> list[Refusal]:
    try:
        read_number(text)
    except Unreadable as unreadable:
        return [unreadable.refusal(DOSE)]
    return []


WRONG_BARCODE = N_("This is a donation number: scan the barcode that is asked for.")


def _is_scanned_din(text: str) -> bool:
    """Whether the scanner read the donation number where something else is asked for."""
    reading = read_din(text)
    return reading.scanned and reading.valid


def refuse_din(text: str) -> list[Refusal]:
    """Everything against a donation number that is taken from a label: it carries its check."""
    reading = read_din(text)
    if reading.valid and not (reading.scanned or reading.checked):
        return [
            Refusal(
                code="din_unchecked",
                message=N_("Scan the barcode, or type the check character too."),
                field="din",
            )
        ]
    return list(reading.reasons)


def mismatches(
    kind: str, snapshot: Mapping[str, str], read: Mapping[str, object]
) -> tuple[str, ...]:
    """The names of what was read and does not agree with the snapshot; `read` is readable."""
    found = [
        name for name in scanned_names(kind, snapshot) if not _agrees(name, read[name], snapshot)
    ]
    return (*found, *(name for name in ANSWERED[kind] if not read[name]))


def _agrees(name: str, text: object, snapshot: Mapping[str, str]) -> bool:
    if name == DOSE:
        known = [Decimal(snapshot[one]) for one in DOSES if snapshot.get(one)]
        return read_number(str(text)) in known
    recorded = snapshot["lot" if name == CASSETTE_LOT else name]
    return _comparable(name, text) == _comparable(name, recorded)


def _comparable(name: str, text: object) -> str:
    return read_din(str(text)).din if name == "din" else plain(text)


def plain(text: object) -> str:
    """A code without spaces and case: a caps lock must not cost a product."""
    return "".join(str(text or "").split()).upper()


def who_may(kind: str) -> tuple[str, ...]:
    """The roles that may read in a check of `kind`, in the order of the table of roles."""
    first, second = PLACES[kind]
    return tuple(role.value for role in Role if role in first | second)


def refuse_person(
    kind: str, person: int, roles: frozenset[str], before: Sequence[Reading]
) -> list[Refusal]:
    """What is against somebody reading next: the role, having read before, the place taken."""
    first, second = PLACES[kind]
    if roles.isdisjoint(first | second):
        return [role_refusal(who_may(kind))]
    if any(reading.person == person for reading in before):
        return [
            Refusal(
                code="same_person",
                message=N_("You have read already: the second reading is somebody else's."),
            )
        ]
    fits = any(
        not reading.roles.isdisjoint(one) and not roles.isdisjoint(other)
        for reading in before
        for one, other in ((first, second), (second, first))
    )
    if before and not fits:
        return [role_refusal(_still_needed(kind, before[0].roles))]
    return []


def _still_needed(kind: str, taken: frozenset[str]) -> tuple[str, ...]:
    first, second = PLACES[kind]
    needed = (second if not taken.isdisjoint(first) else frozenset()) | (
        first if not taken.isdisjoint(second) else frozenset()
    )
    return tuple(role.value for role in Role if role in needed)


def role_refusal(roles: tuple[str, ...]) -> Refusal:
    """The refusal of somebody in none of `roles`."""
    return Refusal(
        code="role",
        message=N_("This reading is for: %(roles)s."),
        params={"roles": tuple(ROLE_NAMES[role] for role in roles)},
        who_may=roles,
    )
