"""Who did or read what, when and why. Rows are written once and never touched again."""

import pgtrigger
from django.db import models


class AuditEvent(models.Model):
    """One act of one person. Holds text, not foreign keys: live data may change under it."""

    at = models.DateTimeField(db_index=True)
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=150)
    roles = models.CharField(max_length=200, blank=True)
    centre_id = models.BigIntegerField(null=True, db_index=True)
    action = models.CharField(max_length=60)
    object_type = models.CharField(max_length=60, blank=True)
    object_id = models.CharField(max_length=40, blank=True)
    course_id = models.BigIntegerField(null=True, db_index=True)
    patient_id = models.BigIntegerField(null=True, db_index=True)
    reason = models.TextField(blank=True)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    request_id = models.CharField(max_length=40, blank=True)

    class Meta:
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]
