"""Random orders, doses, corrections and ends of a lymphodepletion: no dose goes round its gate.

`FUZZ_RUNS` × `FUZZ_STEPS` is 8 × 16 in `make test`. A step is four bytes: what, of which dose,
when, and whether somebody gives a reason for everything that yields to one.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from pathway.domain.doses import DoseFacts, DoseState
from pathway.domain.gate_rules import Gate
from pathway.domain.gates import checklist
from pathway.dose_following import against_following, order_following
from pathway.dose_told import begins_anew, first_asked
from pathway.dosing import (
    DoseGiven,
    DoseOrder,
    change_order,
    correct_dose,
    give_dose,
    order_doses,
    withhold_dose,
)
from pathway.gating import CheckNote, record_checks
from pathway.loading import CourseState, load_state
from pathway.loading_companions import CompanionRow
from pathway.models import Change, Dose, GateEntry
from pathway.transitions import MoveOrder, move_companion
from patients.models import Anchor
from terms.refusals import Kind, Refused
from tests.walking import DAY_ZERO, Walk

SEARCHES = "FUZZ_RUNS" in os.environ
RUNS = int(os.environ.get("FUZZ_RUNS", "8"))
STEPS = int(os.environ.get("FUZZ_STEPS", "16"))
BYTES = 4
LD = "lymphodepletion"
BEGUN = ("in_progress", "complete", "stopped")

Deed = Callable[[Walk, CompanionRow, DoseFacts, datetime, Mapping[str, str]], object]


def _who(walk: Walk) -> dict[str, Any]:
    return {"actor": walk.by("haematologist"), "now": walk.now}


def _given(dose: DoseFacts, at: datetime, why: Mapping[str, str]) -> DoseGiven:
    amount = (dose.per_m2 or Decimal(0)) * Decimal("1.82")
    return DoseGiven(at, amount or None, deviation="as it came", overrides=why)


def _give(walk: Walk, row: CompanionRow, dose: DoseFacts, at: datetime, why: Any) -> object:
    return give_dose(dose_id=dose.pk, given=_given(dose, at, why), **_who(walk))


def _withhold(walk: Walk, row: CompanionRow, dose: DoseFacts, at: datetime, why: Any) -> object:
    return withhold_dose(dose_id=dose.pk, reason="stopped", **_who(walk))


def _correct(walk: Walk, row: CompanionRow, dose: DoseFacts, at: datetime, why: Any) -> object:
    given = _given(dose, at, why)
    return correct_dose(dose_id=dose.pk, given=given, reason="wrong", **_who(walk))


def _undo(walk: Walk, row: CompanionRow, dose: DoseFacts, at: datetime, why: Any) -> object:
    left = "thrown away" if at.minute % 2 else ""
    return correct_dose(
        dose_id=dose.pk, given=None, not_given_reason=left, reason="wrong", **_who(walk)
    )


def _change(walk: Walk, row: CompanionRow, dose: DoseFacts, at: datetime, why: Any) -> object:
    return change_order(
        dose_id=dose.pk, reason="bed", amount=None, planned_on=at.date(), delay_code="PERSONAL",
        overrides=why, **_who(walk),
    )  # fmt: skip


def _order(walk: Walk, row: CompanionRow, dose: DoseFacts, at: datetime, why: Any) -> object:
    order = DoseOrder("mesna", planned_on=at.date(), amount=Decimal(400))
    return order_doses(
        course_id=walk.course.pk, machine=LD, pk=row.pk, orders=[order], overrides=why,
        **_who(walk),
    )  # fmt: skip


def _moved(target: str) -> Deed:
    def move(walk: Walk, row: CompanionRow, dose: DoseFacts, at: datetime, why: Any) -> object:
        order = MoveOrder(target, at, reason="a test", overrides=why)
        return move_companion(
            course_id=walk.course.pk, machine=LD, pk=row.pk, order=order, **_who(walk)
        )

    return move


def _noted(outcome: str) -> Deed:
    def note(walk: Walk, row: CompanionRow, dose: DoseFacts, at: datetime, why: Any) -> object:
        return record_checks(
            course_id=walk.course.pk, gate=Gate.LYMPHODEPLETION,
            notes=[CheckNote("infection", outcome)], **_who(walk),
        )  # fmt: skip

    return note


DEEDS: tuple[Deed, ...] = (
    _give, _give, _withhold, _withhold, _correct, _correct, _correct, _undo, _change, _order,
    _give, _correct, _noted("met"), _noted("not_met"),
    *(_moved(target) for target in ("cancelled", "planned", "in_progress", "complete", "stopped")),
)  # fmt: skip


def _step(walk: Walk, step: bytes) -> int:
    """One random deed: done and whole, or refused without a trace; how many doses were told."""
    walk.now += timedelta(hours=3)
    state = load_state(walk.course)
    row = state.of(LD)[-1]
    dose, deed = row.doses[step[1] % len(row.doses)], DEEDS[step[0] % len(DEEDS)]
    at = walk.now - timedelta(minutes=step[2] % 180)
    before = _written(walk)
    anew = dose.state is not DoseState.GIVEN and begins_anew(state, row, at)
    why: dict[str, str] = {}
    for _once in range(1 + (step[3] % 4 > 0)):
        try:
            with transaction.atomic():
                deed(walk, row, dose, at, why)
        except Refused as refused:
            assert _written(walk) == before
            soft = [one.code for one in refused.refusals if one.kind is Kind.SOFT]
            why = dict.fromkeys(soft, "because")
            continue
        if deed in (_give, _correct):
            _asked(walk, state, row, dose, at, why, hard=deed is _give, anew=anew)
        _whole(walk)
        return deed in (_give, _correct)
    return 0


def _asked(
    walk: Walk, state: CourseState, row: CompanionRow, dose: DoseFacts, at: datetime,
    why: Mapping[str, str], *, hard: bool, anew: bool,
) -> None:  # fmt: skip
    """Whatever stood against a first dose was answered, and the move that it made keeps it."""
    order = order_following(row, at, why, told_after=not hard)
    if order is None:
        if anew:
            asked_anew = {one.code for one in first_asked(state, row, at)}
            mine = Dose.objects.filter(machine=LD, subject_id=row.pk, number=dose.number)
            answered = {one["code"] for one in mine.get(replaced_by=None).answers}
            assert answered == asked_anew <= set(why)
        return
    stands = Dose.objects.get(pk=dose.pk)
    asked = against_following(state, row, stands, order, walk.by("haematologist"), walk.now)
    assert {one.code for one in asked} <= set(why)
    assert all(one.kind is Kind.SOFT for one in asked)
    move = Change.objects.filter(course=walk.course, machine=LD).latest("sequence")
    assert (move.source, move.target, move.happened_at) == ("planned", "in_progress", at)
    assert {one["code"] for one in move.overrides} == {one.code for one in asked}


def _written(walk: Walk) -> tuple[int, ...]:
    """How much is written of the course, to see that nothing was."""
    mine = (m._default_manager.filter(course=walk.course) for m in (Dose, Change, GateEntry))
    return tuple(rows.count() for rows in mine)


def _whole(walk: Walk) -> None:
    """What stands agrees: doses, the state of their lymphodepletion, its anchor."""
    row = load_state(walk.course).of(LD)[-1]
    days = [dose.given_on for dose in row.doses if dose.given_on]
    assert all((dose.state is DoseState.GIVEN) is bool(dose.given_on) for dose in row.doses)
    if days:
        assert row.state in BEGUN, "a dose stands as given, so its gate was passed"
        anchor = Anchor.objects.get(course=walk.course, kind=LD)
        assert anchor.actual_on == min(days)
        _asked_once(walk)


def _asked_once(walk: Walk) -> None:
    """Its gate was passed by the first dose that stands, or a doubt is kept of every check."""
    rows = Dose.objects.filter(course=walk.course, machine=LD).order_by("pk")
    given: set[int] = set()
    first = rows[0]
    for row in rows:
        if row.given_at is not None and not given:
            first = row
        (given.add if row.given_at is not None else given.discard)(row.number)
    state = load_state(walk.course)
    move = next(one for one in state.changes if (one.machine, one.target) == (LD, "in_progress"))
    before = rows.filter(pk__lt=first.pk).exclude(given_at=None)
    if not move.told_after and not before:
        return  # the gate itself refused what did not stand
    assert first.given_on is not None
    facts = state.facts(on=first.given_on, at=first.given_at)
    known = GateEntry.objects.filter(course=walk.course, recorded_at__lt=first.recorded_at)
    pks = set(known.values_list("pk", flat=True))
    then = tuple(one for one in facts.assessments.gates if one.pk in pks)
    facts = replace(facts, assessments=replace(facts.assessments, gates=then))
    open_ = {one.check.code for one in checklist(Gate.LYMPHODEPLETION, facts) if not one.passed}
    line = rows.get(replaced_by=None, number=first.number)
    assert open_ <= {one["check"] for one in line.answers}


@pytest.mark.no_cover
@pytest.mark.walked("to_lymphodepletion")
def test_no_dose_goes_round_the_gate(walk: Walk) -> None:
    walk.until(-6).plan("infusion", DAY_ZERO)
    walk.open(LD, regimen="Flu/Cy")
    walk.until(-4).pass_gate(LD)
    told: list[int] = []

    @settings(
        max_examples=RUNS,
        derandomize=not SEARCHES,
        phases=(Phase.generate, Phase.shrink) if SEARCHES else (Phase.generate,),
        database=None,
        suppress_health_check=list(HealthCheck),
        deadline=None,
    )
    @given(st.binary(min_size=BYTES * STEPS, max_size=BYTES * STEPS))
    def drive(drawn: bytes) -> None:
        began = walk.now
        with transaction.atomic():
            if drawn[0] % 2:  # nothing begins but by a correction
                for dose in walk.doses(LD):
                    withhold_dose(dose_id=dose.pk, reason="a hold", **_who(walk))
            for place in range(0, len(drawn), BYTES):
                told.append(_step(walk, drawn[place : place + BYTES]))
            transaction.set_rollback(True)
        walk.now = began
        walk.course.refresh_from_db()

    drive()
    assert sum(told) > RUNS / 2  # else it would only test refusals
