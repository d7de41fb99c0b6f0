"""Reading a course or a patient is recorded, wherever it is read."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from audit.models import AuditEvent
from patients.models import Course
from terms.roles import Role
from tests.api.conftest import ClientOf
from tests.conftest import UserWith
from tests.walking import Walk
from tests.web.access_matrix import addresses

READS = ("chart.read", "patient.read", "export.timeline", "export.fhir")
OF_ONE = {
    address.name: address.kwargs
    for address in addresses()
    if address.route.startswith(("api/v1/courses/", "api/v1/patients/"))
    and "GET" in address.methods
    and "pk" in address.kwargs
}


def reads(course: Course) -> int:
    """How often somebody read the course or its patient."""
    events = AuditEvent.objects.filter(action__in=READS, patient_id=course.patient_id)
    return events.count()


def test_the_addresses_are_found() -> None:
    known = {"api_course", "api_patient", "api_timeline", "api_doses", "api_identity_check"}
    assert known <= set(OF_ONE)


def test_every_address_of_one_course_or_patient_records_who_read(
    course: Course, user_with: UserWith, client_of: ClientOf
) -> None:
    everyone = user_with(*(role.value for role in Role))
    walk = Walk(course, everyone).to_bridging().make()
    known = {
        "machine": "product",
        "companion": walk.latest("product").pk,
        "check": walk.course.identity_checks.get().pk,
        "gate": "infusion",
    }
    browser = client_of(everyone)
    for name, keywords in OF_ONE.items():
        pk = course.patient_id if "patient" in name else course.pk
        machine = {"machine": "containment", "companion": walk.latest("containment").pk}
        at = known | {"pk": pk} | (machine if "doses" in name else {})
        before = reads(course)
        answer = browser.get(reverse(name, kwargs={key: at[key] for key in keywords}))
        assert answer.status_code == 200, name
        assert answer.getvalue()  # a file is read from the database while it is sent
        assert reads(course) == before + 1, name


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
