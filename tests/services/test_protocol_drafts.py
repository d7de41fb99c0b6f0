"""Loading a draft and publishing it: two people, both recorded; the command line for both."""

import getpass
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from unittest.mock import Mock

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction

from accounts.models import User
from audit.models import AuditEvent
from protocol import sections
from protocol.models import Protocol, ProtocolFile, Status
from protocol.selectors import content_of, current, version_named
from protocol.services import load, publish_draft
from terms.refusals import NotAllowed, Refused
from tests.conftest import UserWith
from tests.services.test_protocols import CODE, version

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 10, 9, 30, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def admin(user_with: UserWith) -> User:
    """Who loads."""
    return user_with("centre_admin")


def loaded(actor: User, content: bytes) -> Protocol:
    return load(content=content, filename="rules.toml", actor=actor, now=NOW)


def published(actor: User, draft: Protocol) -> Protocol:
    return publish_draft(protocol_id=draft.pk, actor=actor, now=LATER)


def test_an_administrator_loads_and_a_haematologist_publishes(
    admin: User, haematologist: User
) -> None:
    draft = loaded(admin, version(1))
    assert (draft.status, draft.loaded_at, draft.published_at) == (Status.DRAFT, NOW, None)
    in_force = published(haematologist, draft)
    assert current(CODE) == in_force
    assert (in_force.loaded_by, in_force.published_by) == (
        admin.get_username(),
        haematologist.get_username(),
    )
    events = AuditEvent.objects.filter(object_id=str(draft.pk)).order_by("pk")
    assert [(event.action, event.actor_id) for event in events] == [
        ("protocol.load", admin.pk),
        ("protocol.publish", haematologist.pk),
    ]
    assert events[1].after["loaded_by"] == admin.get_username()


def test_who_loaded_does_not_publish(haematologist: User, user_with: UserWith) -> None:
    draft = loaded(haematologist, version(1))
    with pytest.raises(Refused) as refused:
        published(haematologist, draft)
    assert [one.code for one in refused.value.refusals] == ["same_person"]
    assert published(user_with("haematologist"), draft).status == Status.PUBLISHED


def test_roles_decide_who_loads_and_who_publishes(
    admin: User, coordinator: User, user_with: UserWith
) -> None:
    with pytest.raises(NotAllowed):
        loaded(coordinator, version(1))
    draft = loaded(admin, version(1))
    with pytest.raises(NotAllowed):
        published(user_with("centre_admin"), draft)
    draft.refresh_from_db()
    assert draft.status == Status.DRAFT


def test_a_draft_is_replaced_and_the_same_file_is_the_same_draft(admin: User) -> None:
    first = loaded(admin, version(1))
    assert loaded(admin, version(1)) == first
    second = loaded(admin, version(1, bridging_days=30))
    assert Protocol.objects.get(code=CODE) == second
    assert AuditEvent.objects.get(object_id=str(second.pk)).before == {"replaced": first.sha256}


def test_a_draft_is_published_once_and_only_while_it_is_newer(
    admin: User, haematologist: User
) -> None:
    old, new = loaded(admin, version(1)), loaded(admin, version(2))
    published(haematologist, new)
    for draft, code in ((new, "not_a_draft"), (old, "version_not_newer")):
        with pytest.raises(Refused) as refused:
            published(haematologist, draft)
        assert [one.code for one in refused.value.refusals] == [code]


