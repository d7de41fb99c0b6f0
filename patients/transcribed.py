"""Anchors and the stay of a course entered with its past: written at once, planned once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from accounts.models import User
from audit.recording import record
from patients import consequences
from patients.consequences import Event, Happening
from patients.courses import raise_version
from patients.models import Anchor, Course, Stay
from patients.models.courses import AnchorKind, StayUnit


@dataclass(frozen=True)
class PastStay:
    """A stay in hospital; without a discharge it goes on."""

    admitted_on: date
    discharged_on: date | None
    place: str = ""


def set_down(
    course: Course,
    anchors: Sequence[tuple[AnchorKind, int, date]],
    stay: PastStay | None,
    *,
    source: str,
    actor: User,
    now: datetime,
) -> None:
    """Write the dates that are known, each with its occurrence, and lay out what is due.

    The caller has made `course` in this transaction and has checked the dates.
    """
    Anchor.objects.bulk_create(
        Anchor(
            course=course,
            kind=kind,
            occurrence=occurrence,
            actual_on=on,
            source=source,
            set_at=now,
            set_by=actor.get_username(),
        )
        for kind, occurrence, on in anchors
    )
    if stay is not None:
        Stay.objects.create(
            course=course,
            unit=StayUnit.WARD,
            place=stay.place.strip(),
            began_on=stay.admitted_on,
            ended_on=stay.discharged_on,
            source=source,
            recorded_at=now,
            recorded_by=actor.get_username(),
        )
    record(
        actor=actor,
        now=now,
        action="anchor.transcribe",
        obj=course,
        course_id=course.pk,
        patient_id=course.patient_id,
        after={
            "anchors": [[kind, occurrence, on] for kind, occurrence, on in anchors],
            "stay": [stay.admitted_on, stay.discharged_on] if stay is not None else None,
        },
    )
    raise_version(course)
    consequences.run(Happening(Event.ANCHOR_CHANGED, course, actor, now))
