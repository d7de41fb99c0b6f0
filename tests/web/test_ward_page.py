"""The ward page and the list for clinicians: who comes first, what is past, who sees whom."""

import re
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from config.demo_data.computing import computing
from pathway.models import Journey
from patients.charting import add_entry
from patients.models import Anchor, Course, Stay
from patients.models.courses import AnchorKind
from protocol.models import Protocol
from tests.conftest import PROTOCOL_FILE, Refer, UserWith, make_protocol
from tests.toxicity_course import CLEAR, DAY_ZERO, HOT, WELL, at, infuse, log
from toxicity.domain.crs import CrsSigns
from toxicity.domain.scales import Verdict
from toxicity.models import Assessment, AssessmentGrade
from toxicity.recording import correct_check
from toxicity.reviewing import review_grade
from toxicity.seen import Seen

pytestmark = pytest.mark.django_db
Make = Any
TO_CONFIRM = "/ward/to-confirm/"


@pytest.fixture
def protocol(db: None) -> Protocol:
    """A centre that has its grades computed."""
    return make_protocol(computing(PROTOCOL_FILE.read_bytes()))


@pytest.fixture
def admitted(protocol: Protocol, coordinator: User, refer_patient: Refer) -> Make:
    """In-patients by family name, infused unless said otherwise."""

    def make(family: str, *, infused: bool = True, unit: str = "ward") -> Course:
        course = refer_patient(coordinator, family_name=family, number=family)
        if infused:
            infuse(course)
        Stay.objects.create(
            course=course, unit=unit, began_on=DAY_ZERO, recorded_at=course.created_at,
            recorded_by="test",
        )  # fmt: skip
        return course

    return make


def text(client: Client, user: User, name: str, now: datetime) -> str:
    """A page at some moment, without its markup."""
    with time_machine.travel(now, tick=False):
        client.logout()  # a session of an earlier hour would be over
        client.force_login(user)
        response = client.get(reverse(name))
    assert response.status_code == 200
    main = response.content.decode().split("<main")[1].split("</main>")[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main))


def api(client: Client, user: User, now: datetime) -> list[dict[str, Any]]:
    with time_machine.travel(now, tick=False):
        client.logout()
        client.force_login(user)
        rows: list[dict[str, Any]] = client.get("/api/v1/ward/").json()["rows"]
    return rows


def test_the_highest_risk_stands_first_and_nobody_unchecked_is_a_0(
    client: Client, admitted: Make, user_with: UserWith
) -> None:
    nurse = user_with("ward_nurse")
    calm, hot, _never, fresh, unclear = (
        admitted(name) for name in ("Calma", "Febbre", "Mai", "Fresca", "Dubbia")
    )
    for course in (calm, hot, unclear):
        log(course, nurse, 2, 6, crs=HOT if course == hot else WELL, icans=CLEAR)
    log(unclear, nurse, 2, 7, crs=CrsSigns())
    log(fresh, nurse, 2, 13, crs=WELL, icans=CLEAR)
    said = text(client, nurse, "ward", at(calm, 2, 14) + timedelta(minutes=20))
    order = ["FEBBRE", "MAI", "DUBBIA", "CALMA", "FRESCA"]
    assert [name for name in re.findall("|".join(order), said) if name][::2] == order
    late = said.split("FEBBRE")[1].split("MAI")[0]
    assert "Late by 4 h 20" in late  # four hours after a grade: due at 10:00
    assert "not current" in late
    assert "Never checked since the infusion" in said
    assert said.split("MAI")[1].split("CALMA")[0].count("never checked") == 2
    assert "not gradeable" in said.split("DUBBIA")[1].split("FRESCA")[0]
    assert "not current" not in said.split("FRESCA")[1]
    assert said.index("Overdue") < said.index("Later")
    assert "Late by 1 d 23 h" in text(client, nurse, "ward", at(calm, 4, 9))
    rows = api(client, nurse, at(calm, 2, 14))
    assert [row["urgency"] for row in rows] == ["overdue", "overdue", "due_now", "due_now", "later"]
    assert rows[1]["grades"][0] == {
        "scale": "crs", "grade": None, "at": None, "current": False, "not_gradeable_at": None,
        "at_least": False,
    }  # fmt: skip
    crs = next(row for row in rows if row["name"].startswith("DUBBIA"))["grades"][0]
    assert (crs["grade"], crs["current"]) == (0, False)  # looked at again, and not gradeable
    assert rows[1]["due_at"] is None
    assert rows[1]["never_checked"]
    coded = user_with("data_manager")
    assert "FEBBRE" not in text(client, coded, "ward", at(calm, 2, 14))
    assert "Log now" not in text(client, coded, "ward", at(calm, 2, 14))
    assert {row["name"] for row in api(client, coded, at(calm, 2, 14))} == {None}


