"""IEC-HS from the results of a chart: what the laboratory says, and what the form proposes."""

from decimal import Decimal

import pytest

from tests.chart_results import RULES, known, on_day, result
from toxicity.domain.chart_values import Result, Why
from toxicity.domain.iec_hs import Screen
from toxicity.domain.iec_hs_results import proposed, screened
from toxicity.domain.scores import CourseKnown

SET = RULES.scores
USUAL = {
    "FERRITIN": (Decimal(15), Decimal(300)),
    "AST": (Decimal(10), Decimal(40)),
    "ALT": (Decimal(10), Decimal(40)),
    "FIBRINOGEN": (Decimal(150), Decimal(400)),
}


def screen(*rows: Result, day: int = 10, needed: int = 1) -> Screen:
    found = screened(rows, known(day), SET, USUAL, needed)
    assert found is not None
    assert found.suspected is (found.found.screen is Screen.SUSPECTED)
    return found.found.screen


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([("FERRITIN", "3536"), ("FIBRINOGEN", "1.18")], Screen.SUSPECTED),
        ([("FERRITIN", "600"), ("FIBRINOGEN", "1.00")], Screen.NOT_MET),
        ([("FERRITIN", "601"), ("FIBRINOGEN", "1.49")], Screen.SUSPECTED),
        ([("FERRITIN", "601"), ("FIBRINOGEN", "1.50")], Screen.NOT_MET),
        ([("FERRITIN", "601"), ("AST", "201")], Screen.SUSPECTED),
        ([("FERRITIN", "601"), ("AST", "200")], Screen.NOT_MET),
        ([("FERRITIN", "601"), ("ALT", "201")], Screen.SUSPECTED),
        ([("FERRITIN", "9000")], Screen.NOT_ASSESSABLE),
        ([("FIBRINOGEN", "0.8")], Screen.NOT_ASSESSABLE),
        ([], Screen.NOT_ASSESSABLE),
        # Only a limit: it counts where it decides, and else is not known.
        ([("FERRITIN", ">2000"), ("FIBRINOGEN", "<0.6")], Screen.SUSPECTED),
        ([("FERRITIN", ">500"), ("FIBRINOGEN", "0.6")], Screen.NOT_ASSESSABLE),
        ([("FERRITIN", "<10"), ("FIBRINOGEN", "0.6")], Screen.NOT_MET),
        # Counts of grade 4 are no criterion by themselves: who knows whether they are new?
        ([("FERRITIN", "9000"), ("ANC", "0.1"), ("PLT", "9")], Screen.NOT_ASSESSABLE),
    ],
)
def test_the_laboratory_screens(rows: list[tuple[str, str]], says: Screen) -> None:
    assert screen(*(result(analyte, 9, value) for analyte, value in rows)) is says


def test_a_value_at_infusion_is_a_reference_too() -> None:
    low = [result("FERRITIN", 0, "100"), result("FERRITIN", 9, "201"), result("FIBRINOGEN", 9, "1")]
    assert screen(*low) is Screen.SUSPECTED
    assert screen(*low[1:]) is Screen.NOT_MET
    raised = [result("AST", -1, "60"), result("AST", 9, "300"), result("FERRITIN", 9, "900")]
    assert screen(*raised) is Screen.NOT_MET
    assert screen(*raised, needed=2) is Screen.NOT_MET


def test_what_is_too_old_or_unreadable_is_not_screened_and_is_named() -> None:
    rows = [
        result("FERRITIN", 5, "9000"),
        result("FIBRINOGEN", 9, "1.0", "mmol/L"),
        result("AST", 9, ">100"),
    ]
    found = screened(rows, known(10), SET, USUAL, 1)
    assert found is not None
    assert found.found.screen is Screen.NOT_ASSESSABLE
    assert [(one.result.analyte, one.why) for one in found.proposed.unused] == [
        ("FERRITIN", Why.TOO_OLD), ("AST", Why.LIMIT), ("FIBRINOGEN", Why.UNIT),
    ]  # fmt: skip


def test_the_form_is_proposed_values_with_where_they_stand() -> None:
    rows = [
        result("FERRITIN", -30, "50"),
        result("FERRITIN", -1, "180"),
        result("FERRITIN", 8, "720"),
        result("FERRITIN", 8, "<5", pk=-1),
        result("FERRITIN", 10, "3536"),
        result("AST", -2, "30"),
        result("ALT", 10, "44"),
        result("FIBRINOGEN", 10, "1.18"),
        result("ANC", 10, "0.12"),
        result("PLT", 10, "<25"),
        result("CRP", 10, "90"),
    ]
    found = proposed(rows, known(10), SET, USUAL)
    assert {name: one.value for name, one in found.signs.items()} == {
        "ferritin": 3536, "ferritin_baseline": 180, "ferritin_uln": 300, "ast_baseline": 30,
        "ast_uln": 40, "alt": 44, "alt_uln": 40, "fibrinogen": 118, "fibrinogen_lln": 150,
    }  # fmt: skip
    ferritin = found.signs["ferritin"].taken
    assert ferritin is not None
    assert ferritin.on == on_day(10)
    assert found.signs["ferritin_uln"].taken is None
    assert found.before is not None
    assert (found.before.on, int(found.before.value)) == (on_day(8), 720)
    assert [one.result.analyte for one in found.counts] == ["ANC", "PLT"]


def test_counts_that_are_higher_or_do_not_decide_are_no_grade_4() -> None:
    rows = [result("ANC", 10, "0.5"), result("PLT", 10, "<30"), result("FERRITIN", 10, "700")]
    found = proposed(rows, CourseKnown(today=on_day(10)), SET, {})
    assert found.counts == ()
    assert set(found.signs) == {"ferritin"}
    assert found.before is None


def test_nobody_is_screened_before_the_infusion_or_after_a_death() -> None:
    assert screened([], CourseKnown(today=on_day(1)), SET, USUAL, 1) is None
    assert screened([], known(9, died_on=8), SET, USUAL, 1) is None
