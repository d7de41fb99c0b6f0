"""What speaks against a product: its shipment's papers, its expiry, a dose nobody has seen."""

from datetime import timedelta
from typing import Any

import pytest

from desk.rail import rail_view
from desk.shapes import RailState
from pathway.custody import number_entry
from pathway.loading import load_state
from pathway.models import CustodyEntry, Product
from patients.models import Hold
from reminders.models import Notice
from terms.refusals import Refused
from tests.services.refused import codes
from tests.walking import DAY_ZERO, Walk

pytestmark = pytest.mark.walked("to_bridging")


def state_of(walk: Walk) -> str:
    """The state of the product."""
    return Product.objects.get(course=walk.course).state


def deviate(walk: Walk) -> None:
    """Number what was noted last."""
    number_entry(
        course_id=walk.course.pk, entry_id=CustodyEntry.objects.exclude(cause="").filter(
            cause__startswith="shipment:").latest("pk").pk,
        number="DEV-9", actor=walk.by("quality"), now=walk.tick(),
    )  # fmt: skip


def test_a_paper_that_says_no_stops_the_product_until_a_deviation_is_numbered(walk: Walk) -> None:
    walk.paper("product", "shipment", leg="material", in_range="true", accepted="true")
    walk.paper("product", "shipment", leg="material")
    assert state_of(walk) == "material_shipped"
    assert not CustodyEntry.objects.filter(cause__startswith="shipment:").exists()
    walk.paper("product", "shipment", leg="material", accepted="false")
    assert state_of(walk) == "material_excursion"
    notice = Notice.objects.standing().get(code="custody_fault")
    assert notice.params["what"] == "Not accepted on arrival"
    entry = CustodyEntry.objects.get(cause__startswith="shipment:")
    assert (entry.act, entry.temperature) == ("not_accepted", "")
    on = {"reason": "the maker takes it"}
    with pytest.raises(Refused) as refused:
        walk.move("product", "at_manufacturer", "cell_lab", **on)
    assert codes(refused.value) == {"custody_fault"}
    # A later paper that says otherwise does not take the doubt away.
    walk.paper("product", "shipment", leg="material", accepted="true")
    with pytest.raises(Refused) as refused:
        walk.move("product", "at_manufacturer", "cell_lab", **on)
    deviate(walk)
    walk.move("product", "at_manufacturer", "cell_lab", **on)


@pytest.mark.walked("to_bridging", "make")
def test_a_warm_shipment_puts_the_stored_product_into_quarantine(walk: Walk) -> None:
    walk.paper("product", "shipment", leg="product", in_range="false")
    assert state_of(walk) == "quarantined"
    entry = CustodyEntry.objects.filter(cause__startswith="shipment:").get()
    assert (entry.act, entry.temperature) == ("excursion", "out_of_range")
    assert entry.faults == ("Out of its range",)
    decided: dict[str, Any] = {"reason": "looked at", "details": {"deviation_number": "DEV-9"}}
    with pytest.raises(Refused) as refused:
        walk.move("product", "stored", "quality", **decided)
    assert "custody_fault" in codes(refused.value)
    deviate(walk)
    assert walk.move("product", "stored", "quality", **decided).target == "stored"


@pytest.mark.walked("to_bridging", "make")
def test_nobody_is_prepared_for_a_product_that_expires_before_day_zero(walk: Walk) -> None:
    walk.until(-7).pass_gate("lymphodepletion")
    Product.objects.update(expires_on=DAY_ZERO - timedelta(days=1))
    walk.plan("infusion", DAY_ZERO)
    with pytest.raises(Refused) as refused:
        walk.go("lymphodepletion")
    assert [(one.code, one.kind) for one in refused.value.refusals] == [
        ("product_expires_first", "hard")
    ]
    Product.objects.update(expires_on=DAY_ZERO)
    walk.go("lymphodepletion")
    walk.open("lymphodepletion", regimen="Flu/Cy")
    Product.objects.update(expires_on=DAY_ZERO - timedelta(days=1))
    with pytest.raises(Refused) as refused:
        walk.until(-4).give("lymphodepletion", 1)
    assert "product_expires_first" in codes(refused.value)


def test_chemotherapy_waits_for_the_certificate_or_a_reason(walk: Walk) -> None:
    walk.make()
    # A newer certificate counts, and this one says no dose.
    walk.paper("product", "certificate", issued_on=str(walk.now.date()), viability="91")
    walk.until(-7).pass_gate("lymphodepletion")
    with pytest.raises(Refused) as refused:
        walk.go("lymphodepletion")
    assert [(one.code, one.kind) for one in refused.value.refusals] == [("dose_unknown", "soft")]
    assert walk.go("lymphodepletion", overrides={"dose_unknown": "told by telephone"}).overrides


