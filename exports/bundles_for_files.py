"""Courses of a file as FHIR bundles, one on each line: pseudonymised, their dates moved."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime

from accounts.models import User
from exports.course_records import read_records
from exports.pseudonyms import Masked
from exports.writers.fhir.bundle import MODELS, bundle
from patients.models import Course

_COURSES_AT_A_TIME = 20


def bundle_lines(
    user: User, courses: Mapping[int, Masked], now: datetime
) -> Iterator[tuple[str, int]]:
    """A line for each of `courses` that `user` may see, in their order; each begins one course."""
    pks = list(courses)
    for begin in range(0, len(pks), _COURSES_AT_A_TIME):
        batch = pks[begin : begin + _COURSES_AT_A_TIME]
        seen = Course.objects.visible_to(user).filter(pk__in=batch)
        found = {one.course.pk: one for one in read_records(seen, MODELS, grades=True)}
        for pk in batch:
            if pk in found:
                mask = courses[pk]
                made = bundle(found[pk], code=mask.code, now=now, shift_days=mask.days)
                yield json.dumps(made, ensure_ascii=False, separators=(",", ":")) + "\n", 1
