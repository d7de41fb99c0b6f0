"""The statement of a file of timelines: names, days, words and cells made safe, by the database."""

from exports.union import ORDER
from exports.writers.csv import FORMULA_STARTS, NUMBER

_BLANKS = "".join(letter for letter in map(chr, range(0x3001)) if letter.isspace())
_STARTS = "".join(start for start in FORMULA_STARTS if not start.isspace())
_MONTH = "(19|20)[0-9][0-9]-(0[1-9]|1[0-2])"
_DAY = f"{_MONTH}-(0[1-9]|[12][0-9]|3[01])"
# The middle of a month and of a year: moved, they stay nearest to where they belong.
_HALF_A_MONTH, _HALF_A_YEAR = 14, 181


def safe(text: str) -> str:
    """`exports.writers.csv.harmless` in SQL: an apostrophe before what would start a formula.

    Looking at one letter is much cheaper than a pattern, which only few texts need.
    """
    return f"""
        CASE WHEN (strpos(E'\\t\\r\\n', left({text} || 'x', 1)) > 0
                OR strpos('{_STARTS}', left(ltrim({text}, '{_BLANKS}') || 'x', 1)) > 0)
            AND {text} !~ '^{NUMBER.pattern}$'
        THEN '''' || {text} ELSE {text} END"""


def moved(text: str) -> str:
    """A value where the dates of its course are moved: a date moves too, and none stays as it was.

    Days are added to the first of the month, so that nothing is refused for a day that never was.
    """
    first = f"(left({text}, 7) || '-01')::date"
    return f"""
        CASE WHEN k.shift_days = 0 OR {text} !~ '{_MONTH}' THEN {text}
            WHEN {text} ~ '^{_DAY}$'
            THEN ({first} + substr({text}, 9, 2)::int - 1 + k.shift_days)::text
            WHEN {text} ~ '^{_MONTH}$'
            THEN left(({first} + {_HALF_A_MONTH} + k.shift_days)::text, 7) END"""


_ORDER = ", ".join(f"r.{column}" for column in ORDER[1:])
# The subjects of labels that are nowhere but in the rows themselves.
SUBJECTS = "SELECT DISTINCT event_code, label FROM ({union}) AS r WHERE event_code = ANY(%s)"
# Its parameters in this order: what a file may tell, its words for what was not checked, the
# columns of the courses, those of the word tables, then what the union asks for.
COPY = f"""
COPY (
    WITH told AS (SELECT %s::boolean AS free_text, %s::boolean AS staff,
            %s::text AS transcribed, %s::text AS not_checked),
        k AS (SELECT * FROM unnest(%s::bigint[], %s::text[], %s::date[], %s::date[], %s::int[])
            AS k (course_id, code, infused_on, enrolled_on, shift_days)),
        plain AS (SELECT * FROM unnest(%s::text[], %s::text[], %s::boolean[])
            AS p (event_code, label, with_subject)),
        labels AS (SELECT * FROM unnest(%s::text[], %s::text[], %s::text[])
            AS l (event_code, subject, label)),
        choices AS (SELECT * FROM unnest(%s::text[], %s::text[]) AS c (subject, answer)),
        units AS (SELECT * FROM unnest(%s::text[], %s::text[]) AS u (subject, unit))
    SELECT k.code AS course,
        row_number() OVER (PARTITION BY r.course_id ORDER BY {_ORDER}) AS seq,
        r.event_code,
        CASE WHEN labels.label IS NOT NULL THEN labels.label
            WHEN NOT plain.with_subject OR r.label = '' THEN plain.label
            ELSE {safe("(plain.label || ': ' || r.label)")} END AS label,
        CASE WHEN k.shift_days = 0 THEN NULLIF(r.event_date, '')
            WHEN r.date_precision = 'day' THEN (r.sort_date + k.shift_days)::text
            WHEN r.date_precision = 'month'
            THEN left((r.sort_date + {_HALF_A_MONTH} + k.shift_days)::text, 7)
            WHEN r.date_precision = 'year'
            THEN left((r.sort_date + {_HALF_A_YEAR} + k.shift_days)::text, 4)
            END AS event_date,
        NULLIF(r.date_precision, '') AS date_precision,
        CASE WHEN r.date_precision = 'day' THEN r.sort_date - k.infused_on END AS "rel_day_D0",
        CASE WHEN r.date_precision = 'day' THEN r.sort_date - k.enrolled_on
            END AS rel_day_enrolment,
        CASE WHEN NOT r.identifying OR told.free_text OR choices.answer IS NOT NULL
            THEN NULLIF({safe(moved("r.value"))}, '') END AS value,
        NULLIF(COALESCE(CASE WHEN r.value <> '' THEN units.unit END, {safe("r.unit")}), '')
            AS unit,
        CASE r.source WHEN told.transcribed THEN told.not_checked
            ELSE NULLIF({safe("r.source")}, '') END AS source,
        CASE WHEN told.staff THEN NULLIF({safe("r.entered_by")}, '') END AS entered_by,
        to_char(timezone('UTC', r.entered_at) + make_interval(days => k.shift_days),
            'YYYY-MM-DD"T"HH24:MI:SS"+00:00"') AS entered_at
    FROM ({{union}}) AS r JOIN k USING (course_id) CROSS JOIN told
        JOIN plain ON plain.event_code = r.event_code
        LEFT JOIN labels ON labels.event_code = r.event_code AND labels.subject = r.label
        LEFT JOIN choices ON choices.subject = r.label AND choices.answer = r.value
        LEFT JOIN units ON units.subject = r.label
    ORDER BY r.course_id, {_ORDER}
) TO STDOUT WITH (FORMAT csv, FORCE_QUOTE (label, value, unit, source, entered_by))
"""  # noqa: S608 - only columns of our own
