"""The part of a walk that assesses: eligibility items, the meeting, gate checks."""

from datetime import date, datetime
from typing import Any, Self

from accounts.models import User
from config.demo_data.passing import check_notes, item_notes, recorders
from pathway.assessing import ItemNote, record_items
from pathway.domain.gate_rules import Gate
from pathway.domain.rules import PathwayRules
from pathway.gating import record_checks
from pathway.meeting import Minutes, record_meeting
from patients.charting import add_entry
from patients.models import Course, LabResult
from protocol.selectors import settings_of
from terms.day_numbers import local_date


class AssessingSteps:
    """What a walk assesses; the walk itself keeps the clock and the people."""

    course: Course

    def by(self, role: str) -> User:
        """Somebody who holds `role`."""
        raise NotImplementedError

    def tick(self) -> datetime:
        """The next moment."""
        raise NotImplementedError

    @property
    def rules(self) -> PathwayRules:
        """The numbers of the course's protocol."""
        return PathwayRules.of(settings_of(self.course.protocol))

    def assess(self, *notes: ItemNote, **given: str) -> Self:
        """A result for every eligibility item, in range unless `given`; or just these notes."""
        record_items(
            course_id=self.course.pk,
            notes=notes or item_notes(self.rules.items, given),
            actor=self.by("haematologist"),
            now=self.tick(),
        )
        self.course.refresh_from_db()
        return self

    def meet(self, vote: str = "accepted", *, sign: bool = True, **given: Any) -> Self:
        """A meeting about the review, with signed minutes."""
        now = self.tick()
        minutes = {
            "held_on": now.astimezone(self.course.centre.zone).date(),
            "participants": "Two haematologists, the coordinator",
            "minutes": "Discussed.",
            "vote": vote,
            "in_favour": 3,
            **given,
        }
        record_meeting(
            course_id=self.course.pk,
            minutes=Minutes(**minutes),
            sign=sign,
            actor=self.by("haematologist"),
            now=now,
        )
        self.course.refresh_from_db()
        return self

    def weigh_again(self, now: datetime) -> None:
        """On the scale as at an admission: the weight on record, unless that is of these days."""
        known = LabResult.objects.filter(course=self.course, analyte="WEIGHT", in_error=False)
        last, today = known.order_by("-on", "-pk").first(), local_date(now, self.course.centre.zone)
        if last is None:
            return
        if (today - date.fromisoformat(last.on)).days > 2:
            add_entry(
                course_id=self.course.pk,
                kind="lab",
                values={"on": str(today), "analyte": "WEIGHT", "value": last.value, "unit": "kg"},
                actor=self.by("coordinator"),
                now=now,
            )

    def pass_gate(self, gate: str, *leaving: str) -> Self:
        """Every recorded check of a gate met, but for those of `leaving`."""
        now, gates = self.tick(), self.rules.gates
        if gate in ("lymphodepletion", "infusion"):
            self.weigh_again(now)
        repeat = self.course.lymphodepletions.filter(state__in=("complete", "stopped")).exists()
        for role in recorders(gates, Gate(gate)):
            notes = check_notes(gates, Gate(gate), role, leaving=leaving, repeat=repeat)
            if not notes:
                continue
            record_checks(
                course_id=self.course.pk,
                gate=Gate(gate),
                notes=notes,
                actor=self.by(role),
                now=now,
            )
        self.course.refresh_from_db()
        return self
