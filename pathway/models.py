"""The journey, its companions and the append-only list of what happened."""

from typing import Any, Self

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Centre, User
from accounts.permissions import Permission
from pathway.domain.companions import Attempt, Bridging, Containment, Depletion, Review
from pathway.domain.product import Product as ProductState
from pathway.domain.spine import Stage
from patients.models import Course


def _known(enum: type[Any]) -> Q:
    return Q(state__in=[member.value for member in enum])


class JourneyQuerySet(models.QuerySet["Journey"]):
    """Journeys as somebody may see them."""

    def visible_to(self, user: User) -> Self:
        """Journeys of the centre `user` works at; none without the permission to read."""
        if not user.may(Permission.READ_COURSES):
            return self.none()
        return self.filter(centre_id=user.working_centre_id)


class Journey(models.Model):
    """Where a course stands. Only transitions.py writes it."""

    course = models.OneToOneField(Course, on_delete=models.PROTECT, related_name="journey")
    # The course's centre again: the board counts and sorts by (centre, stage) in one index.
    centre = models.ForeignKey(Centre, on_delete=models.PROTECT, related_name="+")
    stage = models.CharField(max_length=20, default=Stage.REFERRAL.value)
    stage_since = models.DateField()
    left_stage = models.CharField(max_length=20, blank=True)
    # False after an exit, completion or death: what the board leaves out.
    active = models.BooleanField(default=True)

    objects = JourneyQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(stage__in=[stage.value for stage in Stage]), name="journey_stage_known"
            ),
        ]
        indexes = [
            models.Index(fields=["centre", "active", "stage", "stage_since"], name="journey_board"),
        ]


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

    class Meta:
        constraints = [
            models.CheckConstraint(condition=_known(Attempt), name="attempt_state_known"),
            models.UniqueConstraint(fields=["course", "number"], name="attempt_number_unique"),
        ]


class Product(Companion):
    """One manufacturing attempt."""

    order_number = models.CharField(_("order number"), max_length=40, blank=True)
    lot = models.CharField(_("lot"), max_length=40, blank=True)
    expected_on = models.DateField(_("expected on site"), null=True, blank=True)
    expires_on = models.DateField(_("expires on"), null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=_known(ProductState), name="product_state_known")
        ]


class BridgingCourse(Companion):
    """One course of bridging therapy."""

    drug = models.CharField(_("drug"), max_length=80)
    drug_class = models.CharField(_("drug class"), max_length=40, blank=True)
    last_dose_on = models.DateField(_("last dose on"), null=True, blank=True)
    response = models.CharField(_("response"), max_length=120, blank=True)

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


class Change(models.Model):
    """One move of the journey or of a companion: append-only, in order per course.

    `machine` names the table; `subject_id` the companion (null for the journey). `cause` keys what
    made an automatic change, such as `change:<sequence>` or `death:<id>`, so that an undo restores
    exactly that. `data_source` says where the fact comes from when it is not the actor's own.
    """

    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="changes")
    sequence = models.PositiveIntegerField()
    machine = models.CharField(max_length=20)
    subject_id = models.BigIntegerField(null=True, blank=True)
    source = models.CharField(max_length=24, blank=True)
    target = models.CharField(max_length=24)
    happened_at = models.DateTimeField()
    happened_on = models.DateField()  # happened_at in the centre's zone, kept for day counting
    recorded_at = models.DateTimeField()
    actor = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField(blank=True)
    overrides = models.JSONField(default=list)
    details = models.JSONField(default=dict)
    cause = models.CharField(max_length=40, blank=True)
    data_source = models.CharField(max_length=30, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["course", "sequence"], name="change_in_order"),
        ]
        indexes = [
            models.Index(fields=["course", "machine", "subject_id"], name="change_by_subject")
        ]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]
