"""Whether ICAHT reached grade 3, as early and late ICAHT of a course say it."""

from toxicity.domain.grading import Status
from toxicity.domain.scores import Part, State

SEVERE = 3
UNCONFIRMED = "unconfirmed"  # a value alone: a second one may say that it was transient


def severe(early: Part, late: Part) -> bool | None:
    """None where nobody knows yet; no only where both are final, or one had no days to count."""
    if _reached(early) or _reached(late):
        return True
    return False if _over(early) and _over(late) else None


def _reached(part: Part) -> bool:
    alone = any(warning.code == UNCONFIRMED for warning in part.warnings)
    return part.grade is not None and part.grade >= SEVERE and not alone


def _over(part: Part) -> bool:
    return part.status is Status.FINAL or part.state is State.ENDED
