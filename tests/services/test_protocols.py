"""Publishing protocols: versions, sealing by the database, the command line."""

from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, transaction

from audit.models import AuditEvent
from pathway.domain.rules import PathwayRules
from patients.models.courses import AnchorKind
from protocol import sections
from protocol.domain.loading import parse
from protocol.models import Protocol, Status
from protocol.sections import registered
from protocol.selectors import current, settings_of
from protocol.services import publish
from reminders.domain.items import ANCHORS
from terms.refusals import Refused

pytestmark = pytest.mark.django_db

PATH = Path(__file__).parents[2] / "protocols/brexucel-adult-all.toml"
SHIPPED = PATH.read_bytes()
NOW = datetime(2026, 3, 10, 9, 30, tzinfo=UTC)
CODE = "protocol-under-test"


def version(number: int, *, bridging_days: int = 28) -> bytes:
    """A protocol of its own code, like the shipped one."""
    text = SHIPPED.decode().replace("brexucel-adult-all", CODE)
    text = text.replace("version = 1", f"version = {number}")
    return text.replace(
        "bridging.target_days = { value = 28", f"bridging.target_days = {{ value = {bridging_days}"
    ).encode()


def published(content: bytes) -> Protocol:
    return publish(content=content, filename="test.toml", actor_name="ada", now=NOW)


def refusals(content: bytes) -> list[tuple[str, str]]:
    with pytest.raises(Refused) as caught:
        published(content)
    return [(refusal.code, refusal.field) for refusal in caught.value.refusals]


def test_a_published_version_is_current_and_audited() -> None:
    protocol = published(version(1))
    assert current(CODE) == protocol
    assert (protocol.status, protocol.published_at, protocol.published_by) == (
        Status.PUBLISHED,
        NOW,
        "ada",
    )
    assert protocol.title("it") == "Brexucabtagene autoleucel per la LLA-B dell'adulto"
    assert protocol.title("en") == "Brexucabtagene autoleucel for adult B-ALL"
    event = AuditEvent.objects.get(action="protocol.publish", object_id=str(protocol.pk))
    assert (event.actor_name, event.actor_id, event.at) == ("ada", None, NOW)
    assert event.after["sha256"] == protocol.sha256


def test_the_stored_version_reads_exactly_like_its_file() -> None:
    protocol = Protocol.objects.get(pk=published(version(1)).pk)
    from_file = parse(version(1), "test.toml", registered())
    stored = settings_of(protocol)
    assert stored.meta == from_file.meta
    assert stored.sections == from_file.sections
    assert settings_of(protocol) is stored


def test_publishing_the_same_file_twice_does_nothing() -> None:
    first = published(version(1))
    assert published(version(1)) == first
    assert Protocol.objects.filter(code=CODE).count() == 1
    assert (
        AuditEvent.objects.filter(object_id=str(first.pk), action="protocol.publish").count() == 1
    )


def test_the_same_version_with_other_content_is_refused() -> None:
    published(version(1))
    assert refusals(version(1, bridging_days=30)) == [("version_taken", "meta.version")]


def test_a_newer_version_retires_the_one_before_and_old_courses_keep_their_rules() -> None:
    first = published(version(1))
    second = published(version(2, bridging_days=30))
    first.refresh_from_db()
    assert (first.status, second.status) == (Status.RETIRED, Status.PUBLISHED)
    assert current(CODE) == second
    assert PathwayRules.of(settings_of(first)).target_days("bridging") == 28
    assert PathwayRules.of(settings_of(second)).target_days("bridging") == 30


def test_a_version_older_than_the_newest_is_refused() -> None:
    published(version(2))
    assert refusals(version(1)) == [("version_not_newer", "meta.version")]


def test_a_faulty_file_is_refused_with_every_fault_and_nothing_is_written() -> None:
    content = version(1, bridging_days=366).replace(b'severity = { value = "warn"', b"severity = {")
    found = refusals(content)
    assert ("protocol_problem", "") in found  # no longer TOML at all
    content = version(0, bridging_days=366)
    assert refusals(content) == [
        ("protocol_problem", "meta.version"),
        ("protocol_problem", "stages.bridging.target_days"),
    ]
    assert not Protocol.objects.filter(code=CODE).exists()


def test_no_version_is_current_before_one_is_published() -> None:
    with pytest.raises(Protocol.DoesNotExist):
        current("nothing-published")


@pytest.mark.parametrize(
    "change",
    [
        {"data": {}},
        {"sha256": "0" * 64},
        {"version": 7},
        {"code": "other"},
        {"title_it": "Altro"},
        {"published_by": "someone else"},
        {"loaded_by": "someone else"},
        {"status": Status.DRAFT},
    ],
)
def test_the_database_refuses_to_change_a_published_version(change: dict[str, object]) -> None:
    protocol = published(version(1))
    with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
        Protocol.objects.filter(pk=protocol.pk).update(**change)


def test_the_database_refuses_to_bring_back_a_retired_version() -> None:
    first = published(version(1))
    second = published(version(2))
    Protocol.objects.filter(pk=second.pk).update(status=Status.RETIRED)
    for status in (Status.PUBLISHED, Status.DRAFT):
        with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
            Protocol.objects.filter(pk=first.pk).update(status=status)


def test_the_database_refuses_to_delete_a_published_version() -> None:
    protocol = published(version(1))
    with pytest.raises(DatabaseError, match="Cannot delete"), transaction.atomic():
        protocol.delete()


def test_a_draft_may_still_change_and_go() -> None:
    draft = Protocol.objects.create(code=CODE, version=9, data={}, sha256="0" * 64)
    Protocol.objects.filter(pk=draft.pk).update(data={"meta": {}})
    draft.delete()


def test_two_published_versions_of_one_protocol_are_refused_by_the_database() -> None:
    published(version(1))
    with pytest.raises(IntegrityError, match="protocol_one_published"), transaction.atomic():
        Protocol.objects.create(
            code=CODE, version=2, data={}, sha256="1" * 64, status="published", published_at=NOW
        )


def test_the_command_checks_a_sound_file_without_publishing_it() -> None:
    out = StringIO()
    call_command("protocol", "check", str(PATH), stdout=out)
    assert "brexucel-adult-all version 1 is sound" in out.getvalue()
    assert not AuditEvent.objects.filter(action="protocol.publish").exists()


def test_the_command_names_every_fault_of_every_file_and_fails(tmp_path: Path) -> None:
    faulty = tmp_path / "faulty.toml"
    faulty.write_bytes(version(0, bridging_days=-1))
    with pytest.raises(CommandError) as caught:
        call_command("protocol", "check", str(faulty), str(tmp_path / "absent.toml"))
    lines = str(caught.value).splitlines()
    assert caught.value.returncode == 1
    assert lines == [
        f"{faulty}: meta.version: must be a whole number from 1 to 9999",
        f"{faulty}: stages.bridging.target_days: must be a whole number from 0 to 365",
        f"{tmp_path / 'absent.toml'}: No such file or directory",
    ]


def test_a_section_has_one_reader() -> None:
    with pytest.raises(ValueError, match="stages"):
        sections.register("stages", lambda reader: reader)


def test_the_schedule_counts_from_every_anchor_that_the_chart_keeps() -> None:
    assert set(ANCHORS) == set(AnchorKind.values)
