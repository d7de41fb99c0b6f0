"""The flowsheet as a page: three kinds of emptiness, curves on the same days, who sees what."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.models import User
from config.demo_data.computing import computing
from patients.charting import add_entry
from patients.deaths import record_death
from patients.models import Course
from patients.stays import admit, discharge, transfer
from protocol.models import Protocol
from tests.conftest import PROTOCOL_FILE, UserWith, make_protocol
from tests.toxicity_course import CLEAR, DAY_ZERO, HOT, WELL, at, infuse, log
from toxicity.domain.crs import CrsSigns
from toxicity.models import Infection, Treatment

pytestmark = pytest.mark.django_db


@pytest.fixture
def protocol(db: None) -> Protocol:
    """A centre that has its grades computed."""
    return make_protocol(computing(PROTOCOL_FILE.read_bytes()))


@pytest.fixture
def course(course: Course) -> Course:
    """A course after its infusion."""
    return infuse(course)


@pytest.fixture
def nurse(user_with: UserWith, client: Client) -> User:
    """A ward nurse, signed in."""
    user = user_with("ward_nurse")
    client.force_login(user)
    return user


def arrive(course: Course, nurse: User) -> None:
    """Admit to a ward on day 0."""
    admit(course_id=course.pk, on=DAY_ZERO, unit="ward", place="", actor=nurse, now=at(course, 0))


def page(
    client: Client, course: Course, query: str = "", day: int = 8, by: User | None = None
) -> str:
    with time_machine.travel(at(course, day), tick=False):
        if by is not None:
            client.force_login(by)
        response = client.get(reverse("flowsheet", args=[course.pk]) + query)
    assert response.status_code == 200
    return response.content.decode()


def row(html: str, label: str) -> list[str]:
    """The visible characters of the cells of a row, day by day."""
    found = re.search(rf"<th scope=\"row\">{label}.*?</tr>", html, re.S)
    assert found is not None, label
    cells = re.findall(r"<td class=\"flow__cell[^>]*>(.*?)</td>", found.group(), re.S)
    hidden = r"<span class=\"visually-hidden\">.*?</span>"
    return [re.sub(r"<[^>]+>", "", re.sub(hidden, "", cell)).strip() for cell in cells]


def test_cells_tell_0_from_not_recorded_and_from_the_future(
    client: Client, course: Course, nurse: User, user_with: UserWith
) -> None:
    arrive(course, nurse)
    log(course, nurse, 0, crs=WELL, icans=CLEAR)
    log(course, nurse, 3, 8, crs=HOT)
    log(course, nurse, 3, 16, crs=WELL)
    log(course, nurse, 4, crs=CrsSigns())
    log(course, nurse, 5, 8, crs=WELL)
    log(course, nurse, 5, 10, crs=CrsSigns())
    for day, (drug, dose, unit) in enumerate(
        [
            ("tocilizumab", 560, "mg"), ("dexamethasone", None, ""), ("siltuximab", 1, "g"),
            ("platelets", 2, "bag"),
        ]
    ):  # fmt: skip
        Treatment.objects.create(
            course=course, drug=drug, given_at=at(course, day), dose=dose, unit=unit,
            purpose="crs", received_at=at(course, day), recorded_by="test",
        )  # fmt: skip
    Infection.objects.create(
        course=course, organism="other", other_organism="from Maria's cat", site="blood",
        began_on=DAY_ZERO + timedelta(days=6), received_at=at(course, 6), recorded_by="test",
    )  # fmt: skip
    html = page(client, course)
    crs = row(html, "CRS")
    assert len(crs) == 31
    assert crs[:10] == ["0", "·", "·", "1", "?", "0?", "·", "·", "·", ""]
    assert row(html, "ICANS")[:3] == ["0", "·", "·"]
    assert row(html, "IEC-HS")[0] == "·"
    assert row(html, "Tocilizumab")[:2] == ["560", "–"]
    assert row(html, "Dexamethasone")[:2] == ["–", "●"]
    assert row(html, "Siltuximab")[2] == "1000"
    assert row(html, "Platelets, transfused")[3] == "2"
    assert ">bags<" in html
    assert row(html, "from Maria&#x27;s cat")[5:10] == ["–", "■", "■", "■", ""]
    assert row(html, "Stay in hospital")[7:10] == ["W", "W", ""]
    listed, places = reverse("given_list", args=[course.pk]), re.findall(r'given/#([^"]*)"', html)
    assert places[:4] == [f"given-2026-11-0{day}" for day in (1, 2, 3, 4)]
    assert len(set(places[4:])) == 1
    with time_machine.travel(at(course, 8), tick=False):
        given = client.get(listed).content.decode()
    assert all(given.count(f'id="{place}"') == 1 for place in places)
    assert "CRS grade 1, onset day +3" in html
    client.force_login(user_with("data_manager"))
    coded = page(client, course)
    assert "Maria" not in coded
    assert row(coded, "Another organism")[6] == "■"
    assert course.patient.family_name.upper() not in coded


def test_a_day_leads_to_its_check_or_to_all_of_them(
    client: Client, course: Course, nurse: User, user_with: UserWith
) -> None:
    one = log(course, nurse, 1, crs=HOT, remark="Maria shivers").assessment
    two = [log(course, nurse, 2, hour, crs=WELL, icans=CLEAR).assessment for hour in (8, 16)]
    html = page(client, course)
    cells = re.search(r"<th scope=\"row\">CRS.*?</tr>", html, re.S)
    assert cells is not None
    day = f"/courses/{course.pk}/bedside/days/2026-11-03/"
    links = re.findall(r'href="([^"]*)"', cells[0])
    assert links == [reverse("check", args=[course.pk, one.pk]), day]
    assert "03-Nov-2026, 2 checks" in cells[0]
    with time_machine.travel(at(course, 8), tick=False):
        client.force_login(user_with("data_manager"))
        listed = client.get(day).content.decode()
        assert [f"/bedside/{row.pk}/" in listed for row in (*two, one)] == [True, True, False]
        assert listed.index("08:00") < listed.index("16:00")
        assert "Maria" not in listed
        first = client.get(f"/courses/{course.pk}/bedside/days/2026-11-02/").content.decode()
        assert "CRS" in first
        none = client.get(f"/courses/{course.pk}/bedside/days/2026-11-05/").content.decode()
        assert "No check of this day stands." in none
        for wrong in ("soon", "2026-13-01", "9999-12-31"):
            assert client.get(f"/courses/{course.pk}/bedside/days/{wrong}/").status_code == 404


def test_days_after_a_discharge_and_after_a_death_are_neither_0_nor_forgotten(
    client: Client, course: Course, nurse: User, user_with: UserWith
) -> None:
    doctor = user_with("haematologist")
    arrive(course, nurse)
    discharge(course_id=course.pk, on=DAY_ZERO + timedelta(days=2), actor=nurse, now=at(course, 2))
    assert row(page(client, course), "CRS")[:5] == ["·", "·", "·", "⌂", "⌂"]
    on = DAY_ZERO + timedelta(days=5)
    record_death(patient_id=course.patient_id, died_on=on, actor=doctor, now=at(course, 6))
    html = page(client, course)
    assert row(html, "CRS")[4:8] == ["⌂", "⌂", "†", "†"]
    assert "not in hospital" in html
    assert "No check with a grade is recorded in these days." in html


def test_curves_stand_under_their_days_and_beside_a_table_of_every_value(
    client: Client, course: Course, nurse: User, user_with: UserWith
) -> None:
    actor = user_with("coordinator")
    for day, value in ((1, "12,5"), (2, "<0.5"), (6, "310")):
        on = (DAY_ZERO + timedelta(days=day)).isoformat()
        values = {"on": on, "analyte": "CRP", "value": value, "unit": "mg/L"}
        add_entry(course_id=course.pk, kind="lab", values=values, actor=actor, now=at(course, 7))
    for day, hour, temp in ((0, 8, "36.8"), (0, 20, "38.6"), (1, 8, "37.0"), (4, 8, "37.1")):
        log(course, nurse, day, hour, crs=CrsSigns(temp_c=Decimal(temp)))
    html = page(client, course)
    crp = re.search(r"<svg[^>]*data-panel=\"CRP\">.*?</svg>", html, re.S)
    heat = re.search(r"<svg[^>]*data-panel=\"TEMPERATURE\">.*?</svg>", html, re.S)
    assert crp is not None
    assert heat is not None
    assert re.findall(r"cx=\"(\d+)\"", crp.group()) == ["57", "95", "247"]
    assert crp.group().count("flow-chart__dot--limit") == 1
    assert crp.group().count("<polyline") == 1  # days 1 and 2; day 6 is too far
    assert re.findall(r"<title>(.*?)</title>", heat.group()) == [
        "Day 0: 38.6 °C", "Day +1: 37 °C", "Day +4: 37.1 °C",
    ]  # fmt: skip
    assert "38.0 °C" in heat.group()
    assert "No value to draw" in html  # of ferritin
    assert html.count("36.8 °C") == 1
    assert "log" in html
    italian = Client(headers={"accept-language": "it"})
    italian.force_login(nurse)
    assert "38,0 °C" in page(italian, course)


def test_later_days_are_pages_of_their_own_and_no_page_lies_ahead(
    client: Client, course: Course, nurse: User
) -> None:
    first = page(client, course, day=40, by=nurse)
    assert "?from=31" in first
    later = page(client, course, "?from=31", day=40)
    assert len(row(later, "CRS")) == 30
    assert "?from=0" in later
    assert "?from=61" not in later
    for odd in ("abc", "-4", "²", "9" * 30):
        assert len(row(page(client, course, f"?from={odd}", by=nurse), "CRS")) == 31
    assert len(row(page(client, course, "?from=99999", day=70, by=nurse), "CRS")) == 30


def test_before_the_infusion_there_is_nothing_to_count_from(
    client: Client, course: Course, nurse: User
) -> None:
    course.anchors.all().delete()
    assert "Nothing to show before the infusion." in page(client, course)


def test_the_course_page_shows_the_first_days_and_what_they_say(
    client: Client, course: Course, nurse: User, user_with: UserWith
) -> None:
    def strip(day: int) -> str:
        with time_machine.travel(at(course, day), tick=False):
            client.force_login(nurse)
            return client.get(reverse("course", args=[course.pk])).content.decode()

    arrive(course, nurse)
    assert "No check with a grade is recorded in these days." in strip(2)
    log(course, nurse, 1, crs=WELL)
    assert "No episode follows from the checks that are recorded." in strip(2)
    log(course, nurse, 2, crs=HOT)
    transfer(
        course_id=course.pk, on=DAY_ZERO + timedelta(days=2), unit="icu", place="", actor=nurse,
        now=at(course, 2),
    )  # fmt: skip
    assert row(strip(3), "CRS")[:5] == ["·", "0", "1", "·", ""]
    assert "CRS grade 1, onset day +2, ongoing on day +2: 1+ days" in strip(3)
    assert row(page(client, course, day=3), "Stay in hospital")[:5] == ["W", "W", "ICU", "ICU", ""]
    log(course, nurse, 3, crs=WELL)
    assert "1+ days: over, to be confirmed" in strip(3)
    log(course, nurse, 4, 18, crs=WELL)
    html = strip(5)
    assert "CRS grade 1, onset day +2, 1 day" in html
    assert "Tocilizumab" not in html.split("What runs beside")[0].split("flow-legend")[0]
    course.anchors.all().delete()
    assert "Highest grade of each day" not in strip(5)
