"""The cells a product should hold by weight: bands, the cap, the faults of the section."""

from decimal import Decimal
from typing import Any

import pytest

from pathway.domain.cell_dose import CellDose, read_cell_dose
from protocol.domain.reading import ProtocolProblem, TableReader


def setting(value: object) -> dict[str, object]:
    return {"value": value, "source": "test", "confirmed": False}


def band(counted: str, least: float, most: float, **ends: float) -> dict[str, object]:
    given = {"counted": counted, "least": least, "most": most, **ends}
    return {key: setting(value) for key, value in given.items()}


def read(**data: Any) -> tuple[CellDose, list[str]]:
    problems: list[ProtocolProblem] = []
    reader = TableReader(data, "file.toml", "cell_dose", problems)
    dose = read_cell_dose(reader)
    reader.report_unread()
    return dose, [f"{problem.dotted_key}: {problem.message}" for problem in problems]


CAPPED = {"most_in_all": setting(100), "bands": [band("per_kg", 0.8, 1.2)]}
BY_WEIGHT = {"bands": [band("per_kg", 0.2, 5, up_to_kg=50), band("in_all", 10, 250)]}


@pytest.mark.parametrize(
    ("section", "weight", "expected"),
    [
        (CAPPED, "70", ("56.0", "84.0")),
        (CAPPED, "100", ("80.0", "100")),
        (CAPPED, "150", ("100", "100")),
        (BY_WEIGHT, "12.5", ("2.5", "62.5")),
        (BY_WEIGHT, "50", ("10", "250")),
        (BY_WEIGHT, "50.1", ("10", "250")),
    ],
)
def test_the_dose_follows_the_weight(
    section: dict[str, Any], weight: str, expected: tuple[str, str]
) -> None:
    dose, problems = read(**section)
    assert problems == []
    assert dose.expected(Decimal(weight)) == tuple(Decimal(one) for one in expected)


@pytest.mark.parametrize(
    ("section", "problem"),
    [
        ({}, "cell_dose.bands: is missing"),
        ({"bands": [band("per_kg", 2, 1)]}, "cell_dose.bands[0].most: must not be below least"),
        (
            {"bands": [band("per_kg", 1, 2), band("in_all", 1, 2)]},
            "cell_dose.bands[0].up_to_kg: is missing",
        ),
        (
            {"bands": [band("in_all", 1, 2, up_to_kg=50)]},
            "cell_dose.bands[0].up_to_kg: is not a known key",
        ),
        (
            {
                "bands": [
                    band("in_all", 1, 2, up_to_kg=50),
                    band("in_all", 1, 2, up_to_kg=50),
                    band("in_all", 1, 2),
                ]
            },
            "cell_dose.bands[1].up_to_kg: must be heavier than the band before",
        ),
    ],
)
def test_a_weight_without_a_dose_is_a_fault(section: dict[str, Any], problem: str) -> None:
    _, problems = read(**section)
    assert problem in problems
