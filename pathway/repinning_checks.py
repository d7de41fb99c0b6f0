"""What another version would weigh otherwise of a course: its items and the checks of its gates."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from pathway.domain.eligibility_items import COMPUTED
from pathway.domain.facts import CourseFacts
from pathway.domain.gate_rules import Gate
from pathway.domain.gates import checklist
from pathway.domain.review_guards import standings_of
from pathway.domain.spine import Stage
from pathway.gating import facts_before
from pathway.loading import CourseState
from pathway.passages import behind
from terms.words import Bilingual

EXPIRED = "expired"
_REVIEWED_AT = frozenset({Stage.REFERRAL.value, Stage.ELIGIBILITY.value})


@dataclass(frozen=True)
class CheckChange:
    """An item or check that comes (nothing before), goes (nothing after) or stands otherwise.

    `gate` is empty for an item of the review; `before` and `after` are a state of it, or EXPIRED.
    """

    gate: str
    code: str
    label: Bilingual
    before: str
    after: str


_Standing = dict[str, tuple[Bilingual, str]]


def check_changes(state: CourseState, moved: CourseState, now: datetime) -> Iterator[CheckChange]:
    """How items and checks would stand under the version of `moved`, where that differs.

    Only of what is still ahead: a gate that lies behind the course is not asked again.
    """
    for gate in Gate:
        if not behind(state, gate):
            before, after = (_checks(gate, facts_before(one, gate, now)) for one in (state, moved))
            yield from _differences(gate.value, before, after)
    if state.journey.stage in _REVIEWED_AT:
        before, after = (_items(facts_before(one, Gate.COLLECTION, now)) for one in (state, moved))
        yield from _differences("", before, after)


def _checks(gate: Gate, facts: CourseFacts) -> _Standing:
    return {one.check.code: (one.check.label, one.status.value) for one in checklist(gate, facts)}


def _items(facts: CourseFacts) -> _Standing:
    """Without what follows from the birth date: the label's ages are a refusal of their own."""
    return {
        one.item.code: (one.item.label, EXPIRED if one.expired else one.state.value)
        for one in standings_of(facts)
        if one.item.code not in COMPUTED
    }


def _differences(
    gate: str,
    before: Mapping[str, tuple[Bilingual, str]],
    after: Mapping[str, tuple[Bilingual, str]],
) -> Iterator[CheckChange]:
    for code, (label, was) in before.items():
        becomes = after.get(code, (label, ""))[1]
        if becomes != was:
            yield CheckChange(gate, code, label, was, becomes)
    for code, (label, becomes) in after.items():
        if code not in before:
            yield CheckChange(gate, code, label, "", becomes)
