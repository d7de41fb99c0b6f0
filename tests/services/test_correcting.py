"""Correcting when a step happened: order, anchors, reminders, what followed by itself, history."""

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.models import User
from audit.models import AuditEvent
from exports.timeline import course_timeline
from pathway.correcting import correct_time, history
from pathway.day_times import CODES as DAYS
from pathway.domain import bag_times
from pathway.domain.check_times import CODES
from pathway.domain.rules import PathwayRules
from pathway.domain.transcription import PastAttempt, PastCourse
from pathway.loading import CourseState, load_state
from pathway.loading_companions import MODELS
from pathway.models import Change, Journey
from pathway.referring import NewCourse
from pathway.standing import misplaced, standing_changes
from pathway.transcribing import Transcript, transcribe
from patients.deaths import record_death
from patients.models import Anchor, Course
from patients.models.courses import AnchorKind
from protocol.models import Protocol
from protocol.selectors import settings_of
from reminders.models import Reminder
from terms.refusals import NotAllowed, Refused, StaleVersion
from tests.conftest import NOW as SESSION
from tests.domain.test_transcription import ago
from tests.services.refused import codes
from tests.services.test_transcribing import ROSSI
from tests.walking import DAY_ZERO, Walk

pytestmark = pytest.mark.walked("to_follow_up")

NOW = datetime(2026, 12, 1, 9, tzinfo=UTC)


def step(course: Course, machine: str, target: str) -> Change:
    """The latest step of a machine to a state, as it stands."""
    found = [c for c in load_state(course).changes if (c.machine, c.target) == (machine, target)]
    return found[-1]


@pytest.fixture
def correct(course: Course, haematologist: User) -> Any:
    """Correct a step of the course."""
    checks = PathwayRules.of(settings_of(course.protocol)).gates.by_gate.values()
    gates = [f"gate_{check.code}" for found in checks for check in found]

    def corrected(change: Change, at: datetime, **given: Any) -> Change:
        values: dict[str, Any] = {
            "reason": "typed wrongly",
            "actor": haematologist,
            "now": NOW,
            # The check at the bedside and the bag's age are the matter of test_check_times.py, the
            # gates that of test_gate_times.py and test_discharge_grades.py, the days that of
            # test_day_times.py.
            "overrides": dict.fromkeys(
                (*CODES.values(), *bag_times.CODES, *bag_times.OVER, *DAYS, *gates), "acknowledged"
            ),
        }
        return correct_time(
            course_id=course.pk, place=change.place, happened_at=at, **(values | given)
        )

    return corrected


def actual(course: Course, kind: AnchorKind) -> date | None:
    return Anchor.objects.get(course=course, kind=kind).actual_on


def test_day_zero_moves_with_everything_counted_from_it(
    walk: Walk, correct: Any, haematologist: User
) -> None:
    course = walk.course
    due = Reminder.objects.filter(course=course, anchor_kind="infusion", status="open")
    before = {r.pk: r.due_on for r in due}
    version = Course.objects.get(pk=course.pk).version
    old = step(course, "journey", "infusion")
    new = correct(old, old.happened_at - timedelta(days=1), expected_version=version)
    assert actual(course, AnchorKind.INFUSION) == DAY_ZERO - timedelta(days=1)
    moved = {r.pk: r.due_on for r in due.filter(pk__in=before)}
    assert moved
    assert all(moved[pk] < before[pk] for pk in moved)
    assert Course.objects.get(pk=course.pk).version > version
    assert (new.supersedes_id, new.place, new.correction) == (old.pk, old.place, "typed wrongly")
    event = AuditEvent.objects.get(action="journey.correct")
    assert event.reason == "typed wrongly"
    rows = [r for r in course_timeline(haematologist, course) if r.event_code == "STAGE_INFUSION"]
    assert [row.event_date for row in rows] == ["2026-10-19"]
    state = load_state(course)
    assert state.infused_on == DAY_ZERO - timedelta(days=1)


def test_a_discharge_before_the_new_day_zero_is_the_anchor_no_more(
    walk: Walk, correct: Any
) -> None:
    old = step(walk.course, "journey", "infusion")
    assert actual(walk.course, AnchorKind.DISCHARGE) == DAY_ZERO + timedelta(days=14)
    follow_up = step(walk.course, "journey", "follow_up")
    correct(follow_up, walk.at(20), now=NOW)
    correct(old, walk.at(16))
    assert not Anchor.objects.filter(course=walk.course, kind=AnchorKind.DISCHARGE).exists()


