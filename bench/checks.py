"""Saving a bedside check beside a view that inserts one row: times and queries."""

import time
from datetime import timedelta
from statistics import quantiles

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from bench.pages import WARM_UP, Measured
from patients.models import Course

_CHECK = {
    "crs": {
        "temp_c": 38.6, "fever_other_cause": False, "hypotension": False, "vasopressors": [],
        "o2_device": "none",
    },
    "icans": {
        "ice_total": 9, "arousal": "spontaneous", "seizure": "none", "deep_motor_weakness": False,
        "icp": "none",
    },
}  # fmt: skip


def measure_checks(rounds: int) -> dict[str, Measured]:
    """Log checks of a patient on the ward, one a minute, each after one insert of one row.

    The patient's earlier checks are there, as at the end of a stay.
    """
    client = Client(SERVER_NAME="localhost")
    client.force_login(User.objects.get(username="nurse"))
    pk = Course.objects.get(patient__identifiers__value="70008").pk
    addresses = {
        "insert of a row": reverse("trivial_insert", args=[pk]),
        "check": reverse("api_assessments", args=[pk]),
    }
    begun = timezone.now() - timedelta(minutes=WARM_UP + rounds + 1)
    took: dict[str, list[float]] = {name: [] for name in addresses}
    for number in range(WARM_UP + rounds):
        observed_at = begun + timedelta(minutes=number)
        for name, url in addresses.items():
            start = time.perf_counter()
            _post(client, url, observed_at.isoformat())
            if number >= WARM_UP:
                took[name].append((time.perf_counter() - start) * 1000)
    found = {}
    for name, url in addresses.items():
        with CaptureQueriesContext(connection) as captured:
            _post(client, url, timezone.now().isoformat())
        cuts = quantiles(took[name], n=100, method="inclusive")
        found[name] = Measured(cuts[49], cuts[94], _asked(captured), 0)
    return found


def _asked(captured: CaptureQueriesContext) -> int:
    frame = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")
    return sum(not query["sql"].startswith(frame) for query in captured.captured_queries)


def _post(client: Client, url: str, observed_at: str) -> None:
    body = _CHECK | {"observed_at": observed_at}
    answer = client.post(url, body, content_type="application/json")
    if answer.status_code != 201:
        raise RuntimeError(f"{url}: {answer.status_code} {answer.content[:200]!r}")
