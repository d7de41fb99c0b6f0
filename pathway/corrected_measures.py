"""What a corrected weight or height means for doses that are ordered; wired in config/wiring.py."""

from collections.abc import Mapping
from types import MappingProxyType

from pathway.models import Dose
from patients.consequences import Happening
from patients.models import Correction
from patients.results import HEIGHT, WEIGHT
from reminders.notices import raise_notice
from terms.roles import Role
from terms.words import N_

_MEASURES: Mapping[str, str] = MappingProxyType({WEIGHT: N_("Weight"), HEIGHT: N_("Height")})


def on_fact_corrected(happening: Happening) -> None:
    """Who orders and who prepares hear of it: an amount may have been counted from what stood."""
    kind, _colon, number = happening.cause.partition(":")
    if kind != "lab":
        return
    course = happening.course
    before = Correction.objects.filter(course=course, fact=kind, fact_id=number).latest("pk").before
    measure = _MEASURES.get(before["analyte"])
    still_open = Dose.objects.filter(
        course=course, replaced_by=None, given_on=None, not_given_reason="", amount__isnull=False
    )
    if measure is None or not still_open.exists():
        return
    raise_notice(
        course=course,
        code="measure_corrected",
        roles=(Role.HAEMATOLOGIST, Role.PHARMACIST),
        params={"what": measure},
        about=happening.cause,
        cause=happening.cause,
        actor=happening.actor,
        now=happening.now,
    )
