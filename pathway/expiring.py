"""Telling that a product has passed its date of expiry: a day comes without anybody's deed."""

from datetime import datetime, timedelta

from django.db import transaction

from audit.recording import Nobody
from pathway.domain.facts import LOST_PRODUCT
from pathway.domain.product_states import Product as State
from pathway.models import Product
from patients.models import Course
from reminders.models import Notice
from reminders.notices import raise_notice, withdraw_notices
from terms.day_numbers import local_date
from terms.roles import Role

WATCH = Nobody("pathway.expiry")
CODE = "product_expired"
TOLD = (Role.COORDINATOR, Role.HAEMATOLOGIST, Role.PHARMACIST, Role.CELL_LAB, Role.QUALITY)
_OVER = frozenset({*LOST_PRODUCT, State.INFUSED.value})
_ABOUT = "product:"


def watch_expiry(*, now: datetime) -> int:
    """Tell once of every product past its date; take back what is so no longer. Returns how many.

    Idempotent. A course that somebody works on is left for the next time. Each product is a
    transaction of its own, so never call this inside one.
    """
    tomorrow = now.date() + timedelta(days=1)  # somewhere it is tomorrow already
    past = Product.objects.filter(expires_on__lt=tomorrow, course__journey__active=True)
    found = set(past.exclude(state__in=_OVER).values_list("pk", flat=True))
    told = Notice.objects.standing().filter(code=CODE).values_list("about", flat=True)
    found |= {int(about.removeprefix(_ABOUT)) for about in told}
    return sum(_settle(pk, now) for pk in sorted(found))


@transaction.atomic(durable=True)
def _settle(pk: int, now: datetime) -> bool:
    """Bring what is told of one product in line with what it is; whether anything was written."""
    courses = Course.objects.filter(products=pk).select_related("centre", "patient")
    course = courses.select_for_update(no_key=True, skip_locked=True, of=("self",)).first()
    if course is None:
        return False
    product, about = Product.objects.get(pk=pk), f"{_ABOUT}{pk}"
    told = Notice.objects.standing().filter(course=course, code=CODE, about=about).exists()
    on = product.expires_on
    expired = on is not None and local_date(now, course.centre.zone) > on
    if expired and product.state not in _OVER and not told:
        raise_notice(
            course=course, code=CODE, roles=TOLD, params={"on": on}, about=about,
            cause=f"expiry:{pk}", actor=WATCH, now=now,
        )  # fmt: skip
        return True
    if told and (not expired or product.state in _OVER):
        withdraw_notices(course, cause=f"expiry:{pk}", actor=WATCH, now=now)
        return True
    return False
