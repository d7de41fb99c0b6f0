"""The rail of a course that ended: what it did not reach is not to come."""

from datetime import timedelta

import pytest

from desk.rail import rail_view
from desk.shapes import RailBox, RailState
from pathway.loading import load_state
from patients.models.courses import AnchorKind
from tests.walking import Walk


def boxes(walk: Walk) -> dict[str, RailBox]:
    """The boxes of the spine, by what is written on them."""
    rail = rail_view(load_state(walk.course), {}, walk.now.date())
    return {str(box.label): box for box in rail.boxes}


@pytest.mark.walked("to_bridging")
def test_no_stage_is_to_come_after_an_exit_until_it_is_undone(walk: Walk) -> None:
    planned = walk.now.date() + timedelta(days=20)
    walk.plan(AnchorKind.INFUSION, planned)
    before = boxes(walk)
    assert (before["Infusion"].state, before["Infusion"].start) == (RailState.PLANNED, planned)
    walk.go("declined", reason="unfit")
    ended = boxes(walk)
    [here] = [box for box in ended.values() if box.here]
    assert here.state is RailState.ENDED
    for stage in ("Lymphodepletion", "Infusion", "Follow-up"):
        assert ended[stage].state is RailState.UNREACHED
        assert ended[stage].start is None
    assert ended["Leukapheresis"].state is RailState.DONE
    lanes = [str(lane.label) for lane in here.lanes]
    assert "Bridging" not in lanes, "nothing of it was begun, and nothing will be"
    walk.go("bridging", reason="a mistake")
    assert boxes(walk) == before
