"""What one row of a gate check says: how it is weighed, how old it is, with what it refuses."""

from datetime import datetime, timedelta
from decimal import Decimal

from pathway.domain.assessments import GateEntry
from pathway.domain.charted import Against, against
from pathway.domain.facts import CourseFacts
from pathway.domain.gate_facts import Status
from pathway.domain.gate_rules import Check
from pathway.domain.measures import Verdict, judge
from terms.refusals import Kind, Refusal
from terms.words import N_

CODE = "gate_"  # begins the code of every refusal by a check


def too_old(check: Check, entry: GateEntry, facts: CourseFacts) -> bool:
    """Whether a row holds no more: by the hour, or by the day where the protocol counts days."""
    if check.max_days is not None:
        return (facts.on - entry.on).days > check.max_days.value
    return check.max_age is not None and age_of(entry, facts) > check.max_age


def chart_against(check: Check, entry: GateEntry, facts: CourseFacts) -> Against | None:
    """What of the chart speaks against a row, old or not."""
    if check.charted is None:
        return None
    return against(
        check.charted,
        facts.assessments.results,
        facts.toxicity.infections,
        facts.rules.ranges.labels,
        checked=entry.at,
        checked_on=entry.on,
        on=facts.on,
        max_age=check.max_age,
    )


def weighed(check: Check, entry: GateEntry) -> Status:
    """What a row says under the protocol as it is now: the course may have changed its version.

    What was recorded as an answer to another kind of question is no answer to this one.
    """
    outcome = Status(entry.outcome)
    if outcome is Status.WAIVED:
        return outcome if check.waived_by else Status.MISSING
    if outcome is Status.NOT_APPLICABLE:
        return outcome if check.optional else Status.MISSING
    if check.measure is None:
        return Status.MISSING if entry.value else outcome
    verdict = judge(check.measure, entry.value)
    if verdict is Verdict.UNREADABLE:
        return Status.MISSING
    if verdict is Verdict.OUT_OF_RANGE:
        return Status.NOT_MET
    low = check.caution is not None and Decimal(entry.value) < check.caution.below.value
    return Status.CAUTION if low else Status.MET


def age_of(entry: GateEntry, facts: CourseFacts) -> timedelta:
    """How old a row is; whole days where the facts are those of a day."""
    return facts.on - entry.on if facts.at is None else facts.at - entry.at


def cautioned(check: Check, entry: GateEntry) -> Refusal:
    """What a number in range asks for a reason about, however firm the check is without one."""
    return Refusal(
        code=CODE + check.code,
        message=N_("%(check)s: %(value)s %(unit)s. %(caution)s"),
        params={
            "check": check.label,
            "value": Decimal(entry.value),
            "unit": check.measure.unit if check.measure else "",
            "caution": check.caution.text if check.caution else "",
        },
        kind=Kind.SOFT,
        who_may=check.waived_by,
    )


def refusal_of(check: Check, status: Status, at: datetime | None = None) -> Refusal:
    """With what a check refuses that stands so; `at` is the time of a row that is too old."""
    message, params = N_("%(check)s: not recorded."), {"check": check.label}
    if status is Status.STALE and at is None:
        message = N_("%(check)s: out of date.")
    elif status is Status.STALE:
        message = N_("%(check)s: recorded %(at)s, too long ago.")
        params |= {"at": at}  # type: ignore[dict-item]
    elif status is Status.NOT_MET:
        message = N_("%(check)s: not met.")
    return Refusal(
        code=CODE + check.code,
        message=message,
        params=params,
        kind=Kind.HARD if check.firm else Kind.SOFT,
        who_may=() if check.firm else check.waived_by,
    )
