"""Every service comes to the audit: followed from function to function through the code."""

import ast
from functools import cache

import pytest

from tests.repository.sources import Source, code
from tests.repository.test_writing_rules import services

pytestmark = pytest.mark.no_cover  # reads what is written, runs nothing of it

RECORD = "audit.recording.record"


def module_of(source: Source) -> str:
    return source.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def imports_of(source: Source) -> dict[str, str]:
    """Each imported name with what it stands for."""
    return {
        alias.asname or alias.name: f"{node.module}.{alias.name}"
        for node in source.tree.body
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
    }


@cache
def callees() -> dict[str, set[str]]:
    """Each function of a module with the functions it names, called at once or handed on."""
    found: dict[str, set[str]] = {}
    for source in code():
        module, imported = module_of(source), imports_of(source)
        own = {n.name: f"{module}.{n.name}" for n in source.tree.body if hasattr(n, "name")}
        known = {**imported, **own}
        for node in source.tree.body:
            if isinstance(node, ast.FunctionDef):
                found[f"{module}.{node.name}"] = set(named(node, known))
    return found


def named(function: ast.FunctionDef, known: dict[str, str]) -> list[str]:
    names = []
    for node in ast.walk(function):
        if isinstance(node, ast.Name) and node.id in known:
            names.append(known[node.id])
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            names.append(f"{known.get(node.value.id, node.value.id)}.{node.attr}")
    return names


def comes_to(start: str, goal: str) -> bool:
    seen, fresh = {start}, [start]
    while fresh:
        for name in callees().get(fresh.pop(), set()):
            if name == goal:
                return True
            if name not in seen:
                seen.add(name)
                fresh.append(name)
    return False


def test_every_service_records_what_it_did() -> None:
    silent = [
        f"{source.at(node)} {node.name}"
        for source, node in services()
        if not comes_to(f"{module_of(source)}.{node.name}", RECORD)
    ]
    assert silent == []


def test_the_search_tells_a_silent_function_from_a_speaking_one() -> None:
    assert comes_to("pathway.transitions.advance", RECORD)
    assert not comes_to("pathway.opening.opening_refusals", RECORD)
