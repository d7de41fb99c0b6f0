"""The shipped protocols, read without a database."""

from functools import cache
from pathlib import Path

from patients.domain.ranges import Ranges
from protocol.domain.loading import ParsedProtocol, parse
from protocol.sections import registered

FOLDER = Path(__file__).parents[2] / "protocols"
# As config/wiring.py fills it when Django starts: a new section needs no change here.
PARSERS = dict(registered())


@cache
def shipped(code: str = "brexucel-adult-all") -> ParsedProtocol:
    """A shipped protocol with every section."""
    file = FOLDER / f"{code}.toml"
    return parse(file.read_bytes(), file.name, PARSERS)


def shipped_ranges() -> Ranges:
    """The analytes of the first."""
    return shipped().section("ranges", Ranges)
