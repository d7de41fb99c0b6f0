"""The one place that writes audit events."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import structlog
from django.db import models

from audit.models import AuditEvent
from audit.prepared import insert, insert_all


class Actor(Protocol):
    """What the audit needs to know of a person; accounts.models.User fits."""

    @property
    def pk(self) -> Any: ...

    @property
    def working_centre_id(self) -> int | None: ...

    @property
    def roles(self) -> frozenset[str]: ...

    def get_username(self) -> str: ...


@dataclass(frozen=True)
class Nobody:
    """Who acted when nobody had signed in: a failed sign-in, or the site's own set-up."""

    name: str
    pk: None = None
    working_centre_id: int | None = None
    roles: frozenset[str] = frozenset()

    def get_username(self) -> str:
        """The name written into the event."""
        return self.name


NOT_SIGNED_IN = Nobody("")
SETTING_UP = Nobody("setting-up")


_FEW = 8  # events to a statement: each number of them is one of its own
_waiting: ContextVar[list[AuditEvent] | None] = ContextVar("waiting", default=None)


@contextmanager
def at_one_go() -> Iterator[None]:
    """Write the events of a service together, at its end and in their order.

    Inside its transaction: where it fails meanwhile nothing is left of either.
    """
    events: list[AuditEvent] = []
    before = _waiting.set(events)
    try:
        yield
    finally:
        _waiting.reset(before)
    for first in range(0, len(events), _FEW):
        insert_all(events[first : first + _FEW])


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Dates, decimals and model instances as text, so that the row reads the same for ever."""
    return {key: _plain_value(value) for key, value in values.items()}


def _plain_value(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, models.Model):
        return value.pk
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain_value(item) for item in value]
    if isinstance(value, Mapping):
        return _plain(value)
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return str(value)


def record(
    *,
    actor: Actor,
    now: datetime,
    action: str,
    obj: models.Model | None = None,
    course_id: int | None = None,
    patient_id: int | None = None,
    centre_id: int | None = None,
    reason: str = "",
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> AuditEvent:
    """Write one event in the caller's transaction.

    `action` is `noun.verb`, such as `course.move`. `before` and `after` hold only what changed.
    `centre_id` is by default the centre the actor works at.
    """
    event = AuditEvent(
        at=now,
        actor_id=actor.pk,
        actor_name=actor.get_username(),
        roles=",".join(sorted(actor.roles)),
        centre_id=centre_id if centre_id is not None else actor.working_centre_id,
        action=action,
        object_type=obj._meta.label_lower if obj is not None else "",
        object_id=str(obj.pk) if obj is not None else "",
        course_id=course_id,
        patient_id=patient_id,
        reason=reason,
        before=_plain(before or {}),
        after=_plain(after or {}),
        request_id=str(structlog.contextvars.get_contextvars().get("request_id", ""))[:40],
    )
    waiting = _waiting.get()
    if waiting is None:
        insert(event)
    else:
        waiting.append(event)
    return event
