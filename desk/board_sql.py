"""The board's three statements, written out: which courses get a card, and what the cards say.

Written by hand because the board is the page that everybody opens: building these through the ORM
took longer than the database took to answer them. `Narrowed` carries who may see what; a statement
without it cannot be asked.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from pathway.domain.spine import SPINE, Stage

FOLLOW_UP = "follow_up"
EARLIER = [
    stage.value for stage in Stage if stage not in SPINE.ends and stage is not Stage.FOLLOW_UP
]
# So many things of one course are due at once, mostly, and at the most.
_DUE_OF_ONE, _MOST_OF_ONE = 4, 12


@dataclass(frozen=True)
class Narrowed:
    """The active journeys of one centre, and a further condition on their courses when filtered.

    Made by desk.board.narrowed from what `visible_to` lets somebody see.
    """

    centre_id: int
    courses_sql: str = ""
    params: tuple[Any, ...] = ()

    @property
    def where(self) -> str:
        """The condition on `j`, with places for `values`."""
        inside = f" AND j.course_id IN ({self.courses_sql})" if self.courses_sql else ""
        return f"j.centre_id = %s AND j.active{inside}"

    @property
    def values(self) -> tuple[Any, ...]:
        """What fills the places of `where`."""
        return (self.centre_id, *self.params)


def counts(narrowed: Narrowed) -> dict[str, int]:
    """How many courses stand in each stage, each counted on the index alone."""
    return dict(
        _rows(
            f"""
            SELECT column_.stage, counted.courses FROM unnest(%s::text[]) AS column_(stage),
            LATERAL (SELECT count(*) AS courses FROM pathway_journey j
                     WHERE j.stage = column_.stage AND {narrowed.where}) counted
            """,  # noqa: S608
            ([*EARLIER, FOLLOW_UP], *narrowed.values),
        )
    )


def picks(
    narrowed: Narrowed, *, cards: int, today: date, soon: date, most: int
) -> tuple[list[int], list[int]]:
    """Ids of the courses standing longest in each earlier stage, and of those in follow-up that
    need something: held ones first, then by due date, at most `most`.

    The second is driven from the short lists of open holds and due reminders, not from everybody
    who is followed. Few reminders tell of enough courses, mostly; else it asks for more of them.
    """
    for each in (_DUE_OF_ONE, _MOST_OF_ONE):
        rows = _picked(narrowed, cards, today, soon, most, most * each)
        asking = dict.fromkeys(row[0] for row in rows if row[2] > 0)
        if len(asking) >= most or sum(row[2] == 2 for row in rows) < most * each:
            break
    return [row[0] for row in rows if row[2] == 0], list(asking)[:most]


def _picked(
    narrowed: Narrowed, cards: int, today: date, soon: date, most: int, reminders: int
) -> list[tuple[Any, ...]]:
    """Courses with a day and a rank, in that order: the first hold, `reminders` and `cards`."""
    # OFFSET 0 keeps the planner on the short list: else it hashes everybody who is followed.
    followed = (
        "CROSS JOIN LATERAL (SELECT FROM pathway_journey j WHERE j.course_id = x.course_id "
        f"AND j.stage = %s AND {narrowed.where} OFFSET 0) followed"
    )
    rows = _rows(
        f"""
        (SELECT longest.course_id, longest.stage_since AS at, 0 AS urgency
         FROM unnest(%s::text[]) AS column_(stage), LATERAL (
            SELECT j.course_id, j.stage_since FROM pathway_journey j
            WHERE {narrowed.where} AND j.stage = column_.stage
            ORDER BY j.stage_since LIMIT %s) longest)
        UNION ALL
        (SELECT x.course_id, x.began_on, 1 FROM patients_hold x {followed}
         WHERE x.ended_on IS NULL AND NOT x.in_error
         ORDER BY x.began_on LIMIT %s)
        UNION ALL
        (SELECT x.course_id, x.due_on, 2 FROM reminders_reminder x {followed}
         WHERE x.status IN ('open', 'snoozed') AND NOT x.provisional AND x.due_on <= %s
           AND (x.status = 'open' OR x.snoozed_until <= %s)
           AND (NOT x.minor OR x.window_end < %s)
         ORDER BY x.due_on, x.course_id LIMIT %s)
        """,  # noqa: S608
        (
            EARLIER, *narrowed.values, cards,
            FOLLOW_UP, *narrowed.values, most,
            FOLLOW_UP, *narrowed.values, soon, today, today, reminders,
        ),
    )  # fmt: skip
    return sorted(rows, key=lambda row: (row[2], row[1], row[0]))


def details(narrowed: Narrowed, course_ids: list[int], today: date) -> list[tuple[Any, ...]]:
    """The columns of desk.board.Standing for some courses."""
    return _rows(
        f"""
        SELECT j.course_id, j.stage, j.stage_since, c.code, c.product, c.protocol_id,
               p.family_name, p.given_name, c.coordinator_id, c.haematologist_id,
               a.actual_on, a.planned_on, coalesce(s.unit, ''),
               ARRAY(SELECT h.reason_code FROM patients_hold h
                     WHERE h.course_id = j.course_id AND h.ended_on IS NULL
                       AND NOT h.in_error
                     ORDER BY h.began_on, h.id),
               coalesce(d.item, ''), coalesce(d.ordinal, 0), coalesce(d.unsure, false), d.due_on,
               d.window_end, coalesce(d.label, ''), d.performed_on,
               c.transcribed_on IS NOT NULL AND coalesce(
                   (SELECT x.transcribed FROM pathway_change x
                    WHERE x.course_id = j.course_id AND x.machine = 'journey' AND x.target = j.stage
                    ORDER BY x.sequence DESC LIMIT 1), false),
               EXISTS (SELECT FROM patients_hold h
                       WHERE h.course_id = j.course_id AND h.ended_on IS NULL
                         AND NOT h.in_error AND h.step = 'infusion')
        FROM pathway_journey j
        JOIN patients_course c ON c.id = j.course_id
        JOIN patients_patient p ON p.id = c.patient_id
        LEFT JOIN patients_anchor a
          ON a.course_id = j.course_id AND a.kind = 'infusion' AND a.occurrence = 1
        LEFT JOIN patients_stay s
          ON s.course_id = j.course_id AND s.ended_on IS NULL AND NOT s.in_error
        LEFT JOIN LATERAL (
            SELECT r.item, r.ordinal, r.unsure, r.due_on, r.window_end, r.label, r.performed_on
            FROM reminders_reminder r
            WHERE r.course_id = j.course_id AND r.status IN ('open', 'snoozed')
              AND NOT r.provisional AND (r.status = 'open' OR r.snoozed_until <= %s)
            ORDER BY r.window_end >= %s, r.minor, r.due_on, r.id LIMIT 1) d ON true
        WHERE {narrowed.where} AND j.course_id = ANY(%s)
        """,  # noqa: S608
        (today, today, *narrowed.values, course_ids),
    )


def _rows(sql: str, params: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall())
