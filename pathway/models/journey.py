"""The journey and the append-only list of what happened."""

from datetime import date
from typing import Self

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Centre, User
from accounts.permissions import Permission
from pathway.domain.exits import SCOPE_NAMES
from pathway.domain.spine import Stage
from patients.models import Course


class JourneyQuerySet(models.QuerySet["Journey"]):
    """Journeys as somebody may see them."""

    def visible_to(self, user: User) -> Self:
        """Journeys of the centre `user` works at; none without the permission to read."""
        if not user.may(Permission.READ_COURSES):
            return self.none()
        return self.filter(centre_id=user.working_centre_id)


class Journey(models.Model):
    """Where a course stands. Only transitions.py writes it."""

    course = models.OneToOneField(Course, on_delete=models.PROTECT, related_name="journey")
    # The course's centre again: the board counts and sorts by (centre, stage) in one index.
    centre = models.ForeignKey(Centre, on_delete=models.PROTECT, related_name="+")
    stage = models.CharField(max_length=20, default=Stage.REFERRAL.value)
    stage_since = models.DateField()
    left_stage = models.CharField(max_length=20, blank=True)
    # False after an exit, completion or death: what the board leaves out.
    active = models.BooleanField(default=True)
    # Of an early end: a code of the protocol's exit_reasons, and how far a withdrawal goes. Empty
    # while under way; of an end entered with its past no code is known.
    exit_reason = models.CharField(max_length=30, blank=True)
    exit_scope = models.CharField(max_length=20, blank=True, choices=list(SCOPE_NAMES.items()))

    objects = JourneyQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(stage__in=[stage.value for stage in Stage]), name="journey_stage_known"
            ),
        ]
        indexes = [
            models.Index(fields=["centre", "active", "stage", "stage_since"], name="journey_board"),
        ]


class Precision(models.TextChoices):
    """How well the time of a change is known."""

    MINUTE = "minute", _("to the minute")
    DAY = "day", _("to the day")
    UNKNOWN = "unknown", _("not known")


class Change(models.Model):
    """One move of the journey or of a companion: append-only, in order per course.

    `machine` names the table; `subject_id` the companion (null for the journey). `cause` keys what
    made an automatic change, such as `change:<sequence>` or `death:<id>`, so that an undo restores
    exactly that. `data_source` says where the fact comes from when it is not the actor's own.

    A correction is a row of its own that `supersedes` the one before and keeps its `position` among
    the others; see pathway.standing.as_corrected.

    A `transcribed` one happened before Percorso was in use: no guard was asked for it. Where its
    time is unknown, `happened_at` is the earliest it can have been and only keeps the order; what
    shows or counts a day reads `known_on`.

    One `told_after` the fact was not refused by what would have refused it then: each refusal has
    its reason in `overrides`, and the gate behind it is not passed by it.
    """

    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="changes")
    sequence = models.PositiveIntegerField()
    machine = models.CharField(max_length=20)
    subject_id = models.BigIntegerField(null=True, blank=True)
    source = models.CharField(max_length=24, blank=True)
    target = models.CharField(max_length=24)
    happened_at = models.DateTimeField()
    happened_on = models.DateField()  # happened_at in the centre's zone, kept for day counting
    recorded_at = models.DateTimeField()
    actor = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField(blank=True)
    overrides = models.JSONField(default=list)
    details = models.JSONField(default=dict)
    cause = models.CharField(max_length=40, blank=True)
    data_source = models.CharField(max_length=30, blank=True)
    transcribed = models.BooleanField(default=False)
    told_after = models.BooleanField(default=False)
    supersedes = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="superseded_by"
    )
    # The sequence of the first of a line of corrections; empty on that one itself.
    position = models.PositiveIntegerField(null=True, blank=True)
    # Why it was corrected; `reason` stays what was said of the step itself.
    correction = models.TextField(blank=True)
    precision = models.CharField(max_length=8, choices=Precision.choices, default=Precision.MINUTE)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["course", "sequence"], name="change_in_order"),
            models.CheckConstraint(
                condition=Q(precision__in=Precision.values), name="change_precision_known"
            ),
            models.CheckConstraint(
                condition=Q(transcribed=True) | ~Q(precision=Precision.UNKNOWN),
                name="change_dated_unless_transcribed",
            ),
            models.CheckConstraint(
                condition=Q(supersedes=None, position=None)
                | Q(supersedes__isnull=False, position__isnull=False),
                name="change_correction_whole",
            ),
        ]
        indexes = [
            models.Index(fields=["course", "machine", "subject_id"], name="change_by_subject")
        ]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    @property
    def place(self) -> int:
        """Where it stands among the changes of its course, however often it was corrected."""
        return self.position or self.sequence

    @property
    def known_on(self) -> date | None:
        """The local day it happened; None where nobody knows."""
        return None if self.precision == Precision.UNKNOWN else self.happened_on
