"""The gate to discharge asks for the grades of then: what was seen later says nothing of it."""

from datetime import timedelta

import pytest

from pathway.domain.gate_facts import COMPUTED, Finding, Status
from pathway.domain.gate_rules import Gate
from pathway.gating import facts_before
from pathway.loading import load_state
from terms.refusals import Refused
from tests.services.refused import codes
from tests.walking import Walk
from toxicity.models import Assessment
from toxicity.recording import log_check, withdraw_check
from toxicity.seen import Seen
from toxicity.standing_grades import latest_by_scale

pytestmark = pytest.mark.walked("come_home")
HOUR = timedelta(hours=1)


def logged(walk: Walk, crs: int | None, icans: int | None = 0) -> Assessment:
    """A check an hour later, with grades that were picked."""
    walk.until(15)
    seen = Seen(observed_at=walk.tick(), chosen={"crs": crs, "icans": icans})
    actor = walk.by("ward_nurse")
    return log_check(course_id=walk.course.pk, seen=seen, actor=actor, now=walk.now).assessment


def found(walk: Walk, **when: object) -> Finding:
    """What the gate finds at a moment, or of a day."""
    return COMPUTED["toxicity_low"](load_state(walk.course).facts(**when), Gate.DISCHARGE)  # type: ignore[arg-type]


def test_a_later_zero_does_not_send_home_who_was_ill_then(walk: Walk) -> None:
    high = logged(walk, 3)
    low = logged(walk, 0)
    then = high.observed_at + HOUR / 2
    with pytest.raises(Refused) as refused:
        walk.go("follow_up", happened_at=then)
    assert codes(refused.value) == {"gate_toxicity"}
    assert found(walk, on=then.date(), at=then).params == {"scale": "CRS", "grade": 3}
    assert found(walk, on=then.date(), at=low.observed_at).status is Status.MET
    walk.go("follow_up", happened_at=low.observed_at)


def test_a_later_high_grade_does_not_undo_who_went_home_well(walk: Walk) -> None:
    low = logged(walk, 1)
    logged(walk, 3)
    assert found(walk, on=walk.now.date(), at=walk.now).status is Status.NOT_MET
    walk.go("follow_up", happened_at=low.observed_at + HOUR / 2)


def test_what_nobody_knew_then_stays_unknown(walk: Walk) -> None:
    for row in list(Assessment.objects.filter(course=walk.course).standing()):
        withdraw_check(
            course_id=walk.course.pk,
            assessment_id=row.pk,
            reason="of somebody else",
            actor=walk.by("ward_nurse"),
            now=walk.tick(),
        )
    blind = logged(walk, None, 0)
    seen = logged(walk, 0, 0)
    just_before = blind.observed_at - HOUR / 2
    assert found(walk, on=just_before.date(), at=just_before).status is Status.MISSING
    assert found(walk, on=blind.observed_at.date(), at=blind.observed_at).status is Status.MISSING
    now = facts_before(load_state(walk.course), Gate.DISCHARGE, seen.observed_at)
    assert COMPUTED["toxicity_low"](now, Gate.DISCHARGE).status is Status.MET
    with pytest.raises(Refused) as refused:
        walk.go("follow_up", happened_at=just_before)
    assert codes(refused.value) == {"gate_toxicity"}


def test_of_a_day_the_last_check_of_that_day_counts(walk: Walk) -> None:
    logged(walk, 0)
    last = logged(walk, 2)
    on = last.observed_at.date()
    walk.until(16)
    logged(walk, 0)
    assert found(walk, on=on).status is Status.NOT_MET
    assert found(walk, on=on - timedelta(days=1)).status is Status.MET


def test_of_two_checks_of_one_minute_the_higher_grade_counts(walk: Walk) -> None:
    high = logged(walk, 3)
    actor, at = walk.by("ward_nurse"), high.observed_at
    seen = Seen(observed_at=at, chosen={"crs": 0, "icans": 0}, remark="late")
    log_check(course_id=walk.course.pk, seen=seen, actor=actor, now=walk.tick())
    assert found(walk, on=walk.now.date(), at=walk.now).params == {"scale": "CRS", "grade": 3}
    for known in (True, False):
        assert latest_by_scale([walk.course.pk], known=known)[walk.course.pk, "crs"].grade == 3
    logged(walk, 0)
    assert found(walk, on=at.date(), at=at).params == {"scale": "CRS", "grade": 3}
