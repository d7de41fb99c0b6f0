"""What two people asserted of the labels of a collection or a product: append-only."""

import pgtrigger
from django.db import models
from django.db.models import Q

from accounts.models import User
from pathway.domain.labels import Label
from pathway.models.companions import ApheresisAttempt, Product
from patients.models import Course

_GROWS = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]


class LabelEntry(models.Model):
    """What the first person read; it counts once a second one has read the same.

    `before` is what was recorded until then: empty when something missing is added, else this
    corrects it for `reason`. The latest entry of a label supersedes one that still waits.
    """

    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="label_entries")
    attempt = models.ForeignKey(
        ApheresisAttempt, null=True, blank=True, on_delete=models.PROTECT, related_name="labels"
    )
    product = models.ForeignKey(
        Product, null=True, blank=True, on_delete=models.PROTECT, related_name="labels"
    )
    name = models.CharField(max_length=12)
    value = models.CharField(max_length=60)
    before = models.CharField(max_length=60, blank=True)
    reason = models.CharField(max_length=200, blank=True)
    entered_at = models.DateTimeField()
    entered_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    signed_in_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(name__in=[label.value for label in Label]), name="label_known"
            ),
            models.CheckConstraint(
                condition=Q(attempt=None, product__isnull=False)
                | Q(attempt__isnull=False, product=None),
                name="label_of_one",
            ),
            models.CheckConstraint(condition=Q(before="") | ~Q(reason=""), name="label_reasoned"),
        ]
        triggers = _GROWS

    @property
    def machine(self) -> str:
        """The machine of the companion whose label it is."""
        return "apheresis" if self.attempt_id is not None else "product"


class LabelReading(models.Model):
    """What the second person read, without having seen the first: it agrees, or voids the entry."""

    entry = models.OneToOneField(LabelEntry, on_delete=models.PROTECT, related_name="reading")
    value = models.CharField(max_length=60)
    agrees = models.BooleanField()
    read_at = models.DateTimeField()
    read_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    signed_in_at = models.DateTimeField()

    class Meta:
        triggers = _GROWS
