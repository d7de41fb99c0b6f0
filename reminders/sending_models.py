"""Sending as rows: what is to be sent when, the ledger of what was, digests, what people prefer."""

from datetime import datetime
from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from accounts.permissions import ROLE_CHOICES


class Sending(models.TextChoices):
    """How far something to send has come."""

    WAITING = "waiting", pgettext_lazy("sending", "Waiting")
    SENT = "sent", pgettext_lazy("sending", "Sent")
    VOID = "void", pgettext_lazy("sending", "Not wanted any more")
    DEAD = "dead", pgettext_lazy("sending", "Given up")


def ready_at(now: datetime) -> Q:
    """Rows that wait for a worker at `now`: their pause and the lease of another one are over."""
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    paused = Q(next_try_at=None) | Q(next_try_at__lte=now)
    return free & paused & Q(status=Sending.WAITING, send_at__lte=now)


class Tried(models.Model):
    """What a worker takes for a while (the lease) and tries; tries are counted before the work."""

    status = models.CharField(max_length=8, choices=Sending.choices, default=Sending.WAITING)
    send_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    next_try_at = models.DateTimeField(null=True)
    # What went wrong last: a code or the name of an exception, never its words.
    error_code = models.CharField(max_length=60, blank=True)

    class Meta:
        abstract = True


class Dispatch(Tried):
    """One step of sending one reminder for the date from which it asks, here `due_on`.

    Apart from the reminder, so that what cannot be sent never hides what is due. Whoever moves or
    closes a reminder need not know of these: each is looked at again when its time comes.
    """

    reminder = models.ForeignKey(
        "reminders.Reminder", on_delete=models.PROTECT, related_name="dispatches"
    )
    due_on = models.DateField()
    step = models.PositiveSmallIntegerField()
    last = models.BooleanField()
    role = models.CharField(max_length=20, choices=ROLE_CHOICES)
    laid_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                # With `last`: another version of the protocol may have fewer steps.
                fields=["reminder", "due_on", "step", "last"],
                condition=~Q(status=Sending.VOID),
                name="dispatch_once_a_step",
            ),
            models.CheckConstraint(
                condition=Q(status__in=Sending.values), name="dispatch_status_known"
            ),
        ]
        indexes = [
            models.Index(
                fields=["send_at", "id"],
                condition=Q(status=Sending.WAITING),
                name="dispatch_waiting",
            ),
            models.Index(
                fields=["reminder", "due_on"],
                condition=Q(last=True) & ~Q(status=Sending.VOID),
                name="dispatch_laid",
            ),
            models.Index(fields=["id"], condition=Q(status=Sending.DEAD), name="dispatch_dead"),
        ]


class Digest(Tried):
    """One e-mail to one person for one local day, about everything sent to them since the last."""

    recipient = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    day = models.DateField()
    # The same at every try, so that a repeat can be told from another one.
    message_key = models.UUIDField(default=uuid4, unique=True)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["recipient", "day"], name="one_digest_a_day"),
            models.CheckConstraint(
                condition=Q(status__in=Sending.values), name="digest_status_known"
            ),
        ]
        indexes = [
            models.Index(
                fields=["send_at", "id"], condition=Q(status=Sending.WAITING), name="digest_waiting"
            ),
            models.Index(fields=["id"], condition=Q(status=Sending.DEAD), name="digest_dead"),
        ]


class Channel(models.TextChoices):
    """How somebody is told."""

    IN_APP = "inapp", _("In the site")
    EMAIL = "email", _("E-mail")


class Delivery(models.Model):
    """The ledger: this dispatch told this person this way.

    In the site the row itself is what tells; it is seen or not. By e-mail it waits for a digest,
    whose Message-ID it carries.
    """

    dispatch = models.ForeignKey(Dispatch, on_delete=models.PROTECT, related_name="deliveries")
    channel = models.CharField(max_length=8, choices=Channel.choices)
    recipient = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True)
    digest = models.ForeignKey(
        Digest, null=True, on_delete=models.PROTECT, related_name="deliveries"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["dispatch", "channel", "recipient"], name="delivery_once"
            ),
            models.CheckConstraint(
                condition=Q(channel=Channel.IN_APP, digest=None)
                | Q(channel=Channel.EMAIL, seen_at=None),
                name="delivery_by_its_channel",
            ),
        ]
        indexes = [
            models.Index(
                fields=["recipient"],
                condition=Q(channel=Channel.IN_APP, seen_at=None),
                name="delivery_unseen",
            ),
            models.Index(
                fields=["recipient"],
                condition=Q(channel=Channel.EMAIL, digest=None),
                name="delivery_for_digest",
            ),
        ]


class SendingPreference(models.Model):
    """How one person wants to be told; without a row the defaults hold."""

    user = models.OneToOneField(
        User, on_delete=models.PROTECT, primary_key=True, related_name="sending_preference"
    )
    email = models.BooleanField()
    hour = models.PositiveSmallIntegerField()
    language = models.CharField(max_length=8)
