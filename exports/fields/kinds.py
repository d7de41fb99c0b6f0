"""The kinds of columns by what they tell about a person, and how a group of them is declared."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a column tells about whom."""

    DIRECT = "direct"  # names or numbers one patient: name, birth date, numbers, labels of the bag
    STAFF = "staff"  # who of the staff, or which other doctor or hospital
    DATE = "date"  # a day or a moment: with others it finds a person, so files shift it
    TEXT = "text"  # as somebody wrote it: may name anybody
    CLINICAL = "clinical"  # typed, but what describes the treatment itself: disease, drug, regimen
    CODED = "coded"  # of a fixed list, a yes or no, a number that was measured or counted
    TECHNICAL = "technical"  # keys, versions, leases, hashes, secrets: tells nobody anything


class Level(StrEnum):
    """How much a file says about who somebody is."""

    PSEUDONYMISED = "pseudonymised"
    IDENTIFIED = "identified"


@dataclass(frozen=True)
class Declared:
    """The columns of one model by kind, each kind as the names it holds."""

    model: str
    direct: str = ""
    staff: str = ""
    date: str = ""
    text: str = ""
    clinical: str = ""
    coded: str = ""
    technical: str = ""

    def columns(self) -> Iterator[tuple[str, Kind]]:
        """Each column with its kind."""
        for kind in Kind:
            for name in getattr(self, kind.value).split():
                yield name, kind
