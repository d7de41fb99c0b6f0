"""What tasks by hand said before they were put right, and what asked for them: append-only."""

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


class TaskRequest(models.Model):
    """What asked for a task, so that sending it again asks for nothing twice.

    `key` is that of the page or the message, `sent` says what came with it.
    """

    course = models.ForeignKey("patients.Course", on_delete=models.PROTECT, related_name="+")
    key = models.UUIDField()
    sent = models.CharField(max_length=64)
    reminder = models.ForeignKey("reminders.Reminder", on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["course", "key"], name="task_asked_for_once")
        ]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]
