"""Storing a record of toxicity once, replacing it, taking it back: one way for every kind of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from django.db import IntegrityError, transaction

from accounts.models import User
from audit.prepared import insert
from audit.recording import record
from patients import consequences
from patients.consequences import Event, Happening
from patients.models import Course
from patients.once import KEY_REUSED, digest
from terms.refusals import Refusal, Refused
from terms.words import N_
from toxicity.models.records import ToxicityRecord

Row = TypeVar("Row", bound=ToxicityRecord)
# Of every record, and so nothing that one says.
_KEPT_BESIDE = {field.name for field in ToxicityRecord._meta.fields} | {"id", "root"}


@dataclass(frozen=True)
class Sending:
    """One request to write: on which locked course, by whom, when, what, under which key.

    `content` is everything that was asked for, the record to replace included.
    """

    course: Course
    actor: User
    now: datetime
    content: Mapping[str, Any]
    key: UUID | None = None
    source: str = ""

    @property
    def digest(self) -> str:
        """The same for the same content from the same person about the same course."""
        return digest({**self.content, "course": self.course.pk, "actor": self.actor.pk})


def earlier(model: type[Row], sending: Sending) -> Row | None:
    """The row that the same request stored before; None for a new one, or one without a key.

    Ask before anything is checked: what stands against it now did not then. Raises Refused when
    the key came with something else.
    """
    if sending.key is None:
        return None
    found: Row | None = model.objects.filter(key=sending.key).first()
    if found is not None and found.sent != sending.digest:
        raise Refused([KEY_REUSED])
    return found


def replaced(model: type[Row], course: Course, pk: int) -> Row:
    """The record of a locked course that another one is to replace.

    Raises Refused, naming who and when, where somebody replaced it or took it back meanwhile, and
    DoesNotExist for a record of another course.
    """
    # Every model of a record has the name; mypy sees the one that they share.
    rows = model.objects.select_related("replaced_by")  # type: ignore[misc]
    row: Row = rows.get(pk=pk, course=course)
    later = row if row.withdrawn else getattr(row, "replaced_by", None)
    if later is not None:
        params = {"who": later.recorded_by, "at": later.received_at}
        message = _TAKEN_BACK if later.withdrawn else _REPLACED
        raise Refused([Refusal(code="already_replaced", message=message, params=params)])
    return row


_REPLACED = N_("%(who)s corrected this on %(at)s. Look at what stands now, then try again.")
_TAKEN_BACK = N_("%(who)s took this back on %(at)s.")


def store(
    row: Row, sending: Sending, action: str, *, replaces: Row | None = None, reason: str = ""
) -> Row:
    """Write a new row with its audit event; `reason` says why it replaces another one.

    Returns the row that stands under the key where another request was quicker. Raises Refused
    when that one says something else.
    """
    row.course, row.source = sending.course, sending.source
    row.received_at, row.recorded_by = sending.now, sending.actor.get_username()
    row.replaces, row.reason = replaces, reason.strip()
    if sending.key is not None:
        row.key, row.sent = sending.key, sending.digest
    try:
        # With a key the transaction has to survive that another course came first with it.
        with transaction.atomic(savepoint=sending.key is not None):
            insert(row)
    except IntegrityError:
        first = earlier(type(row), sending)
        if first is None:
            raise
        return first
    before, after = _changed(row, replaces)
    record(
        actor=sending.actor,
        now=sending.now,
        action=action,
        obj=row,
        course_id=sending.course.pk,
        patient_id=sending.course.patient_id,
        reason=row.reason,
        before=before,
        after=after,
    )
    return row


def store_in_chart(
    row: Row,
    sending: Sending,
    kind: str,
    action: str,
    *,
    replaces: Row | None = None,
    reason: str = "",
) -> Row:
    """As `store`, with whatever a fact of the chart causes: its cause is `<kind>:<id>`."""
    stored = store(row, sending, action, replaces=replaces, reason=reason)
    cause = f"{kind}:{stored.pk}"
    consequences.run(
        Happening(Event.CHART_CHANGED, sending.course, sending.actor, sending.now, cause)
    )
    return stored


def taking_back(row: Row) -> Row:
    """A record, not stored yet, that says `row` never was: with what it said, for the columns."""
    return type(row)(withdrawn=True, **said(row))


def said(row: ToxicityRecord) -> dict[str, Any]:
    """What a record says, without who, when and why."""
    names = [field.name for field in row._meta.concrete_fields if field.name not in _KEPT_BESIDE]
    return {name: getattr(row, name) for name in names}


def _changed(
    row: ToxicityRecord, replaces: ToxicityRecord | None
) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the record that is replaced said and what this one says instead, for the audit."""
    new = said(row)
    if replaces is None:
        return {}, new
    stood = said(replaces)
    if row.withdrawn:
        return stood, {"replaces": replaces.pk, "withdrawn": True}
    names = [name for name in new if new[name] != stood[name]]
    before = {name: stood[name] for name in names}
    return before, {"replaces": replaces.pk, **{name: new[name] for name in names}}
