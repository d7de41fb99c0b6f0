"""The glossary names every stage and state, in the words that the pages use."""

import re
from collections.abc import Iterator

import pytest

from config.messages import ROOT, catalogue_path, read_catalogue
from pathway.domain.companions import COMPANIONS
from pathway.domain.spine import SPINE

ROW = re.compile(r"^\| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
HEADING = re.compile(r"^### (.+) \((.+)\)$", re.MULTILINE)
GLOSSARY = (ROOT / "docs" / "glossary.md").read_text()
ITALIAN = {
    message.id: message.string
    for message in read_catalogue(catalogue_path(ROOT, "it"))
    if not message.context
}


def sections() -> Iterator[tuple[str, str]]:
    """The label of each machine with the text of its part of the glossary."""
    yield SPINE.label, GLOSSARY.split("## Stages\n")[1].split("\n## ")[0]
    for machine in COMPANIONS.values():
        yield machine.label, GLOSSARY.split(f"### {machine.label} (")[1].split("\n### ")[0]


def test_every_stage_and_state_stands_in_the_order_of_its_table() -> None:
    tables = dict(sections())
    for machine in (SPINE, *COMPANIONS.values()):
        words = [row[0] for row in ROW.findall(tables[machine.label])][1:]
        assert words == [machine.labels[state] for state in machine.states], machine.name


def test_stages_and_states_have_the_italian_of_the_pages() -> None:
    rows = [row for _label, table in sections() for row in ROW.findall(table)[1:]]
    assert {row[0]: row[1] for row in rows} == {row[0]: ITALIAN[row[0]] for row in rows}
    headings = [(name, italian) for name, italian in HEADING.findall(GLOSSARY)]
    assert headings == [
        (machine.label, str(ITALIAN[machine.label]).lower()) for machine in COMPANIONS.values()
    ]


@pytest.mark.parametrize("word", ["course", "journey", "stage", "move", "hold", "anchor", "notice"])
def test_words_of_the_design_are_explained(word: str) -> None:
    assert any(row[0] == word for row in ROW.findall(GLOSSARY))
