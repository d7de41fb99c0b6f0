"""Asking for a page many times: times, queries and bytes, and the plans of its queries."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import quantiles

from django.db import connection
from django.http import HttpResponseBase
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from patients.models import Course

WARM_UP = 5


@dataclass(frozen=True)
class Measured:
    """One page: milliseconds, queries and bytes of one answer."""

    p50: float
    p95: float
    queries: int
    size: int


def addresses() -> dict[str, str]:
    """What is measured, by name; all for the first published case where it is one course."""
    pk = Course.objects.get(patient__identifiers__value="CASE-1").pk
    return {
        "trivial": reverse("trivial", args=[pk]),
        "board": reverse("board"),
        "board table": reverse("board") + "?view=table",
        "patient list": reverse("patient_list"),
        "course page": reverse("course", args=[pk]),
        "timeline.csv": reverse("course_timeline_csv", args=[pk]),
    }


def measure(urls: Mapping[str, str], rounds: int) -> dict[str, Measured]:
    """Ask for every page in turn, `rounds` times, so that a slow minute touches all alike."""
    client = signed_in()
    took: dict[str, list[float]] = {name: [] for name in urls}
    for number in range(WARM_UP + rounds):
        for name, url in urls.items():
            start = time.perf_counter()
            _fetch(client, url)
            if number >= WARM_UP:
                took[name].append((time.perf_counter() - start) * 1000)
    return {name: _measured(client, url, took[name]) for name, url in urls.items()}


def explain(url: str) -> str:
    """The plans, with times and buffers, of every SELECT behind a page."""
    client = signed_in()
    _fetch(client, url)
    with CaptureQueriesContext(connection) as captured:
        _fetch(client, url)
    texts = []
    for query in captured.captured_queries:
        if query["sql"].strip().startswith(("SELECT", "(SELECT", "(")):
            with connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS) {query['sql'].replace('%', '%%')}")
                plan = "\n".join(row[0] for row in cursor.fetchall())
            texts.append(f"{query['sql']}\n{plan}")
    return "\n\n".join(texts)


def signed_in() -> Client:
    """A client signed in as the demo's coordinator."""
    client = Client(SERVER_NAME="localhost")
    client.force_login(User.objects.get(username="coordinator"))
    return client


def _measured(client: Client, url: str, took: Sequence[float]) -> Measured:
    with CaptureQueriesContext(connection) as captured:
        size = _fetch(client, url)
    cuts = quantiles(took, n=100, method="inclusive")
    return Measured(p50=cuts[49], p95=cuts[94], queries=len(captured), size=size)


def _fetch(client: Client, url: str) -> int:
    """Ask for a page and read it to its end; its bytes. Raises RuntimeError when it is refused."""
    response: HttpResponseBase = client.get(url)
    if response.status_code != 200:
        raise RuntimeError(f"{url} answered {response.status_code}")
    return len(response.getvalue())
