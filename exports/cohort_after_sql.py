"""What the cohort report asks about what followed the infusion, one row a course.

Written out as the parts of `cohort_sql`. Only days count: what is known to the month is on no day.
"""

from toxicity.domain.b_cell_aplasia import RECOVERED_SAMPLES
from toxicity.domain.chart_values import MEASURES
from toxicity.domain.daily import GAP_DAYS
from toxicity.domain.given import BACTERIA, FOR_TOXICITY, OTHER, STEROIDS
from toxicity.domain.immunoglobulin import VERY_LOW
from toxicity.domain.neutropenia import SEVERE

# The windows of the definitions, in days from the infusion.
EARLY, LATER = 30, 100
RESPONSE_FIRST, RESPONSE_LAST = 25, 42  # day 28, three before to fourteen after
VIRUSES = ("cmv", "ebv", "hhv6")  # those that come back
_IN_BLOOD = ("blood", "catheter")
# The statement looks at the next sample only.
assert RECOVERED_SAMPLES == 2


def _words(values: "frozenset[str] | tuple[str, ...]") -> str:
    return ", ".join(f"'{value}'" for value in sorted(values))


def _in_unit(analyte: str) -> str:
    """The value of a row `x` in the unit of the scales; NULL for any other unit or out of range."""
    measure = MEASURES[analyte]
    whens = " ".join(f"WHEN '{unit}' THEN {factor}" for unit, factor in measure.factors.items())
    low, high = measure.span
    value = f"x.value * CASE x.unit {whens} END"
    return f"CASE WHEN {value} BETWEEN {low} AND {high} THEN {value} END"


STAYS = f"""
WITH ordered AS (
    SELECT x.*, ids.zero, ids.until,
        coalesce(lag(x.ended_by_transfer) OVER w, false) AS moved
    FROM patients_stay x JOIN ids ON ids.id = x.course_id
    WHERE NOT x.in_error AND ids.zero IS NOT NULL
    WINDOW w AS (PARTITION BY x.course_id ORDER BY x.began_on, x.id)
),
numbered AS (
    SELECT *, sum(CASE WHEN moved THEN 0 ELSE 1 END)
        OVER (PARTITION BY course_id ORDER BY began_on, id) AS visit
    FROM ordered
),
visits AS (
    SELECT course_id, zero, visit, min(began_on) AS began_on, bool_or(ended_on IS NULL) AS open,
        max(coalesce(ended_on, until)) AS until,
        bool_or(unit = 'icu' AND coalesce(ended_on, until) >= zero) AS intensive
    FROM numbered GROUP BY course_id, zero, visit
),
infusion AS (
    SELECT DISTINCT ON (course_id) * FROM visits WHERE began_on <= zero AND (open OR until >= zero)
    ORDER BY course_id, began_on DESC
)
SELECT i.course_id, i.until - i.began_on AS stay_days, i.open AS in_hospital, i.intensive,
    bool_or(v.began_on > i.until AND v.began_on <= i.zero + {EARLY}) AS readmitted
FROM infusion i JOIN visits v ON v.course_id = i.course_id
GROUP BY i.course_id, i.until, i.began_on, i.open, i.intensive
"""  # noqa: S608 - of our own words and numbers

EPISODES = f"""
SELECT x.course_id, x.scale, max(x.peak) AS grade, min(x.onset_on) - ids.zero AS onset_day,
    sum(x.last_on - x.onset_on + 1)::int AS duration_days,
    bool_or(x.ended_at IS NULL) AS ongoing,
    max(x.peak) FILTER (WHERE x.onset_on <= ids.zero + {EARLY}) AS early_grade
FROM toxicity_episode x JOIN ids ON ids.id = x.course_id
WHERE x.onset_on >= ids.zero GROUP BY x.course_id, x.scale, ids.zero
"""  # noqa: S608

