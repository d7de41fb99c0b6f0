"""Companions off their usual way: not needed, supportive care, washouts past a booked day."""

from datetime import date, timedelta
from typing import Any

import pytest

from audit.models import AuditEvent
from exports.timeline import course_timeline
from pathway.dosing import DoseGiven, DoseOrder, correct_dose
from pathway.loading import load_state
from pathway.models import ApheresisAttempt, BridgingCourse, Change, ContainmentTherapy, Dose
from pathway.opening import open_companion
from pathway.washout_notices import tell_past_washout
from patients.holds import end_hold
from reminders.models import Notice
from terms.refusals import Refused
from tests.services.refused import codes, fields
from tests.walking import DAY_ZERO, Walk


def day(number: int) -> date:
    return DAY_ZERO + timedelta(days=number)


def labels(walk: Walk) -> dict[str, str]:
    rows = course_timeline(walk.by("coordinator"), walk.course)
    return {row.label: row.shown_value for row in rows}


@pytest.mark.walked("to_apheresis")
def test_containment_is_said_not_to_be_needed_with_a_reason(walk: Walk) -> None:
    with pytest.raises(Refused) as refused:
        walk.open("containment", outset="not_needed", drug="vincristine", reason=" ")
    assert fields(refused.value) == {("reason", "value_missing"), ("drug", "not_with_this")}
    with pytest.raises(Refused) as refused:
        walk.open("containment", outset="perhaps", drug="vincristine", drug_class="")
    assert ("outset", "not_listed") in fields(refused.value)
    walk.open("containment", outset="not_needed", reason="The disease is slow.")
    one = ContainmentTherapy.objects.get()
    assert (one.state, one.drug, one.created_by) == ("not_needed", "", one.created_by)
    assert labels(walk)["No containment therapy needed"] == "The disease is slow."
    walk.collect()
    one.refresh_from_db()
    assert one.state == "closed"


@pytest.mark.walked("to_bridging")
def test_supportive_care_is_no_bridging_but_its_steroid_counts(walk: Walk) -> None:
    walk.until(-27)
    care: dict[str, Any] = {"outset": "none", "drug": "steroid, opioids"}
    with pytest.raises(Refused) as refused:
        walk.open("bridging", **care, planned_on=day(-20), last_dose_on=day(300))
    assert fields(refused.value) == {
        ("planned_on", "not_with_this"), ("last_dose_on", "future_date"),
    }  # fmt: skip
    walk.open("bridging", **care, drug_class="systemic_steroid")
    assert BridgingCourse.objects.get().state == "none"
    assert labels(walk)["No bridging therapy, supportive care only"] == "steroid, opioids"
    walk.make().until(-7).pass_gate("lymphodepletion")
    with pytest.raises(Refused) as refused:
        walk.go("lymphodepletion")
    assert codes(refused.value) == {"last_dose_unknown"}
    # It is over, so that another course may follow it.
    walk.open("bridging", drug="inotuzumab", drug_class="inotuzumab")


@pytest.mark.walked("to_bridging")
def test_bridging_ends_with_a_coded_response(walk: Walk) -> None:
    walk.until(-27)
    walk.open("bridging", drug="inotuzumab", drug_class="inotuzumab")
    walk.move("bridging", "running")
    for said, code in (("", "response_needed"), ("much better", "unreadable")):
        with pytest.raises(Refused) as refused:
            walk.move("bridging", "closed", details={"response": said})
        assert codes(refused.value) == {code}
    walk.move("bridging", "closed", details={"response": "cr_mrd_negative"})
    assert BridgingCourse.objects.get().response == "cr_mrd_negative"


@pytest.mark.walked("to_apheresis")
def test_after_two_collections_that_did_not_serve_the_meeting_decides(walk: Walk) -> None:
    walk.until(-30)
    for step in ({"next_step": "second_day"}, {"next_step": "waiver", "waiver_reference": "W-7"}):
        walk.open("apheresis", "coordinator", planned_on=walk.now.date())
        walk.pass_gate("collection")
        for target in ("cleared", "in_progress"):
            walk.move("apheresis", target, "apheresis_nurse")
        with pytest.raises(Refused) as refused:
            walk.move("apheresis", "aborted", reason="Fever", details={"next_step": "waiver"})
        assert codes(refused.value) == {"waiver_needed"}
        walk.move("apheresis", "aborted", reason="Fever", details=step)
    said = ApheresisAttempt.objects.order_by("pk").values_list("next_step", "waiver_reference")
    assert list(said) == [("second_day", ""), ("waiver", "W-7")]
    walk.open("apheresis", "coordinator", planned_on=walk.now.date())
    walk.pass_gate("collection")
    with pytest.raises(Refused) as refused:
        walk.move("apheresis", "cleared", "apheresis_nurse")
    assert "attempts_exhausted" in codes(refused.value)
    agreed = {"attempts_exhausted": "Meeting of today"}
    walk.move("apheresis", "cleared", overrides=agreed)


@pytest.mark.walked("to_apheresis")
def test_a_dose_whose_washout_passes_the_booked_day_is_told_and_taken_back(walk: Walk) -> None:
    walk.until(-34)
    walk.open("apheresis", "coordinator", planned_on=day(-30))
    walk.open("containment", drug="vincristine", drug_class="vincristine_single")
    agreed = {"passes_booked_date": "The day moves"}
    drug = DoseOrder("vincristine", "vincristine_single", route="iv")
    walk.order("containment", drug, overrides=agreed)
    dose = walk.give("containment", 1, verified_by=walk.by("haematologist").username)
    [notice] = Notice.objects.standing().filter(code="washout_past_date")
    assert notice.params == {"until": {"date": str(day(-27))}, "booked": {"date": str(day(-30))}}
    standing = correct_dose(
        dose_id=dose.pk, given=None, not_given_reason="Mistaken", reason="Another patient",
        actor=walk.by("haematologist"), now=walk.tick(),
    )  # fmt: skip
    assert not Notice.objects.standing().filter(code="washout_past_date").exists()
    again = DoseGiven(walk.at(-34, 9), verified_by=walk.by("ward_nurse").username)
    correct_dose(
        dose_id=standing.pk, given=again, reason="It was this one",
        actor=walk.by("haematologist"), now=walk.tick(),
    )  # fmt: skip
    assert Notice.objects.standing().filter(code="washout_past_date").count() == 1


