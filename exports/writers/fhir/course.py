"""The course: the disease, the episode of care with its history, the plan, delays and stays."""

from collections.abc import Iterable, Iterator
from datetime import date

from django.utils.translation import gettext as _

from exports.course_records import CourseRecord
from exports.writers.fhir.codes import CONDITIONS, disease_code
from exports.writers.fhir.frame import Frame, Resource, bare, concept, in_words
from exports.writers.fhir.statuses import episode_status, plan_status
from pathway.domain.spine import SPINE, Stage
from pathway.models import EligibilityReview
from patients.domain.delays import DelayReasons
from patients.domain.steps import STEP_LABELS, Step
from patients.models import Diagnosis, Hold, MarrowResult, Relapse, Stay
from patients.models.courses import AnchorKind, StayUnit
from protocol.selectors import settings_if_readable
from terms.partial_dates import parse

# Said where a course ended because nobody could reach the patient: FHIR has no status for it.
LOST = "urn:percorso:fhir:lost-to-follow-up"
_AFTER_MARROW = {"cr": "remission", "cri": "remission", "none": "active"}
# Measurable residual disease alone changes nothing of how the disease stands.
_AFTER_RELAPSE = {
    "molecular": "relapse",
    "haematological": "relapse",
    "isolated": "relapse",
    "refractory": "active",
}
_WAITS = frozenset({Step.LYMPHODEPLETION.value, Step.INFUSION.value})


def resources(
    record: CourseRecord, frame: Frame, activities: Iterable[Resource]
) -> Iterator[Resource]:
    """The disease, the episode and the plan with its `activities`; then delays and stays."""
    yield _disease(record, frame)
    yield _episode(record, frame)
    yield _plan(record, frame, activities)
    yield from (_delay(record, frame, hold) for hold in record.of(Hold))
    yield from (_stay(frame, stay) for stay in record.of(Stay))


def held_before_infusion(record: CourseRecord) -> bool:
    """Whether an open hold keeps the patient from lymphodepletion or infusion."""
    return any(hold.ended_on is None and hold.step in _WAITS for hold in record.of(Hold))


def ended_on(record: CourseRecord) -> date | None:
    """The day on which the course ended, by its own end or by the death."""
    return record.course.closed_on or (record.death.died_on if record.death else None)


def _status(record: CourseRecord) -> str:
    review = record.last(EligibilityReview)
    return episode_status(
        record.journey.stage,
        review=review.state if review else "",
        held=held_before_infusion(record),
        dead=record.death is not None,
    )


def _disease(record: CourseRecord, frame: Frame) -> Resource:
    found = record.last(Diagnosis)
    read = settings_if_readable(record.course.protocol)
    indication = read.meta.indication if read else _("Not known")
    name = frame.typed(found.disease) if found else indication
    standing = _lately(record)
    return frame.entry(
        "disease",
        "",
        "Condition",
        clinicalStatus={"coding": [_clinical(standing)]} if standing else None,
        code=concept(name, disease_code(found.disease) if found else None),
        subject=frame.patient,
        onsetDateTime=frame.partial(found.on) if found else None,
    )


def _clinical(standing: str) -> dict[str, str]:
    code = CONDITIONS[standing]
    return {"system": code.system, "code": code.code}


def _lately(record: CourseRecord) -> str:
    """What the last dated fact says of the disease; nothing where none says anything."""
    said = [
        (parse(row.on).latest(), row.recorded_at, _AFTER_MARROW[row.remission])
        for row in record.of(MarrowResult)
        if row.on and row.remission
    ]
    said += [
        (parse(row.on).latest(), row.recorded_at, _AFTER_RELAPSE[row.kind])
        for row in record.of(Relapse)
        if row.on and row.kind in _AFTER_RELAPSE
    ]
    return max(said)[-1] if said else ""


def _episode(record: CourseRecord, frame: Frame) -> Resource:
    lost = record.journey.stage == Stage.LOST
    return frame.entry(
        "episode",
        "",
        "EpisodeOfCare",
        extension=[{"url": LOST, "valueBoolean": True}] if lost else None,
        status=_status(record),
        statusHistory=_history(record, frame),
        type=[concept(_("Course of CAR-T treatment"))],
        diagnosis=[{"condition": frame.ref("disease")}],
        patient=frame.patient,
        period=frame.period(record.course.referred_on, ended_on(record)),
    )


def _history(record: CourseRecord, frame: Frame) -> list[Resource]:
    """Each status from its first day to the first of the next; a day nobody knows is left out."""
    steps: list[tuple[str, date | None]] = [
        (episode_status(Stage.REFERRAL), record.course.referred_on)
    ]
    for change in record.changes:
        status = episode_status(change.target) if change.machine == SPINE.name else steps[-1][0]
        if status != steps[-1][0]:
            steps.append((status, change.known_on))
    ends = [on for _status, on in steps[1:]] + [ended_on(record)]
    return [
        {"status": status, "period": bare(frame.period(on, end) or {})}
        for (status, on), end in zip(steps, ends, strict=True)
    ]


def _plan(record: CourseRecord, frame: Frame, activities: Iterable[Resource]) -> Resource:
    protocol, enrolled = record.course.protocol, record.anchor(AnchorKind.ENROLMENT)
    return frame.entry(
        "plan",
        "",
        "CarePlan",
        status=plan_status(_status(record), record.journey.stage),
        intent="plan",
        title=f"{protocol.code} {protocol.version}",
        subject=frame.patient,
        period=frame.period(enrolled.actual_on if enrolled else None, ended_on(record)),
        addresses=[frame.ref("disease")],
        activity=list(activities),
    )


def _delay(record: CourseRecord, frame: Frame, hold: Hold) -> Resource:
    read = settings_if_readable(record.course.protocol)
    known = read.section("delay_reasons", DelayReasons).by_code if read else {}
    code = hold.reason_code
    reason = in_words(known[code].label if code in known else code)
    step = _(STEP_LABELS[Step(hold.step)])
    return frame.entry(
        "hold",
        hold.pk,
        "Flag",
        status="active" if hold.ended_on is None else "inactive",
        category=[concept(_("Delay"))],
        code={"text": f"{step}: {reason}"},
        subject=frame.patient,
        period=frame.period(hold.began_on, hold.ended_on),
    )


def _stay(frame: Frame, stay: Stay) -> Resource:
    """A stay without the name of the ward."""
    return frame.entry(
        "stay",
        stay.pk,
        "Encounter",
        status="in-progress" if stay.ended_on is None else "finished",
        class_={"display": "inpatient"},
        type=[concept(StayUnit(stay.unit).label)],
        subject=frame.patient,
        episodeOfCare=[frame.ref("episode")],
        period=frame.period(stay.began_on, stay.ended_on),
    )
