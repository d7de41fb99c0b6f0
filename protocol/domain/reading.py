"""Reading one table of a protocol file: typed values with their source, every fault collected."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Generic, TypeVar

from terms.words import N_, Bilingual

T = TypeVar("T")

# How the codes that a protocol makes up are written; the lengths are those of the columns.
CAPITAL_CODE = re.compile(r"[A-Z][A-Z0-9_]{0,39}")
SMALL_CODE = re.compile(r"[a-z][a-z0-9_]{0,29}")

_VALUE_KEYS = frozenset({"value", "source", "confirmed"})


@dataclass(frozen=True)
class ProtocolProblem:
    """One fault of a protocol file. `message` is an English msgid filled from `params`."""

    file: str
    dotted_key: str
    message: str
    params: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        said = self.message % self.params if self.params else self.message
        return ": ".join(part for part in (self.file, self.dotted_key, said) if part)


@dataclass(frozen=True)
class Setting(Generic[T]):
    """A value of the protocol, where it comes from, and whether that source was read for it."""

    value: T
    source: str
    confirmed: bool


class TableReader:
    """Reads the keys of one table.

    A fault is noted and a stand-in returned, so that one pass names every fault; whatever was
    built from stand-ins is thrown away because the load then fails. Keys that nobody read are
    faults too (`report_unread`): a misspelt setting must not be silently ignored.
    """

    def __init__(
        self, table: Mapping[str, Any], file: str, dotted_key: str, problems: list[ProtocolProblem]
    ) -> None:
        self.table = table
        self.file = file
        self.dotted_key = dotted_key
        self._problems = problems
        self._read: set[str] = set()
        self._children: list[TableReader] = []

    def __contains__(self, key: str) -> bool:
        return key in self.table

    def problem(self, key: str, message: str, **params: object) -> None:
        """Note a fault of `key` (of the table itself when empty)."""
        self._problems.append(ProtocolProblem(self.file, self._path(key), message, params))

    def report_unread(self) -> None:
        """Note every key, here and below, that nobody asked for."""
        for key in sorted(self.table.keys() - self._read):
            self.problem(key, N_("is not a known key"))
        for child in self._children:
            child.report_unread()

    # Tables below this one

    def child(self, key: str) -> "TableReader":
        """The table under `key`; an empty one, noted, when it is missing or no table."""
        found = self._take(key, Mapping, N_("must be a table"))
        return self._reader(found or {}, key)

    def codes(self, pattern: re.Pattern[str]) -> list[str]:
        """The keys of this table, which the protocol makes up; noted where `pattern` fails.

        Sorted, not in the order of the file: the database keeps the parsed file as JSON without
        order, and a version must read the same from both.
        """
        for key in sorted(self.table):
            if not pattern.fullmatch(key):
                self.problem(key, N_("is not a code such as %(form)s"), form=pattern.pattern)
        return sorted(self.table)

    def children(self, pattern: re.Pattern[str]) -> Iterator[tuple[str, "TableReader"]]:
        """Every key of this table, see `codes`, with the table under it."""
        for key in self.codes(pattern):
            yield key, self.child(key)

    def rows(self, key: str) -> Sequence["TableReader"]:
        """The tables of the array under `key`; noted when missing, empty or no array of tables."""
        found = self._take(key, list, N_("must be a list of tables"))
        if found is None:
            return ()
        if not found or not all(isinstance(row, Mapping) for row in found):
            self.problem(key, N_("must be a list of tables"))
            return ()
        return [self._reader(row, f"{key}[{index}]") for index, row in enumerate(found)]

    # Texts

    def text(self, key: str, longest: int = 200) -> str:
        """One line of text, not blank, of at most `longest` characters."""
        found = self._take(key, str, N_("must be text"))
        if found is None:
            return ""
        if not found.strip() or not found.isprintable():
            self.problem(key, N_("must be one line of text, not blank"))
        if len(found) > longest:
            self.problem(key, N_("must not be longer than %(most)s characters"), most=longest)
        return str(found)

    def bilingual(self, key: str) -> Bilingual:
        """A text in both languages: `{ en = "…", it = "…" }`."""
        if key not in self.table:
            self._read.add(key)
            self.problem(key, N_("is missing"))
            return Bilingual("", "")
        languages = self.child(key)
        return Bilingual(en=languages.text("en"), it=languages.text("it"))

    def plain_whole_number(self, key: str, low: int, high: int) -> int:
        """A whole number from `low` to `high` written without a source (a version)."""
        if key not in self.table:
            self._read.add(key)
            self.problem(key, N_("is missing"))
            return low
        self._read.add(key)
        return self._whole(self.table[key], key, low, high)

    def plain_decimal(self, key: str, low: str, high: str) -> Decimal:
        """A number from `low` to `high` written without a source (a conversion factor)."""
        self._read.add(key)
        return self._number(self.table.get(key), key, low, high)

    # Values with a source

    def whole_number(self, key: str, low: int, high: int) -> Setting[int]:
        """A whole number from `low` to `high`, both included."""
        return self._setting(key, low, lambda raw: self._whole(raw, key, low, high))

    def whole_numbers(self, key: str, low: int, high: int) -> Setting[tuple[int, ...]]:
        """A list, not empty, of whole numbers from `low` to `high`, both included."""

        def read(raw: object) -> tuple[int, ...]:
            if not isinstance(raw, list) or not raw:
                self.problem(key, N_("must be a list of whole numbers"))
                return ()
            return tuple(self._whole(one, key, low, high) for one in raw)

        return self._setting(key, (), read)

    def decimal_number(self, key: str, low: str, high: str) -> Setting[Decimal]:
        """A number from `low` to `high`, both included, exactly as written in the file."""

        return self._setting(key, Decimal(low), lambda raw: self._number(raw, key, low, high))

    def decimal_range(self, key: str, low: str, high: str) -> Setting[tuple[Decimal, Decimal]]:
        """Two numbers from `low` to `high`, the first not above the second, as written."""
        outer = (Decimal(low), Decimal(high))

        def read(raw: object) -> tuple[Decimal, Decimal]:
            ends = [_decimal(one) for one in raw] if isinstance(raw, list) else []
            match ends:
                case [Decimal() as first, Decimal() as last]:
                    if outer[0] <= first <= last <= outer[1]:
                        return first, last
            self.problem(
                key,
                N_("must be two numbers from %(low)s to %(high)s, the lower one first"),
                low=low,
                high=high,
            )
            return outer

        return self._setting(key, outer, read)

    def choice(self, key: str, allowed: Sequence[str]) -> Setting[str]:
        """One of the words in `allowed`."""

        def read(raw: object) -> str:
            if isinstance(raw, str) and raw in allowed:
                return raw
            self.problem(key, N_("must be one of %(allowed)s"), allowed=", ".join(allowed))
            return allowed[0]

        return self._setting(key, allowed[0], read)

    def choices(self, key: str, allowed: Sequence[str]) -> Setting[tuple[str, ...]]:
        """A list, not empty, of words in `allowed`."""

        def read(raw: object) -> tuple[str, ...]:
            if isinstance(raw, list) and raw and all(one in allowed for one in raw):
                return tuple(raw)
            self.problem(key, N_("must be a list of %(allowed)s"), allowed=", ".join(allowed))
            return ()

        return self._setting(key, (), read)

    def flag(self, key: str) -> Setting[bool]:
        """True or false."""

        def read(raw: object) -> bool:
            if not isinstance(raw, bool):
                self.problem(key, N_("must be true or false"))
            return raw is True

        return self._setting(key, False, read)

    def parsed(self, key: str, read: Callable[[str], T], stand_in: T, wanted: str) -> Setting[T]:
        """A text that `read` turns into a value; its `ValueError` is noted as `wanted`."""

        def attempt(raw: object) -> T:
            try:
                if isinstance(raw, str):
                    return read(raw)
            except ValueError:
                pass  # noted below, like a value that is no text
            self.problem(key, wanted)
            return stand_in

        return self._setting(key, stand_in, attempt)

    # How it is done

    def _path(self, key: str) -> str:
        return ".".join(part for part in (self.dotted_key, key) if part)

    def _reader(self, table: Mapping[str, Any], key: str) -> "TableReader":
        reader = TableReader(table, self.file, self._path(key), self._problems)
        self._children.append(reader)
        return reader

    def _take(self, key: str, kind: type[Any], wanted: str) -> Any:
        self._read.add(key)
        if key not in self.table:
            self.problem(key, N_("is missing"))
            return None
        found = self.table[key]
        if not isinstance(found, kind):
            self.problem(key, wanted)
            return None
        return found

    def _whole(self, raw: object, key: str, low: int, high: int) -> int:
        if isinstance(raw, int) and not isinstance(raw, bool) and low <= raw <= high:
            return raw
        self.problem(key, N_("must be a whole number from %(low)s to %(high)s"), low=low, high=high)
        return low

    def _number(self, raw: object, key: str, low: str, high: str) -> Decimal:
        number = _decimal(raw)
        if number is not None and Decimal(low) <= number <= Decimal(high):
            return number
        self.problem(key, N_("must be a number from %(low)s to %(high)s"), low=low, high=high)
        return Decimal(low)

    def _setting(self, key: str, stand_in: T, read: Callable[[object], T]) -> Setting[T]:
        found = self._take(
            key, Mapping, N_("must be a table { value = …, source = …, confirmed = … }")
        )
        if found is None:
            return Setting(stand_in, "", confirmed=False)
        for extra in sorted(found.keys() - _VALUE_KEYS):
            self.problem(f"{key}.{extra}", N_("is not a known key"))
        value = read(found["value"]) if "value" in found else stand_in
        if "value" not in found:
            self.problem(f"{key}.value", N_("is missing"))
        return Setting(value, self._source(found, key), self._confirmed(found, key))

    def _source(self, found: Mapping[str, Any], key: str) -> str:
        source = found.get("source")
        if isinstance(source, str) and source.strip() and source.isprintable():
            return source
        self.problem(f"{key}.source", N_("must say where the value comes from"))
        return ""

    def _confirmed(self, found: Mapping[str, Any], key: str) -> bool:
        confirmed = found.get("confirmed")
        if not isinstance(confirmed, bool):
            self.problem(f"{key}.confirmed", N_("must be true or false"))
        return confirmed is True


def _decimal(raw: object) -> Decimal | None:
    """The finite number of a TOML file, exactly as written there, None for anything else."""
    if not isinstance(raw, int | float) or isinstance(raw, bool):
        return None
    # repr of a float is the shortest text that reads back to it: the literal of the file
    number = Decimal(repr(raw))
    return number if number.is_finite() else None
