"""The gates: how every check stands, what refuses with it, and that nothing unknown passes."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from pathway.domain.assessments import Assessments, GateEntry, ItemEntry
from pathway.domain.doses import DoseFacts, DoseState
from pathway.domain.facts import CourseFacts, HoldFacts, TherapyFacts
from pathway.domain.gate_facts import COMPUTED
from pathway.domain.gate_rules import FACT_NAMES, Gate
from pathway.domain.gates import CheckStanding, checklist, gate_passed, round_of
from pathway.domain.rules import PathwayRules
from patients.domain.body import Measure
from terms.refusals import Kind
from terms.words import Bilingual
from tests.domain.course_facts import (
    CERTIFIED,
    CHECKS,
    DAY,
    ITEMS,
    NOON,
    RULES,
    YOUNG_RULES,
    check,
    companion,
    facts,
    meeting,
)  # fmt: skip
from tests.domain.test_protocol_loading import changed, said, setting

HOUR = timedelta(hours=1)
WHY = Bilingual("Fever", "Febbre")
HELD = (HoldFacts("infusion", WHY),)
ENDED_NOW = companion("complete", reached={"complete": DAY})
UNDOSED = companion("closed", reached={"running": DAY, "closed": DAY})


def course(**spoilt: Any) -> CourseFacts:
    """A course at the bedside with everything checked, except for what is `spoilt`."""
    product = companion("thawing", papers=CERTIFIED)
    return facts(**{"stage": "lymphodepletion", "products": (product,), "at": NOON, **spoilt})


def one(gate: str, code: str, seen: CourseFacts) -> CheckStanding:
    """One check of a gate."""
    return next(found for found in checklist(Gate(gate), seen) if found.check.code == code)


def with_checks(*rows: GateEntry, without: str = "", **spoilt: Any) -> CourseFacts:
    """A course whose gate rows are the passing ones without one check, and these."""
    kept = tuple(row for row in CHECKS if row.check != without)
    return course(assessments=Assessments(ITEMS, (*kept, *rows), (meeting(),)), **spoilt)


def entry(check_: str, outcome: str = "met", hours_ago: int = 0, **given: Any) -> GateEntry:
    """A row about a check of the infusion, so many hours ago."""
    at = NOON - hours_ago * HOUR
    values = {
        "pk": 900,
        "gate": "infusion",
        "round": 1,
        "value": "",
        "by": "nurse",
        "on": at.date(),
        "recorded_at": at,
        "recorded_on": at.date(),
    }
    return GateEntry(**{**values, "check": check_, "outcome": outcome, "at": at, **given})


def test_a_function_stands_behind_every_fact_that_a_protocol_may_name() -> None:
    assert set(COMPUTED) == set(FACT_NAMES)


@pytest.mark.parametrize("gate", ["lymphodepletion", "infusion"])
def test_a_course_with_everything_checked_passes(gate: str) -> None:
    seen = (
        course(products=(companion("stored", papers=CERTIFIED),))
        if gate != "infusion"
        else course()
    )
    assert [found.check.code for found in checklist(Gate(gate), seen) if not found.passed] == []
    assert gate_passed(Gate(gate))(seen) == ()


@pytest.mark.parametrize("gate", list(Gate))
def test_a_course_of_which_nothing_is_known_passes_nothing_but_what_cannot_stand_against_it(
    gate: Gate,
) -> None:
    bare = CourseFacts(stage="referral", on=DAY, rules=RULES, birth_date=DAY)
    passed = {found.check.code for found in checklist(gate, bare) if found.passed}
    # No hold, no containment, no bridging and no repeat are facts and not gaps.
    known = {"hold", "containment", "bridging", "bridging_washout", "consents", WHITE}
    assert passed <= known
    open_codes = {refusal.code for refusal in gate_passed(gate)(bare)}
    assert open_codes


RECORDED = [
    (gate, row.code)
    for gate, rows in RULES.gates.by_gate.items()
    for row in rows
    if not row.fact and not row.repeat_only
]


@pytest.mark.parametrize(("gate", "code"), RECORDED)
def test_a_check_that_nobody_recorded_is_missing_and_refuses(gate: Gate, code: str) -> None:
    found = one(gate, code, with_checks(without=code))
    assert (found.status, found.passed) == ("missing", False)
    [refusal] = found.refusals
    assert refusal.code == f"gate_{code}"
    assert (refusal.kind == "hard") is found.check.firm
    assert bool(refusal.who_may) is not found.check.firm
    assert found.who_may_waive == (refusal.who_may)


@pytest.mark.parametrize("rules", [RULES, YOUNG_RULES])
def test_a_disease_that_nobody_assessed_is_asked_about_and_never_met(rules: PathwayRules) -> None:
    row = entry("disease_status", value="not_assessed", gate="lymphodepletion")
    found = one("lymphodepletion", "disease_status",
                with_checks(row, without="disease_status", rules=rules))  # fmt: skip
    assert (found.status, found.passed) == ("not_met", False)
    assert [(asked.kind, asked.who_may) for asked in found.refusals] == [
        ("soft", ("haematologist",))
    ]


@pytest.mark.parametrize(
    ("row", "status", "words"),
    [
        (entry("infection"), "met", ""),
        (entry("infection", "not_met"), "not_met", "not met"),
        (entry("infection", hours_ago=24), "met", ""),
        (entry("infection", hours_ago=25), "stale", "too long ago"),
        (entry("infection", "not_met", 25), "not_met", "not met"),
        (entry("infection", hours_ago=-1), "missing", "not recorded"),
        (entry("infection", round=2), "missing", "not recorded"),
        (entry("infection", gate="lymphodepletion"), "missing", "not recorded"),
    ],
)
def test_a_recorded_check_has_an_outcome_and_grows_old(
    row: GateEntry, status: str, words: str
) -> None:
    found = one("infusion", "infection", with_checks(row, without="infection"))
    assert found.status == status
    assert words in "; ".join(str(refusal) for refusal in found.refusals)
    assert bool(found.refusals) is bool(words)


@pytest.mark.parametrize(
    ("check_", "outcome", "passes"),
    [("fever", "not_applicable", True), ("premedication", "waived", True)],
)
def test_what_does_not_apply_or_is_waived_passes(check_: str, outcome: str, passes: bool) -> None:
    found = one("infusion", check_, with_checks(entry(check_, outcome), without=check_))
    assert (found.status, found.passed) == (outcome, passes)


def test_a_check_recorded_late_does_not_stand_before_a_later_one() -> None:
    rows = (entry("infection", "not_met", 1, pk=1000), entry("infection", "met", 5, pk=1001))
    assert one("infusion", "infection", with_checks(*rows, without="infection")).status == "not_met"


def test_where_only_the_day_is_known_ages_are_counted_in_days() -> None:
    row = entry("infection", on=DAY - timedelta(days=1))
    seen = with_checks(row, without="infection", at=None)
    assert one("infusion", "infection", seen).age == timedelta(days=1)
    tomorrow = entry("infection", on=DAY + timedelta(days=1))
    seen = with_checks(tomorrow, without="infection", at=None)
    assert one("infusion", "infection", seen).status == "missing"


GIVEN = DoseFacts(
    pk=1, number=1, drug="inotuzumab", drug_class="inotuzumab", route="iv", state=DoseState.GIVEN,
    planned_on=None, planned_day=None, amount=None, unit="mg", given_on=DAY - timedelta(days=3),
    given_amount=None,
)  # fmt: skip


@pytest.mark.parametrize(
    ("gate", "code", "spoilt", "status", "refusals"),
    [
        ("infusion", "identity", {"identity_verified": False}, "not_met",
         {"identity_not_verified"}),
        ("lymphodepletion", "consents", {"missing_consents": ("x",)}, "not_met",
         {"consent_missing"}),
        ("collection", "consents", {"missing_consents": ("x",)}, "not_met", {"consent_missing"}),
        ("collection", "identity", {"identity_verified": False}, "not_met",
         {"identity_not_verified"}),
        ("infusion", "consents", {"missing_consents": ("x",)}, "not_met",
         {"consent_not_standing"}),
        ("lymphodepletion", "hold", {"holds": HELD}, "not_met", {"on_hold"}),
        ("collection", "hold", {"holds": HELD}, "met", set()),
        ("infusion", "product", {"products": ()}, "missing", {"product_not_thawed"}),
        ("infusion", "product", {"products": (companion("stored"),)}, "not_met",
         {"product_not_thawed"}),
        ("infusion", "product", {"products": (companion("thawing", expires_on=DAY - HOUR * 24),)},
         "not_met", {"product_expired"}),
        ("lymphodepletion", "product",
         {"products": (companion("stored", expires_on=DAY + timedelta(days=3)),),
          "planned_infusion": DAY + timedelta(days=4)}, "not_met", {"product_expires_first"}),
        ("lymphodepletion", "dose", {"products": (companion("stored"),)}, "missing",
         {"dose_unknown"}),
        ("infusion", "dose", {"weight": None}, "missing", {"weight_unknown"}),
        ("infusion", "dose", {"weight": Measure(Decimal(50), DAY)}, "not_met",
         {"dose_off_weight"}),
        ("infusion", "dose", {"weight": Measure(Decimal(70), DAY - timedelta(days=15))}, "stale",
         {"weight_old"}),
        ("infusion", "dose", {"weight": Measure(Decimal(50), DAY - timedelta(days=15))}, "not_met",
         {"dose_off_weight", "weight_old"}),
        ("lymphodepletion", "product", {"products": (companion("released"),)}, "not_met",
         {"product_not_on_site"}),
        ("lymphodepletion", "product", {"products": (companion("quarantined"),)}, "not_met",
         {"product_not_ready"}),
        ("infusion", "dose", {"products": ()}, "missing", {"gate_dose"}),
        ("infusion", "dose", {"products": (companion("thawing"),)}, "missing", {"dose_unknown"}),
        ("infusion", "dose", {"products": (companion("thawing", papers=replace(
            CERTIFIED, dose_per_kg=Decimal("0.2"), dose_total=Decimal(14))),)}, "not_met",
         {"dose_off_target", "dose_off_weight"}),
        ("infusion", "bag_identity", {"checks": ()}, "missing", {"bedside_not_checked"}),
        ("infusion", "bag_identity", {"checks": (check("bedside", product=7),)}, "missing",
         {"bedside_not_checked"}),
        ("infusion", "two_people", {"checks": (check("bedside", passed=False),)}, "not_met",
         {"identity_mismatch"}),
        ("infusion", "two_people", {"at": NOON + 2 * HOUR}, "stale", {"bedside_check_too_old"}),
        ("infusion", "depletion", {"depletions": ()}, "not_met", {"depletion_not_complete"}),
        ("infusion", "interval", {"depletions": ()}, "missing", {"gate_interval"}),
        ("infusion", "interval", {"depletions": (ENDED_NOW,)},
         "not_met", {"depletion_interval"}),
        ("infusion", "interval",
         {"depletions": (companion("complete", reached={"complete": DAY - timedelta(days=15)}),),
          "infusion_held_since": DAY - timedelta(days=10)},
         "not_met", {"depletion_interval", "repeat_depletion"}),
        ("lymphodepletion", "bridging", {"bridgings": ()}, "not_applicable", set()),
        ("lymphodepletion", "bridging", {"bridgings": (companion("running"),)}, "not_met",
         {"bridging_open"}),
        ("lymphodepletion", "bridging_washout", {"bridgings": ()}, "not_applicable", set()),
        ("lymphodepletion", "bridging_washout", {"bridgings": (UNDOSED,)}, "missing",
         {"last_dose_unknown"}),
        ("lymphodepletion", "bridging_washout", {"bridgings": (companion(
            "closed", drug_class="inotuzumab", reached={"running": DAY, "closed": DAY},
            doses=(GIVEN,)),)}, "not_met", {"bridging_washout"}),
        ("collection", "containment", {"containments": (companion("planned"),)}, "not_met",
         {"containment_planned"}),
        ("collection", "washouts", {"therapies": (TherapyFacts("chemotherapy", DAY),)}, "not_met",
         {"washout"}),
        ("collection", "washouts", {"therapies": ()}, "missing", {"no_earlier_treatment"}),
        ("collection", "washouts", {"therapies": (TherapyFacts("", DAY),)}, "missing",
         {"treatment_not_weighed"}),
        ("collection", "washouts", {"therapies": (TherapyFacts("chemotherapy", None),)}, "missing",
         {"washout_unknown"}),
    ],
)  # fmt: skip
def test_a_computed_check_says_what_the_guard_of_the_move_says(
    gate: str, code: str, spoilt: dict[str, Any], status: str, refusals: set[str]
) -> None:
    found = one(gate, code, course(**spoilt))
    assert found.finding is not None
    assert (found.status, {refusal.code for refusal in found.refusals}) == (status, refusals)
    assert found.finding.message


def viro(step: str, value: str = "", days_ago: int = 0) -> ItemEntry:
    return ItemEntry(950, 1, "VIRO", step, value, DAY - timedelta(days=days_ago), "nurse")


@pytest.mark.parametrize(
    ("row", "status"),
    [
        (None, "missing"),
        (viro("requested"), "missing"),
        (viro("sampled"), "missing"),
        (viro("resulted", "negative"), "met"),
        (viro("resulted", "positive"), "not_met"),
        (viro("resulted", "unclear"), "missing"),
        (viro("waived"), "waived"),
        (viro("resulted", "negative", 31), "stale"),
    ],
)
def test_virology_is_resulted_in_range_and_young_enough(row: ItemEntry | None, status: str) -> None:
    rows = tuple(one for one in ITEMS if one.code != "VIRO") + ((row,) if row else ())
    found = one("collection", "virology", course(assessments=Assessments(rows, CHECKS, ())))
    assert found.status == status
    assert bool(found.refusals) is not found.passed


def test_a_waiver_lets_a_computed_check_yield_behind_which_no_guard_stands() -> None:
    rows = tuple(one for one in ITEMS if one.code != "VIRO")
    waiver = entry("virology", "waived", gate="collection", remark="result is on its way")
    seen = course(assessments=Assessments(rows, (waiver,), ()))
    found = one("collection", "virology", seen)
    assert (found.status, found.remark, found.refusals) == (
        "waived", "result is on its way", (),
    )  # fmt: skip
    # Met by itself it needs none; a guard's refusal yields with the move and not here.
    assert one("collection", "virology", course(
        assessments=Assessments(ITEMS, (waiver,), ()))).status == "met"  # fmt: skip
    held = replace(waiver, check="hold")
    seen = course(holds=(HoldFacts("apheresis", WHY),), assessments=Assessments(ITEMS, (held,), ()))
    assert one("collection", "hold", seen).status == "not_met"


def test_no_waiver_outlives_what_was_recorded_after_it() -> None:
    # Virology came back positive, and a saturation of before the waiver was typed after it.
    waiver = entry("virology", "waived", gate="collection")
    rows = (*(one for one in ITEMS if one.code != "VIRO"), viro("resulted", "positive"))
    found = one("collection", "virology", course(assessments=Assessments(rows, (waiver,), ())))
    assert (found.status, found.who_may_waive) == ("not_met", ())
    [refusal] = found.refusals
    assert (refusal.code, refusal.kind) == ("gate_virology", Kind.HARD)
    early = replace(entry("oxygen", "waived", gate="lymphodepletion"), pk=1)
    late = replace(early, pk=2, outcome="not_met", value="85", at=early.at - HOUR)
    for entries in ((early, late), (late, early)):
        seen = course(assessments=Assessments(ITEMS, entries, ()))
        assert one("lymphodepletion", "oxygen", seen).status == "not_met"
    later = replace(early, pk=3)
    seen = course(assessments=Assessments(ITEMS, (early, late, later), ()))
    assert one("lymphodepletion", "oxygen", seen).status == "waived"


def test_a_waiver_of_a_computed_check_grows_old_with_it() -> None:
    virology = next(row for row in RULES.gates.by_gate[Gate.COLLECTION] if row.code == "virology")
    aged = replace(virology, max_age=HOUR)
    gates = replace(RULES.gates, by_gate={**RULES.gates.by_gate, Gate.COLLECTION: (aged,)})
    waiver = entry("virology", "waived", 2, gate="collection")
    seen = course(rules=replace(RULES, gates=gates), assessments=Assessments((), (waiver,), ()))
    assert one("collection", "virology", seen).status == "missing"
    seen = replace(seen, at=NOON - HOUR)
    assert one("collection", "virology", seen).status == "waived"


def test_what_was_taken_back_leaves_what_stood_before_but_no_waiver() -> None:
    low = entry("oxygen", "not_met", 2, value="91.5", pk=1, gate="lymphodepletion")
    waiver = entry("oxygen", "waived", 1, pk=2, gate="lymphodepletion", remark="at rest 93")
    gone = entry("oxygen", "withdrawn", pk=4, gate="lymphodepletion", remark="wrong patient")
    again = replace(waiver, pk=5)

    def stands(*rows: GateEntry, **given: Any) -> tuple[str, int | None, int | None]:
        found = one("lymphodepletion", "oxygen", course(
            assessments=Assessments(ITEMS, rows, ()), **given))  # fmt: skip
        return found.status, found.entry, found.waiver

    assert stands(low, gone) == ("not_met", 1, None)
    assert stands(gone) == ("missing", None, None)
    assert stands(low, waiver) == ("waived", 2, 2)
    assert stands(low, waiver, gone) == ("not_met", 1, None), "no waiver of before comes back"
    assert stands(low, waiver, gone, at=NOON - HOUR) == ("not_met", 1, None), "nor earlier"
    assert stands(low, gone, again) == ("waived", 5, 5)


def test_a_waiver_of_a_computed_check_waits_while_the_check_is_met_and_is_named() -> None:
    waiver = entry("virology", "waived", gate="collection", pk=7)
    met = one("collection", "virology", course(assessments=Assessments(ITEMS, (waiver,), ())))
    assert (met.status, met.entry, met.waiver) == ("met", None, 7)
    rows = tuple(row for row in ITEMS if row.code != "VIRO")
    open_ = one("collection", "virology", course(assessments=Assessments(rows, (waiver,), ())))
    assert (open_.status, open_.entry, open_.waiver) == ("waived", 7, 7)
    gone = replace(waiver, pk=8, outcome="withdrawn")
    found = one("collection", "virology", course(assessments=Assessments(rows, (gone,), ())))
    assert (found.status, found.waiver) == ("missing", None)


def test_the_second_move_through_a_gate_does_not_repeat_the_warnings_of_the_first() -> None:
    said = "The dose of the product is not recorded from its certificate."
    thawed = companion("thawing", answered=frozenset({said}))
    seen = course(products=(thawed,))
    assert {refusal.code for refusal in gate_passed(Gate.INFUSION)(seen)} == {"dose_unknown"}
    assert gate_passed(Gate.INFUSION, again=True)(seen) == ()
    # What was not answered is asked, and what says something else now.
    low = replace(CERTIFIED, dose_per_kg=Decimal("0.2"), dose_total=Decimal(14))
    for product in (companion("thawing"), replace(thawed, papers=low)):
        assert gate_passed(Gate.INFUSION, again=True)(course(products=(product,)))
    label = "Paracetamol and antihistamine given 30 to 60 minutes before, no prophylactic steroid"
    asked = f"{label}: not recorded."
    thawed = companion("thawing", papers=CERTIFIED, answered=frozenset({asked}))
    seen = with_checks(without="premedication", products=(thawed,))
    assert {str(r) for r in gate_passed(Gate.INFUSION)(seen)} == {asked}
    assert {r.code for r in gate_passed(Gate.INFUSION, again=True)(seen)} == {"gate_premedication"}


def test_each_gate_knows_where_its_first_passage_was_answered() -> None:
    washout = TherapyFacts("chemotherapy", DAY)
    attempt = companion("cleared")
    seen = course(attempts=(attempt,), subject=attempt, therapies=(washout,))
    [refusal] = gate_passed(Gate.COLLECTION, again=True)(seen)
    answered = replace(attempt, answered=frozenset({str(refusal)}))
    assert gate_passed(Gate.COLLECTION, again=True)(replace(seen, subject=answered)) == ()
    assert gate_passed(Gate.COLLECTION, again=True)(replace(seen, subject=None)) != ()
    planned = companion("planned", 2)
    seen = course(products=(companion("released", papers=CERTIFIED),), depletions=(planned,))
    [refusal] = gate_passed(Gate.LYMPHODEPLETION, again=True)(seen)
    seen = replace(seen, answered=frozenset({str(refusal)}), prepared_since=DAY)
    assert gate_passed(Gate.LYMPHODEPLETION, again=True)(seen) == ()
    # A repeat within the stage asks afresh; a lymphodepletion of an earlier time does not count.
    for ended, asked in ((DAY, True), (DAY - timedelta(days=9), False)):
        over = companion("complete", reached={"complete": ended})
        repeat = replace(seen, depletions=(over, planned))
        found = gate_passed(Gate.LYMPHODEPLETION, again=True)(repeat)
        assert ("product_not_on_site" in {one.code for one in found}) is asked


def under(check_: str, **changed_: Any) -> CourseFacts:
    """A course with one row about a check that its protocol words otherwise now."""
    row = changed_.pop("row")
    gates = RULES.gates.by_gate
    rows = tuple(
        replace(one, **changed_) if one.code == check_ else one for one in gates[Gate.INFUSION]
    )
    rules = replace(RULES, gates=replace(RULES.gates, by_gate={**gates, Gate.INFUSION: rows}))
    return with_checks(row, without=check_, rules=rules)


OXYGEN = next(c for c in RULES.gates.by_gate[Gate.LYMPHODEPLETION] if c.code == "oxygen").measure


@pytest.mark.parametrize(
    ("row", "changed_", "status"),
    [
        # weighed anew, by what the version asks now
        (entry("infection", value="91"), {"measure": OXYGEN}, "not_met"),
        (entry("infection", "not_met", value="92"), {"measure": OXYGEN}, "met"),
        # an answer to another kind of question is none
        (entry("infection"), {"measure": OXYGEN}, "missing"),
        (entry("infection", value="92"), {"measure": None}, "missing"),
        # what may not be waived or left out any more
        (entry("premedication", "waived"), {"waived_by": ()}, "missing"),
        (entry("fever", "not_applicable"), {"optional": False}, "missing"),
    ],
)
def test_a_recorded_check_is_weighed_under_the_version_of_today(
    row: GateEntry, changed_: dict[str, Any], status: str
) -> None:
    found = one("infusion", row.check, under(row.check, row=row, **changed_))
    assert found.status == status
    assert bool(found.refusals) is not found.passed


@pytest.mark.parametrize(
    ("gate", "spoilt", "number"),
    [
        ("collection", {"attempts": ()}, 1),
        ("discharge", {}, 1),
        ("discharge", {"infusions": 1}, 1),
        ("discharge", {"infusions": 2}, 2),
        ("collection", {"attempts": (companion("inadequate"), companion("scheduled", 2))}, 2),
        ("lymphodepletion", {"stage": "bridging", "depletions": ()}, 1),
        ("lymphodepletion", {"depletions": (companion("planned"),)}, 1),
        ("lymphodepletion", {"depletions": (companion("complete"),)}, 1),
        ("lymphodepletion", {"depletions": (companion("complete"), companion("planned", 2))}, 2),
        ("lymphodepletion", {"stage": "bridging", "depletions": (companion("stopped"),)}, 2),
        ("lymphodepletion", {"depletions": (companion("cancelled"),)}, 1),
        ("lymphodepletion", {"depletions": (companion("complete", reached={"in_progress": DAY}),),
                             "prepared_since": DAY + timedelta(days=20)}, 2),
        ("lymphodepletion", {"depletions": (companion("complete", reached={"in_progress": DAY}),),
                             "prepared_since": DAY}, 1),
        ("infusion", {"depletions": ()}, 1),
        ("infusion", {"depletions": (companion("complete"), companion("in_progress", 2))}, 2),
    ],
)  # fmt: skip
def test_another_collection_lymphodepletion_or_infusion_asks_afresh(
    gate: str, spoilt: dict[str, Any], number: int
) -> None:
    assert round_of(Gate(gate), course(**spoilt)) == number


def test_who_may_waive_is_told_of_a_met_check_too() -> None:
    assert one("infusion", "premedication", course()).who_may_waive == ("haematologist",)
    assert one("infusion", "infection", course()).who_may_waive == ()


def test_every_check_may_be_found_by_its_code_and_no_other() -> None:
    found = RULES.gates.check("infusion", "fever")
    assert found is not None
    assert found.optional
    assert RULES.gates.check("infusion", "weather") is None
    assert RULES.gates.check("follow_up", "fever") is None


def test_a_row_of_the_reference_stands_in_each_gate() -> None:
    rows = {gate.value: {row.code for row in RULES.gates.by_gate[gate]} for gate in Gate}
    assert {"washouts", "counts", "virology", "access", "labels"} <= rows["collection"]
    assert {
        "product", "infection", "viral_pcr", "cardiac", "oxygen", "chest_film", "renal", "gvhd",
        "counts", "disease_status", "bridging", "bridging_washout", "bed", "tocilizumab", "icu",
        "neurology",
    } <= rows["lymphodepletion"]  # fmt: skip
    assert {
        "bag_identity", "two_people", "dose", "infection", "reactions", "gvhd", "fever",
        "premedication", "tocilizumab", "resuscitation", "record", "vital_signs",
    } <= rows["infusion"]  # fmt: skip
    assert {"toxicity", "caregiver", "wallet_card", "driving_advice"} == rows["discharge"]


@pytest.mark.parametrize(
    ("key", "value", "fault"),
    [
        ("gates.infusion", {}, "gates.infusion"),
        ("gates.infusion", None, "gates.infusion"),
        ("gates.infusion.fever.missing", setting("maybe"), "missing"),
        ("gates.infusion.premedication.waived_by", None, "waived_by"),
        ("gates.infusion.product.computed", setting("weather"), "computed"),
        ("gates.infusion.infection.max_age_hours", setting(0), "max_age_hours"),
        ("gates.infusion.infection.recorded_by", setting("boss"), "recorded_by"),
    ],
)
def test_faults_of_the_gates_are_named(key: str, value: object, fault: str) -> None:
    assert any(fault in problem for problem in said(changed(key, value)))


BEFORE = companion("complete", reached={"complete": DAY})
AGAIN = {"depletions": (BEFORE, companion("planned", 2))}
WHITE, RENAL = "counts_recovered", "renal"


def kept(code: str, value: str, number: int = 1, hours_ago: int = 0, **given: Any) -> GateEntry:
    """A value recorded before a lymphodepletion."""
    return entry(
        code, hours_ago=hours_ago, gate="lymphodepletion", round=number, value=value, **given
    )


@pytest.mark.parametrize(
    ("seen", "status", "kind"),
    [
        (with_checks(without=WHITE), "not_applicable", None),
        (with_checks(kept(WHITE, "0.2"), without=WHITE), "not_applicable", None),
        (with_checks(without=WHITE, **AGAIN), "missing", "hard"),
        (with_checks(kept(WHITE, "1.1"), without=WHITE, **AGAIN), "missing", "hard"),
        (with_checks(kept(WHITE, "1.0", 2), without=WHITE, **AGAIN), "not_met", "hard"),
        (with_checks(kept(WHITE, "1.1", 2), without=WHITE, **AGAIN), "met", None),
        (with_checks(kept(WHITE, "1.1", 2, 73), without=WHITE, **AGAIN), "stale", "hard"),
    ],
)
def test_white_cells_are_asked_about_before_a_repeat_only(
    seen: CourseFacts, status: str, kind: str | None
) -> None:
    found = one("lymphodepletion", WHITE, seen)
    assert (found.status, found.passed) == (status, kind is None)
    assert [refusal.kind for refusal in found.refusals] == ([kind] if kind else [])


@pytest.mark.parametrize(
    ("row", "status", "kind"),
    [
        (kept(RENAL, "70"), "met", None),
        (kept(RENAL, "69.9"), "caution", "soft"),
        (kept(RENAL, "30.1"), "caution", "soft"),
        (kept(RENAL, "30"), "not_met", "hard"),
        (kept(RENAL, "50", hours_ago=73), "stale", "hard"),
        (kept(RENAL, "", outcome="waived"), "waived", None),
    ],
)
def test_a_low_clearance_in_range_asks_for_the_dose_of_fludarabine(
    row: GateEntry, status: str, kind: str | None
) -> None:
    found = one("lymphodepletion", RENAL, with_checks(row, without=RENAL))
    assert (found.status, found.passed) == (status, kind is None)
    assert [refusal.kind for refusal in found.refusals] == ([kind] if kind else [])
    if kind == "soft":
        assert found.refusals[0].who_may == ("haematologist",)
        assert f"{row.value} mL/min. Fludarabine is reduced" in str(found.refusals[0])


@pytest.mark.parametrize(
    ("key", "value", "fault"),
    [
        ("gates.lymphodepletion.renal.caution_below", setting("x"), "caution_below"),
        ("gates.lymphodepletion.renal.caution", None, "caution"),
        ("gates.lymphodepletion.renal.kind", setting("text"), "needs a number"),
        ("gates.lymphodepletion.renal.kind", None, "needs a number"),
        ("gates.lymphodepletion.renal.waived_by", None, "waived_by"),
        ("gates.lymphodepletion.counts_recovered.repeat_only", setting("x"), "repeat_only"),
    ],
)
def test_faults_of_a_caution_are_named(key: str, value: object, fault: str) -> None:
    assert any(fault in problem for problem in said(changed(key, value)))


def test_a_moment_without_seconds_of_the_check_is_still_after_it() -> None:
    at = datetime(2026, 11, 12, 12, 0, tzinfo=UTC)
    assert one("infusion", "bag_identity", course(at=at)).status == "met"


def test_a_count_of_the_day_before_holds_and_an_older_one_does_not() -> None:
    for days, status in ((0, "met"), (1, "met"), (2, "stale")):
        at = NOON - timedelta(days=days)
        rows = tuple(
            entry(code, gate="collection", on=at.date(), at=at, pk=900 + number)
            for number, code in enumerate(("counts", "labels"))
        )
        kept = tuple(row for row in CHECKS if row.gate != "collection")
        seen = course(assessments=Assessments(ITEMS, (*kept, *rows), (meeting(),)))
        for code in ("counts", "labels"):
            assert one("collection", code, seen).status == status
    # Late in the evening before, more than 36 hours back but one day.
    assert one("collection", "counts", seen).check.max_age is None


@pytest.mark.parametrize(
    ("rows", "refused"),
    [
        ((entry("infection", hours_ago=5),), False),
        ((entry("infection", hours_ago=5), entry("infection", "not_met", -1, pk=901)), True),
        ((entry("infection", hours_ago=5), entry("infection", hours_ago=-1, pk=901)), False),
        ((entry("infection", hours_ago=5), entry("infection", "not_met", -1, pk=901, round=2)),
         False),
        ((entry("infection", hours_ago=5), entry("infection", "not_met", -1, pk=901),
          entry("infection", hours_ago=-2, pk=902)), False),
    ],
)  # fmt: skip
def test_what_was_recorded_as_not_met_since_is_not_passed_by_an_earlier_time(
    rows: tuple[GateEntry, ...], refused: bool
) -> None:
    refusals = gate_passed(Gate.INFUSION)(with_checks(*rows, without="infection"))
    found = [one for one in refusals if one.code == "since_infection"]
    assert bool(found) is refused
    assert [(one.kind, one.who_may) for one in found] == [("soft", ("haematologist",))] * refused
    assert {one.code for one in refusals} <= {"since_infection"}


def test_a_bridging_drug_that_nobody_weighed_is_not_a_washout_that_is_over() -> None:
    unlisted = companion("closed", reached={"running": DAY}, doses=(replace(GIVEN, drug_class=""),))
    found = one("lymphodepletion", "bridging_washout", course(bridgings=(unlisted,)))
    assert (found.status, found.passed) == ("missing", False)
    assert [one.code for one in found.refusals] == ["bridging_not_weighed"]


@pytest.mark.parametrize(
    ("gate", "codes"),
    [
        ("lymphodepletion", {"cardiac", "echo", "ecg", "tocilizumab", "tocilizumab_further"}),
        (
            "infusion",
            {"bag_volume", "premedication", "vital_signs", "vital_signs_after", "line", "rinse"},
        ),
    ],
)
def test_each_thing_to_look_at_is_a_row_of_its_own(gate: str, codes: set[str]) -> None:
    rows = [one.check.code for one in checklist(Gate(gate), facts())]
    assert codes <= set(rows)
    assert len(rows) == len(set(rows))
