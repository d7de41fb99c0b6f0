"""How every check of a gate stands, and with what it refuses: one function for page and guard."""

from collections.abc import Container, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from pathway.domain.assessments import GateEntry, GateOutcome
from pathway.domain.charted import CODE as CHART
from pathway.domain.charted import Against
from pathway.domain.facts import CourseFacts
from pathway.domain.gate_facts import COMPUTED, Finding, Status
from pathway.domain.gate_rows import (
    CODE,
    age_of,
    cautioned,
    chart_against,
    refusal_of,
    too_old,
    weighed,
)
from pathway.domain.gate_rules import Check, Gate
from pathway.domain.machine_types import Checklist
from pathway.domain.refusing import soft
from terms.refusals import Refusal
from terms.words import N_

_PASSED = frozenset({Status.MET, Status.WAIVED, Status.NOT_APPLICABLE})
# What was in range or yielded grows old.
_FRESH = _PASSED | {Status.CAUTION}
# What the chart may speak against: what does not apply has said nothing of the patient.
_CHARTED = frozenset({Status.MET, Status.WAIVED, Status.CAUTION})
_ENDED = frozenset({"complete", "stopped"})
# Begin the codes of what is answered for its check, and asked by what the check says alone.
KEPT = (CODE, CHART)


@dataclass(frozen=True)
class CheckStanding:
    """One check: how it stands, what was found, where that comes from, how old it is."""

    check: Check
    status: Status
    value: str = ""  # as a person recorded it
    finding: Finding | None = None  # what was computed
    by: str = ""
    at: datetime | None = None
    on: date | None = None
    age: timedelta | None = None
    remark: str = ""
    entry: int | None = None
    waiver: int | None = None  # the waiver that lets it yield, or would once it is not met
    refusals: tuple[Refusal, ...] = ()
    against: Against | None = None  # what the chart says since

    @property
    def passed(self) -> bool:
        """Whether the check no longer stands in the way."""
        return self.status in _PASSED

    @property
    def who_may_waive(self) -> tuple[str, ...]:
        """Roles that may let it yield, on the page or with the move; empty means nobody."""
        if self.refusals:
            return tuple(dict.fromkeys(role for one in self.refusals for role in one.who_may))
        return self.check.waived_by


def round_of(gate: Gate, facts: CourseFacts) -> int:
    """Which time a gate is stood before: another collection, preparation or infusion asks anew."""
    if gate is Gate.DISCHARGE:
        return max(1, facts.infusions)
    if gate is Gate.COLLECTION:
        return max(1, len(facts.attempts))
    own = [d for d in facts.depletions if not d.beside]
    ended = sum(d.state in _ENDED for d in own)
    begun = sum(d.state in _ENDED or d.state == "in_progress" for d in own)
    if gate is Gate.INFUSION:
        return max(1, begun)
    opened = any(d.state in {"planned", "in_progress"} for d in facts.depletions)
    ahead = opened or facts.stage == "bridging" or _came_again(facts)
    return ended + 1 if ahead or not ended else ended


def _came_again(facts: CourseFacts) -> bool:
    """Whether the course came forward again since its last lymphodepletion began."""
    depletion, since = facts.depletion, facts.prepared_since
    begun = depletion.reached.get("in_progress") if depletion else None
    return since is not None and begun is not None and begun < since


def checklist(gate: Gate, facts: CourseFacts, *, ageing: bool = True) -> tuple[CheckStanding, ...]:
    """Every check of a gate as it stands, in the protocol's order.

    Without `ageing` as it would stand had no row grown old.
    """
    checks, entries = facts.rules.gates.by_gate[gate], rows_of(gate, facts)
    firm = {check.code for check in checks if not check.waived_by}
    answers = {e.check: e for e in sorted(entries, key=_when) if _is_answer(e, firm)}
    latest = _latest([entry for entry in entries if not _is_answer(entry, firm)])
    again = round_of(gate, facts) > 1
    return tuple(
        _answering(
            _standing(check, latest.get(check.code), gate, facts, ageing=ageing),
            answers,
            latest,
            facts,
        )
        if again or not check.repeat_only
        else CheckStanding(check, Status.NOT_APPLICABLE)
        for check in checks
    )


