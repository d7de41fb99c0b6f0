"""The lock files pin what pyproject.toml asks for, with hashes, and name no package index."""

import re
import tomllib
from importlib.metadata import distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
WANTED = {
    "base.lock": PROJECT["project"]["dependencies"],
    "dev.lock": [*PROJECT["project"]["dependencies"], *PROJECT["dependency-groups"]["dev"]],
}


def pins(name: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    text = (ROOT / "requirements" / name).read_text()
    for package, version in re.findall(r"^([A-Za-z0-9._-]+)(?:\[.*?\])?==([^ ;\\]+)", text, re.M):
        found.setdefault(canonicalize_name(package), set()).add(version)
    return found


@pytest.mark.parametrize("name", WANTED)
def test_lock_file_pins_every_dependency_within_its_bounds(name: str) -> None:
    pinned = pins(name)
    for requirement in map(Requirement, WANTED[name]):
        versions = pinned.get(canonicalize_name(requirement.name), set())
        assert versions, f"{requirement.name} is not pinned: make lock"
        assert all(version in requirement.specifier for version in versions), requirement


@pytest.mark.parametrize("name", WANTED)
def test_every_pin_has_a_hash(name: str) -> None:
    text = (ROOT / "requirements" / name).read_text()
    entries = re.split(r"\n(?=[A-Za-z0-9])", text.strip())
    assert [entry.splitlines()[0] for entry in entries if "--hash=sha256:" not in entry] == []


def test_development_pins_agree_with_those_of_the_image() -> None:
    development = pins("dev.lock")
    assert {k: v for k, v in pins("base.lock").items() if development.get(k) != v} == {}


def test_pins_keep_the_extras_that_packages_ask_of_each_other() -> None:
    """Without its extra a pin does not hold: pip then looks for the newest release of it."""
    text = (ROOT / "requirements" / "dev.lock").read_text()
    kept = {
        canonicalize_name(name): {extra.strip() for extra in extras.split(",")}
        for name, extras in re.findall(r"^([A-Za-z0-9._-]+)\[(.*?)\]==", text, re.M)
    }
    asked = [
        requirement
        for distribution in distributions()
        for requirement in map(Requirement, distribution.requires or ())
        if requirement.extras
        and (requirement.marker is None or requirement.marker.evaluate({"extra": ""}))
    ]
    assert any(requirement.name == "coverage" for requirement in asked)
    lost = [r for r in asked if not r.extras <= kept.get(canonicalize_name(r.name), set())]
    assert lost == []


def test_no_file_of_ours_names_a_package_index() -> None:
    files = [
        *(ROOT / "requirements").glob("*.lock"),
        *(ROOT / name for name in ("pyproject.toml", "Makefile", "Dockerfile", ".ci/run")),
    ]
    pattern = re.compile(r"--(extra-)?index-url|--find-links|https?://[^\s\"']*(pypi|simple/)")
    assert [file.name for file in files if pattern.search(file.read_text())] == []
