"""The shipped protocol, read without a database."""

from functools import cache
from pathlib import Path

from pathway.domain import rules
from patients.domain import delays, ranges
from patients.domain.ranges import Ranges
from protocol.domain.loading import ParsedProtocol, parse
from reminders.domain import items

FILE = Path(__file__).parents[2] / "protocols" / "brexucel-adult-all.toml"
PARSERS = {**rules.SECTIONS, **delays.SECTIONS, **ranges.SECTIONS, **items.SECTIONS}


@cache
def shipped() -> ParsedProtocol:
    """The shipped protocol with every section."""
    return parse(FILE.read_bytes(), FILE.name, PARSERS)


def shipped_ranges() -> Ranges:
    """Its analytes."""
    return shipped().section("ranges", Ranges)