# Whether somebody looked, and it could be graded: a grade of 0 needs that. CRS and ICANS are graded
# at nearly every check, so that one of the first few answers; IEC-HS at few.
_GRADED = """
x.course_id = ids.id AND NOT x.baseline AND NOT x.withdrawn
AND (g.grade IS NOT NULL OR EXISTS (SELECT FROM toxicity_gradereview r
                                    WHERE r.of_id = g.id AND r.grade IS NOT NULL))
AND NOT EXISTS (SELECT FROM toxicity_assessment n WHERE n.replaces_id = x.id)
"""
CHECKED = f"""
SELECT ids.id AS course_id, asked.scale
FROM ids CROSS JOIN unnest(ARRAY['crs', 'icans']) AS asked(scale)
WHERE ids.zero IS NOT NULL AND EXISTS (
    SELECT FROM toxicity_assessment x JOIN toxicity_assessmentgrade g ON g.assessment_id = x.id
    WHERE {_GRADED} AND g.scale = asked.scale OFFSET 0)
UNION ALL
SELECT DISTINCT ids.id, g.scale
FROM ids JOIN toxicity_assessment x ON x.course_id = ids.id
JOIN toxicity_assessmentgrade g ON g.assessment_id = x.id
WHERE {_GRADED} AND g.scale = 'iec_hs' AND ids.zero IS NOT NULL
"""  # noqa: S608

GIVEN = f"""
WITH treated AS (
    SELECT x.course_id, coalesce(sum(x.times) FILTER (WHERE x.drug = 'tocilizumab'), 0)::int
            AS tocilizumab_doses,
        bool_or(x.drug IN ({_words(STEROIDS)}) AND t.toxic) AS steroids,
        bool_or(x.drug = 'immunoglobulin') AS immunoglobulin,
        bool_or(t.dexamethasone) AS dexamethasone,
        CASE WHEN bool_and(x.unit IN ('mg', 'g') AND x.dose IS NOT NULL)
            FILTER (WHERE t.dexamethasone)
        THEN round(sum(x.times * x.dose * CASE x.unit WHEN 'g' THEN 1000 ELSE 1 END)
            FILTER (WHERE t.dexamethasone))::int END AS dexamethasone_mg
    FROM toxicity_treatment x JOIN ids ON ids.id = x.course_id
    CROSS JOIN LATERAL (SELECT x.purpose IN ({_words(FOR_TOXICITY)}) AS toxic,
        x.drug = 'dexamethasone' AND x.purpose IN ({_words(FOR_TOXICITY)}) AS dexamethasone) t
    WHERE NOT x.withdrawn AND (x.given_at AT TIME ZONE ids.zone)::date >= ids.zero
      AND NOT EXISTS (SELECT FROM toxicity_treatment n WHERE n.replaces_id = x.id)
    GROUP BY x.course_id
),
steroids AS (
    SELECT d.course_id, jsonb_object_agg(d.drug, d.mg) AS steroid_mg
    FROM (
        SELECT x.course_id, x.drug,
            CASE WHEN bool_and(x.unit IN ('mg', 'g') AND x.dose IS NOT NULL)
            THEN sum(x.times * x.dose * CASE x.unit WHEN 'g' THEN 1000 ELSE 1 END) END::text AS mg
        FROM toxicity_treatment x JOIN ids ON ids.id = x.course_id
        WHERE x.drug IN ({_words(STEROIDS)}) AND x.purpose IN ({_words(FOR_TOXICITY)})
          AND NOT x.withdrawn AND (x.given_at AT TIME ZONE ids.zone)::date >= ids.zero
          AND NOT EXISTS (SELECT FROM toxicity_treatment n WHERE n.replaces_id = x.id)
        GROUP BY x.course_id, x.drug
    ) d GROUP BY d.course_id
),
infected AS (
    SELECT x.course_id, array_agg(x.organism ORDER BY x.began_on, x.id) AS organisms,
        min(x.began_on) FILTER (WHERE x.site IN ({_words(_IN_BLOOD)})
            AND x.organism IN ({_words(BACTERIA)})) - min(ids.zero) AS bacteraemia_day,
        min(x.began_on) FILTER (WHERE x.site IN ({_words(_IN_BLOOD)})
            AND x.organism = '{OTHER}') - min(ids.zero) AS blood_unclear_day,
        min(x.began_on) FILTER (WHERE x.organism IN ({_words(VIRUSES)}))
            - min(ids.zero) AS virus_day
    FROM toxicity_infection x JOIN ids ON ids.id = x.course_id
    WHERE NOT x.withdrawn AND x.began_on >= ids.zero
      AND NOT EXISTS (SELECT FROM toxicity_infection n WHERE n.replaces_id = x.id)
    GROUP BY x.course_id
)
SELECT ids.id AS course_id, coalesce(t.tocilizumab_doses, 0) AS tocilizumab_doses,
    coalesce(t.steroids, false) AS steroids, coalesce(t.immunoglobulin, false) AS immunoglobulin,
    coalesce(t.dexamethasone, false) AS dexamethasone, t.dexamethasone_mg,
    coalesce(i.organisms, ARRAY[]::varchar[]) AS organisms, i.bacteraemia_day, i.blood_unclear_day,
    i.virus_day, s.steroid_mg
FROM ids LEFT JOIN treated t ON t.course_id = ids.id LEFT JOIN infected i ON i.course_id = ids.id
LEFT JOIN steroids s ON s.course_id = ids.id
WHERE ids.zero IS NOT NULL
"""  # noqa: S608

