"""Each guard with what it lets pass and what it refuses, firm or yielding."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from pathway.domain import collection_guards as c
from pathway.domain import guards as g
from pathway.domain.doses import DoseFacts, DoseState
from pathway.domain.facts import CourseFacts, HoldFacts, TherapyFacts
from pathway.domain.machine_types import Guard
from patients.domain.washouts import Washouts
from terms.refusals import Kind
from terms.words import Bilingual
from tests.domain.course_facts import DAY, RULES, YOUNG_RULES, companion, facts

HARD, SOFT = Kind.HARD, Kind.SOFT
EBV = HoldFacts("lymphodepletion", Bilingual("EBV reactivation", "Riattivazione di EBV"))


UNGIVEN = companion(
    "complete",
    doses=(
        DoseFacts(
            pk=1, number=1, drug="fludarabine", drug_class="", route="iv",
            state=DoseState.NOT_GIVEN, planned_on=None, planned_day=None, amount=None, unit="mg",
            given_on=None, given_amount=None,
        ),
    ),
)  # fmt: skip


def ago(days: int) -> date:
    return DAY - timedelta(days=days)


def young(**spoilt: Any) -> CourseFacts:
    return facts(rules=YOUNG_RULES, **spoilt)


CASES: list[tuple[Guard, CourseFacts, str | None, Kind | None]] = [
    (g.patient_alive, facts(), None, None),
    (g.patient_alive, facts(deceased=True), "patient_died", HARD),
    (g.patient_alive, facts(deceased=True, died_on=DAY), "patient_died", HARD),
    (g.alive_then, facts(), None, None),
    (g.alive_then, facts(deceased=True), "patient_died", HARD),
    (g.alive_then, facts(deceased=True, died_on=DAY - timedelta(days=1)), "patient_died", HARD),
    (g.alive_then, facts(deceased=True, died_on=DAY), None, None),
    (g.alive_then, facts(deceased=True, died_on=DAY + timedelta(days=1)), None, None),
    (g.consents_given, facts(), None, None),
    (
        g.consents_given,
        facts(missing_consents=(Bilingual("data", "dati"),)),
        "consent_missing",
        HARD,
    ),
    (g.identity_verified, facts(), None, None),
    (g.identity_verified, facts(identity_verified=False), "identity_not_verified", HARD),
    # the label starts at 26 years: the birthday itself counts
    (g.age_on_label, facts(birth_date=date(2000, 11, 12)), None, None),
    (g.age_on_label, facts(birth_date=date(2000, 11, 13)), "under_label_age", SOFT),
    # and ends, for the other product, with the year of the 25th birthday
    (g.age_on_label, young(birth_date=date(2000, 11, 13)), None, None),
    (g.age_on_label, young(birth_date=date(2000, 11, 12)), "over_label_age", SOFT),
    (g.age_on_label, young(birth_date=date(2024, 11, 12)), "under_label_age", SOFT),
    (g.review_accepted, facts(), None, None),
    (g.review_accepted, facts(reviews=()), "review_not_accepted", HARD),
    (
        g.review_accepted,
        facts(reviews=(companion("accepted"), companion("assessing", 2))),
        "review_not_accepted",
        HARD,
    ),
    (c.collection_adequate, facts(), None, None),
    (
        c.collection_adequate,
        facts(attempts=(companion("completed"),)),
        "no_adequate_collection",
        HARD,
    ),
    (c.material_shipped, facts(products=(companion("manufacturing"),)), None, None),
    (c.material_shipped, facts(products=(companion("ordered"),)), "material_not_shipped", SOFT),
    (c.material_shipped, facts(products=(companion("failed"),)), "no_product", HARD),
    (g.product_on_site, facts(products=(companion("stored"),)), None, None),
    (g.product_on_site, facts(products=(companion("released"),)), "product_not_on_site", SOFT),
    (g.product_on_site, facts(products=(companion("qc"),)), "product_not_ready", HARD),
    (g.product_on_site, facts(products=(companion("quarantined"),)), "product_not_ready", HARD),
    (g.product_on_site, facts(products=()), "product_not_ready", HARD),
    (g.bridging_closed, facts(bridgings=()), None, None),
    (g.bridging_closed, facts(bridgings=(companion("stopped_early"),)), None, None),
    (g.bridging_closed, facts(bridgings=(companion("on_hold"),)), "bridging_open", HARD),
    (g.bridging_closed, facts(bridgings=(companion("planned"),)), "bridging_open", HARD),
    (g.bridging_washed_out, facts(), None, None),
    (g.not_infused_before, facts(), None, None),
    (g.not_infused_before, facts(infused_on=ago(30)), "already_infused", HARD),
    (g.depletion_complete, facts(), None, None),
    (g.depletion_complete, facts(depletions=()), "depletion_not_complete", HARD),
    (
        g.depletion_complete,
        facts(depletions=(companion("stopped"),)),
        "depletion_not_complete",
        HARD,
    ),
    (g.depletion_complete, facts(depletions=(UNGIVEN,)), "no_dose_stands", HARD),
    (g.depletion_interval, facts(depletions=(UNGIVEN,)), None, None),
    (g.depletion_interval, facts(), None, None),
    (g.depletion_interval, facts(depletions=()), None, None),
    (g.product_at_bedside, facts(), None, None),
    (g.product_at_bedside, facts(products=(companion("infused"),)), "product_not_thawed", HARD),
    (g.product_at_bedside, facts(products=(companion("stored"),)), "product_not_thawed", HARD),
    (g.product_at_bedside, facts(products=()), "product_not_thawed", HARD),
    (g.product_infused, facts(products=(companion("infused"),)), None, None),
    (g.product_infused, facts(products=(companion("wasted"),)), "product_not_infused", HARD),
    (g.product_infused, facts(products=()), "product_not_infused", HARD),
    (g.product_not_infused, facts(), None, None),
    (g.product_not_infused, facts(products=(companion("infused"),)), "product_infused", HARD),
    (g.no_open_depletion, facts(), None, None),
    (g.no_open_depletion, facts(depletions=(companion("in_progress"),)), "depletion_open", HARD),
    (g.bridging_doses_known, facts(), None, None),
    (
        g.bridging_doses_known,
        facts(bridgings=(companion("closed", reached={"running": ago(9)}),)),
        "last_dose_unknown",
        SOFT,
    ),
    (g.by_the_course_only, facts(), "automatic", HARD),
    (c.collection_of_this_round, facts(), None, None),
    (c.collection_of_this_round, facts(stage_since=DAY), None, None),
    (
        c.collection_of_this_round,
        facts(attempts=(companion("adequate", reached={"adequate": ago(9)}),), stage_since=ago(2)),
        "earlier_collection",
        SOFT,
    ),
    (c.collection_not_begun, facts(attempts=()), None, None),
    (c.collection_not_begun, facts(), "collection_begun", HARD),
    (g.discharged, facts(), None, None),
    (g.discharged, facts(in_hospital=True), "still_in_hospital", HARD),
    (g.stay_known, facts(), None, None),
    (g.stay_known, facts(ever_admitted=False), "no_stay", SOFT),
    (g.follow_up_over, facts(infused_on=date(2011, 11, 12)), None, None),
    (g.follow_up_over, facts(infused_on=date(2011, 11, 13)), "follow_up_not_over", HARD),
    (g.follow_up_over, facts(), "follow_up_not_over", HARD),
    (g.no_hold_on("apheresis"), facts(holds=(EBV,)), None, None),
    (g.no_hold_on("lymphodepletion"), facts(holds=(EBV,)), "on_hold", HARD),
    (g.stage_is("infusion"), facts("infusion"), None, None),
    (g.stage_is("infusion"), facts("bridging"), "wrong_stage", HARD),
    (g.way_back_to("bridging"), facts(left_stage="bridging"), None, None),
    (g.way_back_to("bridging"), facts(left_stage="infusion"), "not_the_way_back", HARD),
    (c.containment_over, facts(containments=(companion("given"),)), None, None),
    (c.containment_over, facts(containments=(companion("planned"),)), "containment_planned", HARD),
    (c.bridging_has_time, facts(products=(companion("manufacturing"),)), None, None),
    (c.bridging_has_time, facts(products=()), None, None),
    (c.bridging_has_time, facts(products=(companion("failed"),)), None, None),
    (c.bridging_has_time, facts(products=(companion("qc"),)), "product_past_manufacturing", SOFT),
    (c.collection_before_bridging, facts(), None, None),
    (c.collection_before_bridging, facts(attempts=()), "bridging_before_collection", SOFT),
]


@pytest.mark.parametrize(("guard", "given", "code", "kind"), CASES)
def test_guard(guard: Guard, given: CourseFacts, code: str | None, kind: Kind | None) -> None:
    refusal = guard(given)
    assert (refusal.code if refusal else None) == code
    if refusal is not None:
        assert refusal.kind is kind
        assert refusal.who_may == (("haematologist",) if kind is SOFT else ())
        assert str(refusal), "every place of the message is filled"


@pytest.mark.parametrize(
    ("days", "refused"), [(0, True), (1, True), (2, False), (14, False), (15, True)]
)
def test_interval_from_lymphodepletion_to_infusion_counts_both_ends_in(
    days: int, refused: bool
) -> None:
    ended = companion("complete", reached={"complete": ago(days)})
    refusal = g.depletion_interval(facts(depletions=(ended,)))
    assert (refusal is not None) is refused


@pytest.mark.parametrize(("days", "refused"), [(13, True), (14, False)])
def test_bridging_washout_counts_from_the_last_dose(days: int, refused: bool) -> None:
    dosed = companion("closed", drug_class="inotuzumab", last_dose_on=ago(days))
    assert (g.bridging_washed_out(facts(bridgings=(dosed,))) is not None) is refused


def test_bridging_of_a_class_without_rule_or_date_is_not_judged() -> None:
    unknown = companion("closed", drug_class="something_new", last_dose_on=ago(1))
    undated = companion("closed", drug_class="inotuzumab")
    assert g.bridging_washed_out(facts(bridgings=(unknown, undated))) is None


@pytest.mark.parametrize(("days", "refused"), [(6, True), (7, False)])
def test_washout_before_collection_counts_containment_and_earlier_lines(
    days: int, refused: bool
) -> None:
    contained = companion("given", reached={"given": ago(days)}, drug_class="vincristine_single")
    line = TherapyFacts("vincristine_single", ago(days))
    assert (c.washouts_met(facts(containments=(contained,))) is not None) is refused
    assert (c.washouts_met(facts(therapies=(line,))) is not None) is refused


def test_washout_counts_to_the_planned_day_of_the_attempt() -> None:
    planned = companion("scheduled", planned_on=DAY + timedelta(days=5))
    line = TherapyFacts("vincristine_single", ago(3))
    assert c.washouts_met(facts(therapies=(line,), subject=planned)) is None
    past = companion("scheduled", planned_on=ago(9))
    assert c.washouts_met(facts(therapies=(line,), subject=past)) is not None


def test_washout_of_an_unlisted_class_and_a_containment_never_given_are_not_judged() -> None:
    assert c.washouts_met(facts(therapies=(TherapyFacts("vitamins", DAY),))) is None
    assert c.washouts_met(facts(containments=(companion("planned"),))) is None


def test_a_containment_dose_on_record_counts_before_the_state_does() -> None:
    dosed = companion("closed", drug_class="vincristine_single", last_dose_on=ago(2), reached={})
    assert c.washouts_met(facts(containments=(dosed,))) is not None


def test_a_depletion_given_before_the_course_last_came_forward_does_not_count() -> None:
    given = companion("complete", reached={"in_progress": ago(40), "complete": ago(36)})
    again = facts(depletions=(given,), prepared_since=ago(3))
    refusal = g.depletion_complete(again)
    assert refusal is not None
    assert (refusal.code, refusal.kind) == ("earlier_depletion", "hard")
    near = companion("complete", reached={"in_progress": ago(6), "complete": ago(4)})
    refusal = g.depletion_complete(facts(depletions=(near,), prepared_since=ago(3)))
    assert refusal is not None
    assert (refusal.code, refusal.kind) == ("earlier_depletion", "soft")
    no_end = companion("complete", reached={"in_progress": ago(6)}, undated={"complete"})
    refusal = g.depletion_complete(facts(depletions=(no_end,), prepared_since=ago(3)))
    assert refusal is not None
    assert refusal.kind == "hard"
    assert g.depletion_complete(facts(depletions=(given,), prepared_since=ago(40))) is None


def test_a_cancelled_repeat_leaves_the_earlier_depletion_standing() -> None:
    assert (
        g.depletion_complete(facts(depletions=(companion("complete"), companion("cancelled", 2))))
        is None
    )


def test_infusion_before_the_end_of_lymphodepletion_is_refused_outright() -> None:
    ended = companion("complete", reached={"complete": DAY + timedelta(days=1)})
    refusal = g.depletion_interval(facts(depletions=(ended,)))
    assert refusal is not None
    assert (refusal.code, refusal.kind) == ("before_depletion_ended", HARD)


def test_a_dose_since_clearance_and_an_earlier_start_are_asked_about_again() -> None:
    cleared = companion("cleared", reached={"cleared": ago(2)}, planned_on=DAY)
    old = TherapyFacts("vincristine_single", ago(4))
    assert c.washouts_kept(facts(therapies=(old,), subject=cleared)) is None
    fresh = companion("given", reached={"given": ago(1)}, drug_class="vincristine_single")
    assert c.washouts_kept(facts(containments=(fresh,), subject=cleared)) is not None
    later = companion("cleared", reached={"cleared": ago(2)}, planned_on=DAY + timedelta(days=9))
    assert c.washouts_kept(facts(therapies=(old,), subject=later)) is not None
    assert c.washouts_kept(facts()) is None


def test_a_class_listed_as_block_refuses_outright() -> None:
    washouts = RULES.washouts.by_class
    strict = replace(
        washouts["vincristine_single"],
        severity=replace(washouts["vincristine_single"].severity, value="block"),
    )
    rules = replace(RULES, washouts=Washouts({**washouts, "vincristine_single": strict}))
    dosed = (TherapyFacts("vincristine_single", ago(1)),)
    cleared = companion("cleared", reached={"cleared": ago(1)})
    for guard, subject in ((c.washouts_met, None), (c.washouts_kept, cleared)):
        refusal = guard(facts(rules=rules, therapies=dosed, subject=subject))
        assert refusal is not None
        assert (refusal.code, refusal.kind) == ("washout_blocked", HARD)
