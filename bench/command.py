"""`make bench`: grows a database of its own, measures every page in it, checks the bounds."""

import argparse
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from django.db import connection
from django.test import override_settings
from django.utils import timezone

from bench.checks import measure_checks
from bench.cohort import count_all, measure_cohort, statements
from bench.files import measure_files, measure_timeline
from bench.generate import grow, settle
from bench.grading import measure_grading
from bench.moves import measure_moves
from bench.pages import Measured, addresses, explain, measure
from bench.reminders import Planned, Swept, measure_planning, measure_sweep
from config.demo_data.loading import load
from patients.models import Course

SMALL, LARGE = 100, 20_000
# The board's median time, against the trivial view and against itself with few courses.
BOARD_TO_TRIVIAL, BOARD_LARGE_TO_SMALL = 10.0, 1.5
# A move against a bare one-row transaction, and its statements.
MOVE_TO_BARE, MOVE_QUERIES = 15.0, 25
# Saving a check against inserting one row, at the 95th percentile, and its statements.
CHECK_TO_INSERT, CHECK_QUERIES = 6.0, 20
# The statements of the cohort report, the page's frame and the audit included, and its time.
COHORT_QUERIES, COHORT_MILLISECONDS = 20, 2000.0
# Microseconds of processor time, all three scales of a bedside assessment.
GRADING = 50.0
# Milliseconds for a course over 15 years; seconds between two ticks.
PLANNING, TICK = 50.0, 60.0

# The timeline of a course beside a bare dump of 500 rows; a file beside a plain cursor and a bare
# COPY, and the memory it takes.
TIMELINE_TO_DUMP, TIMELINE_QUERIES, FILE_TO_CURSOR, FILE_TO_COPY, FILE_MB = (
    6.0,
    12.0,
    1.0,
    2.0,
    300.0,
)

# What is bounded, its figure, and the bound.
Bound = tuple[str, float, float]


def main(arguments: Sequence[str]) -> int:
    """Measure, print the table, and return 1 when a bound is broken."""
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("--rounds", type=int, default=60, help="times each page is asked for")
    parser.add_argument("--large", type=int, default=LARGE, help="courses, in whole hundreds")
    parser.add_argument("--explain", metavar="PAGE", help="print the plans of a page instead")
    parser.add_argument("--only", choices=sorted(_ALONE), help="measure this part only")
    options = parser.parse_args(arguments)
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        with override_settings(ROOT_URLCONF="bench.urls"):
            if options.only:
                now = timezone.now()
                load(now)
                grow(options.large, 0, now.date())
                settle()
                return _judge(_ALONE[options.only](options.rounds, now))
            return _run(options.rounds, options.large, options.explain)
    finally:
        connection.creation.destroy_test_db(connection.settings_dict["NAME"], verbosity=0)


def _run(rounds: int, large: int, explained: str | None) -> int:
    now = timezone.now()
    load(now)
    urls = addresses()
    results: dict[int, dict[str, Measured]] = {}
    grown_to = 0
    for courses in (SMALL, large):
        grow(courses, grown_to, now.date())
        settle()
        grown_to = courses
        if explained is None:
            results[courses] = measure(urls, rounds)
            print(_table(courses, results[courses]), flush=True)
    if explained is not None:
        print(explain(urls[explained]))
        return 0
    moves = measure_moves(rounds)
    print(_table(large, {"trivial": results[large]["trivial"], **moves}), flush=True)
    checks = measure_checks(rounds)
    print(_table(large, {"trivial": results[large]["trivial"], **checks}), flush=True)
    cohort = _cohort(large, results[large]["trivial"], min(rounds, 10))
    pages = _of_pages(results[SMALL], results[large], moves | checks, measure_grading(rounds))
    return _judge((*pages, *cohort, *_files(rounds, now), *_reminders(rounds, now)))


def _files(rounds: int, now: datetime) -> tuple[Bound, ...]:
    told = measure_timeline(min(rounds, 30))
    made = measure_files(now)
    print(
        f"\nthe timeline of a course with {told.rows} events in {told.queries} queries: for 500 "
        f"{told.timeline * 1000:.1f} ms, a bare dump of 500 rows {told.dump * 1000:.1f} ms"
    )
    print(
        f"a file of {made.rows:,} events: {made.rows / made.file:,.0f} rows/s, a plain cursor "
        f"{made.rows / made.plain:,.0f}/s, a bare COPY {made.rows / made.copy:,.0f}/s; "
        f"{made.held:.0f} MB held at most",
        flush=True,
    )
    return (
        ("timeline beside a bare dump", told.timeline / told.dump, TIMELINE_TO_DUMP),
        ("queries of a timeline", float(told.queries), TIMELINE_QUERIES),
        ("file beside a plain cursor", made.file / made.plain, FILE_TO_CURSOR),
        ("bare COPY beside a file", made.file / made.copy, FILE_TO_COPY),
        ("MB held while a file is written", made.held, FILE_MB),
    )


