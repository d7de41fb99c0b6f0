"""The configuration refuses what is unsafe, all at once, and every variable is documented."""

import re
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from config.environment import ConfigurationError, read
from terms.demo import DEMO_PASSWORD

ROOT = Path(__file__).resolve().parents[2]
PRODUCTION = {
    "DATABASE_URL": "postgres://percorso:long-and-secret@db/percorso",
    "REDIS_URL": "redis://:long-and-secret@broker/0",
    "SECRET_KEY": "k3y" * 20,
    "ALLOWED_HOSTS": "percorso.example, www.percorso.example",
    "TRUSTED_PROXY_COUNT": "1",
}


class Recording(Mapping[str, str]):
    """An environment that remembers which variables were asked for."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values
        self.asked: set[str] = set()

    def __getitem__(self, name: str) -> str:
        self.asked.add(name)
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


def faults(values: Mapping[str, str]) -> str:
    with pytest.raises(ConfigurationError) as caught:
        read(values)
    return "\n".join(caught.value.messages)


def test_production_reads_what_is_set() -> None:
    found = read(PRODUCTION)
    assert not found.demo
    assert not found.debug
    assert found.allowed_hosts == ("percorso.example", "www.percorso.example")
    assert (found.idle_minutes, found.session_hours) == (30, 12)


def test_production_without_secrets_names_every_missing_variable_at_once() -> None:
    told = faults({"DEMO": "0"})
    for name in PRODUCTION:
        assert f"{name} is missing" in told


def test_production_refuses_debug_short_key_and_any_host() -> None:
    told = faults({**PRODUCTION, "DEBUG": "1", "SECRET_KEY": "short", "ALLOWED_HOSTS": "*"})
    assert "DEBUG is on" in told
    assert "SECRET_KEY is too weak" in told
    assert "ALLOWED_HOSTS holds a *" in told


@pytest.mark.parametrize(
    "name", ["SECRET_KEY", "DATABASE_URL", "REDIS_URL", "INITIAL_ADMIN_PASSWORD"]
)
def test_production_refuses_the_demo_password_wherever_it_is(name: str) -> None:
    value = f"{PRODUCTION.get(name, '')}{DEMO_PASSWORD}"
    assert f"{name} holds the published demo password" in faults({**PRODUCTION, name: value})


def test_values_that_cannot_be_read_are_named_in_the_demo_too() -> None:
    wrong = {
        "DEBUG": "perhaps",
        "IDLE_MINUTES": "0",
        "SESSION_HOURS": "half",
        "TRUSTED_PROXY_COUNT": "-1",
        "LOG_LEVEL": "loud",
        "REDIS_URL": "memory://",
        "DATABASE_URL": "sqlite://file",
    }
    told = faults({"DEMO": "1", **wrong})
    for name in wrong:
        assert re.search(rf"^{name} ", told, re.M)


def test_secret_is_read_from_the_file_that_its_variable_names(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text(f"{PRODUCTION['SECRET_KEY']}\n")
    values = {k: v for k, v in PRODUCTION.items() if k != "SECRET_KEY"}
    assert read({**values, "SECRET_KEY_FILE": str(file)}).secret_key == PRODUCTION["SECRET_KEY"]
    assert "both set" in faults({**PRODUCTION, "SECRET_KEY_FILE": str(file)})
    assert "cannot be read" in faults({**values, "SECRET_KEY_FILE": str(tmp_path / "none")})


def test_demo_keeps_its_key_between_starts_and_to_itself(tmp_path: Path) -> None:
    first = read({"PERCORSO_VAR": str(tmp_path)})
    assert first.demo
    assert len(first.secret_key) >= 50
    assert read({"PERCORSO_VAR": str(tmp_path)}).secret_key == first.secret_key
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600


def test_demo_answers_only_to_this_machine(tmp_path: Path) -> None:
    found = read({"PERCORSO_VAR": str(tmp_path)})
    assert found.allowed_hosts == ("localhost", "127.0.0.1", "[::1]")


def test_every_variable_that_is_read_is_documented_and_no_other() -> None:
    recording = Recording(PRODUCTION)
    read(recording)
    names = recording.asked | set(re.findall(r"\$\{([A-Z_]+)", (ROOT / "Procfile").read_text()))
    table = (ROOT / "docs" / "operations.md").read_text().split("## Variables")[1]
    table = table.split("\n## ")[0]
    documented = set(re.findall(r"^\| `([A-Z_]+)`", table, re.M))
    with_file = {f"{name}_FILE" for name in re.findall(r"^\| `([A-Z_]+)` \*", table, re.M)}
    assert documented | with_file == names
