"""What an item asks for by its kind: conditions, stop rules, periods, triggers, a death."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from protocol.domain.reading import Setting
from reminders.domain.facts import (
    CONDITIONS,
    Sample,
    ScheduleFacts,
    Spell,
    recoveries,
    runs_below,
)
from reminders.domain.items import Bound, Kind, Low, Schedule, ScheduleItem, Trigger, read_span
from reminders.domain.levels import Level
from reminders.domain.wanted import Step, label_in, label_of_date, on_death, step_of, unsure, wanted
from tests.domain.shipped import shipped
from tests.domain.test_schedule import item, setting

ZERO = date(2026, 3, 4)
FAR = ZERO + timedelta(days=800)
IGG = Level(setting("IGG"), setting(Decimal(4)), setting(2))
MONTHLY = item("30 days", ("1 month", "12 months"))


def span(text: str) -> Setting[Any]:
    return setting(read_span(text))


def sample(day: int, value: str | None, comparator: str = "") -> Sample:
    """A value so many days after the anchor."""
    number = None if value is None else Decimal(value)
    return Sample(ZERO + timedelta(days=day), number, comparator)


def facts(analyte: str = "IGG", *samples: Sample, **conditions: bool | None) -> ScheduleFacts:
    return ScheduleFacts(conditions, {analyte: samples})


def days(one: ScheduleItem, known: ScheduleFacts, horizon: date = FAR) -> list[tuple[int, int]]:
    """Ordinal and day of everything wanted."""
    found = wanted(one, ZERO, known, horizon=horizon)
    return [(due.ordinal, (due.due_on - ZERO).days) for due in found]


@pytest.mark.parametrize(
    ("value", "comparator", "above", "below"),
    [
        ("4.1", "", True, False),
        ("4", "", False, False),
        ("3.9", "", False, True),
        ("4", "<", False, True),
        ("5", "<", False, False),
        ("3", "<", False, True),
        ("4", ">", True, False),
        ("3", ">", False, False),
        (None, "", False, False),
    ],
)
def test_a_limit_says_only_what_is_certain(
    value: str | None, comparator: str, above: bool, below: bool
) -> None:
    one = sample(1, value, comparator)
    assert (one.above(Decimal(4)), one.below(Decimal(4))) == (above, below)


@pytest.mark.parametrize(
    ("values", "apart", "stretches"),
    [
        ((), 1, []),
        (("5",), 1, []),
        (("5", "6"), 1, [(2, None)]),
        (("3", "5", "6", "7"), 1, [(3, None)]),
        (("5", "6", "3"), 1, [(2, 3)]),
        (("5", None, "6"), 1, []),
        (("5", "6", "3", "5", "6"), 1, [(2, 3), (5, None)]),
        (("5", "6"), 2, []),
        (("5", "6", "7"), 2, [(3, None)]),
        (("5", "3", "5", "6"), 2, []),
        (("5", "6", "7", None, "5"), 2, [(3, 4)]),
    ],
)
def test_a_value_has_recovered_while_as_many_in_a_row_are_above(
    values: tuple[str | None, ...], apart: int, stretches: list[tuple[int, int | None]]
) -> None:
    samples = [sample(number, value) for number, value in enumerate(values, start=1)]
    found = recoveries(samples, IGG.fine, 2, lambda on: on + timedelta(days=apart))
    assert [
        ((began - ZERO).days, None if ended is None else (ended - ZERO).days)
        for began, ended in found
    ] == stretches


def test_two_samples_of_one_day_count_once_and_the_last_one_stands() -> None:
    known = facts("IGG", sample(40, "5"), sample(40, "6"), sample(50, "3"), sample(50, "7"))
    assert [one.value for one in known.since("IGG", ZERO)] == [Decimal(6), Decimal(7)]
    assert known.since("IGG", ZERO + timedelta(days=41)) == (sample(50, "7"),)
    assert known.since("ANC", ZERO) == ()


def test_an_item_that_depends_on_something_is_wanted_until_that_is_known_not_to_be() -> None:
    only = replace(MONTHLY, only_if=setting("ph_positive"))
    assert days(only, facts(ph_positive=False)) == []
    for known, doubtful in ((facts(ph_positive=True), False), (facts(), True)):
        assert days(only, known) == days(MONTHLY, facts())
        assert unsure(only, known) is doubtful
    assert not unsure(MONTHLY, facts())


def test_a_date_says_what_there_is_to_do_and_what_nobody_recorded() -> None:
    assert label_of_date(MONTHLY, 3, doubtful=False) == MONTHLY.label
    assert label_of_date(MONTHLY, 3, doubtful=True) == MONTHLY.label
    doubted = label_of_date(replace(MONTHLY, only_if=setting("ph_positive")), 1, doubtful=True)
    assert doubted.en == "Marrow (if Philadelphia positive: not recorded)"
    period = replace(MONTHLY, kind=Kind.PERIOD)
    assert label_of_date(period, 1, doubtful=False).it == "Midollo: iniziare"
    assert label_of_date(period, 2, doubtful=False).en == "Marrow: may it end?"


def test_a_reminder_is_called_by_its_item_the_words_of_who_asked_or_both() -> None:
    schedule = Schedule((MONTHLY,))
    told = {
        (code, words): label_in(schedule, code, 1, doubtful=False, words=words).it
        for code in ("MARROW", "TASK", "GONE")
        for words in ("", "chiamare")
    }
    assert told == {
        ("MARROW", ""): "Midollo", ("MARROW", "chiamare"): "Midollo: chiamare",
        ("TASK", ""): "Compito", ("TASK", "chiamare"): "chiamare",
        ("GONE", ""): "GONE", ("GONE", "chiamare"): "GONE",
    }  # fmt: skip


def test_a_stop_rule_ends_what_comes_after_it_and_keeps_what_was_due() -> None:
    stopping = replace(MONTHLY, stop=IGG)
    all_of_them = days(MONTHLY, facts())
    assert days(stopping, facts("IGG", sample(61, "5"))) == all_of_them
    reached = facts("IGG", sample(61, "5"), sample(92, "6"))
    assert days(stopping, reached) == [one for one in all_of_them if one[1] <= 92]
    fallen = facts("IGG", sample(61, "5"), sample(92, "6"), sample(120, "3"))
    assert days(stopping, fallen) == all_of_them
    before_day_zero = facts("IGG", sample(-9, "5"), sample(-2, "6"))
    assert days(stopping, before_day_zero) == all_of_them


def test_a_late_fall_brings_back_only_what_is_due_from_then_on() -> None:
    stopping = replace(MONTHLY, stop=IGG)
    known = facts("IGG", sample(61, "5"), sample(92, "6"), sample(275, "3"))
    found = [day for _ordinal, day in days(stopping, known)]
    assert found == [day for _ordinal, day in days(MONTHLY, facts()) if day <= 92 or day >= 275]
    again = facts("IGG", *known.series["IGG"], sample(300, "5"), sample(310, "6"))
    assert [day for _ordinal, day in days(stopping, again)][-2:] == [91, 305]
    thinned = replace(stopping, then_every=span("3 months"))
    assert [day for _ordinal, day in days(thinned, known)][3:6] == [183, 274, 305]


COUNTS = {"CBC_OUT": ("ANC", "2"), "IGG": ("IGG", "5"), "BCELL": ("CD19", "150"),
          "CD4": ("CD4", "300"), "FERRITIN_OUT": ("FERRITIN", "300")}  # fmt: skip


@pytest.mark.parametrize("protocol", ["brexucel-adult-all", "tisacel-young-all"])
@pytest.mark.parametrize("code", COUNTS)
def test_counts_in_hospital_end_none_of_the_later_ones(protocol: str, code: str) -> None:
    one = shipped(protocol).section("schedule", Schedule).item(code)
    analyte, good = COUNTS[code]
    one = replace(one, stop_with=())
    all_of_them = days(one, facts())
    start = (one.first_offset.value.count) - one.window_before.value
    early = [sample(day, good) for day in range(-5, start)]
    daily = [sample(day, good) for day in range(start, start + 6)]
    assert days(one, facts(analyte, *early, *daily)) == all_of_them
    apart = [sample(start + 21 * number, good) for number in range(3)]
    fewer = days(one, facts(analyte, *apart))
    assert len(fewer) < len(all_of_them)
    if code == "CBC_OUT":
        assert fewer == [due for due in all_of_them if due[1] <= 98]


def test_after_a_stop_rule_dates_may_go_on_further_apart() -> None:
    thinned = replace(MONTHLY, stop=IGG, then_every=span("3 months"))
    found = days(thinned, facts("IGG", sample(61, "5"), sample(92, "6")))
    early = [one for one in days(MONTHLY, facts()) if one[1] <= 92]
    assert found[: len(early)] == early
    later = found[len(early) :]
    assert [ordinal for ordinal, _day in later] == [6, 9, 12]


def test_a_value_may_have_to_fall_below_a_line_as_well() -> None:
    ferritin = replace(IGG, above=None, below=setting(Decimal(500)))
    falling = replace(MONTHLY, stop=replace(ferritin, analyte=setting("FERRITIN")))
    high = facts("FERRITIN", sample(61, "400"), sample(92, "500", ">"))
    assert days(falling, high) == days(MONTHLY, facts())
    low = facts("FERRITIN", sample(61, "400"), sample(92, "500", "<"))
    assert [day for _ordinal, day in days(falling, low)] == [30, 60, 91]
    between = replace(IGG, below=setting(Decimal(6)))
    assert [between.fine(sample(1, value)) for value in ("4", "5", "6")] == [False, True, False]


def test_another_anchor_may_end_an_item() -> None:
    bound = Bound(setting("relapse"), span("10 days"))
    ending = replace(MONTHLY, not_after=(bound,))
    all_of_them = days(MONTHLY, facts())
    assert days(ending, facts()) == all_of_them
    relapsed = ZERO + timedelta(days=81)
    for on in ((relapsed,), (relapsed + timedelta(days=90), relapsed)):
        known = replace(facts(), anchors={"relapse": on})
        assert days(ending, known) == [one for one in all_of_them if one[1] <= 91]
    never = Bound(setting("discharge"), span("0 days"))
    known = replace(facts(), anchors={"relapse": (relapsed,)})
    assert days(replace(ending, not_after=(never, bound)), known) == days(ending, known)


def test_what_is_done_again_begins_its_dates_anew() -> None:
    again = replace(facts(), anchors={"lymphodepletion": (ZERO, ZERO + timedelta(days=61))})
    of_cells = replace(MONTHLY, anchor=setting("lymphodepletion"))
    assert [day for _ordinal, day in days(of_cells, again)] == [30, 60]
    assert days(MONTHLY, again) == days(MONTHLY, facts())
    relapses = replace(MONTHLY, anchor=setting("relapse"))
    known = replace(facts(), anchors={"relapse": (ZERO, ZERO + timedelta(days=61))})
    assert days(relapses, known) == days(MONTHLY, facts())


def test_irregular_offsets_are_dates_of_their_own() -> None:
    one = replace(item("7 days"), further=(span("14 days"), span("28 days"), span("365 days")))
    assert days(one, facts()) == [(1, 7), (2, 14), (3, 28), (4, 365)]


@pytest.mark.parametrize(
    ("samples", "ends"),
    [
        ((), [365, 396, 426]),  # nobody measured it: it is looked at until the horizon
        (((300, "250"),), [365]),
        (((300, "150"), (380, "250")), [365, 396]),
        (((300, "250"), (340, "150")), [365, 396, 426]),
    ],
)
def test_a_period_ends_when_its_time_is_over_and_its_value_is_reached(
    samples: tuple[tuple[int, str], ...], ends: list[int]
) -> None:
    aciclovir = replace(
        item("0 days"),
        kind=Kind.PERIOD,
        ends=span("12 months"),
        review=span("1 month"),
        stop=Level(setting("CD4"), setting(Decimal(200)), setting(1)),
    )
    known = facts("CD4", *(sample(day, value) for day, value in samples))
    found = days(aciclovir, known, ZERO + timedelta(days=430))
    assert found == [(1, 0), *enumerate(ends, start=2)]
    steps = [step_of(aciclovir, ordinal) for ordinal, _day in found[:3]]
    assert steps[:2] == [Step.BEGIN, Step.END]


def test_a_period_without_a_value_ends_with_its_time() -> None:
    entecavir = replace(item("-7 days"), kind=Kind.PERIOD, ends=span("12 months"))
    assert days(entecavir, facts()) == [(1, -7), (2, 365)]
    assert days(entecavir, facts(), ZERO - timedelta(days=8)) == []


def test_a_period_may_end_by_another_anchor() -> None:
    blood = replace(
        item("-7 days"), kind=Kind.PERIOD, ends=span("90 days"), ends_from=setting("infusion")
    )
    assert days(blood, facts()) == [(1, -7)]
    known = replace(facts(), anchors={"infusion": (ZERO + timedelta(days=40),)})
    assert days(blood, known) == [(1, -7), (2, 130)]


ANTIBIOTIC = replace(
    item("0 days"),
    kind=Kind.TRIGGERED,
    trigger=Trigger.LOW,
    low=Low(setting("ANC"), setting(Decimal("0.5"))),
    stop=Level(setting("ANC"), setting(Decimal("0.5")), setting(2)),
)


def steps(one: ScheduleItem, known: ScheduleFacts) -> list[tuple[str, int]]:
    """Step and day of everything wanted."""
    return [(step_of(one, ordinal).value, day) for ordinal, day in days(one, known)]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, []),
        ({1: "0.9"}, []),
        ({-3: "0.1", 1: "0.9"}, []),
        ({3: "0.4"}, [("begin", 3)]),
        ({3: "0.4", 5: "0.6"}, [("begin", 3)]),
        ({3: "0.4", 5: "0.6", 6: "0.7"}, [("begin", 3), ("end", 6)]),
        ({3: "0.4", 5: "0.6", 6: "0.3", 7: "0.7"}, [("begin", 3)]),
        (
            {3: "0.4", 5: "0.6", 6: "0.7", 20: "0.2"},
            [("begin", 3), ("end", 6), ("begin", 20)],
        ),
        ({20: "0.2"}, [("begin", 20)]),
    ],
)
def test_a_low_value_begins_and_its_recovery_may_end(
    values: dict[int, str], expected: list[tuple[str, int]]
) -> None:
    known = facts("ANC", *(sample(day, value) for day, value in values.items()))
    assert steps(ANTIBIOTIC, known) == expected
    assert [step_of(ANTIBIOTIC, ordinal) for ordinal in (1, 2, 3)] == [
        Step.BEGIN, Step.END, Step.BEGIN,
    ]  # fmt: skip


def test_a_trigger_without_an_end_comes_once_and_none_beyond_the_horizon() -> None:
    once = replace(ANTIBIOTIC, stop=None)
    known = facts("ANC", *(sample(day, value) for day, value in ((3, "0.4"), (5, "2"), (9, "0.1"))))
    assert steps(once, known) == [("do", 3)]
    assert days(once, known, ZERO) == []


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({0: "0.1"}, [("begin", 2)]),
        ({0: "0.1", 1: "0.9"}, [("begin", 2)]),
        ({0: "0.1", 1: "0.9", 2: "0.9"}, [("begin", 2), ("end", 2)]),
        ({-1: "0.1", 0: "0.3", 1: "0.9", 3: "0.9"}, [("begin", 2), ("end", 3)]),
        ({4: "0.1"}, [("begin", 4)]),
    ],
)
def test_a_triggered_item_does_not_begin_before_its_day(
    values: dict[int, str], expected: list[tuple[str, int]]
) -> None:
    later = replace(ANTIBIOTIC, earliest=span("2 days"))
    known = facts("ANC", *(sample(day, value) for day, value in values.items()))
    assert steps(later, known) == expected
    over = facts("ANC", sample(0, "0.1"), sample(1, "0.9"), sample(2, "0.8"), sample(9, "0.2"))
    assert steps(replace(later, earliest=span("3 days")), over) == [("begin", 9)]


@pytest.mark.parametrize("protocol", ["brexucel-adult-all", "tisacel-young-all"])
def test_immunoglobulins_are_not_decided_on_before_day_30(protocol: str) -> None:
    one = shipped(protocol).section("schedule", Schedule).item("HYPO_IVIG")
    found = days(one, facts("IGG", sample(3, "2.5")), ZERO + timedelta(days=40))
    assert [day for _ordinal, day in found] == [30]


def test_a_low_value_is_asked_about_again_while_it_stays_low() -> None:
    one = shipped().section("schedule", Schedule).item("HYPO_IVIG")
    low = (sample(35, "2.5"), sample(90, "3"))
    found = days(one, facts("IGG", *low), ZERO + timedelta(days=130))
    assert [day for _ordinal, day in found] == [35, 65, 96, 126]
    assert {step_of(one, ordinal) for ordinal, _day in found} == {Step.DO}
    over = (*low, sample(100, "5"), sample(121, "5"), sample(200, "2"))
    ended = days(one, facts("IGG", *over), ZERO + timedelta(days=235))
    assert [day for _ordinal, day in ended] == [35, 65, 96, 121, 200, 230]
    assert ended[:3] == found[:3]
    assert step_of(one, ended[3][0]) is Step.END


def test_what_is_asked_for_by_hand_never_comes_by_itself() -> None:
    by_hand = replace(ANTIBIOTIC, trigger=Trigger.HAND, low=None, stop=None)
    assert days(by_hand, facts("ANC", sample(3, "0.4"))) == []
    assert on_death(by_hand, ZERO) is None


def test_a_death_asks_for_its_own_items_alone() -> None:
    report = replace(ANTIBIOTIC, trigger=Trigger.DEATH, low=None, stop=None)
    assert days(report, facts("ANC", sample(3, "0.4"))) == []
    due = on_death(report, ZERO)
    assert due is not None
    assert (due.ordinal, due.due_on) == (1, ZERO)
    assert on_death(MONTHLY, ZERO) is None


def test_a_cadence_is_never_a_row() -> None:
    assert days(replace(MONTHLY, kind=Kind.CADENCE), facts()) == []


SHIPPED = shipped().section("schedule", Schedule).items


def test_what_comes_often_is_minor_and_the_disease_never_is() -> None:
    minor = {one.code for one in SHIPPED if one.minor}
    assert {"VISIT_CLOSE", "CBC_OUT", "IRAE"} <= minor
    assert not minor & {"MARROW", "CNS_IT", "PET30", "SECCANCER", "REG_DEATH", "ANTIVIRAL"}


@pytest.mark.parametrize("code", ["brexucel-adult-all", "tisacel-young-all"])
@pytest.mark.parametrize(
    ("item_code", "answers"),
    [
        ("IMG90", ("pet_ct", "ct")),
        ("PET30", ("pet_ct",)),
        ("MARROW", ("marrow",)),
        ("CNS_IT", ("intrathecal",)),
    ],
)
def test_an_image_answers_by_which_examination_it_was(
    code: str, item_code: str, answers: tuple[str, ...]
) -> None:
    asked = shipped(code).section("schedule", Schedule).item(item_code).answered_by
    assert asked is not None
    assert asked.value == answers


SERIES = st.dictionaries(
    st.sampled_from(["ANC", "CD19", "CD4", "IGG"]),
    st.lists(
        st.builds(
            sample,
            st.integers(-20, 500),
            st.sampled_from([None, "0.1", "0.6", "3", "5", "150", "400"]),
            st.sampled_from(["", "<", ">"]),
        ),
        max_size=6,
    ),
)
DAYS = st.integers(-20, 500).map(lambda day: ZERO + timedelta(days=day))
KNOWN = st.builds(
    ScheduleFacts,
    st.dictionaries(st.sampled_from(CONDITIONS), st.sampled_from([True, False, None])),
    SERIES,
    stays=st.lists(st.tuples(DAYS, DAYS).map(lambda ends: (min(ends), max(ends))), max_size=3),
    icans=st.lists(
        st.builds(
            lambda ends, over: Spell(min(ends), max(ends), over),
            st.tuples(DAYS, DAYS),
            st.booleans(),
        ),
        max_size=2,
    ),
)


@given(st.sampled_from(SHIPPED), KNOWN)
def test_the_shipped_items_name_every_date_once_and_in_order(
    one: ScheduleItem, known: ScheduleFacts
) -> None:
    found = wanted(one, ZERO, known, horizon=FAR)
    assert found == wanted(one, ZERO, known, horizon=FAR)
    ordinals = [due.ordinal for due in found]
    assert ordinals == sorted(set(ordinals))
    assert all(due.window_start <= due.due_on <= due.window_end <= date.max for due in found)
    assert [due.due_on for due in found] == sorted(due.due_on for due in found)
    bare = wanted(one, ZERO, ScheduleFacts(), horizon=FAR)
    if one.after_icans is not None:  # neurotoxicity moves dates later
        assert [due.due_on for due in found] >= [due.due_on for due in bare]
    elif one.kind is Kind.DATED:  # all other facts only take dates away
        assert set(found) <= set(bare)


@given(st.sampled_from([one for one in SHIPPED if one.kind is Kind.DATED]), st.integers(0, 400))
def test_a_growing_horizon_only_appends(one: ScheduleItem, ahead: int) -> None:
    near = wanted(one, ZERO, ScheduleFacts(), horizon=ZERO + timedelta(days=ahead))
    assert wanted(one, ZERO, ScheduleFacts(), horizon=FAR)[: len(near)] == near


ANY_DAY = st.dates(date(2020, 1, 1), date(2032, 12, 31))


@given(st.sampled_from(SHIPPED), ANY_DAY, ANY_DAY)
def test_a_moved_anchor_keeps_every_ordinal_and_moves_every_date(
    one: ScheduleItem, before: date, after: date
) -> None:
    """Leap days, ends of months and changes of the clocks included: dates are plain dates."""
    assume(before != after and one.stop is None and one.ends_from is None)
    at = [wanted(one, on, ScheduleFacts(), horizon=date(2150, 1, 1)) for on in (before, after)]
    pairs = list(zip(*at, strict=True))
    assert all(first.ordinal == second.ordinal for first, second in pairs)
    later = after > before
    # Two ends of a month may be clamped to one day: nothing ever moves the other way.
    assert all(
        (second.due_on >= first.due_on) if later else (second.due_on <= first.due_on)
        for first, second in pairs
    )
    if abs((after - before).days) > 3:
        assert all(first.due_on != second.due_on for first, second in pairs)


def test_fifteen_years_expand() -> None:
    yearly = item("12 months", ("12 months", "180 months"))
    found = wanted(yearly, ZERO, ScheduleFacts(), horizon=date(2099, 1, 1))
    assert [due.due_on for due in found] == [date(2026 + year, 3, 4) for year in range(1, 16)]
    last = {
        due.item_code: due.due_on
        for one in SHIPPED
        for due in wanted(one, ZERO, ScheduleFacts(), horizon=date(2041, 3, 4))
    }
    assert last["MARROW"] == date(2028, 3, 4)
    assert last["CNS_IT"] <= date(2027, 3, 4)
    assert last["IGG"] == date(2041, 3, 4)
    assert last["REG_Y"] == last["VISIT_LT"] == last["TOX_LT"] == date(2041, 3, 4)
    assert last["VACC_FLU"] == date(2040, 6, 4)
    for_life = next(one for one in SHIPPED if one.code == "SECCANCER")
    screened = wanted(for_life, ZERO, ScheduleFacts(), horizon=date(2100, 1, 1))
    assert screened[-1].due_on == date(2099, 9, 4)


TRIGGERED = [one for one in SHIPPED if one.kind is Kind.TRIGGERED and one.low is not None]


@given(st.sampled_from(TRIGGERED), KNOWN, KNOWN, st.integers(-3, 3))
def test_what_a_value_triggers_is_never_named_like_another_date(
    one: ScheduleItem, before: ScheduleFacts, after: ScheduleFacts, moved: int
) -> None:
    """Corrected values and a moved anchor included: what was done is done of that date only."""
    free = replace(one, earliest=None)
    found = [
        due
        for known, anchor in ((before, ZERO), (after, ZERO + timedelta(days=moved)))
        for due in wanted(free, anchor, known, horizon=FAR)
    ]
    assert len({(due.ordinal, due.due_on) for due in found}) == len({due.ordinal for due in found})
    assert all(0 < due.ordinal < 2**15 for due in found)


@given(st.dates(date(1950, 1, 1), date(2120, 1, 1)))
def test_every_day_has_a_number_that_the_database_can_hold(on: date) -> None:
    known = ScheduleFacts({}, {"ANC": [Sample(on, Decimal("0.1"))]})
    [due] = wanted(ANTIBIOTIC, on, known, horizon=on)
    assert (due.due_on, step_of(ANTIBIOTIC, due.ordinal)) == (on, Step.BEGIN)
    assert 0 < due.ordinal < 2**15


@given(st.lists(st.tuples(st.integers(0, 60), st.sampled_from(["0.1", "0.6", None]))))
def test_runs_follow_one_another(found: list[tuple[int, str | None]]) -> None:
    samples = ScheduleFacts({}, {"ANC": [sample(*one) for one in found]}).since("ANC", ZERO)
    runs = runs_below(samples, Decimal("0.5"), Decimal("0.5"), 2)
    marks = [on for run in runs for on in run if on is not None]
    assert marks == sorted(set(marks))
    assert all(ended is not None for _began, ended in runs[:-1])
