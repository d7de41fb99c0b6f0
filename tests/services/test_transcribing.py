"""Courses entered with their past: what is written, what is marked, what comes after."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from accounts.models import Centre, User
from audit.models import AuditEvent
from pathway.domain.transcription import PastAttempt, PastCourse
from pathway.loading import load_state
from pathway.models import Change, Journey
from pathway.referring import NewCourse
from pathway.selectors import course_state
from pathway.transcribing import Transcript, transcribe, transcribe_further
from pathway.transitions import MoveOrder, advance
from patients.anchors import set_actual
from patients.models import Course, Patient
from patients.models.courses import AnchorKind
from patients.people import NewPatient
from patients.stays import admit, discharge
from protocol.models import Protocol
from reminders.closing import reopen
from reminders.laying import lay_out
from reminders.models import BEFORE_PERCORSO, Reminder
from reminders.selectors import due_within
from terms.refusals import NotAllowed, Refused
from tests.conftest import NOW, UserWith
from tests.domain.test_transcription import BRIDGED, FOLLOWED, LEFT, PREPARED, ago
from tests.services.refused import codes

ROSSI = NewPatient(
    family_name="Rossi",
    given_name="Maria",
    birth_date=date(1961, 10, 14),
    sex="female",
    identifiers=(("Hospital", "1"),),
)


@pytest.fixture
def enter(protocol: Protocol, coordinator: User) -> Any:
    """Enter a course: enter(past, **patient)."""

    def make(past: PastCourse, actor: User = coordinator, **given: Any) -> Course:
        asked = NewCourse(protocol_code=protocol.code, referred_on=past.referred_on)
        return transcribe(
            patient=replace(ROSSI, **given),
            transcript=Transcript(asked, past),
            actor=actor,
            now=NOW,
        )

    return make


def test_a_course_on_day_40_stands_as_if_it_had_been_walked(enter: Any) -> None:
    course = enter(FOLLOWED)
    journey = Journey.objects.get(course=course)
    assert (journey.stage, journey.stage_since, journey.active) == ("follow_up", ago(20), True)
    assert course.transcribed_on == NOW.date()
    changes = Change.objects.filter(course=course).order_by("sequence")
    assert [c.sequence for c in changes] == list(range(1, len(changes) + 1))
    assert all(c.transcribed and c.data_source == "transcribed" for c in changes)
    assert {c.precision for c in changes} == {"day", "unknown"}
    anchors = {(a.kind, a.occurrence): a.actual_on for a in course.anchors.all()}
    assert anchors == {
        ("enrolment", 1): ago(120),
        ("apheresis", 1): ago(105),
        ("apheresis", 2): ago(100),
        ("lymphodepletion", 1): ago(45),
        ("infusion", 1): ago(40),
        ("discharge", 1): ago(20),
    }
    stay = course.stays.get()
    assert (stay.began_on, stay.ended_on) == (ago(46), ago(20))
    assert AuditEvent.objects.filter(action="course.transcribe", course_id=course.pk).count() == 1


def test_facts_say_what_was_not_checked_and_what_is_not_known(enter: Any) -> None:
    facts = load_state(enter(FOLLOWED)).facts(on=NOW.date())
    assert "infusion" in facts.transcribed_stages
    bridging = facts.bridgings[0]
    assert bridging.transcribed == {"running", "closed"} == bridging.undated
    assert bridging.reached == {}
    assert facts.product is not None
    assert facts.product.state == "infused"


def test_an_unknown_anchor_stays_empty_and_nothing_is_counted_from_it(enter: Any) -> None:
    past = PastCourse(
        stage="follow_up",
        referred_on=ago(99),
        infused_on=ago(40),
        attempts=(PastAttempt(None, "adequate"),),
    )
    course = enter(past)
    assert [a.kind for a in course.anchors.all()] == ["infusion"]
    state = load_state(course)
    assert state.stage_since is None
    assert {r.anchor_kind for r in course.reminders.all()} == {"infusion"}


def test_later_moves_are_guarded_as_ever(enter: Any, haematologist: User) -> None:
    course = enter(replace(FOLLOWED, stage="infusion", discharged_on=None))
    order = MoveOrder(target="follow_up", happened_at=NOW)
    with pytest.raises(Refused) as refused:
        advance(course_id=course.pk, order=order, actor=haematologist, now=NOW)
    gate = {code for code in codes(refused.value) if code.startswith("gate_")}
    assert codes(refused.value) - gate == {"still_in_hospital"}
    assert "gate_toxicity" in gate
    order = replace(order, overrides=dict.fromkeys(gate, "seen by us"))
    discharge(course_id=course.pk, on=NOW.date(), actor=haematologist, now=NOW)
    change = advance(course_id=course.pk, order=order, actor=haematologist, now=NOW)
    assert (change.transcribed, change.precision) == (False, "minute")


def test_what_is_unknown_asks_before_a_later_move(enter: Any, haematologist: User) -> None:
    course = enter(replace(BRIDGED, product_state="stored", bridging_last_dose_on=None))
    order = MoveOrder(target="lymphodepletion", happened_at=NOW)
    with pytest.raises(Refused) as refused:
        advance(course_id=course.pk, order=order, actor=haematologist, now=NOW)
    # Nothing else was checked either: every open check of the gate is named beside it.
    asked = {code for code in codes(refused.value) if not code.startswith("gate_")}
    assert asked == {
        "last_dose_unknown", "dose_unknown", "consent_missing", "identity_not_verified",
    }  # fmt: skip
    assert "gate_infection" in codes(refused.value)


def test_nobody_is_infused_twice(enter: Any, haematologist: User) -> None:
    course = enter(replace(FOLLOWED, stage="infusion", discharged_on=None))
    options = load_state(course).facts(on=NOW.date())
    assert options.infused_on == ago(40)


def test_lymphodepletion_under_way_can_be_completed(enter: Any) -> None:
    course = enter(PREPARED)
    row = load_state(course).of("lymphodepletion")[0]
    assert (row.state, row.reached) == ("in_progress", {"in_progress": ago(3)})


def test_an_exit_closes_and_its_way_back_restores(enter: Any, haematologist: User) -> None:
    course = enter(LEFT)
    journey = Journey.objects.get(course=course)
    assert (journey.stage, journey.left_stage, journey.active) == ("withdrawn", "bridging", False)
    course.refresh_from_db()
    assert course.closed_on == ago(5)
    advance(
        course_id=course.pk,
        order=MoveOrder(target="bridging", happened_at=NOW, reason="came back"),
        actor=haematologist,
        now=NOW,
    )
    journey.refresh_from_db()
    assert (journey.stage, journey.stage_since) == ("bridging", ago(100))


def test_reminders_before_percorso_are_neither_overdue_nor_done(
    enter: Any, coordinator: User
) -> None:
    course = enter(FOLLOWED)
    aside = course.reminders.filter(closed_cause=BEFORE_PERCORSO)
    assert aside.exists()
    assert all(r.status == "cancelled" and r.window_end < NOW.date() for r in aside)
    assert not Reminder.objects.overdue(NOW.date()).exists()
    assert course.reminders.filter(status="open", due_on__gt=NOW.date()).exists()
    assert due_within(coordinator, 400, NOW.date()).exists()


def test_one_set_aside_can_be_asked_for_and_stays_so(enter: Any, coordinator: User) -> None:
    course = enter(FOLLOWED)
    row = course.reminders.filter(closed_cause=BEFORE_PERCORSO).first()
    assert row is not None
    opened = reopen(reminder_id=row.pk, reason="not in the old file", actor=coordinator, now=NOW)
    assert opened.status == "open"
    lay_out([course], actor=coordinator, now=NOW)
    row.refresh_from_db()
    assert row.status == "open"
    set_actual(course, AnchorKind.INFUSION, ago(41), actor=coordinator, now=NOW)
    row.refresh_from_db()
    assert row.status == "open"


def test_a_corrected_day_0_brings_back_what_is_due_after_all(enter: Any, coordinator: User) -> None:
    course = enter(FOLLOWED)
    row = course.reminders.filter(closed_cause=BEFORE_PERCORSO, anchor_kind="infusion").first()
    assert row is not None
    set_actual(course, AnchorKind.INFUSION, ago(1), actor=coordinator, now=NOW)
    row.refresh_from_db()
    assert row.status == "open"
    set_actual(course, AnchorKind.INFUSION, ago(40), actor=coordinator, now=NOW)
    row.refresh_from_db()
    assert row.closed_cause == BEFORE_PERCORSO


def test_faults_of_patient_course_and_past_are_named_together(enter: Any) -> None:
    with pytest.raises(Refused) as refused:
        enter(
            replace(FOLLOWED, referred_on=NOW.date() + timedelta(days=1), infused_on=None),
            family_name=" ",
        )
    assert {"name_missing", "future_date", "value_missing"} <= codes(refused.value)
    assert not Patient.objects.exists()
    with pytest.raises(Refused):
        enter(replace(FOLLOWED, infused_on=None))
    assert not Patient.objects.exists()


def test_who_may_not_refer_may_not_transcribe(enter: Any, user_with: UserWith) -> None:
    with pytest.raises(NotAllowed):
        enter(FOLLOWED, actor=user_with("ward_nurse"))


def test_a_known_patient_gets_a_course_with_its_past(
    enter: Any, coordinator: User, protocol: Protocol, user_with: UserWith, other_centre: Centre
) -> None:
    first = enter(FOLLOWED)
    asked = NewCourse(protocol_code=protocol.code, referred_on=ago(12))
    past = PastCourse(stage="eligibility", referred_on=ago(12), enrolled_on=ago(10))
    given = {"patient_id": first.patient_id, "transcript": Transcript(asked, past), "now": NOW}
    second = transcribe_further(actor=coordinator, **given)
    assert (second.patient_id, second.journey.stage) == (first.patient_id, "eligibility")
    with pytest.raises(Refused) as refused:
        transcribe_further(actor=coordinator, **given)
    assert codes(refused.value) == {"course_under_way"}
    with pytest.raises(Patient.DoesNotExist):
        transcribe_further(actor=user_with("coordinator", at=other_centre), **given)
    wrong = NewCourse(protocol_code="none", referred_on=ago(12))
    with pytest.raises(Refused) as refused:
        transcribe_further(actor=coordinator, **{**given, "transcript": Transcript(wrong, past)})
    assert "no_protocol" in codes(refused.value)


def test_a_readmission_leaves_the_first_discharge(enter: Any, coordinator: User) -> None:
    course = enter(FOLLOWED)
    admit(course_id=course.pk, unit="ward", place="", on=ago(3), actor=coordinator, now=NOW)
    discharge(course_id=course.pk, on=ago(1), actor=coordinator, now=NOW)
    anchor = course.anchors.get(kind="discharge")
    assert anchor.actual_on == ago(20)


def test_an_earlier_stay_is_no_discharge_after_day_0(enter: Any) -> None:
    course = enter(replace(FOLLOWED, stage="infusion", admitted_on=ago(60), discharged_on=ago(55)))
    assert not course.anchors.filter(kind="discharge").exists()


def test_the_page_of_another_centre_is_none(
    enter: Any, user_with: UserWith, other_centre: Centre
) -> None:
    course = enter(FOLLOWED)
    with pytest.raises(Course.DoesNotExist):
        course_state(user_with("coordinator", at=other_centre), course.pk)