def test_a_correction_can_be_corrected_and_all_is_kept(walk: Walk, correct: Any) -> None:
    first = step(walk.course, "lymphodepletion", "in_progress")
    second = correct(first, first.happened_at - timedelta(hours=3))
    third = correct(second, first.happened_at - timedelta(hours=2), reason="again")
    (line,) = [row for row in history(walk.course) if row[0].pk == third.pk]
    assert [one.pk for one in line[1]] == [second.pk, first.pk]
    assert third.place == first.sequence


def test_what_followed_by_itself_moves_along(walk: Walk, correct: Any) -> None:
    collecting = step(walk.course, "apheresis", "in_progress")
    closed = step(walk.course, "containment", "closed")
    assert closed.cause
    new = correct(collecting, collecting.happened_at - timedelta(minutes=20))
    assert step(walk.course, "containment", "closed").happened_at == new.happened_at


@pytest.mark.parametrize(
    ("machine", "target", "shift", "refused"),
    [
        ("journey", "infusion", timedelta(days=60), {"future_date", "out_of_order"}),
        (
            "journey",
            "infusion",
            timedelta(days=-30),
            {"out_of_order", "before_earlier_anchor", "before_depletion_ended"},
        ),
        ("journey", "eligibility", timedelta(days=-30), {"before_referral", "out_of_order"}),
        ("journey", "infusion", timedelta(), {"nothing_changed"}),
        ("containment", "closed", timedelta(hours=-1), {"automatic"}),
        ("journey", "referral", timedelta(hours=1), {"referral"}),
        ("apheresis", "completed", timedelta(days=2), {"out_of_order"}),
    ],
)
def test_a_time_that_cannot_be_is_refused_and_leaves_no_trace(
    walk: Walk, correct: Any, machine: str, target: str, shift: timedelta, refused: set[str]
) -> None:
    change, count = step(walk.course, machine, target), Change.objects.count()
    with pytest.raises(Refused) as caught:
        correct(change, change.happened_at + shift)
    assert codes(caught.value) == refused
    assert Change.objects.count() == count


def test_role_reason_version_and_place_are_asked_for(
    walk: Walk, correct: Any, coordinator: User
) -> None:
    change = step(walk.course, "journey", "infusion")
    at = change.happened_at - timedelta(hours=1)
    with pytest.raises(NotAllowed):
        correct(change, at, actor=coordinator)
    with pytest.raises(StaleVersion):
        correct(change, at, expected_version=1)
    with pytest.raises(Refused) as caught:
        correct(change, at, reason=" ")
    assert codes(caught.value) == {"reason_needed"}
    change.position = 999
    with pytest.raises(Change.DoesNotExist):
        correct(change, at)


def test_nothing_happens_after_death(walk: Walk, correct: Any, coordinator: User) -> None:
    record_death(
        patient_id=walk.course.patient_id,
        died_on=DAY_ZERO + timedelta(days=16),
        actor=coordinator,
        now=NOW,
    )
    with pytest.raises(Refused) as caught:
        correct(step(walk.course, "journey", "follow_up"), walk.at(20))
    assert codes(caught.value) == {"after_death"}


@pytest.mark.walked("to_eligibility")
def test_an_exit_corrected_moves_what_it_ended_and_is_undone_exactly(
    walk: Walk, course: Course, correct: Any
) -> None:
    walk.until(-30)
    hold = walk.hold("eligibility")
    left = walk.until(-20).go("withdrawn", "coordinator", reason="asked to")
    later = correct(left, left.happened_at - timedelta(days=2))
    hold.refresh_from_db()
    course.refresh_from_db()
    assert hold.ended_on == course.closed_on == later.happened_on
    review = step(course, "eligibility", "closed")
    assert review.happened_at == later.happened_at
    with pytest.raises(Refused) as caught:
        correct(review, later.happened_at - timedelta(hours=1))
    assert codes(caught.value) == {"automatic"}
    walk.go("eligibility", reason="a mistake")
    hold.refresh_from_db()
    assert hold.ended_on is None
    assert course.eligibilityreviews.get().state == "enrolled"
    with pytest.raises(Refused) as caught:
        correct(later, later.happened_at - timedelta(days=1))
    assert "taken_back" in codes(caught.value)


