"""Two-person checks of a product's identity: what was to be found, who read what, append-only."""

import pgtrigger
from django.db import models
from django.db.models import Q

from accounts.models import User
from pathway.domain.identity_checks import CheckKind
from pathway.models.companions import Product
from patients.models import Course

_GROWS = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]


class IdentityCheck(models.Model):
    """A check of one product. How it stands follows from its scans and the clock.

    `snapshot` is what both people compare with, frozen when the check began.
    """

    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="identity_checks")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="identity_checks")
    kind = models.CharField(max_length=10)
    snapshot = models.JSONField()
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=[kind.value for kind in CheckKind]), name="check_kind_known"
            )
        ]
        triggers = _GROWS


class IdentityScan(models.Model):
    """What one person read, alone: `mismatches` names what does not agree with the snapshot."""

    check_of = models.ForeignKey(IdentityCheck, on_delete=models.PROTECT, related_name="scans")
    number = models.PositiveSmallIntegerField()
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    roles = models.JSONField()
    signed_in_at = models.DateTimeField()
    scanned_at = models.DateTimeField()
    scanned = models.JSONField()
    mismatches = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(number__in=(1, 2)), name="scan_first_or_second"),
            models.UniqueConstraint(fields=["check_of", "number"], name="scan_number_unique"),
            models.UniqueConstraint(fields=["check_of", "person"], name="scan_by_two_people"),
        ]
        triggers = _GROWS


class IdentityDeviation(models.Model):
    """The hospital's number for the deviation that a mismatch is."""

    check_of = models.OneToOneField(
        IdentityCheck, on_delete=models.PROTECT, related_name="deviation"
    )
    number = models.CharField(max_length=40)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        triggers = _GROWS
