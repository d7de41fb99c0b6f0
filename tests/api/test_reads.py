"""Reading a course or a patient is recorded, wherever it is read."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from audit.models import AuditEvent
from pathway.selectors import course_state
from patients.models import Course
from tests.api.conftest import ClientOf
from tests.web.access_matrix import addresses

READS = ("chart.read", "patient.read", "export.timeline")
OF_ONE = sorted(
    address.name
    for address in addresses()
    if address.route.startswith("api/v1/") and "GET" in address.methods and "pk" in address.kwargs
)


def reads(course: Course) -> int:
    """How often somebody read the course or its patient."""
    events = AuditEvent.objects.filter(action__in=READS, patient_id=course.patient_id)
    return events.count()


def test_the_addresses_are_found() -> None:
    assert {"api_course", "api_patient", "api_timeline", "api_stays", "api_moves"} <= set(OF_ONE)


@pytest.mark.parametrize("name", OF_ONE)
def test_every_address_of_one_course_or_patient_records_who_read(
    name: str, course: Course, coordinator: User, client_of: ClientOf, walked_review: int
) -> None:
    address = next(one for one in addresses() if one.name == name)
    known = {
        "pk": course.patient_id if "patient" in name else course.pk,
        "machine": "eligibility",
        "companion": walked_review,
    }
    kwargs = {key: known[key] for key in address.kwargs}
    answer = client_of(coordinator).get(reverse(name, kwargs=kwargs))
    assert answer.status_code == 200
    assert answer.getvalue()  # a file is read from the database while it is sent
    assert reads(course) == 1


@pytest.fixture
def walked_review(course: Course, coordinator: User) -> int:
    """A companion of the course."""
    course.eligibilityreviews.create(
        state="enrolled", state_since=course.referred_on, created_at=course.created_at
    )
    return course_state(coordinator, course.pk).of("eligibility")[0].pk


@pytest.mark.parametrize("name", ["patient_edit", "identity_verify"])
def test_opening_a_page_with_identifying_details_is_recorded(
    name: str, course: Course, coordinator: User
) -> None:
    browser = Client()
    browser.force_login(coordinator)
    url = reverse(name, args=[course.patient_id])
    assert browser.get(url).status_code == 200
    assert reads(course) == 1
    browser.post(url, {})
    assert reads(course) == 1
