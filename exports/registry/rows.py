"""The rows of a file for a registry, course by course, a bounded number of them in memory."""

from collections.abc import Iterator
from datetime import date, datetime

from django.db.models import Model

from accounts.models import User
from exports.course_records import CourseRecord, read_records
from exports.domain.reporting_periods import periods
from exports.domain.typed_words import untelling
from exports.registry.answers import Answers, happened_on, missing
from exports.registry.baseline import baseline
from exports.registry.columns import RegistryFile
from exports.registry.followed import contacts, followed
from exports.tables import Cell
from exports.writers.csv import line
from pathway.domain.spine import Stage
from pathway.models import (
    Administration,
    BridgingCourse,
    Certificate,
    Change,
    Dose,
    Lymphodepletion,
    Product,
)
from pathway.withholding import WITHHELD
from patients.models import (
    Anchor,
    Consent,
    Course,
    Diagnosis,
    LabResult,
    MarrowResult,
    Relapse,
    Stay,
    TherapyLine,
    Transplant,
)
from patients.models.courses import AnchorKind, CourseQuerySet
from terms.day_numbers import local_date
from toxicity.models import Episode, Infection, Treatment

_COURSES_AT_A_TIME = 50
_TYPED = ("disease", "bridging_drugs", "ld_drugs")
_BASELINE: tuple[type[Model], ...] = (
    Anchor, Consent, Diagnosis, TherapyLine, Transplant, LabResult, MarrowResult, Change,
    BridgingCourse, Lymphodepletion, Product, Dose, Certificate, Administration,
)  # fmt: skip
_FOLLOWED: tuple[type[Model], ...] = (
    Anchor, Stay, LabResult, MarrowResult, Relapse, Transplant, Episode, Treatment, Infection,
)  # fmt: skip


def registry_lines(
    file: RegistryFile, user: User, courses: CourseQuerySet, now: datetime
) -> Iterator[str]:
    """The file as text: the header, then its rows by the code of the course.

    Only infused courses that `user` may see, and none whose data were withdrawn, or may have been.
    """
    yield line(file.header)
    for record in _records(file, user, courses):
        for answers in _of(file, record, now):
            asked = {field.key: answers.get(field.key) for field in file.fields}
            typed = {name: said for name in _TYPED if isinstance(said := asked.get(name), str)}
            asked |= {n: untelling(said, record.telling, dates=False) for n, said in typed.items()}
            cells: list[Cell] = [record.course.code, *asked.values(), missing(asked)]
            yield line(tuple(cells))


def infused(courses: CourseQuerySet) -> CourseQuerySet:
    """Those of `courses` with a day of infusion."""
    return courses.filter(
        anchors__kind=AnchorKind.INFUSION, anchors__actual_on__isnull=False
    ).distinct()


def _records(file: RegistryFile, user: User, courses: CourseQuerySet) -> Iterator[CourseRecord]:
    seen = infused(courses.visible_to(user)).exclude(WITHHELD)
    keys = list(seen.order_by("code").values_list("pk", flat=True))
    for begin in range(0, len(keys), _COURSES_AT_A_TIME):
        batch = Course.objects.visible_to(user).filter(
            pk__in=keys[begin : begin + _COURSES_AT_A_TIME]
        )
        if file.by_period:
            yield from read_records(batch, _FOLLOWED, grades=True)
        else:
            yield from read_records(batch, _BASELINE)


def _of(file: RegistryFile, record: CourseRecord, now: datetime) -> Iterator[Answers]:
    if not file.by_period:
        yield baseline(record)
        return
    infused_on = happened_on(record, AnchorKind.INFUSION)
    until, over = _followed_until(record, local_date(now, record.course.centre.zone))
    begun = periods(infused_on, until, over=over) if infused_on else iter(())
    yield from (followed(record, period) for period in begun)


def _followed_until(record: CourseRecord, today: date) -> tuple[date, bool]:
    """The day up to which somebody knows something, and whether that is all there will be."""
    if record.death is not None:
        return record.death.died_on, True
    if record.journey.stage in (Stage.LOST, Stage.WITHDRAWN):
        return max(contacts(record), default=record.course.closed_on or today), True
    return today, False
