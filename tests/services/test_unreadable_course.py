"""The pages of a course whose protocol can no longer be read answer, and say what is the matter."""

import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape

import pytest
import time_machine
from django.contrib.auth.models import AnonymousUser
from django.test import Client, RequestFactory
from django.urls import NoReverseMatch, get_resolver, reverse

from accounts.models import Centre, User
from config.unreadable import unreadable_page, unreadable_text
from patients.models import Course, LabResult
from protocol.domain.loading import ProtocolInvalid
from protocol.models import Protocol
from tests.conftest import NOW, UserWith
from tests.services.test_reminders import infuse
from tests.services.test_scheduled_by_facts import TODAY

pytestmark = pytest.mark.django_db
MATTER = (
    "Course NIG-0001 follows version 7 of the protocol poison, which this software cannot read."
)


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    """Pages read the clock."""
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def poisoned(course: Course, coordinator: User) -> Course:
    """A course after its infusion, whose protocol cannot be read."""
    infuse(course, coordinator, TODAY - timedelta(days=48))
    poison = Protocol.objects.create(
        code="poison", version=7, title_en="x", title_it="x", product="x", data={}, sha256="e" * 64,
        status="retired", published_at=NOW,
    )  # fmt: skip
    Course.objects.filter(pk=course.pk).update(protocol=poison)
    return course


@pytest.fixture
def browser(client: Client, haematologist: User) -> Client:
    """A browser with somebody signed in."""
    client.force_login(haematologist)
    return client


def addresses(course: Course) -> Iterator[str]:
    """Every page and every address of the API that wants a course's number alone."""
    for name in sorted(key for key in get_resolver().reverse_dict if isinstance(key, str)):
        try:
            yield reverse(name, args=[course.pk])
        except NoReverseMatch:
            continue


def test_no_address_of_it_answers_with_a_fault(poisoned: Course, browser: Client) -> None:
    browser.raise_request_exception = False
    answers = {url: browser.get(url).status_code for url in addresses(poisoned)}
    assert len(answers) > 60
    assert {url: status for url, status in answers.items() if status >= 500} == {}
    assert answers[reverse("course", args=[poisoned.pk])] == 409
    assert answers[reverse("course_due", args=[poisoned.pk])] == 200


def test_its_page_says_what_is_the_matter_whom_to_call_and_what_is_left(
    poisoned: Course, browser: Client, user_with: UserWith, caplog: pytest.LogCaptureFixture
) -> None:
    admin = user_with("centre_admin")
    User.objects.filter(pk=admin.pk).update(first_name="Ada", last_name="Neri")
    page = unescape(browser.get(reverse("course", args=[poisoned.pk])).content.decode())
    assert MATTER in page
    assert "<strong>Ada Neri</strong>" in page
    for name in ("course_due", "swimlane", "given_list", "appointment_list"):
        assert reverse(name, args=[poisoned.pk]) in page
    assert "<h2>What you typed</h2>" not in page
    assert "protocol_unreadable" in caplog.text


def test_the_api_says_it_with_a_code(poisoned: Course, browser: Client) -> None:
    answer = browser.get(f"/api/v1/courses/{poisoned.pk}/moves/")
    assert (answer.status_code, answer["Content-Type"]) == (409, "application/problem+json")
    assert answer.json()["code"] == "protocol_unreadable"
    assert [one["message"] for one in answer.json()["reasons"]] == [MATTER]


def test_a_result_typed_on_it_is_kept_and_sent_again(
    poisoned: Course, browser: Client, protocol: Protocol
) -> None:
    url = reverse("results_new", args=[poisoned.pk]) + "?group=counts"
    said = {"on": "10-Nov-2026", "HB.value": "9.25", "HB.unit": "g/dL"}
    answer = browser.post(url, {**said, "password": "percorso-demo"})
    assert answer.status_code == 409
    assert "no-store" in answer["Cache-Control"]
    page = answer.content.decode()
    assert "Nothing was saved" in page
    assert "<dd>9.25</dd>" in page
    assert "percorso-demo" not in page
    assert not LabResult.objects.exists()
    form = page[page.index(f'action="{url}"') :]
    hidden = dict(re.findall(r'type="hidden" name="([\w.]+)" value="([^"]*)"', form))
    assert said.items() <= hidden.items()
    Course.objects.filter(pk=poisoned.pk).update(protocol=protocol)
    assert browser.post(url, hidden).status_code == 302
    assert LabResult.objects.get(course=poisoned).typed == "9.25 g/dL"


def test_elsewhere_and_to_strangers_it_names_no_course(
    poisoned: Course, haematologist: User
) -> None:
    request = RequestFactory().get("/results/import/")
    request.user = haematologist
    unnamed = "This software cannot read the protocol that this course follows."
    assert unreadable_text(request) == unnamed
    request = RequestFactory().get(reverse("course", args=[poisoned.pk]))
    request.user = AnonymousUser()
    assert unreadable_text(request) == unnamed
    answer = unreadable_page(request, ProtocolInvalid(())).content.decode()
    assert "Call whoever runs the site now." in answer
    assert "What can still be shown" not in answer


def test_whoever_may_moves_it_to_the_version_in_force(
    poisoned: Course, browser: Client, user_with: UserWith, coordinator: User
) -> None:
    page = reverse("course", args=[poisoned.pk])
    url = reverse("course_protocol", args=[poisoned.pk])
    assert url not in browser.get(page).content.decode(), "no version of it is in force"
    assert browser.get(url).status_code == 409
    in_force = Protocol.objects.get(status="published")
    dead = Protocol.objects.create(
        code=in_force.code, version=99, title_en="x", title_it="x", product=in_force.product,
        data={}, sha256="d" * 64, status="retired", published_at=NOW,
    )  # fmt: skip
    Course.objects.filter(pk=poisoned.pk).update(protocol=dead)
    assert url in browser.get(page).content.decode()
    other = Client()
    other.force_login(coordinator)
    assert url not in other.get(page).content.decode()
    seen = browser.get(url).content.decode()
    assert "only its dates are compared here" in seen
    assert "No target, due date or check changes" not in seen
    rows = browser.get(reverse("protocol_courses", args=[in_force.pk]))
    assert "only its dates are compared here" in rows.content.decode()
    told = browser.get(f"/api/v1/courses/{poisoned.pk}/protocol/").json()["in_force"]
    assert (told["compared"], told["targets"], told["refused"]) == (False, [], [])
    poisoned.refresh_from_db()
    sent = {
        "reason": "unreadable", "protocol_id": in_force.pk, "expected_version": poisoned.version
    }  # fmt: skip
    assert browser.post(url, sent).status_code == 302
    assert browser.get(page).status_code == 200


def test_another_centres_course_is_not_named(
    poisoned: Course, browser: Client, other_centre: Centre
) -> None:
    Course.objects.filter(pk=poisoned.pk).update(centre=other_centre)
    assert browser.get(reverse("course", args=[poisoned.pk])).status_code == 404
