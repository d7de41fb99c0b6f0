"""What every record of toxicity carries: append-only, corrected by one that replaces it."""

from typing import Any, ClassVar, Self

import pgtrigger
from django.db import models
from django.db.models import Q

from accounts.models import User
from patients.models import Course

APPEND_ONLY = pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)


class RecordQuerySet(models.QuerySet[Any]):
    """Records as somebody may see them."""

    def visible_to(self, user: User) -> Self:
        """Those of courses of the centre `user` works at; none without the permission to read."""
        return self.filter(course__in=Course.objects.visible_to(user))

    def standing(self) -> Self:
        """Without what was replaced, and without what takes a record back."""
        return self.filter(replaced_by__isnull=True, withdrawn=False)


class ToxicityRecord(models.Model):
    """One record. Another one `replaces` it with a reason; a `withdrawn` one says it never was.

    `key` and `sent` are of who sent it: the same key with the same content was stored already.
    """

    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="%(class)ss")
    received_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=150)
    source = models.CharField(max_length=30, blank=True)
    replaces = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="replaced_by"
    )
    reason = models.CharField(max_length=500, blank=True)
    withdrawn = models.BooleanField(default=False)
    key = models.UUIDField(null=True, blank=True, unique=True)
    sent = models.CharField(max_length=64, blank=True)

    objects: ClassVar[models.Manager[Any]] = RecordQuerySet.as_manager()

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(replaces__isnull=True, withdrawn=False) | ~Q(reason=""),
                name="%(class)s_replaced_with_reason",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn=False) | Q(replaces__isnull=False),
                name="%(class)s_withdraws_one",
            ),
        ]
