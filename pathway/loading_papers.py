"""The latest papers of a course's companions, as guards see them, in one query."""

import json
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection

from pathway.domain.paper_facts import OOS_PARTS, PaperFacts
from pathway.models import Administration, Certificate, OosRecord, OosSignature, Product

_LATEST = "WHERE t.product_id = p.id ORDER BY t.id DESC LIMIT 1"
_PARTS = ", ".join(f"'{part}', t.{part}" for part in OOS_PARTS)
# Every name stands in our own models; the course is a parameter.
_SQL = f"""
SELECT p.id,
  (SELECT jsonb_build_object('kg', t.dose_per_kg::text, 'total', t.dose_total::text)
     FROM {Certificate._meta.db_table} t {_LATEST}),
  (SELECT jsonb_build_object('signed', ARRAY(
        SELECT s.capacity FROM {OosSignature._meta.db_table} s WHERE s.record_id = t.id),
      {_PARTS})
     FROM {OosRecord._meta.db_table} t {_LATEST}),
  (SELECT (EXTRACT(EPOCH FROM t.infusion_started_at - t.thaw_ended_at) / 60)::int
     FROM {Administration._meta.db_table} t {_LATEST})
FROM {Product._meta.db_table} p WHERE p.course_id = %s
"""  # noqa: S608


def papers_of(course_id: int) -> dict[tuple[str, int], PaperFacts]:
    """The papers of each companion that has any, by machine and id."""
    with connection.cursor() as cursor:
        cursor.execute(_SQL, [course_id])
        return {("product", pk): _facts(*papers) for pk, *papers in cursor.fetchall()}


def _facts(certificate: Any, oos: Any, minutes: int | None) -> PaperFacts:
    doses, parts = _read(certificate), _read(oos)
    return PaperFacts(
        certified=bool(doses),
        dose_per_kg=_decimal(doses.get("kg")),
        dose_total=_decimal(doses.get("total")),
        oos_recorded=bool(parts),
        oos_dates=tuple(_date(parts.get(part)) for part in OOS_PARTS),
        oos_signed=frozenset(parts.get("signed", ())),
        thaw_ended_minutes=minutes,
    )


def _read(found: Any) -> dict[str, Any]:
    if found is None:
        return {}
    value: dict[str, Any] = json.loads(found) if isinstance(found, str) else found
    return value


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _date(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
