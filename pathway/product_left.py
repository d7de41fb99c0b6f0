"""Telling that a course ends while a product of it stands: somebody decides what becomes of it."""

from datetime import datetime

from accounts.models import User
from pathway.domain.facts import LOST_PRODUCT
from pathway.domain.product_states import PRODUCT_LABELS, Product
from pathway.ending import cause_of
from pathway.loading import CourseState
from pathway.models import Change
from reminders.notices import raise_notice
from terms.roles import Role

_OVER = LOST_PRODUCT | {Product.INFUSED.value}


def tell_product_left(state: CourseState, change: Change, actor: User, now: datetime) -> None:
    """Quality, cell laboratory and pharmacist hear of it; the way back takes it back."""
    standing = [row for row in state.of("product") if row.state not in _OVER]
    for row in standing[-1:]:
        raise_notice(
            course=state.course,
            code="product_left",
            roles=(Role.QUALITY, Role.CELL_LAB, Role.PHARMACIST),
            params={"state": PRODUCT_LABELS[Product(row.state)], "on": change.happened_on},
            about=f"product:{row.pk}",
            cause=cause_of(change),
            actor=actor,
            now=now,
        )