def test_the_page_asks_for_its_list_again_and_keeps_nobody_signed_in(
    client: Client, admitted: Make, user_with: UserWith
) -> None:
    course = admitted("Rinnovo")
    nurse, now = user_with("ward_nurse"), at(admitted("Altra"), 2, 9)
    with time_machine.travel(now, tick=False):
        client.force_login(nurse)
        page = client.get(reverse("ward")).content.decode()
        for said in ('hx-get="/ward/"', 'hx-trigger="every 60s"', "X-Background"):
            assert said in page
        asking = {"HX-Request": "true", "X-Background": "1"}
        answer = client.get(reverse("ward"), headers=asking)
        began = client.session["last_used_at"]
    part = answer.content.decode()
    assert answer["Vary"].startswith("HX-Request")
    assert "<html" not in part
    assert "as of 03-Nov-2026 09:00" in part
    # With these names the browser finds again what had the keyboard's focus.
    for name in (f"ward-{course.pk}", f"ward-{course.pk}-log", "ward-again"):
        assert part.count(f'id="{name}"') == 1
    with time_machine.travel(now + timedelta(minutes=3), tick=False):
        assert client.get(reverse("ward"), headers=asking).status_code == 200
        assert client.session["last_used_at"] == began


def test_a_grade_that_could_be_more_says_so(
    client: Client, admitted: Make, user_with: UserWith
) -> None:
    nurse, course = user_with("ward_nurse"), admitted("Forse")
    log(course, nurse, 2, 6, crs=replace(HOT, hypotension=None, vasopressors=None), icans=CLEAR)
    now = at(course, 2, 7)
    assert "≥1 at least: something was not known" in text(client, nurse, "ward", now)
    (row,) = api(client, nurse, now)
    assert [one["at_least"] for one in row["grades"]] == [True, False]


def test_before_the_infusion_nothing_is_due_and_the_baseline_is_asked_for(
    client: Client, admitted: Make, user_with: UserWith
) -> None:
    nurse = user_with("ward_nurse")
    course = admitted("Prima", infused=False, unit="icu")
    now = at(course, 0, 9)
    assert "No in-patient is in lymphodepletion or after it" in text(client, nurse, "ward", now)
    Journey.objects.filter(course=course).update(stage="lymphodepletion")
    said = text(client, nurse, "ward", now)
    assert "No baseline recorded" in said
    assert "Intensive care" in said
    assert "Nothing is due now." in said
    log(course, nurse, 0, 8, icans=CLEAR, baseline=True)
    assert "Baseline recorded" in text(client, nurse, "ward", now)
    infuse(course)
    assert "Due now" in text(client, nurse, "ward", now)
    log(course, nurse, 0, 10, crs=WELL, icans=CLEAR)
    quiet = text(client, nurse, "ward", at(course, 0, 11))
    assert "Next: PRIMA" in quiet
    assert "01-Nov-2026 18:00" in quiet
    Stay.objects.update(ended_on=DAY_ZERO)
    assert "No in-patient" in text(client, nurse, "ward", at(course, 0, 12))


def test_who_left_the_programme_after_lymphodepletion_stays_on_the_ward_while_in_bed(
    client: Client, admitted: Make, user_with: UserWith
) -> None:
    nurse = user_with("ward_nurse")
    course = admitted("Aplasia", infused=False)
    now = at(course, 0, 9)
    journey = Journey.objects.filter(course=course)
    journey.update(stage="declined", left_stage="eligibility", active=False)
    assert "No in-patient" in text(client, nurse, "ward", now), "never came to lymphodepletion"
    journey.update(left_stage="lymphodepletion")
    said = text(client, nurse, "ward", now)
    assert "Course ended: Declined" in said
    assert "No infusion was given: no check is counted. The stay is still open." in said
    assert api(client, nurse, now)[0]["course_ended"] == "Declined"
    Stay.objects.update(ended_on=DAY_ZERO)
    assert "No in-patient" in text(client, nurse, "ward", now)


