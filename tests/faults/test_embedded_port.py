"""The demo says which port is busy and how to choose another, before it starts anything."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from config import demo
from tests.faults import embedded


@pytest.fixture
def busy_port() -> Iterator[int]:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        yield taken.getsockname()[1]


def test_busy_port_is_named_with_the_way_to_another(busy_port: int) -> None:
    with pytest.raises(demo.DemoError, match=rf"Port {busy_port} .* make demo PORT=\d+"):
        demo.free_port_of({"PORT": str(busy_port)})


def test_demo_on_a_busy_port_starts_nothing(busy_port: int, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "config.demo"],
        env=embedded.environment(tmp_path, {"PORT": str(busy_port)}),
        cwd=embedded.CHECKOUT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert f"Port {busy_port}" in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("word", ["http", "0", "65536", "-1"])
def test_port_that_is_none_is_refused(word: str) -> None:
    with pytest.raises(demo.DemoError, match="write a number from 1 to 65535"):
        demo.free_port_of({"PORT": word})
