"""The product on paper: certificate, out of specification, quarantine, loss and its correction."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from audit.models import AuditEvent
from pathway.loading import load_state
from pathway.models import Certificate, OosRecord, OosSignature, Product
from pathway.papers import sign_oos
from patients.models import Anchor, Hold
from reminders.models import Notice
from terms.refusals import NotAllowed, Refused
from tests.conftest import Refer, UserWith
from tests.services.refused import codes, fields
from tests.walking import Walk

FOUR_PARTS = {
    "physician_request_on": "2026-10-01",
    "risk_evaluation_on": "2026-10-01",
    "physician_accepted_on": "2026-10-02",
    "authority_notice_on": "2026-10-02",
    "patient_informed_on": "2026-10-02",
}
WHY = {"reason": "Low viability", "details": {"failure_reason": "low_viability"}}


def in_quality_control(walk: Walk) -> Walk:
    for target in ("at_manufacturer", "manufacturing", "qc"):
        walk.move("product", target, "coordinator")
    return walk


def out_of_specification(walk: Walk) -> Walk:
    in_quality_control(walk).move("product", "oos", "coordinator", reason="Viability 68 %")
    return walk.until(-12)


def sign(walk: Walk, capacity: str, record: OosRecord, by: Any = None) -> OosSignature:
    return sign_oos(
        course_id=walk.course.pk,
        pk=walk.latest("product").pk,
        record_id=record.pk,
        capacity=capacity,
        actor=by or walk.by(capacity),
        now=walk.tick(),
    )


@pytest.mark.walked("to_bridging")
def test_out_of_specification_is_accepted_on_four_parts_and_two_signatures(walk: Walk) -> None:
    out_of_specification(walk)
    with pytest.raises(Refused) as refused:
        walk.move("product", "oos_accepted", reason="No alternative")
    assert codes(refused.value) == {"oos_record_incomplete", "oos_not_signed"}
    record: Any = walk.paper("product", "oos", **FOUR_PARTS)
    with pytest.raises(Refused) as refused:
        walk.move("product", "oos_accepted", reason="No alternative")
    assert codes(refused.value) == {"oos_not_signed"}
    sign(walk, "haematologist", record)
    sign(walk, "quality", record)
    walk.move("product", "oos_accepted", reason="No alternative")
    assert load_state(walk.course).of("product")[-1].state == "oos_accepted"
    assert AuditEvent.objects.filter(action="oos.sign").count() == 2


@pytest.mark.walked("to_bridging")
def test_a_newer_record_needs_both_signatures_anew(walk: Walk) -> None:
    out_of_specification(walk)
    record: Any = walk.paper("product", "oos", **FOUR_PARTS)
    sign(walk, "haematologist", record)
    sign(walk, "quality", record)
    newer: Any = walk.paper("product", "oos", **FOUR_PARTS, risk_reference="RE-2")
    with pytest.raises(Refused) as refused:
        walk.move("product", "oos_accepted", reason="No alternative")
    assert codes(refused.value) == {"oos_not_signed"}
    with pytest.raises(Refused) as refused:
        sign(walk, "quality", record)
    assert codes(refused.value) == {"newer_record"}
    assert newer.pk != record.pk


@pytest.mark.walked("to_bridging")
def test_one_person_never_gives_both_signatures(walk: Walk, user_with: UserWith) -> None:
    both = user_with("haematologist", "quality")
    out_of_specification(walk)
    record: Any = walk.paper("product", "oos", **FOUR_PARTS)
    sign(walk, "haematologist", record, by=both)
    with pytest.raises(Refused) as refused:
        sign(walk, "quality", record, by=both)
    assert codes(refused.value) == {"same_person"}
    with pytest.raises(Refused) as refused:
        sign(walk, "haematologist", record)
    assert codes(refused.value) == {"signed_already"}
    with pytest.raises(IntegrityError), transaction.atomic():
        OosSignature.objects.create(
            record=record, capacity="quality", signer=both, signed_at=walk.now
        )


@pytest.mark.walked("to_bridging")
def test_signing_is_refused_with_every_reason(walk: Walk, refer_patient: Refer) -> None:
    in_quality_control(walk)
    product = walk.latest("product")

    def attempt(capacity: str, role: str) -> Refused:
        with pytest.raises(Refused) as refused:
            sign_oos(
                course_id=walk.course.pk, pk=product.pk, record_id=1, capacity=capacity,
                actor=walk.by(role), now=walk.tick(),
            )  # fmt: skip
        return refused.value

    denied = attempt("quality", "haematologist")
    assert isinstance(denied, NotAllowed)
    assert codes(denied) == {"role", "not_oos", "no_record"}
    assert codes(attempt("priest", "haematologist")) == {"unknown_capacity", "not_oos", "no_record"}
    walk.move("product", "oos", "coordinator", reason="Viability")
    part: Any = walk.paper("product", "oos", risk_evaluation_on="2026-09-20")
    with pytest.raises(Refused) as refused:
        sign(walk, "quality", part)
    assert codes(refused.value) == {"oos_record_incomplete"}
    other = refer_patient(walk.by("coordinator"))
    with pytest.raises(Product.DoesNotExist):
        sign_oos(
            course_id=other.pk, pk=product.pk, record_id=part.pk, capacity="quality",
            actor=walk.by("quality"), now=walk.now,
        )  # fmt: skip


@pytest.mark.walked("to_bridging")
@pytest.mark.parametrize(
    ("kind", "values", "wrong"),
    [
        (
            "certificate",
            {"viability": "101"},
            {("issued_on", "required"), ("viability", "impossible")},
        ),
        ("certificate", {"issued_on": "2027-01-01"}, {("issued_on", "future_date")}),
        ("shipment", {"leg": "moon"}, {("leg", "invalid_choice")}),
        ("order", {}, {("", "empty")}),
        ("clearance", {"access": "PICC"}, {("", "unknown_kind")}),
        (
            "administration",
            {"thaw_started_at": "2026-09-21 10:00", "thaw_ended_at": "2026-09-21 09:00"},
            {("thaw_ended_at", "before_previous")},
        ),
        (
            "incident",
            {"happened_on": "yesterday"},
            {("happened_on", "*"), ("category", "*"), ("description", "*")},
        ),
        (
            "incident",
            {"happened_on": "2026-09-01", "description": "a broken bag"},
            {("category", "required")},
        ),
        (
            "incident",
            {"happened_on": "2026-09-01", "description": "a broken bag", "category": "weather"},
            {("category", "invalid_choice")},
        ),
    ],
)
def test_a_paper_is_refused_by_name(
    walk: Walk, kind: str, values: dict[str, str], wrong: set[tuple[str, str]]
) -> None:
    with pytest.raises(Refused) as refused:
        walk.paper("product", kind, **values)
    found = fields(refused.value)
    assert {name for name, _ in found} == {name for name, _ in wrong}
    assert "*" in {code for _, code in wrong} or found == wrong
    assert not Certificate.objects.exists()


@pytest.mark.walked("to_bridging")
def test_papers_are_kept_by_who_may_and_never_changed(walk: Walk, user_with: UserWith) -> None:
    with pytest.raises(NotAllowed):
        walk.paper("product", "order", "data_manager", coi_id="COI-7")
    walk.paper("product", "order", coi_id="COI-7", site_on="2026-10-12")
    assert str(load_state(walk.course).of("product")[-1].expected_on) == "2026-10-12"
    walk.paper("product", "order", coi_id="COI-7", remark="no news of the date")
    assert str(load_state(walk.course).of("product")[-1].expected_on) == "2026-10-12"
    walk.certify()
    with pytest.raises(DatabaseError, match="Cannot"), transaction.atomic():
        Certificate.objects.update(viability=99)


@pytest.mark.walked("to_lymphodepletion")
def test_a_dose_off_target_is_thawed_with_a_haematologists_reason_only(walk: Walk) -> None:
    walk.deplete()
    walk.certify("0.5", "35")
    with pytest.raises(Refused) as refused:
        walk.thaw()
    assert codes(refused.value) == {"dose_off_target", "dose_off_weight"}
    because = dict.fromkeys(codes(refused.value), "Discussed with the manufacturer")
    walk.move("product", "thawing", "haematologist", overrides=because)


@pytest.mark.walked("to_infusion")
def test_an_infusion_long_after_the_thaw_asks_why(walk: Walk) -> None:
    on = walk.now.strftime("%Y-%m-%d")
    walk.until(1).paper(
        "product", "administration", "ward_nurse", bag_number="1", volume_ml="68",
        thaw_ended_at=f"{on} 09:00", infusion_started_at=f"{on} 09:31",
        infusion_ended_at=f"{on} 09:50",
    )  # fmt: skip
    with pytest.raises(Refused) as refused:
        walk.move("product", "infused")
    assert codes(refused.value) == {"thaw_too_long"}
    walk.move("product", "infused", overrides={"thaw_too_long": "Line blocked"})


@pytest.mark.walked("to_bridging")
def test_an_expired_product_is_neither_stored_nor_prepared_for(walk: Walk) -> None:
    in_quality_control(walk).certify()
    soon = {"lot": "LOT-9", "expires_on": (walk.now + timedelta(days=1)).date()}
    walk.move("product", "released", "coordinator", details=soon)
    walk.move("product", "shipped_to_site", "coordinator")
    walk.receive()
    walk.now += timedelta(days=2)
    with pytest.raises(Refused) as refused:
        walk.move("product", "stored", "cell_lab")
    assert codes(refused.value) == {"product_expired"}
    with pytest.raises(Refused) as refused:
        walk.go("lymphodepletion")
    assert "product_expired" in codes(refused.value)


@pytest.mark.walked("to_lymphodepletion")
def test_quality_releases_from_quarantine_under_a_deviation_number(walk: Walk) -> None:
    walk.move("product", "quarantined", "cell_lab", reason="Logger shows a gap")
    told = Notice.objects.get(course=walk.course, code="product_interlock")
    assert told.count == 1
    with pytest.raises(Refused) as refused:
        walk.move("product", "stored", "quality", reason="Gap explained")
    assert fields(refused.value) == {("deviation_number", "deviation_needed")}
    number = {"deviation_number": "DEV-12", "storage_position": "T2/4"}
    walk.move("product", "stored", "quality", reason="Gap explained", details=number)
    product = Product.objects.get(pk=walk.latest("product").pk)
    assert (product.deviation_number, product.storage_position) == ("DEV-12", "T2/4")
    walk.move("product", "quarantined", "cell_lab", reason="Logger shows another gap")
    with pytest.raises(Refused) as refused:  # under a number of its own
        walk.move("product", "stored", "quality", reason="Gap explained")
    assert fields(refused.value) == {("deviation_number", "deviation_needed")}


@pytest.mark.walked("to_bridging", "make")
def test_a_stored_product_lost_while_bridging_holds_the_infusion(walk: Walk) -> None:
    walk.move("product", "quarantined", "cell_lab", reason="Tank alarm")
    assert Hold.objects.get(course=walk.course).step == "infusion"
    with pytest.raises(Refused) as refused:
        walk.go("lymphodepletion")
    assert "on_hold" in codes(refused.value)


@pytest.mark.walked("to_bridging")
def test_a_failed_manufacture_is_told_and_made_again_from_a_second_collection(walk: Walk) -> None:
    in_quality_control(walk)
    with pytest.raises(Refused) as refused:
        walk.move("product", "failed", "coordinator", reason="No growth")
    assert fields(refused.value) == {("failure_reason", "failure_reason_needed")}
    walk.move("product", "failed", "coordinator", **WHY)
    assert Notice.objects.filter(course=walk.course, code="product_lost").exists()
    assert not Hold.objects.exists()
    walk.go("apheresis", reason="Manufacture failed: collect again")
    walk.until(-20).collect()
    walk.open("product", "coordinator", order_number="ORD-2")
    walk.move("product", "material_shipped", "cell_lab")
    walk.go("bridging", "coordinator")
    assert [row.state for row in load_state(walk.course).of("product")] == [
        "failed",
        "material_shipped",
    ]
    assert Anchor.objects.filter(course=walk.course, kind="apheresis").count() == 2


@pytest.mark.walked("to_lymphodepletion", "deplete")
def test_a_failure_recorded_by_a_slip_is_taken_back_exactly(walk: Walk) -> None:
    walk.thaw()
    since = load_state(walk.course).of("product")[-1].state_since
    broken = {"reason": "Wrong patient", "details": {"failure_reason": "bag_damaged"}}
    walk.until(1).move("product", "wasted", "cell_lab", **broken)
    assert Hold.objects.filter(course=walk.course, ended_on=None).count() == 1
    with pytest.raises(Refused) as refused:
        walk.move("product", "thawing", "quality")
    assert codes(refused.value) == {"reason_missing"}
    walk.move("product", "thawing", "quality", reason="It was another patient's bag")
    row = load_state(walk.course).of("product")[-1]
    assert (row.state, row.state_since) == ("thawing", since)
    assert not Hold.objects.filter(course=walk.course, ended_on=None).exists()
    assert not Notice.objects.standing().filter(code="product_interlock").exists()
    assert Product.objects.get(pk=row.pk).failure_reason == ""


@pytest.mark.walked("to_bridging")
def test_a_slip_is_not_taken_back_once_something_relies_on_it(walk: Walk) -> None:
    in_quality_control(walk).move("product", "failed", "coordinator", **WHY)
    lost = walk.latest("product")
    walk.open("product", "coordinator", order_number="ORD-2")
    walk._opened["product"] = lost
    with pytest.raises(Refused) as refused:
        walk.move("product", "qc", "quality", reason="A slip")
    assert codes(refused.value) == {"later_steps", "other_product"}
    with pytest.raises(Refused) as refused:
        walk.move("product", "manufacturing", "quality", reason="A slip")
    assert "not_the_way_back" in codes(refused.value)


@pytest.mark.walked("to_apheresis")
def test_a_collection_below_the_minimum_needs_the_manufacturers_waiver(walk: Walk) -> None:
    attempt = walk.open("apheresis", "coordinator", planned_on=walk.now.date())
    walk.paper("apheresis", "clearance", "apheresis_nurse", access="PICC", label_checked="true")
    walk.pass_gate("collection")
    for target in ("cleared", "in_progress"):
        walk.move("apheresis", target, "apheresis_nurse")
    named = {"din": "A999926123456"}
    walk.move("apheresis", "completed", "apheresis_nurse", details=named)
    walk.paper("apheresis", "collection", "apheresis_nurse", device="Optia", acd_a_ml="900")
    low = {"details": {"cd3_yield": "0.5"}}
    with pytest.raises(Refused) as refused:
        walk.move("apheresis", "adequate", "cell_lab", **low)
    assert codes(refused.value) == {"yield_below_minimum"}
    waived = {"yield_below_minimum": "The manufacturer accepts 0.5"}
    walk.move("apheresis", "adequate", "haematologist", overrides=waived, **low)
    walk.move("apheresis", "completed", "cell_lab", reason="Counted the wrong bag")
    walk.move("apheresis", "inadequate", "cell_lab", reason="Low", details={"cd3_yield": "0.2"})
    anchors = Anchor.objects.filter(course=walk.course, kind="apheresis", actual_on__isnull=False)
    assert anchors.count() == 1
    assert attempt.pk
