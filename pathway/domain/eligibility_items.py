"""The items of an eligibility review: what the protocol asks, and how each of them stands."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from pathway.domain.assessments import ItemEntry, ItemStep
from pathway.domain.measures import Measure, Verdict, judge, read_measure
from protocol.domain.loading import SectionParser
from protocol.domain.reading import CAPITAL_CODE, Setting, TableReader
from terms.roles import ROLE_NAMES, Role
from terms.words import N_, Bilingual

AGE = "AGE"  # computed from the birth date; every other item is recorded by a person
COMPUTED = frozenset({AGE})


class ItemState(StrEnum):
    """How an item of a review stands; that it is expired is said beside it, never kept."""

    NOT_REQUESTED = "not_requested"
    REQUESTED = "requested"
    SAMPLED = "sampled"
    RESULTED = "resulted"  # a result that cannot be compared
    ACCEPTED = "accepted"
    OUT_OF_RANGE = "out_of_range"
    WAIVED = "waived"


@dataclass(frozen=True)
class EligibilityItem:
    """One item of the protocol's list."""

    code: str
    order: int
    label: Bilingual
    mandatory: Setting[bool]
    measure: Measure
    validity_days: Setting[int] | None
    recorded_by: Setting[tuple[str, ...]]
    waived_by: Setting[tuple[str, ...]]


@dataclass(frozen=True)
class EligibilityItems:
    """Every item by code, in the order in which pages show them."""

    by_code: Mapping[str, EligibilityItem]


@dataclass(frozen=True)
class ItemStanding:
    """One item of a review on a day: its state, the value, its age and until when it holds."""

    item: EligibilityItem
    state: ItemState
    value: str = ""
    on: date | None = None
    age_days: int | None = None
    valid_until: date | None = None
    expired: bool = False
    by: str = ""
    reason: str = ""
    entry: int | None = None  # the latest row, which a correction supersedes

    @property
    def settled(self) -> bool:
        """Whether the item no longer stands in the way: accepted or waived, and still valid."""
        return self.state in (ItemState.ACCEPTED, ItemState.WAIVED) and not self.expired


def standings(
    items: EligibilityItems, entries: Iterable[ItemEntry], on: date, *, on_label: bool
) -> tuple[ItemStanding, ...]:
    """How every item stands on the day `on`, from the rows of one review that still count.

    Rows of a later day are not seen, but what was taken back is, whenever. `on_label` is what the
    birth date says of the label's ages.
    """
    rows: dict[str, list[ItemEntry]] = {}
    for entry in entries:
        if entry.on <= on or entry.step == ItemStep.WITHDRAWN:
            rows.setdefault(entry.code, []).append(entry)
    return tuple(
        _standing(item, *_latest(rows.get(item.code, [])), on, on_label)
        for item in items.by_code.values()
    )


def _latest(rows: list[ItemEntry]) -> tuple[ItemEntry | None, ItemEntry | None]:
    """The row that counts and the result it is about.

    A result entered late does not stand before one of a later day, but no waiver outlives a result
    entered after it, whatever its day: who waived had not seen it. Nor does one outlive a row that
    was taken back after it. An item ordered again counts as ordered until its next result.
    """
    taken_back = [row.pk for row in rows if row.step == ItemStep.WITHDRAWN]
    rows = [row for row in rows if row.step != ItemStep.WITHDRAWN]
    in_time = sorted(rows, key=lambda row: (row.on, row.pk))
    results = [row for row in in_time if row.step == ItemStep.RESULTED]
    seen = max([row.pk for row in results] + taken_back, default=0)
    waived = [row for row in rows if row.step == ItemStep.WAIVED and row.pk > seen]
    decided = sorted([*results, *waived], key=lambda row: (row.on, row.pk))
    asked = [row for row in rows if row.step not in (ItemStep.RESULTED, ItemStep.WAIVED)]
    last = decided[-1] if decided else None
    if asked and (last is None or (asked[-1].pk > last.pk and asked[-1].on >= last.on)):
        return asked[-1], None
    return last, results[-1] if results else None


def _standing(
    item: EligibilityItem,
    last: ItemEntry | None,
    result: ItemEntry | None,
    on: date,
    on_label: bool,
) -> ItemStanding:
    if last is not None and last.step == ItemStep.WAIVED and not item.waived_by.value:
        last = result  # waived under another version of the protocol; this one lets nobody
    if item.code in COMPUTED and last is None:
        state = ItemState.ACCEPTED if on_label else ItemState.OUT_OF_RANGE
        return ItemStanding(item, state, on=on, age_days=0)
    if last is None:
        return ItemStanding(item, ItemState.NOT_REQUESTED)
    until = _valid_until(item, last)
    return ItemStanding(
        item=item,
        state=_state(item, last),
        value=result.value if result else "",
        on=last.on,
        age_days=(on - last.on).days,
        valid_until=until,
        expired=until is not None and on > until,
        by=last.by,
        reason=last.reason,
        entry=last.pk,
    )


def _state(item: EligibilityItem, last: ItemEntry) -> ItemState:
    if last.step != ItemStep.RESULTED:
        return ItemState(last.step)
    verdict = judge(item.measure, last.value)
    return {
        Verdict.IN_RANGE: ItemState.ACCEPTED,
        Verdict.OUT_OF_RANGE: ItemState.OUT_OF_RANGE,
        Verdict.UNREADABLE: ItemState.RESULTED,
    }[verdict]


def _valid_until(item: EligibilityItem, last: ItemEntry) -> date | None:
    """The last day on which a result or a waiver holds; a request has none."""
    if item.validity_days is None or last.step not in (ItemStep.RESULTED, ItemStep.WAIVED):
        return None
    return last.on + timedelta(days=item.validity_days.value)


def read_roles(reader: TableReader, key: str) -> Setting[tuple[str, ...]]:
    """Parse a text with role codes between spaces; noted when one of them is none."""

    def read(text: str) -> tuple[str, ...]:
        return tuple(Role(word).value for word in text.split())

    return reader.parsed(key, read, (), N_("must be role codes, such as haematologist"))


def read_items(reader: TableReader) -> EligibilityItems:
    """Parse `[eligibility_items.<CODE>]`; the list must not be empty."""
    items = [
        EligibilityItem(
            code=code,
            order=row.plain_whole_number("order", 1, 9999),
            label=row.bilingual("label"),
            mandatory=row.flag("mandatory"),
            measure=read_measure(row),
            validity_days=row.whole_number("validity_days", 1, 3650)
            if "validity_days" in row
            else None,
            recorded_by=read_roles(row, "recorded_by"),
            waived_by=read_roles(row, "waived_by"),
        )
        for code, row in reader.children(CAPITAL_CODE)
    ]
    if not items:
        reader.problem("", N_("must not be empty"))
    items.sort(key=lambda item: (item.order, item.code))
    return EligibilityItems({item.code: item for item in items})


def role_list(codes: Iterable[str]) -> str:
    """The English names of roles for a refusal."""
    return ", ".join(ROLE_NAMES[code] for code in codes)


SECTIONS: Mapping[str, SectionParser] = {"eligibility_items": read_items}
