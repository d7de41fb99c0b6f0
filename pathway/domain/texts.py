"""The protocol's own words for pages: reminders of what to look at, never an order."""

from collections.abc import Mapping
from dataclasses import dataclass

from protocol.domain.loading import SectionParser
from protocol.domain.reading import TableReader
from terms.words import Bilingual

# Where a page shows a text, and the moves (machine, target) above whose form it stands.
PLACES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "collection": (("apheresis", "cleared"), ("apheresis", "in_progress")),
    "lymphodepletion": (("journey", "lymphodepletion"), ("lymphodepletion", "in_progress")),
    "infusion": (("journey", "infusion"),),
    "bedside_check": (("product", "thawing"), ("product", "infused")),
}


@dataclass(frozen=True)
class Texts:
    """The texts of a protocol by place; a place may have none."""

    by_place: Mapping[str, Bilingual]

    def above(self, machine: str, target: str) -> Bilingual | None:
        """The text above the form of a move; None where the protocol has nothing to say."""
        for place, text in self.by_place.items():
            if (machine, target) in PLACES[place]:
                return text
        return None


def read_texts(reader: TableReader) -> Texts:
    """Parse `[texts]`: a text in both languages for any of the places; another key is a fault."""
    return Texts({place: reader.bilingual(place) for place in PLACES if place in reader})


SECTIONS: Mapping[str, SectionParser] = {"texts": read_texts}
