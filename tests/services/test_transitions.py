"""Moving courses through the real services: what is written, what is refused, what follows."""

from datetime import timedelta

import pytest

from accounts.models import User
from audit.models import AuditEvent
from pathway.domain.spine import Stage
from pathway.loading import load_state
from pathway.models import Change, Companion, Journey
from pathway.opening import open_companion
from pathway.transitions import MoveOrder, advance, move_companion
from patients import deaths
from patients.models import Anchor, Course, Hold
from terms.refusals import NotAllowed, Refused, StaleVersion
from tests.conftest import NOW, Refer, UserWith
from tests.walking import ENDINGS, Walk


def stage(course: Course) -> str:
    return Journey.objects.get(course=course).stage


def codes(refused: Refused) -> set[str]:
    return {refusal.code for refusal in refused.refusals}


def states(course: Course) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for row in load_state(course).companions:
        found.setdefault(row.machine, []).append(row.state)
    return found


@pytest.mark.walked("to_follow_up")
def test_a_course_walks_figure_2_from_referral_to_follow_up(walk: Walk) -> None:
    assert stage(walk.course) == Stage.FOLLOW_UP
    spine = Change.objects.filter(course=walk.course, machine="journey").order_by("sequence")
    assert [change.target for change in spine] == [
        "referral", "eligibility", "apheresis", "bridging",
        "lymphodepletion", "infusion", "follow_up",
    ]  # fmt: skip
    anchors = Anchor.objects.filter(course=walk.course).exclude(actual_on=None)
    assert {anchor.kind for anchor in anchors} == {
        "enrolment", "apheresis", "lymphodepletion", "infusion", "discharge",
    }  # fmt: skip
    sequence = list(Change.objects.filter(course=walk.course).values_list("sequence", flat=True))
    assert sorted(sequence) == list(range(1, len(sequence) + 1))


@pytest.mark.walked("prepare")
def test_every_move_writes_one_change_one_audit_event_and_raises_the_version(walk: Walk) -> None:
    walk.course.refresh_from_db()
    before = walk.course.version
    change = walk.go("eligibility", "coordinator", expected_version=before)
    events = AuditEvent.objects.filter(course_id=walk.course.pk, action="journey.move")
    assert [(e.before, e.after["state"]) for e in events] == [
        ({"state": "referral"}, "eligibility")
    ]
    walk.course.refresh_from_db()
    assert walk.course.version > before
    assert change.actor == walk.by("coordinator")


def test_a_refused_move_names_every_reason_and_leaves_no_trace(walk: Walk) -> None:
    changes = Change.objects.count()
    with pytest.raises(Refused) as refused:
        walk.go("eligibility", "coordinator", happened_at=NOW + timedelta(days=90))
    assert codes(refused.value) == {"consent_missing", "identity_not_verified", "future_date"}
    assert (Change.objects.count(), stage(walk.course)) == (changes, "referral")
    assert not AuditEvent.objects.filter(action="journey.move").exists()


def test_a_wrong_role_is_told_who_may_besides_the_other_reasons(walk: Walk) -> None:
    with pytest.raises(NotAllowed) as refused:
        walk.go("eligibility", "ward_nurse")
    assert codes(refused.value) == {"role", "consent_missing", "identity_not_verified"}
    assert refused.value.refusals[0].who_may == ("coordinator", "haematologist")


@pytest.mark.parametrize("target", ["infusion", "nowhere", "referral"])
def test_a_move_the_table_has_not_is_refused(walk: Walk, target: str) -> None:
    with pytest.raises(Refused) as refused:
        walk.go(target)
    assert codes(refused.value) == {"no_such_move"}


@pytest.mark.walked("prepare")
def test_a_stale_version_is_refused_before_anything_else(walk: Walk) -> None:
    with pytest.raises(StaleVersion):
        walk.go("eligibility", "coordinator", expected_version=99)
    assert stage(walk.course) == "referral"


def test_another_centres_course_is_not_found(
    walk: Walk, user_with: UserWith, other_centre: object
) -> None:
    stranger = user_with("haematologist", at=other_centre)
    with pytest.raises(Course.DoesNotExist):
        advance(
            course_id=walk.course.pk,
            order=MoveOrder("withdrawn", NOW, reason="x", details=ENDINGS["withdrawn"]),
            actor=stranger,
            now=NOW,
        )


@pytest.mark.walked("to_eligibility")
def test_a_move_may_be_back_dated_but_not_before_the_previous_step(walk: Walk) -> None:
    with pytest.raises(Refused) as refused:
        walk.go("declined", reason="MDT: not fit", happened_at=walk.now - timedelta(days=5))
    assert codes(refused.value) == {"before_previous"}
    earlier = walk.now - timedelta(minutes=30)
    assert walk.go("declined", reason="MDT: not fit", happened_at=earlier).happened_at == earlier


