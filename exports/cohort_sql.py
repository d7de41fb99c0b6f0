"""What the cohort report asks on the way to the infusion, one row a course.

Written out, because a chart is asked for a hundred things at once. Each part takes the courses from
IDS, `cohort_facts` joins the parts in one statement. OFFSET 0 keeps the planner from reading a
whole table for what an index tells of few rows.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection

from pathway.domain.spine import SPINE

Row = dict[str, Any]
# Still at referral, or ended there: never enrolled, whether or not a day of it is known.
_ENDS = ", ".join(f"'{stage.value}'" for stage in SPINE.ends)
_NOT_ENROLLED = f"(j.stage = 'referral' OR j.stage IN ({_ENDS}) AND j.left_stage = 'referral')"
_PROGRESSION = "('haematological', 'isolated', 'refractory')"


@dataclass(frozen=True)
class Chosen:
    """The courses of a cohort with what others are counted from, each list in the same order."""

    ids: list[int]
    infused: list[date | None]
    until: list[date]  # the last day of which anything can be known: today, or the death
    # None of a course whose protocol cannot be read:
    counted_days: list[int | None]  # the last day on which neutropenia is counted
    thresholds: list[Decimal | None]  # B-cell aplasia is below it
    today: date
    zone: str

    @property
    def params(self) -> list[Any]:
        """What fills the places of IDS."""
        told = (self.ids, self.infused, self.until, self.counted_days, self.thresholds)
        return [self.today, self.zone, *(written(values) for values in told)]


def written(values: Iterable[object]) -> str:
    """Numbers and dates as PostgreSQL reads an array; nothing in them needs quoting."""
    return f"{{{','.join('NULL' if value is None else str(value) for value in values)}}}"


# What every statement counts of: the chosen courses, and with each what it is counted from.
IDS = (
    "ids AS (SELECT t.*, %s::date AS today, %s::text AS zone "
    "FROM unnest(%s::bigint[], %s::date[], %s::date[], %s::int[], %s::numeric[]) "
    "AS t(id, zero, until, counted_days, threshold))"
)


def rows(sql: str, params: list[Any]) -> list[Row]:
    """The rows of a statement by the names of its columns."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, values, strict=True)) for values in cursor.fetchall()]


