"""The pages and API of custody: written, witnessed, verified as it is read."""

import pytest
import time_machine
from django.urls import reverse

from pathway.models import CustodyEntry
from patients.models import Course
from tests.conftest import UserWith
from tests.walking import Walk
from tests.web.test_identity_check_pages import PASSWORD, browser_of

pytestmark = pytest.mark.walked("to_bridging")


def test_an_entry_is_written_and_witnessed_in_two_browsers(
    walk: Walk, user_with: UserWith, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab, chemist = browser_of(walk.by("cell_lab")), browser_of(user_with("pharmacist"))
    nurse = browser_of(walk.by("ward_nurse"))
    product = walk.latest("product").pk
    page = reverse("custody", args=[walk.course.pk, product])
    new = reverse("custody_new", args=[walk.course.pk, product, "receipt"])
    given = {
        "handed_from": "Courier", "handed_to": "Cell lab", "temperature": "cryogenic",
        "celsius": "-152", "condition": "intact", "seal": "S-9", "at": f"{walk.now:%Y-%m-%d %H:%M}",
    }  # fmt: skip
    with time_machine.travel(walk.now, tick=False):
        text = lab.get(page).content.decode()
        assert "1. Material packed out" in text
        assert "Every hash was computed anew for this page and fits" in text
        assert new in text
        assert new not in nurse.get(page).content.decode()
        assert nurse.get(new).status_code == 403
        assert lab.get(new).status_code == 200
        # the scanner's Enter after the seal saves nothing and keeps what is there
        kept = lab.post(new, given | {"scanned": "1"})
        assert kept.status_code == 200
        assert 'value="S-9"' in kept.content.decode()
        assert CustodyEntry.objects.count() == 1
        assert lab.post(new, {"password": PASSWORD}).status_code == 422
        answer = lab.post(new, given | {"password": PASSWORD})
        assert answer["Location"] == page
        entry = CustodyEntry.objects.get(number=2)
        witness = reverse("custody_witness", args=[walk.course.pk, entry.pk])
        text = lab.get(page).content.decode()
        assert "Nobody yet" in text, "who signed is no witness"
        assert "Degrees Celsius" in text
        assert "-152" in text
        assert witness in chemist.get(page).content.decode()
        assert "S-9" in chemist.get(witness).content.decode()
        assert chemist.post(witness, {"password": "wrong"}).status_code == 422
        assert chemist.post(witness, {"password": PASSWORD}).status_code == 302
        text = chemist.get(page).content.decode()
        assert witness not in text
        assert "3. " not in text, "the witness stands with what is witnessed"
        gone = reverse("custody_new", args=[walk.course.pk, product, "check"])
        assert lab.get(gone).status_code == 404
        monkeypatch.setattr("pathway.custody_selectors.broken_at", lambda _links: 2)
        text = lab.get(page).content.decode()
        assert "This chain does not hold" in text
        assert "The chain is broken at entry 2." in text
        assert "fits" not in text


@pytest.mark.walked("to_apheresis")
def test_a_product_without_a_step_has_no_chain_yet(walk: Walk, course: Course) -> None:
    product = walk.open("product", "coordinator").pk
    with time_machine.travel(walk.now, tick=False):
        page = browser_of(walk.by("cell_lab")).get(reverse("custody", args=[course.pk, product]))
    assert "Nothing is recorded" in page.content.decode()


def test_the_same_through_the_api(walk: Walk, user_with: UserWith) -> None:
    lab, chemist = browser_of(walk.by("cell_lab")), browser_of(user_with("pharmacist"))
    list_ = reverse("api_custody", args=[walk.course.pk, walk.latest("product").pk])
    given = {
        "act": "storage", "at": walk.now.isoformat(), "place": "Tank 2",
        "temperature": "cryogenic", "celsius": "-151", "password": PASSWORD,
    }  # fmt: skip
    with time_machine.travel(walk.now, tick=False):
        warm = lab.post(list_, given | {"celsius": "-20"}, "application/json")
        assert warm.json()["reasons"][0]["code"] == "temperature_not_so"
        made = lab.post(list_, given, "application/json")
        assert made.status_code == 201, made.content
        assert (made.json()["number"], made.json()["witness"]) == (2, "")
        assert made.json()["celsius"] == -151
        wrong = lab.post(list_, given | {"act": "check", "seal": ""}, "application/json")
        assert wrong.json()["reasons"][0]["code"] == "unknown_act"
        witness = reverse("api_custody_witness", args=[walk.course.pk, made.json()["id"]])
        own = lab.post(witness, {"password": PASSWORD}, "application/json")
        assert own.json()["reasons"][0]["code"] == "same_person"
        seen = chemist.post(witness, {"password": PASSWORD}, "application/json")
        assert seen.json()["witness"] == "Rita Verdi"
        answer = lab.get(list_).json()
        assert (answer["count"], answer["faults"]) == (3, [])
        hashes = [row["hash"] for row in answer["results"]]
        assert [row["previous"] for row in answer["results"][1:]] == hashes[:-1]


def test_a_broken_seal_stops_on_page_and_in_api(walk: Walk) -> None:
    lab = browser_of(walk.by("cell_lab"))
    product = walk.latest("product").pk
    page = reverse("custody", args=[walk.course.pk, product])
    list_ = reverse("api_custody", args=[walk.course.pk, product])
    given = {
        "act": "pack_out", "at": walk.now.isoformat(), "handed_from": "Lab", "handed_to": "Courier",
        "temperature": "cooled", "condition": "unsealed", "seal": "S-9", "password": PASSWORD,
    }  # fmt: skip
    with time_machine.travel(walk.now, tick=False):
        made = lab.post(list_, given, "application/json").json()
        assert (made["faults"], made["deviation_number"]) == (["unsealed"], "")
        number = reverse("custody_deviation", args=[walk.course.pk, made["id"]])
        text = lab.get(page).content.decode()
        assert "STOP: do not use this product" in text
        assert number in text
        assert (
            "Temperature excursion of the material"
            in lab.get(reverse("course", args=[walk.course.pk])).content.decode()
        )
        assert "Seal broken or missing" in lab.get(number).content.decode()
        assert lab.post(number, {"number": ""}).status_code == 422
        assert lab.post(number, {"number": "DEV-1"})["Location"] == page
        text = lab.get(page).content.decode()
        assert "STOP: do not use this product" not in text
        assert "DEV-1" in text
        assert number not in text
        wrong = {"act": "excursion", "at": walk.now.isoformat(), "place": "Van", "remark": "alarm",
                 "password": PASSWORD}  # fmt: skip
        made = lab.post(list_, wrong, "application/json").json()
        assert made["faults"] == ["excursion"]
        address = reverse("api_custody_deviation", args=[walk.course.pk, made["id"]])
        told = lab.post(address, {"number": "DEV-2"}, "application/json")
        assert (told.status_code, told.json()["deviation_number"]) == (201, "DEV-2")
        again = lab.post(address, {"number": "DEV-3"}, "application/json")
        assert again.json()["reasons"][0]["code"] == "deviation_known"
        assert lab.get(list_).json()["faults"] == []