@pytest.mark.parametrize("target", ["declined", "withdrawn"])
def test_an_exit_needs_a_reason(walk: Walk, target: str) -> None:
    with pytest.raises(Refused) as refused:
        walk.go(target, reason="  ")
    assert codes(refused.value) == {"reason_missing"}


def test_a_soft_refusal_yields_to_a_haematologists_reason_and_keeps_it(
    refer_patient: Refer, coordinator: User, user_with: UserWith
) -> None:
    young = refer_patient(coordinator, birth_date=NOW.date().replace(year=2006))
    walk = Walk(young, user_with).prepare()
    with pytest.raises(Refused) as refused:
        walk.go("eligibility", "coordinator", overrides={"under_label_age": "trial"})
    assert codes(refused.value) == {"under_label_age"}
    with pytest.raises(Refused):
        walk.go("eligibility", overrides={"under_label_age": "  "})
    change = walk.go("eligibility", overrides={"under_label_age": "ZUMA-3 age", "other": "x"})
    assert change.overrides == [
        {
            "code": "under_label_age",
            "reason": "ZUMA-3 age",
            "said": "The patient is younger than the label's 26 years.",
        }
    ]


@pytest.mark.walked("to_bridging", "make")
def test_a_hold_stands_against_the_move_until_it_is_ended(walk: Walk) -> None:
    walk.pass_gate("lymphodepletion")
    hold = walk.hold("lymphodepletion", "VIRAL_REACTIVATION_EBV")
    with pytest.raises(Refused) as refused:
        walk.go("lymphodepletion")
    assert codes(refused.value) == {"on_hold"}
    walk.release(hold)
    assert walk.go("lymphodepletion").target == "lymphodepletion"


@pytest.mark.walked("to_infusion")
def test_a_course_is_infused_once(walk: Walk) -> None:
    with pytest.raises(Refused) as refused:
        walk.go("infusion")
    assert codes(refused.value) == {"no_such_move"}


@pytest.mark.walked("to_infusion")
def test_never_infused_takes_day_zero_back(walk: Walk) -> None:
    walk.go("lymphodepletion", reason="Recorded for the wrong patient")
    anchor = Anchor.objects.filter(course=walk.course, kind="infusion").first()
    assert anchor is None or anchor.actual_on is None
    walk.now += timedelta(hours=2)
    with pytest.raises(Refused) as refused:
        walk.go("infusion")
    assert codes(refused.value) == {"bedside_check_too_old", "thaw_too_long"}
    walk.check("bedside", "ward_nurse", "haematologist")
    assert walk.go("infusion", overrides={"thaw_too_long": "kept cool"}).target == "infusion"


@pytest.mark.walked("to_apheresis")
def test_back_at_eligibility_a_new_round_opens_and_the_old_one_is_closed(walk: Walk) -> None:
    walk.go("eligibility", "coordinator", reason="Progression")
    assert states(walk.course)["eligibility"] == ["closed", "enrolled"]
    with pytest.raises(Refused) as refused:
        walk.go("apheresis", "coordinator")
    assert codes(refused.value) == {"review_not_accepted"}


@pytest.mark.walked("to_apheresis")
def test_containment_closes_when_collection_starts(walk: Walk) -> None:
    walk.open("containment", "haematologist", drug="dexamethasone", drug_class="systemic_steroid")
    walk.move("containment", "given", "ward_nurse")
    walk.until(-30).collect()
    assert states(walk.course)["containment"] == ["closed"]


@pytest.mark.walked("to_apheresis")
def test_containment_that_was_cancelled_stays_so_when_collection_starts(walk: Walk) -> None:
    walk.open("containment", drug="dexamethasone", drug_class="systemic_steroid")
    walk.move("containment", "cancelled", reason="Not needed after all")
    walk.until(-30).collect()
    assert states(walk.course)["containment"] == ["cancelled"]


@pytest.mark.walked("to_bridging")
def test_a_date_far_from_its_move_is_a_slip_and_refused(walk: Walk) -> None:
    walk.open("bridging", drug="inotuzumab ozogamicin", drug_class="inotuzumab")
    walk.move("bridging", "running")
    for slip in ("2016-09-28", "2036-09-28"):
        with pytest.raises(Refused) as refused:
            walk.move("bridging", "closed", details={"last_dose_on": slip})
        assert codes(refused.value) == {"date_out_of_range"}
    assert states(walk.course)["bridging"] == ["running"]


