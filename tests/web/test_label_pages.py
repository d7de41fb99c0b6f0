"""The pages and API of labels: two browsers, a scanner's Enter, nothing shown of the first one."""

from typing import Any

import pytest
import time_machine
from django.urls import reverse

from pathway.models import LabelEntry, Product
from tests.conftest import UserWith
from tests.walking import Walk
from tests.web.test_identity_check_pages import PASSWORD, browser_of

pytestmark = pytest.mark.walked("to_bridging")


def test_two_people_in_two_browsers(walk: Walk, user_with: UserWith) -> None:
    lab, chemist = browser_of(walk.by("cell_lab")), browser_of(user_with("pharmacist"))
    product = walk.latest("product").pk
    page = reverse("labels", args=[walk.course.pk, "product", product])
    new = reverse("label_new", args=[walk.course.pk, "product", product, "lot"])
    with time_machine.travel(walk.now, tick=False):
        text = lab.get(page).content.decode()
        assert text.count("Not known") >= 2, "lot, expiry and chain of identity are missing"
        assert "Recorded by one person" in text, "the donation number came with the collection"
        shown = lab.get(new).content.decode()
        assert "autofocus" in shown
        assert 'name="scanned"' in shown, "the scanner's Enter presses a button that saves nothing"
        # the scanner's Enter, also with a password that a browser has typed
        for given in ({"value": "LOT-77"}, {"value": "LOT-77", "scanned": "1", "password": "x"}):
            kept = lab.post(new, given)
            assert kept.status_code == 200
            assert 'value="LOT-77"' in kept.content.decode()
        assert lab.post(new, {"value": "LOT-77", "password": "wrong"}).status_code == 422
        assert not LabelEntry.objects.exists()
        assert lab.post(new, {"value": "LOT-77", "password": PASSWORD})["Location"] == page
        entry = LabelEntry.objects.get()
        confirm = reverse("label_confirm", args=[walk.course.pk, entry.pk])
        for address in (page, confirm):
            assert "LOT-77" not in chemist.get(address).content.decode()
        assert confirm in chemist.get(page).content.decode()
        own = lab.post(confirm, {"value": "LOT-77", "password": PASSWORD})
        assert own.status_code == 422
        assert "somebody else confirms it" in own.content.decode()
        kept = chemist.post(confirm, {"value": "LOT-77", "scanned": "1"})
        assert kept.status_code == 200
        assert chemist.post(confirm, {"value": "LOT-77", "password": PASSWORD}).status_code == 302
        text = chemist.get(page).content.decode()
        assert "Read by two people" in text
        assert Product.objects.get().lot == "LOT-77"
        # a correction asks for its reason
        corrected = {"value": "LOT-78", "password": PASSWORD}
        assert lab.post(new, corrected).status_code == 422
        assert lab.post(new, corrected | {"reason": "misread"}).status_code == 302
        confirm = reverse(
            "label_confirm", args=[walk.course.pk, LabelEntry.objects.latest("pk").pk]
        )
        assert chemist.post(confirm, corrected).status_code == 302
        assert "before: LOT-77. Reason: misread" in lab.get(page).content.decode()


def test_who_handles_no_label_is_told_who_does(walk: Walk) -> None:
    nurse = browser_of(walk.by("ward_nurse"))
    product = walk.latest("product").pk
    page = reverse("labels", args=[walk.course.pk, "product", product])
    new = reverse("label_new", args=[walk.course.pk, "product", product, "expires_on"])
    with time_machine.travel(walk.now, tick=False):
        assert new not in nurse.get(page).content.decode()
        answer = nurse.get(new)
        assert answer.status_code == 403
        assert "Pharmacist" in answer.content.decode()
        lab = browser_of(walk.by("cell_lab"))
        for machine, name in (("product", "din"), ("product", "wrist")):
            wrong = reverse("label_new", args=[walk.course.pk, machine, product, name])
            assert lab.get(wrong).status_code == 404
        wrong = reverse("labels", args=[walk.course.pk, "containment", product])
        assert lab.get(wrong).status_code == 404


def test_the_same_through_the_api(walk: Walk, user_with: UserWith) -> None:
    lab, chemist = browser_of(walk.by("cell_lab")), browser_of(user_with("pharmacist"))
    about: list[Any] = [walk.course.pk, "product", walk.latest("product").pk]
    list_, one = (
        reverse("api_labels", args=about),
        reverse("api_label", args=[*about, "expires_on"]),
    )
    given = {"value": "2027-05-01", "password": PASSWORD}
    with time_machine.travel(walk.now, tick=False):
        rows = lab.get(list_).json()["results"]
        assert [row["name"] for row in rows] == ["din", "lot", "expires_on", "coi_id"]
        assert [row["value"] is None for row in rows] == [False, True, True, True]
        made = lab.post(one, given, "application/json")
        assert made.status_code == 201, made.content
        assert (made.json()["value"], made.json()["read_by_two"]) == (None, False)
        entry = made.json()["waiting_entry"]
        reading = reverse("api_label_reading", args=[walk.course.pk, entry])
        other = chemist.post(reading, given | {"value": "2027-05-02"}, "application/json")
        assert other.json() == {"entry": entry, "agrees": False}
        entry = lab.post(one, given, "application/json").json()["waiting_entry"]
        reading = reverse("api_label_reading", args=[walk.course.pk, entry])
        assert chemist.post(reading, given, "application/json").json()["agrees"] is True
        row = lab.get(list_).json()["results"][2]
        assert (row["value"], row["read_by_two"], row["waiting_entry"]) == (
            "2027-05-01",
            True,
            None,
        )
        wrong = reverse("api_label", args=[*about, "wristband"])
        assert lab.post(wrong, given, "application/json").status_code == 404
        strange = reverse("api_labels", args=[walk.course.pk, "bridging", about[2]])
        assert lab.get(strange).status_code == 404
