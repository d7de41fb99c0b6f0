"""Pages of treatments and infections: recorded once, doubted, corrected, taken back, coded."""

import re
from datetime import date
from typing import Any

import pytest
import time_machine
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from patients.anchors import set_actual
from patients.charting import add_entry
from patients.models import Course
from patients.stays import admit
from tests.conftest import NOW, UserWith
from toxicity.models import Infection, Treatment

pytestmark = pytest.mark.django_db
TOCI = {
    "drug": "tocilizumab", "given_at": "11-Nov-2026 21:00", "dose": "560", "unit": "mg",
    "times": "1", "route": "iv", "purpose": "crs",
}  # fmt: skip
COLI = {"began_on": "03-Nov-2026", "organism": "e_coli", "site": "blood", "severity": "3"}


@pytest.fixture(autouse=True)
def today() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def nurse(user_with: UserWith) -> Client:
    return browser(user_with("ward_nurse", username="nurse.one"))


@pytest.fixture
def infused(course: Course, coordinator: User) -> Course:
    with transaction.atomic():
        set_actual(course, "infusion", date(2026, 11, 5), actor=coordinator, now=NOW)
    values = {"on": "2026-11-09", "analyte": "WEIGHT", "value": "70", "unit": "kg"}
    add_entry(course_id=course.pk, kind="lab", values=values, actor=coordinator, now=NOW)
    return course


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, name
    return found[1]


def send(client: Client, url: str, typed: dict[str, str], **more: str) -> Any:
    """Open the page, then post what is typed with the key of the page."""
    opened = client.get(url).content.decode()
    return client.post(url, {**typed, "key": hidden(opened, "key"), **more})


def words(client: Client, url: str) -> str:
    return " ".join(client.get(url).content.decode().split())


def test_dose_is_recorded_once_however_often_the_button_is_hit(
    nurse: Client, infused: Course
) -> None:
    url = reverse("treatment_new", args=[infused.pk])
    opened = nurse.get(url).content.decode()
    assert 'value="12-Nov-2026 10:30"' in opened
    assert "selected" not in re.sub(r'<option value="" selected>', "", opened.split("<form")[-1])
    assert 'name="confirmed"' not in opened
    typed = {**TOCI, "dose": "560,0", "key": hidden(opened, "key")}
    for _tap in range(2):
        answer = nurse.post(url, typed, follow=True)
        assert answer.redirect_chain[0][0] == reverse("given_list", args=[infused.pk])
    said = " ".join(answer.content.decode().split())
    assert "Treatment given: recorded for ROSSI" in said
    assert Treatment.objects.count() == 1
    for shown in ("11-Nov-2026 21:00", "Tocilizumab", "560 mg", "Intravenous · given for: CRS"):
        assert shown in said
    other = nurse.post(url, {**typed, "times": "2", "drug": "dexamethasone"})
    assert other.status_code == 422
    assert "used for another entry" in other.content.decode()


def test_doubt_stands_beside_a_tick_that_is_about_this_dose_only(
    nurse: Client, infused: Course
) -> None:
    url = reverse("treatment_new", args=[infused.pk])
    odd = {**TOCI, "dose": "900", "remark": "as ordered"}
    asked = send(nurse, url, odd)
    page = asked.content.decode()
    assert asked.status_code == 422
    assert "900 mg is above 800 mg" in page
    assert "8 mg/kg of 70 kg (weighed on 09-Nov-2026)" in page
    assert "as ordered" in page
    tick = {"key": hidden(page, "key"), "seen": hidden(page, "seen"), "confirmed": "on"}
    # Ten times the dose is another one: the tick was not about it.
    changed = nurse.post(url, {**odd, **tick, "dose": "9000"})
    assert changed.status_code == 422
    assert "9000 mg is above 800 mg" in changed.content.decode()
    assert 'name="confirmed" id="id_confirmed" checked' not in changed.content.decode()
    unticked = {name: value for name, value in tick.items() if name != "confirmed"}
    assert nurse.post(url, {**odd, **unticked}).status_code == 422
    assert nurse.post(url, {**odd, **tick, "seen": "x over_cap"}).status_code == 422
    assert nurse.post(url, {**odd, **tick}).status_code == 302
    assert Treatment.objects.get().confirmed
    assert "Checked: 900 mg is above 800 mg" in words(
        nurse, reverse("given_list", args=[infused.pk])
    )


