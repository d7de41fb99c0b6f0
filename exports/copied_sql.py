"""The statement of a file of timelines: names, days, words and cells made safe, by the database."""

from exports.domain.typed_words import LEFT_OUT
from exports.union import ORDER
from exports.writers.csv import FORMULA_STARTS, NUMBER
from patients.timeline_columns import CORRECTED

_BLANKS = "".join(letter for letter in map(chr, range(0x3001)) if letter.isspace())
_STARTS = "".join(start for start in FORMULA_STARTS if not start.isspace())
_DAY = "(19|20)[0-9][0-9]-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
_DAY_IN_IT = "(19|20)[0-9][0-9]-[0-9][0-9]-[0-9][0-9]"
_PARTIAL = "(19|20)[0-9][0-9](-(0[1-9]|1[0-2]))?"


def safe(text: str) -> str:
    """`exports.writers.csv.harmless` in SQL: an apostrophe before what would start a formula.

    Looking at one letter is much cheaper than a pattern, which only few texts need: most begin with
    a digit or a letter, from 48 to 122 but for = and @.
    """
    return f"""
        CASE WHEN ascii({text}) BETWEEN 48 AND 122 AND ascii({text}) NOT IN (61, 64) THEN {text}
            WHEN (strpos(E'\\t\\r\\n', left({text} || 'x', 1)) > 0
                OR strpos('{_STARTS}', left(ltrim({text}, '{_BLANKS}') || 'x', 1)) > 0)
            AND {text} !~ '^{NUMBER.pattern}$'
        THEN '''' || {text} ELSE {text} END"""


def _cell(text: str) -> str:
    """A safe cell; nothing is asked of an empty one, as most are."""
    return f"CASE WHEN {text} <> '' THEN {safe(text)} END"


def moved(value: str) -> str:
    """A value where the dates of its course are moved, as `domain.pseudonyms.shifted_value` does.

    Days are added to the first of the month, so that nothing is refused for a day that never was.
    """
    first = f"(left({value}, 7) || '-01')::date"
    day = f"({first} + substr({value}, 9, 2)::int - 1)"
    return f"""
        CASE WHEN {value} = '' OR k.shift_days = 0
                OR strpos({value}, '-') = 0 AND r.event_code <> '{CORRECTED}'
            THEN {value}
            WHEN {value} ~ '^{_DAY}$'
            THEN CASE WHEN {day}::text = {value} THEN ({day} + k.shift_days)::text ELSE '' END
            WHEN {value} ~ '{_DAY_IN_IT}' THEN ''
            WHEN r.event_code = '{CORRECTED}' AND {value} ~ '^{_PARTIAL}$'
            THEN CASE WHEN length({value}) = 7 THEN {_year(first)} ELSE '' END
            ELSE {value} END"""


def _year(first: str) -> str:
    """The year of a whole moved month that falls into one; naming the month would tell how far."""
    last = f"(({first}) + interval '1 month' - interval '1 day')::date"
    begins, ends = (f"left((({day}) + k.shift_days)::text, 4)" for day in (first, last))
    return f"(CASE WHEN {begins} = {ends} THEN {begins} ELSE '' END)"


_MOVED_ON = f"""
    CASE WHEN k.shift_days = 0 THEN r.event_date
        WHEN r.date_precision = 'day' THEN (r.sort_date + k.shift_days)::text
        WHEN r.date_precision = 'month' THEN {_year("r.sort_date")} ELSE '' END"""
_PRECISION = f"""
    CASE WHEN k.shift_days = 0 OR r.date_precision = 'day' THEN r.date_precision
        WHEN r.date_precision = 'month' AND {_year("r.sort_date")} <> '' THEN 'year' ELSE '' END"""
# Of a moved row only the day of its entry, by the clock of the centre.
_ENTERED = """
    CASE WHEN k.shift_days = 0
        THEN to_char(timezone('UTC', r.entered_at), 'YYYY-MM-DD"T"HH24:MI:SS"+00:00"')
        ELSE (timezone(k.zone, r.entered_at)::date + k.shift_days)::text END"""
_SOURCE = """
    CASE WHEN r.source = '' THEN NULL WHEN r.source = told.transcribed THEN told.not_checked
        WHEN k.shift_days <> 0 AND r.source <> ALL (told.known_sources) THEN ''
        ELSE r.source END"""
# Asked only of the few rows that a file may not tell: a table joined to all of them takes longer.
_ANSWER = """
    (k.protocol_id, r.label, r.value) IN (SELECT protocol_id, subject, answer FROM choices)"""
