"""Lines of a file of laboratory values: what is read, and what is refused rather than guessed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patients.domain.result_rows import (
    ALIASES,
    COLUMNS,
    NEEDED,
    ResultLine,
    accepted_unit,
    plain_name,
    read_line,
)
from terms.sheets import Line

CELLS = {"course": "C-1", "analyte": "CRP", "date": "2026-11-12", "value": "5", "unit": "mg/L"}


def line(**cells: str) -> ResultLine:
    return read_line(Line(2, {**CELLS, **cells}))


def faults(**cells: str) -> set[tuple[str, str]]:
    return {(fault.field, fault.code) for fault in line(**cells).faults}


def test_the_columns_that_are_needed_and_their_other_names_are_columns() -> None:
    assert set(NEEDED) <= set(COLUMNS)
    assert set(ALIASES.values()) <= set(COLUMNS)
    assert not set(ALIASES) & set(COLUMNS)


@pytest.mark.parametrize(
    ("date", "time", "expected"),
    [
        ("2026-11-12", "", ("2026-11-12", "")),
        ("12-Nov-2026", "8:05", ("2026-11-12", "08:05")),
        ("12/11/2026", "08.05", ("2026-11-12", "08:05")),
        ("12/11/2026 08:05", "", ("2026-11-12", "08:05")),
        ("2026-11-12T23:59:59", "", ("2026-11-12", "23:59")),
        ("12 nov 2026 00:00", "", ("2026-11-12", "00:00")),
    ],
)
def test_days_and_times(date: str, time: str, expected: tuple[str, str]) -> None:
    read = line(date=date, time=time)
    assert ((read.on, read.time), read.faults) == (expected, ())


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"date": "11/25/2026"}, {("date", "no_such_month")}),
        ({"date": "12/11/26"}, {("date", "not_a_date")}),
        ({"date": "2026-11"}, {("date", "day_needed")}),
        ({"date": "31/04/2026"}, {("date", "no_such_day")}),
        ({"date": ""}, {("date", "required")}),
        ({"date": "2026-11-12 08:30", "time": "08:31"}, {("date", "not_a_date")}),
        ({"time": "24:00"}, {("time", "not_a_time")}),
        ({"time": "08:60"}, {("time", "not_a_time")}),
        ({"time": "=1+1"}, {("time", "not_a_time")}),
        ({"value": "1.234"}, {("value", "ambiguous")}),
        ({"value": "=1+1"}, {("value", "not_a_number")}),
        ({"value": "-5"}, {("value", "sign")}),
        ({"value": "<"}, {("value", "blank")}),
        ({"value": ""}, {("value", "required")}),
        ({"conflict": "maybe"}, {("conflict", "unknown_choice")}),
        ({"course": "", "analyte": ""}, {("course", "required"), ("analyte", "required")}),
        (
            {"course": "", "date": "soon", "time": "late", "value": "high"},
            {
                ("course", "required"),
                ("date", "not_a_date"),
                ("time", "not_a_time"),
                ("value", "not_a_number"),
            },
        ),
    ],
)
def test_every_fault_of_a_line_is_named_at_once(
    cells: dict[str, str], expected: set[tuple[str, str]]
) -> None:
    assert faults(**cells) == expected


@pytest.mark.parametrize("value", ["0,5", "0.5", "<5", "> 500", "< 0,1"])
def test_values_are_kept_as_they_are_written(value: str) -> None:
    assert (line(value=value).value, faults(value=value)) == (value, set())


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"value": "Positivo"}, ("", "positive")),
        ({"value": "neg"}, ("", "negative")),
        ({"value": "120", "answer": "POS"}, ("120", "positive")),
        ({"value": "", "answer": "Negativa"}, ("", "negative")),
        ({"value": "", "answer": "perhaps"}, ("", "perhaps")),
    ],
)
def test_answers(cells: dict[str, str], expected: tuple[str, str]) -> None:
    read = line(**cells)
    assert ((read.value, read.answer), read.faults) == (expected, ())


@pytest.mark.parametrize(
    ("written", "expected"), [("ADD", "add"), ("salta", "skip"), ("", ""), ("x", "")]
)
def test_choices(written: str, expected: str) -> None:
    assert line(conflict=written).conflict == expected


def test_missing_cells_are_empty() -> None:
    read = read_line(Line(7, {}))
    assert (read.number, len(read.faults)) == (7, 4)


@pytest.mark.parametrize(
    ("accepted", "written", "expected"),
    [
        (("10*9/L", "/uL"), "10*9/L", "10*9/L"),
        (("10*9/L", "/uL"), "×10⁹/L", "10*9/L"),
        (("10*9/L", "/uL"), "x10^9/l", "10*9/L"),
        (("10*9/L", "/uL"), "10E9/L", "10*9/L"),
        (("10*9/L", "/uL"), "/mmc", "/uL"),
        (("10*9/L", "/uL"), "cells/µL", "/uL"),
        (("10*9/L", "10*3/uL"), "10^3/mm^3", "10*3/uL"),
        (("ug/L", "ng/mL"), "μg/l", "ug/L"),
        (("[IU]/mL", "{copies}/mL"), "UI/mL", "[IU]/mL"),
        (("[IU]/mL", "{copies}/mL"), "copie/ml", "{copies}/mL"),
        (("mg/L",), "MG/L", "MG/L"),
        (("mg/L",), "g/L", "g/L"),
        (("mg/L",), "", ""),
    ],
)
def test_units_are_the_same_or_left_as_written(
    accepted: tuple[str, ...], written: str, expected: str
) -> None:
    assert accepted_unit(accepted, written) == expected


def test_names_are_compared_without_capitals_and_spaces() -> None:
    assert plain_name("  Proteina  C\nReattiva ") == "proteina c reattiva"


@given(st.dictionaries(st.sampled_from(COLUMNS), st.text(max_size=40)))
def test_any_cells_are_read_or_refused(cells: dict[str, str]) -> None:
    read = read_line(Line(2, cells))
    assert {fault.field for fault in read.faults} <= set(COLUMNS)
