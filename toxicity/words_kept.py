"""What clinicians said of a check: nobody who reviews no grades takes it away with the check."""

from collections.abc import Collection

from accounts.models import User
from accounts.permissions import Permission, roles_with
from patients.models import Course
from terms.refusals import Refusal
from terms.words import N_
from toxicity.checks import Check
from toxicity.domain.scales import SCALE_NAMES
from toxicity.iec_hs_sayings import against_unsaying
from toxicity.seen import Seen


def against_taking_back(course: Course, stood: Check, actor: User) -> list[Refusal]:
    """Everything that stands against taking back a check with what was said of it."""
    return [
        *_against_losing(stood, actor, left=()),
        *against_unsaying(course, stood.assessment, actor),
    ]


def against_leaving_out(stood: Check, seen: Seen, actor: User) -> list[Refusal]:
    """What stands against a correction that says nothing more of a scale that was judged."""
    said = seen.signs()
    return _against_losing(stood, actor, left={*said, *seen.chosen})


def _against_losing(stood: Check, actor: User, *, left: Collection[str]) -> list[Refusal]:
    """A word of a scale that is not `left` would stand nowhere: one that stands, or was lost."""
    if actor.may(Permission.REVIEW_GRADES):
        return []
    found = []
    for scale, grade in stood.grades.items():
        word = grade.review or grade.lost
        if word is not None and scale not in left:
            message = N_(
                "%(who)s said on %(at)s what the grade of %(scale)s is: only a haematologist "
                "takes that away with the check."
            )
            params = {"who": word.by, "at": word.at, "scale": SCALE_NAMES[scale]}
            may = roles_with(Permission.REVIEW_GRADES)
            found.append(Refusal("word_would_go", message, params, who_may=may))
    return found
