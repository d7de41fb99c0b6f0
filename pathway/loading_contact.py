"""The last day on which a patient was certainly seen or heard, as a part of another query."""

from typing import Any

from django.db.models import Count, DateField, Exists, Q, Subquery
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce

from pathway.domain.spine import Stage
from pathway.models import Dose, Journey
from patients.charting import KINDS
from patients.models import (
    Anchor,
    CaregiverCheck,
    Consent,
    ContactAttempt,
    Correction,
    CsfResult,
    ImagingResult,
    LabResult,
    MarrowResult,
    Relapse,
    Transplant,
)
from patients.models.courses import AnchorKind
from patients.models.history import ChartEntry
from reminders.domain.seeing import SEEN_BY_REMINDER
from reminders.models import Reminder

_SEEN: tuple[type[ChartEntry], ...] = (
    LabResult, MarrowResult, ImagingResult, CsfResult, CaregiverCheck, Consent, Relapse, Transplant,
)  # fmt: skip
_JOURNEY = f'"{Journey._meta.db_table}"'
_KIND = {entry.model: kind for kind, entry in KINDS.items()}
# A year or a month is taken for its last day, but never for one after it was written down: who may
# have been seen yesterday is not lost. It was written down when the entry first said this date: a
# later correction of anything else shows nobody.
_LATEST = """
CASE length(x."on") WHEN 10 THEN x."on"::date ELSE LEAST(
  COALESCE((SELECT min((c.before->>'recorded_at')::timestamptz) FROM "{corrections}" c
    WHERE c.course_id = x.course_id AND c.fact = '{kind}' AND c.fact_id = x.id
    AND c.before->>'on' = x."on"), x.recorded_at)::date,
  (x."on" || substr('YYYY-01-01', length(x."on") + 1))::date
  + CASE length(x."on") WHEN 4 THEN interval '1 year - 1 day' ELSE interval '1 month - 1 day' END)
END
"""


def _entries(model: type[ChartEntry], more: str = "") -> str:
    latest = _LATEST.format(corrections=Correction._meta.db_table, kind=_KIND[model])
    # Every name stands in our own models.
    return (
        f'SELECT max({latest})::date AS seen FROM "{model._meta.db_table}" x '  # noqa: S608
        f"WHERE x.course_id = {_JOURNEY}.course_id AND x.\"on\" <> '' AND NOT x.in_error{more}"
    )


_PARTS = (
    *(_entries(model) for model in _SEEN),
    _entries(ContactAttempt, " AND x.reached"),
    # A dose that was corrected away shows nobody.
    f'SELECT max(x.given_on) FROM "{Dose._meta.db_table}" x '  # noqa: S608
    f"WHERE x.course_id = {_JOURNEY}.course_id AND NOT EXISTS "
    f'(SELECT FROM "{Dose._meta.db_table}" later WHERE later.replaces_id = x.id)',
    f'SELECT max(x.done_on) FROM "{Reminder._meta.db_table}" x '  # noqa: S608
    f"WHERE x.course_id = {_JOURNEY}.course_id AND {SEEN_BY_REMINDER}",
)
_AFTER = f"{_JOURNEY}.stage IN ('{Stage.INFUSION}', '{Stage.FOLLOW_UP}')"


def beside_journey(course: int, patient: int) -> dict[str, Any]:
    """What the query of the journey of a course of `patient` brings along."""
    earlier = Anchor.objects.filter(
        kind=AnchorKind.INFUSION, actual_on__isnull=False, course__patient=patient,
        course__error_cause="", course__lt=course,
    )  # fmt: skip
    counted = earlier.order_by().values("kind").annotate(number=Count("pk")).values("number")
    others = Journey.objects.filter(
        course__patient=patient, course__error_cause="", active=True
    ).exclude(Q(course=course) | Q(stage=Stage.FOLLOW_UP.value))
    return {
        "other_under_way": Exists(others),
        "seen_on": _seen_on(),
        "attempts_on": _attempts_on(),
        "prior_infusions": Coalesce(Subquery(counted), 0),
    }


def _seen_on() -> RawSQL:
    """The last day that results, doses, visits or an answered call show, once infused."""
    return RawSQL(  # noqa: S611 - no input of anybody
        f"CASE WHEN {_AFTER} THEN (SELECT max(seen) FROM ({' UNION ALL '.join(_PARTS)}) s) END",  # noqa: S608
        (),
        output_field=DateField(),
    )


def _attempts_on() -> RawSQL:
    """The days on which the patient was not reached, as an array of dates."""
    return RawSQL(  # noqa: S611
        f'CASE WHEN {_AFTER} THEN ARRAY(SELECT x."on"::date FROM '  # noqa: S608
        f'"{ContactAttempt._meta.db_table}" x '
        f"WHERE x.course_id = {_JOURNEY}.course_id AND NOT x.reached AND NOT x.in_error "
        "ORDER BY 1) END",
        (),
    )
