"""Scores from the chart as a page and in the API: as the centre uses them, live, nothing stored."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.models import User
from config.demo_data.computing import computing
from patients.charting import add_entry
from patients.correcting import correct_entry
from patients.deaths import record_death
from patients.models import Course
from patients.panels import record_panel
from protocol.models import Protocol
from tests.conftest import PROTOCOL_FILE, UserWith, make_protocol
from tests.toxicity_course import DAY_ZERO, at, infuse
from toxicity.given_refusals import GivenDose, InfectionFacts
from toxicity.giving import give_treatment
from toxicity.infections import record_infection
from toxicity.models import Assessment
from toxicity.scores.computing import asked_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def as_shipped() -> None:
    """Asked for by a test whose centre has decided nothing yet."""


@pytest.fixture
def protocol(db: None, request: pytest.FixtureRequest) -> Protocol:
    """A centre that has its scores computed, but for who asks `as_shipped`."""
    content = PROTOCOL_FILE.read_bytes()
    return make_protocol(content if "as_shipped" in request.fixturenames else computing(content))


@pytest.fixture
def infused(course: Course) -> Course:
    """A course after its infusion."""
    return infuse(course)


@pytest.fixture
def lead(user_with: UserWith) -> User:
    """Who reads and corrects results."""
    return user_with("coordinator", username="reads-scores")


def panel(course: Course, by: User, day: int, **values: str) -> list[Any]:
    """Results of one day: `ANC="0.3 10*9/L"`."""
    rows = [
        dict(zip(("analyte", "value", "unit"), (code, *typed.split(" ")), strict=True))
        for code, typed in values.items()
    ]
    on = (DAY_ZERO + timedelta(days=day)).isoformat()
    now = at(course, max(day, 0) + 1)
    return record_panel(course_id=course.pk, on=on, values=rows, actor=by, now=now)


def read(client: Client, course: Course, by: User, day: int) -> dict[str, Any]:
    """The scores by code, as the API answers on a day, with its head under `""`."""
    with time_machine.travel(at(course, day, 20), tick=False):
        client.force_login(by)
        response = client.get(reverse("api_scores", args=[course.pk]))
    assert response.status_code == 200, response.content
    answer = response.json()
    return {"": answer} | {one["code"]: one for one in answer["scores"]}


def page(client: Client, course: Course, by: User, day: int) -> str:
    with time_machine.travel(at(course, day, 20), tick=False):
        client.force_login(by)
        response = client.get(reverse("scores", args=[course.pk]))
    assert response.status_code == 200
    return response.content.decode()


def part(score: dict[str, Any], code: str) -> dict[str, Any]:
    return next(one for one in score["parts"] if one["code"] == code)


@pytest.mark.usefixtures("as_shipped")
def test_a_newly_loaded_protocol_computes_no_score(
    client: Client, infused: Course, lead: User
) -> None:
    course = infused
    panel(course, lead, 3, ANC="0.1 10*9/L", FERRITIN="9000 ng/mL")
    found = read(client, course, lead, 8)
    modes = {code: one["mode"] for code, one in found.items() if code}
    assert modes == {
        **dict.fromkeys(("icaht", "t_icaht", "neutropenia", "car_hematotox", "easix",
                         "b_cell_aplasia", "igg"), "off"),
        "all_hematotox": "disabled", "crs": "record_only", "icans": "record_only",
        "iec_hs": "record_only",
    }  # fmt: skip
    assert all(not one["parts"] and not one["used"] for code, one in found.items() if code)
    text = page(client, course, lead, 8)
    assert text.count("Not used by this centre: nothing is computed.") == 7
    assert text.count("No grade is computed here") == 3
    assert "Disabled until a centre loads the table" in text
    assert 'class="panel finding"' not in text


def test_scores_follow_the_chart_and_a_corrected_result_changes_them_at_once(
    client: Client, infused: Course, lead: User, user_with: UserWith
) -> None:
    for day in range(8):
        low = panel(infused, lead, day, ANC="0.3 10*9/L", PLT="45 10*9/L")
    first = read(client, infused, lead, 7)
    early = part(first["icaht"], "early")
    assert (early["grade"], early["status"]) == (2, "provisional")
    assert early["figures"]["days_500"] == 8
    assert part(first["icaht"], "late")["state"] == "future"
    assert part(first["neutropenia"], "days")["figures"]["days"] == 8
    assert part(first["t_icaht"], "early")["grade"] == 2
    used = first["icaht"]["used"]
    assert (len(used), used[0]["value"], used[0]["unit"]) == (8, 300, "/uL")
    correct_entry(
        course_id=infused.pk, kind="lab", entry_id=low[0].pk, reason="Read wrongly",
        actor=user_with("haematologist", username="corrects"),
        values={"on": low[0].on, "analyte": "ANC", "value": "1.9", "unit": "10*9/L"},
        now=at(infused, 7, 20),
    )  # fmt: skip
    assert part(read(client, infused, lead, 8)["icaht"], "early")["figures"]["days_500"] == 7
    assert not Assessment.objects.exists()


def test_risk_before_lymphodepletion_names_samples_ages_and_what_is_missing(
    client: Client, infused: Course, lead: User
) -> None:
    infused.anchors.create(kind="lymphodepletion", actual_on=DAY_ZERO - timedelta(days=4),
                           set_at=infused.created_at, set_by="test")  # fmt: skip
    panel(infused, lead, -5, PLT="40 10*9/L", ANC="0.4 10*9/L", HB="7.8 g/dL", LDH="250 U/L",
          CREATININE="1.0 mg/dL")  # fmt: skip
    panel(infused, lead, -30, CRP="95 mg/L")
    panel(infused, lead, 2, FERRITIN="9000 ng/mL", LDH="600 U/L", PLT="40 10*9/L")
    found = read(client, infused, lead, 3)["car_hematotox"]
    risk = part(found, "before_depletion")
    assert risk["figures"] == {"score": None, "category": "high", "minimum": 4, "maximum": 7}
    assert (risk["status"], risk["missing"]) == ("provisional", ["crp", "ferritin"])
    assert [(one["analyte"], one["why"]) for one in found["unused"]] == [("CRP", "too_old")]
    text = page(client, infused, lead, 3)
    assert "4–7" in text
    assert "of 7: high risk" in text
    assert "Not known: CRP, Ferritin." in text
    assert "C-reactive protein 95 mg/L (28-Sep-2026" not in text
    assert "too old" in text
    assert "8 days old" in text
    assert "After the infusion, days with LDH and platelets" in text
    assert "LDH 250 × creatinine 1 / platelets 40 = 6.25" in text


def test_zero_future_not_recorded_and_unreadable_look_different(
    client: Client, infused: Course, lead: User
) -> None:
    for day in range(31):
        panel(infused, lead, day, ANC="1.9 10*9/L")
    add_entry(course_id=infused.pk, kind="lab", actor=lead, now=at(infused, 30),
              values={"on": "", "context": "by letter", "analyte": "CD19", "value": "0",
                      "unit": "/uL"})  # fmt: skip
    text = page(client, infused, lead, 30)
    assert "grade--0" in text
    assert "Final: the window is over and all of it is known." in text
    assert "Its days are still to come." in text
    assert text.count("No value that it could be computed from. This is not grade 0.") >= 3
    assert "CD19+ B cells 0 /µL (no day, without a day)" in text


def test_immunity_death_growth_factors_and_what_ends_the_counting(
    client: Client, infused: Course, lead: User, user_with: UserWith
) -> None:
    doctor = user_with("haematologist", username="treats")
    for day, cells in ((30, "0"), (60, "0"), (90, "35"), (120, "40")):
        panel(infused, lead, day, CD19=f"{cells} /uL")
    panel(infused, lead, 118, IGG="450 mg/dL")
    panel(infused, lead, 40, ANC="0.4 10*9/L")
    now = at(infused, 121)
    for drug, day in (("g_csf", 20), ("g_csf", 21), ("immunoglobulin", 60)):
        give_treatment(
            course_id=infused.pk, actor=doctor, now=now, confirmed=("dose_unknown",),
            given=GivenDose(drug=drug, given_at=at(infused, day), purpose="cytopenia", route="sc"),
        )  # fmt: skip
    for organism in ("e_coli", "cmv", "none_found"):
        record_infection(
            course_id=infused.pk, actor=doctor, now=now,
            infection=InfectionFacts(began_on=DAY_ZERO, organism=organism, site="blood"),
        )  # fmt: skip
    for kind, values in (
        ("relapse", {"on": "2027-01-10", "kind": "haematological", "after_infusion": True,
                     "cd19": "unknown", "cd22": "unknown"}),
        ("transplant", {"on": "2027-02", "kind": "dli", "after_infusion": True}),
        ("line", {"on": "2020", "treatment": "Induction"}),
    ):  # fmt: skip
        add_entry(course_id=infused.pk, kind=kind, actor=doctor, now=now, values=values)
    found = read(client, infused, lead, 121)
    assert found[""]["next_therapy_on"] is None
    assert found[""]["progressed_on"] == "2027-01-10"
    aplasia = part(found["b_cell_aplasia"], "course")
    assert (aplasia["figures"]["end"], aplasia["status"]) == ("2027-01-30", "final")
    igg = part(found["igg"], "latest")
    assert (igg["figures"]["hill"], igg["missing"]) == (None, ["infections"])
    assert [one["code"] for one in igg["warnings"]] == ["replaced"]
    assert part(found["icaht"], "late")["warnings"][-1]["code"] == "end_unclear"
    text = page(client, infused, lead, 121)
    assert "Next therapy: none recorded" in text
    assert "Progression: 10-Jan-2027" in text
    assert "Hill 2019: what is not known decides" in text
    assert "Not known: organism or severity of an infection." in text
    assert "then two samples were not below it." in text
    record_death(patient_id=infused.patient_id, died_on=DAY_ZERO + timedelta(days=122),
                 actor=doctor, now=at(infused, 125))  # fmt: skip
    after = read(client, infused, lead, 130)
    assert part(after["igg"], "latest")["state"] == "ended"
    assert "The counting ended before its first day." in page(client, infused, lead, 130)


def test_no_aplasia_an_old_igg_and_an_analyte_without_usual_range(
    client: Client, infused: Course, lead: User
) -> None:
    panel(infused, lead, 20, CD19="100 /uL")
    panel(infused, lead, -40, IGG="450 mg/dL")
    text = page(client, infused, lead, 40)
    assert "No value is below 20: no aplasia in these samples." in text
    assert "Provisional: a later sample could change it." in text
    assert "Not gradeable: it is too old or cannot be read." in text
    asked = asked_of(infused, today=DAY_ZERO)
    assert asked.usual("HHV6") is None
    assert asked.usual("CD19") == (Decimal(100), Decimal(500))
