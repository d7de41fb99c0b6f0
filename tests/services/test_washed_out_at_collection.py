"""A dose before a collection that is told once that was made: whoever counts on it hears of it."""

from datetime import date, timedelta
from typing import Any

import pytest

from pathway.dosing import DoseGiven, DoseOrder, correct_dose, withhold_dose
from pathway.models import Dose
from patients.charting import add_entry
from patients.correcting import correct_entry
from patients.mistaken_facts import mark_fact
from reminders.models import Notice
from tests.walking import Walk

pytestmark = pytest.mark.walked("to_apheresis")
DAY = timedelta(days=1)


@pytest.fixture
def walk(walk: Walk) -> Walk:
    """Two doses of a steroid ordered, one of them given long before a collection."""
    walk.open("containment", drug="dexamethasone", drug_class="systemic_steroid")
    walk.order(
        "containment", DoseOrder("dexamethasone", "systemic_steroid"),
        DoseOrder("dexamethasone", "systemic_steroid"),
    )  # fmt: skip
    walk.until(-34).give("containment", 1)
    return walk


def told(walk: Walk) -> list[Notice]:
    found = Notice.objects.standing().filter(course=walk.course, code="collected_in_washout")
    return list(found)


def correct(walk: Walk, dose: Dose, at: date | None, **given: object) -> Dose:
    """The dose was given on a day, or was not."""
    moment = None if at is None else DoseGiven(walk.at((at - walk.at(0).date()).days, 9), **given)  # type: ignore[arg-type]
    return correct_dose(
        dose_id=dose.pk, given=moment, not_given_reason="" if at else "it was not",
        reason="seen on the chart", actor=walk.by("haematologist"), now=walk.tick(),
    )  # fmt: skip


def test_a_dose_inside_the_washout_told_after_the_collection_is_told_of(walk: Walk) -> None:
    second = walk.doses("containment")[1]
    held = withhold_dose(
        dose_id=second.pk, reason="no need", actor=walk.by("ward_nurse"), now=walk.tick()
    )
    walk.until(-30).collect()
    assert told(walk) == []
    near, far = walk.at(-31).date(), walk.at(-33).date()
    given = correct(walk, held, near)
    (notice,) = told(walk)
    assert notice.roles == ["cell_lab", "haematologist", "quality"]
    assert notice.params["on"] == {"date": near.isoformat()}
    # What the correction of an amount leaves standing stays told; another day takes it back.
    again = correct(walk, given, near, deviation="read anew")
    assert len(told(walk)) == 1
    assert correct(walk, again, far, deviation="two days before").given_on == far
    assert told(walk) == []


def test_what_was_answered_at_the_collection_is_not_told_again(walk: Walk) -> None:
    walk.until(-33).open("apheresis", "coordinator", planned_on=walk.at(-30).date())
    near = walk.until(-31).give("containment", 2, "haematologist")
    walk.until(-30).pass_gate("collection")
    walk.move("apheresis", "cleared", overrides={"washout": "the disease does not wait"})
    walk.move("apheresis", "in_progress")
    assert near.given_on is not None
    correct(walk, near, near.given_on, deviation="read anew")
    assert told(walk) == []


def test_a_line_charted_after_the_collection_is_told_of_until_it_is_put_right(walk: Walk) -> None:
    walk.until(-30).collect()
    near, far = walk.at(-31).date(), walk.at(-60).date()
    said = {"on": str(near), "treatment": "elsewhere", "drug_class": "systemic_steroid"}
    about: dict[str, Any] = {
        "course_id": walk.course.pk,
        "kind": "line",
        "actor": walk.by("haematologist"),
    }
    line = add_entry(**about, values=said, now=walk.tick())
    assert [one.causes for one in told(walk)] == [[f"line:{line.pk}"]]
    add_entry(**about, values=said | {"drug_class": "", "treatment": "support"}, now=walk.tick())
    add_entry(**about, values=said | {"on": "", "treatment": "long ago"}, now=walk.tick())
    assert len(told(walk)) == 1
    right: dict[str, Any] = {"entry_id": line.pk, "reason": "misread"}
    correct_entry(**about, **right, values=said | {"on": str(far)}, now=walk.tick())
    assert told(walk) == []
    correct_entry(**about, **right, values=said, now=walk.tick())
    assert len(told(walk)) == 1
    mark_fact(
        course_id=walk.course.pk, kind="line", fact_id=line.pk, reason="another patient's",
        actor=walk.by("haematologist"), now=walk.tick(),
    )  # fmt: skip
    assert told(walk) == []
