"""Two-person checks through the services: nobody passes alone, late, or with a mismatch."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from accounts.models import Membership, User
from audit.models import AuditEvent
from pathway.deviations import record_deviation
from pathway.domain.identity_checks import CheckFacts
from pathway.identity_checks import open_check, sign_scan
from pathway.loading import load_state
from pathway.models import Change, IdentityCheck, IdentityDeviation, IdentityScan, Product
from patients.deaths import record_death
from patients.models import Course, Hold
from reminders.models import Notice
from terms.refusals import NotAllowed, Refused
from tests.conftest import Refer, UserWith
from tests.services.refused import codes
from tests.walking import Walk, labels_of

FINE: dict[str, Any] = {"reason": "fine", "details": {"deviation_number": "DEV-1"}}
GONE: dict[str, Any] = {"reason": "wrong bag", "details": {"failure_reason": "identity"}}
WRONG_BAG = "W000126000123" + "1"


pytestmark = pytest.mark.walked("to_lymphodepletion", "deplete", "thaw")


@pytest.fixture
def thawed(walk: Walk) -> Walk:
    """A course whose product is thawed and not yet checked."""
    return walk


@pytest.fixture
def shipped(refer_patient: Refer, coordinator: User, user_with: UserWith) -> Walk:
    """A course whose product is on its way back."""
    walk = Walk(refer_patient(coordinator), user_with).to_bridging()
    for day, target in enumerate(("at_manufacturer", "manufacturing", "qc"), start=-26):
        walk.until(day).move("product", target, "coordinator")
    walk.release_product()
    walk.move("product", "shipped_to_site", "coordinator")
    return walk


def product(walk: Walk) -> Product:
    """The product as the database has it."""
    return Product.objects.get(course=walk.course)


def test_two_people_pass_and_the_infusion_begins(thawed: Walk) -> None:
    with pytest.raises(Refused) as refused:
        thawed.go("infusion")
    assert codes(refused.value) == {"bedside_not_checked"}
    thawed.check("bedside", "ward_nurse", "haematologist")
    assert thawed.go("infusion").target == "infusion"
    assert thawed.move("product", "infused").target == "infused"
    assert AuditEvent.objects.filter(action="identity_check.scan").count() == 4


def test_the_check_grows_old(thawed: Walk) -> None:
    thawed.check("bedside", "haematologist", "ward_nurse")
    thawed.now += timedelta(minutes=61)
    with pytest.raises(Refused) as refused:
        thawed.go("infusion")
    assert codes(refused.value) == {"bedside_check_too_old", "thaw_too_long"}


@pytest.mark.parametrize(
    ("misread", "names"),
    [
        ({"din": WRONG_BAG}, ["din"]),
        ({"lot": "LOT-OTHER"}, ["lot"]),
        ({"hospital_id": "H99999"}, ["hospital_id"]),
        ({"coi_id": "COI-OTHER"}, ["coi_id"]),
        ({"labels_agree": False}, ["labels_agree"]),
        ({"cassette_lot": "LOT-OTHER"}, ["cassette_lot"]),
        ({"cassette_agrees": False}, ["cassette_agrees"]),
        ({"dose": "71"}, ["dose"]),
    ],
)
def test_a_mismatch_stops_quarantines_and_tells(
    thawed: Walk, misread: dict[str, Any], names: list[str]
) -> None:
    check = thawed.check("bedside", "ward_nurse", "haematologist", **misread)
    scan = IdentityScan.objects.get(check_of=check)
    assert scan.mismatches == names
    assert product(thawed).state == "quarantined"
    change = Change.objects.filter(machine="product").latest("sequence")
    assert (change.target, change.cause) == ("quarantined", f"identity:{check.pk}")
    assert Hold.objects.get(ended_on=None).reason_code == "PRODUCT_IDENTITY"
    assert Notice.objects.filter(code="identity_mismatch").count() == 1


def test_the_second_mismatch_voids_the_first_reading_too(thawed: Walk) -> None:
    check = thawed.open_check("bedside", "ward_nurse")
    assert not thawed.read(check, thawed.by("ward_nurse")).mismatches
    assert thawed.read(check, thawed.by("haematologist"), din=WRONG_BAG).mismatches
    with pytest.raises(Refused) as refused:
        thawed.go("infusion")
    assert {"identity_mismatch", "product_not_thawed"} <= codes(refused.value)


def test_a_mismatch_after_a_pass_undoes_the_pass(thawed: Walk) -> None:
    thawed.check("bedside", "ward_nurse", "haematologist")
    thawed.check("bedside", "ward_nurse", "haematologist", lot="other")
    with pytest.raises(Refused) as refused:
        thawed.go("infusion")
    assert "identity_mismatch" in codes(refused.value)


def test_what_was_thawed_never_goes_back_to_the_tank_and_nobody_overrides(thawed: Walk) -> None:
    check = thawed.check("bedside", "ward_nurse", "haematologist", din=WRONG_BAG)
    waived: dict[str, Any] = {
        "overrides": {"identity_mismatch": "I am sure", "was_thawed": "I am sure"}
    }
    with pytest.raises(Refused) as refused:
        thawed.move("product", "stored", "quality", **FINE, **waived)
    assert codes(refused.value) == {"was_thawed", "deviation_missing"}
    with pytest.raises(Refused) as refused:
        thawed.go("infusion", **waived)
    assert "identity_mismatch" in codes(refused.value)
    with pytest.raises(Refused) as refused:
        thawed.move("product", "discarded", "quality", **GONE)
    assert codes(refused.value) == {"deviation_missing"}
    deviate(thawed, check)
    assert thawed.move("product", "discarded", "quality", **GONE).target == "discarded"
    for kind in ("bedside", "receipt"):
        with pytest.raises(Refused) as refused:
            thawed.open_check(kind, "haematologist" if kind == "bedside" else "cell_lab")
        assert codes(refused.value) == {"not_to_be_checked"}


def deviate(walk: Walk, check: IdentityCheck, number: str = "DEV-7", role: str = "quality") -> None:
    """Write down a deviation's number."""
    record_deviation(
        course_id=walk.course.pk,
        check_id=check.pk,
        number=number,
        actor=walk.by(role),
        now=walk.now,
    )


