"""How a person wants to be told of what is due: e-mail or not, at which hour, in which language."""

from dataclasses import asdict, dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction

from accounts.models import User
from audit.recording import record
from reminders.domain.sending import EARLIEST_HOUR, LATEST_HOUR
from reminders.models import SendingPreference
from terms.refusals import Refusal, Refused
from terms.words import N_

# When a digest leaves unless somebody says otherwise; nothing clinical hangs on it.
USUAL_HOUR = 8
LANGUAGES = tuple(code for code, _name in settings.LANGUAGES)


@dataclass(frozen=True)
class Wishes:
    """What one person wants. In the site everybody is told, whatever they wish."""

    email: bool
    hour: int
    language: str


def wishes_of(user: User) -> Wishes:
    """What `user` wants; unsaid, e-mail at the usual hour to whoever has an address.

    Without an address there is no e-mail, whatever was said while there was one.
    """
    said = getattr(user, "sending_preference", None)
    if said is None:
        return Wishes(bool(user.email), USUAL_HOUR, settings.LANGUAGE_CODE)
    return Wishes(said.email and bool(user.email), said.hour, said.language)


@transaction.atomic
def set_wishes(*, wishes: Wishes, actor: User, now: datetime) -> Wishes:
    """Keep what `actor` wants for themselves.

    Raises Refused (e-mail without an address, an hour at which nothing is sent, a language that
    the site does not speak).
    """
    user = User.objects.select_for_update(no_key=True).get(pk=actor.pk)
    refusals = list(_refusals(user, wishes))
    if refusals:
        raise Refused(refusals)
    before = asdict(wishes_of(user))
    SendingPreference.objects.update_or_create(user=user, defaults=asdict(wishes))
    record(
        actor=actor,
        now=now,
        action="sending.prefer",
        obj=user,
        before=before,
        after=asdict(wishes),
    )
    return wishes


def _refusals(user: User, wishes: Wishes) -> list[Refusal]:
    refusals = []
    if wishes.email and not user.email:
        message = N_("You have no e-mail address here: an administrator adds it.")
        refusals.append(Refusal(code="no_address", message=message, field="email"))
    if not EARLIEST_HOUR <= wishes.hour <= LATEST_HOUR:
        refusals.append(
            Refusal(
                code="no_such_hour",
                message=N_("An hour from %(low)s to %(high)s."),
                params={"low": EARLIEST_HOUR, "high": LATEST_HOUR},
                field="hour",
            )
        )
    if wishes.language not in LANGUAGES:
        message = N_("The site does not speak this language.")
        refusals.append(Refusal(code="no_such_language", message=message, field="language"))
    return refusals
