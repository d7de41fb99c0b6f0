"""Undo restores what was, to the day; back-dated steps keep the order in which things happen."""

from datetime import date, datetime, timedelta

import pytest

from accounts.models import User
from audit.models import AuditEvent
from pathway.loading import load_state
from pathway.models import Change, Journey
from patients import deaths
from patients.models import Course, Death, Hold
from terms.refusals import Refused
from tests.conftest import NOW, Refer
from tests.services.refused import codes, fields
from tests.walking import DAY_ZERO, Walk

pytestmark = pytest.mark.django_db


def day(number: int) -> date:
    return DAY_ZERO + timedelta(days=number)


def die(walk: Walk, on: date | None = None) -> Death:
    return deaths.record_death(
        patient_id=walk.course.patient_id,
        died_on=on or walk.now.date(),
        actor=walk.by("coordinator"),
        now=walk.tick(),
    )


def withdraw_death(walk: Walk) -> None:
    deaths.withdraw_death(
        patient_id=walk.course.patient_id,
        reason="Another patient",
        actor=walk.by("coordinator"),
        now=walk.tick(),
    )
    walk.course.refresh_from_db()


def give_containment(walk: Walk) -> None:
    walk.open("containment", drug="dexamethasone", drug_class="systemic_steroid")
    walk.move("containment", "given", "ward_nurse")


def start_collection(walk: Walk) -> Change:
    walk.open("apheresis", "coordinator", planned_on=walk.now.date())
    walk.pass_gate("collection")
    walk.move("apheresis", "cleared", "apheresis_nurse")
    return walk.move("apheresis", "in_progress", "apheresis_nurse")


# Undo


@pytest.mark.walked("to_apheresis")
def test_a_collection_goes_on_since_the_day_it_began_after_a_mistaken_death(walk: Walk) -> None:
    walk.until(-30)
    began = start_collection(walk)
    die(walk)
    withdraw_death(walk.until(-28))
    attempt = walk.latest("apheresis")
    attempt.refresh_from_db()
    assert (attempt.state, attempt.state_since) == ("in_progress", day(-30))
    true_end = began.happened_at + timedelta(hours=4)
    walk.move("apheresis", "completed", "apheresis_nurse", happened_at=true_end)
    anchor = walk.course.anchors.get(kind="apheresis")
    assert (anchor.occurrence, anchor.actual_on) == (1, day(-30))


@pytest.mark.walked("to_apheresis")
def test_an_exit_taken_back_leaves_every_date_as_it_was(walk: Walk) -> None:
    give_containment(walk)
    walk.course.refresh_from_db()
    before = load_state(walk.course)
    walk.until(-12).go("withdrawn", reason="Recorded by mistake")
    walk.go("apheresis", reason="Recorded by mistake")
    after = load_state(Course.objects.get(pk=walk.course.pk))
    assert after.journey.stage_since == before.journey.stage_since == day(-35)
    assert after.of("containment") == before.of("containment")
    assert after.standing_changes == before.changes
    assert len(after.changes) == len(before.changes) + 4
    walk.open("apheresis", "coordinator", planned_on=walk.now.date())
    walk.pass_gate("collection")
    walk.move("apheresis", "cleared", "apheresis_nurse")


@pytest.mark.walked("to_apheresis")
def test_two_deaths_taken_back_one_after_the_other_restore_the_first_day(walk: Walk) -> None:
    give_containment(walk)
    since = walk.latest("containment").state_since
    for number in (-20, -10):
        die(walk.until(number))
        withdraw_death(walk)
    row = load_state(walk.course).of("containment")[0]
    assert (row.state, row.state_since) == ("given", since)
    assert row.reached == {"planned": since, "given": since}


@pytest.mark.walked("to_apheresis")
def test_a_true_move_back_starts_the_stage_anew_and_counts_as_a_step(walk: Walk) -> None:
    walk.until(-20).go("eligibility", "coordinator", reason="Progression")
    state = load_state(walk.course)
    assert state.journey.stage_since == day(-20)
    assert state.standing_changes == state.changes


# When a step can have happened


@pytest.mark.walked("to_lymphodepletion", "deplete")
def test_an_infusion_typed_too_late_is_taken_back_and_entered_at_its_true_time(walk: Walk) -> None:
    walk.thaw().check("bedside", "ward_nurse", "haematologist")
    came = Journey.objects.get(course=walk.course).stage_since
    true_time = walk.tick()
    walk.now += timedelta(hours=2)
    walk.check("bedside", "ward_nurse", "haematologist")
    walk.go("infusion", overrides={"thaw_too_long": "typed late"})
    walk.go("lymphodepletion", reason="Wrong day", happened_at=true_time)
    assert Journey.objects.get(course=walk.course).stage_since == came
    assert load_state(walk.course).infused_on is None
    walk.go("infusion", happened_at=true_time)
    assert load_state(walk.course).infused_on == true_time.date()


