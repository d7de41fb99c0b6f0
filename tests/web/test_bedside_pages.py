"""The pages of the bedside: a check is logged whole or not at all, and says what it gives."""

import re
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from config.demo_data.computing import computing
from patients.models import Course
from protocol.models import Protocol
from tests.conftest import PROTOCOL_FILE, UserWith, make_protocol
from tests.toxicity_course import CLEAR, HOT, WELL, at, infuse, log
from toxicity.checks import checks_of
from toxicity.models import Assessment, Treatment

pytestmark = pytest.mark.django_db

Typed = dict[str, Any]


@pytest.fixture
def protocol(db: None) -> Protocol:
    """A centre that has its grades computed."""
    return make_protocol(computing(PROTOCOL_FILE.read_bytes()))


@pytest.fixture
def course(course: Course) -> Course:
    """A course after its infusion."""
    return infuse(course)


@pytest.fixture
def nurse(user_with: UserWith) -> User:
    """A ward nurse."""
    return user_with("ward_nurse")


@pytest.fixture
def page(nurse: User, course: Course) -> Any:
    """Her browser, on day 3 at noon."""
    with time_machine.travel(at(course, 3), tick=False):
        yield signed_in(nurse)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def form_of(course: Course) -> str:
    return reverse("check_new", args=[course.pk])


def typed(**given: Any) -> Typed:
    """A whole check: fever, nothing else."""
    whole: Typed = {
        "key": str(uuid4()), "observed_at": "04-Nov-2026 11:50", "temp_c": "38,6",
        "fever_other_cause": "no", "pressure": "normal", "o2_device": "none", "ice_total": "10",
        "arousal": "spontaneous", "seizure": "none", "deep_motor_weakness": "no", "icp": "none",
    }  # fmt: skip
    return {name: value for name, value in (whole | given).items() if value is not None}


def said(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def test_the_form_opens_empty_with_the_time_and_a_key(page: Client, course: Course) -> None:
    answer = page.get(form_of(course))
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "checked" not in re.sub(r"<script.*?</script>", "", text)
    assert 'value="04-Nov-2026 12:00"' in text
    assert re.search(r'name="key" value="[0-9a-f-]{36}"', text)
    assert "Save for ROSSI" in said(answer)
    assert "CAPD" not in text
    assert "Same as" not in text


def test_a_check_is_stored_once_and_its_message_names_patient_grade_and_why(
    page: Client, course: Course
) -> None:
    given = typed()
    for _time in range(2):
        answer = page.post(form_of(course), given, follow=True)
        assert answer.redirect_chain == [(reverse("course", args=[course.pk]), 302)]
        assert "CRS 1 because temperature 38.6 °C → 1; ICANS 0 because ICE 10/10" in said(answer)
        assert "recorded for ROSSI" in said(answer)
    row = Assessment.objects.get()
    assert (row.temp_c, row.ice, row.observed_at) == (
        Decimal("38.6"), 10, datetime(2026, 11, 4, 11, 50, tzinfo=course.centre.zone),
    )  # fmt: skip
    again = page.post(form_of(course), given | {"temp_c": "36.8"})
    assert again.status_code == 422
    assert "This key was used for another entry" in said(again)
    assert Assessment.objects.count() == 1


def test_everything_wrong_is_said_at_once_and_nothing_typed_is_lost(
    page: Client, course: Course
) -> None:
    answer = page.post(
        form_of(course),
        typed(
            temp_c="386", observed_at="05-Nov-2026 09:00", o2_flow_lpm="3", ice_total="8",
            ice_not_done_reason="missed", pressure="normal", vasopressors=["dopamine"],
            remark="shivers since noon",
        ),
    )  # fmt: skip
    assert answer.status_code == 422
    words = said(answer)
    for sentence in (
        "386 °C cannot be. Is 38.6 °C meant?",
        "This time is in the future",
        "A flow of oxygen is given: say through what",
        "ICE has a score: leave one of them",
        "Vasopressors are ticked: say “on vasopressors”",
    ):
        assert sentence in words, sentence
    text = answer.content.decode()
    assert 'value="386"' in text
    assert "shivers since noon" in text
    assert not Assessment.objects.exists()


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"temp_c": "abc"}, "“abc” is not a number."),
        ({"temp_c": "101"}, "101 is a temperature in °F: give it in °C."),
        ({"temp_c": "20"}, "20 °C cannot be: a patient has from 30 to 45 °C."),
        ({"temp_c": "-1"}, "Write the number alone, without a sign."),
        ({"ice_total": "11"}, "This goes from 0 to 10."),
        ({"ice_total": "6.5"}, "Write a whole number"),
        ({"ice_total": "8", "ice_year": "0", "ice_month": "0", "ice_city": "0"},
         "The total is 8, its items give 0–7"),
        ({"pressure": "pressors"}, "Tick which vasopressors are given."),
        ({"ice_total": None, "ice_not_done_reason": "unarousable"},
         "ICE was not done as unarousable: put that right"),
        ({"observed_at": "12:00"}, "Give the day too."),
        ({"observed_at": "03-Nov-2026 23:50"}, "This was seen more than 12 hours ago: say why"),
        ({"observed_at": "03-Nov-2026 23:50", "temp_c": "abc"}, "say why it is recorded only now"),
        ({"key": "1"}, "Enter a valid UUID."),
        ({"arousal": "asleep"}, "Select a valid choice."),
        ({"death_due_to_crs": "on"}, "Grade 5 is a death: record the death first."),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_in_words(
    page: Client, course: Course, given: Typed, sentence: str
) -> None:
    answer = page.post(form_of(course), typed(**given))
    assert answer.status_code == 422
    assert sentence in said(answer)
    assert not Assessment.objects.exists()


