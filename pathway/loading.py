"""From the rows of a course to the frozen facts that guards look at. Call after the lock."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from pathway.domain.assessments import NOTHING, Assessments
from pathway.domain.facts import CompanionFacts, CourseFacts, HoldFacts, TherapyFacts
from pathway.domain.gate_rules import Gates
from pathway.domain.identity_checks import CheckFacts
from pathway.domain.rules import PathwayRules
from pathway.domain.spine import Stage
from pathway.loading_anchors import planned_infusion
from pathway.loading_assessments import load_assessments
from pathway.loading_checks import checks_of_course
from pathway.loading_companions import CompanionRow, load_companions
from pathway.loading_rows import ANCHORS, CHANGES, CONSENTS, HOLDS, JOURNEY, STAYS
from pathway.loading_therapies import therapies_of
from pathway.loading_toxicity import toxicity_of
from pathway.models import Change, Journey, Precision
from pathway.standing import answers, as_corrected, first_recorded, standing_changes
from patients.consents import standing_consents
from patients.domain.delays import ConsentKinds, DelayReasons
from patients.models import Anchor, Consent, Course, Hold, Stay
from patients.models.courses import AnchorKind
from protocol.selectors import settings_of

_INFUSION, _MINUTE = ("journey", Stage.INFUSION.value), Precision.MINUTE


@dataclass(frozen=True)
class CourseState:
    """Everything about a course's pathway, read once: for guards, pages and the API alike."""

    course: Course
    journey: Journey
    changes: tuple[Change, ...]
    companions: tuple[CompanionRow, ...]
    holds: tuple[Hold, ...]
    anchors: tuple[Anchor, ...]
    stays: tuple[Stay, ...]
    consents: tuple[Consent, ...]
    therapies: tuple[TherapyFacts, ...]
    deceased_on: date | None
    checks: tuple[CheckFacts, ...] = ()
    seen_on: date | None = None
    attempts_on: tuple[date, ...] = ()
    prior_infusions: int = 0  # of earlier courses of the patient
    other_under_way: bool = False
    assessments: Assessments = NOTHING

    def last_contact(self, on: date) -> date | None:
        """The last day before or on `on` that shows the patient here, as far as is recorded."""
        days = [self.seen_on, *(anchor.actual_on for anchor in self.anchors)]
        days += [stay.ended_on or on for stay in self.stays]
        return max((day for day in days if day is not None), default=None)

    @cached_property
    def standing_changes(self) -> tuple[Change, ...]:
        """What happened, without what was taken back and the taking back."""
        return standing_changes(self.changes)

    @property
    def stage_since(self) -> date | None:
        """Since when the journey is at its stage; None where nobody knows."""
        unknown = self._came is not None and self._came.known_on is None
        return None if unknown else self.journey.stage_since

    @property
    def _answered(self) -> frozenset[str]:
        """The warnings that got a reason at the journey's step to its stage."""
        return answers(self._came) if self._came else frozenset()

    @property
    def _came(self) -> Change | None:
        """The journey's step to its stage; None while it stands where it began."""
        return next((c for c in reversed(self.standing_changes) if c.machine == "journey"), None)

    @property
    def transcribed_stages(self) -> frozenset[str]:
        """The stages that the journey was put at by transcription, whose guards nobody asked."""
        last = {c.target: c for c in self.standing_changes if c.machine == "journey"}
        return frozenset(stage for stage, change in last.items() if change.transcribed)

    def of(self, machine: str) -> tuple[CompanionRow, ...]:
        """The companions of one machine, oldest first."""
        return tuple(row for row in self.companions if row.machine == machine)

    def anchor(self, kind: AnchorKind) -> Anchor | None:
        """The latest occurrence of an anchor."""
        return next((a for a in reversed(self.anchors) if a.kind == kind), None)

    @property
    def infused_on(self) -> date | None:
        """Day 0, when it has come."""
        anchor = self.anchor(AnchorKind.INFUSION)
        return anchor.actual_on if anchor else None

    @property
    def open_holds(self) -> tuple[Hold, ...]:
        """The delays that are not over."""
        return tuple(hold for hold in self.holds if hold.ended_on is None)

    def facts(
        self, *, on: date, subject: CompanionRow | None = None, at: datetime | None = None
    ) -> CourseFacts:
        """What guards may look at, for a move said to happen on `on`, at the moment `at`."""
        settings = settings_of(self.course.protocol)
        given = standing_consents(self.consents, on)
        kinds = settings.section("consents", ConsentKinds)
        reasons = settings.section("delay_reasons", DelayReasons)
        return CourseFacts(
            stage=self.journey.stage,
            on=on,
            rules=PathwayRules.of(settings),
            birth_date=self.course.patient.birth_date,
            left_stage=self.journey.left_stage,
            deceased=self.deceased_on is not None,
            died_on=self.deceased_on,
            other_under_way=self.other_under_way,
            identity_verified=self.course.patient.identity_verified_at is not None,
            missing_consents=kinds.missing(given),
            reviews=self._facts_of("eligibility"),
            containments=self._facts_of("containment"),
            attempts=self._facts_of("apheresis"),
            products=self._facts_of("product"),
            bridgings=self._facts_of("bridging"),
            depletions=self._facts_of("lymphodepletion"),
            therapies=self.therapies,
            holds=tuple(
                HoldFacts(hold.step, reasons.named(hold.reason_code)) for hold in self.open_holds
            ),
            infused_on=self.infused_on,
            infusions=self._infusions(),
            infusion_begun_at=self._infusion_begun_at(),
            ever_admitted=any(self._since_day_zero(stay) for stay in self.stays),
            in_hospital=any(stay.ended_on is None for stay in self.stays),
            stage_since=self.stage_since,
            prepared_since=self._prepared_since(),
            transcribed_stages=self.transcribed_stages,
            planned_infusion=planned_infusion(self.anchors),
            infusion_held_since=self._infusion_held_since(),
            infusion_held_until=self._infusion_held_until(),
            checks=self.checks,
            last_contact_on=self.last_contact(on),
            attempts_on=self.attempts_on,
            assessments=self.assessments,
            answered=self._answered,
            toxicity=toxicity_of(self.course, vars(self.journey), settings, on=on, at=at),
            weight=next((w for w in reversed(self.assessments.weights) if w.on <= on), None),
            at=at,
            subject=subject.facts if subject else None,
        )

    def _prepared_since(self) -> date | None:
        """When the journey last came forward to lymphodepletion."""
        forward = ("journey", "bridging", "lymphodepletion")
        steps = (c for c in reversed(self.changes) if (c.machine, c.source, c.target) == forward)
        last = next(steps, None)
        return last.known_on if last else None

    def _infusions(self) -> int:
        """How often the journey came forward to the infusion, also where it was taken back."""
        forward = ("journey", "lymphodepletion", "infusion")
        return sum((c.machine, c.source, c.target) == forward for c in self.changes)

    def _infusion_begun_at(self) -> datetime | None:
        """When the infusion that stands began; None where the minute is not known."""
        begun = [c for c in self.standing_changes if (c.machine, c.target) == _INFUSION]
        return begun[-1].happened_at if begun and begun[-1].precision == _MINUTE else None

    def _infusion_held_since(self) -> date | None:
        """When the infusion was last put on hold, whether or not that is over."""
        return max((h.began_on for h in self.holds if h.step == Stage.INFUSION), default=None)

    def _infusion_held_until(self) -> date | None:
        """When the last hold of the infusion ended; None while one is open, or without any."""
        ends = [h.ended_on for h in self.holds if h.step == Stage.INFUSION]
        return None if None in ends else max((end for end in ends if end), default=None)

    def _facts_of(self, machine: str) -> tuple[CompanionFacts, ...]:
        return tuple(row.facts for row in self.of(machine))

    def _since_day_zero(self, stay: Stay) -> bool:
        """Whether the stay reached into the time after the infusion."""
        return self.infused_on is None or stay.ended_on is None or stay.ended_on >= self.infused_on


