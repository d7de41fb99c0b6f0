"""Recording infections, their end, corrections: append-only throughout."""

from dataclasses import asdict, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.access import require
from accounts.models import User
from accounts.permissions import Permission
from patients.courses import lock_course
from reminders.notices import withdraw_notices
from terms.refusals import Refusal, Refused
from terms.words import N_
from toxicity.given_refusals import InfectionFacts, against_infection, against_reason
from toxicity.models import Infection
from toxicity.replacing import Sending, earlier, replaced, said, store_in_chart, taking_back

KIND = "infection"
OVER = N_("The infection is over.")  # why a record of one that went on is replaced


@transaction.atomic
def record_infection(
    *,
    course_id: int,
    infection: InfectionFacts,
    key: UUID | None = None,
    actor: User,
    now: datetime,
    source: str = "",
) -> Infection:
    """Record an infection; with the same `key` and content only once.

    Raises Refused with everything wrong at once, NotAllowed, Course.DoesNotExist.
    """
    sending = _sending(course_id, {"act": "record", **asdict(infection)}, key, actor, now, source)
    first = earlier(Infection, sending)
    if first is not None:
        return first
    return store_in_chart(_checked(sending, infection), sending, KIND, "infection.record")


@transaction.atomic
def end_infection(
    *,
    course_id: int,
    infection_id: int,
    ended_on: date,
    key: UUID | None = None,
    actor: User,
    now: datetime,
) -> Infection:
    """Say that an infection is over since `ended_on`; the rest of its record stays.

    Raises Refused with everything wrong at once, also where it is over already or somebody
    replaced it meanwhile, NotAllowed, Course.DoesNotExist, and DoesNotExist for a record of
    another course.
    """
    content = {"act": "end", "of": infection_id, "ended_on": ended_on}
    sending = _sending(course_id, content, key, actor, now)
    first = earlier(Infection, sending)
    if first is not None:
        return first
    stood = replaced(Infection, sending.course, infection_id)
    if stood.ended_on is not None:
        params = {"on": stood.ended_on}
        message = N_("This is over since %(on)s: correct the record instead.")
        raise Refused([Refusal("already_over", message, params, field="ended_on")])
    facts = replace(facts_of(stood), ended_on=ended_on)
    sending = replace(sending, source=stood.source)
    return store_in_chart(
        _checked(sending, facts), sending, KIND, "infection.end", replaces=stood, reason=OVER
    )


@transaction.atomic
def correct_infection(
    *,
    course_id: int,
    infection_id: int,
    infection: InfectionFacts,
    reason: str,
    key: UUID | None = None,
    actor: User,
    now: datetime,
) -> Infection:
    """Let a record say something else; what stood before is kept. Raises as `end_infection`."""
    content = {"act": "correct", "of": infection_id, "reason": reason, **asdict(infection)}
    sending = _sending(course_id, content, key, actor, now)
    first = earlier(Infection, sending)
    if first is not None:
        return first
    stood = replaced(Infection, sending.course, infection_id)
    row = _checked(sending, infection, *against_reason(reason))
    sending = replace(sending, source=stood.source)
    _take_back_told(stood, actor, now)
    return store_in_chart(row, sending, KIND, "infection.correct", replaces=stood, reason=reason)


@transaction.atomic
def withdraw_infection(
    *,
    course_id: int,
    infection_id: int,
    reason: str,
    key: UUID | None = None,
    actor: User,
    now: datetime,
) -> Infection:
    """Say that what is recorded never was. Raises as `correct_infection`."""
    content = {"act": "withdraw", "of": infection_id, "reason": reason}
    sending = _sending(course_id, content, key, actor, now)
    first = earlier(Infection, sending)
    if first is not None:
        return first
    stood = replaced(Infection, sending.course, infection_id)
    refusals = [*against_reason(reason)]
    if refusals:
        raise Refused(refusals)
    _take_back_told(stood, actor, now)
    return store_in_chart(
        taking_back(stood), sending, KIND, "infection.withdraw", replaces=stood, reason=reason
    )


def _take_back_told(stood: Infection, actor: User, now: datetime) -> None:
    withdraw_notices(stood.course, cause=f"{KIND}:{stood.pk}", actor=actor, now=now)


def facts_of(row: Infection) -> InfectionFacts:
    """What a record says, as the services take it."""
    return InfectionFacts(**said(row))


def _sending(
    course_id: int,
    content: dict[str, Any],
    key: UUID | None,
    actor: User,
    now: datetime,
    source: str = "",
) -> Sending:
    course = lock_course(course_id, actor=actor)
    require(actor, Permission.LOG_TOXICITY)
    return Sending(course, actor, now, content, key, source)


def _checked(sending: Sending, infection: InfectionFacts, *against: Refusal) -> Infection:
    """The row that says `infection`, not stored yet. Raises Refused with all against it."""
    refusals = [*against_infection(sending.course, infection, sending.now), *against]
    if refusals:
        raise Refused(refusals)
    values = asdict(infection) | {
        "other_organism": infection.other_organism.strip(),
        "remark": infection.remark.strip(),
    }
    return Infection(**values)
