"""How somebody wants to be told: sensible unasked, kept with a trace, refused with every reason."""

from dataclasses import replace

import pytest

from accounts.models import User
from audit.models import AuditEvent
from reminders.models import SendingPreference
from reminders.preferences import Wishes, set_wishes, wishes_of
from terms.refusals import Refused
from tests.conftest import NOW
from tests.services.refused import codes

pytestmark = pytest.mark.django_db
WANTED = Wishes(email=True, hour=18, language="it")


@pytest.fixture
def reachable(haematologist: User) -> User:
    """Somebody with an address."""
    haematologist.email = "h@example.org"
    haematologist.save(update_fields=["email"])
    return haematologist


def test_unasked_there_is_e_mail_in_the_morning_to_whoever_has_an_address(
    reachable: User, coordinator: User
) -> None:
    assert wishes_of(reachable) == Wishes(email=True, hour=8, language="en")
    assert wishes_of(coordinator) == Wishes(email=False, hour=8, language="en")


def test_what_is_wanted_is_kept_and_traced(reachable: User) -> None:
    assert set_wishes(wishes=WANTED, actor=reachable, now=NOW) == WANTED
    assert wishes_of(User.objects.get(pk=reachable.pk)) == WANTED
    set_wishes(wishes=replace(WANTED, hour=7), actor=reachable, now=NOW)
    assert SendingPreference.objects.get().hour == 7
    event = AuditEvent.objects.filter(action="sending.prefer").latest("pk")
    assert (event.before["hour"], event.after["hour"]) == (18, 7)


def test_an_address_that_was_taken_away_ends_the_e_mail(reachable: User) -> None:
    set_wishes(wishes=WANTED, actor=reachable, now=NOW)
    User.objects.filter(pk=reachable.pk).update(email="")
    assert wishes_of(User.objects.get(pk=reachable.pk)).email is False


def test_every_reason_is_said_at_once(coordinator: User) -> None:
    with pytest.raises(Refused) as refused:
        set_wishes(wishes=Wishes(True, 3, "tlh"), actor=coordinator, now=NOW)
    assert codes(refused.value) == {"no_address", "no_such_hour", "no_such_language"}
    assert not SendingPreference.objects.exists()
