"""CRS: the vectors of the reference, its edges, and that nothing unknown makes a grade lower."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toxicity.domain.crs import (
    DEVICES,
    PPV_REASONS,
    RULE_VERSION,
    VASOPRESSORS,
    CrsSigns,
    grade_crs,
)
from toxicity.domain.grading import Axis

CALM: dict[str, Any] = {
    "fever_other_cause": False, "fever_masked": False, "hypotension": False,
    "vasopressors": frozenset(), "o2_device": "none",
}  # fmt: skip


def signs(temp: str | None = None, **given_: Any) -> CrsSigns:
    """Signs of which everything that is not given is absent."""
    return CrsSigns(temp_c=None if temp is None else Decimal(temp), **{**CALM, **given_})


def bare(temp: str | None = None, **given_: Any) -> CrsSigns:
    """Signs of which everything that is not given is unknown."""
    return CrsSigns(temp_c=None if temp is None else Decimal(temp), **given_)


PRESSORS = {"pressors": ("norepinephrine", "vasopressin")}


@pytest.mark.parametrize(
    ("found", "grade", "status"),
    [
        (signs("38.0"), 1, "final"),
        (bare("38.0"), 1, "provisional"),
        (signs("37.9"), 0, "final"),
        (bare("37.9"), 0, "final"),
        (signs("38.6", o2_device="nasal_cannula", o2_flow_lpm=Decimal(6)), 2, "final"),
        (signs("38.6", o2_device="nasal_cannula", o2_flow_lpm=Decimal("6.5")), 3, "final"),
        (signs("38.6", o2_device="nasal_cannula"), 2, "provisional"),
        (signs("38.6", o2_device="blow_by"), 2, "final"),
        (signs("38.6", o2_device="facemask", o2_flow_lpm=Decimal(4)), 3, "final"),
        (signs("38.2", hypotension=True), 2, "final"),
        (bare("38.2", hypotension=True), 2, "provisional"),
        (signs("38.2", vasopressors=frozenset({"norepinephrine", "vasopressin"})), 3, "final"),
        (signs("38.2", vasopressors=frozenset({"vasopressin"})), 3, "final"),
        (signs("38.2", vasopressors=frozenset({"norepinephrine", "dopamine"})), 4, "final"),
        (signs("36.8", vasopressors=frozenset({"norepinephrine"})), 0, "final"),
        (signs("36.9", crs_established=True, fever_masked=True), 0, "final"),
        (signs("36.9", crs_established=True), 0, "final"),
        (signs("37.2", crs_established=True, fever_masked=None), 0, "final"),
        (signs("37.2", crs_established=True, fever_masked=None, o2_device="mech_vent",
               vasopressors=frozenset({"norepinephrine"}), ppv_reason="hypoxia"), 4, "provisional"),
        (signs("37.2", crs_established=True, fever_masked=None, hypotension=True), 2,
         "provisional"),
        (signs("37.2", crs_established=True, fever_masked=None, o2_device=None), None,
         "not_gradeable"),
        (signs("38.6", crs_established=True, fever_masked=None, hypotension=True), 2, "final"),
        (signs("37.2", crs_established=True, hypotension=True), 0, "final"),
        (signs("37.2", fever_masked=None, hypotension=True), 0, "final"),
        (signs(None, crs_established=True, fever_masked=None, hypotension=True), 2, "provisional"),
        (signs(None, crs_established=True, fever_masked=None), None, "not_gradeable"),
        (signs("36.9", crs_established=True, fever_masked=True, hypotension=True), 2, "final"),
        (signs(None, crs_established=True, fever_masked=True), None, "not_gradeable"),
        (signs("38.5"), 1, "final"),
        (signs("38.3", o2_device="bipap", ppv_reason="hypoxia"), 4, "final"),
        (signs("38.3", o2_device="mech_vent", ppv_reason="airway_protection"), 1, "final"),
        (signs("38.3", o2_device="mech_vent"), 4, "provisional"),
        (signs("38.3", o2_device="mech_vent", ppv_reason="other"), 1, "provisional"),
        (signs("38.3", o2_flow_lpm=Decimal(10)), 1, "provisional"),
        (signs("38.3", o2_flow_lpm=Decimal(0)), 1, "final"),
        (signs("38.1", o2_device="nasal_cannula", o2_flow_lpm=Decimal(2), o2_is_baseline=True), 1,
         "final"),
        (bare("38.1", death_due_to_crs=True), 5, "final"),
        (signs("38.5", fever_other_cause=True, hypotension=True), 0, "final"),
        (signs("38.5", fever_other_cause=None), 1, "provisional"),
        (signs(None), None, "not_gradeable"),
        (bare(hypotension=True), None, "not_gradeable"),
        (signs(None, fever_other_cause=True), None, "not_gradeable"),
    ],
)  # fmt: skip
def test_crs_is_graded_by_fever_and_what_is_required(
    found: CrsSigns, grade: int | None, status: str
) -> None:
    grading = grade_crs(found)
    assert (grading.grade, grading.status, grading.rule_version) == (grade, status, RULE_VERSION)
    assert bool(grading.drivers) is bool(grade)


@pytest.mark.parametrize(
    ("found", "warned"),
    [
        (signs("36.8", vasopressors=frozenset({"norepinephrine"})),
         {"crs_never_established", "vasopressor_without_hypotension"}),
        (signs("36.9", crs_established=True, fever_masked=True), {"resolution_candidate"}),
        (signs(None, crs_established=True, fever_masked=True), {"signs_not_known"}),
        (signs("36.9", crs_established=True, fever_masked=True, o2_device=None),
         {"signs_not_known"}),
        (signs("36.9", crs_established=True, fever_masked=True, hypotension=None),
         {"signs_not_known"}),
        (bare("36.9", crs_established=True, fever_masked=True), {"signs_not_known"}),
        (signs("36.9", crs_established=True, fever_masked=None), {"masking_needed"}),
        (signs("36.9", crs_established=True, fever_masked=None, hypotension=True),
         {"masking_needed"}),
        (signs("36.9", crs_established=True, hypotension=True), {"fever_not_masked"}),
        (signs("38.6", crs_established=True, fever_masked=None), set()),
        (signs(None), {"temperature_needed"}),
        (signs("38.6", o2_device="nasal_cannula"), {"flow_needed"}),
        (signs("38.6", o2_device="nasal_cannula", o2_is_baseline=True), set()),
        (signs("38.6", o2_device="cpap"), {"reason_needed"}),
        (signs("38.6", o2_device="cpap", ppv_reason="other"), {"reason_needed"}),
        (signs("38.6", o2_flow_lpm=Decimal(10)), {"flow_without_device"}),
        (signs("38.6"), set()),
    ],
)  # fmt: skip
def test_what_the_reader_should_know_is_said(found: CrsSigns, warned: set[str]) -> None:
    assert {one.code for one in grade_crs(found).warnings} == warned


@pytest.mark.parametrize(
    "wrong", [{"o2_device": "snorkel"}, {"vasopressors": {"coffee"}}, {"ppv_reason": "habit"}]
)
def test_words_that_the_scale_does_not_have_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="unknown"):
        grade_crs(signs("38.0", **wrong))


def test_an_axis_runs_upwards() -> None:
    with pytest.raises(ValueError, match="2 to 1"):
        Axis("x", 2, 1)


any_signs = st.builds(
    CrsSigns,
    temp_c=st.none() | st.decimals("30", "45", places=1),
    fever_other_cause=st.none() | st.booleans(),
    crs_established=st.booleans(),
    fever_masked=st.none() | st.booleans(),
    hypotension=st.none() | st.booleans(),
    vasopressors=st.none() | st.frozensets(st.sampled_from(VASOPRESSORS)),
    o2_device=st.none() | st.sampled_from(DEVICES),
    o2_flow_lpm=st.none() | st.decimals("0", "80", places=1),
    o2_is_baseline=st.booleans(),
    ppv_reason=st.none() | st.sampled_from(PPV_REASONS),
    death_due_to_crs=st.booleans(),
)


@given(any_signs)
def test_what_is_learned_of_an_unknown_sign_lies_where_the_grade_said(found: CrsSigns) -> None:
    grading = grade_crs(found)
    told: tuple[tuple[str, Any], ...] = (
        ("hypotension", True), ("hypotension", False), ("o2_device", "hfnc"), ("o2_device", "none"),
        ("fever_masked", True), ("vasopressors", frozenset()),
        ("vasopressors", frozenset({"dopamine", "other"})),
    )  # fmt: skip
    for name, value in told:
        # Who denies hypotension has said that no vasopressor is required.
        denied = name == "vasopressors" and found.hypotension is False
        if getattr(found, name) is None and not denied:
            learned = grade_crs(replace(found, **{name: value}))
            assert grading.status != "final" or learned.grade == grading.grade
            # Nothing that is learned takes away what known signs gave, nor is unknown ever 0.
            assert (learned.grade or 0) >= (grading.grade or 0)


@given(any_signs)
def test_more_severe_signs_never_lower_the_grade(found: CrsSigns) -> None:
    grade = grade_crs(found).grade or 0
    pressors = found.vasopressors or frozenset()
    worsened: tuple[dict[str, Any], ...] = (
        {"vasopressors": pressors | {"norepinephrine"}},
        {"o2_device": "mech_vent", "ppv_reason": "hypoxia", "o2_is_baseline": False},
        {"death_due_to_crs": True},
    )
    for worse in worsened:
        assert (grade_crs(replace(found, **worse)).grade or 0) >= grade
