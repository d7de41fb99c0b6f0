"""Correcting the time of a discharge: its gate is asked again as of that time, told and kept."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from pathway.correcting import correct_time
from pathway.discharge_times import still_waived
from pathway.loading import load_state
from pathway.models import Change, GateEntry
from reminders.models import Notice
from terms.refusals import Refused
from tests.services.refused import codes
from tests.walking import Walk
from toxicity.recording import log_check
from toxicity.seen import Seen

pytestmark = pytest.mark.walked("come_home")
HOUR = timedelta(hours=1)


def logged(walk: Walk, crs: int) -> datetime:
    """A check an hour later, with grades that were picked; when it was made."""
    seen = Seen(observed_at=walk.tick(), chosen={"crs": crs, "icans": 0})
    actor = walk.by("ward_nurse")
    log_check(course_id=walk.course.pk, seen=seen, actor=actor, now=walk.now)
    return seen.observed_at


def discharge(walk: Walk) -> Change:
    """The step as it stands."""
    changes = load_state(walk.course).standing_changes
    return next(c for c in reversed(changes) if c.target == "follow_up")


def correct(walk: Walk, at: datetime, **reasons: str) -> Change:
    """Correct when the patient went home."""
    return correct_time(
        course_id=walk.course.pk, place=discharge(walk).place, happened_at=at, overrides=reasons,
        reason="typed wrongly", actor=walk.by("haematologist"), now=walk.tick(),
    )  # fmt: skip


def told() -> list[Notice]:
    return list(Notice.objects.standing().filter(code="gate_not_then"))


def test_a_time_at_which_a_grade_was_high_is_acknowledged_told_and_kept(walk: Walk) -> None:
    walk.until(15)
    high = logged(walk, 3)
    low = logged(walk, 0)
    walk.go("follow_up", happened_at=low)
    ill = high + (low - high) / 2
    for given in ({}, {"gate_toxicity": " "}, {"gate_card": "x"}):
        with pytest.raises(Refused) as refused:
            correct(walk, ill, **given)
        assert codes(refused.value) == {"gate_toxicity"}
    assert told() == []
    new = correct(walk, ill, gate_toxicity="went home against advice")
    assert new.overrides == [{"code": "gate_toxicity", "reason": "went home against advice"}]
    (notice,) = told()
    assert notice.roles == ["haematologist", "quality"]
    waiver = GateEntry.objects.get(course=walk.course, check_code="toxicity", outcome="waived")
    assert (waiver.checked_at, waiver.remark) == (ill, "went home against advice")
    # Back to when it was low: nothing is asked, and what was told is taken back.
    back = correct(walk, low + HOUR / 60)
    assert back.overrides == []
    assert told() == []


def test_reasons_that_still_count_stay_with_the_step(walk: Walk) -> None:
    walk.until(15)
    high = logged(walk, 3)
    walk.go("follow_up", overrides={"gate_toxicity": "palliative care at home"})
    later = discharge(walk).happened_at + timedelta(minutes=1)
    walk.until(16)
    (kept,) = correct(walk, later).overrides
    assert (kept["code"], kept["reason"]) == ("gate_toxicity", "palliative care at home")
    # What was answered besides is about no check of the gate, whatever its time.
    other = {"code": "dose_off_weight", "reason": "weighed", "said": "Off."}
    gone = {"code": "gate_card", "reason": "met since"}
    assert still_waived(load_state(walk.course), discharge(walk), (other, gone)) == (other,)
    # Before the waiver was given it is asked for anew, and stands once.
    with pytest.raises(Refused) as refused:
        correct(walk, high + timedelta(seconds=1))
    assert codes(refused.value) == {"gate_toxicity"}
    again = correct(walk, high + timedelta(seconds=1), gate_toxicity="as was said")
    assert again.overrides == [{"code": "gate_toxicity", "reason": "as was said"}]


def test_the_page_asks_for_the_reason_and_keeps_it(walk: Walk) -> None:
    walk.until(15)
    high = logged(walk, 2)
    low = logged(walk, 0)
    walk.go("follow_up", happened_at=low)
    client, zone = Client(), walk.course.centre.zone
    client.force_login(walk.by("haematologist"))
    walk.course.refresh_from_db()
    page = reverse("change_correct", args=[walk.course.pk, discharge(walk).place])
    typed: dict[str, Any] = {
        "happened_at": (high + timedelta(minutes=1)).astimezone(zone).strftime("%Y-%m-%dT%H:%M"),
        "reason": "typed wrongly", "expected_version": walk.course.version,
    }  # fmt: skip
    with time_machine.travel(walk.tick(), tick=False):
        asked = client.post(page, typed)
        assert asked.status_code == 422
        assert 'name="override_gate_toxicity"' in asked.content.decode()
        assert "this check of the gate did not stand then" in asked.content.decode()
        assert client.post(page, typed | {"override_gate_toxicity": "so"}).status_code == 302
    assert discharge(walk).overrides == [{"code": "gate_toxicity", "reason": "so"}]
