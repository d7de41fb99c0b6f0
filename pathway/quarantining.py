"""Putting a product into quarantine because its identity is in doubt, whoever found it."""

from datetime import datetime

from accounts.models import User
from pathway import effects
from pathway.domain.labels import IN_HAND
from pathway.ending import changes_of, not_before_last
from pathway.loading import CourseState
from pathway.models import Change, Product
from pathway.writing import Step, record_automatic, write_companion
from patients.courses import raise_version
from patients.models import Course
from reminders.notices import raise_notice
from terms.day_numbers import local_date
from terms.roles import Role

QUARANTINED = "quarantined"
TOLD = (Role.COORDINATOR, Role.HAEMATOLOGIST, Role.PHARMACIST, Role.CELL_LAB, Role.QUALITY)


def tell_mismatch(course: Course, found_by: str, *, about: str, actor: User, now: datetime) -> None:
    """Tell everybody concerned that an identity does not agree; `found_by` is an English msgid."""
    raise_notice(
        course=course,
        code="identity_mismatch",
        roles=TOLD,
        params={"check": found_by, "on": local_date(now, course.centre.zone)},
        about=about,
        actor=actor,
        now=now,
    )


def quarantine(
    state: CourseState, product: Product, *, reason: str, cause: str, actor: User, now: datetime
) -> Change | None:
    """Put a product that is in hand into quarantine on a locked course, whatever the role.

    Nothing is asked: a stop waits for nobody. Any other product stays where it is: no check lets
    it pass as long as what was found stands.
    """
    product.refresh_from_db()
    if product.state not in IN_HAND:
        return None
    course = state.course
    after = not_before_last(changes_of(course), "product", product.pk, now)
    step = Step(
        course=course,
        machine="product",
        subject_id=product.pk,
        source=product.state,
        target=QUARANTINED,
        happened_at=after,
        actor=actor,
        now=now,
        reason=reason,
        cause=cause,
    )
    change = write_companion(product, step)
    record_automatic(product, change)
    effects.after_companion(state, change, actor, now)
    raise_version(course)
    return change
