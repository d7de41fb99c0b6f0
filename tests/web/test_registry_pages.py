"""The files for registries, on their pages and in the API: each says what for before it leaves."""

import pytest
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.models import User
from audit.models import AuditEvent
from exports.registry.columns import registry_files
from patients.models import Course
from tests.conftest import UserWith
from tests.walking import Walk

pytestmark = pytest.mark.walked("to_follow_up")
PURPOSE = {"purpose": "yearly report"}


@pytest.fixture
def client(client: Client, coordinator: User) -> Client:
    """The browser of a coordinator."""
    client.force_login(coordinator)
    return client


@pytest.fixture
def api(coordinator: User) -> APIClient:
    """The client of the same."""
    api = APIClient()
    api.force_authenticate(coordinator)
    return api


def written() -> list[str]:
    events = AuditEvent.objects.filter(action="export.registry").order_by("pk")
    return list(events.values_list("reason", flat=True))


def test_the_page_lists_the_files_and_each_has_its_form(walk: Walk, client: Client) -> None:
    listed = client.get(reverse("registry")).text
    for name, file in registry_files().items():
        address = reverse("registry_csv", args=[name])
        assert f'href="{address}"' in listed
        form = client.get(address)
        assert form.status_code == 200
        assert form["Content-Type"].startswith("text/html")
        assert file.title in form.text
        assert "True dates under the code of the course. No name" in form.text
        assert "1 infused course<" in form.text
        assert form.text.count("<dd>None</dd>") == 2
    assert written() == []
    assert client.get(reverse("registry_csv", args=["cibmtr-1"])).status_code == 404


def test_the_form_says_how_many_are_left_out_and_who_has_no_consent(
    walk: Walk, client: Client
) -> None:
    about = walk.course.consents.filter(kind="data")
    about.update(given=False)
    for name in registry_files():
        said = client.get(reverse("registry_csv", args=[name])).text
        assert "0 infused courses<" in said
        assert "1 infused course: its patient withdrew the use of the data, or may have" in said
    about.update(kind="treatment_only")
    for name in registry_files():
        said = client.get(reverse("registry_csv", args=[name])).text
        assert "1 of the courses in it has no word on the use of the data." in said
        says = "The file says so in its last column." in said
        assert says is (name in ("cibmtr-4000", "ebmt-day-0"))
        assert ("This file does not say which" in said) is not says


def test_page_and_api_send_the_same_file_and_keep_what_it_is_for(
    walk: Walk, client: Client, api: APIClient
) -> None:
    for name, file in registry_files().items():
        sent = client.post(reverse("registry_csv", args=[name]), PURPOSE)
        assert sent["Content-Disposition"].startswith(f'attachment; filename="percorso-{name}-')
        answer = api.post(f"/api/v1/registry/{name}.csv", PURPOSE, format="json")
        assert answer["Content-Type"] == "text/csv; charset=utf-8"
        text = b"".join(sent)
        assert text == b"".join(answer)
        assert text.decode().splitlines()[0] == ",".join(file.header)
    assert written() == ["yearly report"] * 8


@pytest.mark.parametrize("purpose", ["", "   ", "x" * 501, "report\x00"])
def test_without_a_purpose_that_can_be_kept_no_file_leaves(
    walk: Walk, client: Client, api: APIClient, purpose: str
) -> None:
    refused = client.post(reverse("registry_csv", args=["ebmt-day-0"]), {"purpose": purpose})
    assert refused.status_code == 422
    assert 'class="error-summary"' in refused.text
    assert 'href="#id_purpose"' in refused.text
    if len(purpose) > 500:
        assert f'value="{purpose}"' in refused.text
    answer = api.post("/api/v1/registry/ebmt-day-0.csv", {"purpose": purpose}, format="json")
    assert answer.status_code == 400
    assert [reason["field"] for reason in answer.json()["reasons"]] == ["purpose"]
    assert written() == []


def test_the_api_names_everything_wrong_and_sends_no_file_to_a_reader(
    walk: Walk, api: APIClient
) -> None:
    address = "/api/v1/registry/ebmt-day-0.csv"
    wrong = api.post(address, {"purpose": 7, "names": True}, format="json")
    assert wrong.status_code == 400
    assert {reason["field"] for reason in wrong.json()["reasons"]} == {"purpose", "names"}
    assert api.get(address).status_code == 405
    assert api.post("/api/v1/registry/cibmtr-1.csv", PURPOSE, format="json").status_code == 404
    assert written() == []


def test_who_may_not_export_sees_the_list_and_no_form(
    walk: Walk, client: Client, user_with: UserWith
) -> None:
    client.force_login(user_with("ward_nurse"))
    assert registry_files()["ebmt-day-0"].title in client.get(reverse("registry")).text
    address = reverse("registry_csv", args=["ebmt-day-0"])
    assert client.get(address).status_code == 403
    assert client.post(address, PURPOSE).status_code == 403
    assert written() == []
    assert Course.objects.count() == 1


def test_the_form_is_italian_too(walk: Walk, client: Client) -> None:
    client.cookies["django_language"] = "it"
    form = client.get(reverse("registry_csv", args=["ebmt-day-0"])).text
    assert "Date vere con il codice del percorso." in form
    assert "1 percorso con infusione<" in form
    assert "EBMT giorno 0: una riga per percorso" in form
