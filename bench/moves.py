"""A whole move of a journey beside a bare one-row transaction: times and queries."""

import time
from statistics import quantiles

from django.db import connection, transaction
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from bench.generate import STRIDE
from bench.pages import WARM_UP, Measured
from pathway.domain.spine import Stage
from pathway.models import Journey
from pathway.transitions import MoveOrder, advance
from patients.charting import add_entry
from patients.models import Course


def measure_moves(rounds: int) -> dict[str, Measured]:
    """Take copies of the referred course on to eligibility, each once, with everything it brings.

    Between two moves a transaction changes one row, so that a slow minute touches both alike.
    Raises RuntimeError when there are fewer courses to move than rounds.
    """
    waiting = Journey.objects.filter(course_id__gt=STRIDE, stage=Stage.REFERRAL, active=True)
    courses = list(waiting.order_by("course_id").values_list("course_id", flat=True))
    wanted = WARM_UP + rounds + 1
    if len(courses) < wanted:
        raise RuntimeError(f"{wanted} courses to move are needed, {len(courses)} are there")
    actor = User.objects.get(username="coordinator")
    took: dict[str, list[float]] = {"bare transaction": [], "move": []}
    for number, pk in enumerate(courses[: wanted - 1]):
        _prepare(pk, actor)
        bare, move = _timed_bare(pk), _timed_move(pk, actor)
        if number >= WARM_UP:
            took["bare transaction"].append(bare)
            took["move"].append(move)
    _prepare(courses[wanted - 1], actor)
    with CaptureQueriesContext(connection) as captured:
        _timed_move(courses[wanted - 1], actor)
    queries = {"bare transaction": 1, "move": _asked(captured)}
    return {name: _measured(times, queries[name]) for name, times in took.items()}


def _prepare(pk: int, actor: User) -> None:
    """The consent that the referred patient of the demo has yet to give."""
    today = timezone.localdate().isoformat()
    add_entry(
        course_id=pk,
        kind="consent",
        values={"on": today, "kind": "data", "given": True},
        actor=actor,
        now=timezone.now(),
    )


def _asked(captured: CaptureQueriesContext) -> int:
    """Statements without those that begin, save and end the transaction."""
    frame = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")
    return sum(not query["sql"].startswith(frame) for query in captured.captured_queries)


def _timed_bare(pk: int) -> float:
    start = time.perf_counter()
    with transaction.atomic():
        Course.objects.filter(pk=pk).update(version=F("version"))
    return (time.perf_counter() - start) * 1000


def _timed_move(pk: int, actor: User) -> float:
    now = timezone.now()
    start = time.perf_counter()
    advance(course_id=pk, order=MoveOrder("eligibility", now), actor=actor, now=now)
    return (time.perf_counter() - start) * 1000


def _measured(took: list[float], queries: int) -> Measured:
    cuts = quantiles(took, n=100, method="inclusive")
    return Measured(p50=cuts[49], p95=cuts[94], queries=queries, size=0)
