"""The cohort report: which courses, and what they say together, in a fixed number of queries."""

import json
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Exists, OuterRef

from accounts.access import centre_of, require
from accounts.models import User
from accounts.permissions import Permission
from audit.recording import record
from exports import counting
from exports.cohort_sql import written
from exports.counting import brought_up_to_date, from_kept
from exports.course_keys import keys_of
from exports.domain.apart import read_again
from exports.domain.counted import DISEASE_STATUS, Counted
from exports.domain.figures import CODES
from exports.domain.tally import Tally
from exports.domain.typed_words import Telling, untelling
from pathway.withholding import WITHHELD
from patients.models import Anchor, Course
from patients.models.courses import AnchorKind, CourseQuerySet
from patients.selectors import searched
from protocol.models import Protocol
from terms.day_numbers import local_date

# What is shown of a treatment as somebody typed it.
_TYPED = ("disease", "first_line", "allo_told", "bridging_drugs")
_SAID = """
SELECT said.number, said.told, count(*) FROM exports_countedcourse x
CROSS JOIN LATERAL unnest(x.told) WITH ORDINALITY AS said(told, number)
WHERE said.told IS NOT NULL AND x.enrolled AND x.course_id = ANY(%s::bigint[]) GROUP BY 1, 2
"""
_PARTS = """
SELECT said, count(*) FROM exports_countedcourse x CROSS JOIN LATERAL unnest(x.apart) said
WHERE x.enrolled AND x.course_id = ANY(%s::bigint[]) GROUP BY 1
"""
_COUNTS = """
SELECT c.protocol_id, count(*), count(*) FILTER (WHERE x.infused)
FROM exports_countedcourse x JOIN patients_course c ON c.id = x.course_id
WHERE x.enrolled AND x.course_id = ANY(%s::bigint[]) GROUP BY 1
"""
_ROWS = """
SELECT x.known, (SELECT min(i.value) FROM patients_identifier i
    WHERE i.patient_id = c.patient_id AND i.system = ANY(%s) AND NOT i.in_error)
FROM exports_countedcourse x JOIN patients_course c ON c.id = x.course_id
WHERE x.enrolled AND (x.infused OR NOT %s) AND x.course_id = ANY(%s::bigint[])
ORDER BY x.course_id LIMIT %s OFFSET %s
"""


@dataclass(frozen=True)
class CohortFilters:
    """What the cohort is narrowed to; both days of infusion are included."""

    product: str = ""
    protocol: str = ""  # a code, or a version as `code:version`
    centre: str = ""
    infused_after: date | None = None
    infused_before: date | None = None
    search: str = ""


@dataclass(frozen=True)
class Cohort:
    """Every enrolled course that was chosen, in the order of entry, and what they say together.

    `coded` is that the reader sees no identities. `protocols` are the versions with the number of
    their courses.
    """

    count: int
    infused: int
    tally: Tally
    protocols: tuple[tuple[Protocol, int], ...]
    today: date
    coded: bool
    _ids: str = field(repr=False)  # of the chosen courses, as the database reads a list
    _courses: CourseQuerySet = field(repr=False)

    def rows(
        self, begin: int = 0, number: int | None = None, *, infused: bool = False
    ) -> list[Counted]:
        """Some of the courses one by one, or some of those infused."""
        studies = [] if self.coded else list(settings.STUDY_CODES)
        shown = [
            self._shown(from_kept(json.loads(known), self.today), code)
            for known, code in _asked(_ROWS, studies, infused, self._ids, number, begin)
        ]
        return self._untelling(shown) if self.coded else shown

    def _untelling(self, rows: list[Counted]) -> list[Counted]:
        """Without typed words that name the patient; one query."""
        keys = keys_of(self._courses.filter(pk__in=[one.course_id for one in rows]))
        return [
            replace(one, **_untold(one, keys[one.course_id].telling))
            for one in rows
            if one.course_id in keys
        ]

    def _shown(self, one: Counted, study_code: str | None) -> Counted:
        """As the reader may see it: without what somebody wrote for who sees codes only."""
        shown = replace(one, patient=study_code or one.code)
        if not self.coded:
            return shown
        status = one.disease_status if one.disease_status in DISEASE_STATUS else None
        return replace(shown, response=None, disease_status=status)


def read_cohort(user: User, filters: CohortFilters, *, now: datetime) -> Cohort:
    """The cohort that `user` may see; the audit keeps that it was read, and how narrowed.

    Without courses whose patients took back the use of the data, or may have. Raises NotAllowed
    for somebody who may not read courses, or works at no centre, StillCounting where much has to be
    counted first.
    """
    found = cohort(user, filters, now=now)
    told = {name: value for name, value in vars(filters).items() if value}
    record(actor=user, now=now, action="cohort.read", after={**told, "courses": found.count})
    return found


def cohort(user: User, filters: CohortFilters, *, now: datetime) -> Cohort:
    """The same without a trace, for what records its own reading.

    What was touched since it was counted is counted first, or a part of it: StillCounting.
    """
    require(user, Permission.READ_COURSES)
    centre = centre_of(user)
    today = local_date(now, centre.zone)
    courses = chosen_courses(user, filters)
    standing = brought_up_to_date(
        courses, today=today, zone=centre.time_zone, most=counting.MOST_BY_THE_WAY
    )
    ids = written(standing)
    counts = {row[0]: row[1:] for row in _asked(_COUNTS, ids)}
    protocols = Protocol.objects.filter(pk__in=counts).defer("data").order_by("code", "version")
    said: dict[str, dict[int, int]] = {}
    for place, told, number in _asked(_SAID, ids):
        said.setdefault(CODES[place - 1], {})[told] = number
    return Cohort(
        count=sum(number for number, _infused in counts.values()),
        infused=sum(infused for _number, infused in counts.values()),
        tally=Tally(said, read_again(_asked(_PARTS, ids))),
        protocols=tuple((one, counts[one.pk][0]) for one in protocols),
        today=today,
        coded=not user.may(Permission.SEE_IDENTITY),
        _ids=ids,
        _courses=courses,
    )


def _untold(one: Counted, telling: Telling) -> dict[str, Any]:
    typed = {name: getattr(one, name) for name in _TYPED}
    return {n: untelling(text, telling, dates=False) for n, text in typed.items() if text}


def _asked(statement: str, *params: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        rows: list[Any] = cursor.fetchall()
    return rows


def chosen_courses(user: User, filters: CohortFilters) -> CourseQuerySet:
    """The courses that `user` may see, narrowed, without those whose data are withheld."""
    found = Course.objects.visible_to(user).exclude(WITHHELD)
    if filters.product:
        found = found.filter(product=filters.product)
    if filters.protocol:
        code, _colon, version = filters.protocol.partition(":")
        found = found.filter(protocol__code=code)
        if version:
            number = int(version) if version.isascii() and version.isdecimal() else 0
            found = found.filter(protocol__version=min(number, 2**31 - 1))
    if filters.centre:
        found = found.filter(centre__code=filters.centre)
    given = Anchor.objects.filter(course=OuterRef("pk"), kind=AnchorKind.INFUSION)
    if filters.infused_after:
        found = found.filter(Exists(given.filter(actual_on__gte=filters.infused_after)))
    if filters.infused_before:
        found = found.filter(Exists(given.filter(actual_on__lte=filters.infused_before)))
    return searched(user, found, filters.search)