def _when(entry: GateEntry) -> tuple[datetime, int]:
    return entry.at, entry.pk


def _is_answer(entry: GateEntry, firm: Container[str]) -> bool:
    """Whether a row is a reason given to what the chart said against a check that nobody waives."""
    return entry.outcome == GateOutcome.WAIVED and entry.check in firm


def _answering(
    standing: CheckStanding,
    answers: Mapping[str, GateEntry],
    latest: Mapping[str, GateEntry],
    facts: CourseFacts,
) -> CheckStanding:
    """A firm check as it stands once what the chart says against its row was answered for.

    The row must hold of itself, and whatever came into the chart after the answer asks again.
    """
    check, answer = standing.check, answers.get(standing.check.code)
    if answer is None or standing.status is not Status.CHART:
        return standing
    row = latest[check.code]
    since = replace(row, at=max(row.at, answer.at), on=max(row.on, answer.on))
    if chart_against(check, since, facts) is not None:
        return standing
    return replace(
        standing, status=Status.WAIVED, by=answer.by, at=answer.at, on=answer.on,
        age=age_of(answer, facts), remark=answer.remark, refusals=(),
    )  # fmt: skip


def gate_passed(gate: Gate, *, again: bool = False, before: str = "") -> Checklist:
    """A checklist for a move: the refusal of every check that is not passed.

    `before="thaw"`: only of those that the protocol wants before the product leaves the tank.

    `again`: the gate was passed once by another move. A guard's warning that was answered there is
    not repeated while it says the same; one that came since, or says something else, is asked. A
    recorded check is always asked, and what the chart says of it: the reason was kept as a waiver,
    which outlives no later row and nothing that came into the chart since, be it worded the same.
    """

    def gate_stands(facts: CourseFacts) -> tuple[Refusal, ...]:
        answered = _answered(gate, facts) if again else frozenset()
        asked = [one for one in checklist(gate, facts) if not before or one.check.before_thaw]
        return tuple(
            refusal
            for standing in asked
            for refusal in (*standing.refusals, *_not_met_since(standing, gate, facts))
            if refusal.code.startswith(KEPT) or str(refusal) not in answered
        )

    return gate_stands


def _not_met_since(standing: CheckStanding, gate: Gate, facts: CourseFacts) -> tuple[Refusal, ...]:
    """What a move that is entered late does not see: a check recorded since, and not met."""
    check = standing.check
    last = None if standing.refusals else not_met_later(check, gate, facts)
    if last is None:
        return ()
    message = N_("%(check)s: recorded as not met at %(at)s, after this.")
    return (soft(f"since_{check.code}", message, check=check.label, at=last.at),)


def not_met_later(check: Check, gate: Gate, facts: CourseFacts) -> GateEntry | None:
    """The last row of a recorded check of a later time than that of the facts, if not met."""
    number = round_of(gate, facts)
    since = [
        entry
        for entry in facts.assessments.gates
        if (entry.gate, entry.round, entry.check) == (gate, number, check.code)
        and _later(entry, facts)
        and not _is_answer(entry, () if check.waived_by else (check.code,))
    ]
    last = _latest(since).get(check.code)
    if check.fact or last is None or weighed(check, last) is not Status.NOT_MET:
        return None
    return last


def _answered(gate: Gate, facts: CourseFacts) -> frozenset[str]:
    """The warnings, as they were worded, that got a reason at the first passage of a gate."""
    if gate is Gate.LYMPHODEPLETION:
        # The stage was entered for the first lymphodepletion in it: a repeat asks afresh.
        since = facts.prepared_since
        over = (d.reached.get(end) for d in facts.depletions for end in _ENDED)
        repeated = any(on is not None and (since is None or on >= since) for on in over)
        return frozenset() if repeated else facts.answered
    before = facts.subject if gate is Gate.COLLECTION else facts.product
    return before.answered if before else frozenset()


