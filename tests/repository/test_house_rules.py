"""Rules of the house that a linter does not know: sizes, names, forbidden means, templates."""

import ast
import re
import tomllib
from pathlib import Path

import pytest

from tests.repository.sources import CODE, ROOT, code, files, functions, python, short

pytestmark = pytest.mark.no_cover  # reads what is written, runs nothing of it

TEMPLATES = tuple(sorted((ROOT / "templates").rglob("*.html")))
VAGUE = {"utils", "util", "helpers", "helper", "common", "misc", "base"}
# Each with the reason that a reader of the message needs.
FORBIDDEN_NAMES = {
    "receiver": "consequences are one list in config/wiring.py, no signals",
    "post_save": "consequences are one list in config/wiring.py, no signals",
    "pre_save": "consequences are one list in config/wiring.py, no signals",
    "GenericForeignKey": "a row says to what it belongs by a key of its own",
    "mark_safe": "templates escape; markup is written in templates",
    "SafeString": "templates escape; markup is written in templates",
}
# Pieces put together here, so that this file does not find itself.
MARKERS = re.compile("|".join(rf"\b{word}\b" for word in ("TO" + "DO", "FIX" + "ME", "X" * 3)))
MACHINE = re.compile("|".join(("/work" + "/", "/root" + "/", "/home" + r"/\w", r"/Users" + "/")))
INDEX = re.compile("|".join(("py" + r"pi\.org", "pythonhosted" + r"\.org", "registry" + r"\.npm")))


def test_every_module_says_in_its_first_line_what_lives_there() -> None:
    sources = (*code(), *python("tests"))
    assert [s.path for s in sources if not (ast.get_docstring(s.tree) or "").strip()] == []


def test_no_code_file_is_longer_than_350_lines() -> None:
    lengths = {source.path: len(source.text.splitlines()) for source in code()}
    assert {path: lines for path, lines in lengths.items() if lines > 350} == {}


def test_no_function_is_longer_than_50_lines() -> None:
    long = [
        f"{source.at(function)} {function.name}"
        for source in code()
        for function in functions(source)
        if (function.end_lineno or function.lineno) - function.lineno + 1 > 50
    ]
    assert long == []


def test_every_public_function_and_class_of_the_code_has_a_docstring() -> None:
    bare = [
        f"{source.at(node)} {node.name}"
        for source in code()
        for node in source.tree.body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        if not node.name.startswith("_") and not ast.get_docstring(node)
    ]
    assert bare == []


def test_no_module_or_folder_has_a_name_that_says_nothing() -> None:
    parts = {
        part
        for source in (*code(), *python("tests"))
        for part in source.path.removesuffix(".py").split("/")
    }
    assert parts & VAGUE == set()


def test_forbidden_means_are_not_used() -> None:
    found = [
        f"{source.at(node)} {name}: {FORBIDDEN_NAMES[name]}"
        for source in code()
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Name | ast.Attribute)
        if (name := node.id if isinstance(node, ast.Name) else node.attr) in FORBIDDEN_NAMES
    ]
    assert found == []


def test_no_signals_are_imported_and_no_except_is_bare() -> None:
    nodes = [(source, node) for source in code() for node in ast.walk(source.tree)]
    bare = [
        source.at(node)
        for source, node in nodes
        if isinstance(node, ast.ExceptHandler) and node.type is None
    ]
    signals = [
        source.at(node)
        for source, node in nodes
        if isinstance(node, ast.ImportFrom)
        if (node.module or "").endswith(("django.dispatch", ".signals"))
    ]
    assert (bare, signals) == ([], [])


@pytest.mark.parametrize("path", TEMPLATES, ids=short)
def test_template_is_short_and_fit_for_the_strict_policy(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 160
    assert re.findall(r"<script(?![^>]*\ssrc=)[^>]*>", text) == []
    assert re.findall(r"<style\b", text) == []
    assert re.findall(r"\s(?:style|on[a-z]+)\s*=\s*[\"'{]", text) == []
    assert re.findall(r"\|\s*safe\b|autoescape\s+off|javascript:", text) == []


def test_no_file_holds_a_note_of_unfinished_work() -> None:
    assert [short(p) for p in files() if MARKERS.search(p.read_text(encoding="utf-8"))] == []


def test_no_file_names_a_folder_of_somebodys_machine_or_a_package_index() -> None:
    found = [
        f"{short(path)}: {match.group()}"
        for path in files()
        for pattern in (MACHINE, INDEX)
        if (match := pattern.search(path.read_text(encoding="utf-8")))
    ]
    assert found == []


def test_version_of_the_site_is_that_of_the_project_and_of_the_changelog() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    settings = (ROOT / "config" / "settings.py").read_text(encoding="utf-8")
    assert f'VERSION = "{project["version"]}"' in settings
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.findall(r"^## \[(\d[^\]]*)\]", changes, re.M)[0] == project["version"]


def test_links_between_pages_of_documentation_lead_somewhere() -> None:
    broken = [
        f"{short(page)}: {target}"
        for page in files()
        if page.suffix == ".md"
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
        if not (page.parent / target).exists()
    ]
    assert broken == []


def test_files_that_the_documentation_names_are_there() -> None:
    tops = "|".join((*CODE, "docs", "locale", "protocols", "requirements", "templates", "tests"))
    missing = [
        f"{short(page)}: {name}"
        for page in files()
        if page.suffix == ".md"
        for name in re.findall(rf"`((?:{tops})/[\w./-]*)`", page.read_text(encoding="utf-8"))
        if not (ROOT / name).exists()
    ]
    assert missing == []