# As toxicity.domain.neutropenia counts: the lowest value of a day, gaps of up to GAP_DAYS filled on
# the straight line, longer ones unknown. `v`, `m` and `w`: a value, the days missing after it, and
# the next value; the line between them is below the limit on so many of these days.
_LOW_BETWEEN = f"""
CASE WHEN v < {SEVERE} AND w < {SEVERE} THEN m
     WHEN v < {SEVERE} THEN ceil(({SEVERE} - v) * (m + 1) / (w - v)) - 1
     WHEN w < {SEVERE} THEN m - floor((v - {SEVERE}) * (m + 1) / (v - w))
     ELSE 0 END
"""
NEUTROPENIA = f"""
WITH counts AS (
    SELECT x.course_id, x."on"::date - ids.zero AS day, {_in_unit("ANC")} AS v, x.comparator,
        least(ids.counted_days, ids.until - ids.zero) AS last
    FROM patients_labresult x JOIN ids ON ids.id = x.course_id
    WHERE x.analyte = 'ANC' AND NOT x.in_error AND ids.zero IS NOT NULL
      AND CASE WHEN length(x."on") = 10
          THEN x."on"::date BETWEEN ids.zero
               AND ids.zero + least(ids.counted_days, ids.until - ids.zero)
          ELSE false END
),
taken AS (
    SELECT course_id, day, last,
        CASE WHEN comparator = '' THEN v
             WHEN comparator = '<' AND v <= {SEVERE} THEN greatest(v - 0.000001, 0)
             WHEN comparator = '>' AND v >= {SEVERE} THEN v + 0.000001 END AS v
    FROM counts
),
daily AS (
    SELECT course_id, day, last, min(v) AS v FROM taken
    WHERE v IS NOT NULL GROUP BY course_id, day, last
),
spans AS (
    SELECT course_id, day, last, v, lead(day) OVER k - day - 1 AS m, lead(v) OVER k AS w,
        lag(day) OVER k IS NULL AS first
    FROM daily WINDOW k AS (PARTITION BY course_id ORDER BY day)
),
summed AS (
    SELECT course_id, last,
        sum((v < {SEVERE})::int
            + CASE WHEN first AND day <= {GAP_DAYS} AND v < {SEVERE} THEN day ELSE 0 END
            + CASE WHEN m IS NULL THEN
                CASE WHEN last - day <= {GAP_DAYS} AND v < {SEVERE} THEN last - day ELSE 0 END
              WHEN m BETWEEN 1 AND {GAP_DAYS} THEN {_LOW_BETWEEN} ELSE 0 END)::int AS days,
        sum(CASE WHEN first AND day > {GAP_DAYS} THEN day ELSE 0 END
            + CASE WHEN m > {GAP_DAYS} THEN m ELSE 0 END)::int AS unknown_before,
        max(CASE WHEN m IS NULL AND last - day > {GAP_DAYS} THEN last - day ELSE 0 END)
            AS unknown_after
    FROM spans GROUP BY course_id, last
),
unread AS (SELECT DISTINCT course_id FROM taken WHERE v IS NULL)
SELECT s.course_id, s.days AS neutropenic_days, s.unknown_before, s.unknown_after,
    u.course_id IS NOT NULL AS counts_unread
FROM summed s LEFT JOIN unread u ON u.course_id = s.course_id
"""  # noqa: S608

