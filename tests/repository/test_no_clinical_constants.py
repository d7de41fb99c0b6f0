"""No product, age, dose or day of a regimen stands in code: they are data of the protocols."""

import ast
import re
import tomllib
from collections.abc import Iterator

import pytest

from tests.repository.sources import ROOT, Source, python

pytestmark = pytest.mark.no_cover  # reads what is written, runs nothing of it

APPS = ("desk", "exports", "pathway", "patients", "protocol", "reminders", "toxicity")
# Where a number could gate or time something; elsewhere 25 may well be the rows of a page.
GATING = ("pathway/", "patients/domain/", "reminders/domain/", "protocol/domain/")
# A page of samples, shown in the demo only.
SAMPLES = {"desk/components_page.py"}
_PROTOCOLS = [
    tomllib.loads(file.read_text(encoding="utf-8"))
    for file in sorted((ROOT / "protocols").glob("*.toml"))
]
_PRODUCTS = re.compile(
    "|".join(
        sorted(
            {"tecartus", "kymriah", "brexu", "tisa-?cel", "tisagen"}
            | {protocol["meta"]["product"].split()[0] for protocol in _PROTOCOLS}
        )
    ),
    re.IGNORECASE,
)


def sources() -> list[Source]:
    return [source for source in python(*APPS) if source.path not in SAMPLES]


def _docstrings(source: Source) -> set[ast.AST]:
    """What explains, and so may name an example."""
    found: set[ast.AST] = set()
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0]
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                found.add(first.value)
    return found


def texts(source: Source) -> Iterator[ast.Constant]:
    """The texts that the code works with."""
    explained = _docstrings(source)
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in explained:
            yield node


def numbers(source: Source) -> Iterator[tuple[ast.expr, int]]:
    """The whole numbers that the code compares with or keeps under a name, with their sign."""
    for node in ast.walk(source.tree):
        kept: list[ast.expr] = []
        if isinstance(node, ast.Compare):
            kept = [node.left, *node.comparators]
        elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            kept = [node.value]
        for one in kept:
            for part in one.elts if isinstance(one, ast.Tuple | ast.List) else [one]:
                try:
                    value = ast.literal_eval(part)
                except (ValueError, TypeError):
                    continue
                if type(value) is int:
                    yield part, value


def gated() -> set[int]:
    """Ages, doses and days of the regimens of every shipped protocol.

    Small positive numbers would be met by chance; negative ones are day numbers.
    """
    found: set[int] = set()
    for protocol in _PROTOCOLS:
        for key, age in protocol["eligibility"].items():
            if key.endswith("_age"):
                found.add(age["value"])
        for drug in protocol["lymphodepletion"].values():
            found.add(drug["dose_mg_per_m2"]["value"])
            found.update(drug["days"]["value"])
    return {number for number in found if number > 9 or number < -1}


def test_the_numbers_looked_for_are_those_of_both_protocols() -> None:
    assert {26, 25, 30, 900, 500, -4, -6} <= gated()


@pytest.mark.parametrize("source", sources(), ids=lambda source: source.path)
def test_no_product_and_no_number_of_a_protocol_stands_in_code(source: Source) -> None:
    named = [source.at(text) for text in texts(source) if _PRODUCTS.search(str(text.value))]
    assert not named, f"a product is named at {named}"
    if source.path.startswith(GATING):
        forbidden = gated()
        counted = [source.at(node) for node, value in numbers(source) if value in forbidden]
        assert not counted, f"a number of a protocol is written at {counted}"
