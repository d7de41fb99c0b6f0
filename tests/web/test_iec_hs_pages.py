"""IEC-HS at the bedside: proposed from the chart, said by a clinician, graded as it is stored."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.models import User
from config.demo_data.computing import computing
from patients.models import Course
from patients.panels import record_panel
from protocol.models import Protocol
from tests.conftest import PROTOCOL_FILE, UserWith, make_protocol
from tests.toxicity_course import DAY_ZERO, HOT, at, infuse, log
from toxicity.checks import checks_of
from toxicity.models import Assessment, Episode

pytestmark = pytest.mark.django_db

Typed = dict[str, Any]
DAY = 10


@pytest.fixture
def as_shipped() -> None:
    """Asked for by a test whose centre has decided nothing yet."""


@pytest.fixture
def protocol(db: None, request: pytest.FixtureRequest) -> Protocol:
    """A centre that has its grades computed, but for who asks `as_shipped`."""
    content = PROTOCOL_FILE.read_bytes()
    return make_protocol(content if "as_shipped" in request.fixturenames else computing(content))


@pytest.fixture
def course(course: Course) -> Course:
    """A course after its infusion."""
    return infuse(course)


@pytest.fixture
def doctor(user_with: UserWith) -> User:
    """A haematologist."""
    return user_with("haematologist")


@pytest.fixture
def nurse(user_with: UserWith) -> User:
    """A nurse of the ward."""
    return user_with("ward_nurse")


@pytest.fixture
def page(doctor: User, course: Course) -> Any:
    """Her browser, on day 10 at noon."""
    with time_machine.travel(at(course, DAY), tick=False):
        client = Client()
        client.force_login(doctor)
        yield client


def panel(course: Course, by: User, day: int, **values: str) -> None:
    """Results of one day: `ANC="0.3 10*9/L"`."""
    rows = [
        dict(zip(("analyte", "value", "unit"), (code, *typed.split(" ")), strict=True))
        for code, typed in values.items()
    ]
    record_panel(course_id=course.pk, on=(DAY_ZERO + timedelta(days=day)).isoformat(),
                 values=rows, actor=by, now=at(course, DAY), source="synthetic")  # fmt: skip


def the_published_case(course: Course, by: User) -> None:
    """Ferritin and fibrinogen of the case series, with what was there before."""
    panel(course, by, -1, FERRITIN="180 ng/mL", AST="30 U/L")
    panel(course, by, 8, FERRITIN="720 ng/mL")
    panel(course, by, DAY, FERRITIN="3536 ng/mL", FIBRINOGEN="118 mg/dL", ANC="0.12 10*9/L",
          ALT="44 U/L", PLT="9 10*9/L")  # fmt: skip


def typed(**given: Any) -> Typed:
    """A confirmed syndrome that is treated."""
    whole: Typed = {
        "key": str(uuid4()), "observed_at": "11-Nov-2026 11:50", "ferritin": "3536",
        "ferritin_uln": "400", "fibrinogen": "118", "cytopenia_g4_new": "yes",
        "other_cause": "no", "confirmed": "yes", "intervention": "yes", "severe": "no",
        "life_threatening": "no", "death": "no",
    }  # fmt: skip
    return {name: value for name, value in (whole | given).items() if value is not None}


def said(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def form_of(course: Course) -> str:
    return reverse("iec_hs_new", args=[course.pk])


def field(answer: Any, name: str) -> str:
    """The value that a field of the page holds."""
    found = re.search(rf'<input[^>]*name="{name}"[^>]*>', answer.content.decode())
    assert found is not None
    held = re.search(r'value="([^"]*)"', found[0])
    return held[1] if held else ""


def test_the_form_proposes_with_source_and_age_and_presets_nothing(
    page: Client, course: Course, doctor: User
) -> None:
    the_published_case(course, doctor)
    answer = page.get(form_of(course))
    text = said(answer)
    assert "On record: 3536, 11-Nov-2026, today, source: synthetic." in text
    assert "On record: 180, 31-Oct-2026, 11 days old, source: synthetic." in text
    assert "Usual range of the protocol: 400." in text
    assert "Usual range of the protocol: 200." in text
    assert "Ferritin before: 720 ng/mL, 09-Nov-2026, 2 days old, source: synthetic" in text
    assert "Neutrophils of grade 4: 0.12 ×10⁹/L" in text
    assert "Platelets of grade 4: 9 ×10⁹/L" in text
    assert field(answer, "ferritin") == ""
    assert " checked" not in answer.content.decode()
    taken = page.post(form_of(course), typed(do="take", ferritin="", fibrinogen="99"))
    assert field(taken, "ferritin") == "3536"
    assert (field(taken, "ast_baseline"), field(taken, "alt")) == ("30", "44")
    assert field(taken, "fibrinogen") == "99"  # what is typed stays
    assert not Assessment.objects.exists()


def test_what_is_saved_is_graded_as_it_was_shown(
    page: Client, course: Course, doctor: User
) -> None:
    preview = reverse("iec_hs_preview", args=[course.pk])
    shown = said(page.post(preview, typed()))
    assert "The laboratory fits IEC-HS" in shown
    assert "ferritin 3536 ng/mL &gt; 2 × 400 = 800 (upper limit)" in shown
    assert "IEC-HS 2" in shown
    whole = typed()
    saved = page.post(form_of(course), whole, follow=True)
    assert "IEC-HS 2" in said(saved)
    page.post(form_of(course), whole)
    (check,) = checks_of(course)
    assert check.grade("iec_hs") == 2
    assert check.assessment.signs["iec_hs"]["fibrinogen"] == "118"
    assert Episode.objects.get(course=course).scale == "iec_hs"
    again = page.post(preview, typed() | {"shown": digest(page.post(preview, typed()))})
    assert again.status_code == 204
    facts = said(page.get(reverse("check", args=[course.pk, check.assessment.pk])))
    assert "Ferritin 3536 ng/mL" in facts
    assert "A clinician has confirmed IEC-HS Yes" in facts
    assert "Severe No" in facts


def digest(answer: Any) -> str:
    found = re.search(r'name="shown" value="([0-9a-f]+)"', answer.content.decode())
    assert found is not None
    return found[1]


def test_unknown_stays_unknown_and_nothing_unreadable_is_graded(
    page: Client, course: Course
) -> None:
    preview = reverse("iec_hs_preview", args=[course.pk])
    alone = {"key": str(uuid4()), "observed_at": "11-Nov-2026 11:50"}
    assert "The grade stands here once something is said" in said(page.post(preview, alone))
    little = said(page.post(preview, alone | {"ferritin": "9000"}))
    assert "Too little is known to screen. This is not a negative screen." in little
    assert "IEC-HS –" in little
    broken = said(page.post(preview, typed(ferritin="abc", fibrinogen="9999")))
    assert "Cannot be computed" in broken
    assert "Ferritin:" in broken
    assert "Fibrinogen:" in broken
    assert "IEC-HS 2" not in broken
    shown = said(page.post(form_of(course), typed(do="show", over="on")))
    assert "Said to be over, and signs of it are recorded beside that." in shown
    for wrong in (
        {"ferritin": "-1"}, {"ferritin": "NaN"}, {"fibrinogen": "1501"}, {"ferritin_uln": "0"},
        {"observed_at": "12-Nov-2026 11:50"}, {"key": "x"}, {"death": "yes"},
        {"confirmed": "maybe"},
    ):  # fmt: skip
        assert page.post(form_of(course), typed(**wrong)).status_code == 422, wrong
    both = said(page.post(form_of(course), typed(ferritin="abc", observed_at="12-Nov-2026 11:50")))
    assert "This time is in the future" in both
    assert "abc" in both
    nothing = page.post(form_of(course), alone)
    assert nothing.status_code == 422
    assert "say at least one sign" in said(nothing)
    assert not Assessment.objects.exists()


def test_a_correction_replaces_it_with_a_reason_and_keeps_what_stood(
    page: Client, course: Course, doctor: User
) -> None:
    page.post(form_of(course), typed(remark="Drowsy"))
    first = Assessment.objects.get()
    address = reverse("iec_hs_correct", args=[course.pk, first.pk])
    shown = page.get(reverse("check", args=[course.pk, first.pk])).content.decode()
    assert f'href="{address}"' in shown
    assert reverse("check_correct", args=[course.pk, first.pk]) not in shown
    opened = page.get(address)
    assert (field(opened, "ferritin"), field(opened, "ferritin_uln")) == ("3536", "400")
    assert opened.content.decode().count(" checked") == 7
    assert page.post(address, typed(severe="yes")).status_code == 422
    preview = page.post(address, typed(severe="yes", reason="Bled", do="show"))
    assert "IEC-HS 3" in said(preview)
    answer = page.post(address, typed(severe="yes", reason="Bled"), follow=True)
    assert "IEC-HS 3" in said(answer)
    (check,) = checks_of(course)
    assert (check.grade("iec_hs"), check.assessment.replaces_id) == (3, first.pk)
    assert page.post(address, typed(severe="no", reason="Again")).status_code == 422
    assert Assessment.objects.count() == 2


def test_other_scales_of_a_check_stay_as_they_were_said(
    page: Client, course: Course, doctor: User
) -> None:
    row = log(course, doctor, DAY, 11, crs=HOT).assessment
    address = reverse("iec_hs_correct", args=[course.pk, row.pk])
    shown = page.get(reverse("check", args=[course.pk, row.pk])).content.decode()
    assert reverse("check_correct", args=[course.pk, row.pk]) in shown
    assert address not in shown
    page.post(address, typed(reason="IEC-HS was seen too"))
    (check,) = checks_of(course)
    links = page.get(reverse("check", args=[course.pk, check.assessment.pk])).content.decode()
    for name in ("check_correct", "iec_hs_correct"):
        assert f'href="{reverse(name, args=[course.pk, check.assessment.pk])}"' in links
    assert (check.grade("crs"), check.grade("iec_hs")) == (1, 2)


@pytest.mark.usefixtures("as_shipped")
def test_a_centre_that_computes_nothing_picks_the_grade_beside_the_table(
    page: Client, course: Course, doctor: User
) -> None:
    the_published_case(course, doctor)
    answer = page.get(form_of(course))
    text = said(answer)
    assert "The centre computes no grade: pick it beside the published table." in text
    assert "Screen for IEC-HS" in text or "above 2 × the upper limit" in text
    assert 'id="grade"' not in answer.content.decode()
    assert "IEC-HS criteria seen" not in said(page.get(reverse("flowsheet", args=[course.pk])))
    assert "what the laboratory says" not in said(page.get(reverse("scores", args=[course.pk])))
    answer = page.get(reverse("api_scores", args=[course.pk])).json()
    assert answer["iec_hs_screen"] is None
    refused = page.post(form_of(course), typed())
    assert refused.status_code == 422
    assert "Pick the grade beside the published table" in said(refused)
    preview = page.post(reverse("iec_hs_preview", args=[course.pk]), typed())
    assert "IEC-HS 2" not in said(preview)
    page.post(form_of(course), typed(iec_hs_grade="3"))
    (check,) = checks_of(course)
    assert (check.grade("iec_hs"), check.grades["iec_hs"].rule_version) == (3, "recorded")
    address = reverse("iec_hs_correct", args=[course.pk, check.assessment.pk])
    assert re.search(r'value="3"[^>]*checked', page.get(address).content.decode())
    page.post(address, typed(iec_hs_grade="not_known", reason="Nobody knows"))
    (check,) = checks_of(course)
    assert check.grade("iec_hs") is None
    again = page.get(reverse("iec_hs_correct", args=[course.pk, check.assessment.pk]))
    assert re.search(r'value="not_known"[^>]*checked', again.content.decode())


def test_the_screen_stands_on_the_flowsheet_only_where_its_criteria_are_seen(
    page: Client, course: Course, doctor: User
) -> None:
    sheet, scores = (reverse(name, args=[course.pk]) for name in ("flowsheet", "scores"))
    own = reverse("course", args=[course.pk])
    panel(course, doctor, 9, FERRITIN="3536 ng/mL", ANC="0.1 10*9/L")
    assert "IEC-HS criteria seen" not in said(page.get(sheet))
    quiet = said(page.get(scores))
    assert "Too little is known to screen. This is not a negative screen." in quiet
    assert f'{sheet}#screen"' not in page.get(own).content.decode()
    panel(course, doctor, DAY, FIBRINOGEN="118 mg/dL", AST=">30 U/L")
    assert f'{sheet}#screen"' in page.get(own).content.decode()
    text = said(page.get(sheet))
    assert "IEC-HS criteria seen: consider it" in text
    assert "The laboratory fits IEC-HS; only a clinician diagnoses it." in text
    assert "fibrinogen 118 mg/dL &lt; 200" in text
    assert "Log IEC-HS" in text
    assert "IEC-HS: what the laboratory says" in said(page.get(scores))
    answer = page.get(reverse("api_scores", args=[course.pk])).json()
    assert answer["iec_hs_screen"] == {
        "screen": "suspected", "limbs": ["ferritin", "fibrinogen"], "rule_version": "iec-hs-2023.1",
    }  # fmt: skip
    offered = {one["name"]: (one["value"], one["on"]) for one in answer["iec_hs_proposals"]}
    assert offered["fibrinogen"] == (118, "2026-11-11")
    assert offered["ferritin_uln"] == (400, None)
    unused = said(page.get(form_of(course)))
    assert (
        "On record, and not proposed: AST &gt;30 U/L (only a limit, which does not decide)"
        in unused
    )


def test_a_nurse_is_told_what_a_haematologist_said_and_keeps_it(
    page: Client, course: Course, doctor: User, nurse: User
) -> None:
    page.force_login(nurse)
    first = page.get(form_of(course))
    assert 'name="confirmed"' not in first.content.decode()
    assert 'name="over"' not in first.content.decode()
    assert 'name="other_cause"' not in first.content.decode()
    cause = "Another cause explains all of it: %s. A haematologist says it."
    assert cause % "not said" not in said(first)  # of a new check it is asked anew
    told = "A clinician has confirmed IEC-HS: %s. A haematologist says it."
    assert told % "not said" in said(first)
    assert "A clinician sees nothing of it now: not said. A haematologist says it." in said(first)
    page.post(form_of(course), typed())  # what is not asked is not heard
    page.force_login(doctor)
    page.post(form_of(course), typed(observed_at="11-Nov-2026 11:52"))
    page.force_login(nurse)
    assert told % "yes" in said(page.get(form_of(course)))
    later = typed(observed_at="11-Nov-2026 11:55", severe="yes")
    alone = {"key": str(uuid4()), "observed_at": "11-Nov-2026 11:56"}
    assert page.post(form_of(course), alone).status_code == 422  # nothing is carried alone
    preview = reverse("iec_hs_preview", args=[course.pk])
    assert "IEC-HS 3" in said(page.post(preview, later))
    page.post(form_of(course), later)
    assert [check.grade("iec_hs") for check in checks_of(course)] == [None, 2, 3]
    row = checks_of(course)[1].assessment
    address = reverse("iec_hs_correct", args=[course.pk, row.pk])
    assert told % "yes" in said(page.get(address))
    assert cause % "no" in said(page.get(address))
    page.post(address, typed(observed_at="11-Nov-2026 11:52", severe="yes", reason="Bled"))
    assert [check.grade("iec_hs") for check in checks_of(course)] == [None, 3, 3]
