"""A version as people read it: section by section, each value with its source and standing."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.wording import param_in_words
from protocol.domain.comparing import Difference, Entry, compare, entries
from terms.words import N_

# A section without a title here is shown by its code.
SECTION_NAMES = {
    "stages": N_("Stages and targets"),
    "eligibility": N_("Eligibility"),
    "eligibility_items": N_("Eligibility items"),
    "gates": N_("Gates"),
    "washouts": N_("Washouts before apheresis"),
    "apheresis": N_("Apheresis"),
    "lymphodepletion": N_("Lymphodepletion"),
    "cell_dose": N_("Cell dose by weight"),
    "intervals": N_("Intervals"),
    "consents": N_("Consents"),
    "delay_reasons": N_("Reasons for a delay"),
    "schedule": N_("Follow-up schedule"),
    "sending": N_("Sending of reminders"),
    "ranges": N_("Ranges and units"),
    "texts": N_("Texts"),
}
_LANGUAGES = ("en", "it")
_INDEXED = re.compile(r"([a-z_]+)\[(\d+)\]")


@dataclass(frozen=True)
class ValueRow:
    """One value: what it is in words, its dotted key, and the standing of its source."""

    name: str
    key: str
    value: str
    source: str
    confirmed: bool | None  # None for a text, which has no source


@dataclass(frozen=True)
class SectionView:
    """One section with its values in the order of the file."""

    code: str
    title: str
    rows: tuple[ValueRow, ...]

    @property
    def unconfirmed(self) -> tuple[ValueRow, ...]:
        """The values whose source nobody has read for them."""
        return tuple(row for row in self.rows if row.confirmed is False)


@dataclass(frozen=True)
class DifferenceRow:
    """One key that two versions do not say alike."""

    name: str
    key: str
    kind: str
    before: ValueRow | None
    after: ValueRow | None


def sections(data: Mapping[str, Any]) -> tuple[SectionView, ...]:
    """The sections of a parsed file in the active language, without `meta`."""
    return tuple(
        SectionView(code, section_title(code), tuple(_rows(code, found)))
        for code, found in data.items()
        if code != "meta"
    )


def section_title(code: str) -> str:
    """What a section is called in the active language."""
    return _(SECTION_NAMES[code]) if code in SECTION_NAMES else code


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[DifferenceRow, ...]:
    """What differs between two parsed files, in words of the active language."""
    return tuple(_difference(one, before, after) for one in compare(before, after))


def _difference(
    found: Difference, before: Mapping[str, Any], after: Mapping[str, Any]
) -> DifferenceRow:
    name = name_of(found.key, before if found.after is None else after)
    return DifferenceRow(
        name=name,
        key=found.key,
        kind=found.kind.value,
        before=_row(name, found.key, found.before) if found.before else None,
        after=_row(name, found.key, found.after) if found.after else None,
    )


def _rows(code: str, found: object) -> Iterator[ValueRow]:
    language = (get_language() or "en").split("-")[0]
    other = next(one for one in _LANGUAGES if one != language)
    data = {code: found}
    for key, entry in entries(data).items():
        *_path, last = key.split(".")
        told_in_the_name = key.endswith(tuple(f".label.{one}" for one in _LANGUAGES))
        if not told_in_the_name and not (entry.confirmed is None and last == other):
            yield _row(name_of(key, data), key, entry)


def _row(name: str, key: str, entry: Entry) -> ValueRow:
    return ValueRow(name, key, _in_words(entry.value), entry.source, entry.confirmed)


def name_of(key: str, data: Mapping[str, Any]) -> str:
    """The key in words: below its section, with the label of whatever has one."""
    names, here = [], data
    for part in key.split("."):
        code, index = _indexed(part)
        below: Any = here.get(code) if isinstance(here, Mapping) else None
        if index is not None and isinstance(below, list):
            below = below[index]
        names.append(_label(below) or _spelt(part))
        here = below
    section, *rest = names
    if rest and rest[-1] in _LANGUAGES:
        rest.pop()
    return " · ".join(rest) or section


def _label(found: object) -> str:
    label = found.get("label") if isinstance(found, Mapping) else None
    if not isinstance(label, Mapping):
        return ""
    language = (get_language() or "en").split("-")[0]
    return str(label.get(language) or label.get("en") or "")


def _spelt(part: str) -> str:
    """`phases[0]` → `phases 1`, `min_days` → `min days`."""
    code, index = _indexed(part)
    words = code.replace("_", " ")
    return words if index is None else f"{words} {index + 1}"


def _indexed(part: str) -> tuple[str, int | None]:
    """`phases[0]` is the first of a list; a unit such as `[IU]/mL` is a name like any other."""
    match = _INDEXED.fullmatch(part)
    return (match[1], int(match[2])) if match else (part, None)


def _in_words(value: object) -> str:
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, list):
        return ", ".join(_in_words(one) for one in value)
    if isinstance(value, float):
        return str(param_in_words(Decimal(repr(value))))
    return str(value)
