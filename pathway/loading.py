"""From the rows of a course to the frozen facts that guards look at. Call after the lock."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cache

from django.db import connection
from django.db.models import Subquery

from pathway.domain.assessments import NOTHING, Assessments
from pathway.domain.doses import DoseFacts
from pathway.domain.facts import LOST_PRODUCT, CompanionFacts, CourseFacts, HoldFacts, TherapyFacts
from pathway.domain.identity_checks import CheckFacts
from pathway.domain.paper_facts import NO_PAPERS, PaperFacts
from pathway.domain.rules import PathwayRules
from pathway.domain.spine import Stage
from pathway.loading_anchors import planned_infusion
from pathway.loading_assessments import load_assessments
from pathway.loading_checks import checks_of_course
from pathway.loading_contact import beside_journey
from pathway.loading_doses import doses_by_companion, last_given_sql
from pathway.loading_papers import Papers
from pathway.loading_therapies import therapies_of, therapy_lines
from pathway.models import (
    ApheresisAttempt,
    BridgingCourse,
    Change,
    Companion,
    ContainmentTherapy,
    EligibilityReview,
    Journey,
    Lymphodepletion,
    Product,
)
from pathway.standing import as_corrected, latest_steps, standing_changes
from patients.domain.delays import ConsentKinds, DelayReasons
from patients.models import Anchor, Consent, Course, Death, Hold, Stay
from patients.models.courses import AnchorKind
from protocol.selectors import settings_of

MODELS: dict[str, type[Companion]] = {
    "eligibility": EligibilityReview,
    "containment": ContainmentTherapy,
    "apheresis": ApheresisAttempt,
    "product": Product,
    "bridging": BridgingCourse,
    "lymphodepletion": Lymphodepletion,
}
# What names a companion among its kind, for the page and the audit.
_TITLE = {
    "containment": "drug",
    "bridging": "drug",
    "product": "order_number",
    "lymphodepletion": "regimen",
}
_EXTRA_DAYS = ("last_dose_on", "expected_on", "expires_on")


@dataclass(frozen=True)
class CompanionRow:
    """One companion of a course, whatever its machine, with the dates it reached its states."""

    machine: str
    pk: int
    state: str
    state_since: date
    planned_on: date | None
    title: str
    drug_class: str
    last_dose_on: date | None
    expected_on: date | None
    expires_on: date | None
    last_given_on: date | None = None  # from its doses
    reached: Mapping[str, date] = field(default_factory=dict)
    transcribed: frozenset[str] = frozenset()
    undated: frozenset[str] = frozenset()
    came_from: str = ""
    followed: bool = False
    papers: PaperFacts = NO_PAPERS
    doses: tuple[DoseFacts, ...] = ()

    def expired(self, on: date) -> bool:
        """Whether it is a product past its date that nobody has used or lost yet."""
        over = self.state in LOST_PRODUCT or self.state == "infused"
        return self.expires_on is not None and on > self.expires_on and not over

    @property
    def known_since(self) -> date | None:
        """Since when it is in its state; None where nobody knows."""
        return None if self.state in self.undated else self.state_since

    @property
    def last_dose(self) -> date | None:
        """The last day on which something was given, from the doses or as it was said."""
        known = [on for on in (self.last_dose_on, self.last_given_on) if on is not None]
        return max(known, default=None)

    @property
    def facts(self) -> CompanionFacts:
        """The part of it that guards may see."""
        return CompanionFacts(
            pk=self.pk,
            state=self.state,
            reached=self.reached,
            planned_on=self.planned_on,
            title=self.title,
            drug_class=self.drug_class,
            last_dose_on=self.last_dose_on,
            expires_on=self.expires_on,
            transcribed=self.transcribed,
            undated=self.undated,
            doses=self.doses,
            came_from=self.came_from,
            followed=self.followed,
            papers=self.papers,
        )


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
    assessments: Assessments = NOTHING

    def last_contact(self, on: date) -> date | None:
        """The last day before or on `on` that shows the patient here, as far as is recorded."""
        days = [self.seen_on, *(anchor.actual_on for anchor in self.anchors)]
        days += [stay.ended_on or on for stay in self.stays]
        return max((day for day in days if day is not None), default=None)

    @property
    def standing_changes(self) -> tuple[Change, ...]:
        """What happened, without what was taken back and the taking back."""
        return standing_changes(self.changes)

    @property
    def stage_since(self) -> date | None:
        """Since when the journey is at its stage; None where nobody knows."""
        came = next((c for c in reversed(self.standing_changes) if c.machine == "journey"), None)
        unknown = came is not None and came.known_on is None
        return None if unknown else self.journey.stage_since

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
        given = {consent.kind for consent in self.consents if _stands(consent, on)}
        kinds = settings.section("consents", ConsentKinds)
        reasons = settings.section("delay_reasons", DelayReasons)
        return CourseFacts(
            stage=self.journey.stage,
            on=on,
            rules=PathwayRules.of(settings),
            birth_date=self.course.patient.birth_date,
            left_stage=self.journey.left_stage,
            deceased=self.deceased_on is not None,
            identity_verified=self.course.patient.identity_verified_at is not None,
            missing_consents=tuple(
                kinds.by_code[kind].label for kind in kinds.required if kind not in given
            ),
            reviews=self._facts_of("eligibility"),
            containments=self._facts_of("containment"),
            attempts=self._facts_of("apheresis"),
            products=self._facts_of("product"),
            bridgings=self._facts_of("bridging"),
            depletions=self._facts_of("lymphodepletion"),
            therapies=self.therapies,
            holds=tuple(
                HoldFacts(hold.step, reasons.by_code[hold.reason_code].label)
                for hold in self.open_holds
            ),
            infused_on=self.infused_on,
            ever_admitted=any(self._since_day_zero(stay) for stay in self.stays),
            in_hospital=any(stay.ended_on is None for stay in self.stays),
            stage_since=self.stage_since,
            prepared_since=self._prepared_since(),
            transcribed_stages=self.transcribed_stages,
            planned_infusion=planned_infusion(self.anchors),
            infusion_held_since=self._infusion_held_since(),
            checks=self.checks,
            last_contact_on=self.last_contact(on),
            attempts_on=self.attempts_on,
            assessments=self.assessments,
            at=at,
            subject=subject.facts if subject else None,
        )

    def _prepared_since(self) -> date | None:
        """When the journey last came forward to lymphodepletion."""
        forward = ("journey", "bridging", "lymphodepletion")
        steps = (c for c in reversed(self.changes) if (c.machine, c.source, c.target) == forward)
        last = next(steps, None)
        return last.known_on if last else None

    def _infusion_held_since(self) -> date | None:
        """When the infusion was last put on hold, whether or not that is over."""
        return max((h.began_on for h in self.holds if h.step == Stage.INFUSION), default=None)

    def _facts_of(self, machine: str) -> tuple[CompanionFacts, ...]:
        return tuple(row.facts for row in self.of(machine))

    def _since_day_zero(self, stay: Stay) -> bool:
        """Whether the stay reached into the time after the infusion."""
        return self.infused_on is None or stay.ended_on is None or stay.ended_on >= self.infused_on


def _stands(consent: Consent, on: date) -> bool:
    withdrawn = consent.withdrawn_on is not None and consent.withdrawn_on <= on
    return consent.given and not withdrawn


def load_state(course: Course) -> CourseState:
    """Read a course's pathway in thirteen queries, whatever its length."""
    written = list(
        Change.objects.filter(course=course).select_related("actor").order_by("sequence")
    )
    course.last_change = written[-1].sequence if written else 0
    changes = as_corrected(written)
    death = Death.objects.filter(patient=course.patient_id, withdrawn_at=None).values("died_on")
    journey = Journey.objects.annotate(
        deceased_on=Subquery(death[:1]), lines=therapy_lines(), **beside_journey(course)
    ).get(course=course)
    anchors = tuple(Anchor.objects.filter(course=course).order_by("kind", "occurrence"))
    assessments, papers = load_assessments(course.pk, course.centre.zone)
    return CourseState(
        course=course,
        journey=journey,
        changes=changes,
        companions=_companions(course, changes, anchors, papers),
        holds=tuple(Hold.objects.filter(course=course).order_by("began_on", "id")),
        anchors=anchors,
        stays=tuple(Stay.objects.filter(course=course).order_by("began_on", "id")),
        consents=tuple(Consent.objects.filter(course=course).order_by("id")),
        therapies=therapies_of(vars(journey)["lines"]),
        deceased_on=vars(journey)["deceased_on"],  # the annotation
        checks=checks_of_course(course),
        seen_on=vars(journey)["seen_on"],
        attempts_on=tuple(vars(journey)["attempts_on"] or ()),
        prior_infusions=vars(journey)["prior_infusions"],
        assessments=assessments,
    )


