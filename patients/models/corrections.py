"""What facts of the chart said before they were corrected, and which never were: append-only."""

from typing import Self

import pgtrigger
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from patients.models.courses import Course


class CorrectionKind(models.TextChoices):
    """What was done to the fact."""

    CORRECTED = "corrected", _("Corrected")
    IN_ERROR = "in_error", _("Entered in error")
    ASKED_FOR = "asked_for", _("Correction asked for")
    BROUGHT_BACK = "brought_back", _("Brought back")


class CorrectionQuerySet(models.QuerySet["Correction"]):
    """Corrections as somebody may see them."""

    def visible_to(self, user: User) -> Self:
        """Those of courses of the centre `user` works at; none without the permission to read."""
        return self.filter(course__in=Course.objects.visible_to(user))


class Correction(models.Model):
    """One correction of a fact: what it said before, who corrected it when, and why."""

    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="corrections")
    # A kind of chart entry, `stay` or `hold`, and the number of the row among its kind.
    fact = models.CharField(max_length=12)
    fact_id = models.PositiveBigIntegerField()
    kind = models.CharField(max_length=12, choices=CorrectionKind.choices)
    before = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    reason = models.TextField()
    corrected_at = models.DateTimeField()
    corrected_by = models.CharField(max_length=150)
    # The relapse that went with it, so that bringing it back is exact.
    occurrence = models.PositiveSmallIntegerField(null=True, blank=True)

    objects = CorrectionQuerySet.as_manager()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="correction_reasoned")]
        indexes = [models.Index(fields=["course", "fact", "fact_id"], name="correction_of_fact")]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]
