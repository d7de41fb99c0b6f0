"""Grades that change calls on people though they stand as they are: the one before is another."""

from collections.abc import Iterable

from toxicity.checks import Check
from toxicity.domain.escalation import why_told
from toxicity.domain.rules import Escalation
from toxicity.domain.scales import SCALE_NAMES
from toxicity.walking import Regraded, Step

Row = tuple[int, str]  # a check and a scale


def stepped(
    rules: Escalation, were: Iterable[Check], now: Iterable[Step], *, but: Iterable[Row]
) -> list[Regraded]:
    """The grades of which people are told only now, or no longer, because of the step before.

    `were`: the checks as they stood; `but` names the rows that changed themselves.
    """
    before, changed = _before(were), set(but)
    found = []
    for step in now:
        row, grade = (step.check.assessment.pk, step.grade.scale), step.grade.grade
        if row in changed or row not in before:
            continue
        called = why_told(rules, step.grade.scale, before[row], grade)
        calls = why_told(rules, step.grade.scale, step.before, grade)
        if bool(called) != bool(calls):
            found.append(Regraded(step.check, step.grade, step.before, step.grade))
    return found


def _before(checks: Iterable[Check]) -> dict[Row, int | None]:
    """The grade before each, as the checks stood."""
    last: dict[str, int | None] = dict.fromkeys(SCALE_NAMES)
    found: dict[Row, int | None] = {}
    for check in sorted(checks, key=lambda one: one.place):
        for scale, grade in check.grades.items():
            found[check.assessment.pk, scale] = last[scale]
            if grade.grade is not None:
                last[scale] = grade.grade
    return found
