"""A course that was infused, for tests of toxicity: nothing else of its pathway is needed there."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from accounts.models import User
from patients.models import Anchor, Course
from patients.models.courses import AnchorKind
from protocol.selectors import settings_of
from toxicity.domain.crs import CrsSigns
from toxicity.domain.icans import IcansSigns, IceItems
from toxicity.domain.rules import Mode, ToxicityRules
from toxicity.recording import Logged, log_check
from toxicity.seen import Seen

DAY_ZERO = date(2026, 11, 1)
WELL = CrsSigns(
    temp_c=Decimal("36.8"),
    fever_other_cause=False,
    fever_masked=False,
    hypotension=False,
    vasopressors=frozenset(),
    o2_device="none",
)
HOT = replace(WELL, temp_c=Decimal("38.6"))
CLEAR = IcansSigns(
    ice=IceItems(year=1, month=1, city=1, hospital=1, command=1, sentence=1, attention=1, naming=3),
    arousal="spontaneous",
    seizure="none",
    deep_motor_weakness=False,
    icp="none",
)


def infuse(course: Course, on: date = DAY_ZERO) -> Course:
    """Let the infusion of a course have been on `on`."""
    Anchor.objects.create(
        course=course,
        kind=AnchorKind.INFUSION,
        actual_on=on,
        set_at=course.created_at,
        set_by="test",
    )
    return course


def at(course: Course, day: int, hour: int = 12) -> datetime:
    """An hour of a day after the infusion, as clocks at the centre show it."""
    on = DAY_ZERO + timedelta(days=day)
    return datetime(on.year, on.month, on.day, hour, tzinfo=course.centre.zone)


def without_signs(course: Course, observed_at: datetime) -> Seen:
    """A check of a patient who is well, computed or picked as the centre's protocol has it."""
    rules = ToxicityRules.of(settings_of(course.protocol))
    if rules.mode("crs") is Mode.COMPUTED:
        return Seen(observed_at=observed_at, crs=WELL, icans=CLEAR)
    return Seen(observed_at=observed_at, chosen={"crs": 0, "icans": 0})


def log(course: Course, actor: User, day: int, hour: int = 12, **seen: Any) -> Logged:
    """Log a check at an hour of a day; recorded when it was seen unless `now` is given."""
    observed_at = at(course, day, hour)
    more = {name: seen.pop(name) for name in ("key", "now") if name in seen}
    return log_check(
        course_id=course.pk,
        seen=Seen(observed_at=observed_at, **seen),
        actor=actor,
        **{"now": observed_at, **more},
    )
