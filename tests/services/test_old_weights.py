"""A dose for each kg is not compared with a weight of any age."""

import pytest
from django.test import Client
from django.urls import reverse

from terms.refusals import Refused
from tests.services.refused import codes
from tests.walking import DAY_ZERO, Walk


@pytest.mark.walked("to_bridging", "make")
def test_a_weight_that_grew_old_is_asked_about_until_somebody_weighs(
    walk: Walk, client: Client
) -> None:
    walk.weigh_again = lambda now: None  # type: ignore[method-assign]
    walk.until(-7).pass_gate("lymphodepletion")
    with pytest.raises(Refused) as refused:
        walk.go("lymphodepletion")
    assert [(one.code, one.kind) for one in refused.value.refusals] == [("weight_old", "soft")]
    assert str(refused.value) == (
        "70.0 kg is the weight of 2026-09-27, more than 14 days ago: weigh again."
    )
    reason = {"weight_old": "Weighed at home: the same"}
    walk.go("lymphodepletion", overrides=reason)
    walk.until(-6).plan("infusion", DAY_ZERO)
    walk.open("lymphodepletion", regimen="Flu/Cy")
    walk.until(-4).pass_gate("lymphodepletion")
    with pytest.raises(Refused) as refused:
        walk.give("lymphodepletion", 1)
    assert codes(refused.value) == {"surface_unknown"}  # the gate is answered, the amount is not
    reason = {"surface_unknown": "The same clothes fit"}
    for number, day in ((1, -4), (2, -3), (3, -2), (4, -2)):
        walk.until(day).give("lymphodepletion", number, overrides=reason)
    walk.move("lymphodepletion", "complete", "ward_nurse")
    walk.until(0).pass_gate("infusion")
    url = reverse("gate", args=[walk.course.pk, "infusion"])
    client.force_login(walk.by("haematologist"))
    for language, words in (
        ("en", "weight 70.0 kg of 27-Sep-2026,"),
        ("it", "peso 70,0 kg del 27-set-2026,"),
    ):
        text = client.get(url, headers={"accept-language": language}).text
        assert words in text, [x for x in text.splitlines() if " kg" in x]
    with pytest.raises(Refused) as refused:
        walk.move("product", "thawing", "cell_lab")
    assert codes(refused.value) == {"weight_old"}
    on = str(walk.now.astimezone(walk.course.centre.zone).date())
    walk.note("lab", on=on, analyte="WEIGHT", value="71", unit="kg")
    assert not walk.move("product", "thawing", "cell_lab").overrides
