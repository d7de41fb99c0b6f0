"""When a course was moved to another version of its protocol: append-only."""

import pgtrigger
from django.db import models

from accounts.models import User
from patients.models import Course
from protocol.models import Protocol


class Repin(models.Model):
    """One move of a course from a version of its protocol to another, and why."""

    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="repins")
    source = models.ForeignKey(Protocol, on_delete=models.PROTECT, related_name="+")
    target = models.ForeignKey(Protocol, on_delete=models.PROTECT, related_name="+")
    moved_on = models.DateField()  # recorded_at in the centre's zone
    recorded_at = models.DateTimeField()
    actor = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField()

    class Meta:
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]
