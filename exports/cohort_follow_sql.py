"""What the cohort report asks about follow-up: when a patient was last seen, what was due.

Written out as the parts of `cohort_sql`.
"""

from reminders.domain.seeing import SEEN_BY_REMINDER

# Tables of the chart whose days show the patient, as in `pathway.loading_contact`.
_SEEN = (
    *("labresult", "marrowresult", "imagingresult", "csfresult", "caregivercheck", "consent"),
    *("relapse", "transplant"),
)
REGISTRY = "REG"  # items of the schedule that begin so are a registry's
RECENT_YEARS = 5  # of which JACIE asks how complete the follow-up is


def _charted(table: str, more: str = "") -> str:
    return (
        'SELECT kin.id AS course_id, max(x."on")::date AS seen '  # noqa: S608 - of our own words
        f"FROM patients_{table} x JOIN kin ON kin.course_id = x.course_id "
        f'WHERE NOT x.in_error AND length(x."on") = 10{more} GROUP BY kin.id'
    )


_PARTS = (
    *(_charted(table) for table in _SEEN),
    _charted("contactattempt", " AND x.reached"),
    "SELECT kin.id, max(coalesce(x.ended_on, x.began_on)) FROM patients_stay x "
    "JOIN kin ON kin.course_id = x.course_id WHERE NOT x.in_error GROUP BY kin.id",
    # Most rows of all are reminders: an index tells the latest of each course.
    "SELECT kin.id, r.done_on FROM kin CROSS JOIN LATERAL "  # noqa: S608 - of our own words
    "(SELECT x.done_on FROM reminders_reminder x "
    f"WHERE x.course_id = kin.course_id AND {SEEN_BY_REMINDER} ORDER BY x.done_on DESC LIMIT 1) r",
    "SELECT kin.id, (max(x.observed_at) AT TIME ZONE min(kin.zone))::date "
    "FROM toxicity_assessment x JOIN kin ON kin.course_id = x.course_id WHERE NOT x.withdrawn "
    "AND NOT EXISTS (SELECT FROM toxicity_assessment n WHERE n.replaces_id = x.id) "
    "GROUP BY kin.id",
)
# The last day on which results, visits, stays or an answered call show the patient, in whichever
# course at this centre: a death ends each of them too.
CONTACT = (
    "WITH kin AS (SELECT ids.id, ids.zone, o.id AS course_id FROM ids "  # noqa: S608
    "JOIN patients_course c ON c.id = ids.id JOIN patients_course o "
    "ON o.patient_id = c.patient_id AND o.centre_id = c.centre_id "
    "AND (o.error_cause = '' OR o.id = c.id)) "
    "SELECT course_id, max(seen) AS seen_on FROM "
    f"({' UNION ALL '.join(_PARTS)}) seen GROUP BY course_id"
)
# Of the items of the schedule whose window has passed: how many were due and done in it, and those
# of registries in recent years, and item by item; and the next day after which a window has passed
# or is no longer recent. Course by course, by an index: together the database would read every
# reminder there is.
DUE = f"""
SELECT ids.id AS course_id, r.* FROM ids CROSS JOIN LATERAL (
    SELECT coalesce(sum(i.due), 0)::int AS items_due,
        coalesce(sum(i.timely), 0)::int AS items_timely,
        coalesce(sum(i.recent_due) FILTER (WHERE i.registry), 0)::int AS registry_due,
        coalesce(sum(i.recent_timely) FILTER (WHERE i.registry), 0)::int AS registry_timely,
        least(min(i.next_over), min(i.next_old) FILTER (WHERE i.registry)) AS next_over,
        jsonb_agg(jsonb_build_array(i.item, i.timely, i.due) ORDER BY i.item)
            FILTER (WHERE i.due > 0) AS items
    FROM (
        SELECT x.item, x.item LIKE '{REGISTRY}%%' AS registry,
            count(*) FILTER (WHERE t.over) AS due,
            count(*) FILTER (WHERE t.over AND t.timely) AS timely,
            count(*) FILTER (WHERE t.over AND t.recent) AS recent_due,
            count(*) FILTER (WHERE t.over AND t.recent AND t.timely) AS recent_timely,
            min(t.old_on) FILTER (WHERE t.over AND t.recent) AS next_old,
            min(x.window_end) FILTER (WHERE NOT t.over) AS next_over
        FROM reminders_reminder x
        CROSS JOIN LATERAL (
            SELECT (x.window_end + interval '{RECENT_YEARS} years')::date AS old_on) o
        CROSS JOIN LATERAL (SELECT x.window_end < ids.today AS over,
            o.old_on, o.old_on >= ids.today AS recent,
            x.status = 'done' AND x.done_on BETWEEN x.window_start AND x.window_end AS timely) t
        WHERE x.course_id = ids.id AND x.status IN ('open', 'snoozed', 'done')
          AND NOT x.provisional AND NOT x.unsure
          AND x.made_by = '' AND x.closed_cause <> 'before_percorso'
        GROUP BY x.item
    ) i
) r
"""  # noqa: S608 - of our own words
# Delays by reason: the days of those that are over, how many they are, and how many go on.
DELAYS = """
SELECT h.course_id,
    jsonb_agg(jsonb_build_array(h.reason_code, h.days, h.over, h.missing) ORDER BY h.reason_code)
        AS delays
FROM (
    SELECT x.course_id, x.reason_code,
        coalesce(sum(x.ended_on - x.began_on) FILTER (WHERE x.ended_on >= x.began_on), 0) AS days,
        count(*) FILTER (WHERE x.ended_on >= x.began_on) AS over,
        count(*) FILTER (WHERE x.ended_on IS NULL OR x.ended_on < x.began_on) AS missing
    FROM patients_hold x JOIN ids ON ids.id = x.course_id WHERE NOT x.in_error
    GROUP BY x.course_id, x.reason_code
) h GROUP BY h.course_id
"""