@pytest.mark.walked("to_apheresis")
def test_a_second_collection_is_a_second_occurrence_of_the_anchor(walk: Walk) -> None:
    attempt = walk.open("apheresis", "coordinator", planned_on=walk.now.date())
    walk.pass_gate("collection")
    walk.move("apheresis", "cleared", "apheresis_nurse")
    walk.move("apheresis", "in_progress", "apheresis_nurse")
    walk.move("apheresis", "completed", "apheresis_nurse", details={"din": "=W00012600012361"})
    found_low = {"reason": "Low CD3", "details": {"cd3_yield": "0,4"}}
    walk.move("apheresis", "inadequate", "cell_lab", **found_low)
    walk.until(-28)
    walk.collect()
    found = Anchor.objects.filter(course=walk.course, kind="apheresis").order_by("occurrence")
    assert [anchor.occurrence for anchor in found] == [1, 2]
    attempt.refresh_from_db()
    assert (attempt.din, str(attempt.cd3_yield)) == ("W000126000123", "0.400")  # type: ignore[attr-defined]


@pytest.mark.walked("to_apheresis")
def test_an_unreadable_or_foreign_detail_is_refused_by_name(walk: Walk) -> None:
    walk.open("apheresis", "coordinator", planned_on=walk.now.date())
    walk.pass_gate("collection")
    with pytest.raises(Refused) as refused:
        walk.move("apheresis", "cleared", "apheresis_nurse", details={"din": "W1", "lot": "x"})
    assert {refusal.field for refusal in refused.value.refusals} == {"din", "lot"}
    walk.move("apheresis", "cleared", "apheresis_nurse")
    walk.move("apheresis", "in_progress", "apheresis_nurse")
    with pytest.raises(Refused) as refused:
        walk.move("apheresis", "completed", "apheresis_nurse", details={"din": "W" * 40})
    assert codes(refused.value) == {"din_length"}
    walk.move("apheresis", "completed", "apheresis_nurse")
    with pytest.raises(Refused) as refused:
        walk.move("apheresis", "adequate", "cell_lab", details={"cd3_yield": "lots"})
    assert codes(refused.value) == {"unreadable"}


@pytest.mark.walked("to_lymphodepletion")
@pytest.mark.parametrize(
    ("source", "target", "reason_code"),
    [
        ("stored", "quarantined", "PRODUCT_QUARANTINE"),
        ("thawing", "wasted", "MANUFACTURING_FAILURE"),
    ],
)
def test_a_product_lost_during_lymphodepletion_holds_the_infusion(
    walk: Walk, source: str, target: str, reason_code: str
) -> None:
    if source == "thawing":
        walk.deplete()
        walk.thaw()
    lost = {"details": {"failure_reason": "bag_damaged"}} if target == "wasted" else {}
    walk.move("product", target, "cell_lab", reason="Bag damaged", **lost)
    hold = Hold.objects.get(course=walk.course)
    assert (hold.step, hold.reason_code, hold.source) == ("infusion", reason_code, "interlock")
    with pytest.raises(Refused) as refused:
        walk.go("infusion")
    assert "on_hold" in codes(refused.value)


@pytest.mark.walked("to_bridging")
def test_a_product_lost_earlier_opens_no_hold(walk: Walk) -> None:
    walk.move("product", "at_manufacturer", "coordinator")
    why = {"failure_reason": "low_viability"}
    walk.move("product", "rejected", "coordinator", reason="Low viability", details=why)
    assert not Hold.objects.exists()
    assert walk.open("product", "coordinator", order_number="ORD-2").pk


@pytest.mark.walked("to_bridging")
def test_an_exit_closes_what_is_open_and_the_way_back_restores_exactly_that(walk: Walk) -> None:
    walk.open("bridging", "haematologist", drug="inotuzumab", drug_class="inotuzumab")
    walk.move("bridging", "running", "haematologist")
    walk.release(walk.hold("bridging"))
    still = walk.hold("bridging", "TRAVEL")
    before = states(walk.course)
    walk.go("withdrawn", reason="Patient's choice")
    assert states(walk.course)["bridging"] == ["stopped_early"]
    assert not Journey.objects.get(course=walk.course).active
    assert not Hold.objects.filter(ended_on=None).exists()
    walk.go("bridging", reason="Recorded by mistake")
    assert states(walk.course) == before
    assert Journey.objects.get(course=walk.course).active
    assert list(Hold.objects.filter(ended_on=None)) == [still]


@pytest.mark.walked("to_eligibility")
def test_the_way_back_leaves_alone_what_somebody_moved_since(walk: Walk) -> None:
    walk.go("declined", reason="x")
    review = walk.course.eligibilityreviews.get()
    type(review).objects.filter(pk=review.pk).update(state="assessing")
    walk.go("eligibility", "coordinator", reason="y")
    assert states(walk.course)["eligibility"] == ["assessing"]


