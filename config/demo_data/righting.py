"""What somebody typed wrongly in the demo, and put right with a reason."""

from abc import abstractmethod
from datetime import datetime
from typing import Self

from accounts.models import User
from patients.charting import add_entry
from patients.correcting import correct_entry
from patients.fact_values import typed_values
from patients.identifiers import correct_identifier
from patients.models import Course


class RightingSteps:
    """Steps of a walk that correct what stood."""

    course: Course
    _now: datetime

    @abstractmethod
    def _happened(self) -> datetime: ...

    @abstractmethod
    def _actor(self, username: str) -> User: ...

    def number_put_right(self, right: str) -> Self:
        """A hospital number that was typed wrongly at the referral; the coordinator corrects it."""
        self._happened()
        wrong = self.course.patient.identifiers.get()
        correct_identifier(
            patient_id=self.course.patient_id,
            identifier_id=wrong.pk,
            system=wrong.system,
            value=right,
            reason="Digits changed places",
            actor=self._actor("coordinator"),
            now=self._now,
        )
        return self

    def weight_put_right(self, typed: str, right: str, *, source: str) -> Self:
        """A weight whose digits changed places, confirmed all the same; it is corrected."""
        on = self._happened().date()
        entry = add_entry(
            course_id=self.course.pk,
            kind="lab",
            values={
                "on": on.isoformat(),
                "analyte": "WEIGHT",
                "value": typed,
                "unit": "kg",
                "confirmed": True,
            },
            actor=self._actor("nurse"),
            now=self._now,
            source=source,
        )
        self._happened()
        correct_entry(
            course_id=self.course.pk,
            kind="lab",
            entry_id=entry.pk,
            values=typed_values(entry, "lab") | {"value": right},
            reason="Digits changed places",
            actor=self._actor("physician"),
            now=self._now,
        )
        return self
