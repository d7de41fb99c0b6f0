"""The first dose of a lymphodepletion told after it was given: asked, kept and told of."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from accounts.models import User
from accounts.wording import in_both
from pathway.domain.depletion import LYMPHODEPLETION, Depletion
from pathway.domain.gate_rules import Gate
from pathway.domain.gate_told import checks_behind
from pathway.domain.gates import checklist
from pathway.domain.machine import against
from pathway.domain.refusing import asked, hard
from pathway.dose_of_cancelled import is_cancelled
from pathway.dose_rounds import facts_of_dose
from pathway.loading import CourseState
from pathway.loading_companions import CompanionRow
from pathway.models import Dose
from pathway.transitions import MoveOrder
from reminders.notices import raise_notice
from terms.day_numbers import local_date
from terms.refusals import Kind, Refusal
from terms.roles import Role
from terms.words import N_, Bilingual

_BEGUN = frozenset({"in_progress", "complete", "stopped"})
_FIRST = next(move for move in LYMPHODEPLETION.moves if move.target is Depletion.IN_PROGRESS)
CANCELLED = "depletion_cancelled"
_CANCELLED = N_(
    "This lymphodepletion is recorded as cancelled. With this dose it was begun, and stopped later."
)
_ANOTHER = N_(
    "This lymphodepletion is recorded as cancelled, and another was opened since. With this dose "
    "it was begun and stopped: what was given counts beside the other one, which is a repeat. Its "
    "plan, its amounts and the patient's counts are to be looked at anew."
)
_TOLD = (Role.HAEMATOLOGIST, Role.WARD_NURSE, Role.PHARMACIST)


def begins_anew(state: CourseState, row: CompanionRow, at: datetime) -> bool:
    """Whether a dose given `at` is what a lymphodepletion that has begun truly began with.

    What it began with was taken back, or is told to have come after that dose. Of one that began
    before Percorso nobody asked the gate, and nobody asks it now.
    """
    if row.machine != LYMPHODEPLETION.name or row.state not in _BEGUN:
        return False
    on = local_date(at, state.course.centre.zone)
    if "in_progress" in row.transcribed or any(d.given_on and d.given_on < on for d in row.doses):
        return False
    rows = Dose.objects.filter(course=state.course, machine=row.machine, subject_id=row.pk)
    told = tuple(rows.exclude(given_at=None).values_list("given_at", "replaced_by"))
    if told:
        standing = (given for given, replaced in told if replaced is None)
        return not any(given and _minute(given) <= _minute(at) for given in standing)
    return any(_minute(at) < _minute(begun) for begun in _begun_at(state, row)[-1:])


def _begun_at(state: CourseState, row: CompanionRow) -> list[datetime]:
    """When a lymphodepletion is said to have begun, the last time last."""
    step = (row.machine, row.pk, "in_progress")
    steps = (c for c in state.standing_changes if (c.machine, c.subject_id, c.target) == step)
    return [change.happened_at for change in steps]


def _minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


def first_asked(state: CourseState, row: CompanionRow, at: datetime) -> tuple[Refusal, ...]:
    """What stands against a first dose `at`, as firmly as the table says."""
    found = against(_FIRST, facts_of_dose(state, row, at), frozenset(_FIRST.roles))
    if not is_cancelled(row):
        return found
    beside = any(other.pk > row.pk for other in state.of(row.machine))
    return (hard(CANCELLED, _ANOTHER if beside else _CANCELLED), *found)


def answers_of(
    state: CourseState,
    row: CompanionRow,
    dose: Dose,
    order: MoveOrder | None,
    at: datetime,
    reasons: Mapping[str, str],
) -> list[dict[str, Any]]:
    """What a first dose told afterwards was asked, each with its reason; else what it was once.

    A dose that was taken back keeps that as long as one stands that came after it.
    """
    anew = begins_anew(state, row, at) or is_cancelled(row)
    after = order.told_after if order is not None else anew
    if row.machine != LYMPHODEPLETION.name or not after:
        return list(dose.answers)
    return _kept(state, row, first_asked(state, row, at), at, reasons)


def retimed(state: CourseState, row: CompanionRow, dose: Dose, at: datetime) -> list[Refusal]:
    """The checks that a first dose loses by being told of another time: they did not stand then."""
    before = dose.given_at
    if row.machine != LYMPHODEPLETION.name or before is None or "in_progress" in row.transcribed:
        return []
    on = local_date(at, state.course.centre.zone)
    earlier = (one.given_on for one in row.doses if one.pk != dose.pk and one.given_on)
    if _minute(at) == _minute(before) or any(day < on for day in earlier):
        return []
    known = {one.code for one in recorded_then(state, row, before)}
    return [asked(one) for one in recorded_then(state, row, at) if one.code not in known]


def answers_of_time(
    state: CourseState, row: CompanionRow, dose: Dose, at: datetime, reasons: Mapping[str, str]
) -> list[dict[str, Any]]:
    """What a dose that stood as given was asked, then and now that its time is corrected."""
    lost = {one.code for one in retimed(state, row, dose, at)}
    found = [one for one in recorded_then(state, row, at) if one.code in lost]
    kept = [one for one in dose.answers if one["code"] not in lost]
    return [*kept, *_kept(state, row, found, at, reasons)]


def recorded_then(state: CourseState, row: CompanionRow, at: datetime) -> list[Refusal]:
    """What the checks that people record say against a first dose at that time."""
    facts = facts_of_dose(state, row, at)
    found = (one for one in checklist(Gate.LYMPHODEPLETION, facts) if not one.check.fact)
    return [refusal for one in found for refusal in one.refusals]


def _kept(
    state: CourseState,
    row: CompanionRow,
    found: Iterable[Refusal],
    at: datetime,
    reasons: Mapping[str, str],
) -> list[dict[str, Any]]:
    behind = checks_behind(Gate.LYMPHODEPLETION, facts_of_dose(state, row, at))
    return [
        {
            "code": one.code,
            "check": behind[one.code].code if one.code in behind else "",
            "firm": one.kind is Kind.HARD,
            "said": vars(in_both(one)),
            "reason": reasons[one.code].strip(),
        }
        for one in found
    ]


def tell_told(
    state: CourseState, row: CompanionRow, dose: Dose, actor: User, now: datetime
) -> None:
    """Tell which checks of its gate did not stand at a first dose that was told afterwards."""
    checks = state.facts(on=local_date(now, state.course.centre.zone)).rules.gates
    found: dict[str, Bilingual] = {}
    for one in dose.answers:
        check = checks.check(Gate.LYMPHODEPLETION, one["check"])
        if check is not None:
            found[one["check"]] = check.label
        elif one["firm"]:
            found[one["code"]] = Bilingual(**one["said"])
    if not found or dose.given_on is None:
        return
    raise_notice(
        course=state.course,
        code="dose_told_after",
        roles=_TOLD,
        params={"on": dose.given_on, "checks": tuple(found.values())},
        about=f"lymphodepletion:{row.pk}",
        cause=f"dose:{dose.pk}",
        actor=actor,
        now=now,
    )