def test_a_deviation_has_one_number_and_a_mismatch(thawed: Walk) -> None:
    check = thawed.open_check("bedside", "ward_nurse")
    with pytest.raises(NotAllowed) as forbidden:
        deviate(thawed, check, " ", "apheresis_nurse")
    assert codes(forbidden.value) == {"role", "value_missing", "no_mismatch"}
    thawed.read(check, thawed.by("ward_nurse"), lot="other")
    deviate(thawed, check)
    with pytest.raises(Refused) as refused:
        deviate(thawed, check)
    assert codes(refused.value) == {"deviation_known"}
    assert IdentityDeviation.objects.get().number == "DEV-7"


def test_the_same_person_never_reads_twice(
    refer_patient: Refer, coordinator: User, user_with: UserWith
) -> None:
    everyone = user_with("ward_nurse", "haematologist", "coordinator", "cell_lab", "pharmacist",
                         "apheresis_nurse")  # fmt: skip
    walk = Walk(refer_patient(coordinator), everyone).to_lymphodepletion().deplete()
    walk.thaw()
    check = walk.open_check("bedside", "ward_nurse")
    walk.read(check, everyone)
    with pytest.raises(Refused) as refused:
        walk.read(check, everyone)
    assert codes(refused.value) == {"same_person"}


def test_a_nurse_and_a_haematologist_and_nobody_else(thawed: Walk, user_with: UserWith) -> None:
    with pytest.raises(NotAllowed):
        thawed.open_check("bedside", "cell_lab")
    check = thawed.open_check("bedside", "ward_nurse")
    thawed.read(check, thawed.by("ward_nurse"))
    for role in ("ward_nurse", "cell_lab", "coordinator"):
        with pytest.raises(NotAllowed):
            thawed.read(check, user_with(role))
    assert IdentityScan.objects.filter(check_of=check).count() == 1


def test_a_role_that_was_removed_reads_nothing_even_in_a_running_request(thawed: Walk) -> None:
    check = thawed.open_check("bedside", "ward_nurse")
    nurse = thawed.by("ward_nurse")
    assert nurse.roles  # what the request read at its beginning
    Membership.objects.filter(user=nurse).update(ended_at=thawed.now)
    with pytest.raises(NotAllowed):
        thawed.read(check, nurse)


@pytest.mark.parametrize("gone", ["role", "login"])
def test_a_first_reader_who_left_meanwhile_does_not_count(thawed: Walk, gone: str) -> None:
    check = thawed.open_check("bedside", "ward_nurse")
    nurse = thawed.by("ward_nurse")
    thawed.read(check, nurse)
    if gone == "role":
        Membership.objects.filter(user=nurse).update(ended_at=thawed.now)
    else:
        User.objects.filter(pk=nurse.pk).update(is_active=False)
    with pytest.raises(Refused) as refused:
        thawed.read(check, thawed.by("haematologist"))
    assert codes(refused.value) == {"first_person_gone"}