@pytest.mark.walked("to_apheresis")
def test_from_an_exit_the_only_way_leads_to_the_stage_it_left(walk: Walk) -> None:
    walk.go("withdrawn", reason="x")
    with pytest.raises(Refused) as refused:
        walk.go("eligibility", reason="y")
    assert "not_the_way_back" in codes(refused.value)


@pytest.mark.walked("to_follow_up")
def test_follow_up_completes_after_fifteen_years_only(walk: Walk) -> None:
    with pytest.raises(Refused) as refused:
        walk.go("completed")
    assert codes(refused.value) == {"follow_up_not_over"}
    walk.now = walk.now.replace(year=walk.now.year + 15, month=12)
    walk.go("completed")
    assert not Journey.objects.get(course=walk.course).active
    walk.go("follow_up", reason="Too early")
    assert Journey.objects.get(course=walk.course).active


@pytest.mark.walked("to_bridging")
def test_death_stops_every_move_and_its_withdrawal_restores_what_it_closed(walk: Walk) -> None:
    walk.open("bridging", "haematologist", drug="inotuzumab", drug_class="inotuzumab")
    walk.move("bridging", "running", "haematologist")
    before = states(walk.course)
    deaths.record_death(
        patient_id=walk.course.patient_id, died_on=walk.now.date(), cause="", place="",
        actor=walk.by("coordinator"), now=walk.tick(),
    )  # fmt: skip
    assert states(walk.course)["bridging"] == ["stopped_early"]
    assert stage(walk.course) == "bridging"
    assert not Journey.objects.get(course=walk.course).active
    with pytest.raises(Refused) as refused:
        walk.go("withdrawn", reason="x")
    assert "patient_died" in codes(refused.value)
    deaths.withdraw_death(
        patient_id=walk.course.patient_id, reason="Another patient",
        actor=walk.by("coordinator"), now=walk.tick(),
    )  # fmt: skip
    assert states(walk.course) == before
    assert Journey.objects.get(course=walk.course).active


@pytest.mark.walked("to_eligibility")
def test_death_after_an_exit_and_its_withdrawal_leave_the_exit_standing(walk: Walk) -> None:
    walk.go("withdrawn", reason="x")
    patient_id = walk.course.patient_id
    deaths.record_death(
        patient_id=patient_id, died_on=walk.now.date(), cause="", place="",
        actor=walk.by("coordinator"), now=walk.tick(),
    )  # fmt: skip
    deaths.withdraw_death(
        patient_id=patient_id, reason="Other", actor=walk.by("coordinator"), now=walk.tick()
    )
    journey = Journey.objects.get(course=walk.course)
    assert (journey.stage, journey.active) == ("withdrawn", False)


@pytest.mark.walked("to_apheresis")
def test_companions_are_opened_one_at_a_time_at_their_stage_by_their_roles(walk: Walk) -> None:
    walk.open("apheresis", "coordinator", planned_on=walk.now.date())
    with pytest.raises(Refused) as refused:
        walk.open("apheresis", "coordinator", planned_on=walk.now.date())
    assert codes(refused.value) == {"already_open"}
    with pytest.raises(NotAllowed) as denied:
        walk.open("lymphodepletion", "ward_nurse", regimen="Flu/Cy")
    assert codes(denied.value) == {"role", "wrong_stage"}
    walk.open("product", "coordinator")
    with pytest.raises(Refused) as refused:
        walk.open("product", "coordinator")
    assert codes(refused.value) == {"already_open"}


@pytest.mark.walked("to_apheresis")
def test_a_companion_of_another_course_is_not_found(walk: Walk, refer_patient: Refer) -> None:
    attempt: Companion = walk.open("apheresis", "coordinator", planned_on=walk.now.date())
    other = refer_patient(walk.by("coordinator"))
    with pytest.raises(type(attempt).DoesNotExist):
        move_companion(
            course_id=other.pk, machine="apheresis", pk=attempt.pk,
            order=MoveOrder("cleared", walk.now), actor=walk.by("haematologist"), now=walk.now,
        )  # fmt: skip


@pytest.mark.walked("to_apheresis")
def test_opening_in_the_future_is_refused(walk: Walk) -> None:
    with pytest.raises(Refused) as refused:
        open_companion(
            course_id=walk.course.pk, machine="apheresis", values={"planned_on": walk.now.date()},
            actor=walk.by("coordinator"), now=walk.now, happened_at=walk.now + timedelta(days=1),
        )  # fmt: skip
    assert codes(refused.value) == {"future_date"}
