"""Reminders as rows, the traces of the sweeps that roll them on, and the notices of a course."""

from datetime import date
from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Greatest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from accounts.permissions import ROLE_CHOICES, Permission
from patients.models import Course
from patients.models.courses import AnchorKind
from reminders import appointment_models  # noqa: F401 - Django looks for models in this module
from reminders.domain import schedule
from reminders.hand_task_models import TaskCorrection, TaskRequest
from reminders.planning_models import Plan, PlanFailure, PlanPause
from reminders.sending_models import (
    Channel,
    Delivery,
    Digest,
    Dispatch,
    Sending,
    SendingPreference,
)

__all__ = [
    "BEFORE_PERCORSO",
    "WAITING",
    "Channel",
    "Delivery",
    "Digest",
    "Dispatch",
    "Notice",
    "NoticeQuerySet",
    "NoticeReading",
    "Plan",
    "PlanFailure",
    "PlanPause",
    "Reminder",
    "ReminderQuerySet",
    "Sending",
    "SendingPreference",
    "Status",
    "SweepRun",
    "TaskCorrection",
    "TaskRequest",
]


class Status(models.TextChoices):
    """Where a reminder stands clinically; overdue is derived, never stored."""

    OPEN = "open", _("Open")
    DONE = "done", _("Done")
    SKIPPED = "skipped", _("Skipped")
    SNOOZED = "snoozed", _("Put off")
    CANCELLED = "cancelled", pgettext_lazy("reminder", "Cancelled")


# What still waits to be done: planning moves and cancels these, and leaves the others alone.
WAITING = (Status.OPEN, Status.SNOOZED)
# What was due before the course was entered here: nobody here knows whether it was done.
BEFORE_PERCORSO = "before_percorso"
# What people or facts have answered: shown as done lately, and can be opened again.
ANSWERED = (Status.DONE, Status.SKIPPED)


class ReminderQuerySet(models.QuerySet["Reminder"]):
    """Reminders as somebody may see them."""

    def visible_to(self, user: User) -> Self:
        """Reminders of courses at the centre `user` works at; none without the permission."""
        if not user.may(Permission.READ_COURSES):
            return self.none()
        return self.filter(course__centre_id=user.working_centre_id, course__error_cause="")

    def of_the_schedule(self) -> Self:
        """Without what people asked for by hand: planning leaves that alone."""
        return self.filter(made_by="")

    def counting(self, on: date | None = None) -> Self:
        """Those that ask for something on the date `on`: what they follow has happened.

        Open, or put off until that day or an earlier one. Without a date also those put off still.
        """
        # The first two conditions are those of the indexes.
        waiting = self.filter(status__in=WAITING, provisional=False)
        if on is None:
            return waiting
        return waiting.filter(Q(status=Status.OPEN) | Q(snoozed_until__lte=on))

    def due(self, by: date, *, on: date | None = None) -> Self:
        """Those counting on the date `on`, else on `by`, and due on `by` or earlier."""
        return self.counting(on or by).filter(due_on__lte=by)

    def overdue(self, on: date) -> Self:
        """Those counting whose window has passed by the date `on`, as `schedule.overdue` says."""
        # A window never ends before its due date: the first condition is the one indexed.
        return self.counting(on).filter(due_on__lt=on, window_end__lt=on)


