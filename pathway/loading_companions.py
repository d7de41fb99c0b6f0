"""The companions of a course, whatever their machine: one row each, read in one query."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cache
from typing import Any

from django.db import connection

from audit.prepared import ask
from pathway.domain.doses import DoseFacts
from pathway.domain.facts import LOST_PRODUCT, CompanionFacts
from pathway.domain.paper_facts import NO_PAPERS, PaperFacts
from pathway.loading_anchors import planned_infusion
from pathway.loading_doses import doses_by_companion, last_given_sql
from pathway.loading_papers import Papers
from pathway.models import (
    ApheresisAttempt,
    BridgingCourse,
    Change,
    Companion,
    ContainmentTherapy,
    EligibilityReview,
    Lymphodepletion,
    Product,
)
from pathway.standing import latest_steps, standing_changes
from patients.models import Anchor, Course

MODELS: dict[str, type[Companion]] = {
    "eligibility": EligibilityReview,
    "containment": ContainmentTherapy,
    "apheresis": ApheresisAttempt,
    "product": Product,
    "bridging": BridgingCourse,
    "lymphodepletion": Lymphodepletion,
}
# Begins the cause of the steps of a lymphodepletion told as begun once another was opened.
BESIDE = "beside:"
# What names a companion among its kind, for the page and the audit.
_TITLE = {
    "containment": "drug",
    "bridging": "drug",
    "product": "order_number",
    "lymphodepletion": "regimen",
}
# What only one machine has, empty elsewhere.
_EXTRA_DAYS = ("last_dose_on", "expected_on", "expires_on", "review_on")


@dataclass(frozen=True)
class CompanionRow:
    """One companion of a course, whatever its machine, with the dates it reached its states."""

    machine: str
    pk: int
    state: str
    state_since: date
    planned_on: date | None
    title: str
    drug_class: str
    last_dose_on: date | None
    expected_on: date | None
    expires_on: date | None
    review_on: date | None = None
    din: str = ""
    last_given_on: date | None = None  # from its doses
    reached: Mapping[str, date] = field(default_factory=dict)
    transcribed: frozenset[str] = frozenset()
    undated: frozenset[str] = frozenset()
    came_from: str = ""
    followed: bool = False
    answered: frozenset[str] = frozenset()
    entered_at: datetime | None = None
    since_at: datetime | None = None
    before_at: datetime | None = None
    returned_at: datetime | None = None
    beside: bool = False
    papers: PaperFacts = NO_PAPERS
    doses: tuple[DoseFacts, ...] = ()

    def expired(self, on: date) -> bool:
        """Whether it is a product past its date that nobody has used or lost yet."""
        over = self.state in LOST_PRODUCT or self.state == "infused"
        return self.expires_on is not None and on > self.expires_on and not over

    @property
    def known_since(self) -> date | None:
        """Since when it is in its state; None where nobody knows."""
        return None if self.state in self.undated else self.state_since

    @property
    def last_dose(self) -> date | None:
        """The last day on which something was given, from the doses or as it was said."""
        known = [on for on in (self.last_dose_on, self.last_given_on) if on is not None]
        return max(known, default=None)

    @property
    def facts(self) -> CompanionFacts:
        """The part of it that guards may see."""
        return CompanionFacts(
            pk=self.pk,
            state=self.state,
            reached=self.reached,
            planned_on=self.planned_on,
            title=self.title,
            drug_class=self.drug_class,
            last_dose_on=self.last_dose_on,
            expires_on=self.expires_on,
            din=self.din,
            transcribed=self.transcribed,
            undated=self.undated,
            doses=self.doses,
            came_from=self.came_from,
            followed=self.followed,
            answered=self.answered,
            entered_at=self.entered_at,
            since_at=self.since_at,
            before_at=self.before_at,
            returned_at=self.returned_at,
            beside=self.beside,
            papers=self.papers,
        )


def load_companions(
    course: Course,
    changes: tuple[Change, ...],
    recorded: Mapping[int, datetime],
    anchors: tuple[Anchor, ...],
    papers: Papers,
) -> tuple[CompanionRow, ...]:
    """The companions of one course with their history, from its changes as they stand now.

    `recorded` says when the step at each place was first recorded.
    """
    last: dict[tuple[str, int], dict[str, Change]] = defaultdict(dict)
    for change in standing_changes(changes):
        if change.subject_id is not None:
            last[change.machine, change.subject_id][change.target] = change
    rows = companions_of([course.pk]).get(course.pk, ())
    doses = doses_by_companion(course, planned_infusion(anchors))
    ways = latest_steps(changes, recorded)
    return tuple(
        replace(
            _with_history(row, last[key]),
            doses=doses.get(key, ()),
            papers=papers.get(key, NO_PAPERS),
            **ways.get(key, {}),
        )
        for row in rows
        for key in [(row.machine, row.pk)]
    )


def _with_history(row: CompanionRow, last: Mapping[str, Change]) -> CompanionRow:
    """`row` with the days of its states, from the last change into each."""
    return replace(
        row,
        reached={state: on for state, c in last.items() if (on := c.known_on) is not None},
        transcribed=frozenset(state for state, c in last.items() if c.transcribed),
        undated=frozenset(state for state, c in last.items() if c.known_on is None),
        beside=any(c.cause.startswith(BESIDE) for c in last.values()),
    )


def companions_of(course_ids: Collection[int]) -> dict[int, tuple[CompanionRow, ...]]:
    """The companions of several courses, oldest first, in one query.

    One UNION ALL over the six tables: the page needs all of them, the lock wants it short.
    """
    found: dict[int, list[CompanionRow]] = defaultdict(list)
    for course_id, *values in _companion_rows(list(course_ids)):
        found[course_id].append(CompanionRow(*values))
    return {course_id: tuple(rows) for course_id, rows in found.items()}


def _companion_rows(course_ids: list[int]) -> list[tuple[Any, ...]]:
    """One course is asked for at every move, many with a plan for as many as they are."""
    if len(course_ids) == 1:
        return ask(_companions_sql("%s"), course_ids * len(MODELS))
    with connection.cursor() as cursor:
        cursor.execute(_companions_sql("ANY(%s)"), [course_ids] * len(MODELS))
        return list(cursor.fetchall())


@cache
def _companions_sql(courses: str) -> str:
    parts = " UNION ALL ".join(_uniform(name, model, courses) for name, model in MODELS.items())
    return f"{parts} ORDER BY machine, id"


def _uniform(name: str, model: type[Companion], courses: str) -> str:
    """The columns of CompanionRow for one machine, empty where its table lacks one."""
    have = {field_.column for field_ in model._meta.concrete_fields}
    title = _TITLE.get(name, "''")
    drug_class = "drug_class" if "drug_class" in have else "''"
    days = [day if day in have else f"NULL::date AS {day}" for day in _EXTRA_DAYS]
    days.append("din" if "din" in have else "''::varchar AS din")
    days.append(last_given_sql(name, model._meta.db_table))
    # Every name stands in our own models; the courses are a parameter.
    return (
        f"SELECT course_id, '{name}' AS machine, id, state, state_since, planned_on, "  # noqa: S608
        f"{title} AS title, {drug_class} AS drug_class, {', '.join(days)} "
        f'FROM "{model._meta.db_table}" WHERE course_id = {courses}'
    )
