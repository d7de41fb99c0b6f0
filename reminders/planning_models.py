"""How planning stands for a course: when it last was, why it pauses, since when it fails."""

from typing import Self

from django.db import models
from django.db.models import Q

from patients.models import Course


class Plan(models.Model):
    """When a course was last planned; no row, nothing to roll on."""

    course = models.OneToOneField(
        Course, on_delete=models.PROTECT, primary_key=True, related_name="reminder_plan"
    )
    planned_at = models.DateTimeField(db_index=True)


class PlanPauseQuerySet(models.QuerySet["PlanPause"]):
    """Pauses of courses."""

    def ending(self) -> Self:
        """Those by which nothing at all is planned any more."""
        return self.filter(lasting=False)


class PlanPause(models.Model):
    """Why nothing is planned for a course: an exit, or the patient's death, by its key.

    With `lasting`, which is the completion, what is asked for life goes on.
    """

    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="reminder_pauses")
    cause = models.CharField(max_length=40)
    since = models.DateTimeField()
    lasting = models.BooleanField(default=False, db_default=False)

    objects = PlanPauseQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["course", "cause"], name="reminder_pause_unique"),
            models.CheckConstraint(condition=~Q(cause=""), name="reminder_pause_caused"),
        ]


class PlanFailure(models.Model):
    """A course that the sweep could not lay out, until it can be again."""

    course = models.OneToOneField(
        Course, on_delete=models.PROTECT, primary_key=True, related_name="reminder_failure"
    )
    since = models.DateTimeField()
    tried_at = models.DateTimeField()
    # A code, or the name of an exception: its words may name somebody.
    error_code = models.CharField(max_length=60)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(error_code=""), name="plan_failure_coded"),
        ]
