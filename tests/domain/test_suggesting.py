"""What a protocol suggests for bridging, and milligrams from a surface that is known or not."""

from decimal import Decimal

import pytest

from pathway.domain.amounts import milligrams
from pathway.domain.suggesting import SUGGESTIONS, BridgingRules, read_bridging
from protocol.domain.reading import ProtocolProblem, TableReader


def test_a_protocol_may_suggest_nothing() -> None:
    problems: list[ProtocolProblem] = []
    assert read_bridging(TableReader({}, "f", "bridging", problems)) == BridgingRules(None, None)
    read_bridging(TableReader({"suggestion": {}}, "f", "bridging", problems))
    assert problems


def test_every_finding_has_its_sentence_and_only_a_positive_one_a_drug() -> None:
    assert set(SUGGESTIONS) == {"positive", "dim", "negative", ""}
    assert [code for code, text in SUGGESTIONS.items() if "%(drug)s" in text] == ["positive"]


@pytest.mark.parametrize(
    ("per_m2", "metres", "mg"),
    [
        (Decimal(25), Decimal("1.73"), Decimal("43.3")),
        (Decimal(25), None, None),
        (None, Decimal("1.73"), None),
    ],
)
def test_milligrams(per_m2: Decimal | None, metres: Decimal | None, mg: Decimal | None) -> None:
    assert milligrams(per_m2, metres) == mg
