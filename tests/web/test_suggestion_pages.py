"""What is suggested for bridging on its form, and the milligrams on the page of doses."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from pathway import suggesting
from pathway.assessing import ItemNote
from pathway.domain.suggesting import BridgingRules
from pathway.models import EligibilityEntry
from pathway.suggesting import bridging_suggestion
from patients.correcting import correct_entry
from patients.models import Antigen, Course
from terms.day_numbers import local_date
from tests.walking import Walk


def antigen(walk: Walk, on: str, *, positive: bool, **more: Any) -> None:
    walk.note("antigen", on=on, antigen="CD22", positive=positive, **more)


@pytest.mark.walked("to_eligibility")
def test_what_the_review_found_of_the_antigen_counts_as_a_result(walk: Walk) -> None:
    walk.move("eligibility", "assessing", "coordinator")

    def found() -> tuple[str, str]:
        suggestion = bridging_suggestion(walk.course)
        assert suggestion is not None
        return suggestion.finding.result, suggestion.drug

    def resulted(value: str, **more: Any) -> int:
        walk.assess(ItemNote("CD22", "resulted", value, walk.now.date(), **more))
        return EligibilityEntry.objects.latest("pk").pk

    walk.assess(ItemNote("CD22", "requested", on=walk.now.date()))
    assert found() == ("", "")
    first = resulted("negative")
    assert found() == ("negative", "")
    antigen(walk, walk.now.date().isoformat(), positive=False)
    resulted("positive", reason="misread", replaces=first)  # no later than it was
    assert found() == ("negative", "")
    again = resulted("positive")
    assert found() == ("positive", "inotuzumab ozogamicin")
    gone = ItemNote("CD22", "withdrawn", reason="another patient's", replaces=again)
    walk.assess(gone)
    assert found() == ("negative", "")


def test_the_latest_result_of_the_antigen_suggests_and_never_chooses(
    client: Client, walk: Walk
) -> None:
    client.force_login(walk.by("haematologist"))
    url = reverse("companion_new", args=[walk.course.pk, "bridging"])
    assert "Whether the blasts carry CD22 is not known" in client.get(url).text
    antigen(walk, "", positive=False)
    assert "CD22 of the blasts is negative (date not known)" in client.get(url).text
    antigen(walk, "2026-08", positive=True)
    page = client.get(url).text
    assert "CD22 of the blasts is positive (2026-08). Suggested: inotuzumab ozogamicin." in page
    assert 'value="inotuzumab" selected' not in page
    walk.note("relapse", on="2026-09-01", kind="haematological", cd22="dim")
    api = f"/api/v1/courses/{walk.course.pk}/bridging/suggestion/"
    answer = client.get(api).json()
    assert (answer["result"], answer["on"], answer["drug"]) == ("dim", "2026-09-01", "")
    assert "01-Sep-2026" in answer["text"]
    antigen(walk, "2026-09-02", positive=True)
    assert client.get(api).json()["drug"] == "inotuzumab ozogamicin"
    # Of one day the one entered last counts: a slip put right in the other makes it no newer.
    antigen(walk, "2026-09-02", positive=False)
    correct_entry(
        course_id=walk.course.pk,
        kind="antigen",
        entry_id=Antigen.objects.filter(positive=True).latest("pk").pk,
        values={"on": "2026-09-02", "antigen": "CD22", "positive": "true", "percent": "90"},
        reason="the percentage was left out",
        actor=walk.by("haematologist"),
        now=walk.tick(),
    )
    assert client.get(api).json()["result"] == "negative"


@pytest.mark.walked("to_apheresis")
def test_course_page_says_what_the_end_of_a_companion_said(client: Client, walk: Walk) -> None:
    walk.until(-32)
    walk.open("apheresis", "coordinator", planned_on=walk.now.date())
    walk.pass_gate("collection", "access")
    why = {"gate_access": "line comes at noon"}
    walk.move("apheresis", "cleared", overrides=why)
    walk.move("apheresis", "in_progress", "apheresis_nurse")
    waived = {"next_step": "waiver", "waiver_reference": "W-7"}
    walk.move("apheresis", "aborted", reason="Fever", details=waived)
    walk.collect()
    walk.open("bridging", drug="inotuzumab", drug_class="inotuzumab")
    walk.move("bridging", "running")
    walk.move("bridging", "closed", details={"response": "cr_mrd_negative"})
    client.force_login(walk.by("coordinator"))
    page = client.get(reverse("course", args=[walk.course.pk])).text
    assert "The manufacturer accepts it by a waiver" in page
    assert "W-7" in page
    assert "line comes at noon" in page
    assert "Complete remission, MRD negative" in page
    walk.open("product", "coordinator", order_number="ORD-1")
    walk.move("product", "material_shipped", "cell_lab")
    for target in ("at_manufacturer", "manufacturing"):
        walk.move("product", target, "coordinator")
    lost = {"failure_reason": "poor_growth"}
    walk.move("product", "failed", "coordinator", reason="No cells", details=lost)
    page = client.get(reverse("course", args=[walk.course.pk])).text
    assert "Poor growth" in page
    client.force_login(walk.by("data_manager"))
    coded = client.get(reverse("course", args=[walk.course.pk])).text
    assert "The manufacturer accepts it by a waiver" in coded
    assert "Poor growth" in coded
    assert "W-7" not in coded
    assert "line comes at noon" not in coded


@pytest.mark.walked("to_bridging", "make")
def test_course_page_says_with_which_reasons_the_course_came_to_its_stage(
    client: Client, walk: Walk
) -> None:
    walk.until(-7).pass_gate("lymphodepletion", "bed")
    walk.go("lymphodepletion", overrides={"gate_bed": "comes on Monday"})
    address = reverse("course", args=[walk.course.pk])
    for role, told in (("coordinator", True), ("data_manager", False)):
        client.force_login(walk.by(role))
        said = "Came to Lymphodepletion with a reason: comes on Monday"
        assert (said in client.get(address).text) is told


def test_a_protocol_without_a_suggestion_suggests_nothing(
    client: Client, walk: Walk, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Silent:
        def section(self, *_asked: object) -> BridgingRules:
            return BridgingRules(None, None)

    monkeypatch.setattr(suggesting, "settings_of", lambda _protocol: Silent())
    assert bridging_suggestion(Course.objects.get(pk=walk.course.pk)) is None
    client.force_login(walk.by("coordinator"))
    api = f"/api/v1/courses/{walk.course.pk}/bridging/suggestion/"
    assert client.get(api).status_code == 404


@pytest.mark.walked("to_lymphodepletion")
def test_milligrams_are_shown_where_the_surface_is_known(client: Client, walk: Walk) -> None:
    walk.open("lymphodepletion", regimen="Flu/Cy")
    course, pk = walk.course.pk, walk.latest("lymphodepletion").pk
    url = reverse("doses", args=[course, "lymphodepletion", pk])
    client.force_login(walk.by("haematologist"))
    page = client.get(url).text
    assert "25 mg/m²" in page
    assert "is older than 14 days." in page
    rows = client.get(f"/api/v1/courses/{course}/lymphodepletion/{pk}/doses/").json()["results"]
    assert (rows[0]["per_m2"], rows[0]["counted_mg"]) == ("25.000", None)
    walk.now = timezone.now()  # the page counts from the weight and height of today
    on = str(local_date(walk.now, walk.course.centre.zone))
    walk.note("lab", on=on, analyte="WEIGHT", value="70", unit="kg")
    walk.note("lab", on=on, analyte="HEIGHT", value="170", unit="cm")
    rows = client.get(f"/api/v1/courses/{course}/lymphodepletion/{pk}/doses/").json()["results"]
    assert rows[0]["counted_mg"] == "45.5"
    assert "25 mg/m² × 1.82 m² (Mosteller: 70 kg on " in client.get(url).text
    assert " = 45.5 mg" in client.get(url).text
