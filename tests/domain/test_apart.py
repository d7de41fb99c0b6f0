"""What is told apart by codes, by hand: items of the schedule, days of delay, reasons of an end."""

from typing import Any

import pytest

from exports.cohort_words import said
from exports.domain.apart import Part, parts_said
from exports.domain.counted import Counted
from exports.domain.figures import tally_of
from exports.domain.indicators import Indicator, indicators_of
from exports.domain.indicators_apart import CAUSES, parts_of, with_parts
from exports.domain.small_parts import parts_told
from exports.domain.summaries import Proportion, Total
from patients.models.people import DeathCategory
from terms.words import Bilingual
from tests.domain.test_counted import NEVER, course, day

LEAST = 5


def told(*courses: Counted) -> dict[str, Indicator]:
    tally = tally_of(courses)
    names = {"item/MARROW": Bilingual("Bone marrow", "Midollo")}
    found = with_parts(indicators_of(tally), parts_of(tally), names)
    return {one.definition.code: one for one in found}


def test_each_item_is_so_many_in_time_of_those_due() -> None:
    one = course(items=(("IGG", 2, 4), ("MARROW", 1, 3)))
    two = course(items=(("MARROW", 3, 3), ("CNS_IT", 0, 1)))
    found = told(one, two, course())
    assert found["item_timeliness_MARROW"].rate == Proportion(4, 6)
    assert found["item_timeliness_IGG"].rate == Proportion(2, 4)
    assert found["item_timeliness_CNS_IT"].rate == Proportion(0, 1)
    assert found["item_timeliness_MARROW"].name == Bilingual("Bone marrow", "Midollo")
    assert found["item_timeliness_IGG"].name == Bilingual("IGG", "IGG"), "no version names it"
    codes = list(found)
    behind = codes.index("item_timeliness")
    assert codes[behind + 1 : behind + 4] == [
        "item_timeliness_CNS_IT", "item_timeliness_IGG", "item_timeliness_MARROW",
    ]  # fmt: skip


def test_days_of_delay_are_those_that_are_over_by_reason_and_by_side() -> None:
    one = course(delays=(("INFECTION", "patient", 12, 2, 0), ("SLOT", "manufacturer", 7, 1, 0)))
    two = course(delays=(("INFECTION", "patient", 3, 1, 1), ("WISH", "patient", 0, 0, 1)))
    found = told(one, two, course())
    assert found["delay_days_patient_INFECTION"].total == Total(15, 3, 1)
    assert found["delay_days_patient_WISH"].total == Total(0, 0, 1)
    assert found["delay_days_manufacturer_SLOT"].total == Total(7, 1)
    assert found["delay_days_side_patient"].total == Total(15, 3, 2)
    assert found["delay_days_side_manufacturer"].total == Total(7, 1)
    assert found["delay_days_side_patient"].name == "The patient's side"
    assert parts_said(two)["side/patient"].courses == 1, "twice delayed, one course"


@pytest.mark.parametrize(
    ("known", "reason"),
    [
        ({"ended": True, "stage": "declined", "exit_reason": "progression"}, "progression"),
        ({"ended": True, "stage": "declined", "died_on": day(9)}, "unknown"),
        ({"ended": True, "stage": "lost"}, "lost"),
        ({"stage": "bridging", "died_on": day(9)}, "death"),
    ],
)
def test_who_left_did_so_for_one_reason(known: dict[str, Any], reason: str) -> None:
    found = told(course(**NEVER, **known), course(), course(**NEVER))
    assert found[f"attrition_reason_{reason}"].rate == Proportion(1, 2, 1), "one is under way"
    assert [code for code in found if code.startswith("attrition_reason_")] == [
        f"attrition_reason_{reason}"
    ]


def test_who_was_infused_or_is_under_way_left_for_no_reason() -> None:
    assert not parts_said(course())
    assert not parts_said(course(**NEVER))


def test_deaths_are_told_apart_by_their_recorded_cause() -> None:
    dead = [course(died_on=day(9), death_category=one) for one in ("crs", "crs", None)]
    found = told(*dead, course(), course(**NEVER, died_on=day(1), death_category="infection"))
    assert found["mortality_cause_crs"].rate == Proportion(2, 4)
    assert found["mortality_cause_unknown"].rate == Proportion(1, 4)
    assert found["mortality_cause_crs"].name == "Cytokine release syndrome"
    assert "mortality_cause_infection" not in found, "of the infused"
    codes = list(found)
    assert codes[codes.index("mortality_year") + 1] == "mortality_cause_crs"
    assert hidden(cause__crs=(9, 40, 0, 9), cause__infection=(2, 40, 0, 2)) == {
        "cause/crs", "cause/infection",
    }  # fmt: skip


