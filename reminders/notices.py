"""Notices: raising one inside the caller's transaction, acknowledging it, taking it back."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction

from accounts.models import User
from audit.prepared import insert_all
from audit.recording import Actor, record
from patients.courses import lock_course
from patients.models import Course
from reminders.domain.notice_kinds import NOTICE_KINDS
from reminders.models import Notice, NoticeReading
from terms.refusals import Refusal, Refused
from terms.roles import Role
from terms.words import N_, Bilingual

LONGEST_REMARK = 500


@dataclass(frozen=True)
class Telling:
    """What is told to whom, see `raise_notice`."""

    code: str
    roles: Collection[str]
    params: Mapping[str, Any]
    about: str = ""
    cause: str = ""
    to_users: Collection[User] = ()


def raise_notice(
    *,
    course: Course,
    code: str,
    roles: Collection[str],
    now: datetime,
    actor: Actor,
    params: Mapping[str, Any] | None = None,
    about: str = "",
    cause: str = "",
    to_users: Collection[User] = (),
) -> Notice:
    """Tell `roles` and `to_users` that something happened on a course the caller has locked.

    `code` is one of NOTICE_KINDS and `params` fill its text: dates, numbers, Bilingual labels,
    msgids and tuples of these, never what somebody typed. A standing notice of the same (course,
    code, about) counts one more and asks everybody again. `cause` keys the undo, see
    `withdraw_notices`. Raises ValueError for an unknown code or role, for other params than the
    kind has, or for nobody told.
    """
    telling = Telling(code, roles, params or {}, about, cause, to_users)
    (notice,) = raise_all(course, [telling], actor=actor, now=now)
    return notice


def raise_all(
    course: Course, tellings: Sequence[Telling], *, actor: Actor, now: datetime
) -> list[Notice]:
    """Raise some notices in as many queries as one of them needs. As `raise_notice`."""
    stored = [_stored(one.code, one.params) for one in tellings]
    told = [(_known(one.roles), sorted(user.pk for user in one.to_users)) for one in tellings]
    if not all(roles or people for roles, people in told):
        raise ValueError("a notice is for somebody")
    rows = Notice.objects.standing().filter(
        course=course,
        code__in={one.code for one in tellings},
        about__in={one.about for one in tellings},
    )
    known = {(notice.code, notice.about): notice for notice in rows}
    raised: list[tuple[Notice, Mapping[str, Any]]] = []
    for one, params, (roles, people) in zip(tellings, stored, told, strict=True):
        notice = known.setdefault((one.code, one.about), _new(course, one, actor, now))
        notice.params, notice.last_at = params, now
        notice.roles = sorted({*notice.roles, *roles})
        notice.people = sorted({*notice.people, *people})
        notice.causes = [*notice.causes, one.cause]
        raised.append((notice, _facts(notice) | {"cause": one.cause}))
    _write({id(notice): notice for notice, _after in raised}.values())
    for notice, after in raised:
        _note(notice, course, "notice.raise", actor, now, after=after)
    return [notice for notice, _after in raised]


def _new(course: Course, one: Telling, actor: Actor, now: datetime) -> Notice:
    notice = Notice(course=course, code=one.code, about=one.about, causes=[], raised_at=now)
    notice.raised_by = actor.get_username()
    return notice


def _write(notices: Iterable[Notice]) -> None:
    """What is new at one go, and what stood already each for itself."""
    rows = [*notices]
    fresh = [notice for notice in rows if notice._state.adding]
    for notice in rows:
        if not notice._state.adding:
            notice.save(update_fields=["params", "last_at", "roles", "people", "causes"])
    insert_all(fresh)


def withdraw_notices(course: Course, *, cause: str, actor: Actor, now: datetime) -> None:
    """Take back what was told because of `cause`, on a locked course: it was undone.

    A notice that came for another cause too stays, counting one less. Nothing to take back is no
    error.
    """
    for notice in Notice.objects.standing().filter(course=course, causes__contains=[cause]):
        notice.causes = [one for one in notice.causes if one != cause]
        if notice.causes:
            notice.save(update_fields=["causes"])
            _note(notice, course, "notice.lessen", actor, now, after={"cause": cause})
        else:
            notice.causes = [cause]
            _withdraw(notice, course, cause, actor, now)


def withdraw_all(course: Course, *, cause: str, actor: Actor, now: datetime) -> None:
    """Take back every notice of a locked course, so that `restore_notices` can put them back."""
    for notice in Notice.objects.standing().filter(course=course):
        _withdraw(notice, course, cause, actor, now)


def restore_notices(course: Course, *, cause: str, actor: Actor, now: datetime) -> None:
    """Put back exactly what `withdraw_all` took back for `cause`."""
    for notice in Notice.objects.filter(course=course, withdrawn_cause=cause):
        notice.withdrawn_at, notice.withdrawn_by, notice.withdrawn_cause = None, "", ""
        notice.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_cause"])
        _note(notice, course, "notice.restore", actor, now, after={"cause": cause})


@transaction.atomic
def acknowledge(*, notice_id: int, actor: User, now: datetime, remark: str = "") -> NoticeReading:
    """Record that `actor` has read a notice sent to them, as it stands now.

    Raises Refused (acknowledged already, a remark too long), Notice.DoesNotExist for an unknown
    one, another centre's, or one sent to others.
    """
    seen = Notice.objects.visible_to(actor)
    course = lock_course(seen.values_list("course_id", flat=True).get(pk=notice_id), actor=actor)
    notice = seen.get(pk=notice_id)
    refusals = []
    if notice.readings.filter(user=actor, at__gte=notice.last_at).exists():
        refusals.append(
            Refusal(code="already_acknowledged", message=N_("You have acknowledged this already."))
        )
    if len(remark.strip()) > LONGEST_REMARK:
        refusals.append(
            Refusal(
                code="too_long",
                message=N_("At most %(most)s characters."),
                params={"most": LONGEST_REMARK},
                field="remark",
            )
        )
    if refusals:
        raise Refused(refusals)
    reading = NoticeReading.objects.create(
        notice=notice, user=actor, at=max(now, notice.last_at), remark=remark.strip()
    )
    after = {"code": notice.code, "about": notice.about, "remark": reading.remark}
    _note(notice, course, "notice.acknowledge", actor, now, after=after)
    return reading


def _withdraw(notice: Notice, course: Course, cause: str, actor: Actor, now: datetime) -> None:
    notice.withdrawn_at, notice.withdrawn_by = now, actor.get_username()
    notice.withdrawn_cause = cause
    notice.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_cause"])
    _note(notice, course, "notice.withdraw", actor, now, after={"cause": cause})


def _known(roles: Collection[str]) -> list[str]:
    """The codes of `roles`; ValueError for one that nobody can hold."""
    return sorted(Role(role).value for role in roles)


def _stored(code: str, params: Mapping[str, Any]) -> dict[str, Any]:
    """The params as JSON keeps them; `reminders.telling` reads them back."""
    kind = NOTICE_KINDS.get(code)
    if kind is None or set(params) != set(kind.params):
        raise ValueError(f"no notice {code!r} with {sorted(params)}")
    return {name: _plain(value) for name, value in params.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return {"date": value.isoformat()}
    if isinstance(value, Bilingual):
        return {"en": value.en, "it": value.it}
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    return value


def _facts(notice: Notice) -> dict[str, Any]:
    return {
        "code": notice.code,
        "about": notice.about,
        "roles": notice.roles,
        "people": notice.people,
        "count": notice.count,
    }


def _note(
    notice: Notice,
    course: Course,
    action: str,
    actor: Actor,
    now: datetime,
    *,
    after: Mapping[str, Any],
) -> None:
    record(
        actor=actor,
        now=now,
        action=action,
        obj=notice,
        course_id=course.pk,
        patient_id=course.patient_id,
        centre_id=course.centre_id,
        after=after,
    )
