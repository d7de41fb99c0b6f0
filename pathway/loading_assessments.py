"""What was assessed of a course, its papers and weights, for its facts: one query for all."""

import json
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from audit.prepared import ask
from pathway.domain.assessments import Assessments, GateEntry, ItemEntry, MeetingEntry
from pathway.domain.charted import ChartResult
from pathway.loading_papers import PAPERS_SQL, Papers, paper_facts
from patients.domain.body import Measure
from patients.domain.lab_values import Reading
from patients.models import Correction, LabResult
from patients.models.corrections import CorrectionKind
from patients.results import HEIGHT, WEIGHT
from terms.day_numbers import local_date

_RESULTS = 20  # of each analyte: as far as a move is entered late
# What was replaced by a later row no longer counts. A result that was brought back came then: who
# recorded a check while it was marked as an error has not seen it. The parts share columns by
# position: kind, id, review or round, code, gate, word, value, day, moment, by, reason, extra.
_SQL = f"""
SELECT 'item' AS kind, e.id, e.review_id, e.item, '', e.step, e.value, e."on", e.recorded_at,
       u.username, e.reason, NULL::jsonb
  FROM pathway_eligibilityentry e JOIN accounts_user u ON u.id = e.recorded_by_id
 WHERE e.course_id = %(course)s
   AND NOT EXISTS (SELECT 1 FROM pathway_eligibilityentry l WHERE l.replaces_id = e.id)
UNION ALL
SELECT 'gate', e.id, e.round, e.check_code, e.gate, e.outcome, e.value, NULL::date, e.checked_at,
       u.username, e.remark,
       jsonb_build_object('recorded_at', e.recorded_at, 'replaces', e.replaces_id)
  FROM pathway_gateentry e JOIN accounts_user u ON u.id = e.recorded_by_id
 WHERE e.course_id = %(course)s
   AND NOT EXISTS (SELECT 1 FROM pathway_gateentry l WHERE l.replaces_id = e.id)
UNION ALL
SELECT 'meeting', e.id, e.review_id, '', '', e.vote, e.minutes, e.held_on, e.recorded_at,
       u.username, e.reason, jsonb_build_object(
         'counts', jsonb_build_array(e.in_favour, e.against, e.abstained),
         'participants', e.participants, 'review_on', e.review_on,
         'signed_by', coalesce(s.username, ''))
  FROM pathway_meeting e JOIN accounts_user u ON u.id = e.recorded_by_id
  LEFT JOIN accounts_user s ON s.id = e.signed_by_id
 WHERE e.course_id = %(course)s
   AND NOT EXISTS (SELECT 1 FROM pathway_meeting l WHERE l.replaces_id = e.id)
UNION ALL
SELECT lower(w.analyte), w.id, 0, '', '', '', w.value::text, w."on"::date, NULL::timestamptz, '',
       '', NULL::jsonb
  FROM {LabResult._meta.db_table} w
 WHERE w.course_id = %(course)s AND w.analyte IN ('{WEIGHT}', '{HEIGHT}') AND w.value IS NOT NULL
   AND w.comparator = '' AND length(w."on") = 10 AND NOT w.in_error
UNION ALL
SELECT 'result', r.id, 0, r.analyte, r.unit, r.result, r.comparator, r."on"::date,
       greatest(r.recorded_at, (SELECT max(c.corrected_at) FROM {Correction._meta.db_table} c
          WHERE c.course_id = r.course_id AND c.fact = 'lab' AND c.fact_id = r.id
            AND c.kind = '{CorrectionKind.BROUGHT_BACK.value}')),
       coalesce(r.value::text, ''), r.typed, NULL::jsonb
  FROM (SELECT x.*, row_number() OVER (PARTITION BY x.analyte ORDER BY x."on" DESC, x.id DESC) AS n
          FROM {LabResult._meta.db_table} x
         WHERE x.course_id = %(course)s AND x.analyte = ANY(%(analytes)s)
           AND length(x."on") = 10 AND NOT x.in_error) r
 WHERE r.n <= {_RESULTS}
UNION ALL
SELECT 'paper', p.id, 0, '', '', '', '', NULL::date, NULL::timestamptz, '', '', {PAPERS_SQL}
  FROM pathway_product p WHERE p.course_id = %(course)s
 ORDER BY 1, 2
"""  # noqa: S608


def load_assessments(
    course_id: int, zone: ZoneInfo, analytes: Sequence[str]
) -> tuple[Assessments, Papers]:
    """What was assessed of a course and still stands, and the papers of each of its products.

    With the latest results of `analytes`, which gates are compared with.
    """
    rows = ask(_SQL, {"course": course_id, "analytes": list(analytes)})
    assessed = Assessments(
        items=tuple(_item(*row[1:]) for row in rows if row[0] == "item"),
        gates=tuple(_gate(zone, *row[1:]) for row in rows if row[0] == "gate"),
        weights=tuple(sorted((_weight(*row[1:]) for row in rows if row[0] == "weight"), key=_day)),
        heights=tuple(sorted((_weight(*row[1:]) for row in rows if row[0] == "height"), key=_day)),
        results=tuple(_result(*row[1:]) for row in rows if row[0] == "result"),
        meetings=tuple(_meeting(*row[1:]) for row in rows if row[0] == "meeting"),
    )
    papers = {
        ("product", row[1]): paper_facts(json.loads(row[-1])) for row in rows if row[0] == "paper"
    }
    return assessed, papers


def _item(
    pk: int, review: int, code: str, _gate: str, step: str, value: str, on: date,
    _at: datetime, by: str, reason: str, _extra: Any,
) -> ItemEntry:  # fmt: skip
    return ItemEntry(pk, review, code, step, value, on, by, reason)


def _weight(
    _pk: int, _zero: int, _code: str, _gate: str, _word: str, value: str, on: date, *_rest: Any
) -> Measure:
    return Measure(Decimal(value), on)


def _result(
    _pk: int, _zero: int, analyte: str, unit: str, answer: str, comparator: str, on: date,
    at: datetime, value: str, typed: str, _extra: Any,
) -> ChartResult:  # fmt: skip
    number = Decimal(value) if value else None
    return ChartResult(analyte, Reading(number, unit, comparator, answer, on, typed), on, at)


def _day(measure: Measure) -> date:
    return measure.on


def _gate(
    zone: ZoneInfo, pk: int, number: int, check: str, gate: str, outcome: str, value: str,
    _on: Any, at: datetime, by: str, remark: str, extra: Any,
) -> GateEntry:  # fmt: skip
    found = json.loads(extra)
    recorded_at = datetime.fromisoformat(found["recorded_at"])
    return GateEntry(
        pk, gate, check, number, outcome, value, at, local_date(at, zone), by, recorded_at,
        local_date(recorded_at, zone), remark, found["replaces"],
    )  # fmt: skip


def _meeting(
    pk: int, review: int, _code: str, _gate: str, vote: str, minutes: str, on: date,
    at: datetime, by: str, reason: str, extra: Any,
) -> MeetingEntry:  # fmt: skip
    found = json.loads(extra)
    review_on = found["review_on"]
    in_favour, against, abstained = found["counts"]
    return MeetingEntry(
        pk, review, on, vote, (in_favour, against, abstained), found["participants"], minutes,
        reason, date.fromisoformat(review_on) if review_on else None, found["signed_by"], by, at,
    )  # fmt: skip
