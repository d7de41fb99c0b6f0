"""Corticosteroids as dexamethasone, by hand."""

import tomllib
from collections.abc import Mapping
from copy import deepcopy
from decimal import Decimal
from typing import Any

import pytest

from protocol.domain.reading import ProtocolProblem, TableReader
from tests.domain.shipped import FOLDER, shipped
from toxicity.domain.rules import ToxicityRules, read_toxicity
from toxicity.domain.steroid_doses import as_dexamethasone

EQUAL = {"dexamethasone": Decimal("0.75"), "methylprednisolone": Decimal(4)}


@pytest.mark.parametrize(
    ("given", "equal", "expected"),
    [
        ({}, EQUAL, 0),
        ({"dexamethasone": "40"}, EQUAL, 40),
        ({"dexamethasone": "40"}, {}, 40),
        ({"methylprednisolone": "80"}, EQUAL, 15),
        ({"dexamethasone": "40", "methylprednisolone": "1000"}, EQUAL, 228),  # 40 and 187.5
        ({"dexamethasone": "0.4"}, EQUAL, 0),
        ({"dexamethasone": "0.5"}, EQUAL, 1),
        # Never a part as all of it.
        ({"dexamethasone": "40", "methylprednisolone": "80"}, {}, None),
        ({"dexamethasone": "40", "other_steroid": "50"}, EQUAL, None),
        ({"dexamethasone": "40", "methylprednisolone": None}, EQUAL, None),
        ({"dexamethasone": None}, EQUAL, None),
    ],
)
def test_the_sum_is_exact_or_missing(
    given: Mapping[str, str | None], equal: Mapping[str, Decimal], expected: int | None
) -> None:
    told = {drug: None if mg is None else Decimal(mg) for drug, mg in given.items()}
    assert as_dexamethasone(told, equal) == expected


@pytest.mark.parametrize("code", ["brexucel-adult-all", "tisacel-young-all"])
def test_a_version_may_say_no_equal_doses(code: str) -> None:
    rules = ToxicityRules.of(shipped(code))
    assert {drug: mg.value for drug, mg in rules.equal_steroids.items()} == EQUAL
    assert not any(mg.confirmed for mg in rules.equal_steroids.values())
    told: dict[str, Any] = deepcopy(tomllib.loads((FOLDER / f"{code}.toml").read_text("utf-8")))
    older = {name: value for name, value in told["toxicity"].items() if name != "equal_steroids"}
    problems: list[ProtocolProblem] = []
    assert read_toxicity(TableReader(older, "", "", problems)).equal_steroids == {}
    assert problems == []
    del told["toxicity"]["equal_steroids"]["methylprednisolone"]
    read_toxicity(TableReader(told["toxicity"], "", "", problems))
    assert [one.dotted_key for one in problems] == ["equal_steroids.methylprednisolone"]