def load_state(course: Course, gates: Gates | None = None) -> CourseState:
    """Read a course's pathway in twelve queries, whatever its length.

    With `gates` as those of another version say what they look at.
    """
    pk = course.pk
    written = CHANGES(pk)
    course.last_change = written[-1].sequence if written else 0
    changes = as_corrected(written)
    journey, anchors = JOURNEY.one(pk, course.patient_id), tuple(ANCHORS(pk))
    gates = gates or settings_of(course.protocol).section("gates", Gates)
    assessments, papers = load_assessments(pk, course.centre.zone, gates.charted)
    return CourseState(
        course=course,
        journey=journey,
        changes=changes,
        companions=load_companions(course, changes, first_recorded(written), anchors, papers),
        holds=tuple(HOLDS(pk)),
        anchors=anchors,
        stays=tuple(STAYS(pk)),
        consents=tuple(CONSENTS(pk)),
        therapies=therapies_of(vars(journey)),
        deceased_on=vars(journey)["deceased_on"],  # the annotation
        checks=checks_of_course(course),
        seen_on=vars(journey)["seen_on"],
        attempts_on=tuple(vars(journey)["attempts_on"] or ()),
        prior_infusions=vars(journey)["prior_infusions"],
        other_under_way=vars(journey)["other_under_way"],
        assessments=assessments,
    )