def test_incidents_are_told_apart_by_category_to_the_number_of_infusions() -> None:
    twice = course(incidents=3, incident_categories=(("", 1), ("container", 2)))
    lost = course(**NEVER, incidents=1, incident_categories=(("container", 1),))
    found = told(twice, lost, *[course()] * 19)
    assert found["incidents"].rate == Proportion(4, 20)
    assert found["incidents_category_container"].rate == Proportion(3, 20)
    assert found["incidents_category_container"].name == "Bag or container damaged"
    assert found["incidents_category_unknown"].rate == Proportion(1, 20)
    assert list(found)[-2:] == ["incidents_category_container", "incidents_category_unknown"]
    assert said(found["incidents_category_container"]) == "3/20 (15.0 per 100)"
    assert said(told(twice)["incidents_category_container"]) == "2/1", "too few infusions"
    assert parts_said(twice)["incident/container"] == Part(2, 0)
    # The last one could be counted from all of them: another is kept beside it.
    assert hidden(
        incident__container=(9, 90, 0, 9), incident__other=(2, 90, 0, 2),
        incident__transport=(6, 90, 0, 6),
    ) == {"incident/other", "incident/transport"}  # fmt: skip


def test_every_cause_of_the_chart_has_its_words() -> None:
    labels = {str(one): str(one.label) for one in DeathCategory}
    assert labels == dict(CAUSES)


def hidden(**said: Any) -> set[str]:
    """The codes that are not told, `__` for a stroke."""
    parts = {code.replace("__", "/"): Part(*numbers) for code, numbers in said.items()}
    return {code for code, part in parts_told(parts, LEAST).items() if part.suppressed}


def test_few_are_not_told_nor_what_could_be_counted_from_a_whole() -> None:
    assert hidden(item__A=(30, 60, 0, 9), item__B=(20, 60, 0, 9)) == set()
    # Of few patients, however many their dates; and then another, the smallest, beside it.
    assert hidden(item__A=(30, 60, 0, 9), item__B=(20, 60, 0, 9), item__C=(9, 60, 0, 4)) == {
        "item/B", "item/C",
    }  # fmt: skip
    # The forms of registries have a whole of their own.
    assert hidden(
        item__A=(30, 60, 0, 9), item__REG1=(20, 60, 0, 9), item__REG2=(9, 60, 0, 9),
        item__REG3=(3, 60, 0, 9), item__B=(30, 60, 0, 9),
    ) == {"item/REG2", "item/REG3"}  # fmt: skip
    # Two together could still be few, and so could their rest.
    assert hidden(
        left__a=(1, 90), left__b=(1, 90), left__c=(9, 90, 0, 9), left__d=(20, 90, 0, 20)
    ) == {"left/a", "left/b", "left/c"}
    assert hidden(item__A=(59, 60, 0, 9), item__B=(60, 61, 0, 9), item__C=(20, 60, 0, 9)) == {
        "item/A", "item/B", "item/C",
    }  # fmt: skip
    assert hidden(left__a=(3, 90)) == {"left/a"}, "nothing else could be hidden"


def test_days_of_few_courses_are_not_told_nor_the_last_reason_of_a_side() -> None:
    said = {
        "side__site": (60, 20, 0, 15), "side__payer": (3, 7, 0, 7),
        "reason__site__A": (30, 9, 0, 8), "reason__site__B": (20, 8, 0, 7),
        "reason__site__C": (10, 3, 0, 3), "reason__payer__D": (3, 7, 0, 7),
    }  # fmt: skip
    assert hidden(**said) == {"reason/site/B", "reason/site/C"}
    # Two who were delayed, each for another reason, are still two; and no days tell by being none.
    two = {
        "reason__site__A": (30, 9, 0, 1), "reason__site__B": (20, 8, 0, 1),
        "reason__site__C": (10, 9, 0, 9), "reason__site__D": (50, 9, 0, 9),
    }  # fmt: skip
    assert hidden(**two) == {"reason/site/A", "reason/site/B", "reason/site/C"}
    none = {"reason__site__A": (30, 9, 0, 4), "reason__site__B": (0, 8, 0, 7)}
    assert hidden(**none) == {"reason/site/A", "reason/site/B"}
    some = {**none, "reason__site__C": (90, 8, 0, 7)}
    assert hidden(**some) == {"reason/site/A", "reason/site/C"}
    tally = tally_of([course(delays=(("SLOT", "site", 7, 1, 0),))])
    found = {
        one.definition.code: one
        for one in with_parts(indicators_of(tally), parts_told(parts_of(tally), LEAST), {})
    }
    assert found["delay_days_site_SLOT"].total == Total(None, None, 0, suppressed=True)
    tally = tally_of([course(items=(("IGG", 2, 4),))])
    told_of = with_parts(indicators_of(tally), parts_told(parts_of(tally), LEAST), {})
    (igg,) = [one for one in told_of if one.definition.code == "item_timeliness_IGG"]
    assert igg.rate == Proportion(None, 4, 0, suppressed=True)
