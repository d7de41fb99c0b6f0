"""Whose results a file holds: courses by their code or the patient's hospital number."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from accounts.access import centre_of
from accounts.models import User
from patients.courses import lock_courses
from patients.domain.delays import DATA_CONSENT
from patients.domain.numbers import own_issuer
from patients.models import Consent, Course, Identifier
from terms.refusals import Refusal
from terms.words import N_

_UNKNOWN = Refusal(
    "unknown_course",
    N_("No course of this centre has this code, and no patient this hospital number."),
    field="course",
)


@dataclass(frozen=True)
class FoundCourse:
    """The course that is meant, or why none is; what stands against writing to it."""

    course: Course | None
    refusals: tuple[Refusal, ...] = ()


def found_courses(
    references: Collection[str], *, actor: User, lock: bool
) -> Mapping[str, FoundCourse]:
    """What each reference means to `actor`; with `lock` the courses are locked, in one order.

    Whoever locks several at once takes them by their ids, so that two never wait for each other.
    """
    meant = _meant(references, actor)
    wanted = {pk for codes in meant.values() if len(codes) == 1 for pk in codes}
    if lock:
        courses = {course.pk: course for course in lock_courses(wanted, actor=actor)}
        meant = _meant(references, actor)  # a number may have been put right meanwhile
    else:
        courses = {course.pk: course for course in _as_they_are(wanted, actor)}
    taken_back = _data_taken_back(courses)
    return {reference: _found(meant[reference], courses, taken_back) for reference in references}


def _meant(references: Collection[str], actor: User) -> Mapping[str, Mapping[int, str]]:
    """The courses that each reference may mean, each with its code."""
    visible = Course.objects.visible_to(actor)
    meant: dict[str, dict[int, str]] = defaultdict(dict)
    for code, pk in visible.filter(code__in=references).values_list("code", "pk"):
        meant[code][pk] = code
    numbers = Identifier.objects.filter(
        centre=centre_of(actor), released=False, value__in=references
    )
    of_patient: dict[int, set[str]] = defaultdict(set)
    for patient, system, value in numbers.values_list("patient_id", "system", "value"):
        if own_issuer(system) is not None:
            of_patient[patient].add(value)
    theirs = visible.filter(patient__in=of_patient).values_list("patient_id", "pk", "code")
    for patient, pk, code in theirs:
        for value in of_patient[patient]:
            meant[value][pk] = code
    return meant


def _as_they_are(wanted: Collection[int], actor: User) -> Iterable[Course]:
    visible = Course.objects.visible_to(actor).filter(pk__in=wanted)
    return visible.select_related("patient", "protocol", "centre").defer("protocol__data")


def _data_taken_back(courses: Collection[int]) -> frozenset[int]:
    """The courses whose last word about the use of the data is no."""
    said = Consent.objects.filter(course__in=courses, kind=DATA_CONSENT)
    last = said.order_by("course", "-pk").distinct("course")
    return frozenset(
        consent.course_id
        for consent in last
        if not consent.given or consent.withdrawn_on is not None
    )


def _found(
    codes: Mapping[int, str], courses: Mapping[int, Course], taken_back: Collection[int]
) -> FoundCourse:
    if len(codes) > 1:
        message = N_("This means several courses: give the code of one of %(codes)s.")
        params = {"codes": tuple(sorted(codes.values()))}
        return FoundCourse(None, (Refusal("several_courses", message, params, field="course"),))
    course = next((courses[pk] for pk in codes if pk in courses), None)
    if course is None:
        return FoundCourse(None, (_UNKNOWN,))
    return FoundCourse(course, tuple(_against(course, taken_back)))


def _against(course: Course, taken_back: Collection[int]) -> Iterable[Refusal]:
    if course.closed_on is not None:
        message = N_("The course ended on %(on)s: what is still to be added is typed on its page.")
        yield Refusal("course_ended", message, {"on": course.closed_on}, field="course")
    if course.pk in taken_back:
        message = N_("The use of its data was taken back: what care needs is typed on its page.")
        yield Refusal("data_taken_back", message, field="course")
