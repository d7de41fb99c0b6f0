"""Correcting an entry of the chart: what stood before is kept, what counts from it counts anew."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction

from accounts.access import require
from accounts.models import User
from accounts.permissions import Permission
from audit.recording import record
from patients import consequences
from patients.charting import KINDS, refused_by
from patients.consequences import Event, Happening
from patients.correction_forms import form_of
from patients.courses import check_version, lock_course, raise_version
from patients.fact_values import ENDS, FOUND_OUT, Fact, content_of, stood
from patients.models import Correction, Course, Relapse
from patients.models.corrections import CorrectionKind
from patients.models.history import ChartEntry
from patients.relapses import anchor_day, settle_relapse
from terms.day_numbers import local_date
from terms.refusals import Refusal, Refused
from terms.words import N_


@transaction.atomic
def correct_entry(
    *,
    course_id: int,
    kind: str,
    entry_id: int,
    values: Mapping[str, Any],
    reason: str,
    actor: User,
    now: datetime,
    expected_version: int | None = None,
) -> ChartEntry:
    """Let an entry say `values`, all of them as its form takes them, instead of what stood.

    Reminders and notices that what stood had caused are taken back, then the entry counts as if
    recorded now. Raises Refused with everything wrong at once, NotAllowed, StaleVersion,
    Course.DoesNotExist, ObjectDoesNotExist for an entry of another course or in error, KeyError.
    """
    course = lock_course(course_id, actor=actor)
    require(actor, Permission.CORRECT)
    check_version(course, expected_version)
    entry = KINDS[kind].model.objects.get(pk=entry_id, course=course)
    before, since = stood(entry), _relapsed(entry)
    today = local_date(now, course.centre.zone)
    form = form_of(kind)(values, course=course, today=today, replacing=entry_id)
    refusals = refuse_unreasoned(reason)
    if form.is_valid():
        _take_over(entry, form.save(commit=False), kind)
        refusals += refuse_unchanged(entry, before)
    else:
        refusals += refused_by(form).refusals
    if refusals:
        raise Refused(refusals)
    entry.recorded_at, entry.recorded_by = now, actor.get_username()
    entry.save(update_fields=[*content_of(entry), "recorded_at", "recorded_by"])
    keep(course, kind, entry, before, reason, actor=actor, now=now)
    settle_relapse(course, since, _relapsed(entry), actor=actor, now=now, source=entry.source)
    causes(course, kind, entry, actor, now)
    consequences.run(Happening(KINDS[kind].event, course, actor, now))
    return entry


def refuse_unreasoned(reason: str) -> list[Refusal]:
    """One refusal where nobody said why."""
    if reason.strip():
        return []
    return [Refusal(code="reason_needed", message=N_("Say why this is corrected."), field="reason")]


def refuse_unchanged(fact: Fact, before: Mapping[str, Any]) -> list[Refusal]:
    """One refusal where a fact says what it said before."""
    if any(before[name] != value for name, value in content_of(fact).items()):
        return []
    return [Refusal(code="nothing_changed", message=N_("This is what stands already."))]


def keep(
    course: Course,
    kind: str,
    fact: Fact,
    before: Mapping[str, Any],
    reason: str,
    *,
    actor: User,
    now: datetime,
    what: CorrectionKind = CorrectionKind.CORRECTED,
    occurrence: int | None = None,
) -> Correction:
    """Keep what a fact of a locked course said before, with its audit event."""
    correction = Correction.objects.create(
        course=course,
        fact=kind,
        fact_id=fact.pk,
        kind=what,
        before=dict(before),
        reason=reason.strip(),
        corrected_at=now,
        corrected_by=actor.get_username(),
        occurrence=occurrence,
    )
    record(
        actor=actor,
        now=now,
        action=f"{kind}.{what.value}",
        obj=fact,
        course_id=course.pk,
        patient_id=course.patient_id,
        reason=reason.strip(),
        before=before,
        after=content_of(fact) if what != CorrectionKind.IN_ERROR else {},
    )
    return correction


def causes(course: Course, kind: str, fact: Fact, actor: User, now: datetime) -> None:
    """Whoever saw the course saw something else; what the fact had caused is taken back."""
    raise_version(course)
    cause = f"{kind}:{fact.pk}"
    consequences.run(Happening(Event.FACT_CORRECTED, course, actor, now, cause))


def _take_over(entry: ChartEntry, new: ChartEntry, kind: str) -> None:
    """What the form says, and what it found out besides, such as a comparator."""
    for name in (*KINDS[kind].form.base_fields, *FOUND_OUT.get(kind, ()), *ENDS.get(kind, ())):
        setattr(entry, name, getattr(new, name))


def _relapsed(entry: ChartEntry) -> date | None:
    return anchor_day(entry) if isinstance(entry, Relapse) else None
