"""The patient, the identifiers and the fact of death."""

from typing import TYPE_CHECKING, ClassVar, Self

import pgtrigger
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Centre, User
from accounts.permissions import Permission
from patients.models.standing import Standing


class PatientQuerySet(models.QuerySet["Patient"]):
    """Patients as somebody may see them."""

    def visible_to(self, user: User) -> Self:
        """Patients of the centre `user` works at; none without the permission to read.

        Those entered in error are left out for everybody.
        """
        if not user.may(Permission.READ_COURSES):
            return self.none()
        return self.of_centre(user.working_centre_id)

    def of_centre(self, centre_id: int | None) -> Self:
        """Those of a centre, without what was entered in error; for who may read them."""
        return self.filter(centre_id=centre_id, error_cause="")


class Sex(models.TextChoices):
    """Administrative sex, FHIR's value set."""

    FEMALE = "female", _("Female")
    MALE = "male", _("Male")
    OTHER = "other", _("Other")
    UNKNOWN = "unknown", _("Not known")


class Patient(models.Model):
    """A person cared for at a centre. Every field but `sex` identifies; exports leave them out."""

    centre = models.ForeignKey(Centre, on_delete=models.PROTECT, related_name="patients")
    family_name = models.CharField(_("family name"), max_length=100)
    given_name = models.CharField(_("given name"), max_length=100)
    birth_date = models.DateField(_("birth date"))
    sex = models.CharField(_("sex"), max_length=8, choices=Sex.choices, default=Sex.UNKNOWN)
    referring_hospital = models.CharField(_("referring hospital"), max_length=150, blank=True)
    referring_physician = models.CharField(_("referring physician"), max_length=150, blank=True)
    identity_verified_at = models.DateTimeField(null=True, blank=True)
    # When a number was last found to be wrong: no check of identity begun before still stands.
    numbers_corrected_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=150)
    # `error:<id>` of the mark that hides a patient entered in error.
    error_cause = models.CharField(max_length=40, blank=True)
    # Raised when the details change; a writer who saw older ones is refused.
    version = models.PositiveIntegerField(default=1)
    # Bare lower-case words of name, birth date and numbers: what the search box looks in.
    search_text = models.TextField(editable=False, default="")

    objects = PatientQuerySet.as_manager()

    if TYPE_CHECKING:
        death: "Death"

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(sex__in=Sex.values), name="patient_sex_known"),
        ]
        indexes = [
            models.Index(
                fields=["centre", "family_name", "given_name", "id"], name="patient_by_name"
            ),
        ]


class Identifier(models.Model):
    """A number somebody issued to the patient: hospital, health-service number, study code."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="identifiers")
    centre = models.ForeignKey(Centre, on_delete=models.PROTECT, related_name="+")
    system = models.CharField(_("issuer"), max_length=60)
    value = models.CharField(_("number"), max_length=60)
    # Free for somebody else: the patient was entered in error.
    released = models.BooleanField(default=False)
    # Somebody said that wristband and labels carry this one: see domain/numbers.py.
    on_labels = models.BooleanField(default=False)
    # Not this patient's number at all.
    in_error = models.BooleanField(default=False)

    objects: ClassVar[Standing[Self]] = Standing()
    all_rows: ClassVar[models.Manager[Self]] = models.Manager()

    class Meta:
        constraints = [
            # Unique per issuer inside a centre: across centres it would tell one of the other.
            models.UniqueConstraint(
                fields=["centre", "system", "value"],
                condition=Q(released=False, in_error=False),
                name="identifier_unique",
            ),
            models.UniqueConstraint(
                fields=["patient"],
                condition=Q(on_labels=True, in_error=False),
                name="one_number_on_labels",
            ),
        ]


class IdentifierCorrectionKind(models.TextChoices):
    """What was done to a number."""

    CORRECTED = "corrected", _("Corrected")
    IN_ERROR = "in_error", _("Entered in error")
    ON_LABELS = "on_labels", _("Number on the labels chosen")


class IdentifierCorrection(models.Model):
    """What a number of the patient said before, who put it right when, and why: append-only."""

    patient = models.ForeignKey(
        Patient, on_delete=models.PROTECT, related_name="identifier_corrections"
    )
    identifier = models.ForeignKey(Identifier, on_delete=models.PROTECT, related_name="corrections")
    kind = models.CharField(max_length=12, choices=IdentifierCorrectionKind.choices)
    before = models.JSONField(encoder=DjangoJSONEncoder)
    reason = models.TextField()
    corrected_at = models.DateTimeField()
    corrected_by = models.CharField(max_length=150)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="identifier_correction_reasoned"),
        ]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]


class DeathCategory(models.TextChoices):
    """Causes of death as the registries group them."""

    DISEASE = "disease", _("Relapse, progression or persistent disease")
    CRS = "crs", _("Cytokine release syndrome")
    ICANS = "icans", _("Neurotoxicity (ICANS)")
    IEC_HS = "iec_hs", _("Haemophagocytic syndrome (IEC-HS)")
    INFECTION = "infection", _("Infection")
    HAEMORRHAGE = "haemorrhage", _("Haemorrhage")
    ORGAN = "organ", _("Organ failure")
    GVHD = "gvhd", _("Graft versus host disease")
    SECOND_MALIGNANCY = "second_malignancy", _("Second malignancy")
    OTHER_TREATMENT = "other_treatment", _("Other cause, related to the treatment")
    UNRELATED = "unrelated", _("Unrelated to disease and treatment")
    UNKNOWN = "unknown", _("Not known")


class DeathSetting(models.TextChoices):
    """Where somebody died."""

    WARD = "ward", _("Ward")
    ICU = "icu", _("Intensive care")
    OTHER_HOSPITAL = "other_hospital", _("Another hospital")
    HOME = "home", _("At home")
    HOSPICE = "hospice", _("Hospice")
    OTHER = "other", _("Elsewhere")
    UNKNOWN = "unknown", _("Not known")


class Autopsy(models.TextChoices):
    """Whether there was an autopsy."""

    YES = "yes", _("Yes")
    NO = "no", _("No")
    UNKNOWN = "unknown", _("Not known")


class Death(models.Model):
    """The patient died: recordable at any stage; a mistaken one is withdrawn, not deleted."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="deaths")
    died_on = models.DateField(_("date of death"))
    cause = models.CharField(_("cause"), max_length=200, blank=True)
    place = models.CharField(_("place"), max_length=120, blank=True)
    category = models.CharField(
        _("category of the cause"),
        max_length=20,
        choices=DeathCategory.choices,
        default=DeathCategory.UNKNOWN,
    )
    setting = models.CharField(
        _("where"), max_length=16, choices=DeathSetting.choices, default=DeathSetting.UNKNOWN
    )
    autopsy = models.CharField(
        _("autopsy"), max_length=8, choices=Autopsy.choices, default=Autopsy.UNKNOWN
    )
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=150)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.CharField(max_length=150, blank=True)
    withdrawn_reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patient"], condition=Q(withdrawn_at=None), name="one_standing_death"
            ),
        ]