def _cohort(courses: int, trivial: Measured, rounds: int) -> tuple[Bound, ...]:
    print(f"\nevery course counted anew in {count_all():.1f} s")
    found = measure_cohort(rounds)
    print(_table(courses, {"trivial": trivial, **found}))
    for words, took in statements():
        print(f"{took:10.0f} ms  {words}")
    queries = ((f"queries of the {name}", float(one.queries)) for name, one in found.items())
    times = ((f"milliseconds of the {name}", one.p50) for name, one in found.items())
    return (
        *((name, number, float(COHORT_QUERIES)) for name, number in queries),
        *((name, number, COHORT_MILLISECONDS) for name, number in times),
    )


def _cohort_alone(rounds: int, _now: datetime) -> tuple[Bound, ...]:
    trivial = measure({"trivial": addresses()["trivial"]}, 5)["trivial"]
    return _cohort(Course.objects.count(), trivial, min(rounds, 10))


def _reminders(rounds: int, now: datetime) -> tuple[Bound, ...]:
    settle()
    near, far = measure_planning(min(rounds, 20))
    print(
        f"\nplanning a course: {near.milliseconds:.1f} ms for {near.rows} rows of 400 days, "
        f"{far.milliseconds:.1f} ms for {far.rows} rows of 15 years"
    )
    swept = measure_sweep(now.replace(hour=12))
    print(
        f"of {swept.waiting:,} waiting reminders {swept.due:,} due: found and claimed "
        f"{swept.claimed:,} in {swept.found_seconds:.1f} s; one worker sends "
        f"{swept.sent_per_second:.0f}/s, a task that does nothing {swept.noops_per_second:.0f}/s",
        flush=True,
    )
    return _of_reminders(near, far, swept)


def _table(courses: int, results: Mapping[str, Measured]) -> str:
    lines = [
        f"\n{courses:,} courses",
        f"{'':18}{'p50 ms':>10}{'p95 ms':>10}{'× trivial':>11}{'queries':>9}{'bytes':>10}",
    ]
    lines += [
        f"{name:18}{one.p50:10.1f}{one.p95:10.1f}{one.p50 / results['trivial'].p50:11.1f}"
        f"{one.queries:9}{one.size:10,}"
        for name, one in results.items()
    ]
    return "\n".join(lines)


def _of_reminders(near: Planned, far: Planned, swept: Swept) -> tuple[Bound, ...]:
    return (
        ("milliseconds of planning 15 years", far.milliseconds, PLANNING),
        ("queries of 15 years beside 400 days", float(far.queries), float(near.queries)),
        ("queries of a tick with nothing due", float(swept.nothing_due_queries), 1.0),
        ("reading all reminders for it", float(swept.nothing_due_reads_all), 0.0),
        ("due reminders not claimed in a tick", float(swept.due - swept.claimed), 0.0),
        ("seconds until all are claimed", swept.found_seconds, TICK),
    )


def _of_pages(
    small: Mapping[str, Measured],
    large: Mapping[str, Measured],
    writes: Mapping[str, Measured],
    grading: float,
) -> tuple[Bound, ...]:
    return (
        (
            "board to trivial view",
            large["board"].p50 / large["trivial"].p50,
            BOARD_TO_TRIVIAL,
        ),
        (
            "board with many to board with few courses",
            large["board"].p50 / small["board"].p50,
            BOARD_LARGE_TO_SMALL,
        ),
        (
            "move to bare transaction",
            writes["move"].p50 / writes["bare transaction"].p50,
            MOVE_TO_BARE,
        ),
        ("queries of a move", float(writes["move"].queries), float(MOVE_QUERIES)),
        (
            "check to insert of a row, p95",
            writes["check"].p95 / writes["insert of a row"].p95,
            CHECK_TO_INSERT,
        ),
        ("queries of saving a check", float(writes["check"].queries), float(CHECK_QUERIES)),
        ("microseconds of grading an assessment", grading, GRADING),
    )


def _judge(ratios: Sequence[Bound]) -> int:
    print()
    for name, ratio, bound in ratios:
        verdict = "kept" if ratio <= bound else "BROKEN"
        print(f"{name}: {ratio:.2f}, at most {bound} — {verdict}")
    return int(any(ratio > bound for _, ratio, bound in ratios))


# Parts that can be measured by themselves.
_ALONE: dict[str, Callable[[int, datetime], tuple[Bound, ...]]] = {
    "cohort": _cohort_alone,
    "files": _files,
    "reminders": _reminders,
}
