"""As many reasons as one step can ask for are taken by the API, and no more."""

from datetime import timedelta
from decimal import Decimal

import pytest

from pathway.domain.asking import MOST_ASKED
from pathway.dosing import withhold_dose
from tests.api.conftest import ClientOf
from tests.walking import DAY_ZERO, SURFACE, Walk


@pytest.mark.walked("to_lymphodepletion")
def test_a_repeat_that_asks_everything_is_answered_at_once(walk: Walk, client_of: ClientOf) -> None:
    walk.until(-6).plan("infusion", DAY_ZERO)
    walk.admit()
    walk.deplete().hold("infusion")
    walk.until(20).open("lymphodepletion", regimen="Flu/Cy")
    first = walk.doses("lymphodepletion")[0]
    wrong = withhold_dose(
        dose_id=first.pk, reason="a hold", actor=walk.by("ward_nurse"), now=walk.tick()
    )
    api = client_of(walk.by("haematologist"))
    url = f"/api/v1/doses/{wrong.pk}/correct/"
    at = (walk.now - timedelta(minutes=1)).isoformat()
    body = {"given_at": at, "amount": str(Decimal(25) * SURFACE), "reason": "it was given"}
    body["deviation"] = "late"
    asked = {one["code"] for one in api.post(url, body, "json").json()["reasons"]}
    assert len(asked) > 20
    overrides = [{"code": code, "reason": f"why {code}"} for code in sorted(asked)]
    filled = [*overrides, *({"code": f"x{n}", "reason": "x"} for n in range(MOST_ASKED))]
    many = api.post(url, {**body, "overrides": filled}, "json")
    assert many.status_code == 400
    given = api.post(url, {**body, "overrides": overrides}, "json")
    assert (given.status_code, given.json()["state"]) == (201, "given")
