"""Disease history, consents and notes. Partial dates are ISO text: 2021, 2022-03 or 2022-03-14."""

from typing import ClassVar, Self

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from patients.models.courses import Course
from patients.models.standing import Standing

_ISO_PARTIAL = RegexValidator(r"^\d{4}(-\d{2}(-\d{2})?)?$")


class ChartEntry(models.Model):
    """What every dated entry of the chart carries."""

    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="%(class)ss")
    # A year, a month or a day; empty when not known. Read with terms.partial_dates.
    on = models.CharField(
        _("date"), max_length=10, blank=True, default="", validators=[_ISO_PARTIAL]
    )
    source = models.CharField(max_length=30, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=150)
    in_error = models.BooleanField(default=False)

    objects: ClassVar[Standing[Self]] = Standing()
    all_rows: ClassVar[models.Manager[Self]] = models.Manager()

    class Meta:
        abstract = True


class Diagnosis(ChartEntry):
    """The leukaemia at diagnosis."""

    disease = models.CharField(_("disease"), max_length=80)
    ph_status = models.CharField(
        _("Philadelphia chromosome"),
        max_length=8,
        blank=True,
        choices=[("positive", _("Positive")), ("negative", _("Negative"))],
    )
    risk = models.CharField(
        _("risk at diagnosis"),
        max_length=8,
        blank=True,
        choices=[("standard", _("Standard")), ("high", _("High"))],
    )
    cns_involved = models.BooleanField(_("central nervous system involved"), null=True, blank=True)
    extramedullary = models.BooleanField(_("extramedullary disease"), null=True, blank=True)


class TherapyLine(ChartEntry):
    """One earlier line of treatment and its response."""

    treatment = models.CharField(_("treatment"), max_length=200)
    response = models.CharField(_("response"), max_length=120, blank=True)
    # The drug class of the protocol's washout table, when it is one of them.
    drug_class = models.CharField(_("drug class"), max_length=40, blank=True)


class TransplantKind(models.TextChoices):
    """What was given."""

    ALLO = "allo", _("Allogeneic transplant")
    DLI = "dli", _("Donor lymphocytes")


class Transplant(ChartEntry):
    """An allogeneic transplant, or lymphocytes of its donor; before the infusion or after it."""

    kind = models.CharField(
        _("kind"),
        max_length=8,
        default=TransplantKind.ALLO,
        choices=TransplantKind.choices,
    )
    donor = models.CharField(_("donor"), max_length=80, blank=True)
    conditioning = models.CharField(_("conditioning"), max_length=80, blank=True)
    after_infusion = models.BooleanField(_("after the infusion"), default=False)
    purpose = models.CharField(
        _("purpose"),
        max_length=16,
        blank=True,
        choices=[
            ("consolidation", _("Consolidation of a remission")),
            ("salvage", _("Salvage of a relapse")),
        ],
    )


class BlastAntigen(models.TextChoices):
    """What the blasts carry at a relapse; not tested and not known are values of their own."""

    POSITIVE = "positive", _("Positive")
    DIM = "dim", _("Dim")
    NEGATIVE = "negative", _("Negative")
    NOT_TESTED = "not_tested", _("Not tested")
    UNKNOWN = "unknown", _("Not known")


class Relapse(ChartEntry):
    """A relapse, refractory disease or a return of measurable disease.

    Sites are yes, no or, empty, not known. An antigen is empty only where nobody was asked.
    """

    kind = models.CharField(
        _("kind"),
        max_length=16,
        choices=[
            ("molecular", _("Molecular relapse")),
            ("haematological", _("Haematological relapse")),
            ("isolated", _("Relapse outside the marrow only")),
            ("mrd", _("Measurable residual disease")),
            ("refractory", _("Refractory disease")),
        ],
    )
    after_infusion = models.BooleanField(_("after the infusion"), default=False)
    extramedullary = models.BooleanField(_("extramedullary"), null=True, blank=True)
    marrow = models.BooleanField(_("bone marrow"), null=True, blank=True)
    cns = models.BooleanField(_("central nervous system"), null=True, blank=True)
    cd19 = models.CharField(
        _("CD19 of the blasts"), max_length=12, blank=True, choices=BlastAntigen.choices
    )
    cd22 = models.CharField(
        _("CD22 of the blasts"), max_length=12, blank=True, choices=BlastAntigen.choices
    )
    method = models.CharField(
        _("method"),
        max_length=12,
        blank=True,
        choices=[
            ("flow", _("Flow cytometry")),
            ("tissue", _("Immunohistochemistry")),
            ("both", _("Both methods")),
            ("other", _("Other")),
        ],
    )
    remark = models.CharField(_("remark"), max_length=200, blank=True)


class Antigen(ChartEntry):
    """Whether the blasts carry an antigen; not tested is no row, never a negative."""

    antigen = models.CharField(_("antigen"), max_length=12)
    positive = models.BooleanField(_("positive"))
    percent = models.DecimalField(
        _("percent"), max_digits=5, decimal_places=2, null=True, blank=True
    )


class Comorbidity(ChartEntry):
    """Another illness that matters for this treatment."""

    description = models.CharField(_("description"), max_length=200)


class Consent(ChartEntry):
    """A consent given, or refused, or withdrawn."""

    kind = models.CharField(_("consent to"), max_length=30)
    given = models.BooleanField(_("given"), default=True)
    version = models.CharField(_("form version"), max_length=30, blank=True)
    scope = models.CharField(_("what it covers"), max_length=120, blank=True)
    withdrawn_on = models.DateField(_("withdrawn on"), null=True, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(kind=""), name="consent_kind_named")]


class CourseNote(ChartEntry):
    """Free text for colleagues; identifying, so it never leaves in a coded export."""

    text = models.TextField(_("note"))
