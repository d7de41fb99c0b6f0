"""The course and what dates it: anchors, stays, holds."""

from datetime import date
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Centre, User
from accounts.permissions import Permission
from patients.models.people import Patient
from patients.models.standing import Standing
from protocol.models import Protocol


class CourseQuerySet(models.QuerySet["Course"]):
    """Courses as somebody may see them."""

    def visible_to(self, user: User) -> Self:
        """Courses of the centre `user` works at; none without the permission to read.

        Those entered in error are left out for everybody.
        """
        if not user.may(Permission.READ_COURSES):
            return self.none()
        return self.of_centre(user.working_centre_id)

    def of_centre(self, centre_id: int | None) -> Self:
        """Those of a centre, without what was entered in error; for who may read them."""
        return self.filter(centre_id=centre_id, error_cause="")


class Course(models.Model):
    """One CAR-T product, one infusion, one day 0. Its row is the lock of everything about it."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="courses")
    centre = models.ForeignKey(Centre, on_delete=models.PROTECT, related_name="courses")
    protocol = models.ForeignKey(Protocol, on_delete=models.PROTECT, related_name="courses")
    code = models.CharField(_("course code"), max_length=24, unique=True)
    product = models.CharField(_("product"), max_length=60)
    coordinator = models.ForeignKey(
        User,
        verbose_name=_("coordinator"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    haematologist = models.ForeignKey(
        User,
        verbose_name=_("haematologist"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    referred_on = models.DateField(_("referred on"))
    # The day of the exit or completion, empty while under way. A death closes nothing here.
    closed_on = models.DateField(_("ended on"), null=True, blank=True)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=150)
    # The day on which it was entered with its past; empty for one that began here.
    transcribed_on = models.DateField(_("transcribed on"), null=True, blank=True)
    # `error:<id>` of the mark that hides a course entered in error.
    error_cause = models.CharField(max_length=40, blank=True)
    # Raised by moves, anchors and corrections; a writer who saw an older one is refused.
    version = models.PositiveIntegerField(default=1)

    objects = CourseQuerySet.as_manager()

    # Not columns. Known of a row while it is locked, so that one write need not ask twice:
    version_raised = False
    last_change: int | None = None  # sequence of the latest change of the journey

    class Meta:
        indexes = [
            models.Index(fields=["centre", "coordinator"], name="course_by_coordinator"),
            models.Index(fields=["centre", "haematologist"], name="course_by_haematologist"),
        ]


class AnchorKind(models.TextChoices):
    """The events that the rest is counted from."""

    ENROLMENT = "enrolment", _("Enrolment")
    APHERESIS = "apheresis", _("Leukapheresis")
    LYMPHODEPLETION = "lymphodepletion", _("Lymphodepletion start")
    INFUSION = "infusion", _("Infusion (day 0)")
    DISCHARGE = "discharge", _("Discharge")
    RELAPSE = "relapse", _("Relapse")


class Anchor(models.Model):
    """A date others are counted from: planned, then actual; counted occurrences."""

    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="anchors")
    kind = models.CharField(max_length=16, choices=AnchorKind.choices)
    occurrence = models.PositiveSmallIntegerField(default=1)
    planned_on = models.DateField(_("planned on"), null=True, blank=True)
    actual_on = models.DateField(_("actual date"), null=True, blank=True)
    delay_code = models.CharField(max_length=40, blank=True)  # why the plan moved last, coded
    source = models.CharField(max_length=30, blank=True)
    set_at = models.DateTimeField()
    set_by = models.CharField(max_length=150)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["course", "kind", "occurrence"], name="anchor_unique"),
            models.CheckConstraint(
                condition=Q(planned_on__isnull=False) | Q(actual_on__isnull=False),
                name="anchor_dated",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=AnchorKind.values), name="anchor_kind_known"
            ),
        ]
        indexes = [
            models.Index(
                fields=["planned_on"], condition=Q(actual_on=None), name="anchor_still_planned"
            ),
        ]

    @property
    def on(self) -> date | None:
        """The actual date, else the planned one."""
        return self.actual_on or self.planned_on


class StayUnit(models.TextChoices):
    """Where the patient lies."""

    WARD = "ward", _("Ward")
    ICU = "icu", _("Intensive care")


class Stay(models.Model):
    """An uninterrupted time in one unit; a stay in hospital may be several in a row."""

    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="stays")
    unit = models.CharField(max_length=8, choices=StayUnit.choices, default=StayUnit.WARD)
    place = models.CharField(_("ward"), max_length=80, blank=True)
    began_on = models.DateField(_("from"))
    ended_on = models.DateField(_("to"), null=True, blank=True)
    ended_by_transfer = models.BooleanField(default=False)
    # What closed it besides a discharge or transfer, such as `death:7`, so that an undo is exact.
    ended_cause = models.CharField(max_length=40, blank=True)
    source = models.CharField(max_length=30, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=150)
    in_error = models.BooleanField(default=False)

    objects: ClassVar[Standing[Self]] = Standing()
    all_rows: ClassVar[models.Manager[Self]] = models.Manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["course"], condition=Q(ended_on=None, in_error=False), name="one_open_stay"
            ),
            models.CheckConstraint(
                condition=Q(ended_on=None) | Q(ended_on__gte=models.F("began_on")),
                name="stay_not_backwards",
            ),
        ]


class Hold(models.Model):
    """An open delay of one step, with a coded reason; ended, never deleted."""

    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="holds")
    step = models.CharField(_("step held"), max_length=20)
    reason_code = models.CharField(_("reason"), max_length=40)
    remark = models.TextField(_("remark"), blank=True)
    managed_with = models.CharField(_("managed with"), max_length=200, blank=True)
    began_on = models.DateField(_("since"))
    planned_on = models.DateField(_("planned date"), null=True, blank=True)
    review_on = models.DateField(_("review on"), null=True, blank=True)
    ended_on = models.DateField(_("ended on"), null=True, blank=True)
    new_date = models.DateField(_("new date"), null=True, blank=True)
    ended_cause = models.CharField(max_length=40, blank=True)
    source = models.CharField(max_length=30, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=150)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.CharField(max_length=150, blank=True)
    in_error = models.BooleanField(default=False)

    objects: ClassVar[Standing[Self]] = Standing()
    all_rows: ClassVar[models.Manager[Self]] = models.Manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_on=None, ended_at=None)
                | Q(ended_on__isnull=False, ended_at__isnull=False),
                name="hold_end_whole",
            ),
        ]
        indexes = [
            models.Index(
                fields=["course"], condition=Q(ended_on=None, in_error=False), name="hold_open"
            ),
        ]
