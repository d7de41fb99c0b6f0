"""What differs between two versions: added, removed or changed, by dotted key, in file order."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """How a key differs."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True)
class Entry:
    """What a file says under one key. `confirmed` is None for a text, which has no source."""

    value: object
    source: str = ""
    confirmed: bool | None = None


@dataclass(frozen=True)
class Difference:
    """One key that the two versions do not say alike."""

    key: str
    kind: Kind
    before: Entry | None
    after: Entry | None


def entries(data: Mapping[str, Any]) -> dict[str, Entry]:
    """Every value of a parsed file by its dotted key, in the order of `data`."""
    return dict(_entries(data, ""))


def compare(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Difference, ...]:
    """Every difference, in the order of the newer file; what went stands where it stood."""
    old, new = entries(before), entries(after)
    found = []
    for key in _merged(list(old), list(new)):
        was, now = old.get(key), new.get(key)
        if was == now:
            continue
        kind = Kind.ADDED if was is None else Kind.REMOVED if now is None else Kind.CHANGED
        found.append(Difference(key, kind, was, now))
    return tuple(found)


def _entries(found: object, key: str) -> Iterator[tuple[str, Entry]]:
    if isinstance(found, Mapping) and "value" in found:
        yield key, Entry(found["value"], str(found.get("source", "")), found.get("confirmed"))
    elif isinstance(found, Mapping):
        for name, below in found.items():
            yield from _entries(below, f"{key}.{name}" if key else name)
    elif isinstance(found, list) and found and all(isinstance(one, Mapping) for one in found):
        for index, below in enumerate(found):
            yield from _entries(below, f"{key}[{index}]")
    else:
        yield key, Entry(found)


def _merged(old: list[str], new: list[str]) -> list[str]:
    """The keys of both: the newer order, each key that went right after the one it followed."""
    kept, after = set(new), dict[str, list[str]]()
    previous = ""
    for key in old:
        if key in kept:
            previous = key
        else:
            after.setdefault(previous, []).append(key)
    merged = after.get("", [])
    for key in new:
        merged += [key, *after.get(key, [])]
    return merged
