"""Every environment variable the site reads; each is described in docs/operations.md."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from terms.demo import DEMO_PASSWORD

CHECKOUT = Path(__file__).resolve().parent.parent
SECRET_KEY_LENGTH = 50
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
_TRUE, _FALSE = ("1", "true", "on", "yes"), ("0", "false", "off", "no")
# A socket folder that cannot exist: connecting fails at once, and the message says what is unset.
_NO_DATABASE = "postgres:////DATABASE_URL-is-unset/use/python-m-config.embedded-run/percorso"
_NO_REDIS = "redis://127.0.0.1:1/0"


@dataclass(frozen=True)
class Environment:
    """The configuration of one process, checked."""

    demo: bool
    debug: bool
    secret_key: str
    allowed_hosts: tuple[str, ...]
    csrf_trusted_origins: tuple[str, ...]
    database_url: str
    redis_url: str
    site_url: str
    email_url: str
    default_from_email: str
    idle_minutes: int
    session_hours: int
    trusted_proxy_count: int
    study_codes: tuple[str, ...]
    small_number: int
    log_level: str
    export_dir: Path
    export_hours: int
    var: Path


class ConfigurationError(Exception):
    """The environment cannot be used; `messages` names every variable at fault and what to do."""

    def __init__(self, messages: list[str]) -> None:
        self.messages = tuple(messages)
        super().__init__("\n".join(("The configuration cannot be used:", *messages)))


def var_folder(environ: Mapping[str, str]) -> Path:
    """Return the folder for what runs leave behind: PERCORSO_VAR, else `var` of the checkout."""
    return Path(environ.get("PERCORSO_VAR") or CHECKOUT / "var").absolute()


def read(environ: Mapping[str, str]) -> Environment:
    """Read and check the configuration; raises ConfigurationError naming all faults at once.

    Without DATABASE_URL, or with DEMO=1, it is the demo's; otherwise production rules hold.
    """
    reader = _Reader(environ)
    database_url, redis_url = reader.secret("DATABASE_URL"), reader.secret("REDIS_URL")
    demo = reader.flag("DEMO", default=not database_url)
    found = Environment(
        demo=demo,
        debug=reader.flag("DEBUG", default=False),
        secret_key=reader.secret("SECRET_KEY"),
        allowed_hosts=reader.words("ALLOWED_HOSTS"),
        csrf_trusted_origins=reader.words("CSRF_TRUSTED_ORIGINS"),
        database_url=database_url,
        redis_url=redis_url,
        site_url=reader.text("SITE_URL", "").rstrip("/"),
        email_url=reader.secret("EMAIL_URL"),
        default_from_email=reader.text("DEFAULT_FROM_EMAIL", "percorso@localhost"),
        idle_minutes=reader.number("IDLE_MINUTES", 30, least=1),
        session_hours=reader.number("SESSION_HOURS", 12, least=1),
        trusted_proxy_count=reader.number("TRUSTED_PROXY_COUNT", 0 if demo else None, least=0),
        study_codes=reader.words("STUDY_CODES") or ("Case series",),
        small_number=reader.number("SMALL_NUMBER", 5, least=1),
        log_level=reader.text("LOG_LEVEL", "INFO").upper(),
        export_dir=Path(reader.text("EXPORT_DIR", str(var_folder(environ) / "exports"))),
        export_hours=reader.number("EXPORT_HOURS", 24, least=1),
        var=var_folder(environ),
    )
    reader.faults += _faults_of_any(found)
    if not demo:
        reader.faults += _faults_of_production(found)
        reader.faults += _faults_of_demo_password(
            {
                "SECRET_KEY": found.secret_key,
                "DATABASE_URL": database_url,
                "REDIS_URL": redis_url,
                "INITIAL_ADMIN_PASSWORD": reader.secret("INITIAL_ADMIN_PASSWORD"),
            }
        )
    if reader.faults:
        raise ConfigurationError(reader.faults)
    return _with_defaults(found)


class _Reader:
    """Reads single variables and collects what is wrong with them."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self.faults: list[str] = []

    def secret(self, name: str) -> str:
        """Return NAME, or the text of the file that NAME_FILE names; empty when neither is set."""
        value, file = self._environ.get(name, ""), self._environ.get(f"{name}_FILE", "")
        if value and file:
            self.faults.append(f"{name} and {name}_FILE are both set: keep one of them.")
        if value or not file:
            return value
        try:
            return Path(file).read_text().strip()
        except (OSError, UnicodeDecodeError) as error:
            self.faults.append(f"{name}_FILE names a file that cannot be read: {error}.")
            return ""

    def text(self, name: str, default: str) -> str:
        return self._environ.get(name) or default

    def words(self, name: str) -> tuple[str, ...]:
        parts = self._environ.get(name, "").split(",")
        return tuple(part.strip() for part in parts if part.strip())

    def flag(self, name: str, *, default: bool) -> bool:
        value = self._environ.get(name, "").strip().lower()
        if value and value not in (*_TRUE, *_FALSE):
            self.faults.append(f"{name} is {value!r}: write 1 or 0.")
        return value in _TRUE if value else default

    def number(self, name: str, default: int | None, *, least: int) -> int:
        """Return NAME as a number; unset it is `default`, and a fault where that is None."""
        value = self._environ.get(name, "").strip()
        if not value and default is None:
            self.faults.append(f"{name} is missing: set a whole number of at least {least}.")
        if not value:
            return default or 0
        if not value.isdecimal() or int(value) < least:
            self.faults.append(f"{name} is {value!r}: write a whole number of at least {least}.")
            return default or 0
        return int(value)


