"""The secret link of a person's calendar feed: made, ended, found by its secret."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from accounts.access import centre_of, require
from accounts.models import User
from accounts.permissions import Permission
from audit.recording import record
from reminders.appointment_models import CalendarFeed
from terms.day_numbers import local_date


@dataclass(frozen=True)
class IssuedLink:
    """A fresh link: its secret is shown this once and kept nowhere."""

    feed: CalendarFeed
    secret: str


@transaction.atomic
def subscribe(*, mine: bool, language: str, actor: User, now: datetime) -> IssuedLink:
    """Give `actor` a link to the calendar; the one they had ends. Raises NotAllowed."""
    require(actor, Permission.READ_COURSES)
    User.objects.select_for_update(no_key=True).get(pk=actor.pk)
    _open(actor).update(ended_at=now)
    secret = secrets.token_urlsafe(32)
    feed = CalendarFeed.objects.create(
        user=actor, digest=_digest(secret), mine=mine, language=language, made_at=now
    )
    record(actor=actor, now=now, action="feed.make", obj=feed, after={"mine": mine})
    return IssuedLink(feed, secret)


@transaction.atomic
def unsubscribe(*, actor: User, now: datetime) -> None:
    """End the link of `actor`; harmless when there is none."""
    if _open(actor).update(ended_at=now):
        record(actor=actor, now=now, action="feed.end", obj=actor)


@transaction.atomic
def note_reading(*, feed: CalendarFeed, actor: User, now: datetime) -> None:
    """Keep in the audit that a feed was read: once a day, for its readers ask every hour."""
    today = local_date(now, centre_of(actor).zone)
    unread = Q(noted_on=None) | ~Q(noted_on=today)
    if CalendarFeed.objects.filter(unread, pk=feed.pk).update(noted_on=today):
        record(actor=actor, now=now, action="feed.read", obj=feed)


def feed_of(user: User) -> CalendarFeed | None:
    """The link that `user` has now."""
    return _open(user).first()


def feed_by(secret: str) -> CalendarFeed | None:
    """The feed that a secret opens; None for one that ended, and whose owner may not read now."""
    feeds = CalendarFeed.objects.filter(digest=_digest(secret), ended_at=None)
    feed = feeds.select_related("user").first()
    if feed is None or not feed.user.may(Permission.READ_COURSES):
        return None
    return feed


def _open(user: User) -> QuerySet[CalendarFeed]:
    return CalendarFeed.objects.filter(user=user, ended_at=None)


def _digest(secret: str) -> str:
    """A long random secret needs no slow hash; what is stored opens nothing."""
    return hashlib.sha256(secret.encode()).hexdigest()
