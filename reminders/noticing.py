"""What of the chart raises notices and takes them back; wired in config/wiring.py.

Each runs inside the writer's transaction and under its course lock.
"""

from datetime import date

from django.db.models import Exists, QuerySet

from audit.prepared import Prepared
from patients.consents import standing_consents
from patients.consequences import Event, Happening
from patients.domain.delays import ConsentKinds, DelayReasons
from patients.domain.steps import STEP_LABELS, Step
from patients.models import Anchor, Consent, Course, Hold, LabResult, Relapse
from patients.models.courses import AnchorKind
from protocol.selectors import settings_of
from reminders.domain.b_cells import ANALYTE, NoticeRules, is_early_recovery
from reminders.domain.notice_kinds import ANTIGEN_NAMES, RELAPSE_NAMES
from reminders.models import Notice
from reminders.notices import raise_notice, restore_notices, withdraw_all, withdraw_notices
from terms.day_numbers import local_date
from terms.partial_dates import parse
from terms.roles import Role

_B_CELLS = "early_b_cell_recovery"


def on_hold_opened(happening: Happening) -> None:
    """A step is on hold: those who lead the course hear of it."""
    course = happening.course
    hold = Hold.objects.get(pk=int(happening.cause.removeprefix("hold:")))
    reasons = settings_of(course.protocol).section("delay_reasons", DelayReasons)
    raise_notice(
        course=course,
        code="hold_opened",
        roles=(Role.COORDINATOR, Role.HAEMATOLOGIST),
        params={
            "step": STEP_LABELS[Step(hold.step)],
            "reason": reasons.named(hold.reason_code),
            "since": hold.began_on,
        },
        about=happening.cause,
        cause=happening.cause,
        actor=happening.actor,
        now=happening.now,
    )


def on_hold_reopened(happening: Happening) -> None:
    """A hold is open again: told once more only where nothing of it stands.

    So it is with one that was brought back while the course had ended: nobody heard of it then.
    """
    standing = Notice.objects.standing().filter(course=happening.course, about=happening.cause)
    if not standing.exists():
        on_hold_opened(happening)


def watch_consent(happening: Happening) -> None:
    """A consent that was taken back, or refused after all: nobody goes on as if it stood."""
    course = happening.course
    kind, _colon, pk = happening.cause.partition(":")
    consent = Consent.objects.filter(pk=int(pk)).first() if kind == "consent" else None
    if consent is None:
        return  # entered in error, or another fact
    if consent.withdrawn_on is not None:
        code, on = "consent_withdrawn", consent.withdrawn_on
    elif _refused_after_all(consent, happening):
        code, on = "consent_refused", parse(consent.on).earliest()
    else:
        return
    kinds = settings_of(course.protocol).section("consents", ConsentKinds)
    raise_notice(
        course=course,
        code=code,
        roles=(Role.COORDINATOR, Role.HAEMATOLOGIST),
        params={"what": kinds.named(consent.kind), "on": on},
        about=happening.cause,
        cause=happening.cause,
        actor=happening.actor,
        now=happening.now,
    )


def _refused_after_all(consent: Consent, happening: Happening) -> bool:
    """Whether a refusal is the latest word where somebody may have gone on by an earlier one.

    An answer that is corrected to a refusal was read as given until now.
    """
    if consent.given or not consent.on:
        return False
    answers = list(
        Consent.objects.filter(course=happening.course, kind=consent.kind).order_by("pk")
    )
    given = happening.event is Event.FACT_CORRECTED or any(answer.given for answer in answers)
    today = local_date(happening.now, happening.course.centre.zone)
    return given and consent.kind not in standing_consents(answers, today)


def watch_relapses(happening: Happening) -> None:
    """Tell each relapse after the infusion once; one that is corrected is taken back and told anew.

    Who leads the course hears what the blasts carry, or that nobody knows.
    """
    course = happening.course
    standing = Notice.objects.standing().filter(course=course, code="relapse")
    told = set(standing.values_list("about", flat=True))
    for relapse in Relapse.objects.filter(course=course, after_infusion=True).order_by("pk"):
        cause = f"relapse:{relapse.pk}"
        if cause in told:
            continue
        raise_notice(
            course=course,
            code="relapse",
            roles=(Role.COORDINATOR, Role.HAEMATOLOGIST),
            params={
                "on": _full_day(relapse.on),
                "what": RELAPSE_NAMES[relapse.kind],
                "cd19": ANTIGEN_NAMES[relapse.cd19],
                "cd22": ANTIGEN_NAMES[relapse.cd22],
            },
            about=cause,
            cause=cause,
            actor=happening.actor,
            now=happening.now,
        )