# Of an item, a check or a reminder that no protocol has words for: as `labels.label_of` tells it.
_CODE = r"regexp_replace(r.label, '^((item|check)\.(.*\.)?|schedule\.)', '')"
_ORDER = ", ".join(f"r.{column}" for column in ORDER[1:])
# The subjects of labels that are nowhere but in the rows themselves; and each row that says what
# was treated as somebody typed it, with the course that it is of.
SUBJECTS = """
    SELECT DISTINCT event_code, label, CASE WHEN typed THEN course_id END AS course_id,
        CASE WHEN typed THEN value END AS value, CASE WHEN typed THEN unit END AS unit
    FROM (SELECT *, event_code = ANY(%s) AS typed FROM ({union}) AS r) AS r
    WHERE typed OR event_code = ANY(%s)"""
# Its parameters in this order: what a file may tell, its words for what was not checked, the
# columns of the courses, those of the word tables, the rows that tell who or when in typed words,
# the cells that are the same in every line.
# What rows are put in order by comes first: of columns of one length the place in a row is known.
COPY = f"""
COPY (
    WITH told AS (SELECT %s::boolean AS free_text, %s::boolean AS staff,
            %s::text AS transcribed, %s::text AS not_checked, %s::text[] AS known_sources),
        k AS (SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::date[],
                %s::date[], %s::int[]) WITH ORDINALITY
            AS k (course_id, protocol_id, code, zone, infused_on, enrolled_on, shift_days, place)),
        plain AS (SELECT * FROM unnest(%s::text[], %s::text[], %s::boolean[])
            AS p (event_code, label, with_subject)),
        labels AS (SELECT * FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[],
                %s::text[])
            AS l (protocol_id, event_code, subject, label, unit)),
        choices AS (SELECT * FROM unnest(%s::bigint[], %s::text[], %s::text[])
            AS c (protocol_id, subject, answer)),
        telling AS (SELECT * FROM unnest(%s::text[], %s::text[], %s::bigint[], %s::text[],
                %s::text[])
            AS t (event_code, label, course_id, value, unit))
    SELECT code AS course, seq, event_code,
        CASE WHEN known_label IS NOT NULL THEN known_label ELSE {safe("label")} END AS label,
        NULLIF(event_date, '') AS event_date, NULLIF(date_precision, '') AS date_precision,
        "rel_day_D0", rel_day_enrolment,
        {_cell("value")} AS value, {_cell("unit")} AS unit, {_cell("source")} AS source,
        {_cell("entered_by")} AS entered_by,
        entered_at{{same}}
    FROM (
        SELECT k.place, r.sort_date, r.entered_at AS entered, k.code, r.event_code,
            row_number() OVER in_order AS seq,
            CASE WHEN telling.label IS NOT NULL THEN plain.label || CASE
                    WHEN plain.with_subject AND r.label <> '' THEN ': {LEFT_OUT}' ELSE '' END
                WHEN labels.label IS NOT NULL THEN labels.label
                WHEN NOT plain.with_subject OR r.label = '' THEN plain.label END AS known_label,
            CASE WHEN COALESCE(telling.label, labels.label) IS NULL AND plain.with_subject
                THEN plain.label || ': ' || {_CODE} END AS label,
            {_MOVED_ON} AS event_date,
            {_PRECISION} AS date_precision,
            CASE WHEN r.date_precision = 'day' THEN r.sort_date - k.infused_on
                END AS "rel_day_D0",
            CASE WHEN r.date_precision = 'day' THEN r.sort_date - k.enrolled_on
                END AS rel_day_enrolment,
            CASE WHEN NOT r.identifying OR told.free_text OR {_ANSWER}
                THEN CASE WHEN telling.label IS NOT NULL AND r.value <> '' THEN '{LEFT_OUT}'
                    ELSE {moved("r.value")} END END AS value,
            CASE WHEN telling.label IS NOT NULL THEN NULL
                ELSE COALESCE(CASE WHEN r.value <> '' THEN labels.unit END, r.unit) END AS unit,
            {_SOURCE} AS source,
            CASE WHEN told.staff THEN r.entered_by END AS entered_by,
            {_ENTERED} AS entered_at
        FROM ({{union}}) AS r JOIN k USING (course_id) CROSS JOIN told
            JOIN plain ON plain.event_code = r.event_code
            LEFT JOIN labels ON labels.protocol_id = k.protocol_id
                AND labels.event_code = r.event_code AND labels.subject = r.label
            LEFT JOIN telling ON telling.course_id = r.course_id
                AND (telling.event_code, telling.label, telling.value, telling.unit)
                    IS NOT DISTINCT FROM (r.event_code, r.label, r.value, r.unit)
        WINDOW in_order AS (PARTITION BY k.place ORDER BY {_ORDER})
    ) AS shaped
    ORDER BY place, seq
) TO STDOUT WITH (FORMAT csv, FORCE_QUOTE (label, value, unit, source, entered_by))
"""  # noqa: S608 - only columns of our own
