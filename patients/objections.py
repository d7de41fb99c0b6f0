"""What the apps above have against a write in this one: asked before it, beside its own rules.

Filled in config/wiring.py, asked under the course lock. The counterpart of consequences.py, which
says what a write causes.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from accounts.models import User
from patients.models import Course, Hold
from terms.refusals import Refusal


class Question(StrEnum):
    """What can be objected to."""

    HOLD_ENDS = "hold_ends"  # or is hidden, as entered in error
    COURSE_RESUMES = "course_resumes"  # after it was marked as entered in error
    PATIENT_DIES = "patient_dies"  # on the day `on`


@dataclass(frozen=True)
class Asked:
    """What somebody is about to do, and why they say they do it."""

    question: Question
    course: Course
    actor: User
    now: datetime
    reason: str = ""
    hold: Hold | None = None
    on: date | None = None


Objection = Callable[[Asked], list[Refusal]]
_objections: dict[Question, tuple[Objection, ...]] = {}


def wire(table: Mapping[Question, tuple[Objection, ...]]) -> None:
    """Replace the whole table; called once at start by config/wiring.py."""
    _objections.clear()
    _objections.update(table)


def against(asked: Asked) -> list[Refusal]:
    """Everything that is objected."""
    found = (objection(asked) for objection in _objections.get(asked.question, ()))
    return [refusal for refusals in found for refusal in refusals]
