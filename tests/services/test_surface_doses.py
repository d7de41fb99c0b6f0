"""What is given of a dose per square metre, compared with the patient's surface."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from pathway.dosing import DoseGiven, DoseOrder, change_order, correct_dose, withhold_dose
from patients.correcting import correct_entry
from patients.mistaken_facts import bring_back, mark_fact
from patients.models import LabResult
from reminders.models import Notice
from terms.refusals import Refused
from tests.services.refused import codes
from tests.walking import DAY_ZERO, Walk

pytestmark = pytest.mark.walked("to_lymphodepletion")


def latest(walk: Walk, analyte: str) -> LabResult:
    found = LabResult.objects.filter(course=walk.course, analyte=analyte)
    return found.order_by("-on", "-pk")[0]


def test_amounts_off_the_surface_want_a_reason_and_the_page_shows_the_sum(
    walk: Walk, client: Client
) -> None:
    walk.until(-6).plan("infusion", DAY_ZERO)
    walk.open("lymphodepletion", regimen="Flu/Cy")
    walk.pass_gate("lymphodepletion").until(-4)
    first, second, *_ = walk.doses("lymphodepletion")
    who: dict[str, Any] = {"actor": walk.by("haematologist"), "planned_on": None}
    renal = {"amount_off_surface": "creatinine clearance 45"}
    with pytest.raises(Refused) as refused:
        change_order(dose_id=first.pk, reason="", amount=Decimal(30), now=walk.tick(), **who)
    assert codes(refused.value) == {"amount_off_surface"}
    for amount, code in ((None, "amount_unknown"), (Decimal(30), "amount_off_surface")):
        with pytest.raises(Refused) as refused:  # a reason for the day is none for the amount
            walk.give("lymphodepletion", 1, amount=amount, deviation="a day late")
        assert codes(refused.value) == {code}
    assert walk.doses("lymphodepletion")[0].is_open
    one = walk.give("lymphodepletion", 1, amount=Decimal(30), overrides=renal)
    assert (one.deviation, one.amount_counted) == ("creatinine clearance 45", Decimal("45.5"))
    reduced = change_order(
        dose_id=second.pk, reason="", amount=Decimal(30), now=walk.tick(), overrides=renal, **who
    )
    assert reduced.amount_reason == "creatinine clearance 45"
    again = change_order(
        dose_id=reduced.pk, reason="fever", amount=None, now=walk.tick(), actor=who["actor"],
        planned_on=DAY_ZERO - timedelta(days=2), delay_code="PERSONAL",
    )  # fmt: skip
    assert again.amount_reason == "creatinine clearance 45"  # another day is no other amount
    second_given = walk.until(-2).give("lymphodepletion", 2)  # as ordered: not asked again
    assert second_given.given_amount == Decimal(30)
    truth = DoseGiven(walk.now, Decimal(300))
    with pytest.raises(Refused) as refused:
        correct_dose(
            dose_id=second_given.pk, given=truth, reason="slip", actor=who["actor"],
            now=walk.tick(),
        )  # fmt: skip
    assert codes(refused.value) == {"amount_off_surface", "deviation_missing"}
    why = {"amount_off_surface": "ten times too much"}
    truth = replace(truth, deviation="misread", overrides=why)
    corrected = correct_dose(
        dose_id=second_given.pk, given=truth, reason="slip", actor=who["actor"], now=walk.tick()
    )
    assert corrected.deviation == "misread; ten times too much"
    third = walk.doses("lymphodepletion")[2]
    right = change_order(
        dose_id=third.pk, reason="", amount=Decimal("45.5"), now=walk.tick(), **who
    )
    assert (right.amount_reason, right.amount_counted) == ("", Decimal("45.5"))
    walk.give("lymphodepletion", 3)

    lymphodepletion = walk.latest("lymphodepletion").pk
    url = reverse("doses", args=[walk.course.pk, "lymphodepletion", lymphodepletion])
    client.force_login(walk.by("haematologist"))
    page = client.get(url).text
    assert "25 mg/m² × 1.82 m² (Mosteller: 70 kg on 13-Oct-2026, 170 cm on 30-Sep-2026)" in page
    assert "-34.1 % from what is counted: more than the 5 % allowed" in page
    assert "0.0 % from what is counted, 5 % allowed" in page
    assert "creatinine clearance 45" in page
    api = f"/api/v1/courses/{walk.course.pk}/lymphodepletion/{lymphodepletion}/doses/"
    rows = client.get(api).json()["results"]
    assert (rows[0]["surface_m2"], rows[0]["given_off_percent"]) == ("1.82", "-34.1")
    assert rows[0]["deviation"] == "creatinine clearance 45"
    client.force_login(walk.by("data_manager"))
    assert client.get(api).json()["results"][0]["deviation"] == ""
    assert "creatinine" not in client.get(url).text
    with translation.override("it"):
        client.force_login(walk.by("haematologist"))
        italian = client.get(url, headers={"accept-language": "it"}).text
    assert "-34,1 % rispetto al calcolo: oltre il 5 % ammesso" in italian


def test_an_amount_that_cannot_be_compared_wants_a_reason(walk: Walk, client: Client) -> None:
    walk.until(-6).plan("infusion", DAY_ZERO)
    walk.open("lymphodepletion", regimen="Flu/Cy")
    walk.pass_gate("lymphodepletion").until(-4)
    [first, *_] = walk.doses("lymphodepletion")
    height = latest(walk, "HEIGHT")
    mark_fact(
        course_id=walk.course.pk, kind="lab", fact_id=height.pk, reason="of somebody else",
        actor=walk.by("haematologist"), now=walk.tick(),
    )  # fmt: skip
    with pytest.raises(Refused) as refused:
        change_order(
            dose_id=first.pk, reason="", amount=Decimal(455), planned_on=None,
            actor=walk.by("haematologist"), now=walk.tick(),
        )  # fmt: skip
    [one] = refused.value.refusals
    assert (one.code, one.kind) == ("surface_unknown", "soft")
    assert "No height is recorded." in str(one)
    missing = {"amount_unknown": "The chart is at another hospital"}
    walk.give("lymphodepletion", 1, amount=None, overrides=missing)
    with pytest.raises(Refused) as refused:
        walk.until(-3).give("lymphodepletion", 2, amount=Decimal(455), deviation="late")
    assert codes(refused.value) == {"surface_unknown"}
    unknown = {"surface_unknown": "as the pharmacy made it"}
    two = walk.give("lymphodepletion", 2, amount=Decimal(455), overrides=unknown)
    assert (two.deviation, two.amount_counted) == ("as the pharmacy made it", None)
    lymphodepletion = walk.latest("lymphodepletion").pk
    client.force_login(walk.by("ward_nurse"))
    url = reverse("doses", args=[walk.course.pk, "lymphodepletion", lymphodepletion])
    page = client.get(url).text
    assert page.count("25 mg/m²; not compared: ") == 3
    assert page.count("Not compared.") == 2


def test_a_dose_ordered_by_hand_is_counted_as_the_regimen_says(walk: Walk) -> None:
    walk.until(-6).plan("infusion", DAY_ZERO)
    walk.open("lymphodepletion", regimen="Flu/Cy")
    order = DoseOrder("Fludarabina e.v.", planned_on=walk.now.date(), amount=Decimal(455))
    with pytest.raises(Refused) as refused:
        walk.order("lymphodepletion", order, replace(order, unit="g"))
    assert codes(refused.value) == {"amount_off_surface", "unit_not_mg"}
    why = {"amount_off_surface": "agreed"}
    [dose] = walk.order("lymphodepletion", order, overrides=why)
    assert (dose.per_m2, dose.amount_reason) == (Decimal(25), "agreed")
    assert dose.amount_counted == Decimal("45.5")
    [dose] = walk.order("lymphodepletion", DoseOrder("mesna", amount=Decimal(400)))
    assert dose.per_m2 is None


def test_a_corrected_weight_asks_again_and_is_told_of_what_was_given(walk: Walk) -> None:
    walk.until(-6).plan("infusion", DAY_ZERO)
    walk.open("lymphodepletion", regimen="Flu/Cy")
    walk.pass_gate("lymphodepletion").until(-4)
    walk.give("lymphodepletion", 1)
    second = walk.doses("lymphodepletion")[1]
    change_order(
        dose_id=second.pk, reason="", amount=Decimal(30), planned_on=None, now=walk.tick(),
        overrides={"amount_off_surface": "renal"}, actor=walk.by("haematologist"),
    )  # fmt: skip
    weight = latest(walk, "WEIGHT")

    def corrected(value: str) -> None:
        correct_entry(
            course_id=walk.course.pk, kind="lab", entry_id=weight.pk,
            values={"on": weight.on, "analyte": "WEIGHT", "value": value, "unit": "kg",
                    "confirmed": True},
            reason="read wrongly", actor=walk.by("haematologist"), now=walk.tick(),
        )  # fmt: skip

    told = Notice.objects.standing().filter(code="dose_off_now")
    corrected("71")
    assert not told.exists()
    corrected("50")
    assert told.get().params["what"] == "Weight"
    assert told.get().params["drug"]["it"] == "Fludarabina"
    with pytest.raises(Refused) as refused:
        walk.until(-3).give("lymphodepletion", 2)
    assert "amount_off_surface" in codes(refused.value)


def test_a_dose_given_after_all_is_asked_as_any_further_one(walk: Walk) -> None:
    walk.until(-6).plan("infusion", DAY_ZERO)
    walk.open("lymphodepletion", regimen="Flu/Cy")
    walk.pass_gate("lymphodepletion").until(-4)
    walk.give("lymphodepletion", 1)
    walk.move("product", "quarantined", "cell_lab", reason="temperature log missing")
    second = walk.until(-3).doses("lymphodepletion")[1]
    held = withhold_dose(
        dose_id=second.pk, reason="stop", actor=walk.by("ward_nurse"), now=walk.tick()
    )
    given = DoseGiven(walk.now, Decimal("45.5"))
    who: dict[str, Any] = {"reason": "it ran already", "actor": walk.by("haematologist")}
    with pytest.raises(Refused) as refused:
        correct_dose(dose_id=held.pk, given=given, now=walk.tick(), **who)
    assert codes(refused.value) == {"dose_while_held", "dose_without_product"}
    why = {"dose_while_held": "unknown", "dose_without_product": "on the ward"}
    right = correct_dose(
        dose_id=held.pk, given=replace(given, overrides=why), now=walk.tick(), **who
    )
    assert right.deviation == "unknown; on the ward"


def test_a_weight_that_is_entered_late_or_brought_back_is_told(walk: Walk) -> None:
    walk.until(-6).plan("infusion", DAY_ZERO)
    walk.open("lymphodepletion", regimen="Flu/Cy")
    walk.pass_gate("lymphodepletion").until(-4)
    walk.give("lymphodepletion", 1)
    told = Notice.objects.standing().filter(code="dose_off_now")
    later = str(walk.now.date() + timedelta(days=1))
    walk.note("lab", on=str(walk.now.date()), analyte="WEIGHT", value="69", unit="kg")
    assert not told.exists(), "within what the protocol tolerates"
    walk.note(
        "lab", on=str(walk.now.date()), analyte="WEIGHT", value="50", unit="kg", confirmed=True
    )
    assert told.get().params["what"] == "Weight"
    late = latest(walk, "WEIGHT")
    mark = mark_fact(
        course_id=walk.course.pk, kind="lab", fact_id=late.pk, reason="another patient",
        actor=walk.by("haematologist"), now=walk.tick(),
    )  # fmt: skip
    assert not told.exists()
    bring_back(
        correction_id=mark.pk, reason="it was hers", actor=walk.by("quality"), now=walk.tick()
    )
    assert told.get().causes == [f"lab:{late.pk}"]
    walk.until(-3).note("lab", on=later, analyte="WEIGHT", value="40", unit="kg", confirmed=True)
    assert told.get().count == 1, "counted for no dose that was given"
