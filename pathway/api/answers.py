"""How courses, moves, companions and changes look in the API."""

from datetime import date
from typing import Any

from django.utils import timezone
from rest_framework import serializers

from accounts.api_answers import Reason
from accounts.models import User
from accounts.problems import refusal_json
from pathway.check_times import doubtful_times
from pathway.domain.companions import COMPANIONS
from pathway.domain.machine import Option
from pathway.domain.spine import Stage
from pathway.loading import CourseState
from pathway.loading_companions import CompanionRow
from pathway.loading_doses import doses_left_out
from pathway.models import Change
from pathway.wording import move_name, state_name
from patients.api.answers import (
    AnchorOut,
    HoldOut,
    PatientOut,
    StayOut,
    hold_json,
    patient_json,
    stay_json,
)
from patients.models import Course

STAGES = [stage.value for stage in Stage]


class CourseRow(serializers.Serializer[Any]):
    """A course of the list. `days_in_stage` is null once the course has ended."""

    id = serializers.IntegerField()
    code = serializers.CharField()
    patient = PatientOut()
    product = serializers.CharField()
    stage = serializers.ChoiceField(choices=STAGES)
    days_in_stage = serializers.IntegerField(allow_null=True)
    on_hold = serializers.BooleanField()
    version = serializers.IntegerField()


class PersonOut(serializers.Serializer[Any]):
    """Somebody who works at the centre."""

    id = serializers.IntegerField()
    name = serializers.CharField()


class CompanionOut(serializers.Serializer[Any]):
    """A companion of a course: what runs beside the journey."""

    id = serializers.IntegerField()
    machine = serializers.ChoiceField(choices=list(COMPANIONS))
    state = serializers.CharField()
    state_label = serializers.CharField()
    state_since = serializers.DateField(allow_null=True, help_text="Null when not known.")
    transcribed = serializers.BooleanField(
        help_text="Whether it was entered at this state with its past: nothing was checked."
    )
    doses_not_transcribed = serializers.BooleanField(
        help_text="Whether it was entered without its doses: not known, never none."
    )
    planned_on = serializers.DateField(allow_null=True)
    title = serializers.CharField(help_text="The drug, the regimen or the order number.")
    drug_class = serializers.CharField()
    last_dose_on = serializers.DateField(allow_null=True)
    expected_on = serializers.DateField(allow_null=True)
    expires_on = serializers.DateField(allow_null=True)
    expired = serializers.BooleanField(help_text="Past its date and neither used nor lost.")


class CourseDetail(CourseRow):
    """A course with its dates, delays, stays and companions."""

    stage_since = serializers.DateField(allow_null=True, help_text="Null when not known.")
    transcribed_on = serializers.DateField(
        allow_null=True, help_text="When it was entered with its past; null if it began here."
    )
    transcribed_stages = serializers.ListField(
        child=serializers.CharField(),
        help_text="Stages entered with their past: their guards were not checked.",
    )
    referred_on = serializers.DateField()
    protocol = serializers.CharField(help_text="Code and version.")
    coordinator = PersonOut(allow_null=True)
    haematologist = PersonOut(allow_null=True)
    deceased_on = serializers.DateField(allow_null=True)
    prior_infusions = serializers.IntegerField(help_text="Of earlier courses of the patient.")
    anchors = AnchorOut(many=True)
    holds = HoldOut(many=True)
    stays = StayOut(many=True)
    companions = CompanionOut(many=True)
    warnings = Reason(
        many=True, help_text="Times, as corrected, at which no identity check at the bedside stood."
    )


class MoveOut(serializers.Serializer[Any]):
    """A move with everything that stands against it for the caller now."""

    target = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    allowed = serializers.BooleanField(help_text="Whether only `soft` refusals stand, or none.")
    needs_reason = serializers.BooleanField()
    refusals = Reason(many=True)
    soft = Reason(many=True)


class OverrideOut(serializers.Serializer[Any]):
    """A soft refusal that yielded, and why."""

    code = serializers.CharField()
    reason = serializers.CharField()
    said = serializers.CharField(
        required=False, help_text="The warning as it was worded, in English."
    )


