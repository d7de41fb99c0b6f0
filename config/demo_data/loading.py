"""Loading the demo into an empty database, in one transaction."""

from datetime import datetime, timedelta
from pathlib import Path

from django.db import transaction

from accounts.models import Centre, User
from audit.recording import SETTING_UP
from config.demo_data.catching_up import catch_up
from config.demo_data.computing import computing
from config.demo_data.people import open_first_centre, open_second_centre
from config.demo_data.published import walk_cases
from config.demo_data.under_way import enter_under_way
from config.demo_data.ward import walk_second_centre, walk_ward
from patients.models import Course, Patient
from protocol.services import publish
from reminders.laying import lay_out
from terms.day_numbers import local_date

PROTOCOL_FILES = tuple(sorted((Path(__file__).parents[2] / "protocols").glob("*.toml")))
# The site is older than its oldest course.
_OPENED_BEFORE = timedelta(days=730)


def is_empty() -> bool:
    """Whether nobody works here yet and nobody is cared for."""
    return not any(model.objects.exists() for model in (Centre, User, Patient))


@transaction.atomic
def load(now: datetime) -> None:
    """Open the two centres and walk every patient up to the day before `now`.

    Wants an empty database; everything or nothing is written.
    """
    opened_at = now - _OPENED_BEFORE
    for file in PROTOCOL_FILES:
        content = computing(file.read_bytes())
        publish(content=content, filename=file.name, actor_name="demo", now=opened_at)
    first, second = open_first_centre(opened_at), open_second_centre(opened_at)
    today = local_date(now, first.centre.zone)
    walk_cases(first, today)
    walk_ward(first, today)
    enter_under_way(first, today)
    walk_second_centre(second, today)
    # Old courses were planned ahead from their own days: roll their schedules on to today.
    lay_out(list(Course.objects.all()), actor=SETTING_UP, now=now)
    catch_up(first, today, now)
