"""Whom a file is about: the courses that somebody may see, by product, protocol and infusion."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, Q

from accounts.models import User
from exports.models import ExportJob
from pathway.withholding import WITHHELD
from patients.models import Anchor, Course
from patients.models.courses import AnchorKind, CourseQuerySet


@dataclass(frozen=True)
class Who:
    """What narrows the courses; nothing said leaves all. Both days are included."""

    product: str = ""
    protocol: str = ""
    centre: str = ""
    infused_after: date | None = None
    infused_before: date | None = None


def chosen_courses(user: User, who: Who) -> CourseQuerySet:
    """Those of the centre `user` works at."""
    courses = Course.objects.visible_to(user)
    named = {"product": who.product, "protocol__code": who.protocol, "centre__code": who.centre}
    courses = courses.filter(**{name: text for name, text in named.items() if text})
    days = Q()
    if who.infused_after:
        days &= Q(actual_on__gte=who.infused_after)
    if who.infused_before:
        days &= Q(actual_on__lte=who.infused_before)
    if days:
        of_course = Anchor.objects.filter(course=OuterRef("pk"), kind=AnchorKind.INFUSION)
        courses = courses.filter(Exists(of_course.filter(days)))
    return courses


def who_of(job: ExportJob) -> Who:
    """Whom a file was asked for about."""
    return Who(job.product, job.protocol, "", job.infused_after, job.infused_before)


def leaving(courses: CourseQuerySet) -> CourseQuerySet:
    """Those that may leave in a file."""
    return courses.exclude(WITHHELD)
