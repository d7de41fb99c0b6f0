"""Recording and waiving the checks of a gate."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction

from accounts.models import User
from audit.recording import record
from pathway.assessing import refuse_all, refuse_batch
from pathway.check_notices import is_passed, take_back_told, tell_not_met, told_of
from pathway.check_refusals import note_refusals
from pathway.domain import charted
from pathway.domain.assessments import GateOutcome
from pathway.domain.facts import CourseFacts
from pathway.domain.gate_rows import CODE
from pathway.domain.gate_rules import Check, Gate
from pathway.domain.gates import CheckStanding, checklist, earlier_rows, round_of
from pathway.domain.guards import alive_then, stage_is
from pathway.domain.measures import Verdict, canonical, judge
from pathway.loading import CourseState, load_state
from pathway.models import Change, GateEntry
from pathway.typed_values import typed_numbers
from patients.courses import lock_course, raise_version
from patients.models import Course
from terms.day_numbers import local_date
from terms.refusals import Refusal

STAGES: dict[Gate, tuple[str, ...]] = {
    Gate.COLLECTION: ("apheresis",),
    Gate.LYMPHODEPLETION: ("bridging", "lymphodepletion"),
    Gate.INFUSION: ("lymphodepletion",),
    Gate.DISCHARGE: ("infusion",),
}
THAW = ("product", "stored", "thawing")
# The moves that stand behind each gate.
MOVES: dict[tuple[str, str, str], Gate] = {
    ("apheresis", "scheduled", "cleared"): Gate.COLLECTION,
    ("journey", "bridging", "lymphodepletion"): Gate.LYMPHODEPLETION,
    ("lymphodepletion", "planned", "in_progress"): Gate.LYMPHODEPLETION,
    ("journey", "lymphodepletion", "infusion"): Gate.INFUSION,
    THAW: Gate.INFUSION,  # of its checks those that can be known before
    ("journey", "infusion", "follow_up"): Gate.DISCHARGE,
}
_NOT_WEIGHED = (GateOutcome.WAIVED, GateOutcome.NOT_APPLICABLE, GateOutcome.WITHDRAWN)
_QUIET = (GateOutcome.MET, GateOutcome.NOT_APPLICABLE)  # others may ask for another reason


@dataclass(frozen=True)
class CheckNote:
    """What somebody records about one check. A value that is weighed decides the outcome itself.

    `checked_at` is now when left out, of a correction the time of what it corrects; `replaces` is
    the row that this one corrects or takes back. A number is in `unit` and, where it is unusual,
    `confirmed`.
    """

    check: str
    outcome: str = ""
    value: str = ""
    checked_at: datetime | None = None
    remark: str = ""
    replaces: int | None = None
    unit: str = ""
    confirmed: bool = False


def facts_before(state: CourseState, gate: Gate, now: datetime) -> CourseFacts:
    """What the move behind a gate would see now: a collection is weighed on its planned day."""
    waiting = [row for row in state.of("apheresis") if row.state in ("scheduled", "cleared")]
    subject = waiting[-1] if waiting and gate is Gate.COLLECTION else None
    return state.facts(on=local_date(now, state.course.centre.zone), subject=subject, at=now)


@transaction.atomic
def record_checks(
    *,
    course_id: int,
    gate: Gate,
    notes: Sequence[CheckNote],
    actor: User,
    now: datetime,
    source: str = "",
) -> list[GateEntry]:
    """Record several checks of a gate at once, all or none.

    What is wrong is put right or taken back at any stage, also after a death. Raises
    Course.DoesNotExist, NotAllowed, or Refused with everything wrong with any of them.
    """
    course = lock_course(course_id, actor=actor)
    state = load_state(course)
    facts = facts_before(state, gate, now)
    notes = [_dated(note, facts) for note in notes]
    standing = {one.check.code: one for one in checklist(gate, facts)}
    refusals = _refuse_recording(course, facts, gate, notes, now)
    refusals += refuse_batch([note.check for note in notes])
    earlier = earlier_rows(gate, facts)
    for note in notes:
        refusals += note_refusals(note, standing.get(note.check), earlier, actor, now)
    refuse_all(refusals)
    entries = [
        _entry(course, gate, facts, standing[note.check].check, note, actor, now) for note in notes
    ]
    for entry in entries:
        if entry.replaces_id in earlier:
            entry.round = earlier[entry.replaces_id].round
    for entry in entries:
        entry.source = source
    written = _write(course, entries, actor, now, typed=notes)
    _tell(state, gate, written, actor, now)
    return written


def _dated(note: CheckNote, facts: CourseFacts) -> CheckNote:
    """A correction that says no time is of the time that stood: what was old stays old."""
    if note.checked_at is not None or note.outcome == GateOutcome.WITHDRAWN:
        return note
    times = (one.at for one in facts.assessments.gates if one.pk == note.replaces)
    return replace(note, checked_at=next(times, None))


def _refuse_recording(
    course: Course, facts: CourseFacts, gate: Gate, notes: Sequence[CheckNote], now: datetime
) -> list[Refusal]:
    """Against what says more than that a row was wrong: after a death, or at another stage."""
    saying = [note for note in notes if note.outcome != GateOutcome.WITHDRAWN]
    days = [local_date(note.checked_at or now, course.centre.zone) for note in saying]
    found = []
    if days:
        found.append(alive_then(replace(facts, on=max(days))))
    if any(note.replaces is None for note in notes) or not notes:
        found.append(stage_is(*STAGES[gate])(facts))
    return [refusal for refusal in found if refusal is not None]


def _tell(
    state: CourseState, gate: Gate, written: Sequence[GateEntry], actor: User, now: datetime
) -> None:
    """What was told goes where it is answered, and told is what these rows make of the gate."""
    told = told_of(state.course, gate, written)
    passed = is_passed(state, gate)
    if not told and not passed:
        return
    standing = _standing_now(state.course, gate, now)
    take_back_told(told, gate, standing, written, actor, now)
    for entry in written if passed else ():
        tell_not_met(state.course, gate, entry, standing[entry.check_code], actor, now)


def _standing_now(course: Course, gate: Gate, now: datetime) -> Mapping[str, CheckStanding]:
    """How every check stands after what was written."""
    facts = facts_before(load_state(course), gate, now)
    return {one.check.code: one for one in checklist(gate, facts)}


def keep_waivers(state: CourseState, change: Change, actor: User, now: datetime) -> None:
    """Keep as waivers of their checks the reasons with which a move went through a gate."""
    gate = MOVES.get((change.machine, change.source, change.target))
    if gate is None:
        return
    facts = state.facts(on=change.happened_on, at=change.happened_at)
    if change.machine == "journey":  # the round is that of the stage the move was asked from
        facts = replace(facts, stage=change.source)
    given = {one["code"]: one["reason"] for one in change.overrides}
    keep_answers(state, gate, facts, given, at=change.happened_at, actor=actor, now=now,
                 source=change.data_source)  # fmt: skip


def keep_answers(
    state: CourseState, gate: Gate, facts: CourseFacts, given: Mapping[str, str], *, at: datetime,
    actor: User, now: datetime, source: str,
) -> None:  # fmt: skip
    """Keep as waivers the reasons `given` to codes of the checks of a gate, and of the chart.

    Of a check that nobody waives only what is said of the chart is kept: a dose told afterwards
    has an answer to the check itself, which is that of its move alone.
    """
    firm = {check.code for check in facts.rules.gates.by_gate[gate] if not check.waived_by}
    answers = {
        code.removeprefix(kind): why
        for code, why in given.items()
        for kind in (CODE, charted.CODE)
        if code.startswith(kind) and (kind != CODE or code.removeprefix(kind) not in firm)
    }
    if not answers:
        return
    entries = [
        GateEntry(
            course=state.course,
            gate=gate.value,
            check_code=code,
            round=round_of(gate, facts),
            outcome=GateOutcome.WAIVED.value,
            checked_at=at,
            remark=reason,
            recorded_at=now,
            recorded_by=actor,
            source=source,
        )
        for code, reason in answers.items()
    ]
    written = _write(state.course, entries, actor, now)
    if told := told_of(state.course, gate, written):
        standing = _standing_now(state.course, gate, now)
        take_back_told(told, gate, standing, written, actor, now)


def _write(
    course: Course,
    entries: list[GateEntry],
    actor: User,
    now: datetime,
    typed: Sequence[CheckNote] = (),
) -> list[GateEntry]:
    written = GateEntry.objects.bulk_create(entries)
    if any(entry.replaces_id or entry.value or entry.outcome not in _QUIET for entry in written):
        raise_version(course)
    record(
        actor=actor,
        now=now,
        action="gate.record",
        obj=written[0],
        course_id=course.pk,
        patient_id=course.patient_id,
        after={
            "gate": written[0].gate,
            "round": written[0].round,
            "entries": [
                {
                    "id": entry.pk,
                    "check": entry.check_code,
                    "outcome": entry.outcome,
                    "value": entry.value,
                    "checked_at": entry.checked_at,
                    "remark": entry.remark,
                    "replaces": entry.replaces_id,
                }
                for entry in written
            ],
            "typed": typed_numbers((note.check, note) for note in typed),
        },
    )
    return written


def _entry(
    course: Course, gate: Gate, facts: CourseFacts, check: Check, note: CheckNote, actor: User,
    now: datetime,
) -> GateEntry:  # fmt: skip
    weighed = note.outcome not in _NOT_WEIGHED
    value = "" if note.outcome == GateOutcome.WITHDRAWN else note.value.strip()
    outcome = note.outcome
    if check.measure is not None and weighed:
        value = canonical(check.measure, note.value, note.unit)
        inside = judge(check.measure, value) is Verdict.IN_RANGE
        outcome = (GateOutcome.MET if inside else GateOutcome.NOT_MET).value
    return GateEntry(
        course=course,
        gate=gate.value,
        check_code=check.code,
        round=round_of(gate, facts),
        outcome=outcome,
        value=value,
        checked_at=note.checked_at or now,
        remark=note.remark.strip(),
        replaces_id=note.replaces,
        recorded_at=now,
        recorded_by=actor,
    )