# Diagnosis, first line, transplants and the first relapse or progression after day 0. The first
# line is the earliest one with a date, or one without that was entered before it; what is dated
# after day 0 is none, and no transplant before it, whatever somebody ticked. Unclear is a
# relapse without an exact day; what can only be measured, and a molecular relapse, is none.
HISTORY = f"""
WITH diagnosed AS (
    SELECT DISTINCT ON (x.course_id) x.course_id, x.disease, x.ph_status, x.risk
    FROM patients_diagnosis x JOIN ids ON ids.id = x.course_id
    WHERE NOT x.in_error ORDER BY x.course_id, x."on", x.id
),
lines AS (
    SELECT x.*, min(x."on") FILTER (WHERE x."on" <> '')
                OVER (PARTITION BY x.course_id) AS first_on
    FROM patients_therapyline x JOIN ids ON ids.id = x.course_id
    WHERE NOT x.in_error AND coalesce(x."on" <= ids.zero::text, true)
),
first_line AS (
    SELECT DISTINCT ON (course_id) course_id, treatment, response FROM lines
    WHERE "on" = '' OR "on" = first_on ORDER BY course_id, id
),
transplants AS (
    SELECT x.course_id,
        string_agg(concat_ws(' ', nullif(x."on", ''), concat_ws(
            ', ', nullif(x.donor, ''), nullif(x.conditioning, ''))), '; '
            ORDER BY x."on", x.id) FILTER (WHERE NOT t.after) AS told,
        bool_or(NOT t.after) AS before,
        bool_or(t.after) AS after,
        min(CASE WHEN length(x."on") = 10 THEN x."on"::date END)
            FILTER (WHERE t.after) AS after_on,
        bool_or(t.after AND x.purpose = 'consolidation') AS consolidating
    FROM patients_transplant x JOIN ids ON ids.id = x.course_id
    CROSS JOIN LATERAL (SELECT x.after_infusion
        OR coalesce(x."on" > ids.zero::text, false) AS after) t
    WHERE NOT x.in_error AND x.kind = 'allo' GROUP BY x.course_id
),
found AS (
    SELECT x.course_id, x.id, x.cd19, x.after_infusion, ids.zero,
           CASE WHEN length(x."on") = 10 THEN x."on"::date END AS day,
           CASE WHEN x."on" <> '' THEN
               (x."on" || substr('YYYY-01-01', length(x."on") + 1))::date END AS first_day
    FROM patients_relapse x JOIN ids ON ids.id = x.course_id
    WHERE NOT x.in_error AND x.kind IN {_PROGRESSION} AND ids.zero IS NOT NULL
),
later AS (
    SELECT * FROM found
    WHERE after_infusion OR coalesce(day > zero, first_day > zero, false)
),
relapses AS (
    SELECT DISTINCT ON (course_id) course_id, day AS relapsed_on, cd19 AS relapse_cd19,
           bool_or(day IS NULL) OVER (PARTITION BY course_id) AS relapse_unclear
    FROM later ORDER BY course_id, day NULLS LAST, id
)
SELECT ids.id AS course_id, d.disease, d.ph_status, d.risk, l.treatment AS first_line,
       l.response, t.told AS allo_told, coalesce(t.before, false) AS allo_before,
       coalesce(t.after, false) AS allo_after, t.after_on AS allo_after_on,
       coalesce(t.consolidating, false) AS allo_consolidating,
       r.relapsed_on, r.relapse_cd19, coalesce(r.relapse_unclear, false) AS relapse_unclear
FROM ids LEFT JOIN diagnosed d ON d.course_id = ids.id
LEFT JOIN first_line l ON l.course_id = ids.id
LEFT JOIN transplants t ON t.course_id = ids.id
LEFT JOIN relapses r ON r.course_id = ids.id
"""  # noqa: S608 - of our own words
# The companions, the meeting, the gate's word about the disease, delays.
PATHWAY = """
WITH bridged AS (
    SELECT x.course_id,
        string_agg(DISTINCT x.drug, ', ') FILTER (
            WHERE x.state IN ('running', 'on_hold', 'closed', 'stopped_early')) AS drugs,
        bool_or(x.state = 'none') AS none
    FROM pathway_bridgingcourse x JOIN ids ON ids.id = x.course_id GROUP BY x.course_id
),
attempts AS (
    SELECT x.course_id,
        count(*) FILTER (WHERE x.state IN ('completed', 'adequate', 'inadequate')) AS ended,
        count(*) FILTER (WHERE x.state = 'adequate') AS adequate
    FROM pathway_apheresisattempt x JOIN ids ON ids.id = x.course_id GROUP BY x.course_id
),
products AS (
    SELECT x.course_id, count(*) FILTER (WHERE x.state <> 'cancelled') AS ordered,
        count(*) FILTER (WHERE x.state IN ('failed', 'rejected')) AS failed
    FROM pathway_product x JOIN ids ON ids.id = x.course_id GROUP BY x.course_id
),
depleted AS (
    SELECT x.course_id, bool_or(x.state = 'complete') AS complete
    FROM pathway_lymphodepletion x JOIN ids ON ids.id = x.course_id GROUP BY x.course_id
),
doses AS (
    SELECT x.course_id, max(x.given_on) AS last_on
    FROM pathway_dose x JOIN ids ON ids.id = x.course_id
    WHERE x.machine = 'lymphodepletion' AND x.given_on IS NOT NULL
      AND NOT EXISTS (SELECT FROM pathway_dose n WHERE n.replaces_id = x.id OFFSET 0)
    GROUP BY x.course_id
),
decided AS (
    SELECT x.course_id, max(x.held_on) AS accepted_on
    FROM pathway_meeting x JOIN ids ON ids.id = x.course_id
    WHERE x.vote = 'accepted' AND x.signed_at IS NOT NULL
      AND NOT EXISTS (SELECT FROM pathway_meeting n WHERE n.replaces_id = x.id)
    GROUP BY x.course_id
),
status AS (
    SELECT DISTINCT ON (x.course_id) x.course_id, x.value
    FROM pathway_gateentry x JOIN ids ON ids.id = x.course_id
    WHERE x.check_code = 'disease_status' AND x.gate = 'lymphodepletion'
      AND x.outcome = 'met'
      AND NOT EXISTS (SELECT FROM pathway_gateentry n WHERE n.replaces_id = x.id OFFSET 0)
    ORDER BY x.course_id, x.id DESC
),
earlier AS (
    SELECT DISTINCT ON (x.course_id) x.course_id, x.value
    FROM pathway_eligibilityentry x JOIN ids ON ids.id = x.course_id
    WHERE x.item = 'ALLO' AND x.step = 'resulted'
      AND NOT EXISTS (SELECT FROM pathway_eligibilityentry n WHERE n.replaces_id = x.id OFFSET 0)
    ORDER BY x.course_id, x.id DESC
),
held AS (
    SELECT x.course_id, count(*) AS holds
    FROM patients_hold x JOIN ids ON ids.id = x.course_id WHERE NOT x.in_error
    GROUP BY x.course_id
)
SELECT ids.id AS course_id, bridged.drugs AS bridging_drugs,
       coalesce(bridged.none, false) AS unbridged, attempts.ended AS attempts_ended,
       attempts.adequate AS attempts_adequate, products.ordered AS products_ordered,
       products.failed AS products_failed,
       coalesce(depleted.complete, false) AS depletion_complete,
       doses.last_on AS last_depletion_on, decided.accepted_on,
       status.value AS disease_status, earlier.value AS allo_item,
       coalesce(held.holds, 0) AS holds
FROM ids
LEFT JOIN bridged ON bridged.course_id = ids.id
LEFT JOIN attempts ON attempts.course_id = ids.id
LEFT JOIN products ON products.course_id = ids.id
LEFT JOIN depleted ON depleted.course_id = ids.id
LEFT JOIN doses ON doses.course_id = ids.id
LEFT JOIN decided ON decided.course_id = ids.id
LEFT JOIN status ON status.course_id = ids.id
LEFT JOIN earlier ON earlier.course_id = ids.id
LEFT JOIN held ON held.course_id = ids.id
"""


