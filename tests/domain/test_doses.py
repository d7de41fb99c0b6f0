"""Doses: routes, verifiers, differences, and the guards that count doses."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from pathway.domain import collection_guards as c
from pathway.domain import dose_guards as d
from pathway.domain import guards as g
from pathway.domain.bridging_guards import bridging_weighed
from pathway.domain.doses import (
    DoseFacts,
    DoseState,
    is_vinca,
    needs_verifier,
    other_amount,
    other_day,
    refuse_route,
)
from pathway.domain.facts import CompanionFacts, CourseFacts, TherapyFacts
from pathway.domain.machine_types import Guard
from terms.refusals import Kind
from tests.domain.course_facts import DAY, RULES, companion, facts

HARD, SOFT = Kind.HARD, Kind.SOFT
LONGEST = max(washout.min_days.value for washout in RULES.washouts.by_class.values())
INO = "inotuzumab"


def ago(days: int) -> date:
    return DAY - timedelta(days=days)


def given(days: int, drug_class: str = "", number: int = 1) -> DoseFacts:
    return DoseFacts(number, number, "drug", DoseState.GIVEN, drug_class, given_on=ago(days))


OPEN = DoseFacts(9, 9, "fludarabine")
WITHHELD = DoseFacts(8, 8, "fludarabine", DoseState.NOT_GIVEN)


@pytest.mark.parametrize(
    ("drug", "drug_class", "route", "code"),
    [
        ("vincristine", "", "iv", None),
        ("Vincristina", "", "it", "vinca_route"),
        ("VINBLASTINE", "chemotherapy", "po", "vinca_route"),
        ("Oncovin", "", "", "route_missing"),
        ("a drug", "vincristine_single", "it", "vinca_route"),
        ("methotrexate", "intrathecal", "it", None),
        ("dexamethasone", "", "", None),
    ],
)
def test_a_vinca_alkaloid_goes_into_a_vein_only(
    drug: str, drug_class: str, route: str, code: str | None
) -> None:
    found = refuse_route(drug, drug_class, route)
    assert [one.code for one in found] == ([code] if code else [])
    assert all(one.kind is HARD and str(one) for one in found)


@pytest.mark.parametrize(
    ("drug", "drug_class", "route", "needed"),
    [
        ("vincristine", "", "iv", True),
        ("methotrexate", "", "it", True),
        ("cytarabine", "intrathecal", "", True),
        ("fludarabine", "", "iv", False),
    ],
)
def test_who_needs_a_second_pair_of_eyes(
    drug: str, drug_class: str, route: str, needed: bool
) -> None:
    assert needs_verifier(drug, drug_class, route) is needed


@pytest.mark.parametrize(
    ("planned", "amount", "given_amount", "differ"),
    [
        (DAY, Decimal(40), Decimal(40), False),
        (DAY, Decimal(40), Decimal(30), True),
        (DAY, None, Decimal(30), False),
        (DAY, Decimal(40), None, False),
        (ago(1), None, None, True),
        (None, None, None, False),
    ],
)
def test_a_dose_differs_as_far_as_both_are_known(
    planned: date | None, amount: Decimal | None, given_amount: Decimal | None, differ: bool
) -> None:
    ordered = DoseFacts(1, 1, "fludarabine", planned_on=planned, amount=amount)
    assert (other_day(ordered, DAY) or other_amount(ordered, given_amount)) is differ


@pytest.mark.parametrize(
    "drug",
    [
        "VCR", "vcr 2 mg", "VCR2mg", "(VCR)", "Marqibo", "vincristine liposome", "Vinkristin",
        "Vinca alkaloid", "VBL", "Velban", "Velbe", "vindesine", "VDS", "Eldisine", "Vinflunine",
        "Javlor", "VFL", "vinorelbina", "Navelbine", "VNR", "VNB", "VRL", "Oncovin", "Vincrex",
        "MTX/VCR",
    ],
)  # fmt: skip
def test_a_vinca_alkaloid_is_known_by_every_name(drug: str) -> None:
    assert [r.code for r in refuse_route(drug, "chemotherapy", "it")] == ["vinca_route"]
    assert needs_verifier(drug, "chemotherapy", "iv")


@pytest.mark.parametrize(
    "drug",
    [
        "methotrexate", "cytarabine", "hydrocortisone", "MTX", "Velcade", "venetoclax",
        "vorinostat", "bevacizumab", "carvedilol", "DVCRT", "provincial VCRT study drug",
        "inotuzumab ozogamicin", "dexamethasone", "asparaginase", "ponatinib", "VRLX-1",
    ],
)  # fmt: skip
def test_another_drug_is_no_vinca_alkaloid(drug: str) -> None:
    assert refuse_route(drug, "chemotherapy", "it") == []
    assert not is_vinca(drug, "chemotherapy")


def depleted(*doses: DoseFacts, **more: Any) -> CourseFacts:
    return facts(subject=companion("in_progress", doses=doses), **more)


def held(days: int, since: int) -> CourseFacts:
    ended = companion("complete", reached={"in_progress": ago(days + 2), "complete": ago(days)})
    return facts(depletions=(ended,), infusion_held_since=ago(since))


TOLD = frozenset({"in_progress", "complete"})


def beside(own: CompanionFacts, *others: CompanionFacts) -> CourseFacts:
    """A course whose lymphodepletion `own` moves, beside others."""
    return facts(subject=own, depletions=(own, *others))


CASES: list[tuple[Guard, CourseFacts, str | None, Kind | None]] = [
    (d.dose_verified, facts(), None, None),
    (d.dose_verified, facts(subject=companion("planned", title="dexamethasone")), None, None),
    (d.dose_verified, facts(subject=companion("planned", title="vincristine")),
     "dose_not_verified", HARD),
    (d.dose_verified,
     facts(subject=companion("planned", title="vincristine", doses=(given(0),))), None, None),
    (d.no_dose_stands, facts(), None, None),
    (d.no_dose_stands, facts(subject=companion("planned", doses=(OPEN, WITHHELD))), None, None),
    (d.no_dose_stands, facts(subject=companion("planned", doses=(OPEN, given(1)))),
     "dose_stands", HARD),
    (d.first_dose_on_its_day, facts(planned_infusion=None), "day_zero_not_planned", SOFT),
    (d.first_dose_on_its_day, facts(planned_infusion=DAY + timedelta(days=4)), None, None),
    (d.first_dose_on_its_day, facts(planned_infusion=DAY + timedelta(days=5)),
     "first_dose_off_day", SOFT),
    (d.no_other_depletion, facts(), "other_depletion", HARD),
    (d.no_other_depletion, beside(companion("stopped", 2)), None, None),
    (d.no_other_depletion, beside(companion("stopped", 2), companion("stopped", 1)), None, None),
    (d.no_other_depletion, beside(companion("stopped", 2), companion("cancelled", 3)), None, None),
    (d.no_other_depletion, beside(companion("stopped", 2), companion("planned", 3)),
     "other_depletion", HARD),
    (d.no_other_depletion, beside(companion("stopped", 2), companion("stopped", 3)),
     "other_depletion", HARD),
    (d.no_other_depletion, beside(companion("stopped", 2), companion("in_progress", 1)),
     "other_depletion", HARD),
    (d.depletion_doses_settled, facts(), "doses_unknown", SOFT),
    (d.depletion_doses_settled, depleted(), "doses_unknown", SOFT),
    (d.depletion_doses_settled, depleted(given(1), OPEN), "doses_open", HARD),
    (d.depletion_doses_settled, facts(subject=companion("in_progress", transcribed=TOLD)),
     "doses_not_transcribed", SOFT),
    (d.depletion_doses_settled,
     facts(subject=companion("in_progress", transcribed=TOLD, doses=(given(1),))), None, None),
    (d.depletion_doses_transcribed, facts(), None, None),
    (d.depletion_doses_transcribed, facts(depletions=()), None, None),
    (d.depletion_doses_transcribed, facts(depletions=(companion("stopped", transcribed=TOLD),)),
     None, None),
    (d.depletion_doses_transcribed, facts(depletions=(companion("complete", transcribed=TOLD),)),
     "doses_not_transcribed", SOFT),
    (d.depletion_doses_transcribed,
     facts(depletions=(companion("complete", transcribed=TOLD, doses=(given(1),)),)), None, None),
    (d.depletion_doses_settled, depleted(WITHHELD), "no_dose_given", HARD),
    (d.depletion_doses_settled, depleted(given(1), WITHHELD), None, None),
    (d.after_last_dose, facts(), None, None),
    (d.after_last_dose, depleted(given(0)), None, None),
    (d.after_last_dose, depleted(given(-1)), "before_last_dose", HARD),
    (d.inside_hold_clock, facts(), None, None),
    (d.inside_hold_clock, facts(depletions=()), None, None),
    (d.inside_hold_clock, held(14, 13), None, None),
    (d.inside_hold_clock, held(15, 13), "repeat_depletion", SOFT),
    (d.inside_hold_clock, held(15, 20), "repeat_depletion", SOFT),  # put before its end
    (d.inside_hold_clock, replace(held(15, 20), infusion_held_until=ago(15)), None, None),
    (d.inside_hold_clock, replace(held(15, 20), infusion_held_until=ago(14)),
     "repeat_depletion", SOFT),
    (d.repeat_allowed, facts(depletions=()), None, None),
    (d.repeat_allowed, facts(depletions=(companion("stopped"),)), None, None),
    (d.repeat_allowed, held(14, 13), "depletion_still_serves", HARD),
    (d.repeat_allowed, held(15, 13), None, None),
    (d.repeat_allowed, replace(held(3, 1), prepared_since=ago(1)), None, None),
    (d.product_lasts, facts(products=()), None, None),
    (d.product_lasts, facts(products=(companion("stored", expires_on=DAY),)), None, None),
    (d.product_lasts, facts(products=(companion("stored", expires_on=ago(1)),)),
     "product_expired", HARD),
    (d.product_lasts,
     facts(products=(companion("stored", expires_on=DAY),),
           planned_infusion=DAY + timedelta(days=1)), "product_expires_first", HARD),
    (d.before_depletion, facts("bridging"), None, None),
    (d.before_depletion, facts("lymphodepletion", depletions=()), None, None),
    (d.before_depletion, facts("lymphodepletion"), None, None),
    (d.before_depletion,
     facts("lymphodepletion", depletions=(companion("in_progress"),)), "depletion_begun", HARD),
    (c.washouts_known, facts(), None, None),
    (c.treatment_weighed, facts(), None, None),
    (c.treatment_weighed, facts(therapies=()), "no_earlier_treatment", SOFT),
    (c.treatment_weighed, facts(therapies=(TherapyFacts("", None),)),
     "treatment_not_weighed", SOFT),
    (c.treatment_weighed, facts(therapies=(TherapyFacts("", DAY - timedelta(days=LONGEST)),)),
     None, None),
    (c.treatment_weighed, facts(therapies=(TherapyFacts("dli", None, transplant=True),)),
     "no_earlier_treatment", SOFT),
    (c.treatment_weighed, facts(therapies=(TherapyFacts("vitamins", DAY),)),
     "treatment_not_weighed", SOFT),
    (c.treatment_weighed, facts(therapies=(TherapyFacts("", DAY - timedelta(days=LONGEST - 1)),)),
     "treatment_not_weighed", SOFT),
    (c.treatment_weighed,
     facts(
         therapies=(TherapyFacts("", DAY - timedelta(days=LONGEST - 1)),),
         subject=companion("scheduled", planned_on=DAY + timedelta(days=1)),
     ), None, None),
    (c.washouts_known, facts(therapies=(TherapyFacts(INO, None),)), "washout_unknown", SOFT),
    (c.washouts_known, facts(therapies=(TherapyFacts("vitamins", None),)), None, None),
    (c.washouts_known, facts(containments=(companion("given", drug_class=INO, reached={}),)),
     "washout_unknown", SOFT),
    (c.washouts_known, facts(containments=(companion("closed", drug_class=INO, reached={}),)),
     "washout_unknown", SOFT),
    (c.washouts_known,
     facts(containments=(companion("closed", drug_class=INO, reached={"not_needed": DAY}),)),
     None, None),
    (c.washouts_known, facts(containments=(companion("given", doses=(given(3),)),)), None, None),
    (c.washouts_met,
     facts(containments=(companion("given", doses=(given(3, INO), given(30, INO, 2))),)),
     "washout", SOFT),
    (c.washouts_met, facts(bridgings=(companion("closed", drug_class=INO, doses=(given(9),)),)),
     "washout", SOFT),
    (g.bridging_doses_known,
     facts(bridgings=(companion("closed", reached={"running": ago(9)}, doses=(given(9), OPEN)),)),
     "last_dose_unknown", SOFT),
    (g.bridging_washed_out,
     facts(bridgings=(companion("closed", drug_class=INO, doses=(given(13), given(20, "", 2))),)),
     "bridging_washout", SOFT),
    (g.bridging_washed_out,
     facts(bridgings=(companion("closed", drug_class=INO, doses=(given(14),)),)), None, None),
    (g.bridging_washed_out, facts(bridgings=(companion(
        "closed", drug_class="pegaspargase", doses=(given(6, "pegaspargase"),)),)),
     "bridging_washout", SOFT),
    (g.bridging_washed_out, facts(bridgings=(companion(
        "closed", doses=(given(6, "vincristine_single"),)),)), "bridging_washout", SOFT),
    (bridging_weighed, facts(bridgings=()), None, None),
    (bridging_weighed,
     facts(bridgings=(companion("closed", drug_class="tki", doses=(given(13, "tki"),)),)),
     "bridging_not_weighed", SOFT),
    (bridging_weighed,
     facts(bridgings=(companion("closed", drug_class="tki", doses=(given(14, "tki"),)),)),
     None, None),
    (bridging_weighed,
     facts(bridgings=(companion("closed", drug_class=INO, doses=(given(1, INO),)),)), None, None),
    (bridging_weighed, facts(bridgings=(companion("none", title="dexamethasone 40 mg"),)),
     "bridging_not_weighed", SOFT),
    (bridging_weighed, facts(bridgings=(companion("none"),)), None, None),
    (bridging_weighed, facts(bridgings=(companion(
        "none", title="prednisone", drug_class="systemic_steroid"),)), None, None),
]  # fmt: skip


@pytest.mark.parametrize(("guard", "looked_at", "code", "kind"), CASES)
def test_guard(guard: Guard, looked_at: CourseFacts, code: str | None, kind: Kind | None) -> None:
    refusal = guard(looked_at)
    assert (refusal.code if refusal else None) == code
    if refusal is not None:
        assert refusal.kind is kind
        assert str(refusal), "every place of the message is filled"


def test_collection_is_not_before_the_longest_washout() -> None:
    contained = companion("given", doses=(given(2, "vincristine_single"),))
    assert c.not_before(facts(containments=(contained,))) == DAY + timedelta(days=5)
    assert c.not_before(facts()) is None


def test_the_end_of_lymphodepletion_is_its_last_dose_and_not_the_click() -> None:
    ended = companion("complete", reached={"complete": DAY}, doses=(given(5), given(3, "", 2)))
    assert ended.ended_on == ago(3)
    assert companion("in_progress").ended_on is None
    late = facts(depletions=(replace(ended, doses=(given(15),)),))
    refusal = g.depletion_interval(late)
    assert refusal is not None
    assert refusal.code == "depletion_interval"


def test_a_regimen_given_in_part_asks_whether_it_serves() -> None:
    doses = (
        replace(given(3), planned_day=-4),
        replace(WITHHELD, planned_day=-2),
        replace(WITHHELD, number=9, drug="mesna"),  # no part of the regimen
    )
    seen = facts(depletions=(companion("complete", doses=doses),))
    refusal = d.regimen_given(seen)
    assert refusal is not None
    assert (refusal.code, refusal.kind) == ("regimen_in_part", SOFT)
    assert refusal.params["doses"] == ("8. fludarabine",)
    whole = companion("complete", doses=(doses[0], doses[2]))
    assert d.regimen_given(replace(seen, depletions=(whole,))) is None
    nothing = companion("complete", doses=doses[1:])
    assert d.regimen_given(replace(seen, depletions=(nothing,))) is None, "refused elsewhere"
    assert d.regimen_given(replace(seen, depletions=())) is None
    going = companion("in_progress", doses=doses)
    assert d.regimen_given(replace(seen, depletions=(going,))) is None
