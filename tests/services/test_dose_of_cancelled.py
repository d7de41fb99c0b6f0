"""A dose of a cancelled lymphodepletion that was given: told, whatever was opened since."""

from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest

from pathway.domain.gate_rules import Gate
from pathway.domain.gates import checklist
from pathway.dosing import DoseGiven, correct_dose, give_dose, withhold_dose
from pathway.gating import CheckNote, facts_before, record_checks
from pathway.loading import load_state
from pathway.loading_companions import CompanionRow
from pathway.models import Change, Dose
from patients.models import Anchor
from reminders.models import Notice
from terms.refusals import Kind, Refused
from tests.services.refused import codes
from tests.walking import DAY_ZERO, SURFACE, Walk

pytestmark = pytest.mark.walked("to_lymphodepletion")

AMOUNT, LD = Decimal(25) * SURFACE, "lymphodepletion"


@pytest.fixture
def walk(walk: Walk) -> Walk:
    """A lymphodepletion cancelled on the day of its first dose, recorded as not given."""
    walk.until(-6).plan("infusion", DAY_ZERO)
    walk.open(LD, regimen="Flu/Cy")
    walk.until(-4).pass_gate(LD)
    withhold_dose(
        dose_id=walk.doses(LD)[0].pk, reason="a hold", actor=walk.by("ward_nurse"),
        now=walk.tick(),
    )  # fmt: skip
    return walk


def tell(walk: Walk, row: CompanionRow, at: Any, **given: Any) -> Dose:
    """The first dose of a lymphodepletion was given."""
    right = correct_dose(
        dose_id=row.doses[0].pk, given=DoseGiven(at, AMOUNT, **given), reason="it was given",
        actor=walk.by("haematologist"), now=walk.tick(),
    )  # fmt: skip
    walk.course.refresh_from_db()
    return right


def rows(walk: Walk) -> tuple[CompanionRow, ...]:
    """Every lymphodepletion of the course."""
    return load_state(walk.course).of(LD)


def days(walk: Walk) -> list[tuple[int, Any]]:
    """The anchors of lymphodepletion."""
    found = Anchor.objects.filter(course=walk.course, kind=LD).order_by("occurrence")
    return list(found.values_list("occurrence", "actual_on"))


def test_it_is_told_beside_another_with_what_follows_from_it(walk: Walk) -> None:
    at = walk.tick()
    walk.move(LD, "cancelled", reason="the bed is gone")
    walk.until(-3).open(LD, regimen="Flu/Cy")
    [second] = [row.pk for row in rows(walk)[1:]]
    walk.give(LD, 1, "haematologist", overrides={"first_dose_off_day": "a day late"},
              deviation="a day late")  # fmt: skip
    record_checks(
        course_id=walk.course.pk, gate=Gate.LYMPHODEPLETION,
        notes=[CheckNote("gvhd", "not_met")], actor=walk.by("haematologist"), now=walk.tick(),
    )  # fmt: skip
    first = rows(walk)[0]
    with pytest.raises(Refused) as refused:
        tell(walk, first, at)
    asked = refused.value.refusals
    assert [one.code for one in asked] == ["depletion_cancelled", "since_gvhd"]
    assert {(one.kind, one.who_may) for one in asked} == {(Kind.SOFT, ("haematologist",))}
    assert "another was opened since" in str(asked[0])
    why = dict.fromkeys((one.code for one in asked), "seen on the chart")
    dose = tell(walk, first, at, overrides=why)
    assert [(row.state, row.beside) for row in rows(walk)] == [
        ("stopped", True), ("in_progress", False),
    ]  # fmt: skip
    assert days(walk) == [(1, walk.at(-4).date()), (2, walk.at(-3).date())]
    steps = Change.objects.filter(machine=LD, subject_id=first.pk).order_by("sequence")
    told = [(one.source, one.target) for one in steps if one.told_after]
    way = ["cancelled", "planned", "in_progress", "stopped"]
    assert told == list(pairwise(way))
    notices = Notice.objects.standing().filter(course=walk.course)
    assert {"cancelled_was_begun", "dose_told_after"} <= {one.code for one in notices}
    seen = facts_before(load_state(walk.course), Gate.LYMPHODEPLETION, walk.now)
    gvhd = next(c for c in checklist(Gate.LYMPHODEPLETION, seen) if c.check.code == "gvhd")
    assert gvhd.status == "not_met", "the checks recorded meanwhile are those of the other one"
    assert rows(walk)[1].pk == second
    with pytest.raises(Refused) as further:
        walk.give(LD, 2)
    assert "dose_against_gvhd" in codes(further.value)
    correct_dose(
        dose_id=dose.pk, given=None, not_given_reason="it was not", reason="misread",
        actor=walk.by("haematologist"), now=walk.tick(),
    )  # fmt: skip
    assert days(walk) == [(2, walk.at(-3).date())]
    assert not notices.filter(code="cancelled_was_begun").exists()