def test_an_empty_form_stores_nothing(page: Client, course: Course) -> None:
    answer = page.post(form_of(course), {"key": str(uuid4()), "observed_at": "04-Nov-2026 11:50"})
    assert answer.status_code == 422
    assert "Nothing was recorded: say at least one sign." in said(answer)


def test_an_unusual_temperature_is_asked_about_and_then_stored(
    page: Client, course: Course
) -> None:
    given = typed(temp_c="41.4", ice_total="x")
    answer = page.post(form_of(course), given)
    assert "41.4 °C is unusual" in said(answer)
    assert "is not a number" in said(answer)
    assert 'name="confirmed"' in answer.content.decode()
    given |= {"ice_total": "10"}
    # The tick is for the temperature it was asked about.
    for other in ({"confirmed": "on"}, {"confirmed": "41.4", "temp_c": "41.9"}):
        again = page.post(form_of(course), given | other)
        assert again.status_code == 422
        assert 'id="id_confirmed" checked' not in again.content.decode()
        assert not Assessment.objects.exists()
    given |= {"confirmed": "41.4"}
    assert page.post(form_of(course), given).status_code == 302
    assert Assessment.objects.get().temp_c == Decimal("41.4")


def test_a_high_grade_leads_to_what_the_centre_says_also_when_it_is_sent_twice(
    page: Client, course: Course
) -> None:
    given = typed(pressure="pressors", vasopressors=["norepinephrine"])
    for _time in range(2):
        answer = page.post(form_of(course), given)
        row = Assessment.objects.get()
        assert answer["Location"] == reverse("check_escalation", args=[course.pk, row.pk])
    words = said(page.get(answer["Location"]))
    correct = reverse("check_correct", args=[course.pk, row.pk])
    page.post(correct, typed(temp_c="36.8", reason="another bed"))
    late = page.post(form_of(course), given, follow=True)
    assert late.redirect_chain == [(reverse("course", args=[course.pk]), 302)]
    assert "Check: recorded for ROSSI" in said(late)
    for sentence in (
        "Nobody has been called", "Phone: the haematologist on call", "CRS 3",
        "The centre has people told from this grade on.", "no earlier grade is known",
        "The centre's procedure for CRS says what follows", "It orders nothing",
    ):  # fmt: skip
        assert sentence.replace("'", "&#x27;") in words, sentence


def test_a_jump_says_from_where_and_a_low_grade_has_no_such_page(
    page: Client, course: Course, nurse: User
) -> None:
    low = log(course, nurse, 2, crs=WELL, icans=CLEAR).assessment
    url = reverse("check_escalation", args=[course.pk, low.pk])
    assert page.get(url)["Location"] == reverse("check", args=[course.pk, low.pk])
    answer = page.post(form_of(course), typed(ice_total="6"), follow=True)
    assert "It is a jump: 0 before." in said(answer)
    assert "ICANS 2" in said(answer)
    page.cookies["django_language"] = "it"
    italian = said(page.get(answer.redirect_chain[0][0]))
    assert "La procedura del centro per l" in italian


def test_last_values_and_the_same_entry(page: Client, course: Course, nurse: User) -> None:
    oxygen = replace(
        HOT, temp_c=Decimal("37.9"), o2_device="nasal_cannula", o2_flow_lpm=Decimal(2),
        fever_masked=True, hypotension=True, vasopressors=frozenset({"dopamine"}),
    )  # fmt: skip
    row = log(course, nurse, 3, 8, crs=oxygen, icans=CLEAR, remark="at eight").assessment
    log(course, nurse, 4, 8, crs=replace(WELL, temp_c=Decimal("39.9")))  # by another clock
    words = said(page.get(form_of(course)))
    for sentence in ("Last 37.9 °C, 4 h ago", "Last 10 /10, 4 h ago", "Last 2 L/min, 4 h ago",
                     "Last nasal oxygen, 4 h ago", "Same as 08:00 entry"):  # fmt: skip
        assert sentence in words, sentence
    answer = page.get(form_of(course) + f"?same={row.pk}")
    assert said(answer).count("Carried over from 08:00") == 7
    ticked = re.findall(r'name="(\w+)" value="(\w+)"[^>]*checked', answer.content.decode())
    assert ticked == [
        ("pressure", "pressors"), ("vasopressors", "dopamine"), ("o2_device", "nasal_cannula"),
        ("seizure", "none"), ("deep_motor_weakness", "no"), ("icp", "none"),
    ]  # fmt: skip
    text = answer.content.decode()
    assert 'name="o2_flow_lpm" value="2"' in text
    for never in ('value="37.9"', 'value="04-Nov-2026 08:00"', "at eight"):
        assert never not in text, never
    for nonsense in ("0", "x", "99999999999", str(row.pk + 1)):
        assert page.get(form_of(course) + f"?same={nonsense}").status_code == 200