class ChangeOut(serializers.Serializer[Any]):
    """A move that was made, and the course's version after it."""

    sequence = serializers.IntegerField()
    machine = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]
    target = serializers.CharField()
    happened_at = serializers.DateTimeField()
    recorded_at = serializers.DateTimeField()
    reason = serializers.CharField()
    overrides = OverrideOut(many=True)
    transcribed = serializers.BooleanField(help_text="Whether its guards were not checked.")
    version = serializers.IntegerField()


def course_row(user: User, course: Course, today: date) -> dict[str, Any]:
    """A course with its journey, patient and `on_hold` loaded by the caller."""
    journey = course.journey
    return {
        "id": course.pk,
        "code": course.code,
        "patient": patient_json(user, course.patient),
        "product": course.product,
        "stage": journey.stage,
        "days_in_stage": _days_in_stage(course, today),
        "on_hold": getattr(course, "on_hold", False),
        "version": course.version,
    }


def _days_in_stage(course: Course, today: date) -> int | None:
    """None once it has ended, and where nobody knows when it came to its stage."""
    journey = course.journey
    if not journey.active or getattr(course, "since_unknown", False):
        return None
    return (today - journey.stage_since).days


def course_detail(user: User, state: CourseState, today: date) -> dict[str, Any]:
    """A course with everything on its pathway."""
    course = state.course
    course.since_unknown = state.stage_since is None  # type: ignore[attr-defined]
    course.on_hold = bool(state.open_holds)  # type: ignore[attr-defined]
    return course_row(user, course, today) | {
        "stage_since": state.stage_since,
        "transcribed_on": course.transcribed_on,
        "transcribed_stages": [stage for stage in STAGES if stage in state.transcribed_stages],
        "referred_on": course.referred_on,
        "protocol": f"{course.protocol.code} {course.protocol.version}",
        "coordinator": _person(course.coordinator),
        "haematologist": _person(course.haematologist),
        "deceased_on": state.deceased_on,
        "prior_infusions": state.prior_infusions,
        "anchors": AnchorOut(state.anchors, many=True).data,
        "holds": [hold_json(user, hold) for hold in state.holds],
        "stays": [stay_json(user, stay) for stay in state.stays],
        "companions": [companion_json(row) for row in state.companions],
        "warnings": [refusal_json(refusal) for refusal in doubtful_times(state)],
    }


def companion_json(row: CompanionRow) -> dict[str, Any]:
    """A companion from the course's state."""
    return {
        "id": row.pk,
        "machine": row.machine,
        "state": row.state,
        "state_label": state_name(row.machine, row.state),
        "state_since": row.known_since,
        "transcribed": row.state in row.transcribed,
        "doses_not_transcribed": doses_left_out(row.machine, row.facts),
        "planned_on": row.planned_on,
        "title": row.title,
        "drug_class": row.drug_class,
        "last_dose_on": row.last_dose_on,
        "expected_on": row.expected_on,
        "expires_on": row.expires_on,
        "expired": row.expired(timezone.localdate()),
    }


def move_json(machine: str, option: "Option[Any]") -> dict[str, Any]:
    """A move as it stands."""
    return {
        "target": option.move.target.value,
        "label": move_name(machine, option.move),
        "allowed": option.allowed,
        "needs_reason": option.move.needs_reason,
        "refusals": [refusal_json(refusal) for refusal in option.hard],
        "soft": [refusal_json(refusal) for refusal in option.soft],
    }


def change_json(change: Change, version: int) -> dict[str, Any]:
    """A move that was made."""
    values: dict[str, Any] = {
        name: getattr(change, name)
        for name in (
            "sequence", "machine", "source", "target", "happened_at", "recorded_at",
            "reason", "overrides", "transcribed",
        )
    }  # fmt: skip
    return values | {"version": version}


def _person(user: User | None) -> dict[str, Any] | None:
    if user is None:
        return None
    return {"id": user.pk, "name": user.get_full_name() or user.get_username()}