@pytest.mark.parametrize(("minutes", "passes"), [(15, True), (16, False)])
def test_both_read_within_the_time_of_the_protocol(
    thawed: Walk, minutes: int, passes: bool
) -> None:
    check = thawed.open_check("bedside", "ward_nurse")
    thawed.read(check, thawed.by("ward_nurse"))
    thawed.now += timedelta(minutes=minutes - 1)
    if passes:
        thawed.read(check, thawed.by("haematologist"))
        assert thawed.go("infusion").target == "infusion"
        return
    with pytest.raises(Refused) as refused:
        thawed.read(check, thawed.by("haematologist"))
    assert codes(refused.value) == {"check_expired"}
    thawed.check("bedside", "ward_nurse", "haematologist")
    assert thawed.go("infusion").target == "infusion"


@pytest.mark.parametrize("minutes", [6, -1])
def test_a_signature_is_fresh(thawed: Walk, minutes: int) -> None:
    check = thawed.open_check("bedside", "ward_nurse")
    with pytest.raises(Refused) as refused:
        sign_scan(
            course_id=thawed.course.pk,
            check_id=check.pk,
            read=labels_of(check),
            signed_in_at=thawed.now - timedelta(minutes=minutes),
            actor=thawed.by("ward_nurse"),
            now=thawed.now,
        )
    assert codes(refused.value) == {"sign_in_again"}


def test_what_cannot_be_read_is_read_again_and_stops_nothing(thawed: Walk) -> None:
    check = thawed.open_check("bedside", "ward_nurse")
    with pytest.raises(Refused) as refused:
        thawed.read(check, thawed.by("ward_nurse"), din="A999926", lot="", labels_agree=None)
    assert codes(refused.value) == {"din_length", "not_scanned", "not_answered"}
    assert product(thawed).state == "thawing"
    assert not IdentityScan.objects.filter(check_of=check).exists()


def test_a_check_that_is_over_takes_no_reading(thawed: Walk, user_with: UserWith) -> None:
    check = thawed.check("bedside", "ward_nurse", "haematologist")
    with pytest.raises(Refused) as refused:
        thawed.read(check, user_with("ward_nurse"))
    assert "check_passed" in codes(refused.value)


def test_one_check_at_a_time(thawed: Walk) -> None:
    thawed.open_check("bedside", "ward_nurse")
    with pytest.raises(Refused) as refused:
        thawed.open_check("bedside", "haematologist")
    assert codes(refused.value) == {"check_running"}


def test_a_new_certificate_with_another_dose_ends_what_was_compared(thawed: Walk) -> None:
    check = thawed.check("bedside", "ward_nurse", "haematologist")
    found = facts_of_checks(thawed)
    assert found[-1].changed == ()
    total = str(Decimal(check.snapshot["dose_total"]) + 1)
    thawed.paper(
        "product", "certificate", "cell_lab", issued_on="2026-10-01", dose_per_kg="1.0",
        dose_total=total,
    )  # fmt: skip
    assert facts_of_checks(thawed)[-1].changed == ("dose_total",)
    with pytest.raises(Refused) as refused:
        thawed.go("infusion")
    assert "labels_changed" in codes(refused.value)


def facts_of_checks(walk: Walk) -> tuple[CheckFacts, ...]:
    """The checks of the course as guards see them."""
    return load_state(walk.course).checks


def test_what_is_recorded_may_not_change_under_a_check(thawed: Walk) -> None:
    check = thawed.open_check("bedside", "ward_nurse")
    Product.objects.filter(course=thawed.course).update(lot="LOT-CORRECTED")
    with pytest.raises(Refused) as refused:
        thawed.read(check, thawed.by("ward_nurse"))
    assert codes(refused.value) == {"snapshot_stale"}


def test_nobody_dead_is_checked_at_the_bedside(thawed: Walk) -> None:
    check = thawed.open_check("bedside", "ward_nurse")
    record_death(
        patient_id=thawed.course.patient_id,
        died_on=thawed.now.date(),
        cause="x",
        actor=thawed.by("haematologist"),
        now=thawed.now,
    )
    with pytest.raises(Refused) as refused:
        thawed.read(check, thawed.by("ward_nurse"))
    assert "patient_died" in codes(refused.value)


def test_nothing_is_received_unchecked(shipped: Walk) -> None:
    with pytest.raises(Refused) as refused:
        shipped.move("product", "received", "cell_lab")
    assert codes(refused.value) == {"receipt_not_checked"}
    shipped.receive()
    assert product(shipped).state == "received"


def test_no_way_through_quarantine_avoids_the_check_at_receipt(shipped: Walk) -> None:
    shipped.move("product", "product_excursion", "cell_lab", reason="logger")
    shipped.move("product", "quarantined", "cell_lab", reason="logger")
    with pytest.raises(Refused) as refused:
        shipped.move("product", "stored", "quality", **FINE)
    assert codes(refused.value) == {"receipt_not_checked"}
    shipped.check("receipt", "pharmacist", "cell_lab")
    assert shipped.move("product", "stored", "quality", **FINE).target == "stored"


