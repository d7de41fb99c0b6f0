"""Interlocks: bridging on a collection, a hold while its cause stands, one course at a time."""

from datetime import timedelta

import pytest

from accounts.models import User
from pathway.referring import NewCourse, add_course
from patients.holds import end_hold
from patients.mistaken import mark_course, undo_mark
from patients.mistaken_facts import mark_fact
from patients.models import Hold
from terms.refusals import Refused
from tests.services.refused import codes, fields
from tests.walking import Walk


@pytest.mark.walked("to_apheresis")
def test_a_collection_that_bridging_runs_on_stays_adequate(walk: Walk) -> None:
    walk.until(-30).collect()
    walk.open("bridging", drug="inotuzumab", drug_class="inotuzumab")
    walk.move("apheresis", "completed", "cell_lab", reason="another's count")
    walk.move("apheresis", "adequate", "cell_lab", details={"cd3_yield": "2.1"})
    walk.move("bridging", "running")
    with pytest.raises(Refused) as refused:
        walk.move("apheresis", "completed", "cell_lab", reason="another's count")
    assert codes(refused.value) == {"later_steps"}
    walk.move("bridging", "on_hold", reason="fever")  # the attempt only is relied on


@pytest.mark.walked("to_bridging", "make")
def test_bridging_that_begins_after_manufacture_is_asked_about(walk: Walk) -> None:
    walk.open("bridging", drug="inotuzumab", drug_class="inotuzumab")
    with pytest.raises(Refused) as refused:
        walk.move("bridging", "running")
    assert [(one.code, one.kind) for one in refused.value.refusals] == [
        ("product_past_manufacturing", "soft")
    ]


@pytest.mark.walked("to_lymphodepletion")
def test_an_interlock_hold_ends_lightly_only_once_its_cause_is_gone(walk: Walk) -> None:
    walk.move("product", "quarantined", "cell_lab", reason="temperature log missing")
    held = Hold.objects.get(source="interlock")
    with pytest.raises(Refused) as refused:
        walk.release(held)
    assert fields(refused.value) == {("remark", "cause_stands")}
    assert refused.value.refusals[0].who_may == ("haematologist",)
    on, physician = walk.now.date(), walk.by("haematologist")
    with pytest.raises(Refused):
        end_hold(hold_id=held.pk, ended_on=on, remark=" ", actor=physician, now=walk.tick())
    with pytest.raises(Refused) as refused:
        mark_fact(
            course_id=walk.course.pk, kind="hold", fact_id=held.pk, reason="away with it",
            actor=walk.by("quality"), now=walk.tick(),
        )  # fmt: skip
    assert codes(refused.value) == {"cause_stands"}
    other = walk.hold("lymphodepletion", "SHIPMENT_EXCURSION")  # of another step
    walk.release(other)
    walk.move(
        "product", "stored", "quality", reason="log found", details={"deviation_number": "D-1"}
    )
    walk.release(held)
    walk.move("product", "quarantined", "cell_lab", reason="and again")
    again = Hold.objects.get(source="interlock", ended_on=None)
    end_hold(
        hold_id=again.pk, ended_on=walk.now.date(), remark="released by quality on the telephone",
        actor=physician, now=walk.tick(),
    )  # fmt: skip
    assert not Hold.objects.filter(ended_on=None).exists()


@pytest.mark.walked("to_apheresis")
def test_a_course_that_was_left_comes_back_beside_no_other(walk: Walk, coordinator: User) -> None:
    course = walk.course
    walk.go("declined", reason="unfit")
    asked = NewCourse(protocol_code=course.protocol.code, referred_on=walk.now.date())
    second = add_course(
        patient_id=course.patient_id, course=asked, actor=coordinator, now=walk.tick()
    )
    with pytest.raises(Refused) as refused:
        walk.go("apheresis", reason="fit again")
    assert codes(refused.value) == {"course_under_way"}
    quality, name = walk.by("quality"), course.patient.family_name
    mark = mark_course(
        course_id=second.pk, confirmation=name, reason="wrong patient", actor=coordinator,
        now=walk.tick(),
    )  # fmt: skip
    walk.go("apheresis", reason="fit again")
    with pytest.raises(Refused) as refused:
        undo_mark(mark_id=mark.pk, reason="the right one", actor=quality, now=walk.tick())
    assert codes(refused.value) == {"course_under_way"}
    walk.go("declined", reason="unfit")
    ended = mark_course(
        course_id=course.pk, confirmation=name, reason="wrong patient", actor=coordinator,
        now=walk.tick(),
    )  # fmt: skip
    undo_mark(mark_id=mark.pk, reason="the right one", actor=quality, now=walk.tick())
    later = walk.now + timedelta(hours=1)
    undo_mark(mark_id=ended.pk, reason="it was left", actor=quality, now=later)
