"""What guards know of toxicity: the latest grade of each scale after the infusion."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from types import MappingProxyType

from pathway.domain.charted import InfectionSeen


@dataclass(frozen=True)
class LastGrade:
    """The latest grade of one scale; None where that check could not be graded."""

    grade: int | None
    at: datetime
    on: date  # its local day
    at_least: bool = False  # what is not known could make it more, and no clinician spoke


@dataclass(frozen=True)
class ToxicityFacts:
    """By scale; a scale that nobody assessed is missing. `highest` and `fresh` are the protocol's.

    `fresh`: how long a check says how a patient is now.
    """

    scales: tuple[str, ...] = ()  # what has to be known before a discharge
    grades: Mapping[str, LastGrade] = field(default_factory=lambda: MappingProxyType({}))
    highest: int = 0
    fresh: timedelta = timedelta()
    infections: tuple[InfectionSeen, ...] = ()  # every one that stands, open or over

    def is_fresh(self, last: LastGrade, on: date, at: datetime | None) -> bool:
        """Whether `last` still says how the patient is `at` a moment, or on the day `on`."""
        return on - last.on <= self.fresh if at is None else at - last.at <= self.fresh


NOT_ASSESSED = ToxicityFacts()
