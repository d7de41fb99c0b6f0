"""The chain of custody: what is done with a product, what each entry must say, and its hash."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum

from terms.refusals import Refusal
from terms.roles import Role
from terms.words import N_


class Act(StrEnum):
    """What an entry says of the product."""

    PACK_OUT = "pack_out"
    MANUFACTURER = "manufacturer"
    DISPATCH = "dispatch"
    RECEIPT = "receipt"
    STORAGE = "storage"
    TANK_MOVE = "tank_move"
    RELEASE = "release"
    THAW = "thaw"
    INFUSION = "infusion"
    DISPOSAL = "disposal"
    EXCURSION = "excursion"
    NOT_ACCEPTED = "not_accepted"
    QUARANTINE = "quarantine"
    CHECK = "check"
    MISMATCH = "mismatch"
    TAKEN_BACK = "taken_back"
    WITNESS = "witness"
    DEVIATION = "deviation"


ACT_NAMES: dict[str, str] = {
    Act.PACK_OUT: N_("Material packed out"),
    Act.MANUFACTURER: N_("At the manufacturer's"),
    Act.DISPATCH: N_("Product sent to the site"),
    Act.RECEIPT: N_("Product received"),
    Act.STORAGE: N_("Put into storage"),
    Act.TANK_MOVE: N_("Moved in the tank"),
    Act.RELEASE: N_("Released to the ward"),
    Act.THAW: N_("Thaw"),
    Act.INFUSION: N_("Given to the patient"),
    Act.DISPOSAL: N_("Disposed of"),
    Act.EXCURSION: N_("Temperature excursion"),
    Act.NOT_ACCEPTED: N_("Not accepted on arrival"),
    Act.QUARANTINE: N_("Put into quarantine"),
    Act.CHECK: N_("Identity checked by two people"),
    Act.MISMATCH: N_("Identity check stopped"),
    Act.TAKEN_BACK: N_("The step before was recorded by mistake"),
    Act.WITNESS: N_("Witnessed"),
    Act.DEVIATION: N_("Deviation number"),
}
TEMPERATURES: dict[str, str] = {
    "cryogenic": N_("Vapour of liquid nitrogen"),
    "dry_ice": N_("Dry ice"),
    "cooled": N_("Cooled"),
    "room": N_("Room temperature"),
    "thawed": N_("Thawed"),
    "out_of_range": N_("Out of its range"),
}
CONDITIONS: dict[str, str] = {
    "intact": N_("Intact"),
    "damaged": N_("Damaged"),
    "leaking": N_("Leaking"),
    "unsealed": N_("Seal broken or missing"),
}
# What nobody may go on with before the hospital has numbered it as a deviation.
STOPPING: dict[str, tuple[str, ...]] = {
    "temperature": ("out_of_range",),
    "condition": ("damaged", "leaking", "unsealed"),
}
_HANDLERS = (Role.CELL_LAB, Role.PHARMACIST)
# What is written by hand, by whom; the rest follows moves and checks by itself.
WRITTEN_BY: dict[str, tuple[Role, ...]] = {
    Act.PACK_OUT: (Role.CELL_LAB, Role.APHERESIS_NURSE, Role.PHARMACIST),
    Act.RECEIPT: _HANDLERS,
    Act.STORAGE: _HANDLERS,
    Act.TANK_MOVE: _HANDLERS,
    Act.RELEASE: _HANDLERS,
    Act.THAW: (*_HANDLERS, Role.WARD_NURSE, Role.HAEMATOLOGIST),
    Act.DISPOSAL: (*_HANDLERS, Role.WARD_NURSE, Role.QUALITY),
    Act.EXCURSION: (*_HANDLERS, Role.APHERESIS_NURSE, Role.WARD_NURSE),
}
# Whoever was there may witness, but not sign and witness the same.
WITNESSED_BY: tuple[Role, ...] = tuple(
    role for role in Role if any(role in roles for roles in WRITTEN_BY.values())
)
# What an entry cannot do without; who handed over to whom and the state in which it came.
REQUIRED: dict[str, tuple[str, ...]] = {
    Act.PACK_OUT: ("handed_from", "handed_to", "temperature", "condition", "seal"),
    Act.RECEIPT: ("handed_from", "handed_to", "temperature", "condition", "seal"),
    Act.STORAGE: ("place", "temperature"),
    Act.TANK_MOVE: ("place", "temperature"),
    Act.RELEASE: ("handed_from", "handed_to", "temperature", "condition"),
    Act.THAW: ("place", "condition"),
    Act.DISPOSAL: ("place", "remark"),
    Act.EXCURSION: ("place", "remark"),
}
TEXTS: dict[str, int] = {
    "handed_from": 80, "handed_to": 80, "place": 80, "seal": 60, "remark": 200,
}  # fmt: skip
# The act that a move of the product says by itself.
OF_MOVE: dict[str, str] = {
    "material_shipped": Act.PACK_OUT,
    "material_excursion": Act.EXCURSION,
    "at_manufacturer": Act.MANUFACTURER,
    "shipped_to_site": Act.DISPATCH,
    "product_excursion": Act.EXCURSION,
    "received": Act.RECEIPT,
    "quarantined": Act.QUARANTINE,
    "stored": Act.STORAGE,
    "thawing": Act.THAW,
    "infused": Act.INFUSION,
    "discarded": Act.DISPOSAL,
    "wasted": Act.DISPOSAL,
}
GENESIS = "0" * 64
SHIPPED = "shipment:"  # begins the cause of an entry that the paper of a shipment is


def refuse_values(act: str, values: Mapping[str, str]) -> list[Refusal]:
    """Everything missing from an entry written by hand, or that cannot be kept."""
    refusals = [
        Refusal("value_missing", N_("This is needed."), field=name)
        for name in REQUIRED[act]
        if not values.get(name, "").strip()
    ]
    refusals += [
        Refusal("too_long", N_("At most %(longest)s characters."), {"longest": most}, field=name)
        for name, most in TEXTS.items()
        if len(values.get(name, "").strip()) > most
    ]
    for name, known in (("temperature", TEMPERATURES), ("condition", CONDITIONS)):
        if values.get(name, "") and values[name] not in known:
            refusals.append(Refusal("unknown_choice", N_("Choose one of the list."), field=name))
    return refusals


def faults_of(act: str, values: Mapping[str, str]) -> tuple[str, ...]:
    """What of an entry written by hand stops the product, as msgids; empty when nothing does."""
    words = {"temperature": TEMPERATURES, "condition": CONDITIONS}
    found = [
        words[name][values[name]]
        for name, stopping in STOPPING.items()
        if values.get(name, "") in stopping
    ]
    return (*found, *((ACT_NAMES[act],) if act == Act.EXCURSION and not found else ()))


def faults_of_shipment(values: Mapping[str, str]) -> tuple[str, ...]:
    """What of an entry that a shipment's paper is stops the product: such an entry always does."""
    if values.get("temperature") == "out_of_range":
        return (TEMPERATURES["out_of_range"],)
    return (ACT_NAMES[Act.NOT_ACCEPTED],)


@dataclass(frozen=True)
class Link:
    """One entry as the chain sees it: everything it says, its number and its two hashes."""

    number: int
    said: Mapping[str, object]
    previous: str
    hash: str


def digest(number: int, said: Mapping[str, object], previous: str) -> str:
    """The hash of an entry: of everything it says and of the entry before it."""
    plain = {name: _plain(value) for name, value in said.items()}
    text = json.dumps([previous, number, plain], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return f"{value:.1f}"
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value


def broken_at(links: Sequence[Link]) -> int | None:
    """The number at which a chain is broken first; None when every entry fits the one before."""
    previous = GENESIS
    for number, link in enumerate(links, start=1):
        fits = link.number == number and link.previous == previous
        if not fits or link.hash != digest(number, link.said, previous):
            return number
        previous = link.hash
    return None
