"""What was given for toxicity, and infections: append-only, corrected by replacement."""

from typing import ClassVar

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from toxicity.domain.given import (
    DRUGS,
    HIDES,
    HIDES_FEVER,
    IRRADIATED,
    MASKING,
    ORGANISMS,
    OTHER,
    PURPOSES,
    ROUTES,
    SEVERITIES,
    SITES,
    TRANSFUSIONS,
    UNITS,
)
from toxicity.models.records import APPEND_ONLY, RecordQuerySet, ToxicityRecord

# Which treatments hide fever.
HIDING = Q(drug__in=sorted(MASKING)) | Q(hides_fever=HIDES)


class Treatment(ToxicityRecord):
    """One dose that was given, or `times` equal ones within a day; empty where nobody knows it."""

    drug = models.CharField(_("drug"), max_length=20, choices=[(d, _(n)) for d, n in DRUGS.items()])
    other_drug = models.CharField(_("which drug"), max_length=80, blank=True)
    given_at = models.DateTimeField(_("given at"))
    dose = models.DecimalField(_("dose"), max_digits=10, decimal_places=3, null=True, blank=True)
    unit = models.CharField(_("unit"), max_length=4, blank=True, choices=[(u, u) for u in UNITS])
    times = models.PositiveSmallIntegerField(_("times that day"), default=1)
    route = models.CharField(
        _("route"), max_length=6, blank=True, choices=[(r, _(n)) for r, n in ROUTES.items()]
    )
    purpose = models.CharField(
        _("given for"), max_length=12, choices=[(p, _(n)) for p, n in PURPOSES.items()]
    )
    # Of a transfusion; empty for a drug.
    irradiated = models.CharField(
        _("irradiated"),
        max_length=8,
        blank=True,
        choices=[(i, _(n)) for i, n in IRRADIATED.items()],
    )
    # Of another drug than the list has; empty for those, and where it was not asked yet.
    hides_fever = models.CharField(
        _("hides fever"),
        max_length=8,
        blank=True,
        choices=[(h, _(n)) for h, n in HIDES_FEVER.items()],
    )
    tapering = models.BooleanField(_("part of a taper"), default=False)
    # What the dose check had to say, and that somebody stood by the dose.
    doubts = models.JSONField(default=list, encoder=DjangoJSONEncoder)
    confirmed = models.BooleanField(_("I checked this dose"), default=False)
    remark = models.CharField(_("remark"), max_length=200, blank=True)

    objects: ClassVar[RecordQuerySet] = RecordQuerySet.as_manager()  # type: ignore[assignment]

    class Meta(ToxicityRecord.Meta):
        constraints = [
            *ToxicityRecord.Meta.constraints,
            models.CheckConstraint(
                condition=(Q(dose__isnull=True) | (Q(dose__gt=0) & ~Q(unit=""))) & Q(times__gte=1),
                name="treatment_dosed",
            ),
            models.CheckConstraint(
                condition=~Q(drug=OTHER) | ~Q(other_drug=""), name="treatment_named"
            ),
            models.CheckConstraint(
                condition=Q(irradiated="") | Q(drug__in=sorted(TRANSFUSIONS)),
                name="treatment_irradiated",
            ),
            models.CheckConstraint(
                condition=Q(hides_fever="") | Q(drug=OTHER), name="treatment_hides_fever"
            ),
        ]
        indexes = [models.Index(fields=["course", "-given_at"], name="treatment_latest")]
        triggers = [APPEND_ONLY]

    @property
    def hides(self) -> bool:
        """Whether it is known to hide fever."""
        return self.drug in MASKING or self.hides_fever == HIDES


class Infection(ToxicityRecord):
    """One infection: organism, site, how severe, from when to when."""

    began_on = models.DateField(_("began on"))
    ended_on = models.DateField(_("over on"), null=True, blank=True)
    organism = models.CharField(
        _("organism"), max_length=16, choices=[(o, _(n)) for o, n in ORGANISMS.items()]
    )
    other_organism = models.CharField(_("which organism"), max_length=80, blank=True)
    site = models.CharField(_("site"), max_length=10, choices=[(s, _(n)) for s, n in SITES.items()])
    severity = models.PositiveSmallIntegerField(
        _("severity"), null=True, blank=True, choices=[(s, _(n)) for s, n in SEVERITIES.items()]
    )
    remark = models.CharField(_("remark"), max_length=200, blank=True)

    objects: ClassVar[RecordQuerySet] = RecordQuerySet.as_manager()  # type: ignore[assignment]

    class Meta(ToxicityRecord.Meta):
        constraints = [
            *ToxicityRecord.Meta.constraints,
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True) | Q(ended_on__gte=F("began_on")),
                name="infection_in_order",
            ),
            models.CheckConstraint(
                condition=~Q(organism=OTHER) | ~Q(other_organism=""), name="infection_named"
            ),
        ]
        indexes = [models.Index(fields=["course", "-began_on"], name="infection_latest")]
        triggers = [APPEND_ONLY]