def test_what_cannot_be_is_refused_with_what_was_typed(nurse: Client, infused: Course) -> None:
    url = reverse("treatment_new", args=[infused.pk])
    for typed, said in (
        ({"dose": "1.234"}, "can be read in two ways"),
        ({"dose": "-5"}, "without a sign"),
        ({"drug": "aspirin"}, "Select a valid choice"),
        ({"given_at": "13-Nov-2026 09:00"}, "only what was given is recorded"),
        ({"times": "0"}, "greater than or equal to 1"),
        ({"drug": "other"}, "Say which drug."),
        ({"drug": "other"}, "Say whether it may hide fever"),
        ({"other_drug": "Emapalumab"}, "only where the list has none"),
    ):
        answer = send(nurse, url, {**TOCI, **typed})
        assert answer.status_code == 422
        page = answer.content.decode()
        assert said in page, typed
        assert all(f'value="{text}"' in page for text in typed.values() if text != "aspirin")
    assert not Treatment.objects.exists()


def test_record_is_corrected_and_taken_back_with_what_stood_before(
    nurse: Client, infused: Course, haematologist: User
) -> None:
    listed = reverse("given_list", args=[infused.pk])
    dexa = {**TOCI, "drug": "dexamethasone", "dose": "0,125", "unit": "g"}
    send(nurse, reverse("treatment_new", args=[infused.pk]), dexa)
    first = Treatment.objects.get()
    url = reverse("treatment_correct", args=[infused.pk, first.pk])
    opened = nurse.get(url).content.decode()
    assert 'value="0.1250"' in opened
    assert "Dexamethasone 0.125 g" in opened
    typed = {**dexa, "dose": "10", "unit": "mg", "times": "4", "reason": "misread"}
    assert send(nurse, url, typed).status_code == 302
    said = words(nurse, listed)
    assert "4 × 10 mg" in said
    assert "<del>11-Nov-2026 21:00 Dexamethasone 0.125 g" in said
    assert ", nurse.one: misread" in said
    # Somebody else had the page open.
    late = send(browser(haematologist), url, typed)
    assert late.status_code == 422
    assert "nurse.one corrected this on 12-Nov-2026 10:30" in late.content.decode()
    second = Treatment.objects.standing().get()
    back = reverse("treatment_withdraw", args=[infused.pk, second.pk])
    assert send(nurse, back, {"reason": ""}).status_code == 422
    assert send(nurse, back, {"reason": "another patient's"}).status_code == 302
    said = words(nurse, listed)
    assert "No treatment is recorded." in said
    assert "Taken back" in said
    assert "another patient&#x27;s" in said
    # The taking back was the mistake: its line leads to the way back.
    link = re.search(r'href="([^"]*/treatments/\d+/bring-back/)"', nurse.get(listed).text)
    assert link is not None
    assert nurse.get(link[1]).status_code == 200
    assert send(nurse, link[1], {"reason": ""}).status_code == 422
    assert send(nurse, link[1], {"reason": "it was hers"}).status_code == 302
    said = words(nurse, listed)
    assert "No treatment is recorded." not in said
    assert "Taken back" not in said
    assert send(nurse, link[1], {"reason": "again"}).status_code == 422
    assert nurse.get(reverse("treatment_correct", args=[infused.pk, 4711])).status_code == 404


def test_infection_begins_is_over_corrected_and_taken_back(nurse: Client, infused: Course) -> None:
    listed = reverse("given_list", args=[infused.pk])
    new = reverse("infection_new", args=[infused.pk])
    assert send(nurse, new, {**COLI, "ended_on": "01-Nov-2026"}).status_code == 422
    assert send(nurse, new, COLI).status_code == 302
    said = words(nurse, listed)
    assert "since 03-Nov-2026" in said
    assert "Escherichia coli · Blood · severity 3: intravenous antimicrobial" in said
    first = Infection.objects.get()
    over = reverse("infection_end", args=[infused.pk, first.pk])
    assert send(nurse, over, {"ended_on": "09-Nov-2026"}).status_code == 302
    said = words(nurse, listed)
    assert "03-Nov-2026 – 09-Nov-2026" in said
    assert "The infection is over." in said
    second = Infection.objects.standing().get()
    right = reverse("infection_correct", args=[infused.pk, second.pk])
    opened = nurse.get(right).content.decode()
    assert 'value="09-Nov-2026"' in opened
    rothia = {
        **COLI, "organism": "other", "other_organism": "Rothia", "severity": "",
        "ended_on": "09-Nov-2026", "remark": "of Quarzo", "reason": "culture",
    }  # fmt: skip
    assert send(nurse, right, rothia).status_code == 302
    assert "Rothia · Blood · of Quarzo" in words(nurse, listed)
    third = Infection.objects.standing().get()
    back = reverse("infection_withdraw", args=[infused.pk, third.pk])
    assert send(nurse, back, {"reason": "contaminant"}).status_code == 302
    assert "No infection is recorded." in words(nurse, listed)
    link = reverse("infection_bring_back", args=[infused.pk, third.pk])
    assert "Rothia" in words(nurse, link)
    assert send(nurse, link, {"reason": "second culture"}).status_code == 302
    assert "Rothia · Blood · of Quarzo" in words(nurse, listed)


