"""The cohort report over every course: times, queries, and the time of each of its statements."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median, quantiles
from typing import Any
from unittest.mock import patch

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bench.pages import Measured, signed_in
from exports import cohort_sql

WARM_UP = 1


def measure_cohort(rounds: int) -> dict[str, Measured]:
    """The page and the answer of the API, asked for in turn."""
    client = signed_in()
    urls = {"cohort page": reverse("cohort"), "cohort api": reverse("api_cohort")}
    took: dict[str, list[float]] = {name: [] for name in urls}
    for number in range(WARM_UP + rounds):
        for name, url in urls.items():
            start = time.perf_counter()
            answer = client.get(url)
            if answer.status_code != 200:
                raise RuntimeError(f"{url} answered {answer.status_code}")
            if number >= WARM_UP:
                took[name].append((time.perf_counter() - start) * 1000)
    found = {}
    for name, url in urls.items():
        with CaptureQueriesContext(connection) as captured:
            size = len(client.get(url).content)
        cuts = quantiles(took[name], n=100, method="inclusive")
        found[name] = Measured(median(took[name]), cuts[94], len(captured), size)
    return found


def statements() -> list[tuple[str, float, int]]:
    """Each statement of one report by its first words, its milliseconds and its rows."""
    found: list[tuple[str, float, int]] = []
    with _timed(found):
        signed_in().get(reverse("api_cohort"))
    return found


@contextmanager
def _timed(found: list[tuple[str, float, int]]) -> Iterator[None]:
    real: Callable[[str, list[Any]], list[cohort_sql.Row]] = cohort_sql.rows

    def timed(sql: str, params: list[Any]) -> list[cohort_sql.Row]:
        start = time.perf_counter()
        answer = real(sql, params)
        words = " ".join(sql.replace(cohort_sql.IDS, "").split())
        found.append((words[:60], (time.perf_counter() - start) * 1000, len(answer)))
        return answer

    with (
        patch("exports.cohort_sql.rows", timed),
        patch("exports.cohort_after_sql.rows", timed),
        patch("exports.cohort_follow_sql.rows", timed),
    ):
        yield