def preview(page: Client, course: Course, **given: Any) -> str:
    return said(page.post(reverse("check_preview", args=[course.pk]), typed(**given)))


def test_the_live_grade_comes_from_the_server_and_stores_nothing(
    page: Client, course: Course, nurse: User
) -> None:
    assert "CRS 1 mild because temperature 38.6 °C → 1" in preview(page, course)
    low = preview(page, course, temp_c="36,8", pressure="fluids")
    assert "Not CRS by definition: look for another cause" in low
    log(course, nurse, 3, 8, crs=HOT)
    known = preview(page, course, temp_c="36,8", pressure="fluids", fever_masked="yes")
    assert "CRS 2" in known
    assert "CRS established, fever masked by treatment" in known
    assert "CRS 1 → 2 since the last check" in known
    assert "Not CRS by definition" not in known
    for field, slip in (("temp_c", "abc"), ("temp_c", "386"), ("o2_flow_lpm", "1.234")):
        broken = preview(page, course, **{field: slip}, o2_device="nasal_cannula")
        assert "CRS – Cannot be computed" in broken
        assert "ICANS 0" in broken
    assert "ICANS – Cannot be computed" in preview(page, course, ice_total="11")
    assert "CRS 1" in preview(page, course, temp_c="41.5")
    assert "Time" in preview(page, course, observed_at="")
    nothing = {"observed_at": "04-Nov-2026 11:50"}
    url = reverse("check_preview", args=[course.pk])
    empty = page.post(url, nothing)
    assert "Nothing is saved yet" in said(empty)
    shown = re.search(r'name="shown" value="(\w+)"', empty.content.decode())
    assert shown is not None
    assert page.post(url, nothing | {"shown": shown[1]}).status_code == 204
    assert Assessment.objects.count() == 1
    assert page.get(url).status_code == 405


def test_the_grade_is_shown_without_javascript_and_saves_nothing(
    page: Client, course: Course
) -> None:
    answer = page.post(form_of(course), typed(do="show"))
    assert answer.status_code == 200
    assert "CRS 1 mild because temperature 38.6 °C → 1" in said(answer)
    assert 'value="38,6"' in answer.content.decode()
    assert "38.6 °C meant" in said(page.post(form_of(course), typed(do="show", temp_c="386")))
    assert not Assessment.objects.exists()


def test_the_preview_is_what_is_stored(page: Client, course: Course, nurse: User) -> None:
    log(course, nurse, 2, 8, crs=HOT, icans=CLEAR)
    given = typed(
        temp_c="36.9", fever_masked="yes", o2_device="nasal_cannula", o2_flow_lpm="6,5",
        ice_total=None, ice_year="1", ice_month="0", ice_not_done_reason="", sedated="on",
    )  # fmt: skip
    words = preview(page, course, **given, ice_total=None)
    page.post(form_of(course), given)
    stored = checks_of(course)[-1]
    assert f"CRS {stored.grade('crs')}" in words
    assert stored.grade("crs") == 3
    assert f"ICANS {stored.grade('icans')}" in words


def test_saving_an_assessment_stays_within_its_queries(page: Client, course: Course) -> None:
    page.get(form_of(course))
    with CaptureQueriesContext(connection) as captured:
        answer = page.post(form_of(course), typed())
    assert answer.status_code == 302
    frame = ("SAVEPOINT", "RELEASE")
    asked = [query["sql"] for query in captured if not query["sql"].startswith(frame)]
    assert len(asked) <= 20, "\n".join(sql[:120] for sql in asked)


def test_a_number_that_no_course_can_have_is_not_found(page: Client) -> None:
    for number in (2**63 - 1, 2**63, 10**30):
        assert page.get(f"/courses/{number}/bedside/new/").status_code == 404


def test_a_recorded_drug_answers_whether_fever_is_hidden_and_fills_in_nothing(
    page: Client, course: Course, nurse: User
) -> None:
    log(course, nurse, 3, 8, crs=HOT)
    assert "Recorded: yes, by" not in said(page.get(form_of(course)))
    Treatment.objects.create(
        course=course, drug="tocilizumab", given_at=at(course, 3, 9), purpose="crs",
        received_at=at(course, 3, 9), recorded_by="test",
    )  # fmt: skip
    answer = page.get(form_of(course))
    assert "Recorded: yes, by Tocilizumab on" in said(answer)
    assert not re.search(r'name="fever_masked"[^>]*checked', answer.content.decode())
    page.post(form_of(course), typed(temp_c="36.8", fever_masked="no", pressure="fluids"))
    assert checks_of(course)[-1].grade("crs") == 2
    page.cookies["django_language"] = "it"
    assert "Registrato: sì, con Tocilizumab" in said(page.get(form_of(course)))
