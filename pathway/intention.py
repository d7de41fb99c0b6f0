"""Intention to treat: every enrolled course with what became of it, infused or not."""

from dataclasses import dataclass
from datetime import date

from django.db.models import DateField, OuterRef, QuerySet, Subquery

from accounts.access import require
from accounts.models import User
from accounts.permissions import Permission
from pathway.domain.exits import withheld as is_withheld
from pathway.domain.outcomes import Outcome, outcome_of
from pathway.domain.spine import EXITS
from pathway.models import Journey
from pathway.withholding import data_taken_back
from patients.models import Anchor, Course, Death
from patients.models.courses import AnchorKind

ENDED = frozenset(stage.value for stage in EXITS)


@dataclass(frozen=True)
class Intended:
    """One enrolled course. `left` is the stage it ended at, empty while it is under way.

    Of a patient who withdrew the use of the data, or may have, only that the course was:
    `withheld`.
    """

    course_id: int
    code: str
    protocol_id: int
    enrolled_on: date | None
    infused_on: date | None
    outcome: Outcome
    stage: str
    left: str
    ended_on: date | None
    exit_reason: str
    died_on: date | None
    withheld: bool = False


def intended(user: User) -> "QuerySet[Journey]":
    """The journeys of every enrolled course that `user` may see, in the order of their codes.

    One query. Raises NotAllowed for somebody who may not read courses.
    """
    require(user, Permission.READ_COURSES)
    dead = Death.objects.filter(patient=OuterRef("course__patient"), withdrawn_at=None)
    return (
        Journey.objects.filter(course__in=Course.objects.visible_to(user))
        .annotate(
            enrolled_on=_day(AnchorKind.ENROLMENT),
            infused_on=_day(AnchorKind.INFUSION),
            data_taken_back=data_taken_back("course"),
            died_on=Subquery(dead.values("died_on")[:1], output_field=DateField()),
        )
        .exclude(enrolled_on=None)
        .select_related("course__protocol")
        .order_by("course__code")
    )


def as_intended(journey: Journey) -> Intended:
    """What became of one course of `intended`."""
    known = vars(journey)
    infused_on, died_on = known["infused_on"], known["died_on"]
    ended = journey.stage in ENDED
    course = journey.course
    withheld = is_withheld(journey.stage, journey.exit_scope) or known["data_taken_back"]
    return Intended(
        course_id=course.pk,
        code=course.code,
        protocol_id=course.protocol_id,
        enrolled_on=None if withheld else known["enrolled_on"],
        infused_on=None if withheld else infused_on,
        outcome=outcome_of(infused=infused_on is not None, ended=ended, died=died_on is not None),
        stage=journey.stage,
        left=_left(journey, ended, died_on),
        ended_on=None if withheld else course.closed_on,
        exit_reason=journey.exit_reason,
        died_on=None if withheld else died_on,
        withheld=withheld,
    )


def _left(journey: Journey, ended: bool, died_on: date | None) -> str:
    if ended:
        return journey.left_stage
    return journey.stage if died_on is not None else ""


def _day(kind: AnchorKind) -> Subquery:
    first = Anchor.objects.filter(course=OuterRef("course"), kind=kind, actual_on__isnull=False)
    return Subquery(first.order_by("occurrence").values("actual_on")[:1], output_field=DateField())
