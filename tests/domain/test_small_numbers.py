"""Small numbers are not told, nor what they could be counted from."""

from dataclasses import replace
from fractions import Fraction

import pytest

from exports.domain.curves import DEFINITIONS, Curve
from exports.domain.incidence import DEFINITIONS as ENDS
from exports.domain.incidence import Incidence
from exports.domain.indicators import indicators_of
from exports.domain.small_numbers import (
    curve_told,
    incidence_told,
    indicators_told,
    statistics_told,
    summary_told,
)
from exports.domain.summaries import Proportion, Summary
from exports.domain.survival import Time
from exports.domain.tally import Tally

LEAST = 5
HIDDEN = Summary(None, 2, None, None, None, None, suppressed=True)


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (Summary(0, 2, 0, None, None, None), Summary(0, 2, 0, None, None, None)),
        (Summary(5, 2, 0, 9, 7, 12), Summary(5, 2, 0, 9, 7, 12)),
        (Summary(4, 2, 0, 9, 7, 12), HIDDEN),
        # Few go on: how many, and how long the longest, is not told.
        (Summary(20, 2, 3, 9, 7, 12, 15), Summary(20, 2, None, 9, 7, 12, None, suppressed=True)),
        # Few are over: their median and range would tell of them.
        (Summary(20, 2, 17, 9, 7, 12, 15), replace(HIDDEN, n=20)),
        (Summary(20, 2, 20, None, None, None, 15), Summary(20, 2, 20, None, None, None, 15)),
    ],
)
def test_of_a_statistic_nothing_is_told_that_few_patients_make(
    found: Summary, told: Summary
) -> None:
    assert summary_told(found, LEAST) == told


def rates(**said: tuple[int, int]) -> dict[str, Proportion | None]:
    """What is told of indicators of which so many of so many say yes."""
    tally = Tally({code: {1: part, 0: of - part} for code, (part, of) in said.items()})
    found = indicators_told(indicators_of(tally), LEAST)
    return {one.definition.code: one.rate for one in found if one.definition.code in said}


def test_what_lies_within_another_is_not_told_where_few_are_between() -> None:
    assert rates(crs_any=(30, 40), crs_severe=(10, 40)) == {
        "crs_any": Proportion(30, 40), "crs_severe": Proportion(10, 40),
    }  # fmt: skip
    told = rates(crs_any=(12, 40), crs_severe=(10, 40))
    assert told["crs_any"] == Proportion(12, 40)
    assert told["crs_severe"] == Proportion(None, 40, suppressed=True)
    told = rates(mortality_30=(6, 40), mortality_100=(6, 40), mortality_year=(7, 40))
    assert told["mortality_100"] == Proportion(None, 40, suppressed=True)
    assert told["mortality_30"] == Proportion(6, 40)
    told = rates(remission=(38, 40), remission_enrolled=(38, 60))
    assert told["remission_enrolled"] == Proportion(None, 60, suppressed=True)


def test_the_last_step_that_could_be_counted_is_not_told_either() -> None:
    steps = {
        "attrition_eligibility": (9, 60), "attrition_apheresis": (7, 60),
        "attrition_bridging": (3, 60), "attrition_lymphodepletion": (0, 60),
    }  # fmt: skip
    told = rates(attrition=(19, 60), **steps)
    hidden = {code for code, rate in told.items() if rate and rate.suppressed}
    assert hidden == {"attrition_bridging", "attrition_apheresis"}
    few = steps | {"attrition_apheresis": (1, 60), "attrition_bridging": (1, 60),
                   "attrition_lymphodepletion": (8, 60)}  # fmt: skip
    told = rates(attrition=(19, 60), **few)
    hidden = {code for code, rate in told.items() if rate and rate.suppressed}
    assert "attrition_lymphodepletion" in hidden, "2 of two steps are one of each"
    alone = rates(attrition=(3, 60), **{**dict.fromkeys(steps, (0, 60)),
                                        "attrition_bridging": (3, 60)})  # fmt: skip
    assert {code for code, rate in alone.items() if rate and rate.suppressed} == {
        "attrition", "attrition_bridging",
    }  # fmt: skip


def test_the_n_of_a_length_does_not_tell_a_rate_that_is_not_told() -> None:
    days = {2 * day: 6 for day in range(6)}
    tally = Tally({"crs_any": {1: 36, 0: 4}, "crs_onset_day": days, "icans_onset_day": days})
    indicators = indicators_told(indicators_of(tally), LEAST)
    lengths = {one.definition.code: one.length for one in indicators if one.length}
    assert lengths["crs_onset"] == Summary(None, 0, None, None, None, None, suppressed=True)
    assert lengths["icans_onset"] == Summary(36, 0, 0, Fraction(5, 2), 0, 5)
    tally = Tally({"icans_any": {1: 33, 0: 7}, "icans_onset_day": days})
    indicators = indicators_told(indicators_of(tally), LEAST)
    [onset] = [one.length for one in indicators if one.definition.code == "icans_onset"]
    assert onset is not None
    assert onset.n is None, "three had a late one"
    found = {"crs_onset_day": Summary(36, 0, 0, 2, 0, 5), "age_years": Summary(40, 0, 0, 60, 1, 99)}
    told = statistics_told(found, indicators_told(indicators_of(Tally(
        {"crs_any": {1: 36, 0: 4}})), LEAST), LEAST)  # fmt: skip
    assert told["crs_onset_day"].n is None
    assert told["age_years"] == found["age_years"]


def curve(*times: tuple[int, bool, int]) -> Curve:
    """A curve of so many patients at each time, with an event or without."""
    return Curve(DEFINITIONS[0], {Time(day, event): n for day, event, n in times}, 1)


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (curve(), curve()),
        (curve((9, True, 5), (50, False, 6)), curve((9, True, 5), (50, False, 6))),
        # After day 50 four are followed: they leave there.
        (
            curve((9, True, 5), (50, False, 6), (80, True, 1), (90, False, 3)),
            curve((9, True, 5), (50, False, 10)),
        ),
        (curve((9, True, 3), (50, False, 6)), replace(curve(), suppressed=True)),
        (curve((9, True, 30), (50, False, 2)), replace(curve(), suppressed=True)),
        (curve((9, True, 4)), replace(curve(), suppressed=True)),
    ],
)
def test_a_curve_ends_where_few_are_followed_and_few_events_are_no_curve(
    found: Curve, told: Curve
) -> None:
    assert curve_told(found, LEAST) == told


def test_an_incidence_is_told_of_enough_only() -> None:
    def incidence(relapses: int, deaths: int) -> Incidence:
        times = {Time(9, True): relapses + deaths, Time(50, False): 20}
        of = {Time(9, True): relapses, Time(9, False): deaths, Time(50, False): 20}
        return Incidence(ENDS[0], times, of, 0)

    assert incidence_told(incidence(6, 7), LEAST) == incidence(6, 7)
    assert incidence_told(incidence(6, 0), LEAST) == incidence(6, 0)
    for few in (incidence(6, 3), incidence(3, 6)):
        assert incidence_told(few, LEAST) == Incidence(ENDS[0], {}, {}, 0, suppressed=True)
