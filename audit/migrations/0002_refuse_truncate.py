"""Makes PostgreSQL refuse to empty the audit; UPDATE and DELETE are refused since 0001."""

from django.db import migrations

from audit.append_only import refuse_truncate


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]

    operations = [refuse_truncate("audit_auditevent")]
