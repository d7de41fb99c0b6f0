"""Pages of the moves: what is asked, what is refused with everything kept, who finds nothing."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.models import Centre, User
from audit.models import AuditEvent
from pathway.models import Change, EligibilityReview
from patients.models import Course
from tests.conftest import NOW, Refer, UserWith
from tests.walking import ENDINGS, Walk

pytestmark = pytest.mark.django_db
HAPPENED = "12-Nov-2026 10:00"


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    """Pages are asked an hour after what the tests did."""
    with time_machine.travel(NOW + timedelta(hours=1), tick=False):
        yield


def browser_of(user: User) -> Client:
    """A browser in which somebody is signed in."""
    client = Client()
    client.force_login(user)
    return client


def move_url(course: Course, target: str) -> str:
    """The page of a move of the journey."""
    return reverse("move", args=[course.pk, target])


def typed(course: Course, **values: Any) -> dict[str, Any]:
    """A form as filled in on a page that showed the course as it is."""
    return {"expected_version": course.version, "happened_at": HAPPENED, **values}


def steps(course: Course) -> int:
    """How many changes the course has."""
    return Change.objects.filter(course=course).count()


@pytest.mark.walked("prepare")
def test_move_page_leads_back_to_the_course_with_the_move_made(walk: Walk) -> None:
    browser = browser_of(walk.by("coordinator"))
    page = browser.get(move_url(walk.course, "eligibility"))
    assert page.status_code == 200
    done = browser.post(
        move_url(walk.course, "eligibility"), typed(walk.course, reason="seen"), follow=True
    )
    assert done.redirect_chain == [(reverse("course", args=[walk.course.pk]), 302)]
    assert "recorded for ROSSI" in done.text
    change = Change.objects.filter(course=walk.course, machine="journey").latest("sequence")
    assert (change.target, change.reason) == ("eligibility", "seen")


def test_refused_move_shows_every_reason_and_keeps_what_was_typed(
    course: Course, coordinator: User
) -> None:
    browser = browser_of(coordinator)
    before = steps(course)
    answer = browser.post(
        move_url(course, "eligibility"),
        typed(course, happened_at="12-Nov-2027 10:00", reason="<b>came by train</b>"),
    )
    assert answer.status_code == 422
    for said in ("future", "Consent is not recorded", "identity is not verified"):
        assert said in answer.text
    assert "&lt;b&gt;came by train&lt;/b&gt;" in answer.text
    assert "12-Nov-2027 10:00" in answer.text
    assert steps(course) == before
    assert AuditEvent.objects.filter(action="refused").count() == 1


def test_unreadable_moment_is_refused_by_the_form_and_kept(
    course: Course, coordinator: User
) -> None:
    answer = browser_of(coordinator).post(
        move_url(course, "withdrawn"), typed(course, happened_at="last Tuesday", reason="moved")
    )
    assert answer.status_code == 422
    assert "last Tuesday" in answer.text
    assert "moved" in answer.text


@pytest.mark.walked("prepare")
def test_stale_page_is_409_keeps_what_was_typed_and_goes_through_when_sent_again(
    walk: Walk,
) -> None:
    seen = walk.course.version - 1
    stale = typed(
        walk.course, reason="moved to Turin", expected_version=seen, **ENDINGS["withdrawn"]
    )
    url, before = move_url(walk.course, "withdrawn"), steps(walk.course)
    browser = browser_of(walk.by("coordinator"))
    answer = browser.post(url, stale)
    assert answer.status_code == 409
    assert "moved to Turin" in answer.text
    assert HAPPENED in answer.text
    assert f'name="expected_version" value="{walk.course.version}"' in answer.text
    assert steps(walk.course) == before
    again = browser.post(url, stale | {"expected_version": walk.course.version})
    assert again.status_code == 302
    assert Change.objects.filter(course=walk.course, target="withdrawn").count() == 1


@pytest.mark.walked("prepare")
def test_form_sent_twice_moves_once(walk: Walk) -> None:
    browser = browser_of(walk.by("coordinator"))
    sent = typed(walk.course)
    url = move_url(walk.course, "eligibility")
    assert browser.post(url, sent).status_code == 302
    assert browser.post(url, sent).status_code in (409, 422)
    assert Change.objects.filter(course=walk.course, target="eligibility").count() == 1
    assert EligibilityReview.objects.filter(course=walk.course).count() == 1


@pytest.mark.walked("to_apheresis")
def test_companion_form_sent_twice_opens_one(walk: Walk) -> None:
    browser = browser_of(walk.by("coordinator"))
    url = reverse("companion_new", args=[walk.course.pk, "apheresis"])
    sent = {"expected_version": walk.course.version, "planned_on": "20-Nov-2026"}
    assert browser.post(url, sent).status_code == 302
    again = browser.post(url, sent)
    assert again.status_code == 409
    assert "20-Nov-2026" in again.text
    assert walk.course.apheresisattempts.count() == 1


def test_soft_refusal_asks_for_a_reason_and_yields_to_it(
    refer_patient: Refer, coordinator: User, user_with: UserWith
) -> None:
    young = refer_patient(coordinator, birth_date=date(2006, 1, 1))
    walk = Walk(young, user_with).prepare()
    browser = browser_of(walk.by("haematologist"))
    url = move_url(young, "eligibility")
    asked = browser.get(url)
    assert 'name="override_under_label_age"' in asked.text
    assert browser.post(url, typed(walk.course)).status_code == 422
    told = typed(walk.course, override_under_label_age="Board of 3-Nov: accepted")
    assert browser.post(url, told).status_code == 302
    change = Change.objects.get(course=young, target="eligibility", machine="journey")
    [override] = change.overrides
    assert (override["code"], override["reason"]) == (
        "under_label_age", "Board of 3-Nov: accepted",
    )  # fmt: skip


def test_booking_inside_a_washout_asks_for_a_reason_and_yields_to_it(walk: Walk) -> None:
    walk.to_apheresis().now = NOW - timedelta(hours=3)
    walk.note("line", on="2026-11-10", treatment="FLAG", drug_class="chemotherapy")
    browser = browser_of(walk.by("haematologist"))
    url = reverse("companion_new", args=[walk.course.pk, "apheresis"])
    day = {"expected_version": walk.course.version, "planned_on": "20-Nov-2026"}
    asked = browser.post(url, day)
    assert asked.status_code == 422
    assert 'name="override_washout"' in asked.text
    assert "No collection before" in asked.text
    told = day | {"override_washout": "The disease does not wait"}
    assert browser.post(url, told).status_code == 302
    [override] = Change.objects.get(course=walk.course, machine="apheresis").overrides
    assert override["reason"] == "The disease does not wait"


@pytest.mark.walked("to_eligibility")
def test_move_that_the_page_showed_before_and_is_gone_is_told(walk: Walk) -> None:
    browser = browser_of(walk.by("coordinator"))
    answer = browser.get(move_url(walk.course, "eligibility"))
    assert answer.status_code in (409, 422)
    assert "no move from" in answer.text


@pytest.mark.walked("to_apheresis")
def test_companion_is_opened_and_moved_with_its_details(walk: Walk) -> None:
    nurse = browser_of(walk.by("apheresis_nurse"))
    opened = nurse.post(
        reverse("companion_new", args=[walk.course.pk, "apheresis"]),
        {"expected_version": walk.course.version, "planned_on": "12/11/2026"},
    )
    assert opened.status_code == 302
    attempt = walk.course.apheresisattempts.get()
    assert attempt.planned_on == NOW.date()
    walk.now = NOW - timedelta(hours=3)
    walk.assess().pass_gate("collection")
    for target in ("cleared", "in_progress", "completed"):
        walk.course.refresh_from_db()
        url = reverse("companion_move", args=[walk.course.pk, "apheresis", attempt.pk, target])
        sent = typed(walk.course, happened_at="12-Nov-2026 11:30")
        if target == "cleared":
            assert "No slot at the manufacturer is on record." in nurse.post(url, sent).text
            sent = sent | {"override_slot_unknown": "Told by telephone"}
        if target == "completed":
            # a scanner's Enter moves nothing and keeps what is there
            scanned = nurse.post(url, sent | {"din": "=A99992612345600", "scanned": "1"})
            assert scanned.status_code == 200
            assert 'value="=A99992612345600"' in scanned.text
            attempt.refresh_from_db()
            assert attempt.state == "in_progress"
            sent = sent | {"din": "A999926123456"}
        assert nurse.post(url, sent).status_code == 302, target
    walk.course.refresh_from_db()
    adequate = reverse("companion_move", args=[walk.course.pk, "apheresis", attempt.pk, "adequate"])
    laboratory = browser_of(walk.by("cell_lab"))
    sent = typed(walk.course, happened_at="12-Nov-2026 11:30")
    refused = laboratory.post(adequate, sent | {"cd3_yield": "a lot"})
    assert refused.status_code == 422
    assert "a lot" in refused.text
    assert laboratory.post(adequate, sent | {"cd3_yield": "2,1"}).status_code == 302
    attempt.refresh_from_db()
    assert str(attempt.cd3_yield) == "2.100"


@pytest.mark.walked("to_eligibility")
def test_companion_that_may_not_be_opened_says_why_and_has_no_form(walk: Walk) -> None:
    page = browser_of(walk.by("pharmacist")).get(
        reverse("companion_new", args=[walk.course.pk, "bridging"])
    )
    assert "This cannot be done now" in page.text
    assert '<form class="form confirm"' not in page.text


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("companion_new", ("eligibility",)),
        ("companion_new", ("rocket",)),
        ("companion_move", ("containment", 1, "given")),
        ("companion_move", ("rocket", 1, "given")),
    ],
)
def test_machine_or_companion_that_is_not_there_is_404(
    name: str, arguments: tuple[Any, ...], course: Course, coordinator: User
) -> None:
    url = reverse(name, args=[course.pk, *arguments])
    assert browser_of(coordinator).get(url).status_code == 404


@pytest.mark.walked("to_eligibility")
def test_pages_of_another_centres_course_are_not_there(
    walk: Walk, user_with: UserWith, other_centre: Centre
) -> None:
    review = walk.course.eligibilityreviews.get()
    stranger = browser_of(user_with("haematologist", "coordinator", at=other_centre))
    for url in (
        reverse("course", args=[walk.course.pk]),
        move_url(walk.course, "declined"),
        reverse("companion_new", args=[walk.course.pk, "containment"]),
        reverse("companion_move", args=[walk.course.pk, "eligibility", review.pk, "assessing"]),
    ):
        assert stranger.get(url).status_code == 404, url
        sent = stranger.post(url, typed(walk.course, reason="x"))
        assert sent.status_code in (404, 405), url
    assert not Change.objects.filter(target="declined").exists()


@pytest.mark.walked("to_bridging")
def test_the_protocols_own_words_stand_above_the_form_in_the_readers_language(walk: Walk) -> None:
    browser = browser_of(walk.by("haematologist"))
    words = "From the protocol: Look for fever, new antimicrobials"
    assert words in browser.get(move_url(walk.course, "lymphodepletion")).text
    italian = browser.get(
        move_url(walk.course, "lymphodepletion"), headers={"Accept-Language": "it"}
    )
    assert "Cercare febbre" in italian.text
    assert "From the protocol" not in browser.get(move_url(walk.course, "withdrawn")).text


@pytest.mark.walked("to_bridging")
def test_a_move_that_cannot_be_made_also_names_what_would_be_asked(walk: Walk) -> None:
    page = browser_of(walk.by("haematologist")).get(
        reverse("move", args=[walk.course.pk, "lymphodepletion"])
    )
    assert '<form class="form confirm"' not in page.text
    assert "Not possible" in page.text
    assert "Needs a reason" in page.text
