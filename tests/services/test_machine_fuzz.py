"""Random moves of every machine on the real database: it never diverges from the changes it keeps.

`FUZZ_RUNS` × `FUZZ_STEPS` is 20 × 30 for each machine in `make test`, 1,000 × 50 in `make fuzz`.
A step is five bytes: whose move, to which state, by which role, when, and how it is dressed.
"""

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Model
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from audit.models import AuditEvent
from audit.prepared import ask
from pathway.domain.companions import COMPANIONS
from pathway.domain.machine import Machine, against
from pathway.domain.spine import SPINE
from pathway.loading import CourseState, load_state
from pathway.loading_companions import MODELS, companions_of
from pathway.models import Change, Journey
from pathway.transitions import MoveOrder, advance, move_companion
from patients.models import Anchor, Course, Hold
from terms.day_numbers import local_date
from terms.refusals import Kind, NotAllowed, Refused, StaleVersion
from terms.roles import Role
from tests.conftest import Refer, UserWith
from tests.domain.who_may_move import MAY
from tests.walking import ENDINGS, TOLD, Walk

# `make test` walks the same ways each time and tells the bytes of one that fails as they are;
# `make fuzz` looks for new ones, and for the shortest that fails.
SEARCHES = "FUZZ_RUNS" in os.environ
RUNS = int(os.environ.get("FUZZ_RUNS", "20"))
STEPS = int(os.environ.get("FUZZ_STEPS", "30"))
BYTES = 5
ROLES = tuple(Role)
MACHINES: dict[str, Machine[Any]] = {SPINE.name: SPINE, **COMPANIONS}
# What the service adds to the guards: the order of times, the reason, what a move may carry.
BESIDE_GUARDS = {
    "future_date", "before_previous", "before_referral", "reason_missing",
    "failure_reason_needed", "deviation_needed", "yield_unknown", "din_unknown", "release_papers",
    "next_step_needed", "response_needed", "exit_reason_needed", "exit_scope_needed",
}  # fmt: skip
# What some moves want to know; every other time it is told.
DETAILS: dict[tuple[str, str], dict[str, str]] = {
    ("apheresis", "adequate"): {"cd3_yield": "2.1"},
    ("product", "stored"): {"deviation_number": "DEV-1"},
    **TOLD,
    ("journey", "declined"): ENDINGS["declined"],
    ("journey", "withdrawn"): ENDINGS["withdrawn"],
    **{
        ("product", lost): {"failure_reason": "other"}
        for lost in ("failed", "rejected", "discarded", "wasted")
    },
}

Subject = tuple[str, int | None]
Picture = list[tuple[Any, ...]]
_WRITTEN: tuple[type[Model], ...] = (Journey, *MODELS.values(), Change, Hold, Anchor)


def _assessed(walk: Walk) -> None:
    walk.to_eligibility().until(-39).move("eligibility", "assessing", "coordinator")
    walk.until(-36).assess()


def _met(walk: Walk) -> None:
    _assessed(walk)
    walk.move("eligibility", "mdt_review", "coordinator")
    walk.until(-35).meet()


def _accepted(walk: Walk) -> None:
    _met(walk)
    walk.move("eligibility", "accepted")


def _collecting(walk: Walk) -> None:
    walk.to_apheresis().open("apheresis", "coordinator", planned_on=walk.now.date())


def _cleared(walk: Walk) -> None:
    _collecting(walk)
    walk.pass_gate("collection")


def _contained(walk: Walk) -> None:
    walk.to_apheresis().open("containment", drug="dexamethasone", drug_class="systemic_steroid")


def _bridged(walk: Walk) -> None:
    walk.to_bridging().open("bridging", drug="inotuzumab", drug_class="inotuzumab")


def _depleting(walk: Walk) -> None:
    walk.to_lymphodepletion().open("lymphodepletion", regimen="Flu/Cy")


def _passed_to_deplete(walk: Walk) -> None:
    _depleting(walk)
    walk.pass_gate("lymphodepletion")


