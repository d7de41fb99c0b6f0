"""The papers of a product and the moves between protocol versions refuse TRUNCATE as well."""

from django.db import migrations

from audit.append_only import refuse_truncate

_TABLES = (
    "pathway_administration",
    "pathway_certificate",
    "pathway_clearance",
    "pathway_collection",
    "pathway_incident",
    "pathway_oosrecord",
    "pathway_oossignature",
    "pathway_order",
    "pathway_repin",
    "pathway_shipment",
)


class Migration(migrations.Migration):
    dependencies = [("pathway", "0007_identity_checks")]

    operations = [refuse_truncate(table) for table in _TABLES]