def test_the_plan_of_another_that_was_not_begun_stays(walk: Walk) -> None:
    at = walk.tick()
    walk.move(LD, "cancelled", reason="the bed is gone")
    walk.plan(LD, walk.at(3).date(), "the bed is gone")
    walk.until(-3).open(LD, regimen="Flu/Cy")
    first = rows(walk)[0]
    tell(walk, first, at, overrides={"depletion_cancelled": "seen on the chart"})
    assert [row.state for row in rows(walk)] == ["stopped", "planned"]
    planned = Anchor.objects.get(course=walk.course, kind=LD, actual_on=None)
    assert (planned.occurrence, planned.planned_on) == (2, walk.at(3).date())


def test_what_did_not_stand_then_is_asked_and_kept_and_a_later_dose_ends_it_later(
    walk: Walk,
) -> None:
    record_checks(
        course_id=walk.course.pk, gate=Gate.LYMPHODEPLETION,
        notes=[CheckNote("infection", "not_met", remark="fever")],
        actor=walk.by("haematologist"), now=walk.tick(),
    )  # fmt: skip
    walk.move(LD, "cancelled", reason="fever")
    at, [row] = walk.tick(), rows(walk)
    with pytest.raises(Refused) as live:
        give_dose(
            dose_id=row.doses[1].pk, given=DoseGiven(at, AMOUNT), actor=walk.by("ward_nurse"),
            now=walk.now,
        )  # fmt: skip
    assert {"companion_over", "told_after_the_fact"} <= codes(live.value)
    with pytest.raises(Refused) as refused:
        tell(walk, row, at)
    assert codes(refused.value) == {"depletion_cancelled", "gate_infection"}
    assert "another was opened" not in str(refused.value)
    with pytest.raises(Refused) as early:
        tell(walk, row, walk.at(-7), deviation="early",
             overrides=dict.fromkeys(codes(refused.value), "so it was"))  # fmt: skip
    assert "before_previous" in codes(early.value)
    dose = tell(walk, row, at, overrides=dict.fromkeys(codes(refused.value), "so it was"))
    assert {one["code"] for one in dose.answers} == {"depletion_cancelled", "gate_infection"}
    [row] = rows(walk)
    assert (row.state, row.beside, row.since_at) == ("stopped", False, at)
    begun = Notice.objects.standing().filter(course=walk.course, code="cancelled_was_begun")
    right = correct_dose(
        dose_id=dose.pk, given=DoseGiven(at, AMOUNT, deviation="read anew"), reason="a word more",
        actor=walk.by("haematologist"), now=walk.tick(),
    )  # fmt: skip
    assert [one.causes for one in begun.all()] == [[f"dose:{right.pk}"]], (
        "with it that one was begun"
    )
    correct_dose(
        dose_id=right.pk, given=None, not_given_reason="it was not", reason="misread",
        actor=walk.by("haematologist"), now=walk.tick(),
    )  # fmt: skip
    assert not begun.exists()