# As toxicity.domain.b_cell_aplasia: the lowest of a day; two samples in a row end it.
APLASIA = f"""
WITH counts AS (
    SELECT x.course_id, x."on"::date - ids.zero AS day, {_in_unit("CD19")} AS v, x.comparator,
        ids.threshold
    FROM patients_labresult x JOIN ids ON ids.id = x.course_id
    WHERE x.analyte = 'CD19' AND NOT x.in_error AND ids.zero IS NOT NULL
      AND CASE WHEN length(x."on") = 10 THEN x."on"::date BETWEEN ids.zero AND ids.until
          ELSE false END
),
told AS (
    SELECT course_id, day,
        CASE WHEN comparator = '' THEN v >= threshold
             WHEN comparator = '<' AND v <= threshold THEN false
             WHEN comparator = '>' AND v >= threshold THEN true END AS back
    FROM counts
),
daily AS (
    SELECT course_id, day, bool_and(back) AS back, bool_or(back IS NULL) AS unclear
    FROM told GROUP BY course_id, day
),
followed AS (
    SELECT *, lead(back) OVER k AS next_back,
        min(day) FILTER (WHERE NOT back) OVER (PARTITION BY course_id) AS start
    FROM daily WINDOW k AS (PARTITION BY course_id ORDER BY day)
)
SELECT course_id, min(start) AS aplasia_start,
    min(day) FILTER (WHERE back AND next_back AND day > start) AS aplasia_end,
    max(day) AS aplasia_seen, bool_or(unclear) AS aplasia_unclear
FROM followed GROUP BY course_id
"""  # noqa: S608

CHARTED = f"""
WITH ecog AS (
    SELECT DISTINCT ON (x.course_id) x.course_id, x.value::int AS ecog
    FROM patients_labresult x JOIN ids ON ids.id = x.course_id
    WHERE x.analyte = 'ECOG' AND NOT x.in_error AND length(x."on") = 10 AND x.comparator = ''
      AND x."on" > ids.zero::text
    ORDER BY x.course_id, x."on" DESC, x.id DESC
),
igg AS (
    SELECT x.course_id,
        CASE WHEN bool_or(t.low) THEN true WHEN bool_and(t.low IS NOT NULL) THEN false END AS low
    FROM patients_labresult x JOIN ids ON ids.id = x.course_id
    CROSS JOIN LATERAL (SELECT {_in_unit("IGG")} AS v) u
    CROSS JOIN LATERAL (SELECT
        CASE WHEN x.comparator = '' THEN u.v < {VERY_LOW}
             WHEN x.comparator = '<' AND u.v <= {VERY_LOW} THEN true
             WHEN x.comparator = '>' AND u.v >= {VERY_LOW} THEN false END AS low) t
    WHERE x.analyte = 'IGG' AND NOT x.in_error AND length(x."on") = 10
      AND x."on" >= ids.zero::text
    GROUP BY x.course_id
),
marrow AS (
    SELECT x.course_id,
        bool_or(x.remission IN ('cr', 'cri'))
            FILTER (WHERE t.due AND x.remission <> '') AS remission,
        bool_or(x.remission IN ('cr', 'cri') AND x.mrd = 'negative')
            FILTER (WHERE t.due AND x.remission <> ''
                    AND (x.mrd <> 'not_assessed' OR x.remission = 'none')) AS mrd_negative,
        min(x."on") FILTER (WHERE x.remission IN ('cr', 'cri'))::date AS remission_on
    FROM patients_marrowresult x JOIN ids ON ids.id = x.course_id
    CROSS JOIN LATERAL (SELECT x."on" BETWEEN (ids.zero + {RESPONSE_FIRST})::text
                        AND (ids.zero + {RESPONSE_LAST})::text AS due) t
    WHERE NOT x.in_error AND length(x."on") = 10 AND x."on" > ids.zero::text
    GROUP BY x.course_id
)
SELECT ids.id AS course_id, ecog.ecog, igg.low AS igg_low, marrow.remission, marrow.mrd_negative,
    marrow.remission_on
FROM ids LEFT JOIN ecog ON ecog.course_id = ids.id LEFT JOIN igg ON igg.course_id = ids.id
LEFT JOIN marrow ON marrow.course_id = ids.id WHERE ids.zero IS NOT NULL
"""  # noqa: S608
