"""Tables that only ever grow: the trigger against TRUNCATE, which pgtrigger does not offer.

Models declare `pgtrigger.Protect` against UPDATE and DELETE themselves; their migration adds
`refuse_truncate(table)`, and their table is listed in `APPEND_ONLY_TABLES`.
"""

from typing import Protocol

from django.db import migrations

APPEND_ONLY_TABLES = (
    "audit_auditevent",
    "pathway_change",
    "patients_correction",
    "patients_identifiercorrection",
    "pathway_custodyentry",
    "pathway_dose",
    "pathway_identitycheck",
    "pathway_identityscan",
    "pathway_identitydeviation",
    "pathway_administration",
    "pathway_certificate",
    "pathway_clearance",
    "pathway_collection",
    "pathway_incident",
    "pathway_labelentry",
    "pathway_labelreading",
    "pathway_oosrecord",
    "pathway_oossignature",
    "pathway_order",
    "pathway_repin",
    "pathway_shipment",
    "pathway_eligibilityentry",
    "pathway_gateentry",
    "pathway_meeting",
    "reminders_appointmentchange",
    "reminders_taskcorrection",
    "reminders_taskrequest",
    "toxicity_assessment",
    "toxicity_assessmentgrade",
    "toxicity_gradereview",
    "toxicity_infection",
    "toxicity_treatment",
)

_FUNCTION = """
CREATE OR REPLACE FUNCTION append_only_refuse_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'append-only: % cannot be truncated', TG_TABLE_NAME;
END;
$$
"""


class Cursor(Protocol):
    """As much of a database cursor as is used here."""

    def execute(self, query: str) -> object: ...


def refuse_truncate(table: str) -> migrations.RunSQL:
    """Return the migration step that makes PostgreSQL refuse TRUNCATE of `table`."""
    return migrations.RunSQL(
        sql=[_FUNCTION, _create(table)], reverse_sql=[_drop(table)], elidable=False
    )


def create_truncate_triggers(cursor: Cursor) -> None:
    """Put the triggers of every append-only table back, as the migrations made them."""
    cursor.execute(_FUNCTION)
    for table in APPEND_ONLY_TABLES:
        cursor.execute(_drop(table))
        cursor.execute(_create(table))


def drop_truncate_triggers(cursor: Cursor) -> None:
    """Take the triggers away: only for a test database, which is emptied by TRUNCATE."""
    for table in APPEND_ONLY_TABLES:
        cursor.execute(_drop(table))


def _create(table: str) -> str:
    return (
        f'CREATE TRIGGER "{table}_no_truncate" BEFORE TRUNCATE ON "{table}" '
        "FOR EACH STATEMENT EXECUTE FUNCTION append_only_refuse_truncate()"
    )


def _drop(table: str) -> str:
    return f'DROP TRIGGER IF EXISTS "{table}_no_truncate" ON "{table}"'
