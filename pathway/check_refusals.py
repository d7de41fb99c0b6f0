"""What stands against a note about a check of a gate, and who may make one."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from accounts.models import User
from pathway.assessing import role_refusal
from pathway.domain.assessments import GateEntry as Row
from pathway.domain.assessments import GateOutcome
from pathway.domain.gate_facts import Status
from pathway.domain.gate_rules import Check
from pathway.domain.gates import CheckStanding
from pathway.typed_values import against_value
from terms.refusals import Refusal
from terms.words import N_

if TYPE_CHECKING:
    from pathway.gating import CheckNote


def note_refusals(
    note: "CheckNote",
    found: CheckStanding | None,
    earlier: Mapping[int, Row],
    actor: User,
    now: datetime,
) -> list[Refusal]:
    """Everything against one note; each refusal names its check."""
    if found is None:
        message = N_("There is no such check.")
        return [Refusal(code="unknown_check", message=message, field=note.check)]
    taken_back = note.outcome == GateOutcome.WITHDRAWN
    refusals = [] if taken_back else _outcome_refusals(note, found)
    rows, roles = _standing_rows(found, note.outcome), may_record(found, note.outcome)
    before = earlier.get(note.replaces or 0)
    if before is not None and before.check == note.check:
        rows, roles = (before.pk,), roles_for(found.check, note.outcome, before)
    if actor.roles.isdisjoint(roles) and not refusals:
        refusals.append(role_refusal(roles, note.check))
    if note.checked_at is not None and note.checked_at > now:
        message = N_("This lies in the future.")
        refusals.append(Refusal(code="future_date", message=message, field=note.check))
    if note.replaces is not None or taken_back:
        if note.replaces is None or note.replaces not in rows:
            message = N_("What this corrects does not stand any more.")
            refusals.append(Refusal(code="no_such_row", message=message, field=note.check))
        if not note.remark.strip():
            message = N_("A correction needs a reason.")
            refusals.append(Refusal(code="reason_missing", message=message, field=note.check))
    return refusals


def _standing_rows(found: CheckStanding, outcome: str) -> tuple[int | None, ...]:
    """The rows that a note may replace; a waiver that only waits is taken back, not corrected."""
    waiting = found.waiver if outcome == GateOutcome.WITHDRAWN else None
    return (found.entry, waiting)


def asked(found: CheckStanding) -> bool:
    """Whether a check is asked at all this time: some only before a repeat."""
    return found.entry is not None or not (
        found.check.repeat_only and found.status is Status.NOT_APPLICABLE
    )


def may_record(found: CheckStanding, outcome: str) -> tuple[str, ...]:
    """The roles that may record an outcome of a check; who may waive takes a waiver back."""
    waiver = outcome == GateOutcome.WITHDRAWN and found.waiver is not None
    waived = outcome == GateOutcome.WAIVED or waiver
    return found.check.waived_by if waived else found.check.recorded_by


def roles_for(check: Check, outcome: str, row: Row) -> tuple[str, ...]:
    """The roles that may put a row of an earlier round right, or take it back."""
    waived = GateOutcome.WAIVED in (outcome, row.outcome)
    return check.waived_by if waived else check.recorded_by


def _outcome_refusals(note: "CheckNote", found: CheckStanding) -> list[Refusal]:
    field, check = note.check, found.check
    if not asked(found):
        message = N_("This check is asked before a repeat only.")
        return [Refusal(code="repeat_only", message=message, field=field)]
    if note.outcome == GateOutcome.WAIVED:
        return _waiver_refusals(note, found)
    if check.fact:
        message = N_("This check is computed: nobody records it.")
        return [Refusal(code="computed", message=message, field=field)]
    if note.outcome == GateOutcome.NOT_APPLICABLE:
        if check.optional:
            return []
        message = N_("This check always applies.")
        return [Refusal(code="always_applies", message=message, field=field)]
    if check.measure is not None:
        return against_value(
            check.measure, note.value, note.unit, confirmed=note.confirmed, field=field
        )
    if note.outcome not in (GateOutcome.MET, GateOutcome.NOT_MET):
        message = N_("Choose one of the answers.")
        return [Refusal(code="unknown_outcome", message=message, field=field)]
    if note.value.strip():
        message = N_("This check has no value: what is to be said is a remark.")
        return [Refusal(code="no_value", message=message, field=field)]
    return []


def _waiver_refusals(note: "CheckNote", found: CheckStanding) -> list[Refusal]:
    field = note.check
    if not found.check.waived_by:
        message = N_("Nobody may waive this check.")
        return [Refusal(code="not_waivable", message=message, field=field)]
    if found.passed and note.replaces is None:
        message = N_("There is nothing to waive: the check is met.")
        return [Refusal(code="nothing_to_waive", message=message, field=field)]
    if found.finding is not None and found.finding.refusals:
        message = N_("This check yields only with the move itself.")
        return [Refusal(code="waived_with_move", message=message, field=field)]
    if not note.remark.strip():
        message = N_("A waiver needs a reason.")
        return [Refusal(code="reason_missing", message=message, field=field)]
    return []
