"""What runs beside the journey: the review with its items and meeting, collections, therapies."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from exports.course_records import CourseRecord
from exports.writers.fhir.codes import ECOG
from exports.writers.fhir.frame import Frame, Resource, bare, concept, number, quantity
from exports.writers.fhir.statuses import ACTIVITIES, attempt_status
from pathway.domain.assessments import ItemEntry, Vote
from pathway.domain.companions import APHERESIS, COMPANIONS, Review
from pathway.domain.eligibility_items import EligibilityItems, ItemStanding, ItemState, standings
from pathway.domain.measures import Measure
from pathway.models import (
    ApheresisAttempt,
    BridgingCourse,
    Collection,
    ContainmentTherapy,
    EligibilityEntry,
    EligibilityReview,
    Lymphodepletion,
    Meeting,
)
from patients.domain.steps import Step
from patients.models import Hold
from protocol.selectors import settings_if_readable
from terms.words import N_

_VOTES = {
    Vote.ACCEPTED.value: N_("Accepted"),
    Vote.DEFERRED.value: N_("Deferred"),
    Vote.NOT_ELIGIBLE.value: N_("Not eligible"),
}
_ORDERED = frozenset({ItemState.REQUESTED, ItemState.SAMPLED})
_RESULTED = frozenset({ItemState.RESULTED, ItemState.ACCEPTED, ItemState.OUT_OF_RANGE})
_KEPT = re.compile(r"-?[0-9]+(\.[0-9]+)?")


def resources(record: CourseRecord, frame: Frame) -> Iterator[Resource]:
    """Items as they stand, meetings, and each attempt at a collection."""
    for review in record.of(EligibilityReview):
        yield from _items(record, frame, review)
    yield from (_meeting(frame, meeting) for meeting in record.of(Meeting))
    yield from (_attempt(record, frame, attempt) for attempt in record.of(ApheresisAttempt))


def activities(record: CourseRecord, frame: Frame) -> Iterator[Resource]:
    """The therapies as activities of the plan: each with the name of its drugs."""
    for containment in record.of(ContainmentTherapy):
        yield _activity("containment", containment.state, frame.typed(containment.drug))
    for bridging in record.of(BridgingCourse):
        yield _activity("bridging", bridging.state, frame.typed(bridging.drug))
    for depletion in record.of(Lymphodepletion):
        yield _activity("lymphodepletion", depletion.state, frame.typed(depletion.regimen))


def _activity(machine: str, state: str, name: str) -> Resource:
    table = COMPANIONS[machine]
    label = _(table.label)
    return {
        "detail": {
            "kind": "MedicationRequest",
            "code": concept(f"{label}: {name}" if name else label),
            "status": ACTIVITIES[machine][state],
            "statusReason": concept(_(table.labels[table.state(state)])),
        }
    }


def _items(record: CourseRecord, frame: Frame, review: EligibilityReview) -> Iterator[Resource]:
    read = settings_if_readable(record.course.protocol)
    if read is None:
        return  # nobody knows what was asked
    items = read.section("eligibility_items", EligibilityItems)
    entries = [
        ItemEntry(row.pk, review.pk, row.item, row.step, row.value, row.on, "")
        for row in record.of(EligibilityEntry)
        if row.review_id == review.pk
    ]
    asked = {entry.code for entry in entries}
    for standing in standings(items, entries, frame.today, on_label=True):
        # The age is counted from a birth date that does not leave.
        if standing.item.code in asked:
            yield from _item(frame, review, standing)


def _item(frame: Frame, review: EligibilityReview, standing: ItemStanding) -> Iterator[Resource]:
    item, key = standing.item, f"{review.pk}-{standing.item.code}"
    code = concept(item.label, ECOG if item.code == "ECOG" else None)
    if standing.state in _ORDERED or standing.state == ItemState.WAIVED:
        waived = standing.state == ItemState.WAIVED
        yield frame.entry(
            "order",
            key,
            "ServiceRequest",
            status="revoked" if waived or review.state == Review.CLOSED else "active",
            intent="order",
            code=code,
            subject=frame.patient,
            authoredOn=frame.on(standing.on),
            note=[{"text": _("Item waived")}] if waived else None,
        )
    if standing.state in _RESULTED:
        outside = standing.state == ItemState.OUT_OF_RANGE
        yield frame.entry(
            "item",
            key,
            "Observation",
            status="final",
            code=code,
            subject=frame.patient,
            effectiveDateTime=frame.on(standing.on),
            interpretation=[concept(_("Out of range"))] if outside else None,
            **_measured(item.measure, standing.value),
        )


def _measured(measure: Measure, value: str) -> dict[str, Any]:
    """A number, a yes or no, or an answer of the protocol's list; words of people stay here."""
    if measure.kind == "yes_no":
        return {"valueBoolean": value == "yes"}
    if value in measure.choices:
        return {"valueCodeableConcept": concept(measure.choices[value].label)}
    if measure.kind == "number" and _KEPT.fullmatch(value):
        return {"valueQuantity": quantity(Decimal(value), measure.unit)}
    return {}


def _meeting(frame: Frame, meeting: Meeting) -> Resource:
    """A meeting; what it decided only once it is signed."""
    signed = meeting.signed_at is not None
    return frame.entry(
        "meeting",
        meeting.pk,
        "Procedure",
        status="completed" if signed else "unknown",
        code=concept(_("Multidisciplinary meeting")),
        subject=frame.patient,
        performedDateTime=frame.on(meeting.held_on),
        outcome=concept(_(_VOTES[meeting.vote])) if signed else None,
        reasonReference=[frame.ref("disease")],
    )


def _attempt(record: CourseRecord, frame: Frame, attempt: ApheresisAttempt) -> Resource:
    """A collection, without the number of the donation."""
    paper = record.last(Collection, attempt_id=attempt.pk)
    began = record.reached("apheresis", attempt.pk, "in_progress")
    ended = record.reached("apheresis", attempt.pk, "completed", "aborted")
    held = any(hold.ended_on is None and hold.step == Step.APHERESIS for hold in record.of(Hold))
    return frame.entry(
        "attempt",
        attempt.pk,
        "Procedure",
        status=attempt_status(attempt.state, held=held),
        code=concept(_(APHERESIS.label)),
        subject=frame.patient,
        performedPeriod=bare(
            {
                "start": frame.at(paper.started_at if paper else None)
                or frame.on(began.known_on if began else None),
                "end": frame.at(paper.ended_at if paper else None)
                or frame.on(ended.known_on if ended else None),
            }
        ),
        outcome=concept(_(APHERESIS.labels[APHERESIS.state(attempt.state)])),
        reasonReference=[frame.ref("disease")],
        note=_yield(attempt),
    )


def _yield(attempt: ApheresisAttempt) -> list[dict[str, str]]:
    if attempt.cd3_yield is None:
        return []
    said = _("CD3+ cells collected (10⁹)")
    return [{"text": f"{said}: {number(attempt.cd3_yield)}"}]
