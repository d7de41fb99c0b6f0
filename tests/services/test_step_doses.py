"""A step that says when something was given is corrected together with its dose, the dose first."""

from datetime import datetime, timedelta

import pytest

from pathway.correcting import correct_time
from pathway.dosing import DoseGiven, DoseOrder, correct_dose
from pathway.loading import load_state
from pathway.models import Change, Dose
from patients.models import Anchor
from terms.refusals import Refused
from tests.services.refused import codes
from tests.services.test_gate_times import standing
from tests.walking import Walk

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def correct(walk: Walk, change: Change, at: datetime) -> Change:
    """Correct a step, with a reason for every check of a gate."""
    checks = (check for found in walk.rules.gates.by_gate.values() for check in found)
    return correct_time(
        course_id=walk.course.pk, place=change.place, happened_at=at, reason="typed wrongly",
        actor=walk.by("haematologist"), now=walk.tick(),
        overrides={f"gate_{check.code}": "as on paper" for check in checks},
    )  # fmt: skip


def refused(walk: Walk, change: Change, at: datetime) -> set[str]:
    with pytest.raises(Refused) as caught:
        correct(walk, change, at)
    return codes(caught.value)


def move_dose(walk: Walk, machine: str, at: datetime) -> None:
    """The first dose was given at another time."""
    pk = load_state(walk.course).of(machine)[-1].pk
    doses = Dose.objects.filter(course=walk.course, machine=machine, subject_id=pk)
    first = doses.filter(replaced_by=None).order_by("number")[0]
    correct_dose(
        dose_id=first.pk, reason="typed wrongly", actor=walk.by("haematologist"), now=walk.tick(),
        given=DoseGiven(at, first.given_amount, deviation="another day"),
    )  # fmt: skip


@pytest.mark.walked("to_apheresis")
def test_a_containment_given_another_day_is_corrected_at_its_dose_first(walk: Walk) -> None:
    walk.open("containment", drug="dexamethasone", drug_class="systemic_steroid")
    given = walk.until(-34).move("containment", "given", "ward_nurse")
    walk.until(-30)
    later = given.happened_at + 2 * DAY
    assert refused(walk, given, later) == {"dose_first"}
    moved = correct(walk, given, given.happened_at + HOUR)
    move_dose(walk, "containment", later)
    assert correct(walk, moved, later).happened_at == later


@pytest.mark.walked("to_infusion")
def test_lymphodepletion_begins_with_its_first_dose(walk: Walk) -> None:
    begun = standing(walk, "lymphodepletion", "in_progress")
    for shift in (DAY, -DAY):
        assert refused(walk, begun, begun.happened_at + shift) == {"dose_first"}
    assert correct(walk, begun, begun.happened_at + HOUR).overrides == []
    anchor = Anchor.objects.get(course=walk.course, kind="lymphodepletion")
    assert anchor.actual_on == begun.happened_on


@pytest.mark.walked("to_bridging")
def test_bridging_may_begin_before_its_first_dose_but_not_after(walk: Walk) -> None:
    walk.open("bridging", drug="dexamethasone", drug_class="systemic_steroid")
    walk.order("bridging", DoseOrder("dexamethasone", "systemic_steroid"))
    walk.until(-26).give("bridging", 1)
    begun = standing(walk, "bridging", "running")
    walk.until(-22)
    assert refused(walk, begun, begun.happened_at + DAY) == {"dose_first"}
    assert correct(walk, begun, begun.happened_at - HOUR).happened_on == begun.happened_on
