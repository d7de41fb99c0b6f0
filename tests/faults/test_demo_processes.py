"""The demo's processes stop together: on Ctrl-C, when one dies, when the demo is killed."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from config import demo
from tests.faults import embedded

# Only the part after the servers and the data: the Procfile's processes and what ends them.
_RUN_PROCESSES = """
import os, sys
from pathlib import Path
from config import demo
demo.CHECKOUT = Path(sys.argv[1])
try:
    sys.exit(demo._run_processes({**os.environ, "PORT": "1"}))
except demo.DemoError as error:
    sys.exit(str(error))
"""
LINE = "{0}: echo $$ > {0}.pid; exec sleep 300\n"
NAMES = ("steady", "other")


@pytest.fixture
def running(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    (tmp_path / "Procfile").write_text("".join(LINE.format(name) for name in NAMES))
    process = subprocess.Popen(
        [sys.executable, "-c", _RUN_PROCESSES, str(tmp_path)],
        cwd=embedded.CHECKOUT,
        env=embedded.environment(tmp_path, {"PYTHONPATH": str(embedded.CHECKOUT)}),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    wait_for(lambda: all(written(tmp_path / f"{name}.pid") for name in NAMES))
    yield process
    process.kill()
    process.communicate()


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def written(file: Path) -> bool:
    return file.exists() and bool(file.read_text().strip())


def pid_of(folder: Path, name: str) -> int:
    return int((folder / f"{name}.pid").read_text())


def all_gone(folder: Path) -> bool:
    return not any(Path("/proc", str(pid_of(folder, name))).exists() for name in NAMES)


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_signal_stops_all_with_success(
    running: subprocess.Popen[str], tmp_path: Path, signum: signal.Signals
) -> None:
    running.send_signal(signum)
    running.communicate(timeout=60)
    assert running.returncode == 0
    assert all_gone(tmp_path)


def test_signal_that_comes_before_all_have_started_stops_them_once_they_have(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stopped: list[int] = []
    manager = demo._DemoManager()
    for name in NAMES:
        manager.add_process(name, "true")
    monkeypatch.setattr(manager._procmgr, "terminate", stopped.append)
    manager._processes["steady"]["pid"] = 1
    manager.terminate()
    assert not manager._all_started()
    assert stopped == []
    manager._processes["other"]["pid"] = 2
    assert manager._all_started()
    assert stopped == [1, 2]


def test_death_of_one_stops_all_and_names_it(
    running: subprocess.Popen[str], tmp_path: Path
) -> None:
    os.kill(pid_of(tmp_path, "other"), signal.SIGKILL)
    told, _nothing = running.communicate(timeout=60)
    assert running.returncode == 1
    assert "other stopped (rc=-9)" in told
    assert all_gone(tmp_path)


def test_killed_demo_leaves_no_process(running: subprocess.Popen[str], tmp_path: Path) -> None:
    running.kill()
    wait_for(lambda: all_gone(tmp_path))
