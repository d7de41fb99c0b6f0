"""How a companion begins when it is not planned, and what follows a collection or bridging."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from pathway.domain.detail_guards import against_details
from pathway.domain.guards import bridging_doses_known
from pathway.domain.outsets import against_outset, needed, outset_of
from tests.domain.course_facts import DAY, companion, facts


@pytest.mark.parametrize(
    ("machine", "values", "outset", "wanted", "wrong"),
    [
        ("apheresis", {}, "", ("planned_on",), set()),
        ("containment", {}, "planned", ("drug", "drug_class"), set()),
        ("containment", {"outset": "not_needed"}, "not_needed", ("reason",), set()),
        (
            "containment",
            {"outset": "not_needed", "drug": "vincristine", "planned_on": DAY},
            "not_needed",
            ("reason",),
            {("drug", "not_with_this"), ("planned_on", "not_with_this")},
        ),
        ("containment", {"outset": "none"}, "none", ("planned_on",), {("outset", "not_listed")}),
        ("bridging", {"outset": "none", "last_dose_on": DAY}, "none", ("drug",), set()),
        (
            "bridging",
            {"last_dose_on": DAY},
            "planned",
            ("drug", "drug_class"),
            {("last_dose_on", "not_with_this")},
        ),
    ],
)
def test_outset(
    machine: str,
    values: Mapping[str, object],
    outset: str,
    wanted: tuple[str, ...],
    wrong: set[tuple[str, str]],
) -> None:
    assert outset_of(machine, values) == outset
    assert needed(machine, values, ("planned_on",)) == wanted
    assert {(one.field, one.code) for one in against_outset(machine, values)} == wrong


@pytest.mark.parametrize(
    ("given", "asked"),
    [
        ({"drug_class": "systemic_steroid"}, True),
        ({"drug_class": "systemic_steroid", "last_dose_on": DAY - timedelta(days=9)}, False),
        ({}, False),
        ({"drug_class": "tki"}, False),
    ],
)
def test_supportive_care_with_a_washout_asks_for_its_last_day(
    given: dict[str, Any], asked: bool
) -> None:
    care = companion("none", **given)
    assert (bridging_doses_known(facts(bridgings=(care,))) is not None) is asked


@pytest.mark.parametrize(
    ("machine", "target", "values", "codes"),
    [
        ("apheresis", "inadequate", {"next_step": "later_attempt"}, set()),
        ("apheresis", "aborted", {}, {"next_step_needed"}),
        ("apheresis", "aborted", {"next_step": "pray"}, {"next_step_needed"}),
        ("apheresis", "inadequate", {"next_step": "waiver"}, {"waiver_needed"}),
        ("apheresis", "inadequate", {"next_step": "waiver", "waiver_reference": "W-1"}, set()),
        ("bridging", "closed", {"response": "not_assessed"}, set()),
        ("bridging", "stopped_early", {"response": "better"}, {"response_needed"}),
    ],
)
def test_an_end_says_what_follows_and_what_it_brought(
    machine: str, target: str, values: dict[str, str], codes: set[str]
) -> None:
    blank = {"next_step": "", "waiver_reference": "", "response": ""}
    found = against_details(machine, "x", target, blank | values, facts())
    assert {refusal.code for refusal in found} == codes
