"""Results: laboratory values in canonical units, bone marrow."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from patients.models.history import ChartEntry


class LabResult(ChartEntry):
    """One laboratory value in its canonical unit, beside what was typed."""

    analyte = models.CharField(_("analyte"), max_length=30)
    value = models.DecimalField(_("value"), max_digits=14, decimal_places=5)
    unit = models.CharField(max_length=20)
    typed = models.CharField(max_length=40)
    context = models.CharField(_("context"), max_length=80, blank=True)


class MrdStatus(models.TextChoices):
    """Measurable residual disease; not assessed is a value of its own."""

    NEGATIVE = "negative", _("MRD negative")
    POSITIVE = "positive", _("MRD positive")
    NOT_ASSESSED = "not_assessed", _("MRD not assessed")


class MarrowResult(ChartEntry):
    """One marrow check: blasts, remission, measurable residual disease."""

    blasts_percent = models.DecimalField(
        _("blasts"), max_digits=5, decimal_places=2, null=True, blank=True
    )
    remission = models.CharField(
        _("response"),
        max_length=12,
        blank=True,
        choices=[
            ("cr", _("Complete remission")),
            ("cri", _("Complete remission, incomplete recovery")),
            ("none", _("No remission")),
        ],
    )
    mrd = models.CharField(
        _("measurable residual disease"),
        max_length=12,
        choices=MrdStatus.choices,
        default=MrdStatus.NOT_ASSESSED,
    )
