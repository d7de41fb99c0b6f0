"""What a weight or height means for doses when it is corrected or entered late; see config."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from types import MappingProxyType

from django.db.models import Q

from pathway.dose_surfaces import comes_to, regimen_drug
from pathway.loading import load_state
from pathway.models import Dose
from patients.consequences import Happening
from patients.models import Correction, LabResult
from patients.results import HEIGHT, WEIGHT
from reminders.loading import full_day
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
    if measure is None:
        return
    _tell_of_orders(happening, measure)
    _tell_of_given(happening, measure)


def on_measured(happening: Happening) -> None:
    """A weight or height that is entered after the doses it counts for, or brought back."""
    kind, _colon, number = happening.cause.partition(":")
    brought_back = Q(pk=number) if kind == "lab" else Q(pk=None)
    course = happening.course
    found = LabResult.objects.filter(
        Q(recorded_at=happening.now) | brought_back, course=course, analyte__in=_MEASURES
    )
    for row in found.order_by("pk"):
        since = full_day(row.on) or date.max
        late = Dose.objects.filter(course=course, replaced_by=None, per_m2__isnull=False)
        if late.filter(given_on__gte=since).exists():
            about = replace(happening, cause=f"lab:{row.pk}")
            _tell_of_given(about, _MEASURES[row.analyte], since=since)


def _tell_of_orders(happening: Happening, measure: str) -> None:
    course = happening.course
    still_open = Dose.objects.filter(
        course=course, replaced_by=None, given_on=None, not_given_reason="", amount__isnull=False
    )
    if still_open.exists():
        _tell(happening, "measure_corrected", {"what": measure}, about=happening.cause)


def _tell_of_given(happening: Happening, measure: str, *, since: date = date.min) -> None:
    """Of each dose that is off by what the chart says now and was not by what it said then."""
    state = load_state(happening.course)
    doses = [(dose, dose.given_on) for row in state.companions for dose in row.doses]
    for dose, on in doses:
        if on is None or on < since:
            continue
        found = comes_to(state, dose.per_m2, on)
        if found and found.is_off(dose.given_amount) and not found.comes_to(dose.amount_counted):
            drug = regimen_drug(state, dose.drug)
            params = {
                "what": measure,
                "drug": drug.label if drug else N_("Lymphodepletion"),
                "on": on,
            }
            _tell(happening, "dose_off_now", params, about=f"dose:{dose.pk}")


def _tell(happening: Happening, code: str, params: Mapping[str, object], *, about: str) -> None:
    raise_notice(
        course=happening.course,
        code=code,
        roles=(Role.HAEMATOLOGIST, Role.PHARMACIST),
        params=params,
        about=about,
        cause=happening.cause,
        actor=happening.actor,
        now=happening.now,
    )
