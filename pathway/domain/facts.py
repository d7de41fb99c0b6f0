"""What guards may look at: one frozen picture of a course, loaded under its lock."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from pathway.domain.assessments import NOTHING, Assessments
from pathway.domain.doses import DoseFacts
from pathway.domain.identity_checks import CheckFacts
from pathway.domain.paper_facts import NO_PAPERS, PaperFacts
from pathway.domain.rules import PathwayRules
from pathway.domain.toxicity_facts import NOT_ASSESSED, ToxicityFacts
from patients.domain.body import Measure
from terms.words import Bilingual


@dataclass(frozen=True)
class CompanionFacts:
    """One companion as it stands. `reached` holds the last local date it entered each state.

    `transcribed` holds the states it was put into by transcription: no guard was asked for them,
    so whatever belongs to them is not checked, never passed. Those of `undated` were entered on a
    day that nobody knows and are missing in `reached`: what counts from them asks or refuses.
    """

    pk: int
    state: str
    reached: Mapping[str, date] = field(default_factory=dict)
    planned_on: date | None = None
    title: str = ""
    drug_class: str = ""
    last_dose_on: date | None = None
    expires_on: date | None = None
    din: str = ""  # of a collection, the donation number
    transcribed: frozenset[str] = frozenset()
    undated: frozenset[str] = frozenset()
    came_from: str = ""  # the state that it left for the one it is in
    followed: bool = False  # whether the course went on since, relying on its state
    answered: frozenset[str] = frozenset()  # warnings that got a reason at the step into its state
    entered_at: datetime | None = None  # when that step was recorded
    since_at: datetime | None = None  # when it is said to have happened; None where nobody knows
    before_at: datetime | None = None  # the same of the step before it
    beside: bool = False  # told once it was cancelled and another opened: no round of its own
    returned_at: datetime | None = None  # of a thawed product: when it last left quarantine
    papers: PaperFacts = NO_PAPERS

    def came_to(self, state: str) -> bool:
        """Whether it was ever in `state`, on a known day or not."""
        return state in self.reached or state in self.undated

    doses: tuple[DoseFacts, ...] = ()

    @property
    def doses_left_out(self) -> bool:
        """Whether it was entered with its past but without its doses: not known, never none."""
        return bool(self.transcribed) and not self.doses

    @property
    def doses_given(self) -> tuple[tuple[str, date], ...]:
        """Class and day of every dose on record; a dose without a class has the companion's."""
        given = [(d.drug_class or self.drug_class, d.given_on) for d in self.doses if d.given_on]
        if self.last_dose_on is not None:
            given.append((self.drug_class, self.last_dose_on))
        return tuple(given)

    @property
    def nothing_given(self) -> bool:
        """Whether doses are on record and none of them stands as given."""
        return bool(self.doses) and not self.doses_given

    @property
    def ended_on(self) -> date | None:
        """The day of the last dose given; where no doses are recorded, of completion."""
        if not self.came_to("complete") or self.nothing_given:
            return None
        return max((on for _, on in self.doses_given), default=self.reached.get("complete"))


@dataclass(frozen=True)
class HoldFacts:
    """An open delay of a step."""

    step: str
    reason: Bilingual


@dataclass(frozen=True)
class TherapyFacts:
    """An earlier line: its washout class, empty without one; its last day, None if not known.

    An allogeneic transplant and lymphocytes of its donor are such lines too, marked as what they
    are.
    """

    drug_class: str
    last_on: date | None
    transplant: bool = False
    elsewhere: bool = False  # a dose of another course of the patient, no line on record


@dataclass(frozen=True)
class CourseFacts:
    """Everything about a course that a guard may ask. `on` is the day the move happened."""

    stage: str
    on: date
    rules: PathwayRules
    birth_date: date
    left_stage: str = ""  # the stage an exit was made from
    other_under_way: bool = False  # another course of the patient, not yet in follow-up
    deceased: bool = False
    died_on: date | None = None
    identity_verified: bool = False
    missing_consents: tuple[Bilingual, ...] = ()  # required, not given
    reviews: tuple[CompanionFacts, ...] = ()
    containments: tuple[CompanionFacts, ...] = ()
    attempts: tuple[CompanionFacts, ...] = ()
    products: tuple[CompanionFacts, ...] = ()
    bridgings: tuple[CompanionFacts, ...] = ()
    depletions: tuple[CompanionFacts, ...] = ()
    therapies: tuple[TherapyFacts, ...] = ()
    holds: tuple[HoldFacts, ...] = ()
    infused_on: date | None = None
    infusions: int = 0  # how often the journey came forward to the infusion, never infused or not
    infusion_begun_at: datetime | None = None  # as the journey's step says; None where unknown
    ever_admitted: bool = False
    in_hospital: bool = False
    stage_since: date | None = None  # when the journey last came to its stage
    prepared_since: date | None = None  # when it last came forward to lymphodepletion
    transcribed_stages: frozenset[str] = frozenset()  # entered by transcription: not checked
    planned_infusion: date | None = None
    infusion_held_since: date | None = None  # the latest hold of the infusion, open or over
    infusion_held_until: date | None = None  # the end of the last of them; None while one is open
    checks: tuple[CheckFacts, ...] = ()  # of identity, that came to their end
    last_contact_on: date | None = None  # asked once infused; None when nothing shows one
    attempts_on: tuple[date, ...] = ()  # days on which the patient was looked for in vain
    assessments: Assessments = NOTHING
    answered: frozenset[str] = frozenset()  # warnings that got a reason at the step to its stage
    toxicity: ToxicityFacts = NOT_ASSESSED
    weight: Measure | None = None  # of the chart, the latest by that day
    at: datetime | None = None  # the moment of the move; None where only its day is known
    subject: CompanionFacts | None = None  # the companion that is moving; None on the spine

    @property
    def review(self) -> CompanionFacts | None:
        """The latest round of the eligibility review."""
        return self.reviews[-1] if self.reviews else None

    @property
    def depletion(self) -> CompanionFacts | None:
        """The latest course of lymphodepletion that was not cancelled."""
        given = [d for d in self.depletions if d.state != "cancelled"]
        return given[-1] if given else None

    @property
    def product(self) -> CompanionFacts | None:
        """The product that counts: the latest one not failed, rejected, cancelled or discarded."""
        standing = [p for p in self.products if p.state not in LOST_PRODUCT]
        return standing[-1] if standing else None


LOST_PRODUCT = frozenset({"cancelled", "failed", "rejected", "discarded", "wasted"})
