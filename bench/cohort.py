"""The cohort report over every course: times, queries, the time of each of its statements."""

import time
from statistics import median, quantiles
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bench.pages import Measured, signed_in
from exports.tasks import count_now

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


def count_all() -> float:
    """Seconds until every course is counted, as after an upgrade or a large import."""
    start = time.perf_counter()
    count_now()
    return time.perf_counter() - start


def statements() -> list[tuple[str, float]]:
    """Each statement of one report by its first words, with its milliseconds."""
    found: list[tuple[str, float]] = []

    def timed(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        start = time.perf_counter()
        answer = execute(sql, params, many, context)
        found.append((" ".join(sql.split())[:60], (time.perf_counter() - start) * 1000))
        return answer

    with connection.execute_wrapper(timed):
        signed_in().get(reverse("api_cohort"))
    return found