class Reminder(models.Model):
    """One thing to do for one course, due on a plain date in the centre's zone."""

    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="reminders")
    item = models.CharField(_("item"), max_length=40)
    anchor_kind = models.CharField(_("counted from"), max_length=16, choices=AnchorKind.choices)
    anchor_occurrence = models.PositiveSmallIntegerField()
    ordinal = models.PositiveSmallIntegerField()
    due_on = models.DateField(_("due on"))
    window_start = models.DateField(_("window from"))
    window_end = models.DateField(_("window to"))
    # Follows something that is planned and has not happened: shown as what will come, never due.
    provisional = models.BooleanField(_("provisional"), default=False)
    # Who asked for it by hand, and in which words; empty where the schedule asks. The words could
    # name somebody: they never leave the site.
    made_by = models.CharField(max_length=150, blank=True, default="", db_default="")
    label = models.CharField(max_length=120, blank=True, default="", db_default="")
    # The number of the first of those asked for together, by hand and again and again; 0 alone.
    series = models.PositiveSmallIntegerField(default=0, db_default=0)
    # Nobody recorded what decides if it is needed at all, such as the Philadelphia chromosome.
    unsure = models.BooleanField(_("perhaps not needed"), default=False)
    # Of the small ones that come often: lists fold them, a card names what matters more.
    minor = models.BooleanField(default=False, db_default=False)
    # As what the calendar shows it, as the protocol says; empty where it does not.
    shown_as = models.CharField(max_length=20, blank=True, default="", db_default="")
    role = models.CharField(_("who"), max_length=20, choices=ROLE_CHOICES)
    status = models.CharField(
        _("status"), max_length=10, choices=Status.choices, default=Status.OPEN
    )
    done_on = models.DateField(_("done on"), null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.CharField(max_length=150, blank=True)
    # What closed it: `hand`, `marrow:12`, `death:7`, `change:5`, or planning itself.
    closed_cause = models.CharField(max_length=40, blank=True)
    reason = models.TextField(_("reason"), blank=True)
    # The day on which what was put off asks again by itself; nothing has to run for that.
    snoozed_until = models.DateField(_("put off until"), null=True, blank=True)
    # When the test was done whose result is awaited, and who said so.
    performed_on = models.DateField(_("test done on"), null=True, blank=True)
    performed_by = models.CharField(max_length=150, blank=True, default="", db_default="")
    # The day from which it asks: what was put off not before the day it comes back. Lists order by
    # it and sending counts from it; escalation does too where the window has ended before it.
    asks_on = models.GeneratedField(
        expression=Greatest("due_on", "snoozed_until"),
        output_field=models.DateField(),
        db_persist=True,
    )
    planned_at = models.DateTimeField()
    changed_at = models.DateTimeField(null=True)  # for other calendars: by people, or it came back

    objects = ReminderQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["course", "item", "anchor_occurrence", "ordinal"], name="reminder_unique"
            ),
            models.CheckConstraint(
                condition=Q(status__in=Status.values), name="reminder_status_known"
            ),
            models.CheckConstraint(
                condition=Q(anchor_kind__in=AnchorKind.values, made_by="", label="")
                | (Q(anchor_kind="") & ~Q(made_by="")),
                name="reminder_anchor_known",
            ),
            models.CheckConstraint(
                condition=Q(window_start__lte=F("due_on"), window_end__gte=F("due_on")),
                name="reminder_window_holds_date",
            ),
            models.CheckConstraint(
                condition=Q(status=Status.DONE, done_on__isnull=False)
                | (~Q(status=Status.DONE) & Q(done_on=None)),
                name="reminder_done_dated",
            ),
            models.CheckConstraint(
                condition=Q(status__in=WAITING, closed_at=None, closed_by="", closed_cause="")
                | (
                    ~Q(status__in=WAITING)
                    & Q(closed_at__isnull=False)
                    & ~Q(closed_by="")
                    & ~Q(closed_cause="")
                ),
                name="reminder_closing_whole",
            ),
            models.CheckConstraint(
                condition=~Q(status=Status.SKIPPED) | ~Q(reason=""), name="reminder_skip_reasoned"
            ),
            models.CheckConstraint(
                condition=~Q(status=Status.SNOOZED)
                | (
                    Q(snoozed_until__isnull=False) & (~Q(reason="") | Q(performed_on__isnull=False))
                ),
                name="reminder_put_off_whole",
            ),
            models.CheckConstraint(
                condition=Q(performed_on=None, performed_by="")
                | (Q(performed_on__isnull=False) & ~Q(performed_by="")),
                name="reminder_performed_whole",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_on"],
                # What a tick with nothing due asks, without a look into the table. The database
                # thinks that most of what waits is past, as most rows are, and would read them all.
                include=["id", "status", "snoozed_until", "asks_on"],
                condition=Q(status__in=WAITING, provisional=False),
                name="reminder_waiting_by_date",
            ),
            models.Index(
                fields=["course", "due_on"],
                condition=Q(status__in=WAITING, provisional=False),
                name="reminder_waiting_by_course",
            ),
            models.Index(
                fields=["course", "-done_on"],
                condition=Q(status=Status.DONE),
                name="reminder_done_latest",
            ),
            models.Index(
                fields=["course"],
                condition=Q(made_by__gt=""),
                name="reminder_by_hand",
            ),
            models.Index(
                fields=["closed_at"],
                condition=Q(status__in=ANSWERED),
                name="reminder_answered_lately",
            ),
        ]

    def counts(self, on: date) -> bool:
        """Whether it asks for something on the date `on`, as `ReminderQuerySet.counting` says."""
        if self.provisional or self.status not in WAITING:
            return False
        return not self.is_put_off(on)

    @property
    def awaits_result(self) -> bool:
        """Whether the test was done and its result is not there."""
        return self.performed_on is not None and self.status in WAITING

    def is_put_off(self, on: date) -> bool:
        """Whether it is put off beyond the date `on`."""
        until = self.snoozed_until if self.status == Status.SNOOZED else None
        return until is not None and until > on

    def is_overdue(self, on: date) -> bool:
        """Whether it still waits on the date `on` although its window has passed."""
        return self.counts(on) and schedule.overdue(self.window_end, on)


