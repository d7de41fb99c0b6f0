"""Scores from the results of a chart: which values count, how firm the answer is, what is named."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.chart_results import RULES, ZERO, daily, known, on_day, result, spread
from toxicity.domain.chart_risks import easix_score, hematotox_score, reference_day
from toxicity.domain.chart_values import Result, Why
from toxicity.domain.count_scores import icaht_score, neutropenia_score, t_icaht_score
from toxicity.domain.immunity_scores import aplasia_score, igg_score, months_between
from toxicity.domain.scores import CourseKnown, InfectionKnown, Part, Score, State

SET = RULES.scores
NOT_INFUSED = CourseKnown(today=ZERO)
WELL = spread(0, 30, (99, 99), "", "1.8")


def part(score: Score, code: str) -> Part:
    return next(one for one in score.parts if one.code == code)


def said(one: Part) -> tuple[State, str | None, int | None]:
    return one.state, None if one.status is None else one.status.value, one.grade


def codes(one: Part) -> set[str]:
    return {warning.code for warning in one.warnings}


@pytest.mark.parametrize(
    ("values", "day", "answer"),
    [
        (WELL, 40, (State.SAID, "final", 0)),
        (spread(0, 30, (4, 9), "0.4", "0.9"), 40, (State.SAID, "final", 1)),
        (spread(0, 30, (4, 10), "0.4", "0.9"), 40, (State.SAID, "final", 2)),
        (spread(0, 30, (4, 10), "0.09", "0.9"), 40, (State.SAID, "final", 3)),
        (spread(0, 30, (6, 19), "0.05", "0.9"), 40, (State.SAID, "final", 4)),
        (spread(0, 30, (2, 30), "0.3", "0.9"), 40, (State.SAID, "final", 4)),
        (spread(0, 2, (0, 2), "0.3", "0.9"), 2, (State.SAID, "provisional", 1)),
        # Days without a count may have been low.
        (spread(0, 10, (4, 9), "0.4", "0.9"), 40, (State.SAID, "provisional", 1)),
        (spread(0, 10, (99, 99), "", "0.9"), 40, (State.SAID, "not_gradeable", None)),
        ({}, 40, (State.NOT_RECORDED, "not_gradeable", None)),
        # A limit that decides counts, and leaves the grade unsure where it does not say how low.
        (WELL | {5: "<0.1"}, 40, (State.SAID, "final", 1)),
        (WELL | {5: "<0.4"}, 40, (State.SAID, "provisional", 1)),
        # One that does not decide may hide a low count: nothing is said to be absent.
        (WELL | {5: "<0.8"}, 40, (State.SAID, "not_gradeable", None)),
        (WELL | {5: ">0.8"}, 40, (State.SAID, "final", 0)),
        (WELL | {5: ">0.1"}, 40, (State.SAID, "not_gradeable", None)),
        (WELL | {4: "0.4", 5: "<0.8"}, 40, (State.SAID, "provisional", 1)),
    ],
)
def test_early_icaht(values: dict[int, str], day: int, answer: tuple[Any, ...]) -> None:
    score = icaht_score(daily("ANC", values), known(day), SET)
    assert said(part(score, "early")) == answer
    assert score.rule_version == "icaht-ehaebmt-2023.1"


def test_early_icaht_says_both_ways_of_counting_and_the_values_it_used() -> None:
    rows = daily("ANC", spread(0, 30, (4, 9), "0.4", "1.8") | {20: "0.05"})
    outside = [
        result("ANC", -3, "0.1"),
        result("ANC", 35, "0.1"),
        result("ANC", None, "0.1", pk=77),
    ]
    score = icaht_score([*rows, *outside], known(34, growth_factors=(on_day(2), on_day(2))), SET)
    early = part(score, "early")
    assert early.figures == {
        "days_500": 6, "days_100": 1, "cumulative_days_500": 7, "cumulative_days_100": 1,
        "cumulative_grade": 2,
    }  # fmt: skip
    assert "growth_factors" in codes(early)
    assert len(score.used) == 31
    assert [(one.result.pk, one.why) for one in score.unused] == [(77, Why.NO_DAY)]
    assert said(part(score, "late")) == (State.NOT_RECORDED, "not_gradeable", None)


@pytest.mark.parametrize(
    ("values", "day", "more", "answer"),
    [
        ({40: "0.09", 41: "1.6"}, 120, {}, (State.SAID, "final", 0)),
        ({40: "0.09"}, 120, {}, (State.SAID, "provisional", 4)),
        ({40: "1.501", 41: "1.4"}, 120, {}, (State.SAID, "final", 0)),
        ({40: "0.4", 50: "0.9"}, 120, {}, (State.SAID, "final", 3)),
        ({40: "0.4", 50: "0.9"}, 60, {}, (State.SAID, "provisional", 3)),
        ({}, 60, {}, (State.NOT_RECORDED, "not_gradeable", None)),
        ({}, 30, {}, (State.FUTURE, None, None)),
        ({}, 120, {"died_on": 20}, (State.ENDED, None, None)),
        ({}, 120, {"progressed_on": 25}, (State.ENDED, None, None)),
        ({40: "0.4", 50: "0.9", 70: "0.05"}, 120, {"next_therapy_on": 60},
         (State.SAID, "final", 3)),
        ({40: "0.4", 50: "0.9"}, 120, {"unclear": ("progression",)},
         (State.SAID, "provisional", 3)),
        ({40: "0.4", 50: "<0.9"}, 120, {}, (State.SAID, "provisional", 3)),
        ({40: "<1.6", 50: "1.8", 60: "1.8"}, 120, {}, (State.SAID, "not_gradeable", None)),
    ],
)  # fmt: skip
def test_late_icaht(
    values: dict[int, str], day: int, more: dict[str, Any], answer: tuple[Any, ...]
) -> None:
    score = icaht_score(daily("ANC", values), known(day, **more), SET)
    assert said(part(score, "late")) == answer


@pytest.mark.parametrize(
    ("values", "answer"),
    [
        (spread(0, 30, (99, 99), "", "150"), (State.SAID, "final", 0)),
        (spread(0, 30, (5, 14), "50", "150"), (State.SAID, "final", 0)),
        (spread(0, 30, (5, 10), "45", "150"), (State.SAID, "final", 1)),
        (spread(0, 30, (5, 11), "45", "150"), (State.SAID, "final", 2)),
        (spread(0, 30, (5, 5), "19", "150"), (State.SAID, "final", 3)),
        (spread(0, 30, (5, 18), "15", "150"), (State.SAID, "final", 4)),
        (spread(0, 30, (5, 7), "20", "150"), (State.SAID, "final", 1)),
        (spread(0, 30, (5, 5), "<50", "150"), (State.SAID, "provisional", 1)),
        (spread(0, 30, (5, 5), "<60", "150"), (State.SAID, "not_gradeable", None)),
        ({}, (State.NOT_RECORDED, "not_gradeable", None)),
    ],
)
def test_early_t_icaht(values: dict[int, str], answer: tuple[Any, ...]) -> None:
    score = t_icaht_score(daily("PLT", values), known(40))
    early = part(score, "early")
    assert said(early) == answer
    assert "transfusions" in codes(early)


def test_transfusions_are_said_beside_the_platelets_and_change_no_grade() -> None:
    rows = daily("PLT", {2: "45", 3: "45"})
    bare = part(t_icaht_score(rows, known(40)), "early")
    given = (on_day(-3), on_day(2), on_day(5))
    noted = part(t_icaht_score(rows, known(40, platelets=given)), "early")
    assert noted.grade == bare.grade
    warnings = (*bare.warnings, *noted.warnings)
    assert [one.params for one in warnings if one.code == "transfusions"] == [
        {}, {"days": 2, "on": on_day(5)},
    ]  # fmt: skip


def test_late_t_icaht_waits_for_its_window_and_counts_strictly() -> None:
    rows = daily("PLT", spread(31, 100, (40, 41), "99", "150"))
    assert said(part(t_icaht_score(rows, known(30)), "late")) == (State.FUTURE, None, None)
    late = part(t_icaht_score(rows, known(120)), "late")
    assert said(late) == (State.SAID, "final", 1)
    assert late.figures == {"days_100": 2, "days_50": 0, "days_20": 0}
    assert said(part(t_icaht_score([], known(120)), "late")) == (
        State.NOT_RECORDED, "not_gradeable", None,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("values", "day", "days", "status"),
    [
        (spread(0, 60, (0, 12), "0.3", "1.8"), 90, (13, 13, 0), "final"),
        (spread(0, 60, (5, 5), "0.5", "1.8"), 90, (0, 0, 0), "final"),
        (spread(0, 8, (5, 8), "0.3", "1.8"), 8, (4, 4, 0), "provisional"),
        (spread(0, 8, (5, 8), "0.3", "1.8"), 90, (4, 56, 52), "provisional"),
        (spread(0, 60, (5, 5), "<0.6", "1.8"), 90, (0, 1, 0), "provisional"),
    ],
)
def test_days_of_neutropenia_come_with_their_range(
    values: dict[int, str], day: int, days: tuple[int, int, int], status: str
) -> None:
    score = neutropenia_score(daily("ANC", values), known(day), SET, Decimal(1800))
    found = part(score, "days")
    assert tuple(found.figures[n] for n in ("days", "days_most", "unknown")) == days
    assert found.status == status


@pytest.mark.parametrize(
    ("value", "limit", "grade"),
    [
        ("0.499", Decimal(1800), 4), ("0.5", Decimal(1800), 3), ("1.499", Decimal(1800), 2),
        ("1.5", Decimal(1800), 1), ("1.8", Decimal(1800), 0), ("1.8", None, None),
        ("0.4", None, 4), ("<0.5", Decimal(1800), 4), ("<0.6", Decimal(1800), None),
        (">2", Decimal(1800), 0),
    ],
)  # fmt: skip
def test_the_latest_count_has_a_grade_of_ctcae(
    value: str, limit: Decimal | None, grade: int | None
) -> None:
    score = neutropenia_score([result("ANC", 5, value)], known(8), SET, limit)
    found = part(score, "latest")
    assert found.grade == grade
    assert found.status == ("not_gradeable" if grade is None else "final")
    assert found.figures["on"] == on_day(5)


def test_without_a_count_there_is_no_neutropenia_of_grade_0() -> None:
    empty = neutropenia_score([], known(8), SET, Decimal(1800))
    assert [one.state for one in empty.parts] == [State.NOT_RECORDED] * 2
    unread = neutropenia_score([result("ANC", 3, "5", "%")], known(8), SET, Decimal(1800))
    assert said(part(unread, "latest")) == (State.SAID, "not_gradeable", None)
    assert part(unread, "days").state is State.NOT_RECORDED
    dead = neutropenia_score(
        daily("ANC", spread(0, 6, (3, 6), "0.3", "1.8")), known(90, died_on=6), SET, None
    )
    assert part(dead, "days").status == "final"
    assert part(dead, "days").figures["days"] == 4


def test_before_the_infusion_everything_is_still_to_come() -> None:
    scores = (
        icaht_score([], NOT_INFUSED, SET), t_icaht_score([], NOT_INFUSED),
        neutropenia_score([], NOT_INFUSED, SET, None), aplasia_score([], NOT_INFUSED, SET),
    )  # fmt: skip
    states = {one.state for score in scores for one in score.parts}
    assert states == {State.FUTURE}
    assert {one.status for score in scores for one in score.parts} == {None}


RISK = {"PLT": "220", "ANC": "3.4", "HB": "124", "CRP": "8", "FERRITIN": "180"}


def risk(day: int = -5, **values: str | None) -> list[Result]:
    return [
        result(analyte, day, value)
        for analyte, value in (RISK | values).items()
        if value is not None
    ]


@pytest.mark.parametrize(
    ("rows", "score", "between", "category", "missing"),
    [
        (risk(), 0, (0, 0), "low", ()),
        (risk(PLT="175", ANC="1.2", HB="90", CRP="29.9", FERRITIN="649"), 1, (1, 1), "low", ()),
        (risk(PLT="75", ANC="1.5", HB="100", CRP="10", FERRITIN="2000"), 2, (2, 2), "high", ()),
        (risk(PLT="40", ANC="0.4", HB="78", CRP="95", FERRITIN="3200"), 7, (7, 7), "high", ()),
        (risk(PLT="180", ANC="1.3", HB="95", CRP="30", FERRITIN="500"), 1, (1, 1), "low", ()),
        (risk(FERRITIN=None), None, (0, 2), None, ("ferritin",)),
        (risk(PLT="40", FERRITIN=None), None, (2, 4), "high", ("ferritin",)),
        (risk(CRP="<5"), 0, (0, 0), "low", ()),
        (risk(FERRITIN=">2000"), 2, (2, 2), "high", ()),
        (risk(FERRITIN=">1500"), None, (0, 2), None, ("ferritin",)),
        (risk(CRP="1001"), None, (0, 1), "low", ("crp",)),
    ],
)
def test_car_hematotox_of_the_last_values_before_lymphodepletion(
    rows: list[Result], score: int | None, between: tuple[int, int], category: str | None,
    missing: tuple[str, ...],
) -> None:  # fmt: skip
    later = risk(2, PLT="10", ANC="0.1", HB="70", CRP="200", FERRITIN="9000")
    found = hematotox_score([*rows, *later], known(9, depleted_on=-4), SET)
    (only,) = found.parts
    assert only.figures == {
        "score": score, "category": category, "minimum": between[0], "maximum": between[1],
    }  # fmt: skip
    assert only.missing == missing
    assert only.status == ("provisional" if missing else "final")
    assert all(one.on == on_day(-5) for one in found.used)


def test_values_too_old_are_named_and_those_of_the_day_itself_count() -> None:
    found = hematotox_score(risk(-20), known(9, depleted_on=-4), SET)
    (only,) = found.parts
    assert said(only) == (State.NOT_RECORDED, "not_gradeable", None)
    assert only.figures == {}
    assert {one.why for one in found.unused} == {Why.TOO_OLD}
    same_day = hematotox_score(risk(-4), known(9, depleted_on=-4), SET)
    assert same_day.parts[0].figures["score"] == 0


def test_before_lymphodepletion_the_latest_values_are_provisional() -> None:
    waiting = CourseKnown(today=on_day(-4))
    (only,) = hematotox_score(risk(-5), waiting, SET).parts
    assert only.status == "provisional"
    assert "not_begun" in codes(only)
    assert reference_day(CourseKnown(today=on_day(5), infused_on=ZERO)) == ZERO


def test_easix_before_lymphodepletion_and_on_days_with_ldh_and_platelets() -> None:
    def values(day: int, ldh: str, creatinine: str, plt: str, crp: str) -> list[Result]:
        return [
            result("LDH", day, ldh), result("CREATININE", day, creatinine, "mg/dL"),
            result("PLT", day, plt), result("CRP", day, crp, "mg/dL"),
        ]  # fmt: skip

    rows = [
        *values(-5, "467", "1.0", "100", "5"),
        *values(3, "600", "1.4", "40", "12"),
        result("LDH", 5, "300"),
        *values(6, "300", "0.9", "60", "<0.5"),
        *values(8, "300", "<0.9", "60", "0"),
        *values(9, "300", "0.9", "0", "1"),
        *values(45, "300", "0.9", "60", "1"),
    ]
    found = easix_score(rows, known(60, depleted_on=-4), SET)
    by_day = {one.figures.get("day", "before"): one for one in found.parts}
    assert list(by_day) == ["before", 3, 6, 8, 9]
    before = by_day["before"]
    assert (before.figures["easix"], before.figures["m_easix"]) == (
        Decimal("4.67"),
        Decimal("23.35"),
    )
    assert before.status == "final"
    assert by_day[3].figures["easix"] == 21
    assert by_day[3].figures["m_easix"] == 180
    assert codes(by_day[6]) == {"crp_limit"}
    assert by_day[6].figures["m_easix"] == Decimal("2.5")
    assert (by_day[8].figures["easix"], by_day[8].missing) == (None, ("creatinine",))
    assert (by_day[8].figures["m_easix"], by_day[8].figures["log2_m_easix"]) == (0, None)
    assert by_day[8].status == "provisional"
    assert (by_day[9].figures["easix"], by_day[9].status) == (None, "not_gradeable")
    assert [one.why for one in found.unused] == [Why.LIMIT]


def test_easix_without_values_or_before_lymphodepletion() -> None:
    (none,) = easix_score([], known(9, depleted_on=-4), SET).parts
    assert said(none) == (State.NOT_RECORDED, "not_gradeable", None)
    waiting = CourseKnown(today=on_day(-4))
    rows = [result("LDH", -5, "250"), result("PLT", -5, "100")]
    (only,) = easix_score(rows, waiting, SET).parts
    assert (only.status, only.missing) == ("provisional", ("creatinine", "crp"))
    assert only.figures["s_easix"] == Decimal("2.5")


@pytest.mark.parametrize(
    ("values", "start", "end", "ongoing", "status"),
    [
        ({30: "0", 60: "0", 90: "25", 120: "30"}, 30, 90, False, "final"),
        ({30: "0", 60: "25", 90: "5", 120: "30", 150: "40"}, 30, 120, False, "final"),
        ({30: "0", 60: "0", 330: "0"}, 30, None, True, "provisional"),
        ({30: "20"}, None, None, False, "provisional"),
        ({30: "19"}, 30, None, True, "provisional"),
        ({30: "<1", 60: ">50", 90: ">50"}, 30, 60, False, "final"),
        ({30: "<1", 60: ">10", 90: ">50", 120: "40"}, 30, 90, False, "provisional"),
    ],
)
def test_b_cell_aplasia(
    values: dict[int, str], start: int | None, end: int | None, ongoing: bool, status: str
) -> None:
    found = part(aplasia_score(daily("CD19", values), known(400), SET), "course")
    assert found.figures["start"] == (None if start is None else on_day(start))
    assert found.figures["end"] == (None if end is None else on_day(end))
    assert (found.figures["ongoing"], found.status) == (ongoing, status)
    assert (found.figures["months"] is None) is (start is None)


def test_b_cells_of_before_the_infusion_or_without_number_are_no_aplasia() -> None:
    rows = [result("CD19", -30, "0"), result("CD19", 30, None)]
    score = aplasia_score(rows, known(60), SET)
    assert said(part(score, "course")) == (State.NOT_RECORDED, "not_gradeable", None)
    assert [one.why for one in score.unused] == [Why.NO_NUMBER]


@pytest.mark.parametrize(
    ("end", "months"),
    [(date(2026, 4, 1), "5.0"), (date(2026, 10, 1), "11.0"), (date(2026, 9, 30), "10.9")],
)
def test_months_are_counted_as_reports_do(end: date, months: str) -> None:
    assert months_between(date(2025, 11, 1), end) == Decimal(months)


ECOLI = InfectionKnown(on_day(20), bacterial=True, severity=3)
MILD = InfectionKnown(on_day(20), bacterial=True, severity=2)
VIRUS = InfectionKnown(on_day(20), bacterial=False, severity=4)
UNTOLD = InfectionKnown(on_day(20), bacterial=None, severity=2)
OLD = InfectionKnown(on_day(-400), bacterial=True, severity=4)


@pytest.mark.parametrize(
    ("igg", "infections", "hill", "aaaai", "missing"),
    [
        ("4.0", (), True, False, ()),
        ("4.5", (ECOLI, ECOLI), True, False, ()),
        ("4.5", (ECOLI,), True, False, ()),
        ("4.5", (MILD,), False, False, ()),
        ("4.5", (MILD, UNTOLD), None, False, ("infections",)),
        ("4.5", (InfectionKnown(on_day(20), bacterial=True, severity=None),), None, False,
         ("infections",)),
        ("4.5", (VIRUS, OLD), False, False, ()),
        ("3.9", (MILD, UNTOLD), True, None, ("infections",)),
        ("1.4", (), True, True, ()),
        ("<1.5", (), True, True, ()),
        ("7.0", (), None, False, ("vaccine_response",)),
    ],
)  # fmt: skip
def test_igg_beside_two_guidances(
    igg: str, infections: tuple[InfectionKnown, ...], hill: bool | None, aaaai: bool | None,
    missing: tuple[str, ...],
) -> None:  # fmt: skip
    score = igg_score([result("IGG", 55, igg)], known(60, infections=infections), SET)
    found = part(score, "latest")
    assert (found.figures["hill"], found.figures["aaaai"], found.missing) == (hill, aaaai, missing)
    assert found.status == ("provisional" if missing else "final")


@pytest.mark.parametrize(
    ("rows", "state", "why"),
    [
        ([], State.NOT_RECORDED, []),
        ([result("IGG", None, "4")], State.NOT_RECORDED, [Why.NO_DAY]),
        ([result("IGG", 20, "4")], State.SAID, [Why.TOO_OLD]),
        ([result("IGG", 55, "4", "U/L")], State.SAID, [Why.UNIT]),
        ([result("IGG", 55, "<5")], State.SAID, [Why.LIMIT]),
    ],
)
def test_an_igg_that_does_not_count_prompts_nothing(
    rows: list[Result], state: State, why: list[Why]
) -> None:
    score = igg_score(rows, known(60), SET)
    assert said(part(score, "latest")) == (state, "not_gradeable", None)
    assert [one.why for one in score.unused] == why


def test_igg_after_replacement_says_so_and_after_a_death_nothing_is_asked() -> None:
    rows = [result("IGG", 55, "4")]
    found = igg_score(rows, known(60, immunoglobulins=(on_day(40),)), SET)
    assert codes(part(found, "latest")) == {"replaced"}
    assert part(igg_score(rows, known(60, died_on=58), SET), "latest").state is State.ENDED
