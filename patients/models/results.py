"""Results: laboratory values in canonical units, bone marrow."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Centre
from patients.models.history import ChartEntry


class LabAnswer(models.TextChoices):
    """What a test for something answers, with a number or without."""

    POSITIVE = "positive", _("Positive")
    NEGATIVE = "negative", _("Negative")


class LabResult(ChartEntry):
    """One laboratory value in its canonical unit, beside what was typed."""

    analyte = models.CharField(_("analyte"), max_length=40)
    # A number, or the limit of one with its comparator; none where only an answer was given.
    value = models.DecimalField(_("value"), max_digits=14, decimal_places=5, null=True, blank=True)
    comparator = models.CharField(max_length=1, blank=True, choices=[("<", "<"), (">", ">")])
    unit = models.CharField(max_length=20, blank=True)
    result = models.CharField(_("answer"), max_length=8, blank=True, choices=LabAnswer.choices)
    typed = models.CharField(max_length=40)
    # Somebody looked at an unusual value again and stands by it.
    confirmed = models.BooleanField(_("I checked this unusual value"), default=False)
    context = models.CharField(_("context"), max_length=80, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(value__isnull=False) | ~Q(result=""),
                name="lab_says_something",
                violation_error_message=_("Give a value or an answer."),
            ),
            models.CheckConstraint(
                condition=Q(comparator="") | Q(value__isnull=False), name="lab_limit_has_number"
            ),
        ]
        indexes = [
            models.Index(fields=["course", "analyte", "-on", "-id"], name="lab_latest"),
        ]


class LabName(models.Model):
    """What the laboratory of a centre calls an analyte, as somebody said for a file of results."""

    centre = models.ForeignKey(Centre, on_delete=models.PROTECT, related_name="lab_names")
    name = models.CharField(max_length=80)  # as `domain/result_rows.plain_name` makes it
    analyte = models.CharField(_("analyte"), max_length=40)
    set_at = models.DateTimeField()
    set_by = models.CharField(max_length=150)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["centre", "name"], name="lab_name_said_once"),
        ]


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
    mrd_method = models.CharField(
        _("method"),
        max_length=8,
        blank=True,
        choices=[
            ("flow", _("Flow cytometry")),
            ("pcr", _("Quantitative PCR")),
            ("ngs", _("Sequencing")),
            ("other", _("Other")),
        ],
    )
    # Per cent of cells, such as 0.01 for one in ten thousand.
    mrd_percent = models.DecimalField(
        _("level"), max_digits=9, decimal_places=6, null=True, blank=True
    )
    mrd_limit_percent = models.DecimalField(
        _("limit of detection"), max_digits=9, decimal_places=6, null=True, blank=True
    )
    donor_percent = models.DecimalField(
        _("donor chimerism"), max_digits=5, decimal_places=2, null=True, blank=True
    )


class ImagingKind(models.TextChoices):
    """Which examination."""

    PET_CT = "pet_ct", _("PET-CT")
    CT = "ct", _("CT")
    MRI = "mri", _("Magnetic resonance")
    ECHO = "echo", _("Echocardiogram")
    CHEST_FILM = "chest_film", _("Chest film")


class ImagingResult(ChartEntry):
    """One examination by image. Extramedullary disease is yes, no or, empty, not known."""

    kind = models.CharField(_("examination"), max_length=12, choices=ImagingKind.choices)
    finding = models.CharField(
        _("finding"),
        max_length=12,
        choices=[
            ("clear", _("Nothing pathological")),
            ("pathological", _("Pathological")),
            ("unclear", _("Not conclusive")),
        ],
    )
    extramedullary = models.BooleanField(_("extramedullary disease"), null=True, blank=True)
    lvef_percent = models.DecimalField(
        _("ejection fraction"), max_digits=4, decimal_places=1, null=True, blank=True
    )
    remark = models.CharField(_("remark"), max_length=200, blank=True)


class CsfTest(models.TextChoices):
    """What a look for blasts found; not done is a value of its own."""

    NEGATIVE = "negative", _("No blasts")
    POSITIVE = "positive", _("Blasts found")
    NOT_DONE = "not_done", _("Not done")


class CsfResult(ChartEntry):
    """Cerebrospinal fluid. Intrathecal therapy is yes, no or, empty, not known."""

    cells_per_ul = models.DecimalField(
        _("cells"), max_digits=8, decimal_places=1, null=True, blank=True
    )
    cytology = models.CharField(_("cytology"), max_length=8, choices=CsfTest.choices)
    flow = models.CharField(_("flow cytometry"), max_length=8, choices=CsfTest.choices)
    intrathecal = models.BooleanField(_("intrathecal therapy given"), null=True, blank=True)