def test_a_mismatch_at_receipt_is_solved_only_by_another_check(shipped: Walk) -> None:
    first = shipped.check("receipt", "cell_lab", "pharmacist", din=WRONG_BAG)
    assert product(shipped).state == "quarantined"
    second = shipped.check("receipt", "cell_lab", "pharmacist", lot="other")
    assert product(shipped).state == "quarantined"
    with pytest.raises(Refused) as refused:
        shipped.move("product", "stored", "quality", **FINE)
    assert codes(refused.value) == {"identity_mismatch", "deviation_missing"}
    shipped.check("receipt", "cell_lab", "pharmacist")
    for check in (first, second):
        deviate(shipped, check)
    assert shipped.move("product", "stored", "quality", **FINE).target == "stored"


@pytest.mark.walked("to_bridging")
def test_unknown_labels_begin_no_check(walk: Walk, coordinator: User) -> None:
    for day, target in enumerate(("at_manufacturer", "manufacturing", "qc"), -26):
        walk.until(day).move("product", target, "coordinator")
    told = {"release_papers": "The papers come with the bag"}
    walk.move("product", "released", overrides=told)
    with pytest.raises(Refused) as refused:
        walk.open_check("receipt", "cell_lab")
    assert codes(refused.value) == {"labels_unknown", "not_to_be_checked"}
    walk.paper("product", "order", coi_id="COI-1")
    labels = {"lot": "L", "expires_on": walk.now.date() - timedelta(days=1)}
    walk.move("product", "shipped_to_site", "coordinator", details=labels)
    with pytest.raises(Refused) as refused:
        walk.open_check("receipt", "cell_lab")
    assert codes(refused.value) == {"product_expired"}


def test_another_centre_sees_no_check(thawed: Walk, other_centre: Any, user_with: UserWith) -> None:
    check = thawed.open_check("bedside", "ward_nurse")
    stranger = user_with("ward_nurse", at=other_centre)
    with pytest.raises(Course.DoesNotExist):
        thawed.read(check, stranger)
    with pytest.raises(Course.DoesNotExist):
        open_check(
            course_id=thawed.course.pk,
            product_id=check.product_id,
            kind="bedside",
            actor=stranger,
            now=thawed.now,
        )


def test_what_was_read_is_never_changed(thawed: Walk) -> None:
    check = thawed.check("bedside", "ward_nurse", "haematologist")
    with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
        check.scans.all().delete()
    with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
        check.scans.update(mismatches=[])
    with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
        IdentityCheck.objects.filter(pk=check.pk).update(snapshot={})


BACK: dict[str, Any] = {"reason": "The wristband was read wrong: the bag is the patient's own"}


def test_a_thawed_bag_comes_back_to_the_bedside_and_is_checked_anew(thawed: Walk) -> None:
    stopped = thawed.check("bedside", "ward_nurse", "haematologist", hospital_id="H99999")
    thawing = Change.objects.filter(machine="product", target="thawing").get()
    with pytest.raises(Refused) as refused:
        thawed.move("product", "thawing", "quality", **BACK)
    assert codes(refused.value) == {"deviation_missing", "deviation_needed"}
    deviate(thawed, stopped)
    for role in ("haematologist", "ward_nurse", "cell_lab"):
        with pytest.raises(NotAllowed):
            thawed.move("product", "thawing", role, **BACK)
    thawed.move("product", "thawing", "quality", **BACK)
    # Nothing of the mismatch is passed over: only two people who check anew let the cells in.
    with pytest.raises(Refused) as refused:
        thawed.go("infusion", overrides={"identity_mismatch": "I am sure"})
    assert codes(refused.value) == {"identity_mismatch"}
    assert not Hold.objects.filter(ended_on=None).exists()
    thawed.now = thawing.happened_at + timedelta(minutes=40)
    thawed.check("bedside", "ward_nurse", "haematologist")
    with pytest.raises(Refused) as refused:
        thawed.go("infusion")
    assert codes(refused.value) == {"thaw_too_long"}  # the clock of the thaw never stood still
    thawed.go("infusion", overrides={"thaw_too_long": "The deviation was looked into"})
    assert thawed.move("product", "infused").target == "infused"


def test_a_bag_in_quarantine_past_its_stability_is_only_discarded(thawed: Walk) -> None:
    deviate(thawed, thawed.check("bedside", "ward_nurse", "haematologist", lot="LOT-OTHER"))
    thawed.now += timedelta(minutes=181)
    with pytest.raises(Refused) as refused:
        thawed.move("product", "thawing", "quality", **BACK)
    assert [(one.code, one.kind) for one in refused.value.refusals] == [("thaw_expired", "hard")]
    assert thawed.move("product", "discarded", "quality", **GONE).target == "discarded"
