"""The past of a course under way: which refusals, which steps."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from pathway.domain.spine import Stage
from pathway.domain.transcription import PastAttempt, PastCourse, steps_of
from pathway.domain.transcription_rules import refuse_past

TODAY = date(2026, 11, 12)
BORN = date(1961, 10, 14)


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


FOLLOWED = PastCourse(
    stage="follow_up",
    referred_on=ago(130),
    enrolled_on=ago(120),
    accepted_on=ago(110),
    attempts=(PastAttempt(ago(105), "inadequate"), PastAttempt(ago(100), "adequate")),
    bridging_drug="inotuzumab ozogamicin",
    bridging_class="inotuzumab",
    bridging_state="closed",
    bridging_last_dose_on=ago(70),
    lot="LOT-7",
    ld_from=ago(45),
    ld_to=ago(43),
    infused_on=ago(40),
    admitted_on=ago(46),
    discharged_on=ago(20),
)
BRIDGED = replace(
    FOLLOWED,
    stage="bridging",
    attempts=(PastAttempt(ago(100), "adequate"),),
    product_state="manufacturing",
    lot="",
    ld_from=None,
    ld_to=None,
    infused_on=None,
    admitted_on=None,
    discharged_on=None,
)
PREPARED = replace(
    BRIDGED, stage="lymphodepletion", product_state="stored", ld_from=ago(3), admitted_on=ago(4)
)
BARE = PastCourse(stage="referral", referred_on=ago(9))
LEFT = replace(
    BRIDGED,
    stage="withdrawn",
    left_stage="bridging",
    exited_on=ago(5),
    exit_reason="His wish",
    exit_scope="treatment_only",
)


def against(past: PastCourse) -> set[tuple[str, str]]:
    found = refuse_past(past, birth_date=BORN, today=TODAY, drug_classes={"inotuzumab"})
    return {(refusal.field, refusal.code) for refusal in found}


@pytest.mark.parametrize(
    "past",
    [
        FOLLOWED,
        BRIDGED,
        PREPARED,
        BARE,
        LEFT,
        replace(LEFT, exit_scope="scope_unknown"),
        replace(FOLLOWED, stage="completed", exited_on=ago(1)),
        replace(FOLLOWED, stage="infusion", discharged_on=None),
        replace(BARE, stage="eligibility", enrolled_on=ago(3)),
        replace(BARE, stage="apheresis", accepted_on=ago(3)),
        replace(BARE, stage="lost", left_stage="follow_up", exited_on=ago(1), exit_reason="gone",
                infused_on=ago(4), attempts=(PastAttempt(None, "adequate"),)),
        # Whatever is not known stays open, but for day 0 and how it came to its stage.
        PastCourse(stage="follow_up", referred_on=ago(99), infused_on=ago(40),
                   attempts=(PastAttempt(None, "adequate"),)),
    ],
)  # fmt: skip
def test_a_past_that_can_be_is_not_refused(past: PastCourse) -> None:
    assert against(past) == set()


REFUSED: list[tuple[PastCourse, set[tuple[str, str]]]] = [
    (replace(BARE, stage="moon"), {("stage", "unknown_stage")}),
    (replace(BARE, left_stage="eligibility"), {("left_stage", "no_exit")}),
    (replace(LEFT, left_stage=""), {("left_stage", "left_stage_needed")}),
    (replace(LEFT, stage="lost"), {("left_stage", "left_stage_needed")}),
    (
        replace(LEFT, exited_on=None, exit_reason=""),
        {("exited_on", "value_missing"), ("exit_reason", "value_missing")},
    ),
    (
        replace(BARE, exited_on=ago(1), exit_reason="x", exit_scope="treatment_only"),
        {("exited_on", "not_ended"), ("exit_reason", "not_ended"), ("exit_scope", "not_ended")},
    ),
    (replace(LEFT, exit_scope=""), {("exit_scope", "exit_scope_needed")}),
    (replace(LEFT, exit_scope="all"), {("exit_scope", "exit_scope_needed")}),
    (
        replace(BARE, stage="declined", left_stage="referral", exited_on=ago(1),
                exit_reason="unfit", exit_scope="treatment_only"),
        {("exit_scope", "no_withdrawal")},
    ),
    (replace(FOLLOWED, infused_on=None), {("infused_on", "value_missing")}),
    (replace(BARE, stage="eligibility"), {("enrolled_on", "value_missing")}),
    (replace(BARE, stage="apheresis"), {("accepted_on", "value_missing")}),
    (
        replace(BRIDGED, attempts=(PastAttempt(None, "adequate"),)),
        {("apheresis_1_on", "value_missing")},
    ),
    (replace(BRIDGED, attempts=()), {("apheresis_1_result", "value_missing")}),
    (
        replace(PREPARED, product_state="", ld_from=None),
        {("product_state", "value_missing"), ("ld_from", "value_missing")},
    ),
    (replace(PREPARED, product_state="manufacturing"), {("product_state", "product_state")}),
    (replace(BRIDGED, product_state="infused"), {("product_state", "product_state")}),
    (replace(FOLLOWED, product_state="stored"), {("product_state", "product_state")}),
    (replace(BRIDGED, product_state="", lot="L"), {("product_state", "value_missing")}),
    (replace(FOLLOWED, infused_on=ago(44)), {("infused_on", "before_earlier_step")}),
    (replace(FOLLOWED, discharged_on=ago(41)), {("discharged_on", "before_earlier_step")}),
    (replace(FOLLOWED, discharged_on=None), {("discharged_on", "discharge_needed")}),
    (replace(FOLLOWED, admitted_on=None), {("admitted_on", "admission_needed")}),
    (replace(BRIDGED, ward="Haematology"), {("admitted_on", "admission_needed")}),
    (replace(BRIDGED, ld_regimen="Flu/Cy"), {("ld_regimen", "not_yet")}),
    (replace(FOLLOWED, product_on=ago(60)), {("product_on", "product_infused_on")}),
    (
        replace(FOLLOWED, enrolled_on=TODAY + timedelta(days=1)),
        {
            ("enrolled_on", "future_date"), ("accepted_on", "before_earlier_step"),
            ("apheresis_1_on", "before_earlier_step"), ("apheresis_2_on", "before_earlier_step"),
            ("bridging_last_dose_on", "before_earlier_step"), ("ld_from", "before_earlier_step"),
            ("ld_to", "before_earlier_step"), ("infused_on", "before_earlier_step"),
        },
    ),
    (replace(BARE, stage="eligibility", referred_on=date(1950, 1, 1),
             enrolled_on=date(1960, 1, 1)), {("enrolled_on", "before_birth")}),
    (
        replace(BARE, infused_on=ago(1), product_state="ordered", ld_to=ago(1)),
        {("infused_on", "not_yet"), ("product_state", "not_yet"), ("ld_to", "not_yet")},
    ),
    (
        replace(BRIDGED, attempts=(PastAttempt(ago(99), "adequate"), PastAttempt(din="A"))),
        {("apheresis_2_result", "result_needed")},
    ),
    (
        replace(BRIDGED, attempts=(PastAttempt(), PastAttempt(ago(99), "adequate"))),
        {("apheresis_2_result", "gap")},
    ),
    (
        replace(BRIDGED, bridging_drug="", bridging_class="", bridging_state=""),
        {
            ("bridging_drug", "value_missing"), ("bridging_class", "value_missing"),
            ("bridging_state", "value_missing"),
        },
    ),
    (replace(BRIDGED, bridging_class="water"), {("bridging_class", "unknown_drug_class")}),
    (replace(BRIDGED, bridging_state="planned"), {("bridging_state", "unknown_state")}),
    (replace(PREPARED, bridging_state="running"), {("bridging_state", "bridging_open")}),
    (replace(LEFT, bridging_state="running"), {("bridging_state", "bridging_open")}),
]  # fmt: skip


@pytest.mark.parametrize(("past", "expected"), REFUSED)
def test_everything_that_cannot_be_is_named_at_once(
    past: PastCourse, expected: set[tuple[str, str]]
) -> None:
    assert against(past) == expected


def test_steps_are_those_of_real_moves_in_order() -> None:
    steps = [(s.machine, s.place, s.source, s.target, s.on) for s in steps_of(FOLLOWED)]
    assert steps == [
        ("journey", 0, "", "referral", ago(130)),
        ("journey", 0, "referral", "eligibility", ago(120)),
        ("eligibility", 0, "", "enrolled", ago(120)),
        ("eligibility", 0, "enrolled", "accepted", ago(110)),
        ("journey", 0, "eligibility", "apheresis", ago(110)),
        ("apheresis", 0, "", "in_progress", ago(105)),
        ("apheresis", 0, "in_progress", "completed", ago(105)),
        ("apheresis", 0, "completed", "inadequate", ago(105)),
        ("apheresis", 1, "", "in_progress", ago(100)),
        ("apheresis", 1, "in_progress", "completed", ago(100)),
        ("apheresis", 1, "completed", "adequate", ago(100)),
        ("product", 0, "", "infused", ago(40)),
        ("journey", 0, "apheresis", "bridging", ago(100)),
        ("bridging", 0, "", "running", None),
        ("bridging", 0, "running", "closed", None),
        ("journey", 0, "bridging", "lymphodepletion", ago(45)),
        ("lymphodepletion", 0, "", "in_progress", ago(45)),
        ("lymphodepletion", 0, "in_progress", "complete", ago(43)),
        ("journey", 0, "lymphodepletion", "infusion", ago(40)),
        ("journey", 0, "infusion", "follow_up", ago(20)),
    ]


def test_a_step_of_unknown_day_keeps_the_earliest_it_can_have_been() -> None:
    closed = next(s for s in steps_of(FOLLOWED) if s.target == "closed")
    assert (closed.on, closed.not_before) == (None, ago(70))
    unknown = replace(FOLLOWED, discharged_on=None, admitted_on=None)
    assert steps_of(unknown)[-1].not_before == ago(40)


def test_an_exit_and_an_aborted_collection_and_an_open_lymphodepletion() -> None:
    assert steps_of(LEFT)[-1].source == "bridging"
    assert (steps_of(LEFT)[-1].reason, steps_of(LEFT)[-1].scope) == ("His wish", "treatment_only")
    aborted = replace(BARE, stage="apheresis", accepted_on=ago(3),
                      attempts=(PastAttempt(ago(2), "aborted"),))  # fmt: skip
    assert [s.target for s in steps_of(aborted) if s.machine == "apheresis"] == [
        "in_progress", "aborted",
    ]  # fmt: skip
    assert [s.target for s in steps_of(PREPARED) if s.machine == "lymphodepletion"] == [
        "in_progress"
    ]
    running = replace(BRIDGED, bridging_state="running")
    assert [s.target for s in steps_of(running) if s.machine == "bridging"] == ["running"]
    assert {s.target for s in steps_of(BARE)} == {"referral"}
    met = replace(BARE, stage="eligibility", enrolled_on=ago(4))
    assert [s.target for s in steps_of(met) if s.machine == "eligibility"] == ["enrolled"]


def test_what_stands_in_a_field() -> None:
    assert FOLLOWED.day("apheresis_2_on") == ago(100)
    assert FOLLOWED.value("apheresis_3_result") == ""
    assert FOLLOWED.day("stage") is None
    assert replace(FOLLOWED, stage="completed").reached is Stage.FOLLOW_UP
