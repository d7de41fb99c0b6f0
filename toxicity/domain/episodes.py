"""Episodes from graded checks: onset, peak, last symptomatic moment, end, flares.

Source: the reporting rules of EBMT and CIBMTR as the programme reads them. Days count inclusive,
first and last symptomatic day; what is not known to be over is ongoing, and its days are censored.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Graded:
    """One check of one scale. Grade None was not assessable: neither a sign nor its absence.

    `masked`: drugs that hide its signs were given since the onset. `confirmed`: a clinician
    confirmed the grade. `fever`: it had the sign that opens the gate of CRS.
    """

    at: datetime
    grade: int | None
    masked: bool = False
    confirmed: bool = False
    fever: bool = False


@dataclass(frozen=True)
class Run:
    """One episode. `free_since` is the first check without signs after the last one with some.

    `ended_at` is None while nobody knows that it is over; `to_confirm`: no sign is left, but drugs
    may hide them or the time is too short, so a clinician says whether it is over.
    """

    onset_at: datetime
    last_at: datetime
    peak: int
    peak_at: datetime
    ended_at: datetime | None = None
    free_since: datetime | None = None
    flares: int = 0
    fever: bool = False
    masked: bool = False  # since `free_since`

    @property
    def to_confirm(self) -> bool:
        """Whether a clinician has to say that it is over."""
        return self.ended_at is None and self.free_since is not None


class Episodes:
    """The episodes of one scale as its checks come, in the order of time."""

    def __init__(self, free: timedelta, runs: Iterable[Run] = ()) -> None:
        """`free`: how long without signs separates two episodes; `runs`: those so far."""
        self._free = free
        self._runs = list(runs)

    @property
    def runs(self) -> tuple[Run, ...]:
        """The episodes so far."""
        return tuple(self._runs)

    @property
    def open(self) -> Run | None:
        """The episode that nobody knows to be over."""
        if self._runs and self._runs[-1].ended_at is None:
            return self._runs[-1]
        return None

    def take(self, check: Graded) -> None:
        """Take the next check."""
        if check.grade is None:
            return
        if check.grade > 0:
            self._sign(check, check.grade)
        elif (run := self.open) is not None:
            self._runs[-1] = self._without(run, check)

    def _sign(self, check: Graded, grade: int) -> None:
        run = self.open
        if run is not None and run.free_since is not None:
            # Where drugs may have hidden the signs nobody knows that they were gone: what comes
            # back is the same episode, unless fever begins another one.
            apart = check.at - run.free_since >= self._free
            if apart and (check.fever or not run.masked):
                self._runs[-1] = replace(run, ended_at=run.free_since)
                run = None
            else:
                run = replace(run, free_since=None, flares=run.flares + 1, masked=False)
        if run is None:
            self._runs.append(Run(check.at, check.at, grade, check.at, fever=check.fever))
            return
        higher = grade > run.peak
        self._runs[-1] = replace(
            run,
            last_at=check.at,
            peak=max(grade, run.peak),
            peak_at=check.at if higher else run.peak_at,
            fever=run.fever or check.fever,
        )

    def _without(self, run: Run, check: Graded) -> Run:
        since = run.free_since or check.at
        masked = run.masked or check.masked
        over = check.confirmed or (check.at - since >= self._free and not masked)
        return replace(run, free_since=since, masked=masked, ended_at=since if over else None)


def episodes(checks: Iterable[Graded], free: timedelta) -> tuple[Run, ...]:
    """The episodes of one scale from all its checks, in whatever order they come."""
    found = Episodes(free)
    for check in sorted(checks, key=lambda one: one.at):
        found.take(check)
    return found.runs
