"""Procfile, compose file and image run the same commands on the versions the docs name."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from honcho.environ import parse_procfile

from config import demo
from config.demo_data import people

ROOT = Path(__file__).resolve().parents[2]
OPERATIONS = (ROOT / "docs" / "operations.md").read_text()


@pytest.fixture(scope="module")
def procfile() -> dict[str, str]:
    return dict(parse_procfile((ROOT / "Procfile").read_text()).processes)


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    return found


def shell_command(service: dict[str, Any]) -> str:
    shell, flag, command = service["command"]
    assert (shell, flag) == ("sh", "-c")
    return str(command).replace("$$", "$")


def test_compose_runs_the_commands_of_the_procfile(
    procfile: dict[str, str], services: dict[str, Any]
) -> None:
    assert set(procfile) == {"web", "worker", "beat"}
    for name, command in procfile.items():
        assert shell_command(services[name]) == command


def test_image_starts_the_web_command_by_itself(procfile: dict[str, str]) -> None:
    (line,) = re.findall(r'^CMD \["sh", "-c", "(.*)"\]$', (ROOT / "Dockerfile").read_text(), re.M)
    assert line == procfile["web"]


def test_every_process_replaces_its_shell_so_that_signals_reach_it(
    procfile: dict[str, str],
) -> None:
    assert all(command.startswith("exec ") for command in procfile.values())


def test_every_long_running_service_has_a_health_check(services: dict[str, Any]) -> None:
    assert [name for name, service in services.items() if "healthcheck" not in service] == [
        "migrate"
    ]


def test_processes_wait_for_the_migration(services: dict[str, Any]) -> None:
    for name in ("web", "worker", "beat"):
        waits = services[name]["depends_on"]
        assert waits["migrate"]["condition"] == "service_completed_successfully"


def test_database_and_broker_images_are_the_versions_the_docs_name(
    services: dict[str, Any],
) -> None:
    for name, title in (("postgres", "PostgreSQL"), ("redis", "Redis")):
        image, version = services[name]["image"].split(":")
        assert image == name
        assert f"{title} {version} in `docker-compose.yml`" in OPERATIONS


def test_demo_prints_the_logins_that_its_data_has() -> None:
    made = {person.username for person in people.STAFF}
    assert {name for name, _role in demo.LOGINS} == made
