"""Sending digests by e-mail: at least once, the same Message-ID each time, faults told apart."""

import smtplib
import time
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.db import transaction

from reminders.digests import make_digests, message_of
from reminders.domain.sending import MOST_TRIES, pause_after
from reminders.models import Digest, Sending
from reminders.sending import WORKER_LOST, Tally
from reminders.sending_models import ready_at

logger = structlog.get_logger(__name__)

# Each step of a talk with the server may take ten seconds, a whole one a minute.
LEASE = timedelta(minutes=5)
MOST_SECONDS = 40
BAD_ADDRESS = "bad_address"
_PERMANENT, _CLOSING = range(500, 600), 421


@dataclass(frozen=True)
class Fault:
    """Why an e-mail did not go: whether another try may help, whether the server is at fault."""

    code: str
    permanent: bool = False
    server: bool = False


def send_digests(now: datetime) -> Tally:
    """Make the digests whose time has come and send what waits; safe beside another run.

    They are taken one by one, and a server that is down or hangs ends the run: others' mail would
    wait for it too. Never call this inside a transaction.
    """
    tally, began = Tally(), time.monotonic()
    make_digests(now)
    while time.monotonic() - began < MOST_SECONDS:
        digest = _claim(now)
        if digest is None:
            break
        fault = _mail(digest, now)
        tally.failed += fault is not None
        tally.sent += digest.status == Sending.SENT
        if fault is not None and fault.server:
            break
    return tally


@transaction.atomic(durable=True)
def _claim(now: datetime) -> Digest | None:
    """Take the one that has waited longest, for a while."""
    digest = (
        Digest.objects.filter(ready_at(now))
        .select_related("recipient__sending_preference", "recipient__working_centre")
        .select_for_update(skip_locked=True, of=("self",))
        .order_by("send_at", "pk")
        .first()
    )
    if digest is not None:
        digest.lease_until, digest.attempts = now + LEASE, digest.attempts + 1
        digest.save(update_fields=["lease_until", "attempts"])
    return digest


def _mail(digest: Digest, now: datetime) -> Fault | None:
    """Send one digest and keep what came of it. Outside of any transaction: a server may hang."""
    if digest.attempts > MOST_TRIES:
        return _failed(digest, Fault(WORKER_LOST, permanent=True), now)
    try:
        message = message_of(digest)
        if message is not None:
            message.send()
    except Exception as error:
        return _failed(digest, fault_of(error), now)
    digest.status = Sending.SENT if message is not None else Sending.VOID
    digest.sent_at = now if message is not None else None
    digest.error_code, digest.next_try_at = "", None
    _give_back(digest)
    logger.info("digest_sent" if message else "digest_not_wanted", digest=digest.pk)
    return None


def fault_of(error: Exception) -> Fault:
    """What an exception of a mail server, or of the message itself, means for the next try."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = [code for code, _words in error.recipients.values()]
        return Fault(f"smtp_{min(codes)}", permanent=min(codes) in _PERMANENT)
    if isinstance(error, smtplib.SMTPAuthenticationError | smtplib.SMTPConnectError):
        # The site's fault or the server's, not the letter's: no letter is given up for it at once.
        return Fault(f"smtp_{error.smtp_code}", server=True)
    if isinstance(error, smtplib.SMTPResponseException):
        code = error.smtp_code
        return Fault(f"smtp_{code}", permanent=code in _PERMANENT, server=code == _CLOSING)
    if isinstance(error, ValueError):
        return Fault(BAD_ADDRESS, permanent=True)
    return Fault(type(error).__name__, server=isinstance(error, OSError))


def _failed(digest: Digest, fault: Fault, now: datetime) -> Fault:
    dead = fault.permanent or digest.attempts >= MOST_TRIES
    digest.status = Sending.DEAD if dead else Sending.WAITING
    digest.error_code = fault.code[:60]
    digest.next_try_at = None if dead else now + pause_after(digest.attempts)
    _give_back(digest)
    tell = logger.error if dead else logger.warning
    tell("digest_not_sent", digest=digest.pk, error_code=fault.code, attempts=digest.attempts)
    return fault


def _give_back(digest: Digest) -> None:
    digest.lease_until = None
    digest.save(update_fields=["status", "sent_at", "error_code", "next_try_at", "lease_until"])
