"""Walking a patient along the pathway through the real services, with a clock of one's own.

Every step is made by somebody whose role may make it and recorded a few minutes after it happened.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any, Self

from accounts.models import User
from config.demo_data.appointed import AppointmentSteps
from config.demo_data.assessed import PAPER, SYNTHETIC, UNDATED, Assessed
from config.demo_data.bedside import BedsideSteps
from config.demo_data.checking import CheckSteps
from config.demo_data.dosing import DoseSteps
from config.demo_data.people import Team
from pathway.opening import open_companion
from pathway.papers import add_paper
from pathway.referring import NewCourse, refer
from pathway.transitions import MoveOrder, advance, move_companion
from patients.anchors import plan_date
from patients.charting import add_entry
from patients.deaths import record_death
from patients.holds import end_hold, open_hold
from patients.models import Course
from patients.models.courses import StayUnit
from patients.people import NewPatient, verify_identity
from patients.stays import admit, discharge, transfer

__all__ = ["ADULT", "PAPER", "SYNTHETIC", "UNDATED", "YOUNG", "Walk"]

ADULT, YOUNG = "brexucel-adult-all", "tisacel-young-all"  # the protocols' codes
_RECORDED_AFTER, _BETWEEN_STEPS = timedelta(minutes=2), timedelta(minutes=3)

# Who makes which move; everything that is not named here is the coordinator's.
_MOVERS: dict[tuple[str, str], str] = {
    ("journey", "lymphodepletion"): "physician",
    ("journey", "infusion"): "physician",
    ("journey", "follow_up"): "physician",
    ("journey", "declined"): "physician",
    ("eligibility", "accepted"): "physician",
    ("eligibility", "deferred"): "physician",
    ("eligibility", "not_eligible"): "physician",
    ("containment", "given"): "nurse",
    ("apheresis", "cleared"): "apheresis",
    ("apheresis", "in_progress"): "apheresis",
    ("apheresis", "completed"): "apheresis",
    ("apheresis", "adequate"): "celllab",
    ("product", "received"): "celllab",
    ("product", "stored"): "pharmacist",
    ("product", "thawing"): "celllab",
    ("product", "infused"): "nurse",
    ("bridging", "running"): "physician",
    ("bridging", "on_hold"): "physician",
    ("bridging", "closed"): "physician",
    ("lymphodepletion", "in_progress"): "nurse",
    ("lymphodepletion", "complete"): "nurse2",
}
_OPENERS = {
    "containment": "physician",
    "bridging": "physician",
    "lymphodepletion": "physician",
    "apheresis": "apheresis",
}


class Walk(DoseSteps, CheckSteps, AppointmentSteps, BedsideSteps, Assessed):
    """One course on its way. `at` sets the time of the steps that follow; it never runs back."""

    def __init__(self, team: Team, start: date) -> None:
        self._team = team
        self._clock = self._moment(start, 8)
        self._open: dict[str, int] = {}  # the latest companion of each machine
        self._hold_id = 0
        self.course: Course

    def at(self, on: date, hour: int = 9) -> Self:
        """Let the next steps happen from `hour` of `on`. Raises ValueError for an earlier day."""
        moment = self._moment(on, hour)
        if on < self._clock.date():
            raise ValueError(f"{on} lies before {self._clock}")
        self._clock = max(moment, self._clock)
        return self

    def refer(
        self,
        patient: NewPatient,
        coordinator: str,
        haematologist: str | None,
        protocol_code: str = ADULT,
    ) -> Self:
        """Register the patient and start the course today."""
        responsible = self._team[haematologist].pk if haematologist else None
        self._happened()
        self.course = refer(
            patient=patient,
            course=NewCourse(
                protocol_code=protocol_code,
                referred_on=self._today,
                coordinator_id=self._team[coordinator].pk,
                haematologist_id=responsible,
            ),
            actor=self._team[coordinator],
            now=self._now,
        )
        self._coordinator = coordinator
        return self

    def identified(self) -> Self:
        """Verify who the patient is."""
        self._happened()
        verify_identity(
            patient_id=self.course.patient_id, actor=self._actor("coordinator"), now=self._now
        )
        return self

    def entry(
        self,
        entry_kind: str,
        /,
        *,
        source: str = SYNTHETIC,
        by: str = "coordinator",
        **values: Any,
    ) -> Self:
        """Add an entry to the chart."""
        self._happened()
        add_entry(
            course_id=self.course.pk,
            kind=entry_kind,
            values=values,
            actor=self._actor(by),
            now=self._now,
            source=source,
        )
        return self

    def advance(
        self,
        target: str,
        *,
        source: str = SYNTHETIC,
        reason: str = "",
        overrides: Mapping[str, str] | None = None,
        **details: str,
    ) -> Self:
        """Move the journey; `overrides` answers soft refusals by their codes."""
        order = replace(self._order(target, source, reason, details), overrides=overrides or {})
        advance(
            course_id=self.course.pk,
            order=order,
            actor=self._mover("journey", target),
            now=self._now,
        )
        return self

    def open(
        self,
        machine: str,
        *,
        source: str = SYNTHETIC,
        overrides: Mapping[str, str] | None = None,
        **values: Any,
    ) -> Self:
        """Open a companion; `overrides` answers soft refusals by their codes."""
        companion = open_companion(
            course_id=self.course.pk,
            machine=machine,
            values=values,
            happened_at=self._happened(),
            overrides=overrides or {},
            actor=self._actor("physician" if overrides else _OPENERS.get(machine, "coordinator")),
            now=self._now,
            source=source,
        )
        self._open[machine] = companion.pk
        return self

    def move(
        self,
        machine: str,
        target: str,
        *,
        source: str = SYNTHETIC,
        reason: str = "",
        overrides: Mapping[str, str] | None = None,
        **details: Any,
    ) -> Self:
        """Move the companion opened last; the eligibility review opens by itself."""
        pk = self._open.get(machine) or self.course.eligibilityreviews.latest("id").pk
        order = self._order(target, source, reason, details)
        move_companion(
            course_id=self.course.pk,
            machine=machine,
            pk=pk,
            order=replace(order, overrides=overrides or {}),
            actor=self._actor("physician") if overrides else self._mover(machine, target),
            now=self._now,
        )
        return self

    def paper(self, machine: str, kind: str, *, by: str = "celllab", **values: Any) -> Self:
        """Add a synthetic paper to the companion opened last."""
        self._happened()
        add_paper(
            course_id=self.course.pk,
            machine=machine,
            pk=self._open[machine],
            kind=kind,
            values=values,
            actor=self._actor(by),
            now=self._now,
            source=SYNTHETIC,
        )
        return self

    def administered(self) -> Self:
        """The record of the infusion of the product opened last, which takes three minutes."""
        begun = self._clock.strftime("%Y-%m-%d %H:%M")
        self._happened()
        over = self._clock.strftime("%Y-%m-%d %H:%M")
        return self.paper(
            "product", "administration", by="nurse", volume_ml="68",
            infusion_started_at=begun, infusion_ended_at=over,
        )  # fmt: skip

    def hold(self, step: str, reason_code: str, *, source: str = SYNTHETIC, **details: Any) -> Self:
        """Hold a step from today."""
        self._happened()
        hold = open_hold(
            course_id=self.course.pk,
            step=step,
            reason_code=reason_code,
            began_on=self._today,
            actor=self._actor("coordinator"),
            now=self._now,
            source=source,
            **details,
        )
        self._hold_id = hold.pk
        return self

    def release(self, **details: Any) -> Self:
        """End the hold opened last, today."""
        self._happened()
        end_hold(
            hold_id=self._hold_id,
            ended_on=self._today,
            actor=self._actor("coordinator"),
            now=self._now,
            **details,
        )
        return self

    def plan(self, kind: str, on: date) -> Self:
        """Plan the date of an anchor."""
        self._happened()
        plan_date(
            course_id=self.course.pk,
            kind=kind,
            planned_on=on,
            reason="",
            actor=self._actor("coordinator"),
            now=self._now,
        )
        return self

    def admitted(self, *, source: str = SYNTHETIC) -> Self:
        """Admit to the ward today."""
        self._happened()
        admit(
            course_id=self.course.pk,
            unit=StayUnit.WARD,
            place="Ematologia",
            on=self._today,
            actor=self._actor("nurse"),
            now=self._now,
            source=source,
        )
        return self

    def in_intensive_care(self) -> Self:
        """Transfer from the ward to intensive care today."""
        self._happened()
        transfer(
            course_id=self.course.pk,
            unit=StayUnit.ICU,
            place="Rianimazione",
            on=self._today,
            actor=self._actor("nurse2"),
            now=self._now,
            source=SYNTHETIC,
        )
        return self

    def discharged(self, *, source: str = SYNTHETIC) -> Self:
        """Send home today."""
        self._happened()
        discharge(
            course_id=self.course.pk,
            on=self._today,
            actor=self._actor("physician"),
            now=self._now,
            source=source,
        )
        return self

    def died(self, cause: str, category: str) -> Self:
        """Record that the patient died today."""
        self._happened()
        record_death(
            patient_id=self.course.patient_id,
            died_on=self._today,
            cause=cause,
            category=category,
            actor=self._actor("physician"),
            now=self._now,
        )
        return self

    @property
    def _today(self) -> date:
        return self._now.date()

    def _moment(self, on: date, hour: int) -> datetime:
        return datetime.combine(on, time(hour), self._team.centre.zone)

    def _happened(self) -> datetime:
        """The time of the next step; sets when it is recorded."""
        happened_at = self._clock
        self._now = happened_at + _RECORDED_AFTER
        self._clock = happened_at + _BETWEEN_STEPS
        return happened_at

    def _order(
        self, target: str, source: str, reason: str, details: Mapping[str, Any]
    ) -> MoveOrder:
        return MoveOrder(target, self._happened(), reason, details=details, source=source)

    def _mover(self, machine: str, target: str) -> User:
        return self._actor(_MOVERS.get((machine, target), "coordinator"))

    def _actor(self, username: str) -> User:
        return self._team[self._coordinator if username == "coordinator" else username]
