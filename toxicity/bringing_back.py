"""Bringing back a treatment or an infection that was taken back by mistake, as it stood."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.access import require
from accounts.models import User
from accounts.permissions import Permission
from patients.courses import lock_course
from terms.refusals import Refusal, Refused
from terms.words import N_
from toxicity import giving, infections
from toxicity.given_refusals import (
    GivenDose,
    against_dose,
    against_infection,
    against_reason,
)
from toxicity.models import Infection, Treatment
from toxicity.replacing import Row, Sending, earlier, said, store_in_chart

_UNASKED = frozenset({"hides_fever_needed"})  # of a record from before it was asked
_AGAIN = N_("The same is recorded meanwhile: look at that one first.")


@transaction.atomic
def bring_back_treatment(
    *,
    course_id: int,
    treatment_id: int,
    reason: str,
    key: UUID | None = None,
    actor: User,
    now: datetime,
) -> Treatment:
    """Let a dose stand again that was taken back; everything it said is said again.

    Raises Refused (not taken back, brought back meanwhile, recorded anew, no reason, after a
    death), NotAllowed, Course.DoesNotExist, Treatment.DoesNotExist for one of another course.
    """
    sending = _sending(course_id, treatment_id, reason, key, actor, now)
    first = earlier(Treatment, sending)
    if first is not None:
        return first
    gone = _taken_back(Treatment, sending, treatment_id)
    given = GivenDose(**{name: getattr(gone, name) for name in GivenDose.__dataclass_fields__})
    same = Treatment.objects.filter(
        course=sending.course, drug=gone.drug, other_drug=gone.other_drug, given_at=gone.given_at
    )
    _refuse(
        *(one for one in against_dose(sending.course, given, now) if one.code not in _UNASKED),
        *against_reason(reason),
        *([Refusal("recorded_anew", _AGAIN)] if same.standing().exists() else ()),
    )
    return _restored(gone, sending, giving.KIND, reason)


@transaction.atomic
def bring_back_infection(
    *,
    course_id: int,
    infection_id: int,
    reason: str,
    key: UUID | None = None,
    actor: User,
    now: datetime,
) -> Infection:
    """Let an infection stand again that was taken back. Raises as `bring_back_treatment`."""
    sending = _sending(course_id, infection_id, reason, key, actor, now)
    first = earlier(Infection, sending)
    if first is not None:
        return first
    gone = _taken_back(Infection, sending, infection_id)
    same = Infection.objects.filter(
        course=sending.course, organism=gone.organism, other_organism=gone.other_organism,
        site=gone.site, began_on=gone.began_on,
    )  # fmt: skip
    _refuse(
        *against_infection(sending.course, infections.facts_of(gone), now),
        *against_reason(reason),
        *([Refusal("recorded_anew", _AGAIN)] if same.standing().exists() else ()),
    )
    return _restored(gone, sending, infections.KIND, reason)


def _sending(
    course_id: int, pk: int, reason: str, key: UUID | None, actor: User, now: datetime
) -> Sending:
    course = lock_course(course_id, actor=actor)
    require(actor, Permission.LOG_TOXICITY)
    content = {"act": "bring_back", "of": pk, "reason": reason}
    return Sending(course, actor, now, content, key)


def _taken_back(model: type[Row], sending: Sending, pk: int) -> Row:
    """The row that took a record back; `pk` is of either of the two."""
    rows = model.objects.select_related("replaced_by__replaced_by")  # type: ignore[misc]
    row: Row = rows.get(pk=pk, course=sending.course)
    gone = row if row.withdrawn else getattr(row, "replaced_by", None)
    if gone is None or not gone.withdrawn:
        message = N_("This was not taken back.")
        raise Refused([Refusal("not_taken_back", message)])
    later = getattr(gone, "replaced_by", None)
    if later is not None:
        message = N_("%(who)s brought this back on %(at)s.")
        params = {"who": later.recorded_by, "at": later.received_at}
        raise Refused([Refusal("already_replaced", message, params)])
    return gone


def _restored(gone: Row, sending: Sending, kind: str, reason: str) -> Row:
    row = type(gone)(**said(gone))
    action = f"{kind}.bring_back"
    return store_in_chart(row, sending, kind, action, replaces=gone, reason=reason)


def _refuse(*refusals: Refusal) -> None:
    if refusals:
        raise Refused(refusals)