def _faults_of_any(found: Environment) -> list[str]:
    faults = []
    if found.log_level not in LOG_LEVELS:
        faults.append(f"LOG_LEVEL is {found.log_level!r}: write one of {', '.join(LOG_LEVELS)}.")
    if found.database_url and not found.database_url.startswith(("postgres://", "postgresql://")):
        faults.append("DATABASE_URL must start with postgres://: PostgreSQL is the only database.")
    if found.redis_url and not found.redis_url.startswith(("redis://", "rediss://")):
        faults.append("REDIS_URL must start with redis:// or rediss://.")
    if found.site_url and not found.site_url.startswith(("https://", "http://")):
        faults.append("SITE_URL must start with https:// (http:// only to try the site out).")
    return faults


def _faults_of_production(found: Environment) -> list[str]:
    faults = []
    if len(found.secret_key) < SECRET_KEY_LENGTH or found.secret_key.startswith("django-insecure"):
        state = "is too weak" if found.secret_key else "is missing"
        faults.append(
            f"SECRET_KEY {state}: set at least {SECRET_KEY_LENGTH} random characters, for instance "
            "from: python -c 'import secrets; print(secrets.token_urlsafe(50))'"
        )
    if not found.allowed_hosts:
        faults.append("ALLOWED_HOSTS is missing: set the site's host names, separated by commas.")
    if any("*" in host for host in found.allowed_hosts):
        faults.append("ALLOWED_HOSTS holds a *: name each host of the site.")
    if not found.database_url:
        faults.append("DATABASE_URL is missing: set postgres://user:password@host:5432/name.")
    if not found.redis_url:
        faults.append("REDIS_URL is missing: set redis://:password@host:6379/0.")
    if found.debug:
        faults.append("DEBUG is on: unset it, its error pages show patients' data.")
    return faults


def _faults_of_demo_password(values: Mapping[str, str]) -> list[str]:
    return [
        f"{name} holds the published demo password: choose another."
        for name, value in values.items()
        if DEMO_PASSWORD in value
    ]


def _with_defaults(found: Environment) -> Environment:
    """Fill in what may stay unset; only the demo gets here without hosts, key or addresses."""
    values = dict(vars(found))
    values["secret_key"] = found.secret_key or _kept_secret_key(found.var)
    values["allowed_hosts"] = found.allowed_hosts or ("localhost", "127.0.0.1", "[::1]")
    first = values["allowed_hosts"][0].removeprefix(".")
    own = "http://127.0.0.1:8000" if found.demo else f"https://{first}"
    values["site_url"] = found.site_url or own
    values["database_url"] = found.database_url or _NO_DATABASE
    values["redis_url"] = found.redis_url or _NO_REDIS
    values["email_url"] = found.email_url or (
        "consolemail://" if found.demo else "smtp://localhost:25"
    )
    return Environment(**values)


def _kept_secret_key(var: Path) -> str:
    """Return the demo's key, made on the first start: sessions outlive a restart."""
    file = var / "secret_key"
    try:
        if not file.exists():
            _make_secret_key(file)
        return file.read_text()
    except OSError as error:
        raise ConfigurationError(
            [
                f"SECRET_KEY is unset and cannot be kept in {file} ({error.strerror}): "
                "set it, or name a folder that can be written with PERCORSO_VAR."
            ]
        ) from error


def _make_secret_key(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_name(f"secret_key.{os.getpid()}")
    fresh.touch(mode=0o600)
    fresh.write_text(secrets.token_urlsafe(50))
    try:
        os.link(fresh, file)  # web and worker may start at once: the first key stays
    except FileExistsError:
        return
    finally:
        fresh.unlink()