@pytest.mark.walked("to_apheresis")
def test_a_dose_that_is_over_by_the_booked_day_or_has_no_washout_is_not_told(walk: Walk) -> None:
    walk.until(-34)
    walk.open("containment", drug="dexamethasone", drug_class="systemic_steroid")
    walk.open("apheresis", "coordinator", planned_on=day(-30))
    walk.move("containment", "given", "ward_nurse")
    assert not Notice.objects.filter(code="washout_past_date").exists()
    walk.until(-32).move("containment", "given", "ward_nurse")
    assert Notice.objects.filter(code="washout_past_date").count() == 1


@pytest.mark.walked("to_apheresis")
def test_a_dose_of_no_washout_tells_nothing(walk: Walk) -> None:
    walk.until(-34)
    walk.open("apheresis", "coordinator", planned_on=day(-30))
    unlisted = Dose(course=walk.course, machine="bridging", given_on=day(-34))
    tell_past_washout(load_state(walk.course), unlisted, "", walk.by("coordinator"), walk.now)
    assert not Notice.objects.filter(code="washout_past_date").exists()


@pytest.mark.walked("to_apheresis")
def test_booking_asks_the_washouts_and_a_haematologist_answers(walk: Walk) -> None:
    walk.until(-34)
    walk.open("containment", drug="vincristine", drug_class="vincristine_single")
    drug = DoseOrder("vincristine", "vincristine_single", route="iv")
    walk.order("containment", drug)
    walk.give("containment", 1, verified_by=walk.by("haematologist").username)
    with pytest.raises(Refused) as refused:
        walk.open("apheresis", "coordinator", planned_on=day(-30))
    assert [(one.code, one.kind) for one in refused.value.refusals] == [("washout", "soft")]
    for role, why in (("coordinator", "The slot is free"), ("haematologist", " ")):
        with pytest.raises(Refused):
            _book(walk, role, day(-30), {"washout": why})
    _book(walk, "haematologist", day(-30), {"washout": "The slot is free"})
    opened = Change.objects.get(machine="apheresis", source="")
    assert [(one["code"], one["reason"]) for one in opened.overrides] == [
        ("washout", "The slot is free")
    ]


def _book(walk: Walk, role: str, on: date, overrides: dict[str, str]) -> None:
    open_companion(
        course_id=walk.course.pk, machine="apheresis", values={"planned_on": on},
        overrides=overrides, actor=walk.by(role), now=walk.tick(),
    )  # fmt: skip


def told_until(walk: Walk) -> list[tuple[dict[str, str], dict[str, str]]]:
    standing = Notice.objects.standing().filter(course=walk.course, code="washout_past_date")
    return [(one.params["until"], one.params["booked"]) for one in standing]


@pytest.mark.walked("to_apheresis")
def test_a_collection_booked_anew_is_weighed_and_told_for_its_new_day(walk: Walk) -> None:
    walk.until(-34)
    walk.note("line", on=str(day(-40)), treatment="FLAG", drug_class="chemotherapy")
    attempt = walk.open("apheresis", "coordinator", planned_on=day(-20))
    walk.open("containment", drug="vincristine", drug_class="vincristine_single")
    walk.order("containment", DoseOrder("vincristine", "vincristine_single", route="iv"))
    walk.give("containment", 1, verified_by=walk.by("haematologist").username)
    walk.pass_gate("collection")
    walk.move("apheresis", "cleared", "apheresis_nurse")
    assert told_until(walk) == []
    walk.plan("apheresis", day(-28), "an earlier slot")
    attempt.refresh_from_db()
    assert (attempt.planned_on, attempt.state) == (day(-28), "scheduled")  # cleared for a later day
    assert told_until(walk) == [({"date": str(day(-26))}, {"date": str(day(-28))})]
    with pytest.raises(Refused) as refused:
        walk.move("apheresis", "cleared", "apheresis_nurse")
    assert codes(refused.value) == {"washout"}
    agreed = {"washout": "The disease does not wait"}
    walk.move("apheresis", "cleared", overrides=agreed)
    hold = walk.hold("apheresis", planned_on=day(-28))
    end_hold(
        hold_id=hold.pk, ended_on=walk.now.date(), new_date=day(-27),
        actor=walk.by("coordinator"), now=walk.tick(),
    )  # fmt: skip
    attempt.refresh_from_db()
    assert (attempt.planned_on, attempt.state) == (day(-27), "scheduled")  # a later day
    assert told_until(walk) == [({"date": str(day(-26))}, {"date": str(day(-27))})]
    walk.plan("apheresis", day(-20), "the product's slot")
    assert told_until(walk) == []
    rebooked = AuditEvent.objects.filter(action="apheresis.rebook").values_list("after", flat=True)
    assert [one["planned_on"] for one in rebooked.order_by("pk")] == [
        str(day(number)) for number in (-28, -27, -20)
    ]
    walk.plan("infusion", DAY_ZERO)  # another step
    attempt.refresh_from_db()
    assert attempt.planned_on == day(-20)
