"""What is given of a dose per square metre, compared with the patient's surface."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from pathway.dosing import DoseGiven, change_order, correct_dose
from terms.refusals import Refused
from tests.services.refused import codes, fields
from tests.walking import DAY_ZERO, Walk

pytestmark = pytest.mark.walked("to_lymphodepletion")


def measured(walk: Walk, **values: str) -> None:
    on = str(walk.now.astimezone(walk.course.centre.zone).date())
    for analyte, value in values.items():
        unit = "kg" if analyte == "WEIGHT" else "cm"
        walk.note("lab", on=on, analyte=analyte, value=value, unit=unit)


def test_amounts_off_the_surface_want_a_reason_and_the_page_shows_the_sum(
    walk: Walk, client: Client
) -> None:
    walk.until(-6).plan("infusion", DAY_ZERO)
    walk.open("lymphodepletion", regimen="Flu/Cy")
    walk.pass_gate("lymphodepletion").until(-4)
    first, second, *_ = walk.doses("lymphodepletion")
    who: dict[str, Any] = {"actor": walk.by("haematologist"), "planned_on": None}
    # Nobody knows the height: nothing is compared.
    change_order(dose_id=first.pk, reason="", amount=Decimal(30), now=walk.tick(), **who)
    measured(walk, WEIGHT="70", HEIGHT="170")
    for given, code in (
        ({"amount": None}, "amount_unknown"),
        ({"amount": Decimal(30)}, "amount_off_surface"),
    ):
        with pytest.raises(Refused) as refused:
            walk.give("lymphodepletion", 1, **given)
        assert fields(refused.value) == {("deviation", code)}
    assert walk.doses("lymphodepletion")[0].is_open
    walk.give("lymphodepletion", 1, amount=Decimal(30), deviation="creatinine clearance 45")
    with pytest.raises(Refused) as refused:
        change_order(dose_id=second.pk, reason="", amount=Decimal(30), now=walk.tick(), **who)
    assert fields(refused.value) == {("reason", "amount_off_surface")}
    reduced = change_order(
        dose_id=second.pk, reason="renal", amount=Decimal(30), now=walk.tick(), **who
    )
    assert reduced.amount_reason == "renal"
    again = change_order(
        dose_id=reduced.pk, reason="fever", amount=None, now=walk.tick(), actor=who["actor"],
        planned_on=DAY_ZERO - timedelta(days=2), delay_code="PERSONAL",
    )  # fmt: skip
    assert again.amount_reason == "renal"  # another day is no other amount
    second_given = walk.until(-2).give("lymphodepletion", 2)  # as ordered: not asked again
    assert second_given.given_amount == Decimal(30)
    with pytest.raises(Refused) as refused:
        correct_dose(
            dose_id=second_given.pk, given=DoseGiven(walk.now, Decimal(300)), reason="slip",
            actor=who["actor"], now=walk.tick(),
        )  # fmt: skip
    assert codes(refused.value) == {"amount_off_surface", "deviation_missing"}
    third = walk.doses("lymphodepletion")[2]
    right = change_order(
        dose_id=third.pk, reason="", amount=Decimal("45.5"), now=walk.tick(), **who
    )
    assert right.amount_reason == ""
    walk.give("lymphodepletion", 3)

    lymphodepletion = walk.latest("lymphodepletion").pk
    url = reverse("doses", args=[walk.course.pk, "lymphodepletion", lymphodepletion])
    client.force_login(walk.by("haematologist"))
    page = client.get(url).text
    assert "25 mg/m² × 1.82 m² (Mosteller: 70 kg on 16-Oct-2026, 170 cm on 16-Oct-2026)" in page
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


def test_what_is_not_known_is_not_compared(walk: Walk, client: Client) -> None:
    walk.until(-6).plan("infusion", DAY_ZERO)
    walk.open("lymphodepletion", regimen="Flu/Cy")
    walk.pass_gate("lymphodepletion").until(-4)
    walk.give("lymphodepletion", 1, amount=None, deviation="The chart is at another hospital")
    walk.until(-3).give("lymphodepletion", 2, amount=Decimal(455))
    lymphodepletion = walk.latest("lymphodepletion").pk
    client.force_login(walk.by("ward_nurse"))
    url = reverse("doses", args=[walk.course.pk, "lymphodepletion", lymphodepletion])
    page = client.get(url).text
    assert page.count("25 mg/m²; not compared: ") == 3
    assert page.count("Not compared.") == 2