def test_what_waits_for_a_clinician_is_listed_until_somebody_speaks(
    client: Client, admitted: Make, user_with: UserWith
) -> None:
    nurse, doctor = user_with("ward_nurse"), user_with("haematologist")
    course = admitted("Attesa")
    now = at(course, 4, 9)
    assert "Nothing waits." in text(client, doctor, "to_confirm", now)
    logged = log(course, nurse, 2, 8, crs=HOT)
    log(course, nurse, 3, 8, crs=WELL)
    said = text(client, doctor, "to_confirm", now)
    assert "CRS grade 1, onset day +2, 1+ days: over, to be confirmed" in said
    assert said.count("ATTESA") == 4  # the episode and the grade, each with its link
    log(admitted("Altra"), nurse, 2, 8, crs=WELL, icans=CLEAR)
    ward = text(client, nurse, "ward", now)
    assert "over, to be confirmed" in ward
    assert ward.index("ATTESA") < ward.index("ALTRA")  # an open episode is a risk
    assert "ATTESA" not in text(client, user_with("data_manager"), "to_confirm", now)
    assert "ATTESA" in text(client, nurse, "to_confirm", now)
    grade = AssessmentGrade.objects.get(assessment=logged.assessment)
    for user, link in ((doctor, "/review/crs/"), (nurse, f"/bedside/{logged.assessment.pk}/")):
        with time_machine.travel(now, tick=False):
            client.logout()
            client.force_login(user)
            found = re.findall(
                r'href="([^"]*/bedside/[^"]*)"', client.get(TO_CONFIRM).content.decode()
            )
            assert len(found) == 2
            assert found[1].endswith(link)
            assert all(client.get(address).status_code == 200 for address in found)
    _waits_in_the_api(client, doctor, now, grade)
    (coded,) = waiting(client, user_with("data_manager"), "grades", now)
    assert (coded["code"], coded["name"]) == (course.code, None)
    log(course, nurse, 4, 8, crs=HOT)
    mistyped = correct(course, nurse, logged.assessment, doctor)
    lost = next(one for one in waiting(client, doctor, "grades", now) if one["lost"])
    assert (lost["assessment"], lost["grade"]) == (mistyped.pk, 0)
    assert (lost["lost"]["grade"], lost["lost"]["reason"]) == (2, "seen")
    for one in waiting(client, doctor, "grades", now):
        review_grade(
            grade_id=one["id"], verdict=Verdict.OTHER_CAUSE, reason="sepsis", actor=doctor, now=now
        )
    assert "Nothing waits." in text(client, doctor, "to_confirm", now)
    assert waiting(client, doctor, "grades", now) == []
    assert waiting(client, doctor, "episodes", now) == []


def waiting(client: Client, user: User, what: str, now: datetime) -> list[dict[str, Any]]:
    """What the API lists."""
    with time_machine.travel(now, tick=False):
        client.logout()
        client.force_login(user)
        answer = client.get(f"/api/v1/to-confirm/{what}/")
    assert answer.status_code == 200
    rows: list[dict[str, Any]] = answer.json()["results"]
    return rows


def _waits_in_the_api(client: Client, doctor: User, now: datetime, grade: AssessmentGrade) -> None:
    (waits,) = waiting(client, doctor, "grades", now)
    assert (waits["id"], waits["scale"], waits["grade"]) == (grade.pk, "crs", 1)
    assert (waits["assessment"], waits["lost"], waits["at_least"]) == (
        grade.assessment_id, None, False,
    )  # fmt: skip
    assert waits["name"].startswith("ATTESA")
    (episode,) = waiting(client, doctor, "episodes", now)
    assert (episode["scale"], episode["peak"], episode["onset_day"]) == ("crs", 1, 2)
    last = AssessmentGrade.objects.get(pk=episode["last_grade"])
    assert last.grade == 0


