"""The times of an infusion against the check at the bedside."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from pathway.domain.check_times import BEGUN, CODES, GIVEN, THAWED, SaidTimes, outside_check
from pathway.domain.identity_checks import CheckFacts
from pathway.domain.product_states import Product
from pathway.domain.spine import Stage
from terms.refusals import Kind

AT = datetime(2026, 11, 12, 9, 0, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
CHECK = CheckFacts("bedside", product=1, passed=True, at=AT, on=AT.date())
FINE = SaidTimes(1, thawed=AT - 5 * MINUTE, begun=AT + 10 * MINUTE, given=AT + 40 * MINUTE)


def found(said: SaidTimes, *checks: CheckFacts) -> list[str]:
    """The codes of what is outside, with a window of 15 minutes."""
    return [one.code for one in outside_check(checks or (CHECK,), said, 15 * MINUTE)]


def test_every_code_belongs_to_a_step() -> None:
    assert {target for machine, target in CODES if machine == "product"} <= set(Product)
    assert {target for machine, target in CODES if machine == "journey"} <= set(Stage)


@pytest.mark.parametrize(
    ("name", "at", "codes"),
    [
        ("thawed", AT, []),
        ("thawed", AT + timedelta(seconds=20), []),  # in the minute of the check
        ("thawed", AT + MINUTE, [THAWED]),
        ("begun", AT.replace(second=0), []),  # people give minutes
        ("begun", AT + 15 * MINUTE, []),
        ("begun", AT + 16 * MINUTE, [BEGUN]),
        ("begun", AT - MINUTE, [BEGUN]),
        ("given", AT.replace(second=0), []),
        ("given", AT + timedelta(days=1), []),
        ("given", AT - MINUTE, [GIVEN]),
        ("thawed", None, []),
        ("begun", None, []),
        ("given", None, []),
    ],
)
def test_a_time_at_which_no_check_stood_is_named(
    name: str, at: datetime | None, codes: list[str]
) -> None:
    assert found(FINE) == []
    assert found(replace(FINE, **{name: at})) == codes  # type: ignore[arg-type]


def test_everything_is_said_at_once_and_yields_to_a_reason() -> None:
    late = SaidTimes(1, thawed=AT + MINUTE, begun=AT + 99 * MINUTE, given=AT - MINUTE)
    refusals = outside_check([CHECK], late, 15 * MINUTE)
    assert [one.code for one in refusals] == [THAWED, BEGUN, GIVEN]
    assert {one.kind for one in refusals} == {Kind.SOFT}
    assert all(one.params["at"] == AT for one in refusals)


def test_any_passed_check_of_the_product_counts_and_no_other() -> None:
    late = replace(FINE, begun=AT + 99 * MINUTE)
    again = replace(CHECK, at=AT + 90 * MINUTE)
    assert found(late, CHECK, again) == []
    for other in (
        replace(again, passed=False),
        replace(again, product=2),
        replace(again, kind="receipt"),
    ):
        assert found(late, CHECK, other) == [BEGUN]
    assert found(late, replace(CHECK, passed=False)) == []
