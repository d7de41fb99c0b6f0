"""A fact of the chart that should never have been entered, and bringing one back."""

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef

from accounts.access import require
from accounts.models import User
from accounts.permissions import Permission
from patients import consequences, stays
from patients.charting import KINDS
from patients.consequences import Event, Happening
from patients.correcting import causes, keep, refuse_unreasoned
from patients.correcting_stays import refuse_return, transferred_from
from patients.courses import check_version, lock_course, raise_version
from patients.deaths import shows_life
from patients.fact_values import STAY, Fact, model_of, stood
from patients.models import Correction, Course, Hold, Relapse, Stay
from patients.models.corrections import CorrectionKind, CorrectionQuerySet
from patients.models.history import ChartEntry
from patients.objections import Asked, Question, against
from patients.relapses import anchor_day, settle_relapse
from patients.survival import refuse_after_death
from terms.partial_dates import parse
from terms.refusals import Refusal, Refused
from terms.words import N_


def marks_of(user: User) -> CorrectionQuerySet:
    """What is marked as entered in error on courses that `user` sees, the latest first."""
    marks = Correction.objects.visible_to(user).filter(kind=CorrectionKind.IN_ERROR)
    return marks.select_related("course__patient", "course__centre").order_by("-pk")


def open_marks_of(user: User) -> CorrectionQuerySet:
    """Of those, the marks that nobody undid."""
    later = Correction.objects.filter(
        fact=OuterRef("fact"), fact_id=OuterRef("fact_id"), pk__gt=OuterRef("pk")
    )
    return marks_of(user).exclude(Exists(later))


def marked(mark: Correction) -> Fact:
    """The fact that a mark is about, whether it stands or not."""
    return model_of(mark.fact).all_rows.get(pk=mark.fact_id)


@transaction.atomic
def mark_fact(
    *,
    course_id: int,
    kind: str,
    fact_id: int,
    reason: str,
    actor: User,
    now: datetime,
    expected_version: int | None = None,
) -> Correction:
    """Say that an entry, a stay or a hold should never have been entered.

    It is gone from pages, guards and exports; the audit and the correction keep it. Raises Refused
    (no reason, a stay that came by a transfer, a hold whose cause stands), NotAllowed,
    StaleVersion, Course.DoesNotExist, KeyError, ObjectDoesNotExist for a fact of another course or
    in error already.
    """
    course = lock_course(course_id, actor=actor)
    require(actor, Permission.CORRECT)
    check_version(course, expected_version)
    fact = model_of(kind).objects.get(pk=fact_id, course=course)
    refusals = [*refuse_unreasoned(reason), *_refuse_transferred(course, fact)]
    if isinstance(fact, Hold) and fact.ended_on is None:
        asked = Asked(Question.HOLD_ENDS, course, actor, now, reason=reason, hold=fact)
        refusals += against(asked)
    if refusals:
        raise Refused(refusals)
    before = stood(fact)
    _show(fact, shown=False)
    occurrence = None
    if isinstance(fact, Relapse):
        occurrence = settle_relapse(
            course, anchor_day(fact), None, actor=actor, now=now, source=fact.source
        )
    correction = keep(
        course, kind, fact, before, reason,
        actor=actor, now=now, what=CorrectionKind.IN_ERROR, occurrence=occurrence,
    )  # fmt: skip
    causes(course, kind, fact, actor, now)
    _settle(course, kind, actor, now)
    return correction


@transaction.atomic
def bring_back(*, correction_id: int, reason: str, actor: User, now: datetime) -> Correction:
    """Let a fact that was marked by mistake stand again, with what it had caused.

    What a death or an exit ended meanwhile it ended of this too: it comes back ended, and opens
    with the rest where that is taken back. Raises Refused (no reason, brought back before, another
    one in its place meanwhile, after the patient's death), NotAllowed, Correction.DoesNotExist for
    an unknown mark or another centre's.
    """
    require(actor, Permission.UNDO_ERROR)
    mark = marks_of(actor).get(pk=correction_id)
    course = lock_course(mark.course_id, actor=actor)
    fact = marked(mark)
    refusals = [*refuse_unreasoned(reason), *_refuse_return(course, mark, fact)]
    if refusals:
        raise Refused(refusals)
    _show(fact, shown=True)
    if isinstance(fact, Relapse):
        settle_relapse(
            course, None, anchor_day(fact),
            actor=actor, now=now, source=fact.source, occurrence=mark.occurrence,
        )  # fmt: skip
    correction = keep(
        course, mark.fact, fact, {}, reason,
        actor=actor, now=now, what=CorrectionKind.BROUGHT_BACK,
    )  # fmt: skip
    raise_version(course)
    cause = f"{mark.fact}:{fact.pk}"
    if isinstance(fact, Hold) and fact.ended_on is None:
        consequences.run(Happening(Event.HOLD_OPENED, course, actor, now, cause))
    _settle(course, mark.fact, actor, now, cause)
    return correction


def _show(fact: Fact, *, shown: bool) -> None:
    fact.in_error = not shown
    fact.save(update_fields=["in_error"])


def _settle(course: Course, kind: str, actor: User, now: datetime, cause: str = "") -> None:
    """What counts from facts of this kind counts anew."""
    if kind == STAY:
        stays.settle_discharge(course, actor=actor, now=now)
    event = KINDS[kind].event if kind in KINDS else Event.CHART_CHANGED
    consequences.run(Happening(event, course, actor, now, cause))


def _refuse_transferred(course: Course, fact: Fact) -> list[Refusal]:
    if not isinstance(fact, Stay) or transferred_from(course, fact) is None:
        return []
    return [
        Refusal(
            code="by_transfer",
            message=N_("This began with a transfer: correct where and since when instead."),
        )
    ]


def _refuse_return(course: Course, mark: Correction, fact: Fact) -> list[Refusal]:
    if not fact.in_error or _marked_again(mark):
        return [Refusal(code="already_undone", message=N_("This was undone before."))]
    refusals = _refuse_after_death(course, fact)
    if isinstance(fact, Stay):
        refusals += refuse_return(course, fact)
    if isinstance(fact, Hold) and _opens_again(fact):
        same = course.holds.filter(step=fact.step, reason_code=fact.reason_code)
        if any(_opens_again(one) for one in same):
            message = N_("This step is on hold for the same reason by now.")
            refusals.append(Refusal(code="already_held", message=message))
    return refusals


def _refuse_after_death(course: Course, fact: Fact) -> list[Refusal]:
    """A fact that says the patient lived is not brought back to a day after a recorded death."""
    if isinstance(fact, Stay):
        return refuse_after_death(fact.ended_on or fact.began_on, course.patient, "")
    if isinstance(fact, ChartEntry) and fact.on and shows_life(fact):
        return refuse_after_death(parse(fact.on), course.patient, "")
    return []


def _opens_again(hold: Hold) -> bool:
    """Whether it is open, or would be were the end of the course taken back."""
    return hold.ended_on is None or bool(hold.ended_cause)


def _marked_again(mark: Correction) -> bool:
    """Whether it was brought back and marked anew since: that later mark is the one to undo."""
    later = Correction.objects.filter(fact=mark.fact, fact_id=mark.fact_id, pk__gt=mark.pk)
    return later.exists()
