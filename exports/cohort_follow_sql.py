"""The statements of the cohort report on follow-up: when a patient was last seen, what was due.

Written out as those of `cohort_sql`.
"""

from exports.cohort_sql import IDS, Chosen, Row, rows

# Tables of the chart whose days show the patient, as in `pathway.loading_contact`.
_SEEN = (
    *("labresult", "marrowresult", "imagingresult", "csfresult", "caregivercheck", "consent"),
    *("relapse", "transplant"),
)
REGISTRY = "REG"  # items of the schedule that begin so are a registry's


def _charted(table: str, more: str = "") -> str:
    return (
        'SELECT x.course_id, max(x."on")::date AS seen '  # noqa: S608 - of our own words
        f"FROM patients_{table} x JOIN ids ON ids.id = x.course_id "
        f'WHERE NOT x.in_error AND length(x."on") = 10{more} GROUP BY x.course_id'
    )


_PARTS = " UNION ALL ".join(
    (
        *(_charted(table) for table in _SEEN),
        _charted("contactattempt", " AND x.reached"),
        "SELECT x.course_id, max(coalesce(x.ended_on, x.began_on)) FROM patients_stay x "
        "JOIN ids ON ids.id = x.course_id WHERE NOT x.in_error GROUP BY x.course_id",
        "SELECT x.course_id, (max(x.observed_at) AT TIME ZONE %s)::date FROM toxicity_assessment x "
        "JOIN ids ON ids.id = x.course_id WHERE NOT x.withdrawn AND NOT EXISTS "
        "(SELECT FROM toxicity_assessment n WHERE n.replaces_id = x.id) GROUP BY x.course_id",
        "SELECT x.course_id, max(x.done_on) FROM reminders_reminder x "
        "JOIN ids ON ids.id = x.course_id WHERE x.status = 'done' GROUP BY x.course_id",
    )
)
_CONTACT = f"""
WITH {IDS}
SELECT course_id, max(seen) AS seen_on FROM ({_PARTS}) seen GROUP BY course_id
"""  # noqa: S608

_TIMELY = f"""
WITH {IDS}
SELECT x.item, count(*) AS due,
    count(*) FILTER (WHERE x.status = 'done'
                     AND x.done_on BETWEEN x.window_start AND x.window_end) AS timely
FROM reminders_reminder x JOIN ids ON ids.id = x.course_id
WHERE x.status IN ('open', 'snoozed', 'done') AND NOT x.provisional AND NOT x.unsure
  AND x.made_by = '' AND x.closed_cause <> 'before_percorso' AND x.window_end < %s
GROUP BY x.item ORDER BY x.item
"""  # noqa: S608


def contact(chosen: Chosen, zone: str) -> list[Row]:
    """The last day on which results, visits, stays or an answered call show the patient."""
    return rows(_CONTACT, [*chosen.lists, zone])


def timely(chosen: Chosen) -> list[Row]:
    """Of each item of the schedule whose window has passed: how many were due and done in it."""
    return rows(_TIMELY, [*chosen.lists, chosen.today])