@pytest.mark.walked("to_bridging", "make")
def test_an_expired_product_carries_no_tick(walk: Walk) -> None:
    for expires, state, note in (
        (walk.now.date(), RailState.DONE, "Stored on site"),
        (walk.now.date() - timedelta(days=1), RailState.HELD, "Expired (stored on site)"),
    ):
        Product.objects.update(expires_on=expires)
        boxes = rail_view(load_state(walk.course), {}, walk.now.date()).boxes
        lane = next(box.lanes[0] for box in boxes if box.lanes)
        assert (lane.state, lane.note) == (state, note)


def test_an_exit_beside_a_standing_product_is_told_and_the_way_back_takes_it_back(
    walk: Walk,
) -> None:
    left = Notice.objects.standing().filter(code="product_left")
    walk.go("withdrawn", reason="The patient wants no more")
    notice = left.get()
    assert notice.roles == ["cell_lab", "pharmacist", "quality"]
    assert notice.params["state"] == "Material shipped"
    walk.go("bridging", "coordinator", reason="A slip")
    assert not left.exists()
    lost = {"reason": "low", "details": {"failure_reason": "low_viability"}}
    walk.move("product", "at_manufacturer", "coordinator")
    walk.move("product", "rejected", "coordinator", **lost)
    walk.go("declined", reason="No product")
    assert not left.exists()


@pytest.mark.walked("to_infusion")
def test_nothing_is_told_of_a_product_that_was_given(walk: Walk) -> None:
    with pytest.raises(Refused) as refused:
        walk.move("product", "infused", overrides={"another": "x"})
    assert codes(refused.value) == {"administration_missing"}
    walk.move("product", "infused")
    walk.go("withdrawn", reason="The patient wants no more")
    assert not Notice.objects.filter(code="product_left").exists()


def test_the_dose_is_compared_with_the_weight_of_the_chart(walk: Walk) -> None:
    def weigh(kg: str, on: str) -> None:
        walk.note("lab", on=on, analyte="WEIGHT", value=kg, unit="kg", confirmed=True)

    walk.make()
    weigh("49.5", str((walk.now - timedelta(days=1)).date()))
    walk.until(-7).pass_gate("lymphodepletion")
    with pytest.raises(Refused) as refused:
        walk.go("lymphodepletion")
    [refusal] = refused.value.refusals
    assert (refusal.code, refusal.kind) == ("dose_off_weight", "soft")
    assert "49.5 kg" in str(refusal)
    weigh("70", str(walk.now.date()))
    assert walk.go("lymphodepletion").overrides == []


@pytest.mark.walked("to_bridging", "make")
def test_a_second_bag_is_infused_after_the_first_was_lost(walk: Walk) -> None:
    walk.until(-7).pass_gate("lymphodepletion").go("lymphodepletion")
    walk.deplete()
    with pytest.raises(Refused) as refused:
        walk.open("product", "coordinator", order_number="ORD-2")
    assert {"no_lost_product", "already_open"} <= codes(refused.value)
    walk.thaw()
    broken = {"reason": "The bag broke", "details": {"failure_reason": "bag_damaged"}}
    walk.move("product", "wasted", "cell_lab", **broken)
    walk.open("product", "coordinator", order_number="ORD-2")
    walk.move("product", "material_shipped", "cell_lab")
    for target in ("at_manufacturer", "manufacturing", "qc"):
        walk.move("product", target, "coordinator")
    walk.release_product()
    walk.move("product", "shipped_to_site", "coordinator")
    walk.receive()
    walk.move("product", "stored", "cell_lab")
    walk.release(Hold.objects.get(course=walk.course, ended_on=None))
    walk.thaw().check("bedside", "ward_nurse", "haematologist")
    assert walk.go("infusion").target == "infusion"


@pytest.mark.walked("to_lymphodepletion")
def test_a_quarantine_after_an_excursion_is_held_for_the_excursion_once(walk: Walk) -> None:
    Product.objects.filter(course=walk.course).update(state="product_excursion")
    walk.hold("infusion", "SHIPMENT_EXCURSION")
    walk.move("product", "quarantined", "cell_lab", reason="logger alarm")
    assert Hold.objects.get().reason_code == "SHIPMENT_EXCURSION"
