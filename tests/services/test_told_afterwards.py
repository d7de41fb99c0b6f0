"""A first dose told after it was given: what is asked, what is kept, who hears of it."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from exports.timeline import course_timeline
from pathway.domain.gate_rules import Gate
from pathway.dosing import (
    DoseGiven,
    DoseOrder,
    correct_dose,
    give_dose,
    order_doses,
    withhold_dose,
)
from pathway.gating import CheckNote, record_checks
from pathway.loading import load_state
from pathway.models import Change, Dose, GateEntry
from pathway.referring import NewCourse
from pathway.transcribing import Transcript, transcribe
from protocol.models import Protocol
from reminders.models import Notice
from terms.refusals import Kind, Refused
from tests.conftest import NOW, UserWith
from tests.domain.test_transcription import PREPARED
from tests.services.refused import codes
from tests.services.test_transcribing import ROSSI
from tests.walking import DAY_ZERO, SURFACE, Walk

pytestmark = pytest.mark.walked("to_lymphodepletion")

AMOUNT = Decimal(25) * SURFACE
LD = "lymphodepletion"


def opened(walk: Walk) -> Walk:
    """A lymphodepletion with its gate stood before, on the day of its first dose."""
    walk.until(-6).plan("infusion", DAY_ZERO)
    walk.open(LD, regimen="Flu/Cy")
    return walk.until(-4).pass_gate(LD)


def standing(walk: Walk, number: int = 1) -> Dose:
    """A dose of the latest lymphodepletion as it stands."""
    return Dose.objects.get(
        course=walk.course, machine=LD, subject_id=walk.latest(LD).pk, number=number,
        replaced_by=None,
    )  # fmt: skip


def correct(walk: Walk, dose: Dose, *, given: bool = True, **said: Any) -> Dose:
    """It was given now after all, or it was not given at all."""
    now = walk.tick()
    truth = DoseGiven(**{"given_at": now, "amount": AMOUNT, **said}) if given else None
    right = correct_dose(
        dose_id=dose.pk, given=truth, reason="as it was", actor=walk.by("haematologist"),
        now=walk.now,
    )  # fmt: skip
    walk.course.refresh_from_db()
    return right


def withheld(walk: Walk) -> Dose:
    """The first dose, recorded as not given."""
    return withhold_dose(
        dose_id=standing(walk).pk, reason="a hold", actor=walk.by("ward_nurse"), now=walk.tick()
    )


def record(walk: Walk, *notes: CheckNote) -> list[GateEntry]:
    """Record checks of the gate to lymphodepletion."""
    return record_checks(
        course_id=walk.course.pk, gate=Gate.LYMPHODEPLETION, notes=notes,
        actor=walk.by("haematologist"), now=walk.tick(),
    )  # fmt: skip


def told(walk: Walk) -> list[Notice]:
    """The standing notices of a first dose told afterwards."""
    return list(Notice.objects.standing().filter(course=walk.course, code="dose_told_after"))


def reasons(refused: Refused) -> dict[str, str]:
    """A reason for everything that yields to one."""
    return {one.code: f"why {one.code}" for one in refused.refusals if one.kind is Kind.SOFT}


def test_where_no_dose_stands_any_more_the_next_one_asks_the_gate(walk: Walk) -> None:
    opened(walk).give(LD, 1)
    correct(walk, standing(walk), given=False)
    walk.give(LD, 1)
    assert (standing(walk).answers, told(walk)) == ([], []), "its gate stands as it did"
    correct(walk, standing(walk), given=False)
    walk.until(10)
    with pytest.raises(Refused) as refused:
        walk.give(LD, 1, "ward_nurse", deviation="late")
    firm = {"gate_infection", "gate_viral_pcr", "gate_gvhd", "gate_tocilizumab"}
    assert firm <= codes(refused.value)
    assert all(
        one.kind is Kind.SOFT and one.who_may == ("haematologist",)
        for one in refused.value.refusals if one.code in firm
    )  # fmt: skip
    why = reasons(refused.value)
    with pytest.raises(Refused) as nurse:
        walk.give(LD, 1, "ward_nurse", deviation="late", overrides=why)
    assert firm <= codes(nurse.value)
    dose = walk.give(LD, 1, "haematologist", deviation="late", overrides=why)
    kept = {one["code"]: one for one in Dose.objects.get(pk=dose.pk).answers}
    assert firm <= set(kept)
    asked = kept["gate_infection"]
    assert (asked["check"], asked["firm"], asked["reason"]) == (
        "infection", True, "why gate_infection",
    )  # fmt: skip
    assert asked["said"]["en"].startswith("No active infection")
    assert asked["said"]["it"] != asked["said"]["en"]
    [notice] = told(walk)
    assert notice.roles == ["haematologist", "pharmacist", "ward_nurse"]
    with pytest.raises(Refused) as second:
        walk.give(LD, 2, "ward_nurse", deviation="late")
    assert {f"dose_against_{code}" for code in ("infection", "viral_pcr")} <= codes(second.value)


def test_what_a_correction_says_was_given_against_the_gate_is_told_and_marked(walk: Walk) -> None:
    wrong = withheld(opened(walk))
    record(walk, CheckNote("infection", "not_met", remark="fever"))
    with pytest.raises(Refused) as refused:
        correct(walk, wrong)
    dose = correct(walk, wrong, overrides=reasons(refused.value))
    [move] = Change.objects.filter(course=walk.course, machine=LD, target="in_progress")
    assert move.told_after
    events = course_timeline(walk.by("haematologist"), walk.course)
    at_gates = {row.label for row in events if row.event_code == "GATE_ASKED_AFTER"}
    assert at_gates == {"Asked afterwards: Gate to lymphodepletion"}
    [notice] = told(walk)
    assert [one["en"] for one in notice.params["checks"]] == [
        "No active infection, fever or new antimicrobial"
    ]
    same = correct(walk, dose, amount=AMOUNT, deviation="read anew")
    assert [one["code"] for one in same.answers] == ["gate_infection"]
    assert [one.pk for one in told(walk)] != [notice.pk], "told of the dose as it stands"
    walk.until(-3)
    with pytest.raises(Refused) as second:
        walk.give(LD, 2)
    assert codes(second.value) == {"dose_against_infection"}
    record(walk, CheckNote("infection", "met"))
    walk.give(LD, 2)
    undone = correct(walk, same, given=False)
    assert told(walk) == []
    assert undone.answers == same.answers, "the second dose went past the same gate"
    undone = correct(walk, standing(walk, 2), given=False)
    assert undone.answers == []


def test_a_check_that_was_too_old_is_asked_at_every_dose_until_it_is(walk: Walk) -> None:
    walk.until(-6).plan("infusion", DAY_ZERO)
    walk.open(LD, regimen="Flu/Cy")
    wrong = withheld(walk.until(-4))
    with pytest.raises(Refused) as refused:
        correct(walk, wrong)
    assert "gate_infection" in codes(refused.value)
    correct(walk, wrong, overrides=reasons(refused.value))
    walk.until(-3)
    with pytest.raises(Refused) as second:
        walk.give(LD, 2)
    assert codes(second.value) == {"dose_against_infection"}
    why = {"dose_against_infection": "the swab is on its way"}
    walk.give(LD, 2, "haematologist", overrides=why)
    with pytest.raises(Refused) as third:
        walk.until(-2).give(LD, 3)
    assert codes(third.value) == {"dose_against_infection"}, "a reason is for one dose"
    record(walk, CheckNote("infection", "met"))
    walk.give(LD, 3)


def test_a_first_dose_told_afterwards_with_its_gate_passed_tells_nobody(walk: Walk) -> None:
    dose = correct(walk, withheld(opened(walk)))
    [move] = Change.objects.filter(course=walk.course, machine=LD, target="in_progress")
    assert (move.told_after, move.overrides, dose.answers, told(walk)) == (True, [], [], [])


def test_the_pages_and_the_api_say_that_the_gate_was_not_passed(walk: Walk) -> None:
    wrong = withheld(opened(walk))
    browser, gate = Client(), reverse("gate", args=[walk.course.pk, LD])
    browser.force_login(walk.by("haematologist"))
    row = walk.latest(LD).pk
    pages = [gate, reverse("doses", args=[walk.course.pk, LD, row]),
             reverse("course_records", args=[walk.course.pk])]  # fmt: skip
    before = [browser.get(page).content.decode() for page in pages]
    assert all("told afterwards" not in text and "was told after" not in text for text in before)
    record(walk, CheckNote("infection", "not_met", remark="fever"))
    with pytest.raises(Refused) as refused:
        correct(walk, wrong)
    dose = correct(walk, wrong, overrides=dict.fromkeys(codes(refused.value), "given in the night"))
    text, doses, records = (browser.get(page).content.decode() for page in pages)
    assert "was told after it was given: the gate was not passed before it." in text
    assert "went through this gate" not in text
    question = "No active infection, fever or new antimicrobial: not met."
    assert f"<li>{question} — given in the night</li>" in text
    assert "told afterwards: its gate was not passed" in doses
    assert records.count("(told afterwards)") == 1
    italian = Client(headers={"accept-language": "it"})
    italian.force_login(walk.by("haematologist"))
    italian.cookies["django_language"] = "it"
    assert "il passaggio non era stato superato prima" in italian.get(gate).content.decode()
    api = reverse("api_gate", args=[walk.course.pk, LD])
    rows = {one["code"]: one["not_then"] for one in browser.get(api).json()["results"]}
    assert [code for code, then in rows.items() if then] == ["infection"]
    listed = reverse("api_doses", args=[walk.course.pk, LD, row])
    asked = browser.get(listed).json()["results"][0]["told_after"]
    assert [(one["code"], one["question"], one["reason"]) for one in asked] == [
        ("gate_infection", question, "given in the night")
    ]
    coded = Client()
    coded.force_login(walk.by("data_manager"))
    assert coded.get(listed).json()["results"][0]["told_after"][0]["reason"] == ""
    assert "given in the night" not in coded.get(gate).content.decode()
    walk.until(-3)
    why = {"dose_against_infection": "the culture is negative"}
    walk.give(LD, 2, "haematologist", overrides=why)
    correct(walk, dose, given=False)
    assert "The doses after it went past this gate." in browser.get(gate).content.decode()


def test_the_page_says_that_the_gate_was_asked_afterwards_and_stood(walk: Walk) -> None:
    correct(walk, withheld(opened(walk)))
    browser = Client()
    browser.force_login(walk.by("haematologist"))
    text = browser.get(reverse("gate", args=[walk.course.pk, LD])).content.decode()
    assert "its gate was asked afterwards, and all of it stood then" in text
    assert "went through this gate" not in text


def test_what_is_corrected_of_one_that_never_began_dates_nothing(walk: Walk) -> None:
    correct(walk, withheld(opened(walk)), given=False)
    assert not walk.course.anchors.filter(kind=LD).exclude(actual_on=None)
    assert load_state(walk.course).of(LD)[-1].state == "planned"


def test_of_one_that_began_before_percorso_nobody_asks_the_gate(
    protocol: Protocol, user_with: UserWith
) -> None:
    asked = NewCourse(protocol_code=protocol.code, referred_on=PREPARED.referred_on)
    course = transcribe(
        patient=ROSSI, transcript=Transcript(asked, PREPARED), actor=user_with("coordinator"),
        now=NOW,
    )  # fmt: skip
    [row] = load_state(course).of(LD)
    assert (row.state, "in_progress" in row.transcribed) == ("in_progress", True)
    who: dict[str, Any] = {"actor": user_with("haematologist"), "now": NOW}
    [ordered] = order_doses(
        course_id=course.pk, machine=LD, pk=row.pk,
        orders=[DoseOrder("mesna", planned_on=NOW.date(), amount=Decimal(400))], **who,
    )  # fmt: skip
    given = DoseGiven(NOW, Decimal(400))
    with pytest.raises(Refused) as first:
        give_dose(dose_id=ordered.pk, given=given, **who)
    again = replace(given, overrides=reasons(first.value))
    dose = give_dose(dose_id=ordered.pk, given=again, **who)
    undone = correct_dose(dose_id=dose.pk, given=None, reason="another patient", **who)
    assert give_dose(dose_id=undone.pk, given=again, **who).answers == []


def test_a_first_dose_of_another_time_is_asked_what_did_not_stand_then(walk: Walk) -> None:
    record(opened(walk), CheckNote("infection", "not_met", remark="fever"))
    fever = walk.now + timedelta(minutes=5)
    record(walk, CheckNote("infection", "met"))
    walk.give(LD, 1)
    dose = standing(walk)
    assert dose.given_at is not None
    same = correct(walk, dose, given_at=dose.given_at, deviation="read anew")
    later = correct(walk, same, given_at=dose.given_at + timedelta(minutes=2))
    assert (later.answers, told(walk)) == ([], [])
    with pytest.raises(Refused) as refused:
        correct(walk, later, given_at=fever)
    assert codes(refused.value) == {"gate_infection"}
    right = correct(walk, later, given_at=fever, overrides=reasons(refused.value))
    assert {one["code"] for one in right.answers} == codes(refused.value)
    assert len(told(walk)) == 1
    back = correct(walk, right, given_at=later.given_at)
    assert {one["code"] for one in back.answers} == codes(refused.value), "what was said is kept"
    walk.until(-3).give(LD, 2)
    second = standing(walk, 2)
    assert second.given_at is not None
    moved = correct(walk, second, given_at=second.given_at - timedelta(minutes=5))
    assert moved.answers == [], "the first dose stands before it"


def test_a_dose_told_of_a_time_before_the_first_one_asks_what_did_not_stand_then(
    walk: Walk,
) -> None:
    walk.until(-6).plan("infusion", DAY_ZERO)
    walk.open(LD, regimen="Flu/Cy")
    walk.until(-4).tick()
    before = walk.tick()
    walk.pass_gate(LD).move(LD, "in_progress", "ward_nurse")
    asked = {"gate_infection", "gate_oxygen", "gate_renal", "gate_counts"}
    with pytest.raises(Refused) as bare:
        walk.give(LD, 1, given_at=before)
    assert codes(bare.value) == asked, "before the step with which it began"
    walk.give(LD, 1)
    with pytest.raises(Refused) as refused:
        walk.give(LD, 2, given_at=before, deviation="a day early")
    assert codes(refused.value) == asked, "before the dose with which it began"
    why = reasons(refused.value)
    walk.give(LD, 2, "haematologist", given_at=before, deviation="a day early", overrides=why)
    assert {one["code"] for one in standing(walk, 2).answers} == asked
    assert len(told(walk)) == 1


def test_what_was_told_stays_told_when_it_is_taken_back_and_told_again(walk: Walk) -> None:
    walk.until(-6).plan("infusion", DAY_ZERO)
    walk.open(LD, regimen="Flu/Cy")
    wrong = withheld(walk.until(-4))
    with pytest.raises(Refused) as refused:
        correct(walk, wrong)
    browser, gate = Client(), reverse("gate", args=[walk.course.pk, LD])
    browser.force_login(walk.by("haematologist"))
    why = reasons(refused.value)
    dose = correct(walk, wrong, overrides=why)
    not_given(walk, dose)
    text = browser.get(gate).content.decode()
    assert "and all of it stood then" not in text
    assert "its gate was asked afterwards, and not all of it stood then" in text
    assert "why gate_infection" in text
    coded = Client()
    coded.force_login(walk.by("data_manager"))
    text = coded.get(gate).content.decode()
    assert "not all of it stood then" in text
    assert "why gate_infection" not in text
    at, firm = dose.given_at, {"gate_infection": "why gate_infection"}
    again = correct(walk, standing(walk), given_at=at, overrides=firm)
    assert {one["code"] for one in again.answers} == set(firm), "the others were waived"
    against = {"dose_against_infection": "the swab is on its way"}
    walk.until(-3).give(LD, 2, "haematologist", overrides=against)
    not_given(walk, again)
    with pytest.raises(Refused) as anew:
        correct(walk, standing(walk), given_at=at)
    assert codes(anew.value) == set(firm), "it comes before the second dose"
    later = correct(walk, standing(walk), overrides=against, deviation="a day late")
    assert {one["code"] for one in later.answers} == set(firm), "after the second one"
    assert len(told(walk)) == 1
    with pytest.raises(Refused) as third:
        walk.until(-2).give(LD, 3)
    assert codes(third.value) == set(against)


def not_given(walk: Walk, dose: Dose) -> None:
    """It was a mistake: the dose was not given."""
    correct_dose(
        dose_id=dose.pk, given=None, not_given_reason="the hold", reason="another patient",
        actor=walk.by("haematologist"), now=walk.tick(),
    )  # fmt: skip
    walk.course.refresh_from_db()