class SweepRun(models.Model):
    """One finished sweep: the sign that beat and worker are alive."""

    started_at = models.DateTimeField()
    finished_at = models.DateTimeField()
    planned = models.PositiveIntegerField()  # courses looked at
    sent = models.PositiveIntegerField(default=0)  # reminders sent in the site
    # Reminders that could not be sent this time, and courses that could not be laid out.
    failed = models.PositiveIntegerField(default=0)
    host = models.CharField(max_length=80)


class NoticeQuerySet(models.QuerySet["Notice"]):
    """Notices as somebody may see them."""

    def standing(self) -> Self:
        """Those that nothing has taken back."""
        return self.filter(withdrawn_at=None)

    def visible_to(self, user: User) -> Self:
        """Standing notices at the centre `user` works at, sent to the person or to a role held."""
        if not user.may(Permission.READ_COURSES):
            return self.none()
        addressed = Q(roles__overlap=sorted(user.roles)) | Q(people__contains=[user.pk])
        here = Q(course__centre_id=user.working_centre_id, course__error_cause="")
        return self.standing().filter(addressed, here)

    def open_to(self, user: User) -> Self:
        """Those `user` sees and has not acknowledged since they last came."""
        return self.visible_to(user).exclude(Exists(_read_by(user)))

    def acknowledged_by(self, user: User) -> Self:
        """Those `user` sees and has acknowledged since they last came."""
        return self.visible_to(user).filter(Exists(_read_by(user)))


class Notice(models.Model):
    """Something that happened on a course, told to roles or people inside the site.

    Repeats of the same (course, code, about) count on one row. Each person acknowledges for
    themselves; a repeat asks everybody again.
    """

    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="notices")
    code = models.CharField(_("kind"), max_length=40)
    # What of the course it is about, such as `hold:3`; empty when it is the course itself.
    about = models.CharField(max_length=60, blank=True)
    params = models.JSONField(default=dict)
    roles = ArrayField(models.CharField(max_length=20), default=list)
    people = ArrayField(models.BigIntegerField(), default=list)
    # Why each repeat came, such as `change:5` or `lab:12`, empty where nothing can undo it.
    causes = ArrayField(models.CharField(max_length=40, blank=True))
    raised_at = models.DateTimeField()
    last_at = models.DateTimeField()
    raised_by = models.CharField(max_length=150)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.CharField(max_length=150, blank=True)
    # What took it back: the cause that was undone, or `error:4` for a course entered in error.
    withdrawn_cause = models.CharField(max_length=40, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["course", "code", "about"],
                condition=Q(withdrawn_at=None),
                name="one_standing_notice",
            ),
            models.CheckConstraint(condition=~Q(roles=[]) | ~Q(people=[]), name="notice_addressed"),
        ]

    @property
    def count(self) -> int:
        """How often it came."""
        return len(self.causes)


class NoticeReading(models.Model):
    """One person acknowledged a notice as it stood then."""

    notice = models.ForeignKey(Notice, on_delete=models.PROTECT, related_name="readings")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    remark = models.CharField(_("remark"), max_length=500, blank=True)

    class Meta:
        indexes = [models.Index(fields=["notice", "user", "at"], name="notice_reading_by_person")]


def _read_by(user: User) -> "models.QuerySet[NoticeReading]":
    since = OuterRef("last_at")
    return NoticeReading.objects.filter(notice=OuterRef("pk"), user=user, at__gte=since)
