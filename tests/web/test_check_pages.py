"""The page of a check: read, corrected, taken back, reviewed; grades picked where none is made."""

import re
from dataclasses import replace
from decimal import Decimal
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.models import User
from config.demo_data.computing import computing
from patients.models import Course
from protocol.models import Protocol
from tests.conftest import PROTOCOL_FILE, UserWith, make_protocol
from tests.toxicity_course import CLEAR, HOT, WELL, at, infuse, log
from toxicity.checks import checks_of
from toxicity.domain.iec_hs import IecHsSigns
from toxicity.models import Assessment, Episode
from toxicity.seen import seen_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def protocol(db: None, request: pytest.FixtureRequest) -> Protocol:
    """A centre that has its grades computed, or one that picks them."""
    content = PROTOCOL_FILE.read_bytes()
    return make_protocol(content if "picking" in request.node.name else computing(content))


@pytest.fixture
def nurse(user_with: UserWith) -> User:
    """A ward nurse."""
    return user_with("ward_nurse")


@pytest.fixture
def clock(course: Course) -> Any:
    """Day 3, at noon."""
    with time_machine.travel(at(course, 3), tick=False):
        yield


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def said(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def inputs(answer: Any, of: str = 'name="observed_at"') -> dict[str, Any]:
    """What the form of a page, the one with the field `of`, would send as it stands."""
    text = answer.content.decode()
    form = text[text.rindex("<form", 0, text.index(of)) :]
    form = form[: form.index("</form>")]
    found: dict[str, Any] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        choice = re.search(r'type="(radio|checkbox)"', tag)
        if name and (not choice or "checked" in tag):
            sent = unescape(value[1]) if value else "on" if choice else ""
            found.setdefault(name[1], []).append(sent)
    for name, area in re.findall(r'<textarea name="([^"]*)"[^>]*>\s*([^<]*)</textarea>', form):
        found[name] = [area]
    for name, options in re.findall(r'<select name="([^"]*)".*?>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', options)
        found[name] = [chosen[1] if chosen else ""]
    return found


def test_a_correction_is_filled_with_what_stood_and_changes_nothing_unsaid(
    clock: None, course: Course, nurse: User, user_with: UserWith
) -> None:
    infuse(course)
    crs = replace(
        HOT, crs_established=True, fever_masked=True, hypotension=True, o2_device="bipap",
        vasopressors=frozenset({"dopamine", "vasopressin"}), ppv_reason="hypoxia",
        o2_flow_lpm=Decimal(0),
    )  # fmt: skip
    icans = replace(CLEAR, capd=3, sedated=True, seizure="resolving", intracranial_haemorrhage=True)
    row = log(
        course, user_with("haematologist"), 3, 8, crs=crs, icans=icans,
        iec_hs=IecHsSigns(confirmed=True),
        remark="at eight",
    ).assessment  # fmt: skip
    page = signed_in(nurse)
    url = reverse("check_correct", args=[course.pk, row.pk])
    opened = page.get(url)
    assert "What stands until it is corrected" in said(opened)
    sent = inputs(opened) | {"reason": ["read wrongly"]}
    assert page.post(url, sent | {"reason": [""]}).status_code == 422
    answer = page.post(url, sent, follow=True)
    assert "recorded for ROSSI" in said(answer)
    again = checks_of(course)[-1].assessment
    assert (again.replaces_id, again.reason) == (row.pk, "read wrongly")
    assert seen_of(again).said() == seen_of(row).said()
    twice = page.post(url, sent | {"key": [str(uuid4())]})
    assert twice.status_code == 422
    assert f"{nurse.username} corrected this on" in said(twice)
    old = said(page.get(reverse("check", args=[course.pk, row.pk])))
    assert "This check was corrected: it counts no longer." in old
    new = said(page.get(reverse("check", args=[course.pk, again.pk])))
    for words in (
        "What it replaced", "Reason: read wrongly", "CRS 4", "dopamine, vasopressin",
        "Remark at eight", "icans-astct-2019", "No clinician has confirmed it yet.",
        "CRS established before Yes",
    ):  # fmt: skip
        assert words in new, words


def test_what_is_shown_while_correcting_leaves_the_check_itself_out(
    clock: None, course: Course, nurse: User
) -> None:
    infuse(course)
    row = log(course, nurse, 3, 8, crs=HOT).assessment
    page = signed_in(nurse)
    url = reverse("check_correct", args=[course.pk, row.pk])
    sent = inputs(page.get(url)) | {"temp_c": "36.8", "fever_masked": "yes", "pressure": "fluids"}
    assert "CRS 0" in said(page.post(url, sent | {"do": "show", "reason": "x"}))
    live = page.post(reverse("check_preview", args=[course.pk]), sent)
    assert "Not CRS by definition" in said(live)
    back = page.post(url, sent | {"do": "resume", "ice_total": "7"})
    assert inputs(back)["ice_total"] == ["7"]
    assert inputs(back)["temp_c"] == ["36.8"]


def test_a_check_is_taken_back_with_a_reason_and_is_gone(
    clock: None, course: Course, nurse: User
) -> None:
    infuse(course)
    row = log(course, nurse, 3, 8, crs=HOT).assessment
    page = signed_in(nurse)
    url = reverse("check_withdraw", args=[course.pk, row.pk])
    assert "Save for ROSSI" in said(page.get(url))
    assert page.post(url, {"reason": ""}).status_code == 422
    assert page.post(url, {"reason": "another bed"}).status_code == 302
    assert checks_of(course) == []
    shown = said(page.get(reverse("check", args=[course.pk, row.pk])))
    assert "This check was taken back" in shown
    taking = Assessment.objects.get(withdrawn=True)
    assert "taken back" in said(page.get(reverse("check", args=[course.pk, taking.pk])))
    for name in ("check_correct", "check_withdraw"):
        assert page.get(reverse(name, args=[course.pk, taking.pk])).status_code == 404


def test_a_haematologist_says_what_a_grade_is(
    clock: None, course: Course, nurse: User, haematologist: User
) -> None:
    infuse(course)
    row = log(course, nurse, 2, 8, crs=HOT).assessment
    away = reverse("check_withdraw", args=[course.pk, row.pk])
    assert away in signed_in(nurse).get(reverse("check", args=[course.pk, row.pk])).content.decode()
    well = log(course, nurse, 3, 8, crs=replace(WELL, fever_masked=True)).assessment
    page = signed_in(haematologist)
    url = reverse("check_review", args=[course.pk, row.pk, "crs"])
    assert "An episode is open" not in said(page.get(url))
    for wrong in ({}, {"verdict": "overridden"}, {"verdict": "overridden", "grade": "3"}):
        assert page.post(url, wrong).status_code == 422
    other = {"verdict": "overridden", "grade": "2", "reason": "oxygen for an hour"}
    answer = page.post(url, other, follow=True)
    words = said(answer)
    for sentence in ("CRS 2", "Another grade , ", "oxygen for an hour", "Found: 1"):
        assert sentence in words, sentence
    # With the check the word would go: nobody but a haematologist is offered to take it back.
    own = reverse("check", args=[course.pk, row.pk])
    assert away in answer.content.decode()
    kept = signed_in(nurse).get(own)
    assert away not in kept.content.decode()
    assert f"{haematologist.username} said on" in said(kept)
    assert "only a haematologist takes that away" in said(
        signed_in(nurse).post(away, {"reason": "x"})
    )
    ending = reverse("check_review", args=[course.pk, well.pk, "crs"])
    assert "An episode is open: to confirm grade 0 says that it is over." in said(page.get(ending))
    assert page.post(ending, {"verdict": "confirmed"}).status_code == 302
    assert not Episode.objects.get(course=course).ongoing
    assert page.get(reverse("check_review", args=[course.pk, row.pk, "icans"])).status_code == 404


def test_a_word_said_meanwhile_is_shown_and_what_was_typed_is_kept(
    clock: None, course: Course, nurse: User, haematologist: User, user_with: UserWith
) -> None:
    infuse(course)
    row = log(course, nurse, 2, 8, crs=HOT).assessment
    url = reverse("check_review", args=[course.pk, row.pk, "crs"])
    first, second = signed_in(haematologist), signed_in(user_with("haematologist", username="two"))
    theirs, mine = (inputs(page.get(url), 'name="verdict"') for page in (first, second))
    ill = theirs | {"verdict": "overridden", "grade": "3", "reason": "hypoxia at night"}
    assert first.post(url, ill).status_code == 302
    typed = mine | {"verdict": "overridden", "grade": "2", "reason": "only fever"}
    refused = second.post(url, typed)
    assert refused.status_code == 409
    words = said(refused)
    assert f"{haematologist.username} has spoken meanwhile" in words
    assert "hypoxia at night" in words
    again = inputs(refused, 'name="verdict"')
    assert [again[name] for name in ("reason", "grade", "verdict")] == [
        ["only fever"], ["2"], ["overridden"],
    ]  # fmt: skip
    assert checks_of(course)[0].grade("crs") == 3
    assert second.post(url, again).status_code == 302
    assert checks_of(course)[0].grade("crs") == 2
    words = said(first.get(url))
    assert "Another grade, 2: only fever" in words


def test_who_reads_codes_sees_grades_and_no_name(
    clock: None, course: Course, nurse: User, user_with: UserWith
) -> None:
    infuse(course)
    low = replace(WELL, hypotension=True)
    row = log(course, nurse, 3, 8, crs=low, remark="Maria shivers").assessment
    page = signed_in(user_with("data_manager"))
    words = said(page.get(reverse("check", args=[course.pk, row.pk])))
    assert "CRS 0" in words
    assert "Not CRS by definition: look for another cause" in words
    for name in ("Maria", "ROSSI", nurse.username):
        assert name not in words
    assert page.get(reverse("check_new", args=[course.pk])).status_code == 403
    assert page.get(reverse("check", args=[course.pk, row.pk + 1])).status_code == 404


def test_picking_a_grade_beside_the_table_computes_nothing(
    clock: None, course: Course, nurse: User
) -> None:
    infuse(course)
    page, url = signed_in(nurse), reverse("check_new", args=[course.pk])
    opened = page.get(url)
    words = said(opened)
    assert "The centre computes no grade: pick it beside the published table." in words
    assert "one vasopressor, with or without vasopressin" in words
    assert "hx-post" not in opened.content.decode()
    sent = inputs(opened) | {"temp_c": "38.6"}
    refused = page.post(url, sent)
    assert refused.status_code == 422
    assert "Pick the grade beside the published table, or not assessable." in said(refused)
    live = page.post(reverse("check_preview", args=[course.pk]), sent)
    assert "CRS" not in said(live)
    assert "CRS 1" not in said(page.post(url, sent | {"do": "show"}))
    dead = page.post(url, sent | {"crs_grade": "5", "icans_grade": "0"})
    assert "Grade 5 is a death: record the death first." in said(dead)
    other = sent | {"crs_grade": "1", "icans_grade": "0", "death_due_to_crs": "on"}
    assert "Death by this toxicity is grade 5" in said(page.post(url, other))
    sent |= {"crs_grade": "1", "icans_grade": "not_known"}
    answer = page.post(url, sent, follow=True)
    assert "CRS 1; ICANS not assessable: recorded for ROSSI" in said(answer)
    [check] = checks_of(course)
    assert (check.grade("crs"), check.grade("icans")) == (1, None)
    picked = log(course, nurse, 3, 11, chosen={"iec_hs": 2}).assessment
    kept = reverse("check_correct", args=[course.pk, picked.pk])
    page.post(kept, inputs(page.get(kept)) | {"reason": "with CRS", "crs_grade": "1"})
    assert checks_of(course)[0].assessment.signs["chosen"] == {"crs": 1, "iec_hs": 2}
    assert "Last 1, 0 min ago" in said(page.get(url))
    shown = said(page.get(reverse("check", args=[course.pk, check.assessment.pk])))
    assert "picked at the bedside" in shown
    assert "ICANS, picked not assessable" in shown
    correct = reverse("check_correct", args=[course.pk, check.assessment.pk])
    again = inputs(page.get(correct)) | {"reason": "typed wrongly", "crs_grade": "3"}
    answer = page.post(correct, again)
    assert answer["Location"].endswith("/escalation/")
    assert "CRS 3" in said(page.get(answer["Location"]))
