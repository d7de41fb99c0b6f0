"""Folders for embedded servers, taken away afterwards together with root's place under /var/tmp."""

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.embedded.places import elsewhere_of


@pytest.fixture(autouse=True)
def interruptible() -> None:
    """A job in the background of a script ignores Ctrl-C, and its children would do so too."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _remove(folder: Path) -> None:
    for data in (folder / "demo", folder / "other"):
        shutil.rmtree(elsewhere_of(data), ignore_errors=True)  # only root ever uses it
    shutil.rmtree(folder)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user of the machine can reach and, as an ordinary user does, own."""
    folder = Path(tempfile.mkdtemp(prefix="percorso-test-", dir="/var/tmp"))
    folder.chmod(0o755)
    yield folder
    _remove(folder)


@pytest.fixture
def private_folder() -> Iterator[Path]:
    """A folder of mode 700, as a home directory often is."""
    folder = Path(tempfile.mkdtemp(prefix="percorso-test-", dir="/var/tmp"))
    assert folder.stat().st_mode & 0o777 == 0o700
    yield folder
    _remove(folder)


@pytest.fixture(params=["present user", "ordinary user"] if os.geteuid() == 0 else ["present user"])
def ordinary(request: pytest.FixtureRequest) -> bool:
    """Whether to become an ordinary user first; asked both ways when the tests run as root."""
    return bool(request.param == "ordinary user")
