"""A planned lymphodepletion follows its own plan, and that of day 0, from which it is counted."""

from datetime import date, timedelta

from audit.recording import record
from pathway.domain.depletion import Depletion
from pathway.domain.rules import PathwayRules
from pathway.models import Lymphodepletion
from patients import anchors
from patients.consequences import Happening
from patients.models.courses import AnchorKind
from protocol.selectors import settings_of


def follow_plan(happening: Happening) -> None:
    """Consequence of a new plan: of day 0, or of lymphodepletion itself.

    What has no planned day gets none, and what has begun stays where it is. The doses need nothing:
    those that nobody moved by hand are counted from day 0 wherever they are read.
    """
    if happening.on is None:
        return
    if happening.cause == AnchorKind.INFUSION:
        _follow_day_zero(happening, happening.on)
    elif happening.cause == AnchorKind.LYMPHODEPLETION:
        _put(happening, happening.on)


def _follow_day_zero(happening: Happening, day_zero: date) -> None:
    course, kind = happening.course, AnchorKind.LYMPHODEPLETION
    rules = PathwayRules.of(settings_of(course.protocol)).lymphodepletion
    first = day_zero + timedelta(days=rules.first_day)
    waiting = course.anchors.filter(kind=kind, actual_on=None).exclude(planned_on=None)
    if waiting.exists():
        anchors.plan_in_lock(course, kind, first, actor=happening.actor, now=happening.now)
    _put(happening, first)


def _put(happening: Happening, day: date) -> None:
    """Say of the lymphodepletion that is planned that it begins on `day`."""
    course = happening.course
    planned = Lymphodepletion.objects.filter(course=course, state=Depletion.PLANNED.value)
    row = planned.exclude(planned_on=None).exclude(planned_on=day).order_by("pk").last()
    if row is None:
        return
    before, row.planned_on = row.planned_on, day
    row.save(update_fields=["planned_on"])
    record(
        actor=happening.actor,
        now=happening.now,
        action="lymphodepletion.replan",
        obj=row,
        course_id=course.pk,
        patient_id=course.patient_id,
        before={"planned_on": before},
        after={"planned_on": day},
    )
