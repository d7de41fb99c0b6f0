"""The page of the cohort report: every kind of cohort, the drawings, both languages, codes only."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from audit.models import AuditEvent
from exports import counting
from patients.charting import add_entry
from patients.deaths import record_death
from tests.conftest import NOW, Refer, UserWith
from tests.services.test_cohort import LATER, enrol
from tests.toxicity_course import infuse
from tests.walking import Walk

PAGE = "/cohort/"
REFERRED = date(2025, 12, 1)


def shown(client: Client, query: str = "", status: int = 200) -> str:
    answer = client.get(PAGE + query)
    assert answer.status_code == status
    return answer.text


@pytest.mark.walked("to_follow_up")
def test_one_patient_is_a_bar_and_a_row_and_whoever_reads_by_code_sees_no_name(
    client: Client, walk: Walk, user_with: UserWith
) -> None:
    client.force_login(walk.by("coordinator"))
    page = shown(client)
    assert reverse("cohort") == PAGE
    assert f'href="{PAGE}" aria-current="page"' in page, "it stands in the navigation"
    assert "1 enrolled course, 1 infused" in " ".join(page.split()).replace("course ,", "course,")
    assert "brexucel-adult-all 1 (1)" in page
    assert "GIMEMA LAL1913" in page
    assert 'class="plot__bar"' in page
    assert "plot__line" not in page, "a curve is drawn from ten on"
    assert "Small numbers" in page
    assert "alive at the last contact, day +14" in page
    assert "20 (20–20) d" in page
    client.force_login(user_with("data_manager"))
    coded = shown(client)
    assert walk.course.patient.family_name not in coded
    assert "too few to be told" in coded
    assert walk.course.code in coded
    assert "20 (20–20) d" not in coded, "a single patient's stay"
    assert '<details class="section past fold">' in coded


def test_an_empty_cohort_and_one_never_infused_are_right(
    client: Client, coordinator: User, refer_patient: Refer
) -> None:
    client.force_login(coordinator)
    assert "No enrolled course is chosen." in shown(client)
    enrol(refer_patient(coordinator))
    page = shown(client)
    assert "plot" not in page.partition('class="stack')[2]
    assert '<td class="absent">–</td>' in page


def test_bad_filters_are_refused_with_every_reason_and_nothing_counted(
    client: Client, coordinator: User
) -> None:
    client.force_login(coordinator)
    page = shown(client, "?infused_after=never&infused_before=x&product=nothing", 422)
    assert "3 things are not right yet" in page
    assert 'id="table-1"' not in page
    page = shown(client, "?infused_after=2026-10-02&infused_before=2026-10-01", 422)
    assert "This is before the first day." in page


def test_from_ten_on_there_are_curves_with_numbers_at_risk(
    client: Client, coordinator: User, refer_patient: Refer, user_with: UserWith
) -> None:
    for number in range(10):
        course = enrol(refer_patient(coordinator, number=f"C{number}", referred_on=REFERRED))
        infuse(course, date(2026, 1, 1))
        if number < 6:
            values = {"kind": "assessment", "given": True}
            on = str(date(2026, 3, 1) + timedelta(days=number))
            add_entry(course_id=course.pk, kind="consent", values={**values, "on": on},
                      actor=coordinator, now=NOW)  # fmt: skip
        else:
            record_death(patient_id=course.patient_id, died_on=date(2026, 2, 1 + number),
                         actor=coordinator, now=LATER)  # fmt: skip
    client.force_login(coordinator)
    page = shown(client)
    assert page.count('class="plot__line"') == 2, "nobody lost B cells: nothing to draw"
    assert "From the infusion to the first of two samples in a row with B cells" in page
    assert "n = 10, events 4, censored 6, missing 0; median not reached" in page
    assert "plot__bar" not in page
    assert "Small numbers" not in page
    assert "60.0 %" in page
    assert "n = 10, events 4, competing 0, missing 0" in page
    client.force_login(user_with("data_manager"))
    coded = shown(client)
    assert 'class="plot__line"' not in coded, "few died"
    assert "60.0 %" not in coded
    client.force_login(coordinator)
    client.post(reverse("set_language"), {"language": "it"})
    italian = shown(client, "?infused_after=2026-01-01&search=rossi")
    assert "Sopravvivenza globale" in italian
    assert "60,0 %" in italian
    assert "mediana non raggiunta" in italian


def test_long_cohorts_have_pages_that_keep_the_filters(
    client: Client, coordinator: User, refer_patient: Refer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("exports.cohort_views.ROWS_ON_A_PAGE", 2)
    for _number in range(3):
        last = enrol(refer_patient(coordinator))
    infuse(last)
    client.force_login(coordinator)
    assert "plot__bar" in shown(client), "the bar of who stands on another page"
    page = shown(client, "?search=rossi&page=2")
    assert "?search=rossi&amp;page=1" in page
    assert "3 enrolled courses" in page
    assert page.count('<th scope="row"><a class="code"') == 2, "one row in each table"


def test_nobody_waits_for_thousands_to_be_counted(
    client: Client, coordinator: User, refer_patient: Refer, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.force_login(coordinator)
    monkeypatch.setattr(counting, "MOST_BY_THE_WAY", 2)
    for _number in range(5):
        enrol(refer_patient(coordinator))
    page = shown(client, "?search=rossi")
    assert '<progress value="2" max="5"' in page
    assert 'hx-get="/cohort/?search=rossi" hx-trigger="load delay:1s"' in page
    assert '<a href="/cohort/?search=rossi">' in page, "also without scripts"
    assert "enrolled courses" not in page
    answer = client.get("/api/v1/cohort/")
    assert (answer.status_code, answer["Retry-After"]) == (503, "1")
    assert answer.json()["code"] == "still_counting"
    assert "4 of 5 courses" in answer.text
    assert not AuditEvent.objects.filter(action="cohort.read").exists()
    assert "5 enrolled courses" in shown(client)
