"""What a change of dates would move, before it is made: the write itself, tried and taken back.

The apps above register a picture of what has a day on a course, in config/wiring.py; two pictures,
before and after, tell what moves. Nothing is foretold by a second set of rules that could differ
from the first.
"""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from accounts.models import User
from patients.courses import lock_course
from patients.models import Course
from patients.models.courses import AnchorKind
from terms.day_numbers import day_number


@dataclass(frozen=True)
class Dated:
    """One thing of a course that waits for its day: what it is, and what it is counted from."""

    key: tuple[object, ...]
    label: str
    on: date
    counted_from: str = ""


@dataclass(frozen=True)
class Shift:
    """What one thing does when the dates change. Days are numbered from day 0 as it is then."""

    label: str
    counted_from: str
    before: date | None  # None: it is new
    after: date | None  # None: it falls away
    day_before: int | None
    day_after: int | None


@dataclass(frozen=True)
class Foreseen:
    """Everything that a write would move, by the day on which it will be, what falls away last."""

    shifts: tuple[Shift, ...]

    @property
    def moved(self) -> int:
        """How many things change their day."""
        return sum(one.before is not None and one.after is not None for one in self.shifts)

    @property
    def new(self) -> int:
        """How many things are asked for that were not."""
        return sum(one.before is None for one in self.shifts)

    @property
    def gone(self) -> int:
        """How many things are no longer asked for."""
        return sum(one.after is None for one in self.shifts)

    @property
    def touches(self) -> bool:
        """Whether something that stands already moves or goes: then somebody looks at it first."""
        return any(one.before is not None for one in self.shifts)

    @property
    def seal(self) -> str:
        """What was seen, in few letters: another outcome has another one."""
        said = [(one.label, str(one.before), str(one.after)) for one in self.shifts]
        return hashlib.sha256(repr(said).encode()).hexdigest()[:32]


# What waits for its day, and day 0.
_Seen = tuple[dict[tuple[object, ...], Dated], date | None]
Picture = Callable[[Course], Iterable[Dated]]
_pictures: list[Picture] = []


def wire(pictures: Iterable[Picture]) -> None:
    """Replace the pictures; called once at start by config/wiring.py."""
    _pictures[:] = pictures


def foresee(course_id: int, write: Callable[[], object], *, actor: User) -> Foreseen:
    """Try `write` on a course and take everything back that it wrote, the audit included.

    Under the course's lock, so that what is shown is what stands. Raises what `write` raises, and
    Course.DoesNotExist.
    """
    (before, zero_before), (after, zero_after) = _tried(course_id, write, actor)
    shifts = [
        _shift(before.get(key), after.get(key), zero_before, zero_after)
        for key in {**before, **after}
        if key not in before or key not in after or before[key].on != after[key].on
    ]
    return Foreseen(tuple(sorted(shifts, key=_by_day)))


@transaction.atomic
def _tried(course_id: int, write: Callable[[], object], actor: User) -> tuple[_Seen, _Seen]:
    course = lock_course(course_id, actor=actor)
    before = _seen(course)
    write()
    after = _seen(course)
    transaction.set_rollback(True)
    return before, after


def _seen(course: Course) -> _Seen:
    by_key = {one.key: one for picture in _pictures for one in picture(course)}
    return by_key, _day_zero(course)


def _day_zero(course: Course) -> date | None:
    infusion = course.anchors.filter(kind=AnchorKind.INFUSION).order_by("-occurrence").first()
    return infusion.on if infusion is not None else None


def _shift(
    before: Dated | None, after: Dated | None, zero_before: date | None, zero_after: date | None
) -> Shift:
    one = after or before
    assert one is not None, "a shift is of something"
    return Shift(
        label=one.label,
        counted_from=one.counted_from,
        before=before.on if before else None,
        after=after.on if after else None,
        day_before=day_number(before.on, zero_before) if before and zero_before else None,
        day_after=day_number(after.on, zero_after) if after and zero_after else None,
    )


def _by_day(one: Shift) -> tuple[bool, date, str]:
    return one.after is None, one.after or one.before or date.max, one.label
