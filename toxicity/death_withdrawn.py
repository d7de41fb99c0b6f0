"""A death that is taken back leaves what was graded as one: people are told to put it right."""

from collections.abc import Iterator

from patients.consequences import Happening
from patients.models import Course
from reminders.notices import Telling, raise_all
from terms.day_numbers import local_date
from terms.roles import Role
from terms.words import N_
from toxicity.checks import latest_grades
from toxicity.domain.scales import SCALE_NAMES
from toxicity.escalating import cause_of
from toxicity.infections import KIND
from toxicity.models import Assessment, Infection

DEATH = 5  # of every scale, and of an infection
_CODE, _TOLD = "death_graded", (Role.HAEMATOLOGIST, Role.WARD_NURSE)


def on_death_withdrawn(happening: Happening) -> None:
    """Tell of every grade 5 that still stands; it goes with what it was told of."""
    course = happening.course
    tellings = [*_checks(course), *_infections(course)]
    if tellings:
        raise_all(course, tellings, actor=happening.actor, now=happening.now)


def _checks(course: Course) -> Iterator[Telling]:
    rows = {row.pk: row for row in Assessment.objects.filter(course=course).standing()}
    for pk, grades in latest_grades(rows).items():
        for scale, grade in grades.items():
            if grade.grade == DEATH:
                on = local_date(rows[pk].observed_at, course.centre.zone)
                params = {"what": SCALE_NAMES[scale], "on": on}
                cause = cause_of(rows[pk], scale)
                yield Telling(_CODE, _TOLD, params, about=f"{scale}:{pk}", cause=cause)


def _infections(course: Course) -> Iterator[Telling]:
    for row in Infection.objects.filter(course=course, severity=DEATH).standing():
        params = {"what": N_("Infection"), "on": row.began_on}
        cause = f"{KIND}:{row.pk}"
        yield Telling(_CODE, _TOLD, params, about=cause, cause=cause)
