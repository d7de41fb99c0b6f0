"""The pages and the API of doses: ordered, given with a second person, refused with reasons."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.models import User
from pathway.dosing import DoseOrder
from pathway.models import Dose
from tests.walking import Walk

pytestmark = pytest.mark.walked("to_apheresis")


@pytest.fixture
def walk(walk: Walk) -> Walk:
    """A course with containment planned."""
    walk.open("containment", drug="vincristine", drug_class="vincristine_single")
    return walk


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def posted(client: Client, address: str, **values: str) -> int:
    version = client.get(address).context["form"].initial["expected_version"]
    return client.post(address, {"expected_version": version, **values}).status_code


def test_a_dose_is_ordered_and_given_on_its_pages(walk: Walk) -> None:
    companion = walk.latest("containment").pk
    args = [walk.course.pk, "containment", companion]
    order = {"drug": "vincristine", "planned_on": walk.now.date().isoformat(), "unit": "mg"}
    physician = client_of(walk.by("haematologist"))
    new = reverse("dose_new", args=args)
    assert posted(physician, new, **order, route="it") == 422
    assert posted(physician, new, **order, route="iv", days="one") == 422
    assert posted(physician, new, **order, route="iv", amount="2", days="1, 8") == 302
    nurse = client_of(walk.by("ward_nurse"))
    table = nurse.get(reverse("doses", args=args)).content.decode()
    assert table.count("Mark as given") == 2
    first, second = walk.doses("containment")
    give = reverse("dose_deed", args=[walk.course.pk, first.pk, "give"])
    at = walk.now.astimezone(walk.course.centre.zone).strftime("%Y-%m-%d %H:%M")
    assert posted(nurse, give, given_at=at, amount="2") == 422
    verifier = walk.by("haematologist").get_username()
    assert posted(nurse, give, given_at=at, amount="2", verified_by=verifier) == 302
    withhold = reverse("dose_deed", args=[walk.course.pk, second.pk, "withhold"])
    assert posted(nurse, withhold, reason="collection is near") == 302
    assert [dose.state for dose in walk.doses("containment")] == ["given", "not_given"]
    assert nurse.get(reverse("course", args=[walk.course.pk])).status_code == 200


def test_everything_that_one_reason_answers_is_said_beside_it(walk: Walk) -> None:
    today = walk.now.date()
    walk.open("apheresis", "coordinator", planned_on=today + timedelta(days=2))
    new = reverse("dose_new", args=[walk.course.pk, "containment", walk.latest("containment").pk])
    order = {"drug": "vincristine", "planned_on": today.isoformat(), "unit": "mg", "route": "iv"}
    order |= {"days": "1, 2", "amount": "2", "override_passes_booked_date": ""}
    physician = client_of(walk.by("haematologist"))
    version = physician.get(new).context["form"].initial["expected_version"]
    page = physician.post(new, {"expected_version": version, **order})
    assert page.status_code == 422
    field = page.context["form"].fields["override_passes_booked_date"]
    assert str(field.help_text).count("Its washout ends on ") == 2
    bogus = {"override_passes_booked_date": "the disease is fast", "override_nothing": "x"}
    page = physician.post(new, {"expected_version": version, **order, **bogus})
    assert "Nothing asks for these reasons now: nothing." in page.content.decode()
    assert "override_nothing" not in page.context["form"].fields, "it is not sent once more"
    order |= {"override_passes_booked_date": "the disease is fast"}
    assert posted(physician, new, **order) == 302
    rows = Dose.objects.filter(course=walk.course)
    assert {row.reason for row in rows} == {"the disease is fast"}
    assert len(rows) == 2


def test_the_api_orders_changes_and_corrects(walk: Walk) -> None:
    api = APIClient()
    api.force_authenticate(walk.by("haematologist"))
    url = reverse("api_doses", args=[walk.course.pk, "containment", walk.latest("containment").pk])
    refused = api.post(url, {"drug": "vincristine", "route": "it"}, "json")
    assert (refused.status_code, refused.json()["reasons"][0]["code"]) == (422, "vinca_route")
    dose = api.post(url, {"drug": "vincristine", "route": "iv", "amount": "2"}, "json").json()
    changed = api.post(
        reverse("api_dose_change", args=[dose["id"]]),
        {"amount": "1.5", "reason": "lighter"},
        "json",
    ).json()
    assert changed["amount"] == "1.500"
    at = walk.now.isoformat()
    body = {"given_at": at, "verified_by": walk.by("ward_nurse").get_username()}
    given = api.post(reverse("api_dose_give", args=[changed["id"]]), body, "json")
    assert (given.status_code, given.json()["state"]) == (201, "given")
    right = api.post(
        reverse("api_dose_correct", args=[given.json()["id"]]),
        {"not_given_reason": "it was not", "reason": "wrong patient's chart"},
        "json",
    )
    assert right.json()["state"] == "not_given"
    [listed] = api.get(url).json()["results"]
    assert listed["id"] == right.json()["id"]


def test_an_order_is_changed_and_a_dose_corrected_on_its_pages(walk: Walk) -> None:
    [dose] = walk.order(
        "containment", DoseOrder("vincristine", route="iv", amount=Decimal(2), unit="mg")
    )
    physician = client_of(walk.by("haematologist"))
    change = reverse("dose_deed", args=[walk.course.pk, dose.pk, "change"])
    assert posted(physician, change, amount="1.5", reason="") == 422
    assert posted(physician, change, amount="1,5", reason="lighter than thought") == 302
    [standing] = walk.doses("containment")
    assert standing.amount == Decimal("1.5")
    verifier = walk.by("haematologist").get_username()
    walk.give("containment", standing.number, amount=Decimal("1.5"), verified_by=verifier)
    [given] = walk.doses("containment")
    right = reverse("dose_deed", args=[walk.course.pk, given.pk, "correct"])
    assert posted(physician, right, given_at="", reason="") == 422
    said = {"not_given_reason": "vomited before", "reason": "wrong chart"}
    assert posted(physician, right, given_at="", **said) == 302
    assert [one.state for one in walk.doses("containment")] == ["not_given"]
    assert physician.get(right.replace("/correct/", "/sing/")).status_code == 404
    gone = reverse("dose_deed", args=[walk.course.pk, given.pk + 99, "give"])
    assert physician.get(gone).status_code == 404
    nowhere = reverse("doses", args=[walk.course.pk, "containment", 0])
    assert physician.get(nowhere).status_code == 404