def test_coded_reader_gets_codes_and_no_free_text_nor_people(
    nurse: Client, infused: Course, user_with: UserWith
) -> None:
    free = {
        **TOCI, "drug": "other", "other_drug": "Granitumab", "remark": "told Quarzo",
        "hides_fever": "no", "dose": "", "unit": "",
    }  # fmt: skip
    page = send(nurse, reverse("treatment_new", args=[infused.pk]), free).content.decode()
    tick = {"key": hidden(page, "key"), "seen": hidden(page, "seen"), "confirmed": "on"}
    assert nurse.post(
        reverse("treatment_new", args=[infused.pk]), {**free, **tick}
    ).status_code == 302  # fmt: skip
    rare = {**COLI, "organism": "other", "other_organism": "Granitella", "remark": "of Quarzo"}
    send(nurse, reverse("infection_new", args=[infused.pk]), rare)
    row = Treatment.objects.get()
    send(nurse, reverse("treatment_withdraw", args=[infused.pk, row.pk]), {"reason": "of Quarzo"})
    listed = reverse("given_list", args=[infused.pk])
    assert "Granitumab dose not known" in words(nurse, listed)
    said = words(browser(user_with("data_manager")), listed)
    for secret in (
        "Granitumab",
        "Granitella",
        "Quarzo",
        "nurse.one",
        "/correct/",
        "infections/new",
    ):
        assert secret not in said
    assert "Another organism" in said
    assert "Another drug dose not known" in said
    assert browser(user_with("pharmacist")).get(
        reverse("treatment_new", args=[infused.pk])
    ).status_code == 403  # fmt: skip


def test_the_list_leads_to_the_stay_and_costs_the_same_however_many_rows(
    nurse: Client, infused: Course, coordinator: User
) -> None:
    listed = reverse("given_list", args=[infused.pk])
    assert reverse("stay_admit", args=[infused.pk]) in words(nurse, listed)
    admit(
        course_id=infused.pk, unit="ward", place="", on=date(2026, 11, 4), actor=coordinator,
        now=NOW,
    )  # fmt: skip
    costs = []
    for hour in (1, 2, 3):
        dexa = {**TOCI, "drug": "dexamethasone", "given_at": f"11-Nov-2026 0{hour}:00"}
        send(nurse, reverse("treatment_new", args=[infused.pk]), dexa)
        with CaptureQueriesContext(connection) as captured:
            said = words(nurse, listed)
        costs.append(len(captured))
    assert reverse("stay_transfer", args=[infused.pk]) in said
    assert costs[1] == costs[2] <= 16


def test_second_nurse_reads_that_the_dose_is_there_already(nurse: Client, infused: Course) -> None:
    url = reverse("treatment_new", args=[infused.pk])
    dexa = {**TOCI, "drug": "dexamethasone", "dose": "10", "route": "", "tapering": "on"}
    send(nurse, url, dexa)
    page = send(nurse, url, dexa).content.decode()
    said = "recorded at this very time already, 11-Nov-2026 21:00"
    assert said in page
    tick = {"key": hidden(page, "key"), "seen": hidden(page, "seen"), "confirmed": "on"}
    assert nurse.post(url, {**dexa, **tick}).status_code == 302
    listed = words(nurse, reverse("given_list", args=[infused.pk]))
    assert said in listed
    assert "given for: CRS · part of a taper" in listed


def test_page_in_italian(nurse: Client, infused: Course) -> None:
    url = reverse("treatment_new", args=[infused.pk])
    nurse.cookies["django_language"] = "it"
    page = send(nurse, url, {**TOCI, "dose": "900,5"}).content.decode()
    assert "900,5 mg supera 800 mg" in page
    tick = {"key": hidden(page, "key"), "seen": hidden(page, "seen"), "confirmed": "on"}
    nurse.post(url, {**TOCI, "dose": "900,5", **tick})
    assert "900,5 mg supera 800 mg" in words(nurse, reverse("given_list", args=[infused.pk]))
