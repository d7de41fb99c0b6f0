"""Many laboratory values of one day in one go: all of them are kept, or none with every reason."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, cast

from django.db import transaction

from accounts.access import require
from accounts.models import User
from accounts.permissions import Permission
from patients import consequences
from patients.charting import keep, refused_by
from patients.consequences import Event, Happening
from patients.courses import lock_course
from patients.lab_forms import LabForm
from patients.models import LabResult
from terms.day_numbers import local_date
from terms.refusals import Refusal, Refused
from terms.words import N_

_SHARED = ("on", "context")


@transaction.atomic
def record_panel(
    *,
    course_id: int,
    on: object,
    values: Sequence[Mapping[str, Any]],
    context: str = "",
    actor: User,
    now: datetime,
    source: str = "",
) -> list[LabResult]:
    """Keep several values of the day `on`, each with analyte, value, unit, result, confirmed.

    A refusal of one of them names its field as `ANC.value`. Raises Refused with everything wrong
    with all of them, NotAllowed, Course.DoesNotExist.
    """
    course = lock_course(course_id, actor=actor)
    require(actor, Permission.RECORD_RESULTS)
    today = local_date(now, course.centre.zone)
    shared = {"on": on, "context": context}
    forms = [LabForm({**value, **shared}, course=course, today=today) for value in values]
    refusals = [*_refuse_list(values), *_against(forms)]
    if refusals:
        raise Refused(refusals)
    entries = [keep("lab", form, actor=actor, now=now, source=source) for form in forms]
    consequences.run(Happening(Event.RESULT_RECORDED, course, actor, now))
    return cast("list[LabResult]", entries)


def _refuse_list(values: Sequence[Mapping[str, Any]]) -> Iterator[Refusal]:
    if not values:
        yield Refusal(code="empty", message=N_("No value is given."))
    codes = [value.get("analyte") for value in values]
    for code in dict.fromkeys(codes):
        if codes.count(code) > 1:
            message = N_("This analyte is given twice.")
            yield Refusal(code="twice", message=message, field=f"{code}.value")


def _against(forms: Sequence[LabForm]) -> Iterator[Refusal]:
    told: set[tuple[str, str]] = set()
    for form in forms:
        if form.is_valid():
            continue
        for refusal in refused_by(form).refusals:
            shared = refusal.field in _SHARED
            field = refusal.field if shared else f"{form['analyte'].value()}.{refusal.field}"
            if (field, refusal.code) not in told:
                told.add((field, refusal.code))
                yield replace(refusal, field=field)
