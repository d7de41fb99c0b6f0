"""Reaching the patient, and sharing the care with another centre."""

import pgtrigger
from django.db import models
from django.utils.translation import gettext_lazy as _

from patients.models.history import ChartEntry


class Means(models.TextChoices):
    """How somebody tried to reach the patient."""

    PHONE = "phone", _("Telephone")
    EMAIL = "email", _("E-mail")
    LETTER = "letter", _("Letter")
    VISIT = "visit", _("Home visit")
    FAMILY = "family", _("Through the family")
    PHYSICIAN = "physician", _("Through another physician")


class ContactAttempt(ChartEntry):
    """One attempt to reach the patient, whether or not it did: corrected like any fact, kept."""

    means = models.CharField(_("means"), max_length=12, choices=Means.choices)
    made_by = models.CharField(_("made by"), max_length=120)
    reached = models.BooleanField(_("the patient was reached"))
    remark = models.CharField(_("remark"), max_length=200, blank=True)

    class Meta:
        triggers = [pgtrigger.Protect(name="kept", operation=pgtrigger.Delete)]


class Handover(ChartEntry):
    """Another centre takes part in the care; the duty of follow-up stays here."""

    centre = models.CharField(_("other centre"), max_length=120)
    physician = models.CharField(_("physician there"), max_length=120, blank=True)
    shared = models.CharField(
        _("what is done there"),
        max_length=12,
        choices=[
            ("visits", _("Visits and tests")),
            ("treatment", _("Visits, tests and treatment")),
            ("all", _("Everything but the duty of follow-up")),
        ],
    )
    documents_sent = models.BooleanField(_("documents sent"), null=True, blank=True)
    patient_informed = models.BooleanField(_("patient informed"), null=True, blank=True)
    remark = models.CharField(_("remark"), max_length=200, blank=True)
