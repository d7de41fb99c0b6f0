"""Pages made from the code are as the code would make them now."""

import inspect
import re
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from config.demo_data.comparing import expected, published
from pathway.domain import (
    bridging_guards,
    collection_guards,
    dose_guards,
    guards,
    identity_guards,
    loss_guards,
    product_guards,
    release_guards,
    review_guards,
    thaw_guards,
)
from pathway.domain.drawing import MACHINES, AnyMachine, diagram, guard_name, guard_rules

RULES = {
    name: rule
    for module in (
        guards,
        bridging_guards,
        collection_guards,
        dose_guards,
        product_guards,
        release_guards,
        identity_guards,
        loss_guards,
        review_guards,
        thaw_guards,
    )
    for name, rule in guard_rules(inspect.getsource(module)).items()
}


PAGES = {
    "draw_pathway": "pathway.md",
    "draw_case_series": "case-series.md",
    "draw_dictionary": "data-dictionary.md",
}


@pytest.mark.parametrize("command", PAGES)
def test_a_page_made_from_code_or_data_is_fresh(command: str) -> None:
    call_command(command, "--check")


@pytest.mark.parametrize(("command", "page"), PAGES.items())
def test_stale_page_is_found_and_drawn_anew(
    command: str, page: str, tmp_path: Path, settings: Settings
) -> None:
    settings.BASE_DIR = tmp_path
    (tmp_path / "docs").mkdir()
    with pytest.raises(CommandError, match="stale"):
        call_command(command, "--check")
    (tmp_path / "docs" / page).write_text("# As it was\n")
    with pytest.raises(CommandError, match="stale"):
        call_command(command, "--check")
    call_command(command)
    call_command(command, "--check")


def test_each_difference_from_the_case_series_is_one_and_names_cells_that_are_there() -> None:
    for one in published()["differences"]:
        for cell in one["cells"]:
            found: Any = published()
            for name in cell.split("."):
                found = found[name]
            assert str(found) == one["printed"], cell
            assert str(one["ours"]) != one["printed"], cell
            assert expected(cell, found) == one["ours"]


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.name)
def test_diagram_knows_every_state_and_draws_only_moves_of_the_table(machine: AnyMachine) -> None:
    drawn = diagram(machine)
    known = set(re.findall(r'^    state ".+" as (\w+)$', drawn, re.M))
    assert known == {state.value for state in machine.states}
    edges = re.findall(r"^    (\w+) --> (\w+)", drawn, re.M)
    forward = [move for move in machine.moves if move.source not in machine.ends]
    assert edges == [(move.source.value, move.target.value) for move in forward]


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.name)
def test_every_guard_in_a_table_is_documented_with_its_refusals(machine: AnyMachine) -> None:
    names = {guard_name(guard).split("(")[0] for move in machine.moves for guard in move.guards}
    assert [name for name in names if name not in RULES] == []
    assert [name for name in names if not (RULES[name].summary and RULES[name].refusals)] == []
