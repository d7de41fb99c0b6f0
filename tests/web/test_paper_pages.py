"""The pages of a product's papers: added, read, signed by two people, kept from who may not."""

import pytest
from django.test import Client
from django.urls import reverse

from pathway.models import Incident, OosRecord, OosSignature, Shipment
from tests.services.test_product_papers import FOUR_PARTS
from tests.walking import Walk

pytestmark = pytest.mark.walked("to_bridging")


@pytest.fixture
def walk(walk: Walk) -> Walk:
    """A course whose product is out of specification."""
    for target in ("at_manufacturer", "manufacturing", "qc"):
        walk.move("product", target, "coordinator")
    walk.move("product", "oos", "coordinator", reason="Viability 68 %")
    return walk.until(-12)


def of(walk: Walk, role: str) -> Client:
    client = Client()
    client.force_login(walk.by(role))
    return client


def test_the_record_is_written_and_signed_by_two_on_its_pages(walk: Walk) -> None:
    product = walk.latest("product").pk
    papers = reverse("papers", args=[walk.course.pk, "product", product])
    new = reverse("paper_new", args=[walk.course.pk, "product", product, "oos"])
    sign = reverse("oos_sign", args=[walk.course.pk, product])
    physician, quality = of(walk, "haematologist"), of(walk, "quality")
    nothing = physician.get(sign)
    assert nothing.context["form"].initial == {"record_id": 0}
    version = str(walk.course.version)
    empty = {"record_id": "0", "capacity": "haematologist", "expected_version": version}
    assert physician.post(sign, empty).status_code == 422
    written = physician.post(new, {**FOUR_PARTS, "risk_reference": "RE-1"})
    assert written.status_code == 302
    # a scanner's Enter writes no half of a paper
    shipment = reverse("paper_new", args=[walk.course.pk, "product", product, "shipment"])
    scanned = of(walk, "cell_lab").post(shipment, {"leg": "product", "seal": "S-1", "scanned": "1"})
    assert scanned.status_code == 200
    assert 'value="S-1"' in scanned.content.decode()
    assert not Shipment.objects.exists()
    too_long = of(walk, "cell_lab").post(shipment, {"leg": "product", "seal": "x" * 61})
    assert too_long.status_code == 422
    record = OosRecord.objects.get()
    again = physician.get(new).context["form"].initial
    assert (again["risk_reference"], again["patient_informed_on"]) == (
        "RE-1",
        record.patient_informed_on,
    )
    assert sign in physician.get(papers).content.decode()
    assert sign not in of(walk, "ward_nurse").get(papers).content.decode()
    for client, capacity in ((physician, "haematologist"), (quality, "quality")):
        page = client.get(sign)
        assert "RE-1" in page.content.decode()
        signed = client.post(sign, {"record_id": str(record.pk), "capacity": capacity})
        assert signed.status_code == 302
    assert OosSignature.objects.filter(record=record).count() == 2
    shown = physician.get(papers).content.decode()
    assert walk.by("quality").get_full_name() in shown
    assert walk.by("haematologist").get_full_name() in shown


def test_who_records_an_incident_chooses_its_category(walk: Walk) -> None:
    product = walk.latest("product").pk
    args = [walk.course.pk, "product", product]
    new, papers = reverse("paper_new", args=[*args, "incident"]), reverse("papers", args=args)
    lab, happened_on = of(walk, "cell_lab"), walk.now.date()
    # As one stands that was recorded before incidents had a category.
    Incident.objects.create(
        product_id=product, happened_on=happened_on, description="a broken bag",
        recorded_at=walk.now, recorded_by="x",
    )  # fmt: skip
    assert "Not recorded: Category, Report number</p>" in " ".join(lab.get(papers).text.split())
    asked = lab.get(new)
    assert not asked.context["form"].initial, "another incident is not the one before"
    assert "Bag or container damaged" in asked.text
    said = {"happened_on": happened_on.isoformat(), "description": "a cracked bag"}
    assert lab.post(new, said).status_code == 422
    written = lab.post(new, {**said, "category": "container"})
    assert written.status_code == 302
    assert "Bag or container damaged" in lab.get(papers).text
    assert (
        "Sacca o contenitore danneggiato" in lab.get(papers, headers={"accept-language": "it"}).text
    )
    address = reverse("api_paper", args=[*args, "incident"])
    unknown = lab.post(address, {**said, "category": "weather"}, "application/json")
    assert unknown.status_code == 422
    assert [one["field"] for one in unknown.json()["reasons"]] == ["category"]
    made = lab.post(address, {**said, "category": "transport"}, "application/json")
    assert made.json()["values"]["category"] == "transport"
    found = lab.get(reverse("api_papers", args=args)).json()["results"]
    assert [one["values"]["category"] for one in found] == ["transport", "container", None]


def test_a_data_manager_reads_dates_and_no_free_text(walk: Walk) -> None:
    walk.paper("product", "oos", **FOUR_PARTS, risk_reference="RE of Signora Rossi")
    product = walk.latest("product").pk
    page = of(walk, "data_manager").get(
        reverse("papers", args=[walk.course.pk, "product", product])
    )
    text = page.content.decode()
    assert "01-Oct-2026" in text
    assert "Rossi" not in text


def test_no_other_paper_and_no_other_companion(walk: Walk) -> None:
    physician, product = of(walk, "haematologist"), walk.latest("product").pk
    pk = walk.course.pk
    for address in (
        reverse("paper_new", args=[pk, "product", product, "novel"]),
        reverse("paper_new", args=[pk, "product", product + 9, "oos"]),
        reverse("papers", args=[pk, "bridging", product]),
        reverse("oos_sign", args=[pk, product + 9]),
    ):
        assert physician.get(address).status_code == 404
