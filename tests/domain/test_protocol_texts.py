"""The protocol's own words for pages: both languages, known places only, nothing where none."""

import tomllib
from pathlib import Path

import pytest

from pathway.domain.companions import COMPANIONS
from pathway.domain.spine import SPINE
from pathway.domain.texts import PLACES, Texts, read_texts
from protocol.domain.reading import ProtocolProblem, TableReader
from terms.words import Bilingual

FILES = sorted((Path(__file__).parents[2] / "protocols").glob("*.toml"))


def read(data: dict[str, object]) -> tuple[Texts, list[str]]:
    problems: list[ProtocolProblem] = []
    reader = TableReader(data, "file.toml", "texts", problems)
    texts = read_texts(reader)
    reader.report_unread()
    return texts, [str(problem) for problem in problems]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_shipped_protocol_has_a_text_for_every_place(file: Path) -> None:
    texts, problems = read(tomllib.loads(file.read_text(encoding="utf-8"))["texts"])
    assert problems == []
    assert set(texts.by_place) == set(PLACES)


def test_a_text_stands_above_its_moves_and_nowhere_else() -> None:
    texts, problems = read({"infusion": {"en": "Look.", "it": "Guardare."}})
    assert problems == []
    assert texts.above("journey", "infusion") == Bilingual("Look.", "Guardare.")
    assert texts.above("journey", "lymphodepletion") is None


def test_an_unknown_place_and_a_missing_language_are_faults() -> None:
    _, problems = read({"infusion": {"en": "Look."}, "breakfast": {"en": "x", "it": "x"}})
    assert problems == [
        "file.toml: texts.infusion.it: is missing",
        "file.toml: texts.breakfast: is not a known key",
    ]


def test_every_place_is_a_move_that_there_is() -> None:
    machines = {machine.name: machine for machine in (SPINE, *COMPANIONS.values())}
    for moves in PLACES.values():
        for name, target in moves:
            assert target in {move.target.value for move in machines[name].moves}
