"""Recording what was given for toxicity, correcting it, taking it back: append-only throughout."""

import json
from collections.abc import Collection, Iterable
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction

from accounts.access import require
from accounts.models import User
from accounts.permissions import Permission
from patients.courses import lock_course
from patients.models import Course
from terms.refusals import Refused
from toxicity.domain.grading import Warning
from toxicity.given_refusals import (
    ASKED_ABOUT,
    GivenDose,
    against_dose,
    against_reason,
    doubts_of,
    unconfirmed,
)
from toxicity.models import Treatment
from toxicity.replacing import Sending, earlier, replaced, store_in_chart, taking_back

KIND = "treatment"


@transaction.atomic
def give_treatment(
    *,
    course_id: int,
    given: GivenDose,
    confirmed: Collection[str] = (),
    key: UUID | None = None,
    actor: User,
    now: datetime,
    source: str = "",
) -> Treatment:
    """Record a dose that was given; with the same `key` and content only once.

    Doubts about it are refused unless `confirmed` holds their codes, and kept. Raises Refused with
    everything wrong at once, NotAllowed, Course.DoesNotExist.
    """
    course = _locked(course_id, actor)
    content = {"act": "give", "confirmed": sorted(confirmed), **asdict(given)}
    sending = Sending(course, actor, now, content, key, source)
    first = earlier(Treatment, sending)
    if first is not None:
        return first
    row = _checked(sending, given, confirmed)
    return store_in_chart(row, sending, KIND, "treatment.give")


@transaction.atomic
def correct_treatment(
    *,
    course_id: int,
    treatment_id: int,
    given: GivenDose,
    reason: str,
    confirmed: Collection[str] = (),
    key: UUID | None = None,
    actor: User,
    now: datetime,
) -> Treatment:
    """Let a record say something else; what stood before is kept.

    Raises as `give_treatment`, also where somebody replaced it meanwhile, and DoesNotExist for a
    record of another course.
    """
    course = _locked(course_id, actor)
    content = {
        "act": "correct", "of": treatment_id, "reason": reason, "confirmed": sorted(confirmed),
        **asdict(given),
    }  # fmt: skip
    sending = Sending(course, actor, now, content, key)
    first = earlier(Treatment, sending)
    if first is not None:
        return first
    stood = replaced(Treatment, course, treatment_id)
    row = _checked(sending, given, confirmed, stood=stood, reason=reason)
    sending = replace(sending, source=stood.source)
    return store_in_chart(row, sending, KIND, "treatment.correct", replaces=stood, reason=reason)


@transaction.atomic
def withdraw_treatment(
    *,
    course_id: int,
    treatment_id: int,
    reason: str,
    key: UUID | None = None,
    actor: User,
    now: datetime,
) -> Treatment:
    """Say that what is recorded was never given. Raises as `correct_treatment`."""
    course = _locked(course_id, actor)
    content = {"act": "withdraw", "of": treatment_id, "reason": reason}
    sending = Sending(course, actor, now, content, key)
    first = earlier(Treatment, sending)
    if first is not None:
        return first
    stood = replaced(Treatment, course, treatment_id)
    refusals = [*against_reason(reason)]
    if refusals:
        raise Refused(refusals)
    return store_in_chart(
        taking_back(stood), sending, KIND, "treatment.withdraw", replaces=stood, reason=reason
    )


def _locked(course_id: int, actor: User) -> Course:
    course = lock_course(course_id, actor=actor)
    require(actor, Permission.LOG_TOXICITY)
    return course


def _checked(
    sending: Sending,
    given: GivenDose,
    confirmed: Collection[str],
    *,
    stood: Treatment | None = None,
    reason: str = "",
) -> Treatment:
    """The row that says `given`, not stored yet. Raises Refused with everything against it."""
    course = sending.course
    refusals = [*against_dose(course, given, sending.now)]
    if stood is not None:
        refusals += against_reason(reason)
    doubts: tuple[Warning, ...] = ()
    if ASKED_ABOUT.isdisjoint(refusal.field for refusal in refusals):
        doubts = doubts_of(course, given, stood.pk if stood is not None else None)
    refusals += unconfirmed(doubts, confirmed)
    if refusals:
        raise Refused(refusals)
    values = asdict(given) | {
        "other_drug": given.other_drug.strip(),
        "remark": given.remark.strip(),
        "unit": given.unit if given.dose is not None else "",
    }
    return Treatment(**values, doubts=_kept(doubts), confirmed=bool(doubts))


def _kept(doubts: Iterable[Warning]) -> Any:
    """Doubts as the column gives them back: numbers and dates as text."""
    return json.loads(json.dumps([asdict(doubt) for doubt in doubts], cls=DjangoJSONEncoder))