def test_a_draft_that_can_no_longer_be_read_is_not_published(
    admin: User, haematologist: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = loaded(admin, version(1))
    monkeypatch.setitem(sections._parsers, "newly_asked", lambda reader: reader.text("name"))
    with pytest.raises(Refused) as refused:
        published(haematologist, draft)
    fields = {one.field for one in refused.value.refusals}
    assert fields == {"newly_asked", "newly_asked.name"}


def test_publishing_retires_the_version_before(admin: User, haematologist: User) -> None:
    first = published(haematologist, loaded(admin, version(1)))
    published(haematologist, loaded(admin, version(2)))
    first.refresh_from_db()
    assert first.status == Status.RETIRED


def test_drafts_are_seen_by_whoever_loads_or_publishes(
    admin: User, haematologist: User, coordinator: User, user_with: UserWith
) -> None:
    draft = loaded(admin, version(1))
    for user, seen in ((admin, True), (haematologist, True), (coordinator, False)):
        assert Protocol.objects.visible_to(user).filter(pk=draft.pk).exists() is seen
    assert not Protocol.objects.visible_to(user_with()).exists()


def test_the_file_is_kept_in_its_own_order_and_never_changed(admin: User) -> None:
    draft = loaded(admin, version(1))
    sections_in_order = list(content_of(draft))
    assert sections_in_order[:3] == ["meta", "stages", "eligibility"]
    assert content_of(draft) == draft.data
    with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
        ProtocolFile.objects.filter(protocol=draft).update(text="")
    ProtocolFile.objects.filter(protocol=draft).delete()
    assert content_of(draft) == draft.data


@pytest.mark.parametrize("name", ["", "none:1", f"{CODE}:x", f"{CODE}:²", f"{CODE}:99999", CODE])
def test_what_names_no_version_finds_none(name: str) -> None:
    assert version_named(name) is None


# --- the command line


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("protocol", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_loads_a_draft_once_and_a_second_person_publishes_it(
    tmp_path: Path, haematologist: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "rules.toml"
    file.write_bytes(version(1))
    assert run("load", str(file)) == run("load", str(file)) == f"{CODE} version 1: draft\n"
    name = haematologist.get_username()
    haematologist.set_password("a long enough secret")
    haematologist.save(update_fields=["password"])
    monkeypatch.setattr(getpass, "getpass", Mock(side_effect=EOFError))
    with pytest.raises(CommandError, match="run this in a terminal"):
        run("publish", f"{CODE}:1", "--as", name)
    monkeypatch.setattr(getpass, "getpass", lambda prompt: "wrong")
    with pytest.raises(CommandError, match="wrong name or password"):
        run("publish", f"{CODE}:1", "--as", name)
    monkeypatch.setattr(getpass, "getpass", lambda prompt: "a long enough secret")
    assert run("publish", f"{CODE}:1", "--as", name) == f"{CODE} version 1 is published\n"
    in_force = current(CODE)
    assert in_force.loaded_by.endswith("(command line)")
    assert in_force.published_by == name


def test_the_command_refuses_what_cannot_be_loaded_or_published(tmp_path: Path) -> None:
    file = tmp_path / "rules.toml"
    file.write_bytes(version(1, bridging_days=-1))
    with pytest.raises(CommandError, match=r"rules\.toml: stages\.bridging\.target_days: must be"):
        run("load", str(file))
    with pytest.raises(CommandError, match="No such file"):
        run("load", str(tmp_path / "absent.toml"))
    with pytest.raises(CommandError, match="no such version"):
        run("publish", f"{CODE}:9", "--as", "ada")


def test_the_command_compares_a_version_with_a_file(tmp_path: Path, admin: User) -> None:
    loaded(admin, version(1))
    newer = tmp_path / "newer.toml"
    newer.write_bytes(version(2, bridging_days=30))
    assert run("diff", f"{CODE}:1", str(newer)).splitlines() == [
        "~ meta.version: 1 -> 2",
        "~ stages.bridging.target_days: 28 (Programme default; not confirmed)"
        " -> 30 (Programme default; not confirmed)",
    ]
    assert run("diff", f"{CODE}:1", f"{CODE}:1") == ""
    newer.write_text("[[[", encoding="utf-8")
    for name in (str(newer), str(tmp_path / "absent.toml")):
        with pytest.raises(CommandError, match=r"\.toml: "):
            run("diff", f"{CODE}:1", name)
