"""Making the pseudonyms of courses, and the secret of a centre they are made with."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from django.db import transaction

from accounts.models import User
from audit.recording import record
from exports.domain.pseudonyms import SECRET_BYTES, code_of, days_of
from exports.models import Pseudonym, PseudonymSecret
from patients.models.courses import CourseQuerySet

_AT_ONCE = 2000


@dataclass(frozen=True)
class Masked:
    """What stands for a course in a file."""

    code: str
    days: int


@transaction.atomic
def make_pseudonyms(*, courses: CourseQuerySet, actor: User, now: datetime) -> int:
    """Give a pseudonym to each of `courses` without one that `actor` may see: how many were made.

    The audit keeps how many, never which; nor does anything of the secret leave this function.
    """
    missing = courses.visible_to(actor).filter(pseudonym=None).order_by()
    made = 0
    known: dict[int, bytes] = {}
    rows = missing.values_list("pk", "centre_id").iterator(chunk_size=_AT_ONCE)
    for batch in _batches(rows):
        for centre in {centre for _course, centre in batch} - known.keys():
            known[centre] = _secret_of(centre, now)
        Pseudonym.objects.bulk_create(
            (_pseudonym(known[centre], course, now) for course, centre in batch),
            ignore_conflicts=True,  # somebody else asked for a file at the same moment
        )
        made += len(batch)
    if made:
        record(actor=actor, now=now, action="pseudonym.make", after={"courses": made})
    return made


def _batches(rows: Iterator[tuple[int, int]]) -> Iterator[list[tuple[int, int]]]:
    while batch := list(islice(rows, _AT_ONCE)):
        yield batch


def _secret_of(centre_id: int, now: datetime) -> bytes:
    """The centre's secret, made the first time; of two who make one at once the first stays."""
    fresh = {"secret": secrets.token_bytes(SECRET_BYTES), "made_at": now}
    kept, _made = PseudonymSecret.objects.get_or_create(centre_id=centre_id, defaults=fresh)
    return bytes(kept.secret)


def _pseudonym(secret: bytes, course_id: int, now: datetime) -> Pseudonym:
    return Pseudonym(
        course_id=course_id,
        code=code_of(secret, course_id),
        shift_days=days_of(secret, course_id),
        made_at=now,
    )


def masked(courses: CourseQuerySet) -> dict[int, Masked]:
    """What stands for each of `courses` that has a pseudonym, by id, in the order of their codes.

    That order says nothing: the order of referral would tell who is who.
    """
    rows = Pseudonym.objects.filter(course__in=courses.order_by().values("pk")).order_by("code")
    found = rows.values_list("course_id", "code", "shift_days")
    return {course: Masked(code, days) for course, code, days in found}
