"""A protocol that can no longer be read takes no report and no file away from the others."""

from collections.abc import Iterator

import pytest
import time_machine
from django.test import Client

from accounts.models import User
from patients.models import Course
from protocol.models import Protocol
from tests.services.test_cohort import LATER, only, samples
from tests.services.test_counting import kept
from tests.walking import Walk

pytestmark = pytest.mark.walked("to_follow_up")


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    """Pages read the clock."""
    with time_machine.travel(LATER, tick=False):
        yield


@pytest.fixture
def poisoned(walk: Walk) -> Course:
    """A followed course whose protocol cannot be read."""
    walk.note("lab", on="2026-10-21", analyte="ANC", value="0.2", unit="10*9/L")
    walk.note("marrow", on="2026-11-01", remission="cr", mrd="negative")
    poison = Protocol.objects.create(
        code="poison", version=1, title_en="x", title_it="x", product="x", data={}, sha256="e" * 64
    )
    Course.objects.filter(pk=walk.course.pk).update(protocol=poison)
    return Course.objects.get(pk=walk.course.pk)


@pytest.mark.parametrize(
    "address",
    [
        "/cohort/", "/api/v1/cohort/", "/timelines.csv", "/api/v1/timelines.csv",
        "/courses/{pk}/timeline.csv", "/courses/{pk}/timeline.pdf", "/courses/{pk}/timeline.xlsx",
        "/courses/{pk}/timeline.json", "/courses/{pk}/fhir.json", "/api/v1/courses/{pk}/timeline/",
        "/api/v1/courses/{pk}/fhir/", "/intention-to-treat/", "/intention-to-treat.csv",
        "/registry/cibmtr-4000.csv", "/registry/cibmtr-4100.csv", "/registry/ebmt-day-0.csv",
        "/registry/ebmt-follow-up.csv",
    ],
)  # fmt: skip
def test_every_report_and_file_is_made(
    poisoned: Course, walk: Walk, client: Client, address: str
) -> None:
    client.force_login(walk.by("haematologist"))
    answer = client.get(address.format(pk=poisoned.pk))
    assert answer.status_code == 200
    body = b"".join(answer) if answer.streaming else answer.content
    assert body


def test_what_a_protocol_says_how_to_count_is_missing(poisoned: Course, coordinator: User) -> None:
    samples(poisoned, "CD19", [(28, "0", ""), (35, "0", "")])
    one = only(coordinator)
    assert one.neutropenia is not None
    assert one.neutropenia.length is None
    assert one.aplasia is not None
    assert one.aplasia.length is None
    assert one.icaht_severe is None
    assert one.stay is not None
    assert one.stay.length == 20, "a stay needs no rule"
    kept(coordinator, LATER)