# Where the walks of each machine begin: one of these, by the first byte. Half of those of the
# journey stand before a gate that is passed: the way forward is open.
BEGINNINGS: dict[str, tuple[Callable[[Walk], object], ...]] = {
    "journey": (
        Walk.prepare,
        Walk.to_eligibility,
        _collecting,
        Walk.ship,
        Walk.pass_to_lymphodepletion,
        Walk.to_lymphodepletion,
        Walk.pass_to_infusion,
        Walk.come_home,
        Walk.to_follow_up,
    ),
    "eligibility": (Walk.to_eligibility, _assessed, _met, _accepted),
    "containment": (_contained,),
    "apheresis": (_collecting, _cleared),
    "product": (Walk.to_bridging, Walk.to_lymphodepletion, Walk.to_infusion),
    "bridging": (_bridged,),
    "lymphodepletion": (_depleting, _passed_to_deplete),
}


@dataclass
class Driven:
    """One course under random moves, with what its changes say of every subject."""

    walk: Walk
    states: dict[Subject, str] = field(default_factory=dict)
    kept: int = 0  # changes that `states` follows from
    made: int = 0  # moves that were not refused
    # What the last refused move left as it was: read anew after the next one that is made.
    picture: Picture = field(default_factory=list)
    state: CourseState | None = None

    def follow(self, changes: Iterable[Change]) -> None:
        """Take up further changes: each leaves the state that the one before it led to."""
        for change in changes:
            subject = (change.machine, change.subject_id)
            assert self.states.get(subject, "") == change.source
            self.states[subject] = change.target
            self.kept += 1
            assert change.sequence == self.kept

    def fresh(self) -> list[Change]:
        """The changes written since."""
        found = Change.objects.filter(course=self.walk.course, sequence__gt=self.kept)
        return list(found.order_by("sequence"))

    def agrees(self) -> None:
        """The rows stand where the changes led."""
        pk = self.walk.course.pk
        rows: dict[Subject, str] = {
            (row.machine, row.pk): row.state for row in companions_of([pk]).get(pk, ())
        }
        rows["journey", None] = Journey.objects.get(course=pk).stage
        assert rows == self.states

    def look(self) -> tuple[Picture, CourseState]:
        """All that is stored, and the state that the guards look at."""
        if self.state is None:
            self.picture, self.state = _picture(self.walk.course), load_state(self.walk.course)
        return self.picture, self.state


def _picture(course: Course) -> Picture:
    """All that a move of `course` could have written, whole rows in one query."""
    return ask(_picture_sql(), [course.pk] * (len(_WRITTEN) + 1))


@cache
def _picture_sql() -> str:
    # Every name stands in our own models; the course is a parameter.
    rows = [f'SELECT t::text FROM "{m._meta.db_table}" t WHERE course_id = %s' for m in _WRITTEN]  # noqa: S608
    rows.append(f'SELECT t::text FROM "{Course._meta.db_table}" t WHERE id = %s')  # noqa: S608
    rows.append(f'SELECT count(*)::text FROM "{AuditEvent._meta.db_table}"')  # noqa: S608
    return f"{' UNION ALL '.join(rows)} ORDER BY 1"


def _step(driven: Driven, name: str, step: bytes) -> None:
    """One random move: allowed and whole, or refused with its reasons and without a trace."""
    walk, course = driven.walk, driven.walk.course
    other = tuple(MACHINES)[step[0] % len(MACHINES)] if step[4] % 4 == 0 else name
    subjects = [subject for subject in driven.states if subject[0] == other]
    if not subjects:
        return
    subject = subjects[step[0] % len(subjects)]
    machine, source = MACHINES[other], driven.states[subject]
    target, role = _aim(machine, other, source, step)
    walk.now += timedelta(minutes=1)
    away = {6: timedelta(days=-400), 7: timedelta(days=1)}.get(step[3] % 8, timedelta(0))
    (before, state), at = driven.look(), walk.now + away
    asked = _against(state, machine, subject, target, role, at)
    soft = [refusal.code for refusal in asked if refusal.kind is Kind.SOFT]
    order = MoveOrder(
        target=target,
        happened_at=at,
        reason="why" if step[4] & 16 else "",
        overrides=dict.fromkeys(soft, "because") if step[4] & 32 else {},
        expected_version=course.version - (step[4] % 8 == 1),
        details=DETAILS.get((other, target), {}) if step[4] & 128 else {},
    )
    expected = {refusal.code for refusal in asked} | BESIDE_GUARDS
    version = course.version
    refused = _attempt(walk, subject, order, role)
    if refused is None:
        assert role in MAY[other][source, target]
        made, *caused = driven.fresh()
        assert (made.machine, made.subject_id, made.source, made.target) == (
            *subject, source, target,
        )  # fmt: skip
        assert all(change.cause for change in caused)
        driven.follow([made, *caused])
        driven.made, driven.state = driven.made + 1, None
        course.refresh_from_db()
        assert course.version > version
        driven.agrees()
    else:
        assert _picture(course) == before  # and so it still agrees
        legal = MAY[other].get((source, target))
        _says_why(refused, legal, role, expected, stale=order.expected_version != course.version)


