"""Writing a dose: a new row, or one that replaces another; and what the rows then say."""

from datetime import date, datetime
from typing import Any

from django.db.models import Max

from accounts.models import User
from audit.recording import record
from pathway.models import Change, Companion, Dose
from pathway.standing import standing_changes
from patients import anchors
from patients.models import Course
from patients.models.courses import AnchorKind

_KEPT = (
    "machine", "subject_id", "number", "drug", "drug_class", "route", "planned_day", "planned_on",
    "per_m2", "amount", "amount_reason", "amount_counted", "unit", "ordered_by", "delay_code",
    "given_at", "given_on", "given_amount", "given_by", "verified_by", "deviation",
    "answers", "not_given_reason", "remark", "source",
)  # fmt: skip


def add_dose(
    course: Course, companion: Companion, machine: str, *, actor: User, now: datetime, **values: Any
) -> Dose:
    """Append the next dose of a companion of a locked course."""
    before = Dose.objects.filter(machine=machine, subject_id=companion.pk)
    number = (before.aggregate(last=Max("number"))["last"] or 0) + 1
    dose = Dose.objects.create(
        course=course,
        machine=machine,
        subject_id=companion.pk,
        number=number,
        recorded_at=now,
        recorded_by=actor.get_username(),
        **values,
    )
    _note(dose, "dose.add", actor, now, after=values)
    return dose


def replace_dose(
    dose: Dose, deed: str, *, actor: User, now: datetime, reason: str = "", **values: Any
) -> Dose:
    """Append the row that stands instead of `dose` from now on, on its locked course."""
    kept = {name: getattr(dose, name) for name in _KEPT}
    standing = Dose.objects.create(
        **{**kept, **values},
        course=dose.course,
        replaces=dose,
        reason=reason,
        recorded_at=now,
        recorded_by=actor.get_username(),
    )
    before = {name: kept[name] for name in values}
    _note(standing, f"dose.{deed}", actor, now, before=before, after=values, reason=reason)
    return standing


def date_depletion(dose: Dose, *, actor: User, now: datetime) -> None:
    """Let the anchor of lymphodepletion be the day of its first dose, as the rows now say."""
    course = dose.course
    begun = [change.subject_id for change in _begun(course)]
    if dose.subject_id not in begun:
        return
    occurrence = begun.index(dose.subject_id) + 1
    kind, first = AnchorKind.LYMPHODEPLETION, _first_given(course, dose.subject_id)
    if first is None or first.given_on is None:
        anchors.clear_actual(
            course, kind, actor=actor, now=now, occurrence=occurrence, reason=dose.reason
        )
        return
    _set(course, occurrence, first.given_on, first.source, actor, now)


def redate_depletions(course: Course, *, actor: User, now: datetime) -> None:
    """Give every lymphodepletion that was begun its anchor anew: one was told beside another.

    The one that is only planned keeps its plan, as the next.
    """
    kind, begun = AnchorKind.LYMPHODEPLETION, _begun(course)
    waiting = course.anchors.filter(kind=kind, actual_on=None).exclude(planned_on=None).last()
    days = [(_first_given(course, change.subject_id or 0), change) for change in begun]
    told = [
        (first.given_on, first.source) if first else (change.known_on, change.data_source)
        for first, change in days
    ]
    dated = [(number, on, source) for number, (on, source) in enumerate(told, start=1) if on]
    for occurrence, on, source in dated:
        _set(course, occurrence, on, source, actor, now)
    if waiting is not None and waiting.planned_on is not None:
        anchors.plan_in_lock(course, kind, waiting.planned_on, actor=actor, now=now)


def _begun(course: Course) -> list[Change]:
    """The steps with which lymphodepletions began, in the order in which these were opened."""
    changes = standing_changes(Change.objects.filter(course=course).order_by("sequence"))
    begun = {
        change.subject_id or 0: change
        for change in changes
        if (change.machine, change.target) == ("lymphodepletion", "in_progress")
    }
    return [begun[pk] for pk in sorted(begun)]


def _first_given(course: Course, subject: int) -> Dose | None:
    given = Dose.objects.filter(
        course=course, machine="lymphodepletion", subject_id=subject, replaced_by=None
    )
    return given.exclude(given_on=None).order_by("given_on").first()


def _set(
    course: Course, occurrence: int, on: date, source: str, actor: User, now: datetime
) -> None:
    kind = AnchorKind.LYMPHODEPLETION
    if not course.anchors.filter(kind=kind, occurrence=occurrence, actual_on=on).exists():
        anchors.set_actual(
            course, kind, on, actor=actor, now=now, source=source, occurrence=occurrence
        )


def _note(
    dose: Dose,
    action: str,
    actor: User,
    now: datetime,
    *,
    after: dict[str, Any],
    before: dict[str, Any] | None = None,
    reason: str = "",
) -> None:
    record(
        actor=actor,
        now=now,
        action=action,
        obj=dose,
        course_id=dose.course_id,
        patient_id=dose.course.patient_id,
        reason=reason,
        before=before,
        after={"machine": dose.machine, "number": dose.number, "drug": dose.drug, **after},
    )
