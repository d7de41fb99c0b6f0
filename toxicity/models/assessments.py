"""Bedside assessments, their grades, and what a clinician says about a grade: append-only."""

from datetime import datetime
from math import inf
from typing import ClassVar, Self

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from patients.models import Course
from toxicity.domain.grading import Status
from toxicity.domain.scales import MOST, SCALE_NAMES, VERDICT_NAMES, Origin, Verdict
from toxicity.models.records import APPEND_ONLY, RecordQuerySet, ToxicityRecord

_SCALES = [(scale, _(name)) for scale, name in SCALE_NAMES.items()]


def first_entry(assessment: str = "") -> Coalesce:
    """What orders checks of one minute: the entry that a chain of corrections began with."""
    at = f"{assessment}__" if assessment else ""
    return Coalesce(f"{at}root_id", f"{at}pk", output_field=models.BigIntegerField())


class AssessmentQuerySet(RecordQuerySet):
    """Checks in their order."""

    def in_order(self) -> Self:
        """By time; of one minute as they were first entered, however often corrected since."""
        return self.order_by("observed_at", first_entry(), "pk")

    def latest_first(self) -> Self:
        """The other way round."""
        return self.order_by("-observed_at", first_entry().desc(), "-pk")


class Assessment(ToxicityRecord):
    """What was seen at one moment: signs, never a grade.

    `signs` holds them by scale as they were given, numbers as exact text; the temperature and the
    ICE score stand in columns too, for tables and lines. A `baseline` is before the infusion.
    `root` is the first entry of those that a correction puts right; empty for that one itself.
    """

    root = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    observed_at = models.DateTimeField(_("when"))
    signs = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    temp_c = models.DecimalField(max_digits=6, decimal_places=3, null=True, blank=True)
    ice = models.PositiveSmallIntegerField(null=True, blank=True)
    baseline = models.BooleanField(default=False)
    handwriting = models.CharField(_("sentence written by the patient"), max_length=200, blank=True)
    remark = models.CharField(_("remark"), max_length=500, blank=True)

    objects: ClassVar[AssessmentQuerySet] = AssessmentQuerySet.as_manager()  # type: ignore[assignment]

    class Meta(ToxicityRecord.Meta):
        constraints = [
            *ToxicityRecord.Meta.constraints,
            models.CheckConstraint(
                condition=Q(replaces__isnull=True, root__isnull=True)
                | Q(replaces__isnull=False, root__isnull=False),
                name="assessment_first_entry",
            ),
            models.CheckConstraint(
                condition=Q(ice__isnull=True) | Q(ice__lte=10), name="ice_of_ten"
            ),
        ]
        indexes = [models.Index(fields=["course", "-observed_at"], name="assessment_latest")]
        triggers = [APPEND_ONLY]

    @property
    def place(self) -> tuple[datetime, float]:
        """Where it stands among the checks of its course; one that is not stored comes last."""
        return self.observed_at, self.root_id or self.pk or inf


class AssessmentGradeQuerySet(models.QuerySet["AssessmentGrade"]):
    """Grades as somebody may see them."""

    def visible_to(self, user: User) -> Self:
        """Those of courses of the centre `user` works at; none without the permission to read."""
        return self.filter(assessment__course__in=Course.objects.visible_to(user))


class AssessmentGrade(models.Model):
    """What one scale makes of an assessment; the latest row of a scale stands.

    Null is not assessable, which is never 0. A later row comes `because` an earlier assessment was
    added or corrected, on which this one depends. `lapsed` is a clinician's word about what stood
    before, in this check or the one that it replaces: it was not about this.
    """

    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="grades")
    scale = models.CharField(max_length=8, choices=_SCALES)
    grade = models.PositiveSmallIntegerField(null=True, blank=True)
    status = models.CharField(max_length=16, choices=[(s.value, s.value) for s in Status])
    origin = models.CharField(max_length=8, choices=[(o.value, o.value) for o in Origin])
    drivers = models.JSONField(default=list)
    warnings = models.JSONField(default=list, encoder=DjangoJSONEncoder)
    rule_version = models.CharField(max_length=40)
    graded_at = models.DateTimeField()
    because = models.CharField(max_length=40, blank=True)
    lapsed = models.ForeignKey(
        "GradeReview", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = AssessmentGradeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(grade__isnull=True) | Q(grade__lte=MOST), name="grade_of_scale"
            ),
            models.CheckConstraint(
                condition=Q(grade__isnull=True, status=Status.NOT_GRADEABLE)
                | (Q(grade__isnull=False) & ~Q(status=Status.NOT_GRADEABLE)),
                name="grade_where_gradeable",
            ),
        ]
        indexes = [models.Index(fields=["assessment", "scale", "-id"], name="grade_latest")]
        triggers = [APPEND_ONLY]


class GradeReview(models.Model):
    """A clinician's word about one grade, beside it; the latest stands. `grade` is theirs."""

    of = models.ForeignKey(AssessmentGrade, on_delete=models.PROTECT, related_name="reviews")
    verdict = models.CharField(
        max_length=12, choices=[(verdict, _(name)) for verdict, name in VERDICT_NAMES.items()]
    )
    grade = models.PositiveSmallIntegerField(null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    at = models.DateTimeField()
    by = models.CharField(max_length=150)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(verdict=Verdict.CONFIRMED) | ~Q(reason=""), name="override_reasoned"
            ),
            models.CheckConstraint(
                condition=Q(grade__isnull=True) | Q(grade__lte=MOST), name="review_of_scale"
            ),
        ]
        indexes = [models.Index(fields=["of", "-id"], name="review_latest")]
        triggers = [APPEND_ONLY]
