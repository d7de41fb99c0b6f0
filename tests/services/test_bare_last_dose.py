"""A bridging dose of which only the last day is kept follows the rules of the others."""

from datetime import timedelta

import pytest

from pathway.dosing import DoseOrder
from reminders.models import Notice
from terms.refusals import Refused
from tests.services.refused import fields
from tests.walking import Walk


@pytest.mark.walked("to_bridging")
def test_the_last_day_is_no_earlier_than_a_dose_and_its_washout_is_told(walk: Walk) -> None:
    walk.open("bridging", drug="inotuzumab ozogamicin", drug_class="inotuzumab")
    walk.order("bridging", DoseOrder("inotuzumab ozogamicin", route="iv"))
    walk.until(-26).give("bridging", 1)
    on = walk.now.astimezone(walk.course.centre.zone).date()
    walk.until(-25)
    early = {"last_dose_on": str(on - timedelta(days=1))}
    with pytest.raises(Refused) as refused:
        walk.move("bridging", "on_hold", reason="fever", details=early)
    assert fields(refused.value) == {("last_dose_on", "dose_after_last")}
    walk.move("bridging", "on_hold", reason="fever")
    walk.go("apheresis", reason="The manufacturer asks for another collection")
    today = walk.now.astimezone(walk.course.centre.zone).date()
    walk.open("apheresis", "coordinator", planned_on=today + timedelta(days=9))
    told = Notice.objects.standing().filter(course=walk.course, code="washout_past_date")
    assert not told.exists()
    late = {"last_dose_on": str(today)}
    walk.move("bridging", "stopped_early", reason="fever", details=late)
    assert told.get().params["until"] == {"date": str(today + timedelta(days=10))}
