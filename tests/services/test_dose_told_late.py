"""Doses told late: into a lymphodepletion that is over, at another time, after its anchor went."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from pathway.correcting import correct_time
from pathway.dosing import DoseGiven, correct_dose, withhold_dose
from pathway.gating import CheckNote
from pathway.models import Dose
from patients.models import Anchor
from terms.refusals import Refused
from tests.services.refused import codes
from tests.services.test_told_afterwards import (
    AMOUNT,
    LD,
    correct,
    not_given,
    opened,
    record,
    standing,
)
from tests.walking import Walk

pytestmark = pytest.mark.walked("to_lymphodepletion")
AGAINST = {"dose_against_infection": "seen on the chart"}


def stopped(walk: Walk) -> datetime:
    """Stopped for a fever after its first dose; the second was given in it, as nobody says yet."""
    opened(walk).give(LD, 1)
    for dose in walk.doses(LD)[1:]:
        withhold_dose(dose_id=dose.pk, reason="fever", actor=walk.by("ward_nurse"), now=walk.tick())
    record(walk, CheckNote("infection", "not_met", remark="fever"))
    at = walk.tick()
    walk.move(LD, "stopped", reason="fever")
    return at


def tell(walk: Walk, dose: Dose, at: datetime, **said: Any) -> Dose:
    """A dose of whatever lymphodepletion was given."""
    right = correct_dose(
        dose_id=dose.pk, given=DoseGiven(at, AMOUNT, deviation="a day early", **said),
        reason="as it was", actor=walk.by("haematologist"), now=walk.tick(),
    )  # fmt: skip
    walk.course.refresh_from_db()
    return right


def days(walk: Walk) -> list[tuple[int, Any]]:
    """The anchors of lymphodepletion that have a day."""
    found = Anchor.objects.filter(course=walk.course, kind=LD).exclude(actual_on=None)
    return list(found.order_by("occurrence").values_list("occurrence", "actual_on"))


def test_a_dose_told_into_one_that_is_over_asks_what_any_further_dose_does(walk: Walk) -> None:
    at = stopped(walk)
    dose, third = standing(walk, 2), standing(walk, 3)
    with pytest.raises(Refused) as refused:
        tell(walk, dose, at)
    assert codes(refused.value) == set(AGAINST)
    hold = walk.hold(LD)
    with pytest.raises(Refused) as refused:
        tell(walk, dose, at)
    assert codes(refused.value) == {*AGAINST, "dose_while_held"}, "the hold is of that day"
    walk.release(hold)
    walk.until(-3).hold("infusion")
    walk.open(LD, regimen="Flu/Cy")
    record(walk, CheckNote("infection", "met"))
    with pytest.raises(Refused) as refused:
        tell(walk, dose, at)
    assert codes(refused.value) == set(AGAINST), "another round is another's, and so is its hold"
    told = tell(walk, dose, at, overrides=AGAINST)
    assert AGAINST["dose_against_infection"] in told.deviation
    record(walk, CheckNote("renal", value="45", unit="mL/min"))
    tell(walk, third, at, overrides=AGAINST)


def test_a_further_dose_of_another_time_is_asked_what_did_not_stand_then(walk: Walk) -> None:
    opened(walk).give(LD, 1)
    walk.until(-3).give(LD, 2)
    second = standing(walk, 2)
    record(walk, CheckNote("infection", "not_met", remark="fever"))
    fever = walk.now + timedelta(minutes=5)
    with pytest.raises(Refused) as refused:
        correct(walk, second, given_at=fever)
    assert codes(refused.value) == set(AGAINST)
    moved = correct(walk, second, given_at=fever, overrides=AGAINST)
    again = correct(walk, moved, given_at=fever + timedelta(minutes=2), deviation="read anew")
    assert again.deviation == "read anew", "it did not stand before either"


def test_no_lymphodepletion_takes_the_anchor_of_another(walk: Walk) -> None:
    stopped(walk)
    first = standing(walk)
    for day in (-3, -2):
        walk.until(day).open(LD, regimen="Flu/Cy")
        walk.pass_gate(LD).give(
            LD, 1, "haematologist", deviation="late", overrides={"first_dose_off_day": "late"}
        )
        if day == -3:
            walk.move(LD, "stopped", reason="fever")
            not_given(walk, first)
            assert days(walk) == [(2, walk.at(-3).date())]
    assert days(walk) == [(2, walk.at(-3).date()), (3, walk.at(-2).date())]


def test_a_beginning_of_another_time_is_asked_what_did_not_stand_then(walk: Walk) -> None:
    record(opened(walk), CheckNote("infection", "not_met", remark="fever"))
    fever = walk.now + timedelta(minutes=5)
    record(walk, CheckNote("infection", "met"))
    begun = walk.move(LD, "in_progress", "ward_nurse")
    how: dict[str, Any] = {
        "course_id": walk.course.pk, "place": begun.place, "reason": "as it was",
        "actor": walk.by("haematologist"), "now": walk.tick(),
    }  # fmt: skip
    later = begun.happened_at + timedelta(minutes=5)
    assert correct_time(happened_at=later, **how).overrides == []
    with pytest.raises(Refused) as refused:
        correct_time(happened_at=fever, **how)
    assert codes(refused.value) == {"gate_infection"}
    why = {"gate_infection": "seen on the chart"}
    right = correct_time(happened_at=fever, overrides=why, **how)
    assert [one["code"] for one in right.overrides] == ["gate_infection"]
    browser = Client()
    browser.force_login(walk.by("haematologist"))
    text = browser.get(reverse("gate", args=[walk.course.pk, LD])).content.decode()
    assert "No active infection, fever or new antimicrobial — seen on the chart" in text
