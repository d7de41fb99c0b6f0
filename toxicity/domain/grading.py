"""What every scale answers: a grade, how firm it is, what gave it, and what to be careful about."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Status(StrEnum):
    """How firm a grade is."""

    FINAL = "final"
    PROVISIONAL = "provisional"  # what is not known yet could only raise or settle it
    NOT_GRADEABLE = "not_gradeable"  # no grade at all, which is never grade 0


@dataclass(frozen=True)
class Axis:
    """What one axis of a scale gives: the grade of its known signs, and the worst it could be.

    `unsure` marks a known sign whose attribution nobody stated: it counts, but not for certain.
    """

    code: str
    known: int
    worst: int
    unsure: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.known <= self.worst:
            raise ValueError(f"{self.code}: {self.known} to {self.worst}")


@dataclass(frozen=True)
class Driver:
    """An axis that gave the grade."""

    code: str
    grade: int


@dataclass(frozen=True)
class Warning:
    """Something the reader should know beside the grade; `message` is an English msgid."""

    code: str
    message: str
    params: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Grading:
    """The answer of a scale. Grade 0 is assessed and absent, None is not assessable."""

    grade: int | None
    status: Status
    rule_version: str
    drivers: tuple[Driver, ...] = ()
    warnings: tuple[Warning, ...] = ()


def settle(axes: Iterable[Axis], rule_version: str, warnings: Iterable[Warning] = ()) -> Grading:
    """The highest grade of several axes, as firm as what is not known leaves it.

    A grade above 0 stands as provisional while something unknown could raise it; 0 does not stand
    as long as anything unknown could make it more.
    """
    rows = tuple(axes)
    known = max((axis.known for axis in rows), default=0)
    worst = max((axis.worst for axis in rows), default=0)
    drivers = tuple(Driver(axis.code, axis.known) for axis in rows if 0 < axis.known == known)
    sure = not any(axis.unsure for axis in rows)
    if known == worst and sure:
        return Grading(known, Status.FINAL, rule_version, drivers, tuple(warnings))
    if known:
        return Grading(known, Status.PROVISIONAL, rule_version, drivers, tuple(warnings))
    return Grading(None, Status.NOT_GRADEABLE, rule_version, (), tuple(warnings))