def correct(course: Course, nurse: User, row: Assessment, doctor: User) -> Assessment:
    """A clinician gives a higher grade, then somebody puts the signs right."""
    review_grade(
        grade_id=row.grades.get().pk, verdict=Verdict.OVERRIDDEN, grade=2, reason="seen",
        actor=doctor, now=at(course, 4, 8),
    )  # fmt: skip
    return correct_check(
        course_id=course.pk, assessment_id=row.pk, reason="mistyped", actor=nurse,
        seen=Seen(observed_at=row.observed_at, crs=WELL), now=at(course, 4, 8),
    ).assessment  # fmt: skip


def test_both_lists_cost_the_same_for_few_and_for_many(
    client: Client, admitted: Make, user_with: UserWith
) -> None:
    nurse = user_with("haematologist")
    first = admitted("Uno")
    costs = []
    with time_machine.travel(at(first, 3), tick=False):
        client.force_login(nurse)
        for number in (5, 25):
            while Course.objects.count() < number:
                admitted(f"Numero{Course.objects.count()}")
            _grade_all(first)
            costs.append([_queries(client, name) for name in ("ward", "to_confirm")])
    assert costs[0] == costs[1]
    assert costs[1][0] <= 12, f"{costs[1][0]} queries"
    assert costs[1][1] <= 12, f"{costs[1][1]} queries"


def _grade_all(first: Course) -> None:
    when = at(first, 2)
    rows = Assessment.objects.bulk_create(
        Assessment(course=course, observed_at=when, received_at=when, recorded_by="test")
        for course in Course.objects.all()
    )
    AssessmentGrade.objects.bulk_create(
        AssessmentGrade(assessment=row, scale=scale, grade=1, status="provisional",
                        origin="computed", rule_version="test", graded_at=when)
        for row in rows for scale in ("crs", "icans")
    )  # fmt: skip


def _queries(client: Client, name: str) -> int:
    client.get(reverse(name))
    with CaptureQueriesContext(connection) as captured:
        assert client.get(reverse(name)).status_code == 200
    return len(captured)


def test_the_flowsheet_in_the_api_tells_the_kinds_of_emptiness(
    client: Client, admitted: Make, user_with: UserWith
) -> None:
    nurse, course = user_with("ward_nurse"), admitted("Foglio")
    logged = log(course, nurse, 1, crs=HOT)
    for day, value in ((1, "<0.5"), (2, "310")):
        on = (DAY_ZERO + timedelta(days=day)).isoformat()
        values = {"on": on, "analyte": "CRP", "value": value, "unit": "mg/L", "confirmed": True}
        add_entry(course_id=course.pk, kind="lab", values=values, actor=nurse, now=at(course, 3))
    address = f"/api/v1/courses/{course.pk}/flowsheet/"
    with time_machine.travel(at(course, 3), tick=False):
        client.force_login(nurse)
        found = client.get(address).json()
        cells = {row["code"]: row["cells"] for row in found["rows"]}
        assert [cell["kind"] for cell in cells["crs"][:5]] == [
            "not_recorded", "grade", "not_recorded", "not_recorded", "future",
        ]  # fmt: skip
        assert cells["crs"][1]["grade"] == 1
        assert cells["crs"][0]["grade"] is None
        assert cells["dexamethasone"][0]["total"] is None
        assert [cells["crs"][day]["checks"] for day in (0, 1)] == [[], [logged.assessment.pk]]
        curves = {curve["code"]: curve for curve in found["curves"]}
        assert list(curves) == ["TEMPERATURE", "CRP", "FERRITIN", "ANC", "PLT"]
        assert [(c["unit"], len(c["values"])) for c in curves.values()] == [
            ("°C", 1), ("mg/L", 2), ("ng/mL", 0), ("×10⁹/L", 0), ("×10⁹/L", 0),
        ]  # fmt: skip
        (heat,) = curves["TEMPERATURE"]["values"]
        assert (heat["day"], heat["kind"], float(heat["value"])) == (1, "measured", 38.6)
        assert heat["at"].startswith("2026-11-02T12:00")
        low, high = curves["CRP"]["values"]
        assert (low["day"], low["kind"], float(low["value"])) == (1, "below_limit", 0.5)
        assert (high["day"], high["at"], high["kind"]) == (2, None, "measured")
        assert found["headline"] == ["CRS grade 1, onset day +1, ongoing on day +1: 1+ days"]
        Anchor.objects.filter(kind=AnchorKind.INFUSION).delete()
        assert client.get(address).json()["rows"] == client.get(address).json()["curves"] == []
