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
MANY = 2000  # courses of more than which not every item of the schedule is counted


def _charted(table: str, more: str = "") -> str:
    return (
        'SELECT x.course_id, max(x."on")::date AS seen '  # noqa: S608 - of our own words
        f"FROM patients_{table} x WHERE x.course_id = ANY(%s::bigint[]) "
        f'AND NOT x.in_error AND length(x."on") = 10{more} GROUP BY x.course_id'
    )


_PARTS = (
    *(_charted(table) for table in _SEEN),
    _charted("contactattempt", " AND x.reached"),
    "SELECT x.course_id, max(coalesce(x.ended_on, x.began_on)) FROM patients_stay x "
    "WHERE x.course_id = ANY(%s::bigint[]) AND NOT x.in_error GROUP BY x.course_id",
    # Most rows of all are reminders: an index tells the latest of each course.
    "SELECT ids.id, r.done_on FROM unnest(%s::bigint[]) AS ids(id) CROSS JOIN LATERAL "
    "(SELECT x.done_on FROM reminders_reminder x "
    "WHERE x.course_id = ids.id AND x.status = 'done' ORDER BY x.done_on DESC LIMIT 1) r",
)
_CHECKED = (
    "SELECT x.course_id, (max(x.observed_at) AT TIME ZONE %s)::date FROM toxicity_assessment x "
    "WHERE x.course_id = ANY(%s::bigint[]) AND NOT x.withdrawn AND NOT EXISTS "
    "(SELECT FROM toxicity_assessment n WHERE n.replaces_id = x.id) GROUP BY x.course_id"
)
_CONTACT = (
    "SELECT course_id, max(seen) AS seen_on FROM "  # noqa: S608
    f"({' UNION ALL '.join((*_PARTS, _CHECKED))}) seen GROUP BY course_id"
)
_DUE = """
x.status IN ('open', 'snoozed', 'done') AND NOT x.provisional AND NOT x.unsure
AND x.made_by = '' AND x.closed_cause <> 'before_percorso' AND x.window_end < %s
"""
_COUNTED = """
count(*) AS due,
count(*) FILTER (WHERE x.status = 'done'
                 AND x.done_on BETWEEN x.window_start AND x.window_end) AS timely
"""
_TIMELY = f"""
WITH {IDS}
SELECT x.item, {_COUNTED} FROM reminders_reminder x JOIN ids ON ids.id = x.course_id
WHERE {_DUE} GROUP BY x.item ORDER BY x.item
"""  # noqa: S608
# The same for the items of registries only, few of the many that a course has.
_OF_REGISTRIES = f"""
WITH {IDS}
SELECT x.item, {_COUNTED} FROM ids CROSS JOIN LATERAL (
    SELECT * FROM reminders_reminder x WHERE x.course_id = ids.id
    AND x.item >= '{REGISTRY}' AND x.item < '{REGISTRY}~' OFFSET 0) x
WHERE x.item LIKE '{REGISTRY}%%' AND {_DUE} GROUP BY x.item ORDER BY x.item
"""  # noqa: S608


def contact(chosen: Chosen, zone: str) -> list[Row]:
    """The last day on which results, visits, stays or an answered call show the patient."""
    ids = chosen.lists[0]
    return rows(_CONTACT, [*[ids] * len(_PARTS), zone, ids])


def timely(chosen: Chosen) -> list[Row]:
    """Of each item of the schedule whose window has passed: how many were due and done in it.

    Of more than MANY courses those of the registries only.
    """
    asked = _TIMELY if len(chosen.ids) <= MANY else _OF_REGISTRIES
    return rows(asked, [*chosen.lists, chosen.today])
