"""The steps of a walk that order and give doses."""

from abc import abstractmethod
from dataclasses import replace
from datetime import date, datetime
from typing import Self

from accounts.models import User
from pathway.domain.surface_doses import arithmetic
from pathway.dosing import (
    DoseGiven,
    DoseOrder,
    change_order,
    give_dose,
    order_doses,
    withhold_dose,
)
from pathway.loading_assessments import load_assessments
from pathway.models import Dose
from patients.domain.ranges import BodyRules
from patients.models import Course
from protocol.selectors import settings_of
from terms.day_numbers import local_date

_SYNTHETIC = "synthetic"


def _as_counted(course: Course, dose: Dose, at: datetime) -> DoseGiven:
    """A dose by body surface as it comes to; the case series gives neither height nor amount."""
    on = local_date(at, course.centre.zone)
    rules = settings_of(course.protocol).section("body", BodyRules)
    assessed, _papers = load_assessments(course.pk, course.centre.zone, ())
    found = arithmetic(dose.per_m2, assessed, rules, on)
    if found is None:
        return DoseGiven(at)
    unknown = {} if found.expected else {"amount_unknown": "How much was given is not known"}
    return DoseGiven(at, found.expected, overrides=unknown)


class DoseSteps:
    """Doses of the companion opened last; amounts are known where the body surface is."""

    course: Course
    _open: dict[str, int]
    _now: datetime

    @abstractmethod
    def _happened(self) -> datetime: ...

    @abstractmethod
    def _actor(self, username: str) -> User: ...

    def order(self, machine: str, *orders: DoseOrder, source: str = _SYNTHETIC) -> Self:
        """Order doses for the companion opened last."""
        self._happened()
        order_doses(
            course_id=self.course.pk,
            machine=machine,
            pk=self._open[machine],
            orders=orders,
            actor=self._actor("physician"),
            now=self._now,
            source=source,
        )
        return self

    def give(
        self, machine: str, number: int, *, source: str = _SYNTHETIC, verified_by: str = ""
    ) -> Self:
        """Give a dose of the companion opened last: what it comes to, or nobody knows how much."""
        at, dose = self._happened(), self._dose(machine, number)
        given = replace(_as_counted(self.course, dose, at), verified_by=verified_by)
        give_dose(
            dose_id=dose.pk,
            given=given,
            actor=self._actor("nurse"),
            now=self._now,
            source=source,
        )
        return self

    def put_off(
        self, machine: str, number: int, until: date, code: str, reason: str, source: str
    ) -> Self:
        """Put a dose off to another day."""
        self._happened()
        change_order(
            dose_id=self._dose(machine, number).pk,
            reason=reason,
            amount=None,
            planned_on=until,
            delay_code=code,
            actor=self._actor("physician"),
            now=self._now,
            source=source,
        )
        return self

    def withhold(self, machine: str, number: int, reason: str, *, source: str = _SYNTHETIC) -> Self:
        """Say that a dose is not given."""
        self._happened()
        withhold_dose(
            dose_id=self._dose(machine, number).pk,
            reason=reason,
            actor=self._actor("nurse"),
            now=self._now,
            source=source,
        )
        return self

    def waiting_doses(self, machine: str) -> list[tuple[int, int]]:
        """Number and day of each dose of the companion opened last that is still to be given."""
        standing = self.course.doses.filter(
            machine=machine, subject_id=self._open[machine], replaced_by=None, given_on=None
        )
        rows = standing.order_by("planned_day", "number").values_list("number", "planned_day")
        return [(number, day) for number, day in rows if day is not None]

    def _dose(self, machine: str, number: int) -> Dose:
        standing = self.course.doses.filter(machine=machine, replaced_by=None)
        return standing.get(subject_id=self._open[machine], number=number)
