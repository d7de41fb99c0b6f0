"""Every dependency has its reason beside it, is used, and is asked for where it is used.

What the lock files pin is looked at in test_lock_files.py.
"""

import ast
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from importlib.metadata import packages_distributions

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.repository.sources import APPS, CODE, ROOT, Source, code, python

pytestmark = pytest.mark.no_cover  # reads what is written, runs nothing of it

TEXT = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
PROJECT = tomllib.loads(TEXT)
RUNTIME = PROJECT["project"]["dependencies"]
DEVELOPMENT = PROJECT["dependency-groups"]["dev"]
OURS = {*CODE, *APPS, "tests", "conftest"}
# Comes with what we ask for and is part of its interface.
PART_OF: dict[str, str] = {"kombu": "celery", "redis": "celery", "structlog": "django-structlog"}


def names(requirements: Iterable[str]) -> set[str]:
    return {canonicalize_name(Requirement(requirement).name) for requirement in requirements}


def imported(sources: Iterable[Source]) -> dict[str, str]:
    """Each foreign top module with one place that imports it."""
    found: dict[str, str] = {}
    for source in sources:
        for node in at_run_time(source.tree):
            modules: list[str] = []
            if isinstance(node, ast.Import):
                modules = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and not node.level:
                modules = [node.module or ""]
            for module in modules:
                found.setdefault(module.split(".")[0], source.path)
    return {
        module: place
        for module, place in found.items()
        if module not in OURS and module not in sys.stdlib_module_names
    }


def at_run_time(tree: ast.AST) -> Iterator[ast.AST]:
    """Every node but those below `if TYPE_CHECKING`."""
    for node in ast.iter_child_nodes(tree):
        if not (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"):
            yield node
            yield from at_run_time(node)


def unasked(found: dict[str, str], asked: set[str]) -> list[str]:
    """Imported modules that belong to no package asked for."""
    packages = packages_distributions()
    wrong = []
    for module, place in found.items():
        owners = {str(canonicalize_name(owner)) for owner in packages.get(module, ())}
        owners |= {PART_OF[owner] for owner in owners if owner in PART_OF}
        if not owners & asked:
            wrong.append(f"{module} in {place}")
    return wrong


def test_every_dependency_has_its_reason_beside_it() -> None:
    lines = [line for line in TEXT.splitlines() if re.match(r'^    "[A-Za-z]', line)]
    asked = [line for line in lines if re.search(r'[<>=]=?\d[^"]*"', line)]
    assert len(asked) == len(RUNTIME) + len(DEVELOPMENT)
    assert [line for line in asked if not re.search(r"#\s+\S+\s+\S+", line)] == []


def test_there_are_at_most_thirty_dependencies_in_use() -> None:
    assert len(RUNTIME) <= 30


def test_no_dependency_is_asked_for_twice() -> None:
    every = [canonicalize_name(Requirement(r).name) for r in (*RUNTIME, *DEVELOPMENT)]
    assert len(every) == len(set(every))


def test_application_imports_only_what_it_asks_for() -> None:
    application = [source for source in code() if source.app != "bench"]
    assert unasked(imported(application), names(RUNTIME)) == []


def test_tests_import_only_what_is_asked_for() -> None:
    asked = names(RUNTIME) | names(DEVELOPMENT)
    # packaging comes with pytest; the tests about requirements read them as installers do.
    assert unasked(imported(python("tests", "bench")), asked | {"packaging"}) == []
