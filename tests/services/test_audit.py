"""The audit: what an event holds, and that PostgreSQL itself keeps it."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import structlog
from django.apps import apps
from django.db import Error, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import Centre, User
from audit.append_only import (
    APPEND_ONLY_TABLES,
    create_truncate_triggers,
    drop_truncate_triggers,
    refuse_truncate,
)
from audit.models import AuditEvent
from audit.recording import NOT_SIGNED_IN, SETTING_UP, at_one_go, record
from audit.selectors import visible_events
from tests.conftest import NOW, UserWith

pytestmark = pytest.mark.django_db


def test_event_names_actor_roles_centre_and_object(user_with: UserWith, centre: Centre) -> None:
    nurse = user_with("ward_nurse", "apheresis_nurse", username="anna")
    event = record(actor=nurse, now=NOW, action="user.look", obj=centre, reason="why")
    event.refresh_from_db()
    assert (event.at, event.actor_id, event.actor_name) == (NOW, nurse.pk, "anna")
    assert (event.roles, event.centre_id) == ("apheresis_nurse,ward_nurse", centre.pk)
    assert (event.object_type, event.object_id) == ("accounts.centre", str(centre.pk))
    assert event.reason == "why"


def test_event_keeps_values_as_plain_text_and_numbers(user_with: UserWith, centre: Centre) -> None:
    event = record(
        actor=user_with("ward_nurse"),
        now=NOW,
        action="user.look",
        course_id=3,
        patient_id=4,
        before={"on": date(2026, 1, 2), "none": None, "n": 1, "flag": True},
        after={
            "dose": Decimal("1.50"),
            "row": centre,
            "inner": {"at": datetime(2026, 1, 2, tzinfo=UTC)},
            "many": (date(2026, 1, 3), 2),
        },
    )
    event.refresh_from_db()
    assert event.before == {"on": "2026-01-02", "none": None, "n": 1, "flag": True}
    assert event.after == {
        "dose": "1.50",
        "row": centre.pk,
        "inner": {"at": "2026-01-02T00:00:00+00:00"},
        "many": ["2026-01-03", 2],
    }
    assert (event.course_id, event.patient_id, event.object_type) == (3, 4, "")


def test_event_of_another_centre_can_be_named(user_with: UserWith, other_centre: Centre) -> None:
    event = record(
        actor=user_with("ward_nurse"), now=NOW, action="user.look", centre_id=other_centre.pk
    )
    assert event.centre_id == other_centre.pk


def test_event_without_anybody_signed_in_has_no_actor() -> None:
    event = record(actor=NOT_SIGNED_IN, now=NOW, action="session.sign_in_refused")
    assert (event.actor_id, event.actor_name, event.roles, event.centre_id) == (None, "", "", None)
    assert record(actor=SETTING_UP, now=NOW, action="centre.open").actor_name == "setting-up"


def test_event_carries_the_request_it_came_from(user_with: UserWith) -> None:
    with structlog.contextvars.bound_contextvars(request_id="r-1"):
        event = record(actor=user_with("ward_nurse"), now=NOW, action="user.look")
    assert event.request_id == "r-1"


def test_events_are_read_only_at_the_centre_one_works_at(
    user_with: UserWith, other_centre: Centre
) -> None:
    here = record(actor=user_with("quality"), now=NOW, action="user.look")
    record(actor=user_with("quality", at=other_centre), now=NOW, action="user.look")
    assert list(visible_events(user_with("quality"))) == [here]


def test_every_table_protected_against_change_is_listed_as_append_only() -> None:
    protected = {
        model._meta.db_table
        for model in apps.get_models()
        for trigger in getattr(model._meta, "triggers", ())
        if trigger.name == "append_only"
    }
    assert protected == set(APPEND_ONLY_TABLES)


@pytest.fixture
def truncate_refused() -> Iterator[None]:
    """The triggers that the test database otherwise goes without."""
    with connection.cursor() as cursor:
        create_truncate_triggers(cursor)
        yield
        drop_truncate_triggers(cursor)


@pytest.mark.parametrize("table", APPEND_ONLY_TABLES)
@pytest.mark.usefixtures("truncate_refused")
def test_append_only_table_refuses_to_be_truncated(table: str) -> None:
    with (
        pytest.raises(Error, match=f"append-only: {table} cannot be truncated"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f'TRUNCATE "{table}" CASCADE')


@pytest.mark.parametrize("table", APPEND_ONLY_TABLES)
def test_migrations_put_the_truncate_trigger_on_every_append_only_table(table: str) -> None:
    migration = refuse_truncate(table)
    assert migration.reversible
    with connection.cursor() as cursor:
        for statement in (*list(migration.reverse_sql or ()), *list(migration.sql)):
            cursor.execute(str(statement))
        cursor.execute(
            "SELECT count(*) FROM pg_trigger WHERE tgname = %s", [f"{table}_no_truncate"]
        )
        assert cursor.fetchone() == (1,)
        drop_truncate_triggers(cursor)


@pytest.mark.parametrize("statement", ["UPDATE {} SET id = id", "DELETE FROM {}"])
def test_audit_event_cannot_be_changed_or_deleted(user_with: UserWith, statement: str) -> None:
    record(actor=user_with("ward_nurse"), now=NOW, action="user.look")
    table = AuditEvent._meta.db_table
    with (
        pytest.raises(Error, match="Cannot update or delete rows"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement.format(table))
    assert AuditEvent.objects.count() == 1


def test_the_events_of_a_service_are_written_together_in_their_order(user_with: UserWith) -> None:
    nurse = user_with("ward_nurse")
    said = [str(number) for number in range(19)]
    with CaptureQueriesContext(connection) as captured:
        with at_one_go():
            for reason in said:
                record(actor=nurse, now=NOW, action="user.look", reason=reason)
            assert "INSERT" not in str(captured.captured_queries)
        assert str(captured.captured_queries).count("INSERT") == 3
    rows = AuditEvent.objects.filter(action="user.look").order_by("pk")
    assert [row.reason for row in rows] == said
    record(actor=nurse, now=NOW, action="user.look", reason="by itself")
    assert AuditEvent.objects.filter(action="user.look").count() == 20


def _failing(nurse: User) -> str:
    try:
        with transaction.atomic(), at_one_go():
            record(actor=nurse, now=NOW, action="user.look")
            raise ZeroDivisionError
    except ZeroDivisionError:
        return "failed"


def test_of_a_service_that_fails_no_event_is_left(user_with: UserWith) -> None:
    nurse = user_with("ward_nurse")
    assert _failing(nurse) == "failed"
    assert not AuditEvent.objects.filter(action="user.look").exists()
    record(actor=nurse, now=NOW, action="user.look")
    assert AuditEvent.objects.filter(action="user.look").count() == 1
