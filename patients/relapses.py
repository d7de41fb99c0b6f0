"""The anchor of a relapse after the infusion: set, moved and taken back with its entry."""

from datetime import date, datetime

from django.db.models import Max

from accounts.models import User
from patients import anchors
from patients.models import Course, Relapse
from patients.models.courses import AnchorKind

_FULL_DAY = len("2026-03-14")


def anchor_day(relapse: Relapse) -> date | None:
    """The day from which a relapse counts: one after the infusion, known to the day."""
    counts = relapse.after_infusion and len(relapse.on) == _FULL_DAY
    return date.fromisoformat(relapse.on) if counts else None


def settle_relapse(
    course: Course,
    before: date | None,
    after: date | None,
    *,
    actor: User,
    now: datetime,
    source: str,
    occurrence: int | None = None,
) -> int | None:
    """Let the anchor of a relapse on a locked course lie on `after` instead of `before`.

    Each relapse is an occurrence of its own; `occurrence` is the one that it had before it was
    taken back. Returns the occurrence, None where there neither was nor is one.
    """
    if before == after:
        return None
    known = course.anchors.filter(kind=AnchorKind.RELAPSE)
    held = known.filter(actual_on=before).values_list("occurrence", flat=True)
    number = (before and held.order_by("occurrence").first()) or occurrence or _next(course)
    if after is None:
        anchors.clear_actual(course, AnchorKind.RELAPSE, occurrence=number, actor=actor, now=now)
    else:
        anchors.set_actual(
            course,
            AnchorKind.RELAPSE,
            after,
            occurrence=number,
            actor=actor,
            now=now,
            source=source,
        )
    return number


def _next(course: Course) -> int:
    """One more than there ever was: an occurrence that was taken back may come again."""
    known = course.anchors.filter(kind=AnchorKind.RELAPSE).aggregate(most=Max("occurrence"))
    taken_back = course.corrections.aggregate(most=Max("occurrence"))
    return max(known["most"] or 0, taken_back["most"] or 0) + 1
