"""IEC-HS: the screen of the reference and the grade of what a clinician confirmed."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from toxicity.domain.iec_hs import RULE_VERSION, IecHsSigns, Screen, grade_iec_hs

D = Decimal


def signs(ferritin: int | None = None, **given_: Any) -> IecHsSigns:
    """Signs with the limits of a laboratory: ferritin 300, AST 40."""
    limits: dict[str, Any] = {"ferritin_uln": D(300), "ast_uln": D(40), "alt_uln": D(40)}
    found = {k: D(v) if type(v) is int else v for k, v in given_.items()}
    return IecHsSigns(ferritin=None if ferritin is None else D(ferritin), **{**limits, **found})


CALM: dict[str, Any] = {
    "confirmed": True, "intervention": False, "severe": False, "life_threatening": False,
    "death": False,
}  # fmt: skip


@pytest.mark.parametrize(
    ("found", "screen", "limbs"),
    [
        (signs(3536, fibrinogen=118, cytopenia_g4_new=True), "suspected",
         ("ferritin", "fibrinogen", "cytopenia")),
        (signs(600, fibrinogen=100), "not_met", ("fibrinogen",)),
        (signs(601, fibrinogen=149), "suspected", ("ferritin", "fibrinogen")),
        (signs(601, fibrinogen=150), "not_met", ("ferritin",)),
        (signs(601, fibrinogen=160, fibrinogen_lln=170), "suspected", ("ferritin", "fibrinogen")),
        (signs(500, ferritin_rapid_rise=True, ast=201), "suspected", ("ferritin", "transaminases")),
        (signs(500, ferritin_rapid_rise=True, ast=200), "not_met", ("ferritin",)),
        (signs(500, ferritin_baseline=200, alt=201), "suspected", ("ferritin", "transaminases")),
        # five times a baseline that was itself too high, not five times the limit
        (signs(700, ast=300, ast_baseline=80), "not_met", ("ferritin",)),
        (signs(700, ast=401, ast_baseline=80), "suspected", ("ferritin", "transaminases")),
        (signs(700, ast=201, ast_baseline=20), "suspected", ("ferritin", "transaminases")),
        (signs(700, hemophagocytosis=True), "suspected", ("ferritin", "hemophagocytosis")),
        (signs(20_000, fibrinogen=80, other_cause=True), "not_iechs", ("ferritin", "fibrinogen")),
        (signs(20_000), "not_assessable", ("ferritin",)),
        (signs(None, fibrinogen=80), "not_assessable", ("fibrinogen",)),
        (signs(900, ferritin_uln=None, fibrinogen=80), "not_assessable", ("fibrinogen",)),
    ],
)  # fmt: skip
def test_the_screen_asks_ferritin_and_something_beside(
    found: IecHsSigns, screen: str, limbs: tuple[str, ...]
) -> None:
    answer = grade_iec_hs(found)
    assert (answer.screen, answer.limbs) == (screen, limbs)
    assert (answer.grading.grade, answer.grading.status) == (None, "not_gradeable")


def test_a_centre_may_ask_two_limbs_beside_ferritin() -> None:
    found = signs(700, fibrinogen=100)
    assert grade_iec_hs(found, needed=2).screen is Screen.NOT_MET
    found = replace(found, cytopenia_g4_new=True)
    assert grade_iec_hs(found, needed=2).screen is Screen.SUSPECTED


@pytest.mark.parametrize(
    ("said", "grade", "status"),
    [
        (CALM, 1, "final"),
        ({"confirmed": True}, 1, "provisional"),
        ({**CALM, "intervention": True}, 2, "final"),
        ({"confirmed": True, "intervention": True}, 2, "provisional"),
        ({**CALM, "severe": True}, 3, "final"),
        ({**CALM, "life_threatening": True}, 4, "final"),
        ({"confirmed": True, "death": True}, 5, "final"),
    ],
)
def test_a_confirmed_syndrome_is_graded_by_the_worst_of_it(
    said: dict[str, Any], grade: int, status: str
) -> None:
    grading = grade_iec_hs(signs(3536, fibrinogen=118, **said)).grading
    assert (grading.grade, grading.status, grading.rule_version) == (grade, status, RULE_VERSION)
    assert [driver.grade for driver in grading.drivers] == [grade]


@pytest.mark.parametrize(
    ("found", "warned"),
    [
        (signs(3536, fibrinogen=118), {"to_confirm"}),
        (signs(3536, fibrinogen=118, **CALM), set()),
        (signs(100, fibrinogen=300, **CALM), {"confirmed_against_screen"}),
        (signs(900, ferritin_uln=None), {"limit_needed"}),
        (signs(5000, ast=40, ast_uln=40), {"limbs_unknown"}),
        (
            signs(
                5000,
                fibrinogen=300,
                ast=40,
                ast_uln=40,
                alt=40,
                alt_uln=40,
                cytopenia_g4_new=False,
                hemophagocytosis=False,
            ),
            set(),
        ),
        (
            signs(
                500,
                fibrinogen=100,
                ast=40,
                ast_uln=40,
                alt=40,
                alt_uln=40,
                cytopenia_g4_new=False,
                hemophagocytosis=False,
            ),
            {"limbs_unknown"},
        ),
    ],
)
def test_what_the_reader_should_know_is_said(found: IecHsSigns, warned: set[str]) -> None:
    assert {one.code for one in grade_iec_hs(found).grading.warnings} == warned


def test_a_clinician_says_that_it_is_over() -> None:
    over = grade_iec_hs(IecHsSigns(confirmed=True, over=True))
    assert (over.grading.grade, over.grading.status, over.grading.warnings) == (0, "final", ())
    left = grade_iec_hs(IecHsSigns(confirmed=True, over=True, severe=True))
    assert left.grading.grade == 3
    assert "over_with_signs" in {one.code for one in left.grading.warnings}
