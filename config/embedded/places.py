"""Where the data of the embedded servers lives, and the lock that gives it one supervisor."""

import contextlib
import fcntl
import hashlib
import json
import os
import secrets
import stat
from collections.abc import Iterator
from pathlib import Path

from config.embedded.errors import EmbeddedError
from config.embedded.processes import Account

_ELSEWHERE = Path("/var/tmp")  # noqa: S108 - ownership is checked before anything there is used


def own_folder(path: Path, mode: int) -> Path:
    """Return `path`, made with `mode` when missing; an existing one must be ours alone to write.

    Raises EmbeddedError for a link, for somebody else's folder and for one that others may write.
    """
    try:
        path.mkdir(mode=0o700)
        path.chmod(mode)
    except FileExistsError:
        pass
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o022:
        raise EmbeddedError(
            f"{path} must be a folder that belongs to the user who runs this and that nobody else "
            "may write to. Use the same user as before, or name another place with PERCORSO_VAR."
        )
    return path


def home_of(data: Path, account: Account) -> Path:
    """Return the folder for the servers' files: `data`, or for root one that `nobody` reaches."""
    data = data.absolute()
    if account.uid is None:
        return _make(data, 0o700)
    elsewhere = elsewhere_of(data)
    if _reachable(data.parent) and not elsewhere.exists():
        return _make(data, 0o711)
    if (data / "postgres").exists():
        raise EmbeddedError(
            f"{data} holds the data of an earlier start, but the servers, which run as an "
            "unprivileged user when started by root, cannot reach it any more. Open the folders "
            "above it (chmod o+x), or remove it to start afresh."
        )
    return own_folder(elsewhere, 0o711)


def elsewhere_of(data: Path) -> Path:
    """Return root's place for the servers' files when `nobody` cannot reach `data`."""
    key = hashlib.sha256(str(data.resolve()).encode()).hexdigest()[:12]
    return _ELSEWHERE / f"percorso-data-{key}"


def _make(path: Path, mode: int) -> Path:
    missing = [folder for folder in path.parents if not folder.exists()]
    for folder in reversed(missing):
        # Made here, so its mode is ours to choose; folders that exist keep theirs.
        own_folder(folder, 0o755)
    return own_folder(path, mode)


def _reachable(folder: Path) -> bool:
    """Tell whether any user may pass through `folder`, or through what exists of its path."""
    existing = [part for part in (folder, *folder.parents) if part.exists()]
    return all(part.stat().st_mode & stat.S_IXOTH for part in existing)


def password_of(home: Path) -> str:
    """Return the servers' password, made on the first start and kept for the owner only.

    Raises EmbeddedError when there is data but no password.
    """
    file = home / "password"
    if not file.exists():
        if (home / "postgres").exists():
            raise EmbeddedError(
                f"{file} is missing, so nobody can reach the data beside it any more. "
                f"Put it back, or remove {home} to start afresh."
            )
        write_private(file, secrets.token_urlsafe(24))
    return file.read_text()


def write_private(file: Path, text: str, account: Account | None = None) -> None:
    """Write a whole file or none, readable by us (or by `account`) alone."""
    fresh = file.with_name(f"{file.name}.new")
    fresh.unlink(missing_ok=True)
    fresh.touch(mode=0o600)
    fresh.write_text(text)
    if account is not None:
        account.own(fresh)
    fresh.replace(file)


class InUseError(Exception):
    """Another supervisor runs the servers of this folder."""

    def __init__(self, pid: str) -> None:
        self.pid = pid
        super().__init__(f"in use by process {pid}")


@contextlib.contextmanager
def locked(home: Path) -> Iterator[None]:
    """Hold the folder's lock, which the system frees even after SIGKILL; raises InUseError."""
    with (home / "lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            raise InUseError(file.read().strip() or "unknown") from error
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def publish(home: Path, addresses: dict[str, str]) -> None:
    """Leave the running servers' addresses for `run --share`."""
    write_private(home / "running.json", json.dumps(addresses))


def unpublish(home: Path) -> None:
    """Take the addresses away before the servers stop, and those of a killed supervisor."""
    (home / "running.json").unlink(missing_ok=True)


def published(home: Path) -> dict[str, str]:
    """Return the addresses of the running servers; empty while they start."""
    try:
        found: dict[str, str] = json.loads((home / "running.json").read_text())
    except FileNotFoundError:
        return {}
    return found
