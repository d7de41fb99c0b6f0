"""What was given in another course of the patient counts for the washouts of a further one."""

import pytest

from pathway.domain.gate_rules import Gate
from pathway.domain.gates import CheckStanding, checklist
from pathway.dosing import DoseOrder
from pathway.gating import facts_before
from pathway.loading import load_state
from pathway.referring import NewCourse, add_course
from patients.mistaken import mark_course
from tests.walking import Walk


def washouts(walk: Walk) -> CheckStanding:
    """How the washouts stand at the gate to collection."""
    seen = facts_before(load_state(walk.course), Gate.COLLECTION, walk.now)
    return next(one for one in checklist(Gate.COLLECTION, seen) if one.check.code == "washouts")


@pytest.mark.walked("to_apheresis")
def test_a_dose_of_an_earlier_course_is_inside_its_washout(walk: Walk) -> None:
    walk.open("containment", drug="vincristine", drug_class="vincristine_single")
    walk.order("containment", DoseOrder("vincristine", route="iv"))
    verifier = walk.by("pharmacist").get_username()
    walk.give("containment", 1, verified_by=verifier)
    walk.go("withdrawn", reason="wishes so")
    asked = NewCourse(protocol_code=walk.course.protocol.code, referred_on=walk.now.date())
    further = add_course(
        patient_id=walk.course.patient_id, course=asked, actor=walk.by("coordinator"),
        now=walk.tick(),
    )  # fmt: skip
    again = walk.on(further)
    [bare] = [one.code for one in washouts(again).refusals if one.code == "no_earlier_treatment"]
    assert bare, "a dose elsewhere is no line on record"
    again.note("line", on="2024", treatment="GIMEMA LAL1913", drug_class="")
    assert washouts(again).status == "not_met"
    assert "washout" in {one.code for one in washouts(again).refusals}
    again.now = again.at(-20)
    assert "washout" not in {one.code for one in washouts(again).refusals}, "it is over"


@pytest.mark.walked("to_apheresis")
def test_a_course_entered_in_error_gave_the_patient_nothing(walk: Walk) -> None:
    walk.open("containment", drug="dexamethasone", drug_class="systemic_steroid")
    walk.order("containment", DoseOrder("dexamethasone", "systemic_steroid", route="po"))
    walk.give("containment", 1)
    mark_course(
        course_id=walk.course.pk, reason="another patient", actor=walk.by("coordinator"),
        confirmation=walk.course.patient.family_name, now=walk.tick(),
    )  # fmt: skip
    asked = NewCourse(protocol_code=walk.course.protocol.code, referred_on=walk.now.date())
    further = add_course(
        patient_id=walk.course.patient_id, course=asked, actor=walk.by("coordinator"),
        now=walk.tick(),
    )  # fmt: skip
    again = walk.on(further)
    again.note("line", on="2024", treatment="GIMEMA LAL1913")
    assert washouts(again).status == "met"