def _aim(machine: Machine[Any], name: str, source: str, step: bytes) -> tuple[str, Role]:
    """Any state and any role; every other time a legal move by somebody who may."""
    legal = [(target, may) for (state, target), may in MAY[name].items() if state == source]
    if step[4] & 64 and legal:
        target, may = legal[step[1] % len(legal)]
        return target, sorted(may)[step[2] % len(may)]
    targets = tuple(machine.labels)
    return targets[step[1] % len(targets)].value, ROLES[step[2] % len(ROLES)]


def _says_why(
    refused: Refused,
    legal: frozenset[Role] | None,
    role: Role,
    expected: set[str],
    *,
    stale: bool,
) -> None:
    assert refused.refusals
    assert all(refusal.code and refusal.message for refusal in refused.refusals)
    given_codes = {refusal.code for refusal in refused.refusals}
    if isinstance(refused, StaleVersion):
        assert stale
    elif legal is None:
        assert given_codes == {"no_such_move"}
    else:
        assert given_codes <= expected
        assert isinstance(refused, NotAllowed) is (role not in legal)


def _attempt(walk: Walk, subject: Subject, order: MoveOrder, role: Role) -> Refused | None:
    """Ask for the move; what refused it, or None when it was made."""
    try:
        with transaction.atomic():
            _ask(walk, subject, order, role)
    except Refused as refused:
        return refused
    return None


def _ask(walk: Walk, subject: Subject, order: MoveOrder, role: Role) -> None:
    machine, pk = subject
    actor, now = walk.by(role.value), walk.now
    if pk is None:
        advance(course_id=walk.course.pk, order=order, actor=actor, now=now)
    else:
        move_companion(
            course_id=walk.course.pk, machine=machine, pk=pk, order=order, actor=actor, now=now
        )


def _against(
    state: CourseState,
    machine: Machine[Any],
    subject: Subject,
    target: str,
    role: Role,
    at: datetime,
) -> list[Any]:
    row = next((r for r in state.companions if (r.machine, r.pk) == subject), None)
    source = row.state if row else state.journey.stage
    move = machine.find(machine.state(source), machine.state(target))
    on = local_date(at, state.course.centre.zone)
    if move is None:
        return []
    facts = state.facts(on=on, subject=row, at=at)
    return list(against(move, facts, frozenset({role.value})))


@pytest.mark.no_cover
@pytest.mark.django_db
@pytest.mark.parametrize("name", MACHINES)
def test_random_moves_leave_database_and_changes_of_one_mind(
    name: str, coordinator: Any, refer_patient: Refer, user_with: UserWith
) -> None:
    walks = []
    for number, begin in enumerate(BEGINNINGS[name]):
        walk = Walk(refer_patient(coordinator, number=f"F-{number}"), user_with)
        begin(walk)
        for role in ROLES:
            walk.by(role.value)
        walks.append(walk)

    made: list[int] = []

    @settings(
        max_examples=RUNS,
        derandomize=not SEARCHES,
        phases=(Phase.generate, Phase.shrink) if SEARCHES else (Phase.generate,),
        database=None,
        suppress_health_check=list(HealthCheck),
        deadline=None,
    )
    @given(st.binary(min_size=1 + BYTES * STEPS, max_size=1 + BYTES * STEPS))
    def drive(drawn: bytes) -> None:
        walk = walks[drawn[0] % len(walks)]
        began = walk.now
        with transaction.atomic():
            walk.course.refresh_from_db()
            driven = Driven(walk)
            driven.follow(driven.fresh())
            driven.agrees()
            for place in range(1, len(drawn), BYTES):
                _step(driven, name, drawn[place : place + BYTES])
            transaction.set_rollback(True)
        made.append(driven.made)
        walk.now = began
        walk.course.refresh_from_db()

    drive()
    assert sum(made) > RUNS  # else it would only test refusals
