"""One e-mail a day for each person: which deliveries it gathers, when it is made, what it says."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Membership, User
from accounts.permissions import Permission
from accounts.wording import day_text
from reminders.models import WAITING, Channel, Delivery, Digest, Reminder
from reminders.preferences import wishes_of
from reminders.sending import something_fresh

# What comes due at the very hour of a digest belongs into it: so long it waits for the sweep.
PATIENCE = timedelta(minutes=10)


def make_digests(now: datetime) -> int:
    """Gather what waits for e-mail, for everybody whose hour has come and who had none today.

    A digest keeps what it was made of: what comes later waits for tomorrow's.
    """
    theirs = _waiting().filter(recipient=OuterRef("pk"))
    people = User.objects.filter(Exists(theirs), is_active=True).select_related(
        "sending_preference", "working_centre"
    )
    due = [(user, day) for user in people if (day := _day_of_digest(user, now))]
    return sum(_make(user, day, now) for user, day in due)


def message_of(digest: Digest) -> EmailMessage | None:
    """The e-mail of a digest in its reader's language; None when it is not wanted any more.

    For nothing of it is still open, or its reader left, or wants no e-mail, since it was made.

    It names nobody and nothing of medicine: initials, the course's code, dates, a count, a link.
    """
    user = digest.recipient
    if not user.is_active or not wishes_of(user).email:
        return None
    reminders = list(_still_open(digest))
    if not reminders:
        return None
    host = urlsplit(settings.SITE_URL).hostname
    with translation.override(wishes_of(user).language):
        count = {"count": len(reminders)}
        subject = ngettext("Percorso: %(count)s due", "Percorso: %(count)s due", count["count"])
        return EmailMessage(
            subject=subject % count,
            body="\n".join(_lines(user, reminders)),
            to=[user.email],
            headers={
                "Message-ID": f"<digest-{digest.message_key}@{host}>",
                "Auto-Submitted": "auto-generated",
            },
        )


def letters_wanted() -> QuerySet[Delivery]:
    """What waits for the next letter to somebody who gets any."""
    wanted = _waiting().filter(recipient__is_active=True).exclude(recipient__email="")
    return wanted.exclude(recipient__sending_preference__email=False)


def _waiting() -> QuerySet[Delivery]:
    return Delivery.objects.filter(channel=Channel.EMAIL, digest=None)


def _day_of_digest(user: User, now: datetime) -> date | None:
    """The local day whose digest may be made for `user`; None while it is too early."""
    wishes = wishes_of(user)
    zone = user.working_centre.zone if user.working_centre else ZoneInfo(settings.TIME_ZONE)
    local = now.astimezone(zone)
    if not wishes.email or local.hour < wishes.hour:
        return None
    settled = (local - PATIENCE).hour >= wishes.hour or not something_fresh(now)
    return local.date() if settled else None


@transaction.atomic(durable=True)
def _make(user: User, day: date, now: datetime) -> bool:
    digest, made = Digest.objects.get_or_create(recipient=user, day=day, defaults={"send_at": now})
    if made:
        _waiting().filter(recipient=user).update(digest=digest)
    return made


def _still_open(digest: Digest) -> QuerySet[Reminder]:
    """What the digest is about and is still to be done, at centres where the reader still works."""
    mine = Membership.objects.filter(
        user=digest.recipient_id, centre=OuterRef("course__centre"), ended_at=None
    )
    told = digest.deliveries.filter(
        dispatch__reminder=OuterRef("pk"), dispatch__due_on=OuterRef("asks_on")
    )
    rows = Reminder.objects.filter(
        Exists(told), Exists(mine), status__in=WAITING, provisional=False, course__error_cause=""
    )
    return rows.select_related("course__patient").order_by("due_on", "course__code", "pk")


def _lines(user: User, reminders: list[Reminder]) -> Iterator[str]:
    count = {"count": len(reminders)}
    yield (
        ngettext("%(count)s reminder is due:", "%(count)s reminders are due:", count["count"])
        % count
    )
    yield ""
    for reminder in reminders:
        patient, code = reminder.course.patient, reminder.course.code
        initials = f"{patient.given_name[:1]}.{patient.family_name[:1]}."
        who = f"{initials} {code}" if user.may(Permission.SEE_IDENTITY) else code
        yield _("%(who)s: due %(on)s") % {"who": who, "on": day_text(reminder.due_on)}
    yield ""
    yield settings.SITE_URL + reverse("due_for_me")
    yield ""
    yield _("Sent by Percorso. What is due stands in the site, whether e-mail arrives or not.")
