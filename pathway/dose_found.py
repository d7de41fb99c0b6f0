"""A standing dose on its locked course, with everything around it."""

from dataclasses import dataclass
from datetime import date

from accounts.access import require
from accounts.models import User
from accounts.permissions import Permission
from pathway import dose_refusals as r
from pathway.domain import surface_doses as s
from pathway.domain.doses import DoseFacts
from pathway.dose_surfaces import comes_to
from pathway.loading import CourseState, load_state
from pathway.loading_companions import CompanionRow
from pathway.models import Dose
from patients.courses import check_version, lock_course
from patients.models import Course
from terms.refusals import Refused


@dataclass(frozen=True)
class Found:
    """A standing dose on its locked course, with everything around it."""

    dose: Dose
    state: CourseState
    companion: CompanionRow

    @property
    def course(self) -> Course:
        return self.state.course

    @property
    def facts(self) -> DoseFacts:
        return next(d for d in self.companion.doses if d.pk == self.dose.pk)

    def counted(self, on: date) -> s.Arithmetic | None:
        """What the dose comes to by body surface on a day."""
        return comes_to(self.state, self.facts.per_m2, on)


def lock_dose(
    dose_id: int, actor: User, permission: Permission, expected_version: int | None
) -> Found:
    """Lock the course of a dose and find it there.

    Raises NotAllowed, StaleVersion, Dose.DoesNotExist, and Refused of a row that was replaced.
    """
    # Only the id of the course is read before its lock; the dose itself after it.
    course_id = Dose.objects.values_list("course_id", flat=True).get(
        pk=dose_id, course__in=Course.objects.visible_to(actor)
    )
    course = lock_course(course_id, actor=actor)
    require(actor, permission)
    check_version(course, expected_version)
    dose = course.doses.get(pk=dose_id)
    dose.course = course
    state = load_state(course)
    companion = next(row for row in state.of(dose.machine) if row.pk == dose.subject_id)
    if all(standing.pk != dose.pk for standing in companion.doses):
        raise Refused([r.replaced()])
    return Found(dose, state, companion)
