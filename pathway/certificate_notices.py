"""Telling that a certificate says another dose than wanted while the patient is being prepared."""

from dataclasses import replace
from datetime import datetime

from accounts.models import User
from pathway.domain.product_guards import dose_for_weight, dose_on_target
from pathway.domain.spine import Stage
from pathway.loading import load_state
from patients.models import Course
from reminders.notices import raise_notice
from terms.day_numbers import local_date
from terms.roles import Role


def tell_dose_in_doubt(course: Course, product: int, actor: User, now: datetime) -> None:
    """Tell who prepares and who infuses, where the product that counts has a new certificate."""
    state, today = load_state(course), local_date(now, course.centre.zone)
    facts = state.facts(on=today, at=now)
    if facts.stage != Stage.LYMPHODEPLETION or facts.product is None or facts.product.pk != product:
        return
    about = replace(facts, subject=facts.product)
    found = [one for guard in (dose_on_target, dose_for_weight) if (one := guard(about))]
    if all(one.code == "weight_unknown" for one in found):
        return
    raise_notice(
        course=course,
        code="dose_in_doubt",
        roles=(Role.HAEMATOLOGIST, Role.WARD_NURSE, Role.PHARMACIST),
        params={"on": today},
        about=f"product:{product}",
        cause=f"product:{product}",
        actor=actor,
        now=now,
    )
