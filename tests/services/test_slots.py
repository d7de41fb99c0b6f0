"""The slot at the manufacturer against the day that a collection is booked for."""

from datetime import timedelta

import pytest

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