@pytest.mark.walked("to_lymphodepletion", "deplete")
def test_an_infusion_taken_back_today_can_still_be_entered_at_its_true_time(walk: Walk) -> None:
    walk.thaw().check("bedside", "ward_nurse", "haematologist")
    true_time = walk.tick()
    walk.now += timedelta(hours=2)
    walk.check("bedside", "ward_nurse", "haematologist")
    walk.go("infusion", overrides={"thaw_too_long": "typed late"})
    walk.go("lymphodepletion", reason="Wrong day")
    walk.go("infusion", happened_at=true_time)
    assert load_state(walk.course).infused_on == true_time.date()


@pytest.mark.walked("to_apheresis")
def test_a_move_back_may_not_lie_before_the_state_it_leads_to_was_entered(walk: Walk) -> None:
    entered = Change.objects.get(course=walk.course, target="eligibility").happened_at
    with pytest.raises(Refused) as refused:
        walk.go("eligibility", reason="x", happened_at=entered - timedelta(minutes=5))
    assert codes(refused.value) == {"before_previous"}
    walk.go("eligibility", reason="x", happened_at=entered)
    first, second = walk.course.eligibilityreviews.order_by("pk")
    assert first.state_since == day(-35), "a round is not closed before it was accepted"
    assert second.state_since == entered.date()


@pytest.mark.walked("prepare")
def test_no_step_lies_before_the_referral(walk: Walk) -> None:
    with pytest.raises(Refused) as refused:
        walk.go("withdrawn", reason="x", happened_at=datetime(1990, 1, 1, tzinfo=NOW.tzinfo))
    assert codes(refused.value) == {"before_referral", "before_previous"}


def test_a_referral_before_birth_is_refused(refer_patient: Refer, coordinator: User) -> None:
    with pytest.raises(Refused) as refused:
        refer_patient(coordinator, referred_on=date(1950, 1, 1))
    assert fields(refused.value) == {("referred_on", "before_birth")}
    assert not Course.objects.exists()


# What a death closes


@pytest.mark.walked("to_apheresis")
def test_what_a_death_closes_ends_on_the_day_of_death_and_not_of_recording(walk: Walk) -> None:
    give_containment(walk)
    walk.until(-10)
    die(walk, day(-30))
    row = load_state(walk.course).of("containment")[0]
    assert (row.state, row.state_since) == ("closed", day(-30))


@pytest.mark.walked("to_apheresis")
def test_a_death_of_today_closes_nothing_later_than_now(walk: Walk) -> None:
    give_containment(walk)
    die(walk)
    closed = Change.objects.filter(course=walk.course).latest("sequence")
    assert closed.happened_at == closed.recorded_at == walk.now


@pytest.mark.walked("to_apheresis")
def test_a_death_before_a_recorded_step_is_refused(walk: Walk) -> None:
    with pytest.raises(Refused) as refused:
        die(walk, day(-36))
    assert codes(refused.value) == {"before_last_fact"}
    assert refused.value.refusals[0].params == {"limit": day(-35)}
    assert not Death.objects.exists()
    assert Journey.objects.get(course=walk.course).active


@pytest.mark.walked("to_follow_up")
def test_a_death_before_anybody_called_the_patient_lost_is_recorded(walk: Walk) -> None:
    walk.until(480)
    for on in (day(400), day(450)):
        walk.note("attempt", on=str(on), means="phone", made_by="Anna", reached=False)
    walk.go("lost", reason="Does not answer")
    assert die(walk, day(50)).died_on == day(50)


@pytest.mark.walked("to_lymphodepletion")
def test_a_product_discarded_after_the_death_holds_nothing(walk: Walk) -> None:
    die(walk)
    why = {"failure_reason": "not_needed"}
    walk.move("product", "discarded", "quality", reason="The patient died", details=why)
    assert not Hold.objects.filter(ended_on=None).exists()


# The audit of what follows by itself


@pytest.mark.walked("to_apheresis")
def test_every_automatic_change_leaves_an_event_with_its_cause(walk: Walk) -> None:
    give_containment(walk)
    left = walk.go("withdrawn", reason="x")
    walk.go("apheresis", reason="y")
    found = AuditEvent.objects.filter(course_id=walk.course.pk, action="containment.auto")
    cause = f"change:{left.sequence}"
    told = [(e.before["state"], e.after["state"], e.after["cause"]) for e in found.order_by("pk")]
    assert told == [("given", "closed", cause), ("closed", "given", f"undo:{cause}")]
    opened = AuditEvent.objects.get(course_id=walk.course.pk, action="eligibility.auto")
    assert (opened.before, opened.after["state"]) == ({"state": ""}, "enrolled")


@pytest.mark.walked("to_apheresis")
def test_as_many_automatic_events_as_changes_with_a_cause(walk: Walk) -> None:
    give_containment(walk)
    start_collection(walk.until(-30))
    die(walk)
    withdraw_death(walk)
    changes = Change.objects.filter(course=walk.course).exclude(cause="").count()
    events = AuditEvent.objects.filter(course_id=walk.course.pk, action__endswith=".auto").count()
    assert (changes, events) == (4, 4)
