"""Appointments of a course with every change of them, and the secret links of calendar feeds."""

from uuid import uuid4

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from patients.models import Course
from reminders.domain.calendar import BOOKABLE, KIND_NAMES

KIND_CHOICES = [(kind.value, _(KIND_NAMES[kind])) for kind in BOOKABLE]


class AppointmentStatus(models.TextChoices):
    """Whether it stands. That it took place is said by the record of what was done there."""

    BOOKED = "booked", pgettext_lazy("appointment", "Booked")
    CANCELLED = "cancelled", pgettext_lazy("appointment", "Cancelled")


class AppointmentQuerySet(models.QuerySet["Appointment"]):
    """Appointments as somebody may see them."""

    def visible_to(self, user: User) -> "AppointmentQuerySet":
        """Those of courses of the centre `user` works at; none without the permission to read."""
        return self.filter(course__in=Course.objects.visible_to(user))

    def booked(self) -> "AppointmentQuerySet":
        """Those that nobody and nothing cancelled."""
        return self.filter(status=AppointmentStatus.BOOKED)


class Appointment(models.Model):
    """One appointment as it stands, on a plain date of the centre; `at` empty for the whole day.

    Its `uid` stays the same in every calendar that follows it; `revision` counts its changes.
    """

    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="appointments")
    uid = models.UUIDField(default=uuid4, unique=True, editable=False)
    kind = models.CharField(_("kind"), max_length=16, choices=KIND_CHOICES)
    on = models.DateField(_("on"))
    at = models.TimeField(_("time"), null=True, blank=True)
    place = models.CharField(_("place"), max_length=80, blank=True)
    remark = models.CharField(_("remark"), max_length=200, blank=True)
    status = models.CharField(
        _("status"), max_length=10, choices=AppointmentStatus.choices,
        default=AppointmentStatus.BOOKED,
    )  # fmt: skip
    # Why it was cancelled, and what did it: `hand`, or such as `death:7`, so that an undo is exact.
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    cancelled_cause = models.CharField(max_length=40, blank=True)
    revision = models.PositiveIntegerField(default=1)
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=150)
    changed_at = models.DateTimeField()
    changed_by = models.CharField(max_length=150)
    source = models.CharField(max_length=30, blank=True)

    objects = AppointmentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=[kind.value for kind in BOOKABLE]),
                name="appointment_kind_known",
            ),
            models.CheckConstraint(
                condition=Q(status=AppointmentStatus.BOOKED, cancelled_cause="", reason="")
                | (Q(status=AppointmentStatus.CANCELLED) & ~Q(cancelled_cause="")),
                name="appointment_cancelled_by_something",
            ),
            # A second click books nothing twice; an empty time is one of them.
            models.UniqueConstraint(
                fields=["course", "kind", "on", "at"],
                condition=Q(status=AppointmentStatus.BOOKED),
                nulls_distinct=False,
                name="appointment_booked_once",
            ),
        ]
        indexes = [models.Index(fields=["on"], name="appointment_by_date")]


class ChangeKind(models.TextChoices):
    """What was done with an appointment."""

    BOOKED = "booked", pgettext_lazy("appointment", "Booked")
    CHANGED = "changed", pgettext_lazy("appointment", "Changed")
    CANCELLED = "cancelled", pgettext_lazy("appointment", "Cancelled")
    REINSTATED = "reinstated", pgettext_lazy("appointment", "Stands again")


class AppointmentChange(models.Model):
    """What an appointment said from one revision on: append-only, so nothing that stood is lost."""

    appointment = models.ForeignKey(Appointment, on_delete=models.PROTECT, related_name="changes")
    revision = models.PositiveIntegerField()
    what = models.CharField(max_length=12, choices=ChangeKind.choices)
    kind = models.CharField(max_length=16, choices=KIND_CHOICES)
    on = models.DateField()
    at = models.TimeField(null=True, blank=True)
    place = models.CharField(max_length=80, blank=True)
    remark = models.CharField(max_length=200, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    cause = models.CharField(max_length=40, blank=True)
    changed_at = models.DateTimeField()
    changed_by = models.CharField(max_length=150)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["appointment", "revision"], name="appointment_revision_once"
            )
        ]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]


class CalendarFeed(models.Model):
    """The secret link of one person to the calendar; of the secret only its digest is kept."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="calendar_feeds")
    digest = models.CharField(max_length=64, unique=True)
    mine = models.BooleanField(_("only my patients"), default=False)
    language = models.CharField(max_length=10)
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    # The day on which its reading was last noted in the audit, which is once a day.
    noted_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(ended_at=None), name="one_open_calendar_feed"
            )
        ]
