"""From the bytes of a protocol file to its parsed sections, or to the list of all its faults."""

import hashlib
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from protocol.domain.reading import ProtocolProblem, TableReader
from terms.words import N_, Bilingual

T = TypeVar("T")

SectionParser = Callable[[TableReader], object]


class ProtocolInvalid(Exception):
    """A protocol file with faults; carries all of them."""

    def __init__(self, problems: Iterable[ProtocolProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


@dataclass(frozen=True)
class Meta:
    """What a protocol is: `code` and `version` name it for good."""

    code: str
    version: int
    title: Bilingual
    product: str
    indication: Bilingual


@dataclass(frozen=True)
class ParsedProtocol:
    """A protocol whose every section was read without fault."""

    meta: Meta
    data: Mapping[str, Any]
    sections: Mapping[str, object]

    def section(self, name: str, kind: type[T]) -> T:
        """The parsed section `name`, an instance of `kind`.

        Raises `KeyError` for a name that no app registered and `TypeError` for another kind:
        both are faults of the wiring, not of the file.
        """
        section = self.sections[name]
        if not isinstance(section, kind):
            raise TypeError(f"section {name} is not a {kind.__name__}")
        return section


def digest(content: bytes) -> str:
    """The SHA-256 of a protocol file, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def parse(content: bytes, file: str, parsers: Mapping[str, SectionParser]) -> ParsedProtocol:
    """Parse the TOML in `content`; `file` is only its name in messages.

    Raises `ProtocolInvalid` with every fault: text that is no TOML, missing and unknown
    sections and keys, values out of range.
    """
    try:
        data = tomllib.loads(content.decode("utf-8"))
    except UnicodeDecodeError as fault:
        raise ProtocolInvalid([_at_file(file, N_("is not UTF-8 text"))]) from fault
    except (tomllib.TOMLDecodeError, RecursionError) as fault:
        message = N_("is not valid TOML: %(fault)s")
        raise ProtocolInvalid([_at_file(file, message, fault=str(fault))]) from fault
    return read_data(data, file, parsers)


def read_data(
    data: Mapping[str, Any], file: str, parsers: Mapping[str, SectionParser]
) -> ParsedProtocol:
    """Read what TOML already gave, `meta` and then each section by the parser of its owner.

    Raises `ProtocolInvalid` with every fault.
    """
    problems: list[ProtocolProblem] = []
    whole = TableReader(data, file, "", problems)
    meta = _meta(whole.child("meta"))
    sections = {name: parser(whole.child(name)) for name, parser in parsers.items()}
    whole.report_unread()
    if problems:
        raise ProtocolInvalid(problems)
    return ParsedProtocol(meta=meta, data=data, sections=sections)


def _meta(reader: TableReader) -> Meta:
    return Meta(
        code=reader.text("code", longest=60),
        version=reader.plain_whole_number("version", 1, 9999),
        title=reader.bilingual("title"),
        product=reader.text("product", longest=60),
        indication=reader.bilingual("indication"),
    )


def _at_file(file: str, message: str, **params: object) -> ProtocolProblem:
    return ProtocolProblem(file, "", message, params)
