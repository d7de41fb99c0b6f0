"""Allergies, contacts, the caregiver at home and where papers are kept."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from patients.models.history import ChartEntry


class Allergy(ChartEntry):
    """An allergy, or the statement that none is known; neither recorded is not known."""

    none_known = models.BooleanField(_("no allergy is known"), default=False)
    substance = models.CharField(_("substance"), max_length=80, blank=True)
    reaction = models.CharField(_("reaction"), max_length=120, blank=True)
    # A test showed since when it is none, or that it never was.
    refuted_on = models.DateField(_("refuted on"), null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(none_known=True, substance="")
                | (Q(none_known=False) & ~Q(substance="")),
                name="allergy_or_none",
                violation_error_message=_("Name the substance, or say that no allergy is known."),
            ),
        ]


class Contact(ChartEntry):
    """Somebody to call about the patient."""

    name = models.CharField(_("name"), max_length=120)
    relation = models.CharField(_("relation to the patient"), max_length=60, blank=True)
    phone = models.CharField(_("telephone"), max_length=40)
    caregiver = models.BooleanField(_("is the caregiver"), default=False)


class CaregiverCheck(ChartEntry):
    """Whether somebody is with the patient day and night, and how far from the centre."""

    present = models.BooleanField(_("caregiver day and night"))
    minutes_away = models.PositiveSmallIntegerField(
        _("minutes to the centre"), null=True, blank=True
    )


class DocumentReference(ChartEntry):
    """A paper or file kept elsewhere: its number and place, never the document."""

    kind = models.CharField(
        _("document"),
        max_length=12,
        choices=[
            ("consent", _("Consent form")),
            ("report", _("Report of an examination")),
            ("minutes", _("Minutes of a meeting")),
            ("letter", _("Letter")),
            ("certificate", _("Certificate")),
            ("other", _("Other")),
        ],
    )
    number = models.CharField(_("reference number"), max_length=60)
    kept_at = models.CharField(_("kept at"), max_length=120)
