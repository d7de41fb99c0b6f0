"""Doses of containment, bridging and lymphodepletion: append-only, corrected by a later row."""

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from pathway.domain.doses import ROUTE_LABELS
from patients.models import Course

_MACHINES = ("containment", "bridging", "lymphodepletion")


class Dose(models.Model):
    """One dose as somebody stated it: ordered, then given or not, each as a row of its own.

    A later row `replaces` the one before; the row that none replaces stands. `machine` and
    `subject_id` name the companion. `planned_day` counts from day 0 in lymphodepletion, where
    `planned_on` follows the planned day 0 until the dose is given, else from the first day.
    """

    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="doses")
    machine = models.CharField(max_length=20)
    subject_id = models.BigIntegerField()
    number = models.PositiveSmallIntegerField()
    replaces = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="replaced_by"
    )
    drug = models.CharField(_("drug"), max_length=80)
    drug_class = models.CharField(_("drug class"), max_length=40, blank=True)
    route = models.CharField(
        _("route"),
        max_length=2,
        blank=True,
        choices=[(route.value, _(label)) for route, label in ROUTE_LABELS.items()],
    )
    planned_day = models.SmallIntegerField(_("day"), null=True, blank=True)
    planned_on = models.DateField(_("planned on"), null=True, blank=True)
    per_m2 = models.DecimalField(
        _("amount per m²"), max_digits=9, decimal_places=3, null=True, blank=True
    )
    amount = models.DecimalField(
        _("amount ordered"), max_digits=9, decimal_places=3, null=True, blank=True
    )
    amount_reason = models.TextField(_("reason for another amount"), blank=True)
    # What the protocol came to when the amount was ordered or given; None where nobody could count.
    amount_counted = models.DecimalField(max_digits=9, decimal_places=1, null=True, blank=True)
    unit = models.CharField(_("unit"), max_length=12, default="mg")
    ordered_by = models.CharField(max_length=150, blank=True)
    delay_code = models.CharField(max_length=40, blank=True)
    given_at = models.DateTimeField(_("given at"), null=True, blank=True)
    given_on = models.DateField(null=True, blank=True)  # given_at in the centre's zone
    given_amount = models.DecimalField(
        _("amount given"), max_digits=9, decimal_places=3, null=True, blank=True
    )
    given_by = models.CharField(max_length=150, blank=True)
    verified_by = models.CharField(max_length=150, blank=True)
    deviation = models.TextField(_("reason for the difference"), blank=True)
    not_given_reason = models.TextField(_("reason why it was not given"), blank=True)
    reason = models.TextField(blank=True)  # why this row replaces the one before
    # What the first dose was asked where it was told afterwards, each with its reason.
    answers = models.JSONField(default=list)
    remark = models.TextField(_("remark"), blank=True)
    source = models.CharField(max_length=30, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=150)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(machine__in=_MACHINES), name="dose_machine_known"),
            models.CheckConstraint(
                condition=Q(given_at=None, given_on=None)
                | Q(given_at__isnull=False, given_on__isnull=False, not_given_reason=""),
                name="dose_given_whole",
            ),
            models.UniqueConstraint(
                fields=["machine", "subject_id", "number"],
                condition=Q(replaces=None),
                name="dose_number_unique",
            ),
        ]
        indexes = [models.Index(fields=["course", "machine", "subject_id"], name="dose_by_subject")]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]
