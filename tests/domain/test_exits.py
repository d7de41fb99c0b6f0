"""How a course ends early: what is refused, what is said, and the outcome that it counts as."""

from collections.abc import Mapping

import pytest

from pathway.domain.exits import (
    DATA,
    PRODUCT_LOST,
    SCOPE_MEANS,
    SCOPES,
    TREATMENT,
    UNKNOWN,
    UNKNOWN_MEANS,
    Ending,
    against_ending,
    against_scope,
    scope_means,
    scope_of,
    withheld,
)
from pathway.domain.outcomes import Outcome, outcome_of
from pathway.domain.reasons import read_exit_reasons
from protocol.domain.reading import ProtocolProblem, TableReader
from tests.domain.course_facts import RULES, companion, facts

FAILED, STORED = companion("failed"), companion("stored", 2)
CHOSEN = {"exit_reason": "patient_choice", "exit_scope": TREATMENT}
CASES: list[tuple[str, Mapping[str, object], tuple[object, ...], set[str]]] = [
    ("declined", {"exit_reason": "unfit"}, (), set()),
    ("declined", {}, (), {"exit_reason_needed"}),
    ("declined", {"exit_reason": "patient_choice"}, (), {"exit_reason_needed"}),
    ("declined", {"exit_reason": "moon"}, (), {"exit_reason_needed"}),
    (
        "declined",
        {"exit_reason": "moon", "exit_scope": DATA, "lot": "1"},
        (),
        {"exit_reason_needed", "unknown_detail"},
    ),
    ("declined", {"exit_reason": PRODUCT_LOST}, (FAILED,), set()),
    ("declined", {"exit_reason": PRODUCT_LOST}, (), {"no_product_lost"}),
    ("declined", {"exit_reason": PRODUCT_LOST}, (STORED,), {"no_product_lost"}),
    ("declined", {"exit_reason": PRODUCT_LOST}, (FAILED, STORED), {"no_product_lost"}),
    ("withdrawn", CHOSEN, (), set()),
    ("withdrawn", CHOSEN | {"exit_scope": DATA}, (), set()),
    ("withdrawn", {}, (), {"exit_reason_needed", "exit_scope_needed"}),
    ("withdrawn", {"exit_reason": "other", "exit_scope": "none"}, (), {"exit_scope_needed"}),
    ("withdrawn", CHOSEN | {"exit_scope": UNKNOWN}, (), {"exit_scope_needed"}),
    ("lost", {}, (), set()),
    ("eligibility", {"exit_reason": ""}, (), set()),
    ("eligibility", CHOSEN, (), {"unknown_detail"}),
]


@pytest.mark.parametrize(("target", "details", "products", "codes"), CASES)
def test_what_is_said_of_an_end(
    target: str, details: Mapping[str, object], products: tuple[object, ...], codes: set[str]
) -> None:
    refusals = against_ending(target, details, facts("bridging", products=products))
    assert {refusal.code for refusal in refusals} == codes
    assert all(str(refusal) for refusal in refusals)


def test_only_an_early_end_has_a_reason_and_only_a_withdrawal_a_scope() -> None:
    said = {"exit_reason": "other", "exit_scope": DATA}
    assert Ending.of("withdrawn", said) == Ending("other", DATA)
    assert Ending.of("declined", said) == Ending("other", "")
    assert Ending.of("follow_up", said) == Ending()
    assert SCOPES.keys() == SCOPE_MEANS.keys()


@pytest.mark.parametrize(
    ("stage", "scope", "known", "stays"),
    [
        ("withdrawn", TREATMENT, TREATMENT, False),
        ("withdrawn", DATA, DATA, True),
        ("withdrawn", UNKNOWN, UNKNOWN, True),
        ("withdrawn", "", UNKNOWN, True),
        ("declined", "", "", False),
        ("follow_up", "", "", False),
    ],
)
def test_data_leave_only_where_somebody_said_so(
    stage: str, scope: str, known: str, stays: bool
) -> None:
    assert (scope_of(stage, scope), withheld(stage, scope)) == (known, stays)
    expected = {"": "", UNKNOWN: UNKNOWN_MEANS} | dict(SCOPE_MEANS)
    assert scope_means(stage, scope) == expected[known]


@pytest.mark.parametrize(
    ("stage", "before", "scope", "code"),
    [
        ("withdrawn", "", DATA, None),
        ("withdrawn", UNKNOWN, TREATMENT, None),
        ("withdrawn", DATA, DATA, "nothing_changed"),
        ("withdrawn", DATA, UNKNOWN, "exit_scope_needed"),
        ("lost", "", DATA, "not_withdrawn"),
    ],
)
def test_a_withdrawal_says_anew_how_far_it_goes(
    stage: str, before: str, scope: str, code: str | None
) -> None:
    found = [refusal.code for refusal in against_scope(stage, before, scope)]
    assert found == ([code] if code else [])


@pytest.mark.parametrize(
    ("infused", "ended", "died", "outcome"),
    [
        (True, True, True, Outcome.INFUSED),
        (False, False, False, Outcome.UNDER_WAY),
        (False, True, False, Outcome.NEVER_INFUSED),
        (False, False, True, Outcome.NEVER_INFUSED),
    ],
)
def test_outcome(infused: bool, ended: bool, died: bool, outcome: Outcome) -> None:
    assert outcome_of(infused=infused, ended=ended, died=died) is outcome


def test_a_protocol_names_a_reason_for_each_end() -> None:
    assert PRODUCT_LOST in RULES.exit_reasons.of("declined")
    assert "patient_choice" not in RULES.exit_reasons.of("declined")
    problems: list[ProtocolProblem] = []
    row: dict[str, dict[str, object]] = {"label": {"en": "x", "it": "y"}}
    row |= {"end": {"value": "declined", "source": "x", "confirmed": False}}
    read_exit_reasons(TableReader({"one": row}, "f", "exit_reasons", problems))
    assert [problem.message for problem in problems] == ["must name a reason for each end"]
