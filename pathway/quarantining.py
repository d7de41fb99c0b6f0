"""Stopping a product that is in doubt, whoever found it: into quarantine, whatever the role."""

from datetime import datetime

from django.utils.translation import gettext as _

from accounts.models import User
from pathway import effects
from pathway.domain.labels import IN_HAND
from pathway.domain.spine import Stage
from pathway.ending import changes_of, not_before_last
from pathway.loading import CourseState
from pathway.models import Change, Product
from pathway.writing import Step, forget_deviation, record_automatic, write_companion
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
    it pass as long as what was found stands. So does one that has begun to run into the patient:
    quarantine stops nothing any more, and who records it as given answers for what was found.
    """
    product.refresh_from_db()
    if product.state not in IN_HAND or running_in(state, product.state):
        return None
    return _move(state, product, QUARANTINED, reason=reason, cause=cause, actor=actor, now=now)


def running_in(state: CourseState, product_state: str) -> bool:
    """Whether a product in `product_state` has begun to run into the patient."""
    return product_state == "thawing" and state.journey.stage == Stage.INFUSION


def stop_on_fault(
    state: CourseState, product: Product, faults: tuple[str, ...], *, cause: str, actor: User,
    now: datetime,
) -> None:  # fmt: skip
    """Tell of what somebody noted in the chain of custody, and stop what can still be stopped.

    `faults` are English msgids. What has begun to run into the patient is told of only; material
    and product elsewhere stay where they are, and go no further while no deviation is numbered.
    """
    course = state.course
    raise_notice(
        course=course,
        code="custody_fault",
        roles=TOLD,
        params={"what": faults[0], "on": local_date(now, course.centre.zone)},
        about=f"custody:{product.pk}",
        actor=actor,
        now=now,
    )
    product.refresh_from_db()
    if product.state in IN_HAND and not running_in(state, product.state):
        target = QUARANTINED
    elif product.state == "material_shipped":
        target = "material_excursion"
    else:
        return
    names = ", ".join(_(name) for name in faults)
    reason = _("Noted in the chain of custody: %(names)s.") % {"names": names}
    _move(state, product, target, reason=reason, cause=cause, actor=actor, now=now)


def _move(
    state: CourseState, product: Product, target: str, *, reason: str, cause: str, actor: User,
    now: datetime,
) -> Change:  # fmt: skip
    course = state.course
    step = Step(
        course=course,
        machine="product",
        subject_id=product.pk,
        source=product.state,
        target=target,
        happened_at=not_before_last(changes_of(course), "product", product.pk, now),
        actor=actor,
        now=now,
        reason=reason,
        cause=cause,
    )
    changed = forget_deviation(product) if target == QUARANTINED else ()
    change = write_companion(product, step, changed)
    record_automatic(product, change)
    effects.after_companion(state, change, actor, now)
    raise_version(course)
    return change
