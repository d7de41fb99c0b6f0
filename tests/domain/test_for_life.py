"""What a protocol asks for life: said by an item, or meant by an older one that says nothing."""

import pytest

from protocol.domain.reading import ProtocolProblem, TableReader
from reminders.domain.items import Schedule, read_schedule
from tests.domain.shipped import shipped
from tests.domain.test_from_last_done import stated


def read(**items: dict[str, object]) -> tuple[Schedule, list[str]]:
    tables: dict[str, object] = {}
    for code, said in items.items():
        given: dict[str, object] = {
            "role": "haematologist", "anchor": "infusion", "first_offset": "6 months",
            "window_before": 0, "window_after": 0,
            **{name: value for name, value in said.items() if name != "until"},
        }  # fmt: skip
        table: dict[str, object] = {name: stated(value) for name, value in given.items()}
        table["label"] = {"en": "x", "it": "x"}
        if until := said.get("until"):
            unit = str(until).split()[1]
            table["phases"] = [{"every": stated(f"12 {unit}"), "until": stated(until)}]
        tables[code] = table
    problems: list[ProtocolProblem] = []
    found = read_schedule(TableReader(tables, "x.toml", "schedule", problems))
    return found, [str(one) for one in problems]


def lasting(schedule: Schedule) -> list[str]:
    return [one.code for one in schedule.items if one.lasting]


@pytest.mark.parametrize("code", ["brexucel-adult-all", "tisacel-young-all"])
def test_the_shipped_protocols_ask_for_one_thing_for_life(code: str) -> None:
    assert lasting(shipped(code).section("schedule", Schedule)) == ["SECCANCER"]


def test_an_older_protocol_means_what_was_written_to_last_a_hundred_years() -> None:
    found, problems = read(
        LONG={"until": "1200 months"}, SHORT={"until": "180 months"}, ONCE={},
        DAYS={"first_offset": "6 days", "until": "1200 days"},
    )  # fmt: skip
    assert (lasting(found), problems) == (["LONG"], [])


def test_where_one_says_so_the_others_are_not_meant() -> None:
    found, problems = read(
        LONG={"until": "1200 months"}, SAID={"until": "180 months", "for_life": True}
    )
    assert (lasting(found), problems) == (["SAID"], [])


@pytest.mark.parametrize("said", [{}, {"kind": "cadence", "until": "180 months"}])
def test_it_is_refused_of_what_does_not_come_again(said: dict[str, object]) -> None:
    _found, problems = read(SAID={**said, "for_life": True})
    (problem,) = problems
    assert "schedule.SAID.for_life" in problem
    assert "is for what is dated and comes again" in problem
