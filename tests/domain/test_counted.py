"""What follows from what is known of a course, and the statistics and indicators of many."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest

from exports.domain import indicator_words
from exports.domain.counted import Counted, Toxic, between, in_months, whole_months
from exports.domain.figures import tally_of
from exports.domain.indicators import ANSWERS, indicators_of
from exports.domain.small_numbers import indicators_told
from exports.domain.statistics import STATISTICS, statistics_of
from exports.domain.summaries import MISSING, Proportion, Summary, Value
from exports.domain.survival import Time

ZERO = date(2026, 3, 1)


def day(number: int) -> date:
    return ZERO + timedelta(days=number)


def course(**known: Any) -> Counted:
    """A course infused on day 0, today being day 400, of which only `known` is known."""
    given: dict[str, Any] = {
        "course_id": 1, "code": "NIG-0001", "patient": "NIG-0001", "product": "a product",
        "protocol_id": 1, "stage": "follow_up", "left_stage": "infusion", "exit_reason": "",
        "referred_on": day(-60), "closed_on": None, "today": day(400), "ended": False, "age": 60,
        "infused_on": ZERO, "counting_ends": 60,
    }  # fmt: skip
    return Counted(**given | known)


NEVER = {"infused_on": None}


def test_many_are_made_the_quick_way_and_are_the_same() -> None:
    one = course(enrolled_on=day(-50))
    assert Counted.of(vars(one)) == one
    required = {
        name: value for name, value in vars(one).items() if getattr(Counted, name, one) != value
    }
    assert Counted.of({**required, "toxic": {}}) == one


@pytest.mark.parametrize(
    ("days", "months"),
    [(0, 0), (15, 0), (16, 1), (30, 1), (153, 5), (181, 6), (304, 10), (334, 11), (487, 16)],
)
def test_months_are_the_nearest_whole_ones(days: int, months: int) -> None:
    assert whole_months(days) == months
    assert in_months(Value(days, True)) == Value(months, True)
    assert in_months(MISSING) == MISSING
    assert in_months(None) is None


def test_days_between_dates_need_both_in_order() -> None:
    assert between(day(0), day(12)) == Value(12)
    assert between(None, day(1)) == between(day(1), None) == between(day(2), day(1)) == MISSING


@pytest.mark.parametrize(
    ("toxic", "onset", "duration", "any_grade", "severe"),
    [
        (Toxic(), MISSING, MISSING, None, None),
        (Toxic(0), None, None, False, False),
        (Toxic(1, 3, 4, early_grade=1), Value(3), Value(4), True, False),
        (Toxic(3, 0, 7, ongoing=True, early_grade=3), Value(0), Value(7, True), True, True),
        (Toxic(4, 45, 2), Value(45), Value(2), False, False),  # began after day 30
    ],
)
def test_what_episodes_give_to_the_statistics(
    toxic: Toxic,
    onset: Value | None,
    duration: Value | None,
    any_grade: bool | None,
    severe: bool | None,
) -> None:
    assert (toxic.onset, toxic.duration) == (onset, duration)
    assert (toxic.reached(1), toxic.reached(3)) == (any_grade, severe)
    assert course(toxic={"crs": toxic}).of_scale("crs") == toxic
    assert course().of_scale("crs") == Toxic()


@pytest.mark.parametrize(
    ("known", "cell", "expected"),
    [
        ({}, "diagnosis", None),
        ({"disease": "B-ALL", "ph_status": "positive"}, "diagnosis", "B-ALL, Ph+"),
        ({"disease": "B-ALL", "ph_status": "negative"}, "diagnosis", "B-ALL, Ph-"),
        ({"disease": "B-ALL", "ph_status": ""}, "diagnosis", "B-ALL"),
        ({}, "allo_hsct", None),
        ({"allo_item": "none"}, "allo_hsct", "none"),
        ({"allo_item": "far_enough"}, "allo_hsct", None),
        ({"allo_before": True, "allo_told": "2022 MUD"}, "allo_hsct", "2022 MUD"),
        ({"allo_before": True, "allo_told": "", "allo_item": "none"}, "allo_hsct", "yes"),
        ({}, "bridging", None),
        ({"unbridged": True}, "bridging", "none"),
        ({"bridging_drugs": "a drug", "unbridged": True}, "bridging", "a drug"),
        ({}, "days_to_apheresis", MISSING),
        (NEVER, "days_to_apheresis", None),
        ({"collected_on": day(-40)}, "days_to_apheresis", MISSING),
        ({"collected_on": day(-40), "enrolled_on": day(-50)}, "days_to_apheresis", Value(10)),
        ({}, "stay", MISSING),
        (NEVER, "stay", None),
        ({"stay_days": 20}, "stay", Value(20)),
        ({"stay_days": 20, "in_hospital": True}, "stay", Value(20, True)),
        (NEVER, "neutropenia", None),
        ({}, "neutropenia", MISSING),
        ({"neutropenic_days": 9}, "neutropenia", Value(9)),
        ({"neutropenic_days": 0}, "neutropenia", Value(0)),
        ({"neutropenic_days": 9, "unknown_before": 8}, "neutropenia", MISSING),
        ({"neutropenic_days": 9, "unknown_after": 8}, "neutropenia", MISSING),
        ({"neutropenic_days": 9, "counts_unread": True}, "neutropenia", MISSING),
        (
            {"neutropenic_days": 9, "unknown_after": 8, "today": day(30)},
            "neutropenia", Value(9, True),
        ),
        ({"neutropenic_days": 9, "today": day(60)}, "neutropenia", Value(9)),
        ({"neutropenic_days": 9, "today": day(30), "died_on": day(20)}, "neutropenia", Value(9)),
        (NEVER, "aplasia", None),
        ({}, "aplasia", MISSING),
        ({"aplasia_seen": 90, "aplasia_unclear": True}, "aplasia", MISSING),
        ({"aplasia_seen": 90}, "aplasia", None),  # B cells never went
        ({"aplasia_seen": 334, "aplasia_start": 31}, "aplasia", Value(334, True)),
        ({"aplasia_seen": 364, "aplasia_start": 31, "aplasia_end": 153}, "aplasia", Value(153)),
        (NEVER, "follow_up", None),
        ({"seen_on": day(364)}, "follow_up", Value(12)),
        ({"seen_on": day(-20)}, "follow_up", Value(0)),
        ({}, "follow_up", Value(0)),
        (NEVER, "overall", None),
        ({"seen_on": day(364)}, "overall", Time(364, event=False)),
        ({"seen_on": day(364), "died_on": day(200)}, "overall", Time(200, event=True)),
        (NEVER, "event_free", None),
        ({"relapse_unclear": True}, "event_free", None),
        ({"seen_on": day(300)}, "event_free", Time(300, event=False)),
        ({"seen_on": day(300), "relapsed_on": day(90)}, "event_free", Time(90, event=True)),
        ({"died_on": day(300)}, "event_free", Time(300, event=True)),
    ],
)  # fmt: skip
def test_cells_and_times(known: Mapping[str, Any], cell: str, expected: object) -> None:
    assert getattr(course(**known), cell) == expected


@pytest.mark.parametrize(
    ("codes", "known", "limit", "expected"),
    [
        ("mortality", {"seen_on": day(99)}, 100, None),
        ("mortality", {"seen_on": day(100)}, 100, False),
        ("mortality", {"died_on": day(100)}, 100, True),
        ("mortality", {"died_on": day(101)}, 100, False),
        # Before the day has come neither the dead count nor whoever was seen.
        ("mortality", {"died_on": day(9), "today": day(99)}, 100, None),
        ("mortality", {"died_on": day(9), "today": day(100)}, 100, True),
        ("bacteraemia", {"bacteraemia_day": 3, "today": day(29)}, 30, None),
        ("bacteraemia", {"bacteraemia_day": 3, "today": day(30)}, 30, True),
        ("bacteraemia", {"died_on": day(9)}, 30, False),
        ("virus", {"virus_day": 99, "died_on": day(99)}, 100, True),
    ],
)
def test_what_came_by_a_day_is_told_once_the_day_has_come(
    codes: str, known: Mapping[str, Any], limit: int, expected: bool | None
) -> None:
    found = ANSWERS[f"{codes}_{limit}"].answer(course(**known))
    assert found is expected


@pytest.mark.parametrize("grade", [0, 2])
def test_a_toxicity_counts_once_its_thirty_days_are_over(grade: int) -> None:
    toxic = {"crs": Toxic(grade, early_grade=grade)}
    assert rates(course(toxic=toxic, today=day(29)))["crs_any"] == Proportion(0, 0, 1)
    assert rates(course(toxic=toxic, today=day(30)))["crs_any"] == Proportion(grade // 2, 1)


@pytest.mark.parametrize(
    ("known", "last"),
    [
        ({}, None),
        ({"next_over": day(410)}, day(410)),
        ({"in_hospital": True}, day(400)),
        ({"counting_ends": 0}, day(400)),  # nobody could read for how long to count
        ({"today": day(99)}, day(99)),  # holds until the day before day 100
        ({"today": day(70)}, day(99)),
        ({"today": day(70), "next_over": day(80)}, day(80)),
        ({"today": day(100)}, day(364)),
        ({"today": day(9), "died_on": day(5)}, day(29)),
        ({**NEVER}, None),
    ],
)
def test_what_was_counted_holds_until_a_day_changes_it(
    known: Mapping[str, Any], last: date | None
) -> None:
    assert course(**known).holds_until == last


def test_every_statistic_is_counted_and_defined() -> None:
    assert list(STATISTICS) == [
        "enrolment_to_apheresis_days", "hospital_stay_days", "neutropenia_days", "crs_onset_day",
        "crs_duration_days", "icans_onset_day", "icans_duration_days", "b_cell_aplasia_months",
        "follow_up_months", "age_years",
    ]  # fmt: skip
    assert all(one.text and one.label and one.unit for one in STATISTICS.values())
    crs = {"crs": Toxic(1, 3, 4, early_grade=1)}
    found = statistics_of(tally_of([course(toxic=crs), course(), course(**NEVER, age=30)]))
    assert found["crs_onset_day"] == Summary(1, 1, 0, 3, 3, 3)
    assert found["icans_duration_days"] == Summary(0, 2, 0, None, None, None)
    assert found["age_years"] == Summary(3, 0, 0, 60, 30, 60)
    assert found["b_cell_aplasia_months"].missing == 2


def rates(*courses: Counted, least: int = 0) -> dict[str, Proportion | None]:
    found = indicators_told(indicators_of(tally_of(courses)), least)
    return {one.definition.code: one.rate for one in found}


@pytest.mark.parametrize(
    ("code", "known", "expected"),
    [
        ("attrition", {}, (0, 1, 0)),
        ("attrition", NEVER, (0, 0, 1)),
        ("attrition", {**NEVER, "ended": True}, (1, 1, 0)),
        ("attrition", {**NEVER, "died_on": day(1)}, (1, 1, 0)),
        ("delay_burden", {"holds": 2}, (1, 1, 0)),
        ("reapheresis", {}, (0, 0, 0)),
        ("reapheresis", {"attempts_ended": 1}, (0, 1, 0)),
        ("reapheresis", {"attempts_ended": 2}, (1, 1, 0)),
        ("apheresis_success", {"attempts_ended": 2, "attempts_adequate": 1}, (1, 2, 0)),
        ("manufacturing_failure", {"products_ordered": 2, "products_failed": 1}, (1, 2, 0)),
        ("wastage", {}, (0, 0, 0)),
        ("wastage", {"products_received": 3, "products_wasted": 1}, (1, 3, 0)),
        ("out_of_specification", {"products_controlled": 2, "products_oos": 1}, (1, 2, 0)),
        ("thaw_in_time", {}, (0, 0, 1)),
        ("thaw_in_time", {"thaw_minutes": 30, "thaw_limit": 30}, (1, 1, 0)),
        ("thaw_in_time", {"thaw_minutes": 31, "thaw_limit": 30}, (0, 1, 0)),
        ("thaw_in_time", {"thaw_minutes": -3, "thaw_limit": 30}, (0, 0, 1)),
        ("bedside_check", {}, (0, 1, 0)),
        ("bedside_check", {"bedside_checked": True}, (1, 1, 0)),
        ("bedside_check", {"transcribed_on": day(9)}, (0, 0, 1)),
        ("attrition_bridging", {}, (0, 1, 0)),
        (
            "attrition_bridging",
            {**NEVER, "ended": True, "stage": "lost", "left_stage": "bridging"}, (1, 1, 0),
        ),
        (
            "attrition_bridging",
            {**NEVER, "ended": True, "stage": "lost", "left_stage": "apheresis"}, (0, 1, 0),
        ),
        (
            "attrition_apheresis",
            {**NEVER, "died_on": day(1), "stage": "apheresis"}, (1, 1, 0),
        ),
        ("attrition_bridging", {**NEVER, "stage": "bridging"}, (0, 0, 1)),
        ("corrected_late", {"corrected_late": True}, (0, 0, 0)),
        ("corrected_late", {"corrected_late": True, "closed_on": day(99)}, (1, 1, 0)),
        ("incidents", {"incidents": 2}, (2, 1, 0)),
        # Nothing of six cells of Table 1 and of seven of Table 2.
        ("data_quality", {}, (0, 13, 0)),
        ("data_quality", {**NEVER, "disease": "B-ALL", "risk": "high"}, (2, 6, 0)),
        (
            "data_quality",
            {"collected_on": day(-40), "enrolled_on": day(-50), "unbridged": True, "ecog": 0,
             "aplasia_seen": 90, "stay_days": 20}, (6, 15, 0),
        ),
        ("infusion_cancelled", {"depletion_complete": True}, (0, 1, 0)),
        ("infusion_cancelled", {**NEVER, "depletion_complete": True, "ended": True}, (1, 1, 0)),
        ("infusion_cancelled", {**NEVER, "depletion_complete": True}, (0, 0, 0)),
        (
            "infusion_cancelled",
            {**NEVER, "depletion_complete": True, "died_on": day(1)}, (1, 1, 0),
        ),
        ("depletion_in_window", {}, (0, 0, 1)),
        (
            "depletion_in_window",
            {"last_depletion_on": day(-2), "depletion_window": (2, 14)}, (1, 1, 0),
        ),
        (
            "depletion_in_window",
            {"last_depletion_on": day(-1), "depletion_window": (2, 14)}, (0, 1, 0),
        ),
        ("depletion_in_window", {"last_depletion_on": day(-1)}, (0, 0, 1)),
        ("crs_any", {}, (0, 0, 1)),
        ("crs_any", {"toxic": {"crs": Toxic(2, 1, 3, early_grade=2)}}, (1, 1, 0)),
        ("icans_severe", {"toxic": {"icans": Toxic(0)}}, (0, 1, 0)),
        ("icaht_severe", {}, (0, 0, 1)),
        ("icaht_severe", {"icaht_severe": False}, (0, 1, 0)),
        ("tocilizumab", {"tocilizumab_doses": 2}, (1, 1, 0)),
        ("steroids", {}, (0, 1, 0)),
        ("intensive_care", {}, (0, 0, 1)),
        ("readmission", {"discharged_on": day(14), "readmitted": True}, (1, 1, 0)),
        ("readmission", {"discharged_on": day(14)}, (0, 0, 1)),
        ("readmission", {"discharged_on": day(14), "readmitted": False}, (0, 0, 1)),
        (
            "readmission",
            {"discharged_on": day(14), "readmitted": False, "seen_on": day(30)}, (0, 1, 0),
        ),
        (
            "readmission",
            {"discharged_on": day(14), "readmitted": True, "today": day(29)}, (0, 0, 1),
        ),
        ("readmission", {"discharged_on": day(14), "in_hospital": True}, (0, 0, 1)),
        ("bacteraemia_30", {}, (0, 0, 1)),
        ("bacteraemia_30", {"seen_on": day(30)}, (0, 1, 0)),
        ("bacteraemia_30", {"bacteraemia_day": 9}, (1, 1, 0)),
        ("bacteraemia_30", {"blood_unclear_day": 9, "seen_on": day(30)}, (0, 0, 1)),
        ("bacteraemia_30", {"blood_unclear_day": 31, "seen_on": day(30)}, (0, 1, 0)),
        ("bacteraemia_30", {"blood_unclear_day": 9, "bacteraemia_day": 12}, (1, 1, 0)),
        ("virus_30", {"virus_day": 31, "seen_on": day(20)}, (0, 1, 0)),
        ("virus_30", NEVER, (0, 0, 0)),
        ("mortality_year", {"died_on": day(365)}, (1, 1, 0)),
        ("remission", {"remission": True}, (1, 1, 0)),
        ("remission_enrolled", {"remission": True}, (1, 1, 0)),
        ("remission_enrolled", {"remission": False}, (0, 1, 0)),
        ("remission_enrolled", {}, (0, 0, 1)),
        ("remission_enrolled", NEVER, (0, 0, 1)),
        ("remission_enrolled", {**NEVER, "ended": True}, (0, 1, 0)),
        ("mrd_negative", {}, (0, 0, 1)),
        ("low_immunoglobulin", {}, (0, 0, 1)),
        ("low_immunoglobulin", {"igg_low": False}, (0, 1, 0)),
        ("low_immunoglobulin", {"immunoglobulin": True, "igg_low": False}, (1, 1, 0)),
        ("consolidation", {"remission": True}, (0, 1, 0)),
        ("consolidation", {"remission": True, "allo_after": True}, (0, 0, 1)),
        (
            "consolidation",
            {"remission": True, "allo_after": True, "allo_consolidating": True}, (1, 1, 0),
        ),
        ("cd19_negative_relapse", {"relapsed_on": day(9), "relapse_cd19": "negative"}, (1, 1, 0)),
        ("cd19_negative_relapse", {"relapsed_on": day(9), "relapse_cd19": "dim"}, (0, 1, 0)),
        ("cd19_negative_relapse", {"relapsed_on": day(9)}, (0, 0, 1)),
        ("follow_up_completeness", {"registry_due": 3, "registry_timely": 2}, (2, 3, 0)),
    ],
)  # fmt: skip
def test_a_rate_is_so_many_of_so_many(
    code: str, known: Mapping[str, Any], expected: tuple[int, int, int]
) -> None:
    assert rates(course(**known))[code] == Proportion(*expected)


def test_small_numbers_are_kept_where_the_reader_sees_codes() -> None:
    told = rates(course(holds=1, items_due=40, items_timely=30), course(), least=5)
    assert told["delay_burden"] == Proportion(None, 2, suppressed=True)
    assert told["item_timeliness"] == Proportion(30, 40)


def test_lengths_among_the_indicators() -> None:
    known = {
        "enrolled_on": day(-50), "collected_on": day(-40), "last_collected_on": day(-38),
        "accepted_on": day(-45), "discharged_on": day(14), "stay_days": 20, "neutropenic_days": 9,
        "toxic": {"crs": Toxic(1, 3, 4), "icans": Toxic(2, 5, 2)}, "product_released": True,
        "material_on": day(-37), "material_arrived_on": day(-35), "product_released_on": day(-20),
        "thaw_minutes": 12, "latency_hours": 5, "tocilizumab_doses": 2, "dexamethasone": True,
        "dexamethasone_mg": 120, "steroids": True, "steroids_mg": 135,
    }  # fmt: skip
    found = indicators_of(tally_of([course(**known), course(**NEVER)]))
    lengths = {
        one.definition.code: one.length.median for one in found if one.length and one.length.n
    }
    assert lengths == {
        "referral_to_enrolment": 10, "enrolment_to_apheresis": 10, "decision_to_infusion": 45,
        "door_to_door": 74, "vein_to_vein": 37, "manufacturing_turnaround": 15,
        "thaw_to_infusion": 12, "tocilizumab_latency": 5, "tocilizumab_doses": 2,
        "dexamethasone_dose": 120, "steroid_dose": 135, "crs_onset": 3, "crs_duration": 4,
        "icans_onset": 5, "icans_duration": 2, "length_of_stay": 20, "neutropenia": 9,
    }  # fmt: skip


def test_every_indicator_says_how_it_is_counted() -> None:
    codes = [one.code for one in indicator_words.DEFINITIONS]
    assert len(set(codes)) == len(codes)
    assert all(one.label and one.text for one in indicator_words.DEFINITIONS)
