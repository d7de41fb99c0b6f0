"""The lock of a course and its version: the first line of every service that writes to one."""

from accounts.models import User
from patients.models import Course
from terms.refusals import Refusal, StaleVersion
from terms.words import N_


def lock_course(course_id: int, *, actor: User) -> Course:
    """Lock and return a course `actor` may see; load facts only after this.

    FOR NO KEY UPDATE: rows that refer to the course can still be inserted elsewhere meanwhile.
    Raises Course.DoesNotExist for an unknown id or another centre's, TransactionManagementError
    outside a transaction.
    """
    return (
        Course.objects.visible_to(actor)
        .select_related("patient", "protocol", "centre")
        .select_for_update(no_key=True, of=("self",))
        .get(pk=course_id)
    )


def check_version(course: Course, expected: int | None) -> None:
    """Raise StaleVersion when the writer saw an older version than the locked `course` has."""
    if expected is not None and expected != course.version:
        raise StaleVersion(
            [
                Refusal(
                    code="stale_version",
                    message=N_(
                        "Someone changed this course since you opened the page. "
                        "Look at what changed, then try again."
                    ),
                    params={"expected": expected, "current": course.version},
                )
            ]
        )


def raise_version(course: Course) -> None:
    """Count one more change of moves, anchors or corrections on the locked `course`."""
    course.version += 1
    course.save(update_fields=["version"])
