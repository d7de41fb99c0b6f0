"""What the cohort report asks about products, the bedside and deviations, one row a course.

Written out as the parts of `cohort_sql`.
"""

# A product that came to one of these has been in quality control, or in the centre's hands; one
# that was transcribed may begin there.
_IN_HAND = ("received", "quarantined", "stored", "thawing", "infused")
_CONTROLLED = (
    *("qc", "oos", "oos_accepted", "released", "shipped_to_site", "product_excursion"),
    *_IN_HAND,
)
_LOST = ("discarded", "wasted")
_OUT = ("oos", "oos_accepted")


def _any(targets: tuple[str, ...]) -> str:
    return "bool_or(x.target IN ({}))".format(", ".join(f"'{one}'" for one in targets))


# Steps that stand, with the day where it is known. Of several products the one released last.
PRODUCTS = f"""
WITH steps AS (
    SELECT x.course_id, x.subject_id,
        min(t.day) FILTER (WHERE x.target = 'at_manufacturer') AS arrived_on,
        max(t.day) FILTER (WHERE x.target = 'released') AS released_on,
        min(t.day) FILTER (WHERE x.target = 'received') AS received_on,
        bool_or(x.target = 'released') AS released,
        {_any(_CONTROLLED)} AS controlled, {_any(_OUT)} AS oos,
        {_any(_IN_HAND)} AS received, {_any(_LOST)} AS lost
    FROM pathway_change x JOIN ids ON ids.id = x.course_id
    CROSS JOIN LATERAL (
        SELECT CASE WHEN x.precision <> 'unknown' THEN x.happened_on END AS day) t
    WHERE x.machine = 'product'
      AND NOT EXISTS (SELECT FROM pathway_change n WHERE n.supersedes_id = x.id OFFSET 0)
    GROUP BY x.course_id, x.subject_id
),
made AS (
    SELECT s.course_id, count(*) FILTER (WHERE s.controlled) AS products_controlled,
        count(*) FILTER (WHERE s.oos) AS products_oos,
        count(*) FILTER (WHERE s.received) AS products_received,
        count(*) FILTER (WHERE s.received AND s.lost AND p.state IN ('discarded', 'wasted'))
            AS products_wasted
    FROM steps s JOIN pathway_product p ON p.id = s.subject_id GROUP BY s.course_id
),
released AS (
    SELECT DISTINCT ON (course_id) course_id, arrived_on, released_on FROM steps
    WHERE released ORDER BY course_id, released_on DESC NULLS LAST, subject_id DESC
),
given AS (
    SELECT DISTINCT ON (p.course_id) p.course_id, p.id, p.collection_id
    FROM pathway_product p JOIN ids ON ids.id = p.course_id
    WHERE p.state = 'infused' ORDER BY p.course_id, p.id DESC
),
arrived AS (
    SELECT g.course_id, s.received_on FROM given g JOIN steps s ON s.subject_id = g.id
),
collected AS (
    SELECT g.course_id, max(x.happened_on) AS material_on
    FROM given g JOIN pathway_change x
        ON x.course_id = g.course_id AND x.machine = 'apheresis' AND x.subject_id = g.collection_id
    WHERE x.target = 'in_progress' AND x.precision <> 'unknown'
      AND NOT EXISTS (SELECT FROM pathway_change n WHERE n.supersedes_id = x.id OFFSET 0)
    GROUP BY g.course_id
),
bags AS (
    SELECT DISTINCT ON (g.course_id) g.course_id,
        floor(extract(epoch FROM x.infusion_started_at - x.thaw_ended_at) / 60)::int
            AS thaw_minutes
    FROM given g JOIN pathway_administration x ON x.product_id = g.id
    ORDER BY g.course_id, x.id DESC
)
SELECT m.course_id, m.products_controlled, m.products_oos, m.products_received, m.products_wasted,
    r.course_id IS NOT NULL AS product_released, r.arrived_on AS material_arrived_on,
    r.released_on AS product_released_on, c.material_on, b.thaw_minutes,
    a.received_on AS product_received_on
FROM made m LEFT JOIN released r ON r.course_id = m.course_id
LEFT JOIN collected c ON c.course_id = m.course_id LEFT JOIN bags b ON b.course_id = m.course_id
LEFT JOIN arrived a ON a.course_id = m.course_id
"""  # noqa: S608 - of our own words
# Whether two people read the labels at the bedside and both found what was to be found; what went
# wrong with a product; and facts of a closed course that were put right afterwards.
KEPT_RIGHT = """
SELECT ids.id AS course_id,
    EXISTS (SELECT FROM pathway_identitycheck x WHERE x.course_id = ids.id AND x.kind = 'bedside'
        AND (SELECT count(DISTINCT s.person_id) FROM pathway_identityscan s
             WHERE s.check_of_id = x.id AND s.mismatches = '[]') = 2) AS bedside_checked,
    (SELECT count(*) FROM pathway_incident x JOIN pathway_product p ON p.id = x.product_id
     WHERE p.course_id = ids.id) AS incidents,
    (SELECT jsonb_agg(jsonb_build_array(c.category, c.number) ORDER BY c.category)
     FROM (SELECT x.category, count(*) AS number
           FROM pathway_incident x JOIN pathway_product p ON p.id = x.product_id
           WHERE p.course_id = ids.id GROUP BY x.category) c) AS incident_categories,
    EXISTS (SELECT FROM patients_correction x JOIN patients_course c ON c.id = x.course_id
        WHERE x.course_id = ids.id AND (x.corrected_at AT TIME ZONE ids.zone)::date > c.closed_on)
        AS corrected_late
FROM ids
"""
# Whole hours from the first check of CRS grade 2 or more, as it stands, to the first dose.
LATENCY = """
WITH graded AS (
    SELECT x.course_id, min(x.observed_at) AS at
    FROM ids JOIN toxicity_assessment x ON x.course_id = ids.id
    CROSS JOIN LATERAL (
        SELECT g.id, g.grade FROM toxicity_assessmentgrade g
        WHERE g.assessment_id = x.id AND g.scale = 'crs' ORDER BY g.id DESC LIMIT 1) g
    LEFT JOIN LATERAL (
        SELECT r.verdict, r.grade FROM toxicity_gradereview r WHERE r.of_id = g.id
        ORDER BY r.id DESC LIMIT 1) r ON true
    WHERE NOT x.baseline AND NOT x.withdrawn
      AND NOT EXISTS (SELECT FROM toxicity_assessment n WHERE n.replaces_id = x.id)
      AND EXISTS (SELECT FROM toxicity_episode e
                  WHERE e.course_id = ids.id AND e.scale = 'crs' AND e.peak >= 2)
      AND CASE WHEN coalesce(r.verdict, 'confirmed') = 'confirmed' THEN g.grade
          ELSE r.grade END >= 2
    GROUP BY x.course_id
),
first AS (
    SELECT x.course_id, min(x.given_at) AS at
    FROM toxicity_treatment x JOIN ids ON ids.id = x.course_id
    WHERE x.drug = 'tocilizumab' AND NOT x.withdrawn
      AND NOT EXISTS (SELECT FROM toxicity_treatment n WHERE n.replaces_id = x.id)
      AND (x.given_at AT TIME ZONE ids.zone)::date >= ids.zero - 1
    GROUP BY x.course_id
)
SELECT g.course_id, floor(extract(epoch FROM f.at - g.at) / 3600)::int AS latency_hours
FROM graded g JOIN first f ON f.course_id = g.course_id WHERE f.at >= g.at
"""
