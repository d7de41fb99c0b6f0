"""What tasks by hand said before they were put right: append-only, so nothing is lost."""

import pgtrigger
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q


class TaskCorrection(models.Model):
    """One correction of a task: what it said before, who put it right when, and why."""

    reminder = models.ForeignKey(
        "reminders.Reminder", on_delete=models.PROTECT, related_name="corrections"
    )
    before = models.JSONField(encoder=DjangoJSONEncoder)
    reason = models.TextField()
    corrected_at = models.DateTimeField()
    corrected_by = models.CharField(max_length=150)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="task_correction_reasoned")
        ]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]
