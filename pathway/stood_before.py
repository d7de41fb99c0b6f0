"""What stood about an item or a check before somebody corrected it or took it back, in words."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import Permission
from pathway.checklists import STATUS_WORDS, Row, shown_value
from pathway.domain.assessments import GateOutcome, ItemStep
from pathway.domain.facts import CourseFacts
from pathway.domain.gate_rules import Gate
from pathway.domain.measures import Measure
from pathway.models import EligibilityEntry, GateEntry
from terms.words import N_

# Of a result only its value is told: how it was weighed follows from the threshold.
_RESULT = N_("Result")


@dataclass(frozen=True)
class Before:
    """One row that counts no more and what became of it; texts and names only for who may."""

    entry: int
    state: str
    word: str
    value: str
    remark: str
    by: str
    at: datetime
    taken_back: bool
    reason: str
    ended_by: str
    ended_at: datetime


def checks_before(
    user: User, facts: CourseFacts, course: int, gate: Gate, rows: Iterable[Row]
) -> tuple[Row, ...]:
    """The rows of a gate, each with what stood before it, in whatever round."""
    found, named = defaultdict(list), user.may(Permission.SEE_IDENTITY)
    for row in _replaced(GateEntry.objects.filter(course=course, gate=gate.value)):
        check = facts.rules.gates.check(gate, row.check_code)
        value = _value(check.measure if check else None, row.value, named)
        word, later = STATUS_WORDS[row.outcome], row.replaced_by
        found[row.check_code].append(
            Before(
                entry=row.pk,
                state=row.outcome,
                word=_(word),
                value=value,
                remark=row.remark if named else "",
                by=_name(row.recorded_by, named),
                at=row.checked_at,
                taken_back=later.outcome == GateOutcome.WITHDRAWN,
                reason=later.remark if named else "",
                ended_by=_name(later.recorded_by, named),
                ended_at=later.recorded_at,
            )
        )
    return tuple(replace(row, before=tuple(found[row.code])) for row in rows)


def items_before(user: User, facts: CourseFacts, rows: Iterable[Row]) -> tuple[Row, ...]:
    """The rows of the latest review, each with what stood before it."""
    found, named = defaultdict(list), user.may(Permission.SEE_IDENTITY)
    review = facts.review.pk if facts.review else None
    for row in _replaced(EligibilityEntry.objects.filter(review=review)):
        item, later = facts.rules.items.by_code.get(row.item), row.replaced_by
        word = _RESULT if row.step == ItemStep.RESULTED else STATUS_WORDS[row.step]
        found[row.item].append(
            Before(
                entry=row.pk,
                state=row.step,
                word=_(word),
                value=_value(item.measure if item else None, row.value, named),
                remark=row.reason if named else "",
                by=_name(row.recorded_by, named),
                at=row.recorded_at,
                taken_back=later.step == ItemStep.WITHDRAWN,
                reason=later.reason if named else "",
                ended_by=_name(later.recorded_by, named),
                ended_at=later.recorded_at,
            )
        )
    return tuple(replace(row, before=tuple(found[row.code])) for row in rows)


_Entry = TypeVar("_Entry", GateEntry, EligibilityEntry)


def _replaced(rows: QuerySet[_Entry]) -> QuerySet[_Entry]:
    """The rows that a later one took the place of, the latest first."""
    gone = rows.filter(replaced_by__isnull=False)
    return gone.select_related("recorded_by", "replaced_by__recorded_by").order_by("-pk")


def _value(measure: Measure | None, value: str, named: bool) -> str:
    """A kept value in words; of a check that the protocol no longer has, only for who may."""
    if measure is None:
        return value if named else ""
    return shown_value(measure, value, named)


def _name(person: User, named: bool) -> str:
    return person.get_full_name() if named else ""
