"""ICANS: the vectors of the reference, ICE and CAPD, and that nothing unknown lowers a grade."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toxicity.domain.icans import (
    AROUSAL,
    ICP,
    NOT_DONE,
    RULE_VERSION,
    SEIZURE,
    IcansSigns,
    IceItems,
    grade_icans,
    ice_score,
)  # fmt: skip

CALM: dict[str, Any] = {
    "arousal": "spontaneous", "seizure": "none", "deep_motor_weakness": False, "icp": "none",
}  # fmt: skip
WHOLE = IceItems(1, 1, 1, 1, 1, 1, 1, 3)


def signs(ice: int | None = None, **given_: Any) -> IcansSigns:
    """Signs of which everything that is not given is absent."""
    return IcansSigns(ice_total=ice, **{**CALM, **given_})


@pytest.mark.parametrize(
    ("found", "grade", "status"),
    [
        (signs(10), 0, "final"),
        (IcansSigns(ice_total=10, arousal="spontaneous"), 0, "provisional"),
        (IcansSigns(ice_total=10), None, "not_gradeable"),
        (signs(9), 1, "final"),
        (signs(7), 1, "final"),
        (IcansSigns(ice_total=9), 1, "provisional"),
        (signs(6), 2, "final"),
        (signs(3), 2, "final"),
        (signs(2), 3, "final"),
        (signs(0), 3, "final"),
        (signs(0, arousal="tactile"), 3, "final"),
        (signs(0, arousal="vigorous_or_unarousable"), 4, "final"),
        (signs(0, arousal=None), 3, "provisional"),
        (signs(0, arousal=None, sedated=True), 3, "final"),
        (signs(ice_not_done_reason="unarousable"), 4, "final"),
        (signs(3, seizure="resolving"), 3, "final"),
        (signs(10, seizure="prolonged"), 4, "final"),
        (signs(9, deep_motor_weakness=True), 4, "final"),
        (signs(5, icp="focal_oedema"), 3, "final"),
        (signs(10, icp="diffuse_or_signs"), 4, "final"),
        (signs(10, icp="diffuse_or_signs", intracranial_haemorrhage=True), 0, "final"),
        (signs(ice_not_done_reason="sedated", arousal="vigorous_or_unarousable", sedated=True),
         None, "not_gradeable"),
        (signs(ice_not_done_reason="language"), None, "not_gradeable"),
        (signs(ice_not_done_reason="refused", seizure="resolving"), 3, "provisional"),
        (signs(10, arousal="voice"), 2, "final"),
        (signs(8, death_due_to_icans=True), 5, "final"),
        (IcansSigns(), None, "not_gradeable"),
        (signs(capd=8, age_years=6), 1, "final"),
        (signs(capd=8, age_years=6, arousal="voice"), 2, "final"),
        (signs(capd=8, age_years=6, arousal="tactile"), 3, "final"),
        (signs(capd=9, age_years=6), 3, "final"),
        (signs(ice_not_done_reason="unarousable", age_years=6), 4, "final"),
        (signs(10, age_years=6), None, "not_gradeable"),
        (signs(10, age_years=12), 0, "final"),
        (signs(capd=20, age_years=14), 3, "final"),
        (signs(10, capd=20, age_years=14), 0, "final"),
    ],
)  # fmt: skip
def test_icans_is_the_highest_axis(found: IcansSigns, grade: int | None, status: str) -> None:
    grading = grade_icans(found)
    assert (grading.grade, grading.status, grading.rule_version) == (grade, status, RULE_VERSION)
    assert bool(grading.drivers) is bool(grade)


@pytest.mark.parametrize(
    ("items", "total", "score"),
    [
        (WHOLE, None, (10, 10)),
        (replace(WHOLE, naming=1, year=0), None, (7, 7)),
        (replace(WHOLE, naming=None, year=None), None, (6, 10)),
        (IceItems(), None, None),
        (IceItems(), 4, (4, 4)),
        (WHOLE, 4, (4, 4)),
        (replace(WHOLE, naming=0), 9, (7, 7)),
    ],
)
def test_the_ice_score_is_counted_or_bounded(
    items: IceItems, total: int | None, score: tuple[int, int] | None
) -> None:
    found = IcansSigns(ice=items, ice_total=total)
    assert ice_score(found) == score
    assert ice_score(replace(found, ice_not_done_reason="missed")) == score
    assert ice_score(replace(found, ice_not_done_reason="unarousable")) is None


def test_what_was_answered_before_ice_was_given_up_stands() -> None:
    begun = IcansSigns(
        ice=IceItems(year=0, month=0, city=0, hospital=0), ice_not_done_reason="refused",
        arousal="spontaneous", seizure="none", deep_motor_weakness=False, icp="none",
    )  # fmt: skip
    grading = grade_icans(begun)
    assert (grading.grade, grading.status) == (2, "provisional")
    assert "ice_begun" in {one.code for one in grading.warnings}
    total = grade_icans(replace(begun, ice=IceItems(), ice_total=1))
    assert (total.grade, total.status) == (3, "final")
    unasked = grade_icans(replace(begun, ice=IceItems()))
    assert unasked.grade is None
    assert "ice_begun" not in {one.code for one in unasked.warnings}


def test_unarousable_under_sedation_is_not_certain() -> None:
    said = signs(ice_not_done_reason="unarousable", sedated=True)
    assert (grade_icans(said).grade, grade_icans(said).status) == (4, "provisional")
    assert "sedated_unarousable" in {one.code for one in grade_icans(said).warnings}
    awake = grade_icans(replace(said, sedated=False))
    assert awake.status == "final"


def test_items_that_were_not_asked_leave_a_grade_provisional() -> None:
    half = replace(signs(), ice=replace(WHOLE, naming=None))
    assert grade_icans(half).grade is None  # 7 to 10: perhaps nothing at all
    worse = replace(half, ice=replace(WHOLE, naming=None, year=0, month=0))
    assert (grade_icans(worse).grade, grade_icans(worse).status) == (1, "provisional")


@pytest.mark.parametrize(
    ("found", "warned"),
    [
        (signs(10), set()),
        (replace(signs(4), ice=WHOLE), {"ice_differs"}),
        (signs(10, baseline_ice=8), {"baseline_ice"}),
        (signs(10, baseline_ice=10), set()),
        (signs(10, intracranial_haemorrhage=True), {"haemorrhage"}),
        (signs(10, age_years=6), {"capd_needed"}),
        (signs(10, capd=3), {"capd_for_children"}),
        (signs(10, seizure=None), {"not_stated"}),
        (signs(ice_not_done_reason="unarousable", arousal="voice"), {"awakens_unarousable"}),
        (signs(ice_not_done_reason="unarousable", arousal="vigorous_or_unarousable"), set()),
    ],
)
def test_what_the_reader_should_know_is_said(found: IcansSigns, warned: set[str]) -> None:
    assert {one.code for one in grade_icans(found).warnings} == warned


@pytest.mark.parametrize(
    "wrong",
    [
        {"arousal": "asleep"}, {"seizure": "some"}, {"icp": "high"}, {"ice_total": 11},
        {"ice_total": -1}, {"ice_not_done_reason": "lunch"}, {"capd": 33}, {"age_years": 200},
        {"baseline_ice": 11}, {"ice": IceItems(year=2)}, {"ice": IceItems(naming=4)},
    ],
)  # fmt: skip
def test_what_the_scale_does_not_have_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="not of the scale"):
        grade_icans(IcansSigns(**wrong))


def maybe(*values: Any) -> Any:
    """One of the values, or not known."""
    return st.sampled_from([None, *values])


any_signs = st.builds(
    IcansSigns,
    ice=st.builds(IceItems, *(maybe(0, 1) for _ in range(7)), maybe(0, 1, 2, 3)),
    ice_total=maybe(*range(11)),
    ice_not_done_reason=maybe(*NOT_DONE),
    arousal=maybe(*AROUSAL),
    sedated=st.booleans(),
    seizure=maybe(*SEIZURE),
    deep_motor_weakness=maybe(True, False),
    icp=maybe(*ICP),
    intracranial_haemorrhage=st.booleans(),
    age_years=maybe(5, 11, 12, 60),
    capd=maybe(0, 8, 9, 32),
)


@given(any_signs)
def test_what_is_learned_never_lowers_a_grade(found: IcansSigns) -> None:
    grading = grade_icans(found)
    told: tuple[tuple[str, Any], ...] = (
        ("seizure", SEIZURE), ("icp", ICP), ("arousal", AROUSAL),
        ("deep_motor_weakness", (True, False)),
    )  # fmt: skip
    for name, values in told:
        for value in values if getattr(found, name) is None else ():
            learned = grade_icans(replace(found, **{name: value}))
            assert grading.status != "final" or learned.grade == grading.grade
            assert (learned.grade or 0) >= (grading.grade or 0)


@given(any_signs)
def test_more_severe_signs_never_lower_the_grade(found: IcansSigns) -> None:
    grade = grade_icans(found).grade or 0
    worsened: tuple[dict[str, Any], ...] = (
        {"seizure": "prolonged"}, {"deep_motor_weakness": True}, {"death_due_to_icans": True},
        {"ice_not_done_reason": "unarousable"},
    )  # fmt: skip
    for worse in worsened:
        assert (grade_icans(replace(found, **worse)).grade or 0) >= grade
