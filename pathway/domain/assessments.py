"""What was assessed and decided, as guards may see it: results, the meeting, gate checks."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from pathway.domain.charted import ChartResult
from patients.domain.body import Measure


class ItemStep(StrEnum):
    """What a row about an eligibility item says."""

    REQUESTED = "requested"
    SAMPLED = "sampled"
    RESULTED = "resulted"
    WAIVED = "waived"
    WITHDRAWN = "withdrawn"  # the row it replaces was a mistake; nothing takes its place


class GateOutcome(StrEnum):
    """What a row about a gate check says."""

    MET = "met"
    NOT_MET = "not_met"
    NOT_APPLICABLE = "not_applicable"
    WAIVED = "waived"
    WITHDRAWN = "withdrawn"  # the row it replaces was a mistake; nothing takes its place


class Vote(StrEnum):
    """What a meeting decided."""

    ACCEPTED = "accepted"
    DEFERRED = "deferred"
    NOT_ELIGIBLE = "not_eligible"


@dataclass(frozen=True)
class ItemEntry:
    """One row about an eligibility item of a review; `on` is the day of the sample or deed."""

    pk: int
    review: int
    code: str
    step: str
    value: str
    on: date
    by: str
    reason: str = ""


@dataclass(frozen=True)
class GateEntry:
    """One row about a check of a gate."""

    pk: int
    gate: str
    check: str
    round: int
    outcome: str
    value: str
    at: datetime
    on: date  # `at` in the centre's zone
    by: str
    recorded_at: datetime
    recorded_on: date
    remark: str = ""
    replaces: int | None = None  # the row that this one corrects or takes back


@dataclass(frozen=True)
class MeetingEntry:
    """One meeting about a review; signed by a haematologist, or not yet."""

    pk: int
    review: int
    on: date
    vote: str
    counts: tuple[int, int, int]  # in favour, against, abstained
    participants: str
    minutes: str
    reason: str
    review_on: date | None
    signed_by: str
    by: str
    recorded_at: datetime


@dataclass(frozen=True)
class Assessments:
    """Everything of a course that still stands, in the order it was recorded."""

    items: tuple[ItemEntry, ...] = ()
    gates: tuple[GateEntry, ...] = ()
    meetings: tuple[MeetingEntry, ...] = ()
    weights: tuple[Measure, ...] = ()  # of the chart, in kilograms, oldest first
    heights: tuple[Measure, ...] = ()  # in centimetres
    results: tuple[ChartResult, ...] = ()  # of the chart, those that gates are compared with

    def meeting_of(self, review: int) -> MeetingEntry | None:
        """The latest meeting about a review."""
        return next((one for one in reversed(self.meetings) if one.review == review), None)


NOTHING = Assessments()
