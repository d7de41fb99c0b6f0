"""What is looked at before an item is done, and what hospital, ICANS and several counts change."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest

from protocol.domain.reading import ProtocolProblem, TableReader
from reminders.domain.care import Care, Doubt, Looked, doubts, last_value, not_reached, ongoing
from reminders.domain.facts import Sample, ScheduleFacts, Spell, in_both
from reminders.domain.items import Schedule, ScheduleItem, read_schedule
from reminders.domain.levels import Level
from reminders.domain.wanted import wanted
from tests.domain.shipped import shipped
from tests.domain.test_schedule import setting
from tests.domain.test_wanted import IGG, MONTHLY, ZERO, days, facts, sample, span

BOTH = ("brexucel-adult-all", "tisacel-young-all")
TODAY = ZERO + timedelta(days=90)


def shipped_item(code: str, protocol: str = BOTH[0]) -> ScheduleItem:
    return shipped(protocol).section("schedule", Schedule).item(code)


def spell(first: int, last: int, *, over: bool) -> Spell:
    return Spell(ZERO + timedelta(days=first), ZERO + timedelta(days=last), over)


def care_of(protocol: str) -> Care:
    care = shipped_item("CNS_IT", protocol).care
    assert care is not None
    return care


@pytest.mark.parametrize("protocol", BOTH)
@pytest.mark.parametrize(
    ("samples", "said"),
    [
        ([], [Doubt.NO_VALUE]),
        ([sample(95, "80")], [Doubt.NO_VALUE]),  # of a day still to come
        ([sample(90, "50")], []),
        ([sample(90, "50", ">")], []),
        ([sample(88, "51")], []),
        ([sample(90, "49")], [Doubt.TOO_LOW]),
        ([sample(90, "50", "<")], [Doubt.TOO_LOW]),
        ([sample(80, "90"), sample(90, "20")], [Doubt.TOO_LOW]),
        ([sample(90, "20", ">")], [Doubt.PERHAPS_LOW]),
        ([sample(90, "60", "<")], [Doubt.PERHAPS_LOW]),
        ([sample(90, None)], [Doubt.PERHAPS_LOW]),
        ([sample(87, "80")], [Doubt.TOO_OLD]),
        ([sample(60, "12")], [Doubt.TOO_LOW, Doubt.TOO_OLD]),
    ],
)
def test_a_puncture_asks_for_platelets_that_are_known_fresh_and_enough(
    protocol: str, samples: list[Sample], said: list[Doubt]
) -> None:
    care, known = care_of(protocol), facts("PLT", *samples)
    assert list(doubts(care, known, TODAY)) == said
    open_ = replace(known, icans=[spell(3, 9, over=True), spell(80, 82, over=False)])
    assert list(doubts(care, open_, TODAY)) == [*said, Doubt.ICANS]
    over = replace(known, icans=[spell(3, 9, over=True)])
    assert list(doubts(care, over, TODAY)) == said
    assert list(doubts(replace(care, icans=setting(False)), open_, TODAY)) == said


def test_the_last_value_is_told_with_its_age() -> None:
    known = facts("CD4", sample(30, "120"), sample(60, "230"))
    assert last_value("CD4", known, TODAY) == Looked("CD4", sample(60, "230"), 30)
    assert last_value("IGG", known, TODAY) == Looked("IGG", None)
    assert ongoing(known) is None


@pytest.mark.parametrize(
    ("value", "reached"), [(None, False), ("180", False), ("200", False), ("201", True)]
)
def test_an_end_waits_until_its_value_is_known_to_be_there(
    value: str | None, reached: bool
) -> None:
    level = Level(setting("CD4"), setting(Decimal(200)), setting(1))
    known = facts("CD4", *([] if value is None else [sample(60, value)]))
    assert [one.analyte for one in not_reached([level], known, TODAY)] == (
        [] if reached else ["CD4"]
    )


@pytest.mark.parametrize("protocol", BOTH)
def test_the_driving_ban_is_counted_from_the_last_day_of_neurotoxicity(protocol: str) -> None:
    one, none = shipped_item("DRIVE_END", protocol), ScheduleFacts()
    assert days(one, none) == [(1, 56)]
    for over in (True, False):
        late = replace(none, icans=[spell(4, 11, over=over), spell(20, 23, over=over)])
        assert days(one, late) == [(1, 56 + 23)]
    before_day_zero = replace(none, icans=[spell(-9, -2, over=True)])
    assert days(one, before_day_zero) == [(1, 56)]


@pytest.mark.parametrize("protocol", BOTH)
@pytest.mark.parametrize("code", ["VISIT_M1_3", "CBC_OUT"])
def test_in_hospital_nobody_is_asked_for_what_is_done_outside(protocol: str, code: str) -> None:
    one, none = shipped_item(code, protocol), ScheduleFacts()
    stays = [(ZERO + timedelta(days=35), ZERO + timedelta(days=49))]
    away = [day for _ordinal, day in days(one, replace(none, stays=stays))]
    assert [day for _ordinal, day in days(one, none) if day not in away] == [35, 42]
    assert 49 in away, "on the day of the discharge it is asked for again"
    marrow = shipped_item("MARROW", protocol)
    assert days(marrow, replace(none, stays=stays)) == days(marrow, none)
    inside = replace(one, outpatient=setting(False))
    assert days(inside, replace(none, stays=stays)) == days(one, none)


@pytest.mark.parametrize("protocol", BOTH)
@pytest.mark.parametrize(
    ("soon", "later"), [("VISIT_CLOSE", "VISIT_M1_3"), ("CBC_CLOSE", "CBC_OUT")]
)
@pytest.mark.parametrize("discharged", range(5, 34))
def test_no_week_passes_without_a_visit_after_a_discharge(
    protocol: str, soon: str, later: str, discharged: int
) -> None:
    home = ZERO + timedelta(days=discharged)
    known = ScheduleFacts(anchors={"infusion": (ZERO,), "discharge": (home,)}, stays=[(ZERO, home)])
    due = [
        (one.due_on - ZERO).days
        for code, anchor in ((soon, home), (later, ZERO))
        for one in wanted(shipped_item(code, protocol), anchor, known, horizon=TODAY)
    ]
    asked = sorted({discharged, *due})
    gaps = [after - before for before, after in pairwise(asked)]
    assert max(gaps) <= 7


@pytest.mark.parametrize("protocol", BOTH)
def test_counts_go_on_until_every_line_of_them_is_normal(protocol: str) -> None:
    one = shipped_item("CBC_OUT", protocol)
    fine = {"ANC": "2", "PLT": "160", "HB": "130"}

    def known(values: dict[str, str]) -> ScheduleFacts:
        return ScheduleFacts(
            {},
            {code: [sample(day, value) for day in (60, 70, 80)] for code, value in values.items()},
        )

    all_of_them = days(one, ScheduleFacts())
    assert len(days(one, known(fine))) < len(all_of_them)
    for code, low in (("ANC", "1.1"), ("PLT", "90"), ("HB", "85")):
        assert days(one, known(fine | {code: low})) == all_of_them
        assert days(one, known({name: fine[name] for name in fine if name != code})) == all_of_them


@pytest.mark.parametrize("protocol", BOTH)
def test_viral_tests_end_with_four_negative_ones_of_each_virus(protocol: str) -> None:
    one = shipped_item("INPT_VIRAL", protocol)
    clean = [Sample(ZERO + timedelta(days=day), None, negative=True) for day in (7, 14, 21, 28)]
    found = Sample(ZERO + timedelta(days=20), Decimal(900))
    every = dict.fromkeys(("CMV", "EBV", "HHV6"), clean)
    assert [day for _ordinal, day in days(one, ScheduleFacts({}, every))] == [7, 14, 21, 28]
    for code in every:
        series = every | {code: [*clean[:2], found, *clean[2:]]}
        assert days(one, ScheduleFacts({}, series)) == days(one, ScheduleFacts())


def test_stretches_count_where_both_hold() -> None:
    first, second, third, fourth = (date(2026, month, 1) for month in (1, 2, 3, 4))
    assert in_both([(first, third)], [(second, None)]) == ((second, third),)
    assert in_both([(first, None)], [(second, None)]) == ((second, None),)
    assert in_both([(first, second)], [(second, None)]) == ()
    assert in_both([(first, second), (third, None)], [(first, fourth)]) == (
        (first, second), (third, fourth),
    )  # fmt: skip


def test_a_stop_rule_of_two_levels_needs_both() -> None:
    too = Level(setting("CD4"), setting(Decimal(200)), setting(1))
    stopping = replace(MONTHLY, stop=IGG, stop_with=(too,))
    igg = {"IGG": [sample(61, "5"), sample(92, "6")]}
    assert days(stopping, ScheduleFacts({}, igg)) == days(MONTHLY, facts())
    both = igg | {"CD4": [sample(130, "250")]}
    assert [day for _o, day in days(stopping, ScheduleFacts({}, both))][-1] <= 130


def test_care_and_the_rest_are_read_from_the_protocol() -> None:
    row = {
        "label": {"en": "Puncture", "it": "Puntura"},
        "note": {"en": "Why", "it": "Perché"},
        **{
            key: {"value": value, "source": "a test", "confirmed": True}
            for key, value in {
                "role": "haematologist", "anchor": "infusion", "first_offset": "30 days",
                "window_before": 0, "window_after": 3, "outpatient": True,
                "after_icans": "7 days", "result_after": 5,
            }.items()
        },
        "care": {
            key: {"value": value, "source": "a test", "confirmed": True}
            for key, value in {
                "analyte": "PLT", "below": 50, "fresh_days": 1, "icans": True
            }.items()
        },
    }  # fmt: skip
    problems: list[ProtocolProblem] = []
    reader = TableReader({"CNS_IT": row}, "x.toml", "schedule", problems)
    one = read_schedule(reader).item("CNS_IT")
    reader.report_unread()
    assert problems == []
    assert one.care is not None
    assert one.note is not None
    assert (one.care.analyte.value, one.care.below.value) == ("PLT", Decimal(50))
    assert one.after_icans == replace(span("7 days"), source="a test")
    assert (one.result_after and one.result_after.value, one.stops) == (5, ())
