"""Episodes: onset, peak, end, flares and days, and what is not known to be over."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toxicity.domain.episodes import Episodes, Graded, Run, episodes

START = datetime(2026, 10, 20, 8, tzinfo=UTC)
FREE = timedelta(hours=24)


def at(hours: float) -> datetime:
    return START + timedelta(hours=hours)


def found(*checks: tuple[float, int | None]) -> tuple[Run, ...]:
    return episodes([Graded(at(hours), grade) for hours, grade in checks], FREE)


def test_nothing_seen_and_nothing_found_is_no_episode() -> None:
    assert found() == ()
    assert found((0, 0), (8, None), (16, 0)) == ()


def test_an_episode_has_its_onset_its_peak_and_its_last_sign() -> None:
    (run,) = found((0, 0), (8, 1), (16, 3), (24, 3), (32, 1))
    assert (run.onset_at, run.last_at, run.peak, run.peak_at) == (at(8), at(32), 3, at(16))
    assert run.ended_at is None
    assert not run.to_confirm


def test_without_signs_for_a_day_it_is_over_since_the_first_check_without() -> None:
    (open_run,) = found((0, 2), (8, 0), (31, 0))
    assert open_run.ended_at is None
    assert open_run.to_confirm
    (run,) = found((0, 2), (8, 0), (32, 0))
    assert run.ended_at == at(8)
    assert not run.to_confirm


@pytest.mark.parametrize(
    ("back_at", "runs", "flares"),
    [(31.9, 1, 1), (32, 2, 0)],
    ids=["within a day it flares", "after a day it is another"],
)
def test_signs_that_come_back(back_at: float, runs: int, flares: int) -> None:
    all_runs = found((0, 2), (8, 0), (back_at, 1))
    assert len(all_runs) == runs
    assert all_runs[0].flares == flares
    if runs == 2:
        assert all_runs[0].ended_at == at(8)
        assert all_runs[1].onset_at == at(back_at)


def test_a_check_that_cannot_be_graded_neither_ends_nor_prolongs() -> None:
    (run,) = found((0, 2), (8, None), (16, None))
    assert (run.last_at, run.free_since) == (at(0), None)
    (later,) = found((0, 2), (8, 0), (20, None), (32, 0))
    assert later.ended_at == at(8)


def test_what_drugs_hide_is_over_when_a_clinician_says_so() -> None:
    checks = [Graded(at(0), 1, fever=True), *(Graded(at(h), 0, masked=True) for h in (8, 40, 80))]
    (run,) = episodes(checks, FREE)
    assert run.ended_at is None
    assert run.to_confirm
    assert run.fever
    (confirmed,) = episodes([*checks, Graded(at(88), 0, masked=True, confirmed=True)], FREE)
    assert confirmed.ended_at == at(8)


def test_what_comes_back_after_a_masked_interval_is_the_same_unless_it_is_fever() -> None:
    quiet = [Graded(at(0), 1, fever=True), Graded(at(8), 0, masked=True)]
    (same,) = episodes([*quiet, Graded(at(40), 3)], FREE)
    assert (same.onset_at, same.flares, same.fever) == (at(0), 1, True)
    first, second = episodes([*quiet, Graded(at(40), 2, fever=True)], FREE)
    assert (first.ended_at, second.onset_at) == (at(8), at(40))


def test_a_flare_forgets_what_hid_the_signs_before_it() -> None:
    checks = [
        Graded(at(0), 1),
        Graded(at(8), 0, masked=True),
        Graded(at(16), 1),
        Graded(at(24), 0),
        Graded(at(48), 0),
    ]
    (run,) = episodes(checks, FREE)
    assert (run.flares, run.ended_at) == (1, at(24))


def open_after(*taken: Graded) -> bool:
    course = Episodes(FREE)
    for check in taken:
        course.take(check)
    return course.open is not None


def test_the_episode_that_is_open_is_known_as_checks_come() -> None:
    sign, over = Graded(at(0), 1), Graded(at(8), 0, confirmed=True)
    assert not open_after()
    assert open_after(sign)
    assert not open_after(sign, over)
    assert not open_after(sign, over, Graded(at(16), 0))


checks = st.lists(
    st.builds(
        Graded,
        at=st.integers(0, 700).map(at),
        grade=st.none() | st.integers(0, 5),
        masked=st.booleans(),
        confirmed=st.booleans(),
    ),
    max_size=30,
    unique_by=lambda one: one.at,
)


@given(checks)
def test_every_sign_lies_in_exactly_one_episode_and_nothing_else_does(
    all_checks: list[Graded],
) -> None:
    runs = episodes(all_checks, FREE)
    signs = [check for check in all_checks if check.grade]
    for check in signs:
        assert sum(run.onset_at <= check.at <= run.last_at for run in runs) == 1
    for run in runs:
        inside = [c.grade or 0 for c in signs if run.onset_at <= c.at <= run.last_at]
        assert run.peak == max(inside)
        assert any(c.at == run.onset_at for c in signs)
        assert any(c.at == run.last_at for c in signs)
    for before, after in pairwise(runs):
        assert before.ended_at is not None
        assert before.last_at < before.ended_at < after.onset_at


@given(checks)
def test_the_order_in_which_checks_come_in_says_nothing(all_checks: list[Graded]) -> None:
    assert episodes(all_checks, FREE) == episodes(list(reversed(all_checks)), FREE)
