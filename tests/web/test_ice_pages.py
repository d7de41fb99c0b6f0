"""The walk through ICE and the baseline before the infusion; what a child and a way home change."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from config.demo_data.computing import computing
from patients.models import Course, Patient
from patients.stays import admit, discharge
from protocol.models import Protocol
from tests.conftest import PROTOCOL_FILE, UserWith, make_protocol
from tests.toxicity_course import CLEAR, DAY_ZERO, HOT, at, infuse, log
from tests.web.test_check_pages import inputs, said, signed_in
from toxicity.bedside.check_reading import crs_of, typed_of
from toxicity.bedside.last_values import ago
from toxicity.domain.crs import DEVICES, VASOPRESSORS, CrsSigns, grade_crs
from toxicity.models import Assessment
from toxicity.seen import seen_of


@pytest.fixture
def protocol(db: None) -> Protocol:
    """A centre that has its grades computed."""
    return make_protocol(computing(PROTOCOL_FILE.read_bytes()))


@pytest.fixture
def nurse(user_with: UserWith) -> User:
    """A ward nurse."""
    return user_with("ward_nurse")


def ice(course: Course) -> str:
    return reverse("check_ice", args=[course.pk])


@pytest.mark.django_db
def test_before_the_infusion_there_is_the_baseline_and_later_checks_know_it(
    course: Course, nurse: User
) -> None:
    page, url = signed_in(nurse), reverse("check_new", args=[course.pk])
    with time_machine.travel(at(course, -1), tick=False):
        opened = page.get(url)
        assert "Baseline before the infusion" in said(opened)
        assert "temp_c" not in inputs(opened)
        empty = page.post(url, inputs(opened))
        assert empty.status_code == 422
        sent = inputs(opened) | {"ice_total": "9", "handwriting": "Oggi c'è il sole"}
        guided = page.post(ice(course), sent | {"spoken": "it", "ice_total": ""})
        assert 'name="baseline" value="True"' in guided.content.decode()
        answer = page.post(url, sent, follow=True)
        assert "Baseline: recorded for ROSSI" in said(answer)
        row = Assessment.objects.get()
        assert (row.baseline, row.ice, row.handwriting) == (True, 9, "Oggi c'è il sole")
        assert "Baseline before the infusion" in said(
            page.get(reverse("check", args=[course.pk, row.pk]))
        )
        correct = reverse("check_correct", args=[course.pk, row.pk])
        again = inputs(page.get(correct)) | {"ice_total": "8", "reason": "counted again"}
        assert page.post(correct, again).status_code == 302
        assert Assessment.objects.latest("pk").baseline
    infuse(course)
    with time_machine.travel(at(course, 0), tick=False):
        page = signed_in(nurse)  # the session of the day before has ended
        assert "?baseline=1" in page.get(url).content.decode()
        assert "Same as" not in said(page.get(url + "?baseline=1"))
        assert "Last 8 /10" in said(page.get(url))
        said_so = {f"said_{code}": "1" for code in (
            "year", "month", "city", "hospital", "object_1", "object_2", "object_3", "command",
        )}  # fmt: skip
        sentence = page.post(ice(course), {"spoken": "en", **said_so})
        assert "Before the infusion: « Oggi c&#x27;è il sole »".replace(" ", "") in said(
            sentence
        ).replace(" ", "")
        late = {"key": str(uuid4()), "observed_at": "01-Nov-2026 11:00", "baseline": ""}
        graded = page.post(url, late | {"ice_total": "8", "arousal": "spontaneous", "do": "show"})
        assert "ICE was 8 before the infusion: nothing is corrected for it." in said(graded)


@pytest.mark.django_db
def test_the_walk_asks_one_thing_at_a_time_and_carries_what_was_typed(
    course: Course, nurse: User
) -> None:
    infuse(course)
    page = signed_in(nurse)
    typed: dict[str, Any] = {
        "key": str(uuid4()), "temp_c": "38,6", "vasopressors": ["dopamine", "other"],
        "ice_total": "4", "ice_year": "0", "corrects": "", "nonsense": "x",
    }  # fmt: skip
    with time_machine.travel(at(course, 3), tick=False):
        first = page.post(ice(course), typed)
        assert "which language does the patient speak?" in said(first)
        text = first.content.decode()
        assert 'name="temp_c" value="38,6"' in text
        assert text.count('name="vasopressors"') == 3 * 2
        for gone in ("nonsense", 'name="ice_total"', 'name="ice_year"'):
            assert gone not in text, gone
        page.cookies["django_language"] = "it"
        asked = page.post(ice(course), typed | {"spoken": "en"})
        assert "What year is it?" in said(asked)
        assert "ICE, domanda 1 di 10" in said(asked)
        back = page.post(ice(course), {"spoken": "en", "said_year": "1", "back": "1"})
        assert "What year is it?" in said(back)
        del page.cookies["django_language"]
        codes = ("year", "month", "city", "hospital", "object_1", "object_2", "object_3",
                 "command", "sentence", "attention")  # fmt: skip
        answers = {f"said_{code}": "0" if code in ("month", "object_2") else "1" for code in codes}
        done = page.post(ice(course), typed | {"spoken": "it"} | answers)
        assert "ICE 8/10 Lost: Month, Object 2" in said(done)
        assert 'name="ice_naming" value="2"' in done.content.decode()
        perfect = page.post(ice(course), {"spoken": "it"} | dict.fromkeys(answers, "1"))
        assert "Nothing was lost." in said(perfect)
        url = reverse("check_new", args=[course.pk])
        back = page.post(url, typed | {"do": "resume", "ice_total": "", "ice_naming": "2"})
        assert back.status_code == 200
        filled = inputs(back)
        assert (filled["temp_c"], filled["ice_naming"]) == (["38,6"], ["2"])
        assert filled["vasopressors"] == ["dopamine", "other"]
        assert filled["key"] == [typed["key"]]
        row = log(course, nurse, 2, crs=HOT, icans=CLEAR).assessment
        correcting = page.post(ice(course), typed | {"corrects": str(row.pk)})
        assert reverse("check_correct", args=[course.pk, row.pk]) in correcting.content.decode()
    assert not Assessment.objects.filter(key=typed["key"]).exists()


@pytest.mark.django_db
def test_what_was_answered_before_the_walk_is_given_up_goes_along(
    course: Course, nurse: User
) -> None:
    infuse(course)
    page = signed_in(nurse)
    begun = {"said_year": "0", "said_month": "0", "said_city": "0", "said_hospital": "1"}
    with time_machine.travel(at(course, 3), tick=False):
        body = page.post(
            ice(course), begun | {"spoken": "it", "said_object_1": "0"}
        ).content.decode()
    given_up = body.split("Cannot be tested: why")[1].split("</details>")[0]
    for item, score in (("year", 0), ("month", 0), ("city", 0), ("hospital", 1)):
        assert f'name="ice_{item}" value="{score}"' in given_up
    assert "ice_naming" not in given_up, "two of its objects were not asked"


def test_a_child_is_asked_capd_in_place_of_ice(course: Course, nurse: User) -> None:
    infuse(course)
    Patient.objects.filter(pk=course.patient_id).update(birth_date=date(2018, 1, 1))
    page, url = signed_in(nurse), reverse("check_new", args=[course.pk])
    with time_machine.travel(at(course, 3), tick=False):
        opened = page.get(url)
        assert "CAPD" in said(opened)
        assert "ice_total" not in inputs(opened)
        sent = inputs(opened) | {
            "capd": "9", "arousal": "spontaneous", "seizure": "none",
            "deep_motor_weakness": "no", "icp": "none",
        }  # fmt: skip
        assert page.post(url, sent).status_code == 302
        assert "ICANS 3" in said(
            page.get(reverse("check", args=[course.pk, Assessment.objects.get().pk]))
        )
        row = log(course, nurse, 2, icans=replace(CLEAR, capd=8)).assessment
        correct = reverse("check_correct", args=[course.pk, row.pk])
        page.post(correct, inputs(page.get(correct)) | {"capd": "9", "reason": "counted again"})
        corrected = seen_of(Assessment.objects.latest("pk")).icans
        assert corrected is not None
        assert (corrected.capd, corrected.ice) == (9, CLEAR.ice)


@pytest.mark.django_db
def test_logging_stands_first_on_the_course_while_toxicity_may_come(
    course: Course, nurse: User, coordinator: User, user_with: UserWith
) -> None:
    link = 'button--main" href="' + reverse("check_new", args=[course.pk])

    def first(user: User, day: int) -> bool:
        with time_machine.travel(at(course, day), tick=False):
            return link in signed_in(user).get(reverse("course", args=[course.pk])).content.decode()

    assert not first(nurse, -1)
    infuse(course)
    assert first(nurse, 3)
    assert not first(user_with("pharmacist"), 3)
    assert not first(nurse, 40)
    admit(course_id=course.pk, unit="ward", place="", on=DAY_ZERO + timedelta(days=35),
          actor=coordinator, now=at(course, 40))  # fmt: skip
    assert first(nurse, 40)
    discharge(course_id=course.pk, on=DAY_ZERO + timedelta(days=40), actor=coordinator,
              now=at(course, 40))  # fmt: skip
    assert not first(nurse, 41)


def test_how_long_ago_is_said_in_the_unit_that_fits() -> None:
    spans = (timedelta(minutes=59), timedelta(hours=47), timedelta(days=3))
    assert [ago(span) for span in spans] == ["59 min ago", "47 h ago", "3 d ago"]


SIGNS = st.builds(
    CrsSigns,
    temp_c=st.sampled_from([None, Decimal("36.8"), Decimal("38.6")]),
    fever_other_cause=st.sampled_from([None, True, False]),
    fever_masked=st.none() | st.booleans(),
    hypotension=st.sampled_from([None, True, False]),
    vasopressors=st.none() | st.frozensets(st.sampled_from(VASOPRESSORS), max_size=3),
    o2_device=st.none() | st.sampled_from(DEVICES),
    o2_flow_lpm=st.sampled_from([None, Decimal(0), Decimal(7)]),
    ppv_reason=st.sampled_from([None, "hypoxia", "other"]),
)


@given(SIGNS)
def test_signs_that_go_through_the_form_never_grade_lower(signs: CrsSigns) -> None:
    typed = typed_of(signs, None)
    typed["fever_other_cause"] = signs.fever_other_cause
    back = crs_of(typed) or CrsSigns()
    before, after = grade_crs(signs).grade, grade_crs(back).grade
    assert after == before or (after is None and before == 0)
