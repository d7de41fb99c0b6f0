"""Nothing is released, received or shipped without its papers and its number, unless answered."""

import pytest

from pathway.models import Change, Product
from terms.refusals import Refused
from tests.services.refused import codes
from tests.walking import Walk

WHY = "The manufacturer sends it tomorrow"


@pytest.mark.walked("to_bridging")
def test_a_product_is_released_and_received_with_its_papers_or_a_reason(walk: Walk) -> None:
    for target in ("at_manufacturer", "manufacturing", "qc"):
        walk.move("product", target, "coordinator")
    waived = {"release_papers": WHY}
    for role, overrides in (("coordinator", {}), ("coordinator", waived), ("haematologist", {})):
        with pytest.raises(Refused) as refused:
            walk.move("product", "released", role, overrides=overrides)
        assert codes(refused.value) == {"release_papers"}
    assert Product.objects.get().state == "qc"
    expiry = {"expires_on": "2027-09-27"}
    said = walk.move("product", "released", overrides=waived, details=expiry).overrides
    assert [(one["code"], one["reason"]) for one in said] == [("release_papers", WHY)]
    assert "lot" in said[0]["said"]
    assert "date of expiry" not in said[0]["said"]
    walk.name_order()
    walk.move("product", "shipped_to_site", "coordinator", details={"lot": "LOT-7"})
    walk.check("receipt", "cell_lab", "pharmacist")
    with pytest.raises(Refused) as refused:
        walk.move("product", "received", "cell_lab")
    assert codes(refused.value) == {"release_papers"}
    walk.certify()
    walk.check("receipt", "cell_lab", "pharmacist")  # the dose is known only now
    assert not walk.move("product", "received", "cell_lab").overrides


@pytest.mark.walked("to_apheresis")
def test_a_collection_without_a_number_is_neither_counted_nor_shipped_unasked(walk: Walk) -> None:
    walk.open("apheresis", "coordinator", planned_on=walk.now.date())
    walk.pass_gate("collection")
    for target in ("cleared", "in_progress", "completed"):
        walk.move("apheresis", target, "apheresis_nurse")
    count, waived = {"cd3_yield": "2.1"}, {"din_unknown": "The label is being read again"}
    with pytest.raises(Refused) as refused:
        walk.move("apheresis", "adequate", "cell_lab", details=count)
    assert codes(refused.value) == {"din_unknown"}
    walk.move("apheresis", "adequate", details=count, overrides=waived)
    walk.open("product", "coordinator", order_number="ORD-1")
    for role, overrides in (("cell_lab", {}), ("cell_lab", waived), ("haematologist", {})):
        with pytest.raises(Refused) as refused:
            walk.move("product", "material_shipped", role, overrides=overrides)
        assert codes(refused.value) == {"din_unknown"}
    assert not Change.objects.filter(course=walk.course, target="material_shipped").exists()
    walk.move("product", "material_shipped", overrides=waived)