def _companions(
    course: Course, changes: tuple[Change, ...], anchors: tuple[Anchor, ...], papers: Papers
) -> tuple[CompanionRow, ...]:
    last: dict[tuple[str, int], dict[str, Change]] = defaultdict(dict)
    for change in standing_changes(changes):
        if change.subject_id is not None:
            last[change.machine, change.subject_id][change.target] = change
    rows = companions_of([course.pk]).get(course.pk, ())
    doses = doses_by_companion(course, planned_infusion(anchors))
    ways = latest_steps(changes)
    return tuple(
        replace(
            _with_history(row, last[key]),
            doses=doses.get(key, ()),
            papers=papers.get(key, NO_PAPERS),
            **ways.get(key, {}),
        )
        for row in rows
        for key in [(row.machine, row.pk)]
    )


def _with_history(row: CompanionRow, last: Mapping[str, Change]) -> CompanionRow:
    """`row` with the days of its states, from the last change into each."""
    return replace(
        row,
        reached={state: on for state, c in last.items() if (on := c.known_on) is not None},
        transcribed=frozenset(state for state, c in last.items() if c.transcribed),
        undated=frozenset(state for state, c in last.items() if c.known_on is None),
    )


def companions_of(course_ids: Collection[int]) -> dict[int, tuple[CompanionRow, ...]]:
    """The companions of several courses, oldest first, in one query.

    One UNION ALL over the six tables: the page needs all of them, the lock wants it short.
    """
    found: dict[int, list[CompanionRow]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_companions_sql(), [list(course_ids)] * len(MODELS))
        for course_id, *values in cursor.fetchall():
            found[course_id].append(CompanionRow(*values))
    return {course_id: tuple(rows) for course_id, rows in found.items()}


@cache
def _companions_sql() -> str:
    """The statement behind companions_of, put together once: it is asked on every move."""
    parts = " UNION ALL ".join(_uniform(name, model) for name, model in MODELS.items())
    return f"{parts} ORDER BY machine, id"


def _uniform(name: str, model: type[Companion]) -> str:
    """The columns of CompanionRow for one machine, empty where its table lacks one."""
    have = {field_.column for field_ in model._meta.concrete_fields}
    title = _TITLE.get(name, "''")
    drug_class = "drug_class" if "drug_class" in have else "''"
    days = [day if day in have else f"NULL::date AS {day}" for day in _EXTRA_DAYS]
    days.append(last_given_sql(name, model._meta.db_table))
    # Every name stands in our own models; the courses are a parameter.
    return (
        f"SELECT course_id, '{name}' AS machine, id, state, state_since, planned_on, "  # noqa: S608
        f"{title} AS title, {drug_class} AS drug_class, {', '.join(days)} "
        f'FROM "{model._meta.db_table}" WHERE course_id = ANY(%s)'
    )