BASE = f"""
SELECT c.id AS course_id, c.code, c.product, c.protocol_id, c.referred_on, c.closed_on,
       c.transcribed_on,
       j.stage, j.left_stage, j.exit_reason, a.enrolled_on, a.collected_on,
       a.last_collected_on, a.infused_on, a.depleted_on, a.discharged_on,
       d.died_on, d.category AS death_category,
       extract(year FROM age(coalesce(a.infused_on, a.enrolled_on, c.referred_on),
                             p.birth_date))::int AS age
FROM patients_course c
JOIN pathway_journey j ON j.course_id = c.id
JOIN patients_patient p ON p.id = c.patient_id
LEFT JOIN (
    SELECT course_id,
           min(actual_on) FILTER (WHERE kind = 'enrolment') AS enrolled_on,
           min(actual_on) FILTER (WHERE kind = 'apheresis') AS collected_on,
           max(actual_on) FILTER (WHERE kind = 'apheresis') AS last_collected_on,
           max(actual_on) FILTER (WHERE kind = 'infusion') AS infused_on,
           max(actual_on) FILTER (WHERE kind = 'lymphodepletion') AS depleted_on,
           min(actual_on) FILTER (WHERE kind = 'discharge') AS discharged_on
    FROM patients_anchor WHERE course_id = ANY(%s) GROUP BY course_id
) a ON a.course_id = c.id
LEFT JOIN patients_death d ON d.patient_id = c.patient_id AND d.withdrawn_at IS NULL
WHERE c.id = ANY(%s) AND NOT {_NOT_ENROLLED}
ORDER BY c.id
"""  # noqa: S608 - of our own words


def base(ids: list[int]) -> list[Row]:
    """Every enrolled course of `ids`, with its days; ages in completed years."""
    return rows(BASE, [ids, ids])
