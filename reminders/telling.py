"""Reading notices: their words in the reader's language, the lists and the count of the frame."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Case, Prefetch, QuerySet, Value, When
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import Permission
from accounts.wording import param_in_words, role_names
from patients.models import Course
from patients.selectors import person_label
from reminders.domain.notice_kinds import NOTICE_KINDS, SEVERITY_NAMES, Severity
from reminders.models import Notice, NoticeReading
from terms.words import Bilingual


@dataclass(frozen=True)
class ReadingView:
    """Who acknowledged when, and what they remarked."""

    who: str
    at: datetime
    remark: str


@dataclass(frozen=True)
class NoticeView:
    """A notice in the reader's language. `name` is the patient's, the course code for codes.

    `open` says whether the reader has still to acknowledge it.
    """

    pk: int
    code: str
    severity: str
    severity_name: str
    text: str
    look: str
    name: str
    course_id: int
    count: int
    raised_at: datetime
    last_at: datetime
    roles: tuple[str, ...]
    role_names: tuple[str, ...]
    readings: tuple[ReadingView, ...]
    open: bool


def open_notices(user: User) -> QuerySet[Notice]:
    """What `user` has still to acknowledge: the most pressing first, then the latest."""
    ranks = list(Severity)
    codes: dict[Severity, list[str]] = {rank: [] for rank in ranks}
    for kind in NOTICE_KINDS.values():
        codes[kind.severity].append(kind.code)
    pressing = Case(*(When(code__in=codes[rank], then=Value(at)) for at, rank in enumerate(ranks)))
    return _whole(Notice.objects.open_to(user)).order_by(pressing, "-last_at", "pk")


def acknowledged_notices(user: User) -> QuerySet[Notice]:
    """What `user` has acknowledged, the latest first."""
    return _whole(Notice.objects.acknowledged_by(user)).order_by("-last_at", "pk")


def notices_of(user: User, course: Course) -> QuerySet[Notice]:
    """The notices of a course that `user` has still to acknowledge."""
    return open_notices(user).filter(course=course)


def notice_views(user: User, notices: Iterable[Notice]) -> tuple[NoticeView, ...]:
    """Notices of one of the lists above as `user` reads them."""
    return tuple(_view(user, notice) for notice in notices)


def _view(user: User, notice: Notice) -> NoticeView:
    kind = NOTICE_KINDS[notice.code]
    params = {name: param_in_words(_read(value)) for name, value in notice.params.items()}
    readings = notice.readings.all()
    named = user.may(Permission.SEE_IDENTITY)
    mine = (one for one in readings if one.user_id == user.pk and one.at >= notice.last_at)
    return NoticeView(
        pk=notice.pk,
        code=notice.code,
        severity=kind.severity.value,
        severity_name=_(SEVERITY_NAMES[kind.severity]),
        text=_(kind.text) % params,
        look=_(kind.look),
        name=person_label(user, notice.course.patient, notice.course),
        course_id=notice.course_id,
        count=notice.count,
        raised_at=notice.raised_at,
        last_at=notice.last_at,
        roles=tuple(notice.roles),
        role_names=role_names(notice.roles),
        readings=tuple(_reading(one) for one in readings) if named else (),
        open=next(mine, None) is None,
    )


def _reading(reading: NoticeReading) -> ReadingView:
    who = reading.user.get_full_name() or reading.user.get_username()
    return ReadingView(who, reading.at, reading.remark)


def _whole(notices: QuerySet[Notice]) -> QuerySet[Notice]:
    readings = NoticeReading.objects.select_related("user").order_by("at", "pk")
    return notices.select_related("course__patient").prefetch_related(
        Prefetch("readings", readings)
    )


def _read(value: Any) -> Any:
    """A stored param as it was given."""
    if isinstance(value, list):
        return [_read(one) for one in value]
    if not isinstance(value, Mapping):
        return value
    if "date" in value:
        return date.fromisoformat(value["date"])
    return Bilingual(value["en"], value["it"])
