"""What is known of one course of a cohort, and what follows from it for tables and curves.

None is not known, and never 0. Days are counted from the infusion.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from functools import cached_property
from types import MappingProxyType
from typing import Any

from exports.domain.summaries import MISSING, Value
from exports.domain.survival import Time
from terms.words import N_

_DAYS_OF_A_MONTH = Fraction("30.4375")
NONE = "none"
EARLY, LATER, YEAR = WINDOWS = 30, 100, 365  # days by which indicators ask what came
# The gate to lymphodepletion asks for one of these; anything else is text that somebody typed.
DISEASE_STATUS: Mapping[str, str] = MappingProxyType(
    {
        "cr_mrd_negative": N_("Complete remission, MRD negative"),
        "cr": N_("Complete remission"),
        "no_blasts": N_("No circulating blasts"),
        "stable": N_("Stable disease"),
        "progressive": N_("Progressive disease"),
        "not_assessed": N_("Not assessed"),
    }
)


def whole_months(days: int) -> int:
    """The nearest whole number of months of 30.4375 days, as reports give them."""
    return int(days / _DAYS_OF_A_MONTH + Fraction(1, 2))


@dataclass(frozen=True)
class Toxic:
    """The episodes of one scale together: the highest grade, the first onset, all their days.

    `grade` is 0 where somebody looked and found nothing, None where nobody looked.
    """

    grade: int | None = None
    onset_day: int | None = None
    duration_days: int | None = None
    ongoing: bool = False
    early_grade: int | None = None  # of what began by day 30

    @property
    def affected(self) -> bool:
        """Whether there was an episode."""
        return bool(self.grade)

    @property
    def onset(self) -> Value | None:
        """The day of the first onset, of those affected."""
        return self._of_affected(self.onset_day)

    @property
    def duration(self) -> Value | None:
        """The days with signs, of those affected; censored while it goes on."""
        return self._of_affected(self.duration_days, censored=self.ongoing)

    def _of_affected(self, days: int | None, *, censored: bool = False) -> Value | None:
        if self.grade is None:
            return MISSING
        return Value(days, censored) if self.affected else None

    def reached(self, grade: int) -> bool | None:
        """Whether it reached a grade in an episode that began by day 30."""
        return None if self.grade is None else (self.early_grade or 0) >= grade


@dataclass(frozen=True)
class Counted:
    """One enrolled course."""

    course_id: int
    code: str
    patient: str  # the published or the course's code, never a name
    product: str
    protocol_id: int
    stage: str
    left_stage: str
    exit_reason: str
    referred_on: date
    closed_on: date | None
    today: date
    ended: bool  # it left the pathway, or was completed
    age: int
    transcribed_on: date | None = None
    enrolled_on: date | None = None
    collected_on: date | None = None
    last_collected_on: date | None = None
    infused_on: date | None = None
    depleted_on: date | None = None
    discharged_on: date | None = None
    died_on: date | None = None
    death_category: str | None = None
    seen_on: date | None = None
    # History
    disease: str | None = None
    ph_status: str | None = None
    risk: str | None = None
    first_line: str | None = None
    response: str | None = None
    allo_told: str | None = None
    allo_before: bool = False
    allo_item: str | None = None
    allo_after: bool = False
    allo_after_on: date | None = None
    allo_consolidating: bool = False
    relapsed_on: date | None = None
    relapse_unclear: bool = False
    relapse_cd19: str | None = None
    # Pathway
    bridging_drugs: str | None = None
    unbridged: bool = False
    attempts_ended: int | None = None
    attempts_adequate: int | None = None
    products_ordered: int | None = None
    products_failed: int | None = None
    products_controlled: int | None = None
    products_oos: int | None = None
    products_received: int | None = None
    products_wasted: int | None = None
    product_released: bool = False
    material_arrived_on: date | None = None
    product_released_on: date | None = None
    product_received_on: date | None = None  # the infused one
    material_on: date | None = None  # when the collection began that the infused product is of
    thaw_minutes: int | None = None
    thaw_limit: int | None = None  # minutes, of the protocol
    bedside_checked: bool = False
    incidents: int = 0
    corrected_late: bool = False
    depletion_complete: bool = False
    last_depletion_on: date | None = None
    depletion_window: tuple[int, int] | None = None  # days to the infusion, of the protocol
    accepted_on: date | None = None
    disease_status: str | None = None
    holds: int = 0
    # Items of the schedule whose window has passed, done in it, and those of registries
    items_due: int = 0
    items_timely: int = 0
    registry_due: int = 0
    registry_timely: int = 0
    next_over: date | None = None  # the day whose end lets the next window pass
    # Of each item: its code, done in its window, due. Of delays by reason: its code, its side, the
    # days of those over, how many are over, how many go on. Of incidents by category: how many.
    items: tuple[tuple[str, int, int], ...] = field(default=(), compare=False)
    delays: tuple[tuple[str, str, int, int, int], ...] = field(default=(), compare=False)
    incident_categories: tuple[tuple[str, int], ...] = field(default=(), compare=False)
    # After the infusion
    stay_days: int | None = None
    in_hospital: bool = False
    intensive: bool | None = None
    readmitted: bool | None = None
    neutropenic_days: int | None = None
    counting_ends: int = 0  # the last day on which neutropenia is counted
    unknown_before: int = 0
    unknown_after: int = 0
    counts_unread: bool = False
    aplasia_start: int | None = None
    aplasia_end: int | None = None
    aplasia_seen: int | None = None
    aplasia_unclear: bool = False
    icaht_severe: bool | None = None  # grade 3 or more, early or late
    graded_until: int = 0  # the last day on which late ICAHT is counted; 0 where it is not
    ecog: int | None = None
    igg_low: bool | None = None
    remission: bool | None = None
    mrd_negative: bool | None = None
    remission_on: date | None = None
    tocilizumab_doses: int = 0
    steroids: bool = False
    immunoglobulin: bool = False
    dexamethasone: bool = False
    dexamethasone_mg: int | None = None
    steroids_mg: int | None = None  # of all corticosteroids, as dexamethasone
    latency_hours: int | None = None
    organisms: tuple[str, ...] = ()
    bacteraemia_day: int | None = None
    blood_unclear_day: int | None = None  # of an organism that may be a bacterium
    virus_day: int | None = None
    toxic: Mapping[str, Toxic] = field(default_factory=dict)

    @classmethod
    def of(cls, known: Mapping[str, Any]) -> "Counted":
        """The course of which this is known, `toxic` among it.

        For cohorts of many thousands: the constructor sets a frozen value field by field.
        """
        one = object.__new__(cls)
        one.__dict__.update(known)
        return one

    @property
    def infused(self) -> bool:
        """Whether the cells were given."""
        return self.infused_on is not None

    @property
    def never_infused(self) -> bool | None:
        """Whether it ended, or the patient died, before an infusion; None of one under way."""
        if self.infused:
            return False
        return True if self.ended or self.died_on is not None else None

    def of_scale(self, scale: str) -> Toxic:
        """CRS, ICANS or IEC-HS; nothing is known of it before somebody looked."""
        return self.toxic.get(scale, Toxic())

    @property
    def holds_until(self) -> date | None:
        """The last day on which all this still holds by itself; None where days change nothing."""
        # Without an end the protocol could not be read: an upgrade may change that.
        if self.infused and (self.in_hospital or self._still_counted or not self.counting_ends):
            return self.today
        last = [self.next_over, *(self._before(day) for day in WINDOWS if not self.is_over(day))]
        return min((on for on in last if on is not None), default=None)

    def is_over(self, day: int) -> bool:
        """Whether a day from the infusion has come."""
        return (self.since_infusion(self.today) or 0) >= day

    def _before(self, day: int) -> date | None:
        return self.infused_on + timedelta(days=day - 1) if self.infused_on else None

    @property
    def _still_counted(self) -> bool:
        last = self.since_infusion(self.today) or 0
        return self.died_on is None and last <= max(self.counting_ends, self.graded_until)

    def since_infusion(self, on: date | None) -> int | None:
        """The day number of a date."""
        if on is None or self.infused_on is None:
            return None
        return (on - self.infused_on).days

    # --- the cells of the tables

    @property
    def diagnosis(self) -> str | None:
        """`B-ALL, Ph+`, as far as it is recorded."""
        ph = {"positive": "Ph+", "negative": "Ph-"}.get(self.ph_status or "")
        return ", ".join(filter(None, (self.disease, ph))) or None

    @property
    def allo_hsct(self) -> str | None:
        """Transplants before the infusion, NONE where it was recorded that there was none."""
        if self.allo_before:
            return self.allo_told or "yes"
        return NONE if self.allo_item == NONE else None

    @property
    def bridging(self) -> str | None:
        """The drugs of the bridging, NONE where there was supportive care only."""
        return self.bridging_drugs or (NONE if self.unbridged else None)

    @cached_property
    def days_to_apheresis(self) -> Value | None:
        """From enrolment to the first collection, of those collected."""
        if self.collected_on is None:
            return MISSING if self.infused else None
        return between(self.enrolled_on, self.collected_on)

    @cached_property
    def stay(self) -> Value | None:
        """From the admission to the discharge of the infusion's stay, of those infused."""
        return Value(self.stay_days, self.in_hospital) if self.infused else None

    @cached_property
    def neutropenia(self) -> Value | None:
        """Days with neutrophils below 500; None of a day not known is missing.

        Before its window ends it can still grow, and is censored.
        """
        if not self.infused:
            return None
        if self.neutropenic_days is None or self.unknown_before or self.counts_unread:
            return MISSING
        lived = self.since_infusion(self.died_on)
        last = self.since_infusion(self.today) or 0
        over = last >= self.counting_ends or lived is not None
        if over and self.unknown_after:
            return MISSING
        return Value(self.neutropenic_days, censored=not over)

    @cached_property
    def aplasia(self) -> Value | None:
        """Days from the infusion until B cells are back, of those who lost them."""
        if not self.infused:
            return None
        if self.aplasia_seen is None or self.aplasia_unclear:
            return MISSING
        if self.aplasia_start is None:
            return None
        if self.aplasia_end is not None:
            return Value(self.aplasia_end)
        return Value(self.aplasia_seen, censored=True)

    @cached_property
    def followed_days(self) -> int | None:
        """Days from the infusion to the death or the last contact."""
        last = self.died_on or self.seen_on or self.infused_on
        days = self.since_infusion(last)
        return None if days is None else max(days, 0)

    @property
    def follow_up(self) -> Value | None:
        """Months of follow-up, of those infused."""
        days = self.followed_days
        return None if days is None else Value(whole_months(days))

    # --- the curves

    @cached_property
    def overall(self) -> Time | None:
        """To the death; alive at the last contact is censored."""
        days = self.followed_days
        return None if days is None else Time(days, event=self.died_on is not None)

    @cached_property
    def event_free(self) -> Time | None:
        """To relapse, progression or death; None where a relapse has no exact day."""
        days = self.followed_days
        if days is None or self.relapse_unclear:
            return None
        relapse = self.since_infusion(self.relapsed_on)
        if relapse is not None:
            return Time(max(relapse, 0), event=True)
        return self.overall


def between(first: date | None, last: date | None) -> Value:
    """The days between two dates; missing where one is not known or they are out of order."""
    if first is None or last is None or last < first:
        return MISSING
    return Value((last - first).days)


def in_months(value: Value | None) -> Value | None:
    """A length in days as whole months."""
    if value is None or value.length is None:
        return value
    return Value(whole_months(value.length), value.censored)
