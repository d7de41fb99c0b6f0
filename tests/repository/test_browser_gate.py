"""Without Chromium the browser tests are said loudly not to have run, or fail the run."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE_TEST = """
import pytest

@pytest.mark.browser
def test_page(): pass

def test_plain(): pass
"""


def run_without_chromium(folder: Path, *words: str, required: str) -> tuple[int, str]:
    (folder / "test_pages.py").write_text(PAGE_TEST)
    (folder / "pytest.ini").write_text("[pytest]\nmarkers =\n    browser: needs Chromium\n")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "tests.browser_gate", "-p", "no:django", *words],
        cwd=folder,
        env={
            **os.environ,
            "CHROMIUM": str(folder / "none"),
            "REQUIRE_BROWSER": required,
            "PYTHONPATH": str(ROOT),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("words", [(), ("-n", "2")], ids=["alone", "in workers"])
def test_missing_browser_is_said_at_the_end(tmp_path: Path, words: tuple[str, ...]) -> None:
    code, told = run_without_chromium(tmp_path, *words, required="0")
    assert code == 0
    assert "1 browser tests did NOT run" in told
    assert "1 passed" in told


def test_missing_browser_fails_the_run_when_required(tmp_path: Path) -> None:
    code, told = run_without_chromium(tmp_path, "-n", "2", required="1")
    assert code == pytest.ExitCode.USAGE_ERROR
    assert "there is no Chromium" in told