def rows_of(gate: Gate, facts: CourseFacts) -> list[GateEntry]:
    """The rows of this gate and round, without any of a later time that was not taken back."""
    number = round_of(gate, facts)
    return [
        entry
        for entry in facts.assessments.gates
        if entry.gate == gate and entry.round == number and not _later(entry, facts)
    ]


def earlier_rows(gate: Gate, facts: CourseFacts) -> dict[int, GateEntry]:
    """The rows of this gate's earlier rounds that still stand: only to be put right."""
    number = round_of(gate, facts)
    return {
        entry.pk: entry
        for entry in facts.assessments.gates
        if entry.gate == gate and entry.round < number and entry.outcome != GateOutcome.WITHDRAWN
    }


def _latest(entries: list[GateEntry]) -> dict[str, GateEntry]:
    """The row that counts of each check.

    One recorded late does not stand before a later one, but no waiver outlives what was recorded
    after it, of whatever time: who waived had not seen it. Nor does one outlive a row that was
    taken back after it.
    """
    seen: dict[str, int] = {}
    for entry in entries:
        if entry.outcome != GateOutcome.WAIVED:
            seen[entry.check] = max(entry.pk, seen.get(entry.check, 0))
    counting = [
        entry
        for entry in entries
        if entry.outcome not in (GateOutcome.WAIVED, GateOutcome.WITHDRAWN)
        or (entry.outcome == GateOutcome.WAIVED and entry.pk > seen.get(entry.check, 0))
    ]
    return {entry.check: entry for entry in sorted(counting, key=_when)}


def _later(entry: GateEntry, facts: CourseFacts) -> bool:
    if entry.outcome == GateOutcome.WITHDRAWN:
        return False
    return entry.on > facts.on if facts.at is None else entry.at > facts.at


def _standing(
    check: Check, entry: GateEntry | None, gate: Gate, facts: CourseFacts, *, ageing: bool
) -> CheckStanding:
    if check.fact:
        return _computed(check, entry, COMPUTED[check.fact](facts, gate), facts)
    if entry is None:
        return CheckStanding(check, Status.MISSING, refusals=(refusal_of(check, Status.MISSING),))
    age, status = age_of(entry, facts), weighed(check, entry)
    asks = refusal_of(check, status, entry.at)
    if status is Status.CAUTION:
        asks = cautioned(check, entry)
    if ageing and status in _FRESH and too_old(check, entry, facts):
        status, asks = Status.STALE, refusal_of(check, Status.STALE, entry.at)
    found = chart_against(check, entry, facts) if status in _CHARTED else None
    refusals: tuple[Refusal, ...] = () if status in _PASSED else (asks,)
    if found is not None:
        status, refusals = Status.CHART, found.refusals(check.code, check.label)
    return CheckStanding(
        check,
        status,
        value=entry.value,
        by=entry.by,
        at=entry.at,
        on=entry.on,
        age=age,
        remark=entry.remark,
        entry=entry.pk,
        waiver=entry.pk if entry.outcome == GateOutcome.WAIVED else None,
        refusals=refusals,
        against=found,
    )


def _computed(
    check: Check, entry: GateEntry | None, found: Finding, facts: CourseFacts
) -> CheckStanding:
    """A computed check; a waiver lets it yield while it is not met and the waiver is fresh."""
    passed = found.status in _PASSED
    waiver = entry.pk if entry and entry.outcome == GateOutcome.WAIVED else None
    age = timedelta(days=(facts.on - found.on).days) if found.on else None
    if not passed and not found.refusals and entry and entry.outcome == GateOutcome.WAIVED:
        waived = CheckStanding(
            check, Status.WAIVED, finding=found, by=entry.by, at=entry.at, on=entry.on,
            age=age_of(entry, facts), remark=entry.remark, entry=entry.pk,
            waiver=waiver,
        )  # fmt: skip
        if check.max_age is None or age_of(entry, facts) <= check.max_age:
            return waived
    refusals = () if passed else found.refusals or (refusal_of(check, found.status),)
    return CheckStanding(
        check, found.status, finding=found, on=found.on, age=age, waiver=waiver, refusals=refusals
    )
