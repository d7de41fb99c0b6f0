"""What stands against a product's moves: table by table."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from pathway.domain import collection_guards as c
from pathway.domain import product_guards as p
from pathway.domain import release_guards as rg
from pathway.domain.detail_guards import against_details
from pathway.domain.facts import CourseFacts
from pathway.domain.machine_types import Guard
from pathway.domain.paper_facts import NO_PAPERS, PaperFacts
from pathway.domain.product_rules import read_failure_reasons
from patients.domain.body import Measure
from protocol.domain.reading import TableReader
from tests.domain.course_facts import CERTIFIED, DAY, companion, facts

WHOLE = (DAY,) * 5
NAMED = {"din": "A999926123456"}


def product(state: str = "stored", **papers: Any) -> CourseFacts:
    """A course whose product is moving, with these papers."""
    return facts(subject=companion(state, papers=PaperFacts(**papers)))


def subject(**given: Any) -> CourseFacts:
    """A course whose product is moving."""
    return facts(subject=companion("stored", **given))


NO_SLOT = "No slot at the manufacturer is on record."


def slotted(days: int | None, state: str = "ordered") -> CourseFacts:
    """A collection of today, and an order whose slot lies so many days after it."""
    on = None if days is None else DAY + timedelta(days=days)
    ordered = companion(state, papers=PaperFacts(slot_on=on))
    return facts(products=(ordered,), subject=companion("scheduled", planned_on=DAY))


def weighed(days: int) -> CourseFacts:
    """A certified product of a patient who was weighed so many days ago."""
    weight = Measure(Decimal(70), DAY - timedelta(days=days))
    return replace(product(dose_total=Decimal(70)), weight=weight)


CASES: list[tuple[Guard, CourseFacts, str | None, str | None]] = [
    (p.oos_record_complete, product("oos"), "oos_record_incomplete", "hard"),
    (
        p.oos_record_complete,
        product("oos", oos_dates=(*WHOLE[:4], None)),
        "oos_record_incomplete",
        "hard",
    ),
    (p.oos_record_complete, product("oos", oos_dates=WHOLE), None, None),
    (p.oos_signed_by_two, product("oos"), "oos_not_signed", "hard"),
    (
        p.oos_signed_by_two,
        product("oos", oos_signed=frozenset({"quality"})),
        "oos_not_signed",
        "hard",
    ),
    (
        p.oos_signed_by_two,
        product("oos", oos_signed=frozenset({"quality", "haematologist"})),
        None,
        None,
    ),
    (p.certificate_known, product(), "dose_unknown", "soft"),
    (p.certificate_known, product(certified=True, dose_per_kg=Decimal(1)), "dose_unknown", "soft"),
    (
        p.certificate_known,
        product(certified=True, dose_per_kg=Decimal(1), dose_total=Decimal(70)),
        None,
        None,
    ),
    (p.dose_on_target, product(), None, None),
    (
        p.dose_on_target,
        product(dose_per_kg=Decimal(0), dose_total=Decimal(70)),
        "dose_off_target",
        "soft",
    ),
    (p.dose_on_target, product(dose_per_kg=Decimal(1), dose_total=Decimal(70)), None, None),
    (p.dose_on_target, product(dose_per_kg=Decimal("0.8"), dose_total=Decimal(56)), None, None),
    (
        p.dose_on_target,
        product(dose_per_kg=Decimal("0.79"), dose_total=Decimal("55.3")),
        "dose_off_target",
        "soft",
    ),
    (
        p.dose_on_target,
        product(dose_per_kg=Decimal(1), dose_total=Decimal(101)),
        "dose_off_target",
        "soft",
    ),
    (p.dose_for_weight, product(), None, None),
    (p.dose_for_weight, product(dose_total=Decimal(56)), None, None),
    (p.dose_for_weight, product(dose_total=Decimal(84)), None, None),
    (p.dose_for_weight, product(dose_total=Decimal("84.1")), "dose_off_weight", "soft"),
    (p.dose_for_weight, product(dose_total=Decimal("55.9")), "dose_off_weight", "soft"),
    (
        p.dose_for_weight,
        replace(product(dose_total=Decimal(70)), weight=None),
        "weight_unknown",
        "soft",
    ),
    (p.weight_recent, product(), None, None),
    (p.weight_recent, replace(product(dose_total=Decimal(70)), weight=None), None, None),
    (p.weight_recent, weighed(14), None, None),
    (p.weight_recent, weighed(15), "weight_old", "soft"),
    (p.expiry_known, subject(), "expiry_unknown", "soft"),
    (p.expiry_known, subject(expires_on=DAY), None, None),
    (p.not_expired, subject(), None, None),
    (p.not_expired, subject(expires_on=DAY), None, None),
    (p.not_expired, subject(expires_on=DAY - timedelta(days=1)), "product_expired", "hard"),
    (p.standing_product_in_date, facts(products=()), None, None),
    (
        p.standing_product_in_date,
        facts(products=(companion("stored", expires_on=date(2026, 1, 1)),)),
        "product_expired",
        "hard",
    ),
    (p.infused_in_time, product(), None, None),
    (p.infused_in_time, product(thaw_ended_minutes=30), None, None),
    (p.infused_in_time, product(thaw_ended_minutes=31), "thaw_too_long", "soft"),
    (p.administration_known, product(), "administration_missing", "soft"),
    (p.administration_known, product(administered=True), None, None),
    (p.former_lost, facts("bridging", products=()), None, None),
    (p.former_lost, facts("lymphodepletion", products=()), "no_lost_product", "hard"),
    (p.former_lost, facts("lymphodepletion", products=(companion("wasted"),)), None, None),
    (p.slip_from("qc"), subject(came_from="qc"), None, None),
    (p.slip_from("qc"), subject(came_from="manufacturing"), "not_the_way_back", "hard"),
    (p.nothing_followed, subject(), None, None),
    (p.nothing_followed, subject(followed=True), "later_steps", "hard"),
    (p.no_other_product, facts(products=(), subject=companion("failed")), None, None),
    (
        p.no_other_product,
        facts(products=(companion("ordered", pk=2),), subject=companion("failed")),
        "other_product",
        "hard",
    ),
    (
        p.no_other_product,
        facts(products=(companion("wasted", pk=2),), subject=companion("failed")),
        None,
        None,
    ),
    (c.attempts_agreed, facts(attempts=(companion("inadequate"),)), None, None),
    (c.slot_known, facts(products=()), "slot_unknown", "soft"),
    (c.slot_known, slotted(None), "slot_unknown", "soft"),
    (c.slot_known, slotted(None, "wasted"), "slot_unknown", "soft"),
    (c.slot_known, slotted(None, "manufacturing"), None, None),
    (c.slot_known, slotted(-1), None, None),
    (
        c.slot_known,
        facts(products=(), subject=companion("cleared", answered=frozenset({NO_SLOT}))),
        None,
        None,
    ),
    (
        c.slot_known,
        facts(products=(), subject=companion("scheduled", answered=frozenset({NO_SLOT}))),
        "slot_unknown",
        "soft",
    ),
    (c.slot_known, facts(products=(), subject=companion("cleared")), "slot_unknown", "soft"),
    (c.slot_agrees, facts(products=()), None, None),
    (
        c.slot_agrees,
        replace(slotted(9), subject=companion("cleared", planned_on=DAY + timedelta(days=9))),
        "slot_disagrees",
        "soft",
    ),
    (
        c.slot_agrees,
        replace(slotted(9), subject=companion("scheduled", planned_on=DAY + timedelta(days=9))),
        None,
        None,
    ),
    (
        c.slot_agrees,
        replace(slotted(3), subject=companion("cleared", planned_on=DAY - timedelta(days=1))),
        None,
        None,
    ),
    (c.slot_agrees, slotted(None), None, None),
    (c.slot_agrees, slotted(0), None, None),
    (c.slot_agrees, slotted(3), None, None),
    (c.slot_agrees, slotted(4), "slot_disagrees", "soft"),
    (c.slot_agrees, slotted(-1), "slot_disagrees", "soft"),
    (c.slot_agrees, slotted(-1, "manufacturing"), None, None),
    (rg.material_named, facts(), None, None),
    (rg.material_named, facts(attempts=(companion("inadequate"),)), None, None),
    (
        rg.material_named,
        facts(attempts=(companion("adequate", din=NAMED["din"]), companion("adequate"))),
        "din_unknown",
        "soft",
    ),
    (
        c.attempts_agreed,
        facts(attempts=(companion("inadequate"), companion("aborted"), companion("scheduled"))),
        "attempts_exhausted",
        "soft",
    ),
]


@pytest.mark.parametrize(("guard", "seen", "code", "kind"), CASES)
def test_a_guard_of_the_product(
    guard: Guard, seen: CourseFacts, code: str | None, kind: str | None
) -> None:
    found = guard(seen)
    assert (found.code if found else None, found.kind if found else None) == (code, kind)
    assert found is None or str(found)


def test_nothing_is_known_without_a_subject() -> None:
    found = p.expiry_known(facts())
    assert found is not None
    assert found.code == "expiry_unknown"


@pytest.mark.parametrize(
    ("machine", "source", "target", "values", "code"),
    [
        ("apheresis", "completed", "adequate", {"cd3_yield": None, **NAMED}, "yield_unknown"),
        (
            "apheresis",
            "completed",
            "adequate",
            {"cd3_yield": Decimal("0.59"), **NAMED},
            "yield_below_minimum",
        ),
        ("apheresis", "completed", "adequate", {"cd3_yield": Decimal("0.6"), **NAMED}, None),
        (
            "apheresis",
            "completed",
            "adequate",
            {"cd3_yield": Decimal("0.6"), "din": ""},
            "din_unknown",
        ),
        ("product", "qc", "failed", {"failure_reason": ""}, "failure_reason_needed"),
        ("product", "qc", "failed", {"failure_reason": "bad_luck"}, "failure_reason_needed"),
        ("product", "qc", "failed", {"failure_reason": "poor_growth"}, None),
        ("product", "quarantined", "stored", {"deviation_number": ""}, "deviation_needed"),
        ("product", "quarantined", "stored", {"deviation_number": "DEV-1"}, None),
        ("product", "received", "stored", {"deviation_number": ""}, None),
        ("product", "quarantined", "thawing", {"deviation_number": ""}, "deviation_needed"),
    ],
)
def test_what_is_recorded_with_a_move_is_looked_at(
    machine: str, source: str, target: str, values: dict[str, object], code: str | None
) -> None:
    found = against_details(machine, source, target, values, facts())
    assert [refusal.code for refusal in found] == ([code] if code else [])


def test_a_product_out_of_a_quarantine_before_its_receipt_is_asked_for_its_papers() -> None:
    number: dict[str, object] = {"deviation_number": "DEV-1"}

    def asked(values: dict[str, object], **about: Any) -> list[tuple[str, tuple[str, ...]]]:
        subject = facts(subject=companion("quarantined", **about))
        found = against_details("product", "quarantined", "stored", number | values, subject)
        return [(refusal.code, refusal.who_may) for refusal in found]

    nothing: dict[str, object] = {"lot": "", "expires_on": None}
    assert asked(nothing) == [("release_papers", ("quality",))]
    assert asked({"lot": "LOT-1", "expires_on": DAY}, papers=CERTIFIED) == []
    assert asked(nothing, reached={"received": DAY}) == []


CERTIFICATE = "certificate of analysis with the dose"
LABELS = {"lot": "LOT-1", "expires_on": DAY}


@pytest.mark.parametrize("step", [("qc", "released"), ("shipped_to_site", "received")])
@pytest.mark.parametrize(
    ("papers", "values", "missing"),
    [
        (CERTIFIED, LABELS, ()),
        (NO_PAPERS, LABELS, (CERTIFICATE,)),
        (replace(CERTIFIED, dose_total=None), LABELS, (CERTIFICATE,)),
        (CERTIFIED, {**LABELS, "lot": ""}, ("lot",)),
        (CERTIFIED, {**LABELS, "expires_on": None}, ("date of expiry",)),
        (NO_PAPERS, {"lot": "", "expires_on": None}, (CERTIFICATE, "lot", "date of expiry")),
    ],
)
def test_a_product_is_released_and_received_with_its_papers(
    step: tuple[str, str], papers: PaperFacts, values: dict[str, object], missing: tuple[str, ...]
) -> None:
    about = facts(subject=companion(step[0], papers=papers))
    found = against_details("product", *step, values, about)
    said = [(one.code, one.kind, one.params["missing"]) for one in found]
    assert said == ([("release_papers", "soft", missing)] if missing else [])


def test_a_protocol_without_reasons_for_a_loss_is_faulty() -> None:
    problems: list[Any] = []
    read_failure_reasons(TableReader({}, "x.toml", "failure_reasons", problems))
    assert problems
