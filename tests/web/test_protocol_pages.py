"""Pages and API of protocols: who uses what, what is not confirmed, comparing, loading."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import translation
from rest_framework.test import APIClient

from accounts.models import User
from patients.models import Course
from protocol.models import Protocol, Status
from protocol.presenting import sections
from protocol.selectors import content_of
from protocol.services import load
from tests.conftest import NOW, PROTOCOL_FILE, UserWith

pytestmark = pytest.mark.django_db
TEXT = PROTOCOL_FILE.read_text(encoding="utf-8")
NEWER = TEXT.replace("version = 1", "version = 2", 1).replace(
    "bridging.target_days = { value = 28", "bridging.target_days = { value = 30"
)


@pytest.fixture
def admin(user_with: UserWith) -> User:
    """Who loads."""
    return user_with("centre_admin")


@pytest.fixture
def draft(admin: User, protocol: Protocol) -> Protocol:
    """A second version, loaded."""
    return load(content=NEWER.encode(), filename="newer.toml", actor=admin, now=NOW)


def signed_in(client: Client, user: User) -> Client:
    client.force_login(user)
    return client


def test_the_list_says_who_uses_what(
    client: Client, coordinator: User, course: Course, draft: Protocol, haematologist: User
) -> None:
    page = signed_in(client, coordinator).get(reverse("protocol_list"))
    assert "Brexucabtagene autoleucel for adult B-ALL" in page.text
    assert [version.course_count for version in page.context["versions"]] == [1]
    page = signed_in(client, haematologist).get(reverse("protocol_list"))
    assert [version.status for version in page.context["versions"]] == ["draft", "published"]


def test_a_version_names_first_what_is_not_confirmed(
    client: Client, coordinator: User, protocol: Protocol
) -> None:
    page = signed_in(client, coordinator).get(reverse("protocol_version", args=[protocol.pk]))
    assert page.status_code == 200
    assert page.text.index("Not confirmed yet") < page.text.index("Stages and targets")
    assert all(row.confirmed is False for row in page.context["unconfirmed"])
    assert "washouts.tki.min_days" in page.text
    assert "Tyrosine kinase inhibitor · min days" in page.text
    assert "Publish version" not in page.text


def test_sections_come_in_file_order_and_in_the_readers_language(
    protocol: Protocol,
) -> None:
    with translation.override("it"):
        found = sections(content_of(protocol))
    assert [one.code for one in found][:3] == ["stages", "eligibility", "washouts"]
    rows = {row.key: row for one in found for row in one.rows}
    assert rows["consents.data.required"].value == "Sì"
    assert rows["apheresis.cd3_minimum"].value == "0,6"
    assert rows["lymphodepletion.fludarabine.days"].value == "-4, -3, -2"
    assert rows["schedule.MARROW.phases[1].every"].name.endswith("phases 2 · every")
    assert not any(key.endswith((".label.it", ".label.en")) for key in rows)


def test_two_versions_are_compared_with_sources(
    client: Client, haematologist: User, protocol: Protocol, draft: Protocol
) -> None:
    browser = signed_in(client, haematologist)
    url = reverse("protocol_compare", args=[protocol.pk, draft.pk])
    page = browser.get(url)
    assert [(row.key, row.kind) for row in page.context["rows"]] == [
        ("meta.version", "changed"),
        ("stages.bridging.target_days", "changed"),
    ]
    # Sources are cited as the file names them, whatever language is read.
    browser.cookies["django_language"] = "it"
    cited = '<span lang="en">Programme default</span> ·'
    assert f"{cited} Not confirmed" in page.text
    assert cited in browser.get(url).text
    browser.cookies["django_language"] = "en"
    same = browser.get(reverse("protocol_compare", args=[draft.pk, draft.pk]))
    assert "The two say the same." in same.text
    assert browser.get(reverse("protocol_compare", args=[draft.pk, 0])).status_code == 404


def test_a_reader_does_not_see_a_draft(client: Client, coordinator: User, draft: Protocol) -> None:
    browser = signed_in(client, coordinator)
    assert browser.get(reverse("protocol_version", args=[draft.pk])).status_code == 404
    assert browser.post(reverse("protocol_publish", args=[draft.pk])).status_code == 404


def test_a_draft_is_loaded_on_one_page_and_published_by_a_second_person(
    client: Client, admin: User, haematologist: User, protocol: Protocol
) -> None:
    browser, url = signed_in(client, admin), reverse("protocol_load")
    assert "Load as a draft" in browser.get(url).text
    done = browser.post(url, {"file": SimpleUploadedFile("newer.toml", NEWER.encode())})
    draft = Protocol.objects.get(status=Status.DRAFT)
    page = reverse("protocol_version", args=[draft.pk])
    assert done["Location"] == page
    assert "Publish version 2" not in browser.get(page).text
    publish = reverse("protocol_publish", args=[draft.pk])
    assert browser.post(publish).status_code == 403
    browser = signed_in(client, haematologist)
    assert "Publish version 2" in browser.get(page).text
    assert browser.post(publish)["Location"] == page
    protocol.refresh_from_db()
    assert protocol.status == Status.RETIRED
    again = browser.post(publish)
    assert again.status_code == 422
    assert "This version is not a draft." in again.text


def test_a_faulty_file_is_refused_with_every_fault(client: Client, admin: User) -> None:
    browser, url = signed_in(client, admin), reverse("protocol_load")
    bad = NEWER.replace("value = 30", "value = 366").replace("value = 26", "value = 200")
    page = browser.post(url, {"file": SimpleUploadedFile("bad.toml", bad.encode())})
    assert page.status_code == 422
    assert "bad.toml: stages.bridging.target_days" in page.text
    assert "bad.toml: eligibility.minimum_age" in page.text
    assert browser.post(url).status_code == 422
    huge = SimpleUploadedFile("huge.toml", b"#" * 500_001)
    assert "too large" in browser.post(url, {"file": huge}).text
    assert not Protocol.objects.exists()


# --- the API


def api(user: User) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


def test_the_api_loads_publishes_lists_and_compares(
    admin: User, haematologist: User, course: Course
) -> None:
    body = {"filename": "newer.toml", "content": NEWER}
    made = api(admin).post("/api/v1/protocols/", body, format="json")
    assert (made.status_code, made.json()["status"], made.json()["courses"]) == (201, "draft", 0)
    pk = made.json()["id"]
    done = api(haematologist).post(f"/api/v1/protocols/{pk}/publish/")
    assert (done.status_code, done.json()["published_by"]) == (200, haematologist.get_username())
    listed = api(admin).get("/api/v1/protocols/").json()
    assert [(one["version"], one["courses"]) for one in listed["results"]] == [(2, 0), (1, 1)]
    old = course.protocol_id
    told = api(admin).get(f"/api/v1/protocols/{old}/to/{pk}/").json()
    assert told["results"][1] == {
        "key": "stages.bridging.target_days",
        "kind": "changed",
        "before": {"value": 28, "source": "Programme default", "confirmed": False},
        "after": {"value": 30, "source": "Programme default", "confirmed": False},
    }
    values = api(admin).get(f"/api/v1/protocols/{pk}/").json()["values"]
    assert values[0]["key"] == "meta.code"
    assert api(admin).get(f"/api/v1/protocols/{old}/to/0/").status_code == 404


def test_the_api_names_every_fault_of_a_file(admin: User) -> None:
    body = {"filename": "x.toml", "content": "[meta]\ncode = 3\n"}
    answer = api(admin).post("/api/v1/protocols/", body, format="json")
    fields = {reason["field"] for reason in answer.json()["reasons"]}
    assert answer.status_code == 422
    assert {"meta.code", "meta.version", "stages", "washouts"} <= fields
