"""Logging a bedside check: signs in, the grade out; correcting one, or taking it back."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from accounts.access import require
from accounts.models import User
from accounts.permissions import Permission
from audit.recording import at_one_go
from patients.courses import lock_course
from patients.models import Course
from terms.day_numbers import local_date, whole_years_between
from terms.refusals import Refusal, Refused
from terms.words import N_
from toxicity.background import Background
from toxicity.check_faults import faults_of
from toxicity.checks import Check, check_with_grades, infusion_day
from toxicity.domain.icans import ice_score
from toxicity.escalating import escalate, take_back
from toxicity.iec_hs_sayings import against_saying
from toxicity.models import Assessment
from toxicity.regrading import regrade
from toxicity.replacing import Sending, earlier, replaced, store, taking_back
from toxicity.resuming import Outset
from toxicity.reviewing import carry_words
from toxicity.seen import Seen
from toxicity.walking import Regraded
from toxicity.words_kept import against_leaving_out, against_taking_back


@dataclass(frozen=True)
class Logged:
    """What came of logging: the check, grades that are new, and of which people were told."""

    assessment: Assessment
    graded: tuple[Regraded, ...] = ()
    told: tuple[Regraded, ...] = ()


@transaction.atomic
def log_check(
    *,
    course_id: int,
    seen: Seen,
    actor: User,
    now: datetime,
    key: UUID | None = None,
    source: str = "",
) -> Logged:
    """Store what was `seen` with the grades it gives; the same `key` and content is stored once.

    Raises Refused with everything wrong at once, NotAllowed, Course.DoesNotExist.
    """
    course = lock_course(course_id, actor=actor)
    require(actor, Permission.LOG_TOXICITY)
    sending = Sending(course, actor, now, {"seen": seen.said()}, key, source)
    first = earlier(Assessment, sending)
    if first is not None:
        return Logged(first)
    outset = Outset.read(course)
    known = outset.background
    seen = filled(course, seen, known)
    _refuse([*faults_of(course, seen, now, known), *against_saying(course, seen, actor)])
    with at_one_go():
        row = store(row_of(seen), sending, "assessment.log")
        return _kept(sending, row, known.infused_on, outset=outset.with_one_more())


@transaction.atomic
def correct_check(
    *,
    course_id: int,
    assessment_id: int,
    seen: Seen,
    reason: str,
    actor: User,
    now: datetime,
    key: UUID | None = None,
) -> Logged:
    """Let what was `seen` stand instead of an earlier check, which is kept.

    Raises Refused (everything wrong, no reason, replaced meanwhile), NotAllowed,
    Course.DoesNotExist, Assessment.DoesNotExist for one of another course.
    """
    course = lock_course(course_id, actor=actor)
    require(actor, Permission.LOG_TOXICITY)
    content = {"seen": seen.said(), "replaces": assessment_id, "reason": reason.strip()}
    sending = Sending(course, actor, now, content, key)
    known = earlier(Assessment, sending)
    if known is not None:
        return Logged(known)
    old = replaced(Assessment, course, assessment_id)
    background, stood = Background.of(course), check_with_grades(old)
    seen = filled(course, seen, background)
    _refuse(
        [
            *_unreasoned(reason),
            *faults_of(course, seen, now, background, corrects=True),
            *against_saying(course, seen, actor, old),
            *against_leaving_out(stood, seen, actor),
        ]
    )
    take_back(course, old, actor=actor, now=now)
    row = store(
        _in_place_of(old, row_of(seen)),
        sending,
        "assessment.correct",
        replaces=old,
        reason=reason,
    )
    logged = _kept(sending, row, background.infused_on, stood=stood)
    carry_words(course, old, row, actor=actor, now=now)
    return logged


@transaction.atomic
def withdraw_check(
    *, course_id: int, assessment_id: int, reason: str, actor: User, now: datetime
) -> Assessment:
    """Say that a check should never have been logged here: the wrong patient, or none at all.

    Raises Refused (no reason, replaced meanwhile, a haematologist's word would go with it),
    NotAllowed, DoesNotExist as `correct_check`.
    """
    course = lock_course(course_id, actor=actor)
    require(actor, Permission.LOG_TOXICITY)
    old = replaced(Assessment, course, assessment_id)
    stood = check_with_grades(old)
    _refuse([*_unreasoned(reason), *against_taking_back(course, stood, actor)])
    take_back(course, old, actor=actor, now=now)
    sending = Sending(course, actor, now, {"replaces": assessment_id})
    gone = _in_place_of(old, taking_back(old))
    row = store(gone, sending, "assessment.withdraw", replaces=old, reason=reason)
    return _kept(sending, row, infusion_day(course), stood=stood).assessment


def _kept(
    sending: Sending,
    row: Assessment,
    infused_on: date | None,
    *,
    stood: Check | None = None,
    outset: Outset | None = None,
) -> Logged:
    """The grades of what was stored, and of whatever depends on it; who is told of them."""
    course, actor, now = sending.course, sending.actor, sending.now
    because = f"assessment:{row.pk}"
    fresh = row if row.replaces_id is None else None
    graded = regrade(
        course,
        infused_on,
        actor=actor,
        now=now,
        because=because,
        fresh=fresh,
        stood=stood,
        outset=outset,
    )
    return Logged(row, tuple(graded), tuple(escalate(course, graded, actor=actor, now=now)))


def _in_place_of(old: Assessment, row: Assessment) -> Assessment:
    """The row with the place that `old` has among checks of its minute."""
    row.root_id = old.root_id or old.pk
    return row


def row_of(seen: Seen) -> Assessment:
    """The row that keeps what was `seen`, not stored."""
    bounds = None if seen.icans is None else ice_score(seen.icans)
    return Assessment(
        observed_at=seen.observed_at,
        signs=seen.signs(),
        temp_c=None if seen.crs is None else seen.crs.temp_c,
        ice=bounds[0] if bounds is not None and bounds[0] == bounds[1] else None,
        baseline=seen.baseline,
        handwriting=seen.handwriting.strip(),
        remark=seen.remark.strip(),
    )


def filled(course: Course, seen: Seen, known: Background) -> Seen:
    """With what the chart knows better than who sends: the age, and ICE before the infusion."""
    if seen.icans is None:
        return seen
    on = local_date(seen.observed_at, course.centre.zone)
    ice = None if seen.baseline else known.ice_before(seen.observed_at)
    age = whole_years_between(course.patient.birth_date, on)
    return replace(seen, icans=replace(seen.icans, age_years=age, baseline_ice=ice))


def _unreasoned(reason: str) -> list[Refusal]:
    if reason.strip():
        return []
    return [Refusal(code="reason_needed", message=N_("Say why this is corrected."), field="reason")]


def _refuse(faults: list[Refusal]) -> None:
    if faults:
        raise Refused(faults)
