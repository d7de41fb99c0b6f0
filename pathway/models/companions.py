"""The companions that run beside the journey."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from pathway.domain.collection_next import NEXT_STEPS, RESPONSES
from pathway.domain.companions import Attempt, Bridging, Containment, Review
from pathway.domain.depletion import Depletion
from pathway.domain.product_states import Product as ProductState
from patients.models import Course


def _known(enum: type[Any]) -> Q:
    return Q(state__in=[member.value for member in enum])


class Companion(models.Model):
    """What every companion carries. Only transitions.py writes `state` and `state_since`."""

    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="%(class)ss")
    state = models.CharField(max_length=24)
    state_since = models.DateField()
    planned_on = models.DateField(_("planned on"), null=True, blank=True)
    source = models.CharField(max_length=30, blank=True)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=150)

    class Meta:
        abstract = True


class EligibilityReview(Companion):
    """One round of assessment."""

    review_on = models.DateField(_("review on"), null=True, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=_known(Review), name="review_state_known")]


class ContainmentTherapy(Companion):
    """Treatment that holds the disease until collection."""

    drug = models.CharField(_("drug"), max_length=80)
    drug_class = models.CharField(_("drug class"), max_length=40, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=_known(Containment), name="containment_state_known")
        ]


class ApheresisAttempt(Companion):
    """One attempt at collecting lymphocytes."""

    number = models.PositiveSmallIntegerField(default=1)
    din = models.CharField(_("donation identification number"), max_length=20, blank=True)
    cd3_yield = models.DecimalField(
        _("CD3+ cells collected (10⁹)"), max_digits=8, decimal_places=3, null=True, blank=True
    )
    next_step = models.CharField(
        _("what follows"), max_length=16, blank=True, choices=list(NEXT_STEPS.items())
    )
    waiver_reference = models.CharField(
        _("reference of the manufacturer's waiver"), max_length=60, blank=True
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=_known(Attempt), name="attempt_state_known"),
            models.UniqueConstraint(fields=["course", "number"], name="attempt_number_unique"),
        ]


class Product(Companion):
    """One manufacturing attempt."""

    order_number = models.CharField(_("order number"), max_length=40, blank=True)
    lot = models.CharField(_("lot"), max_length=40, blank=True)
    # As two people read it off the label; the order has the manufacturer's word for it.
    coi_id = models.CharField(_("chain-of-identity number"), max_length=60, blank=True)
    # What it is made of, kept when the material leaves; empty where nobody said.
    collection = models.ForeignKey(
        ApheresisAttempt, null=True, blank=True, on_delete=models.PROTECT, related_name="products"
    )
    expected_on = models.DateField(_("expected on site"), null=True, blank=True)
    expires_on = models.DateField(_("expires on"), null=True, blank=True)
    storage_position = models.CharField(_("storage position"), max_length=60, blank=True)
    deviation_number = models.CharField(_("deviation number"), max_length=40, blank=True)
    # A code of the protocol's failure_reasons; empty while nothing is lost.
    failure_reason = models.CharField(_("reason for the loss"), max_length=30, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=_known(ProductState), name="product_state_known")
        ]


class BridgingCourse(Companion):
    """One course of bridging therapy."""

    drug = models.CharField(_("drug"), max_length=80)
    drug_class = models.CharField(_("drug class"), max_length=40, blank=True)
    last_dose_on = models.DateField(_("last dose on"), null=True, blank=True)
    response = models.CharField(
        _("response"), max_length=16, blank=True, choices=list(RESPONSES.items())
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=_known(Bridging), name="bridging_state_known")
        ]


class Lymphodepletion(Companion):
    """One course of lymphodepletion; `planned_on` is its first dose."""

    regimen = models.CharField(_("regimen"), max_length=120)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=_known(Depletion), name="depletion_state_known")
        ]
