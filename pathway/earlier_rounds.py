"""What was recorded of a gate in its earlier rounds and still stands: to be read and put right."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import Permission
from pathway.check_refusals import roles_for
from pathway.checklists import STATUS_WORDS, Row, shown_value
from pathway.domain.assessments import GateEntry, GateOutcome
from pathway.domain.facts import CourseFacts
from pathway.domain.gate_rules import Check, Gate
from pathway.domain.gates import earlier_rows


@dataclass(frozen=True)
class EarlierRow:
    """One row; texts and names only for who may read them."""

    entry: int
    number: int  # of the round
    code: str
    label: str
    word: str
    value: str
    at: datetime
    by: str
    remark: str
    may_correct: bool
    may_take_back: bool


def earlier_of(user: User, facts: CourseFacts, gate: Gate) -> list[EarlierRow]:
    """The rows of a gate's earlier rounds, the latest round first."""
    found = (
        _row(user, entry, check)
        for entry in earlier_rows(gate, facts).values()
        if (check := facts.rules.gates.check(gate, entry.check)) is not None
    )
    return sorted(found, key=lambda row: (-row.number, row.at))


def as_row(row: Row, earlier: Iterable[EarlierRow], entry: str) -> Row | None:
    """The row of a check, with what `entry` of an earlier round says of it; None for no such."""
    for one in earlier:
        if (str(one.entry), one.code) == (entry, row.code):
            return replace(
                row, entry=one.entry, waiver=None, word=one.word, value=one.value, at=one.at,
                may_correct=one.may_correct, may_take_back=one.may_take_back,
            )  # fmt: skip
    return None


def _row(user: User, entry: GateEntry, check: Check) -> EarlierRow:
    named = user.may(Permission.SEE_IDENTITY)
    value = shown_value(check.measure, entry.value, named) if check.measure else ""
    waived = entry.outcome == GateOutcome.WAIVED
    may = not user.roles.isdisjoint(roles_for(check, GateOutcome.WITHDRAWN, entry))
    return EarlierRow(
        entry=entry.pk,
        number=entry.round,
        code=entry.check,
        label=check.label.in_language(get_language() or "en"),
        word=_(STATUS_WORDS[entry.outcome]),
        value=value,
        at=entry.at,
        by=entry.by if named else "",
        remark=entry.remark if named else "",
        may_correct=may and not waived,
        may_take_back=may,
    )
