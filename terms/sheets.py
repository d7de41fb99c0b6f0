"""A file of lines and columns, read without guessing: CSV as spreadsheets write it."""

import codecs
import csv
import hashlib
import io
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from terms.refusals import Refusal, Refused
from terms.words import N_

LARGEST, MOST_ROWS, LONGEST_CELL = 1_000_000, 400, 2_000  # bytes, lines, characters
DELIMITERS = (",", ";", "\t")
_NO_ALIAS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Line:
    """One line of the file: its number as a spreadsheet counts, and its cells by column."""

    number: int
    cells: Mapping[str, str]


@dataclass(frozen=True)
class Sheet:
    """The lines of a file and what proves that it was this one."""

    lines: tuple[Line, ...]
    sha256: str


def read_sheet(
    content: bytes,
    *,
    columns: Collection[str],
    needed: Collection[str],
    aliases: Mapping[str, str] = _NO_ALIAS,
    most: int = MOST_ROWS,
    older: str = "",
) -> Sheet:
    """The lines of a CSV file with a header; empty lines are left out.

    Comma, semicolon or tab, whichever makes columns of the header. UTF-8, with or without a mark
    of byte order, else the `older` encoding, where one is named. `aliases` are other names of the
    columns. Raises Refused naming everything wrong with the file as a whole.
    """
    text = _text(content, older)
    first = text.split("\n", 1)[0]
    delimiter = max(DELIMITERS, key=first.count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise Refused(
            [_fault("not_csv", N_("This is no CSV file: %(why)s."), why=str(error))]
        ) from error
    written = [cell.strip().lower() for cell in rows[0]] if rows else []
    header = [aliases.get(name, name) for name in written]
    _refuse(_header_faults(header, columns, needed))
    body = [
        (number, row) for number, row in enumerate(rows[1:], start=2) if any(map(str.strip, row))
    ]
    _refuse(_body_faults(body, len(header), most))
    lines = tuple(
        Line(number, {name: cell.strip() for name, cell in zip(header, row, strict=False)})
        for number, row in body
    )
    return Sheet(lines, hashlib.sha256(content).hexdigest())


def _text(content: bytes, older: str) -> str:
    if len(content) > LARGEST:
        raise Refused(
            [_fault("too_large", N_("The file is larger than %(most)s bytes."), most=LARGEST)]
        )
    if b"\0" in content:
        raise Refused([_fault("not_text", N_("This is no text: save the sheet as “CSV UTF-8”."))])
    bare = content.removeprefix(codecs.BOM_UTF8)
    for encoding in filter(None, ("utf-8", older)):
        try:
            return bare.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Refused([_fault("not_utf8", N_("The file is not UTF-8: save it as “CSV UTF-8”."))])


def _header_faults(
    header: list[str], columns: Collection[str], needed: Collection[str]
) -> list[Refusal]:
    unknown = tuple(dict.fromkeys(name for name in header if name not in columns))
    twice = tuple(dict.fromkeys(name for name in header if header.count(name) > 1))
    missing = tuple(name for name in needed if name not in header)
    said = (
        ("unknown_column", N_("Columns that are not known: %(names)s."), unknown),
        ("column_twice", N_("Columns that are there twice: %(names)s."), twice),
        ("column_missing", N_("Columns that are missing: %(names)s."), missing),
    )
    return [
        _fault(code, message, names=tuple(name[:60] or "–" for name in names))
        for code, message, names in said
        if names
    ]


def _body_faults(body: list[tuple[int, list[str]]], width: int, most: int) -> list[Refusal]:
    if not body:
        return [_fault("empty", N_("The file has no lines."))]
    if len(body) > most:
        return [_fault("too_many", N_("The file has more than %(most)s lines."), most=most)]
    wide = tuple(str(number) for number, row in body if len(row) > width)
    long = tuple(str(n) for n, row in body if any(len(cell) > LONGEST_CELL for cell in row))
    said = (
        ("too_wide", N_("Lines with more cells than the header: %(lines)s."), wide),
        ("too_long", N_("Lines with a cell that is too long: %(lines)s."), long),
    )
    return [_fault(code, message, lines=lines) for code, message, lines in said if lines]


def _refuse(faults: list[Refusal]) -> None:
    if faults:
        raise Refused(faults)


def _fault(code: str, message: str, **params: object) -> Refusal:
    return Refusal(code=code, message=message, params=params, field="file")
