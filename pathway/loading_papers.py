"""The latest papers of a course's products, as guards see them."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from pathway.domain.custody import SHIPPED, STOPPING, Act
from pathway.domain.paper_facts import OOS_PARTS, PaperFacts
from pathway.models import Administration, Certificate, CustodyEntry, OosRecord, OosSignature, Order

Papers = Mapping[tuple[str, int], PaperFacts]  # by machine and id of the companion
_LATEST = "WHERE t.product_id = p.id ORDER BY t.id DESC LIMIT 1"
_PARTS = ", ".join(f"'{part}', t.{part}" for part in OOS_PARTS)
_CUSTODY = CustodyEntry._meta.db_table
_CODES = {name: ", ".join(f"'{code}'" for code in codes) for name, codes in STOPPING.items()}
_FAULTY = " OR ".join(
    [
        f"t.act IN ('{Act.EXCURSION}', '{Act.NOT_ACCEPTED}')",
        *(f"t.{name} IN ({codes})" for name, codes in _CODES.items()),
    ]
)
# What the statement of loading_assessments.py reads of the papers of a product `p`. Every name
# stands in our own models.
PAPERS_SQL = f"""
jsonb_build_object('certificate',
  (SELECT jsonb_build_object('kg', t.dose_per_kg::text, 'total', t.dose_total::text)
     FROM {Certificate._meta.db_table} t {_LATEST}),
  'oos', (SELECT jsonb_build_object('signed', ARRAY(
        SELECT s.capacity FROM {OosSignature._meta.db_table} s WHERE s.record_id = t.id),
      {_PARTS})
     FROM {OosRecord._meta.db_table} t {_LATEST}),
  'slot', (SELECT t.slot_on FROM {Order._meta.db_table} t
     WHERE t.product_id = p.id AND t.slot_on IS NOT NULL ORDER BY t.id DESC LIMIT 1),
  'thawed', (SELECT t.thaw_ended_at FROM {Administration._meta.db_table} t {_LATEST}),
  'began', (SELECT t.infusion_started_at FROM {Administration._meta.db_table} t {_LATEST}),
  'ended', (SELECT t.infusion_ended_at FROM {Administration._meta.db_table} t {_LATEST}),
  'given', (SELECT t.infusion_started_at IS NOT NULL AND t.infusion_ended_at IS NOT NULL
       AND t.volume_ml IS NOT NULL FROM {Administration._meta.db_table} t {_LATEST}),
  'minutes', (SELECT (EXTRACT(EPOCH FROM t.infusion_started_at - t.thaw_ended_at) / 60)::int
     FROM {Administration._meta.db_table} t {_LATEST}),
  'faults', (SELECT count(*) FROM {_CUSTODY} t
     WHERE t.product_id = p.id AND (t.cause = '' OR starts_with(t.cause, '{SHIPPED}'))
       AND ({_FAULTY}) AND NOT EXISTS
       (SELECT 1 FROM {_CUSTODY} n WHERE n.product_id = p.id AND n.about = t.number
          AND n.act = '{Act.DEVIATION}')))
"""  # noqa: S608


def paper_facts(found: Mapping[str, Any]) -> PaperFacts:
    """What guards may know, from what the statement read of one product."""
    doses, parts = found["certificate"] or {}, found["oos"] or {}
    return PaperFacts(
        certified=bool(doses),
        dose_per_kg=_decimal(doses.get("kg")),
        dose_total=_decimal(doses.get("total")),
        oos_recorded=bool(parts),
        oos_dates=tuple(_date(parts.get(part)) for part in OOS_PARTS),
        oos_signed=frozenset(parts.get("signed", ())),
        slot_on=_date(found["slot"]),
        thaw_ended_at=_moment(found["thawed"]),
        thaw_ended_minutes=found["minutes"],
        infusion_started_at=_moment(found["began"]),
        infusion_ended_at=_moment(found["ended"]),
        administered=bool(found["given"]),
        custody_faults=found["faults"],
    )


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _date(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