def on_number_changed(happening: Happening) -> None:
    """Order, wristband and labels may carry the number as it was: those who handle them hear."""
    course = happening.course
    if course.closed_on is not None:
        return
    raise_notice(
        course=course,
        code="number_changed",
        roles=(Role.COORDINATOR, Role.HAEMATOLOGIST, Role.PHARMACIST, Role.CELL_LAB),
        params={"on": local_date(happening.now, course.centre.zone)},
        actor=happening.actor,
        now=happening.now,
    )


def on_patient_died(happening: Happening) -> None:
    """The product, what is booked and the reports of a death are somebody's work."""
    raise_notice(
        course=happening.course,
        code="patient_died",
        roles=(Role.COORDINATOR, Role.PHARMACIST, Role.CELL_LAB, Role.QUALITY),
        params={"on": happening.on},
        cause=happening.cause,
        actor=happening.actor,
        now=happening.now,
    )


def on_undone(happening: Happening) -> None:
    """What was told because of something that is undone now is taken back."""
    withdraw_notices(
        happening.course, cause=happening.cause, actor=happening.actor, now=happening.now
    )


def on_entered_in_error(happening: Happening) -> None:
    """Nobody needs to act on a course that should never have been entered."""
    withdraw_all(happening.course, cause=happening.cause, actor=happening.actor, now=happening.now)


def on_error_undone(happening: Happening) -> None:
    """A mistaken mark: what was told stands again."""
    restore_notices(
        happening.course, cause=happening.cause, actor=happening.actor, now=happening.now
    )


def watch_b_cells(happening: Happening) -> None:
    """Tell of B cells that came back early, and take it back for results that say so no more.

    Looks at every B-cell count of the course: a corrected value or day 0 counts at once.
    """
    course = happening.course
    moved = happening.cause if happening.event is Event.ANCHOR_CHANGED else ""
    if moved not in ("", AnchorKind.INFUSION):
        return  # counts are weighed against day 0 alone
    if not _CONCERNED(course.pk):
        return  # most courses, at most changes: one query
    results = _counts(course.pk)
    early = _early(course, results) if results else {}
    told = _told(course.pk).first()
    known = set(told.causes) if told is not None else set()
    actor, now = happening.actor, happening.now
    for cause in sorted(known - early.keys()):
        withdraw_notices(course, cause=cause, actor=actor, now=now)
    for cause, on in early.items():
        if cause not in known:
            raise_notice(
                course=course,
                code=_B_CELLS,
                roles=(Role.HAEMATOLOGIST,),
                params={"on": on},
                cause=cause,
                actor=actor,
                now=now,
            )


def _counts(course: int) -> QuerySet[LabResult]:
    return LabResult.objects.filter(course=course, analyte=ANALYTE).order_by("pk")


def _told(course: int) -> QuerySet[Notice]:
    return Notice.objects.standing().filter(course=course, code=_B_CELLS)


_CONCERNED = Prepared(
    lambda course: Course.objects.filter(
        Exists(_counts(course)) | Exists(_told(course)), pk=course
    ).values_list("pk")
)


def _early(course: Course, results: QuerySet[LabResult]) -> dict[str, date]:
    rule = settings_of(course.protocol).section("notices", NoticeRules).b_cell_recovery
    infusion = Anchor.objects.filter(course=course, kind=AnchorKind.INFUSION).first()
    infused_on = infusion.actual_on if infusion is not None else None
    days = {result: _full_day(result.on) for result in results}
    return {
        f"lab:{result.pk}": on
        for result, on in days.items()
        # Below a limit of detection is no count: the limit itself may lie above the threshold.
        if result.comparator != "<"
        if on is not None and is_early_recovery(rule, result.value, on, infused_on)
    }


def _full_day(on: str) -> date | None:
    known = parse(on) if on else None
    return known.earliest() if known is not None and known.precision == "day" else None