@pytest.mark.walked("to_bridging")
def test_the_way_back_to_eligibility_leaves_the_enrolment_where_it_was(
    walk: Walk, course: Course, correct: Any
) -> None:
    enrolled = actual(course, AnchorKind.ENROLMENT)
    back = walk.go("eligibility", reason="the material was lost")
    correct(back, back.happened_at - timedelta(minutes=20))
    assert actual(course, AnchorKind.ENROLMENT) == enrolled
    assert step(course, "journey", "eligibility").happened_at < back.happened_at


def test_a_day_that_nobody_knew_counts_once_it_is_told(
    protocol: Protocol, coordinator: User, haematologist: User
) -> None:
    past = PastCourse(
        stage="follow_up",
        referred_on=ago(99),
        infused_on=ago(40),
        attempts=(PastAttempt(None, "adequate"),),
    )
    asked = NewCourse(protocol_code=protocol.code, referred_on=past.referred_on)
    course = transcribe(
        patient=ROSSI, transcript=Transcript(asked, past), actor=coordinator, now=SESSION
    )
    began = step(course, "apheresis", "in_progress")
    assert not Anchor.objects.filter(course=course, kind="apheresis").exists()
    correct_time(
        course_id=course.pk,
        place=began.place,
        happened_at=SESSION - timedelta(days=70),
        reason="found in the ward book",
        actor=haematologist,
        now=SESSION,
    )
    assert actual(course, AnchorKind.APHERESIS) == ago(70)
    assert step(course, "apheresis", "in_progress").transcribed


def test_a_time_before_death_is_no_contradiction(
    walk: Walk, correct: Any, coordinator: User
) -> None:
    record_death(
        patient_id=walk.course.patient_id,
        died_on=DAY_ZERO + timedelta(days=16),
        actor=coordinator,
        now=NOW,
    )
    moved = correct(step(walk.course, "journey", "follow_up"), walk.at(15))
    assert moved.happened_on == DAY_ZERO + timedelta(days=15)


def consistent(state: CourseState) -> None:
    """Stages, states, since when and anchors say what the standing changes say."""
    changes = standing_changes(state.changes)
    last = {(c.machine, c.subject_id): c for c in changes}
    journey = Journey.objects.get(course=state.course)
    assert (journey.stage, journey.stage_since) == _said(last["journey", None])
    for (machine, pk), change in last.items():
        assert not misplaced(state.changes, machine, pk)
        if pk is not None:
            row = MODELS[machine]._default_manager.get(pk=pk)
            assert (row.state, row.state_since) == _said(change)
    for machine, target, kind in (
        ("journey", "eligibility", AnchorKind.ENROLMENT),
        ("apheresis", "in_progress", AnchorKind.APHERESIS),
        ("lymphodepletion", "in_progress", AnchorKind.LYMPHODEPLETION),
        ("journey", "infusion", AnchorKind.INFUSION),
    ):
        (change,) = [c for c in changes if (c.machine, c.target) == (machine, target)]
        assert actual(state.course, kind) == change.happened_on


def _said(change: Change) -> tuple[str, date]:
    return change.target, change.happened_on


def test_a_time_between_the_neighbours_leaves_all_consistent(
    walk: Walk, haematologist: User
) -> None:
    course = walk.course
    consistent(load_state(course))
    plain = [c for c in load_state(course).standing_changes if c.source and not c.cause]

    @settings(max_examples=40, deadline=None)
    @given(st.integers(0, len(plain) - 1), st.floats(0, 1))
    def corrected(index: int, part: float) -> None:
        change = plain[index]
        mine = [
            c for c in plain if (c.machine, c.subject_id) == (change.machine, change.subject_id)
        ]
        at = mine.index(change)
        low = mine[at - 1].happened_at if at else change.happened_at - timedelta(hours=5)
        high = mine[at + 1].happened_at if at + 1 < len(mine) else NOW
        with transaction.atomic():
            with suppress(Refused):
                # Another machine's day, or what follows by itself, may stand against it.
                correct_time(
                    course_id=course.pk,
                    place=change.place,
                    happened_at=low + (high - low) * part,
                    reason="a guess",
                    actor=haematologist,
                    now=NOW,
                )
            consistent(load_state(course))
            transaction.set_rollback(True)

    corrected()
