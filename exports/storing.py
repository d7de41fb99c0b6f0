"""The folder of the files: private, each file whole or not there, and nothing left behind."""

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

from django.conf import settings

from terms.refusals import Refusal, Refused
from terms.words import N_

# What nobody knows any more is left this long: a worker may just be making it.
LEFT_ALONE = timedelta(days=1)
_AT_A_TIME = 1 << 20


@dataclass(frozen=True)
class Kept:
    """A file that is there to stay until it expires."""

    name: str
    size: int
    sha256: str


def folder() -> Path:
    """The folder, made on first use for its owner alone."""
    path = Path(settings.EXPORT_DIR)
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


@contextmanager
def bench() -> Iterator[Path]:
    """A folder to make one file in; gone afterwards with all that is in it."""
    path = folder() / f"making-{uuid4().hex}"
    path.mkdir(mode=0o700)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def keep(made: Path, ending: str) -> Kept:
    """Put a finished file in its place: first on the disk, then under its name, never half."""
    digest = hashlib.sha256()
    with made.open("rb") as file:
        while piece := file.read(_AT_A_TIME):
            digest.update(piece)
        os.fsync(file.fileno())
    made.chmod(0o600)
    name = f"{uuid4().hex}.{ending}"
    made.replace(folder() / name)
    _sync(folder())
    return Kept(name, (folder() / name).stat().st_size, digest.hexdigest())


def is_there(name: str) -> bool:
    """Whether a kept file still is."""
    return bool(name) and (folder() / name).is_file()


def path_of(name: str) -> Path:
    """Where a kept file is; raises Refused when it is not there."""
    path = folder() / name
    if not is_there(name):
        message = N_("The file is missing on the server: tell who runs the site, and ask anew.")
        raise Refused([Refusal(code="file_missing", message=message)])
    return path


def throw_away(name: str) -> None:
    """Delete a file; one that is not there is no fault."""
    if name:
        (folder() / name).unlink(missing_ok=True)


def left_behind(known: frozenset[str], now: datetime) -> list[str]:
    """Delete what no job knows and nobody can be making any more; the names of it."""
    gone = []
    for path in sorted(folder().iterdir()):
        age = now.timestamp() - path.stat().st_mtime
        if path.name in known or age < LEFT_ALONE.total_seconds():
            continue
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
        gone.append(path.name)
    return gone


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
