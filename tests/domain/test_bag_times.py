"""The age of a bag when its infusion is said to have begun."""

from datetime import UTC, datetime, timedelta

import pytest

from pathway.domain.bag_times import CODES, STEPS, lay_too_long, took_too_long, unstable_at_end
from pathway.domain.check_times import CODES as CHECKED
from tests.domain.course_facts import RULES

THAWED = datetime(2026, 11, 12, 9, 0, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("minutes", "used", "code", "kind"),
    [
        (-0.5, False, None, None),  # in the minute of the thaw
        (0, False, None, None),
        (30, False, None, None),
        (31, False, "thaw_too_long", "soft"),
        (180, False, "thaw_too_long", "soft"),
        (181, False, "thaw_expired", "hard"),
        (31, True, "thaw_too_long", "soft"),
        (181, True, "thaw_expired", "soft"),
        (-5, True, None, None),  # the check at the bedside is asked about that
        (None, True, None, None),
    ],
)
def test_the_beginning_is_held_against_the_thaw(
    minutes: float | None, used: bool, code: str | None, kind: str | None
) -> None:
    begun = None if minutes is None else THAWED + minutes * MINUTE
    found = lay_too_long(THAWED, begun, RULES.product, used=used)
    assert [(one.code, one.kind) for one in found] == ([(code, kind)] if code else [])
    assert {one.code for one in found} <= set(CODES)
    assert all(one.params["minutes"] == minutes for one in found)


def test_without_the_time_of_the_thaw_nothing_is_counted() -> None:
    assert lay_too_long(None, THAWED, RULES.product, used=False) == ()


def test_a_bag_ages_between_steps_at_which_the_check_is_asked_too() -> None:
    assert set(CHECKED) >= STEPS


@pytest.mark.parametrize(
    ("begun", "ended", "found"),
    [
        (5, 35, set()),
        (5, 36, {"infusion_too_long"}),
        (160, 180, set()),
        (160, 181, {"unstable_at_end"}),
        (5, 181, {"infusion_too_long", "unstable_at_end"}),
        (5, None, set()),
        (None, 181, {"unstable_at_end"}),
    ],
)
def test_the_end_is_held_against_the_thaw_and_the_beginning(
    begun: int | None, ended: int | None, found: set[str]
) -> None:
    since, until = (None if one is None else THAWED + one * MINUTE for one in (begun, ended))
    said = (
        took_too_long(since, until, RULES.product),
        unstable_at_end(THAWED, until, RULES.product),
    )
    assert {one.code for one in said if one is not None} == found
