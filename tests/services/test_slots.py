"""The slot at the manufacturer against the day that a collection is booked for."""

from datetime import timedelta

import pytest

from pathway.models import ApheresisAttempt
from terms.refusals import Refused
from tests.services.refused import codes
from tests.walking import Walk


@pytest.mark.walked("to_apheresis")
def test_a_collection_is_booked_and_cleared_for_the_slot_or_with_a_reason(walk: Walk) -> None:
    today = walk.now.astimezone(walk.course.centre.zone).date()
    walk.open("product", "coordinator", order_number="ORD-1")
    walk.paper("product", "order", coi_id="COI-1", slot_on=str(today + timedelta(days=9)))
    with pytest.raises(Refused) as refused:
        walk.open("apheresis", planned_on=today + timedelta(days=1))
    assert [(one.code, one.kind) for one in refused.value.refusals] == [("slot_disagrees", "soft")]
    walk.paper("product", "order", coi_id="COI-1", slot_on=str(today + timedelta(days=2)))
    walk.open("apheresis", planned_on=today + timedelta(days=1))
    # The manufacturer moves the slot after the booking: the clearance asks.
    walk.paper("product", "order", coi_id="COI-1", slot_on=str(today + timedelta(days=9)))
    walk.paper("product", "order", coi_id="COI-1")  # says nothing of the slot
    walk.pass_gate("collection")
    with pytest.raises(Refused) as refused:
        walk.move("apheresis", "cleared", "apheresis_nurse")
    assert codes(refused.value) == {"slot_disagrees"}
    why = {"slot_disagrees": "The material waits in interim cryostorage"}
    assert walk.move("apheresis", "cleared", overrides=why).overrides
    # Moved again after the clearance, the collection waits for a word; put off, for its clearance.
    walk.paper("product", "order", coi_id="COI-1", slot_on=str(today + timedelta(days=8)))
    with pytest.raises(Refused) as refused:
        walk.move("apheresis", "in_progress", "apheresis_nurse")
    assert codes(refused.value) == {"slot_disagrees"}
    walk.plan("apheresis", today + timedelta(days=3), "later")
    assert ApheresisAttempt.objects.get().state == "scheduled"


@pytest.mark.walked("to_apheresis")
def test_who_clears_a_collection_says_why_no_slot_is_on_record(walk: Walk) -> None:
    walk.open("apheresis", "coordinator", planned_on=walk.now.date())
    walk.pass_gate("collection")
    with pytest.raises(Refused) as refused:
        walk.move("apheresis", "cleared", "apheresis_nurse", overrides={"slot_unknown": ""})
    assert codes(refused.value) == {"slot_unknown"}
    change = walk.move("apheresis", "cleared", "apheresis_nurse")
    assert [one["code"] for one in change.overrides] == ["slot_unknown"]
    assert walk.move("apheresis", "in_progress", "apheresis_nurse").overrides == []


@pytest.mark.walked("to_apheresis")
def test_a_cleared_collection_that_begins_days_before_its_slot_is_asked_about(walk: Walk) -> None:
    day = walk.now.astimezone(walk.course.centre.zone).date() + timedelta(days=10)
    walk.open("product", "coordinator", order_number="ORD-1")
    walk.paper("product", "order", coi_id="COI-1", slot_on=str(day))
    walk.open("apheresis", "coordinator", planned_on=day)
    walk.pass_gate("collection")
    walk.move("apheresis", "cleared", "apheresis_nurse")
    with pytest.raises(Refused) as refused:
        walk.move("apheresis", "in_progress", "apheresis_nurse")
    assert codes(refused.value) == {"slot_disagrees"}
    why = {"slot_disagrees": "The manufacturer takes it today"}
    assert walk.move("apheresis", "in_progress", overrides=why).overrides
