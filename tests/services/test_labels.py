"""Labels through the services: two people, corrections that stop, one number for one collection."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from accounts.models import Membership, User
from audit.models import AuditEvent
from pathway.domain.isbt128 import check_character
from pathway.domain.transcription import PastAttempt
from pathway.labelling import confirm_label, enter_label
from pathway.models import ApheresisAttempt, Change, Companion, LabelEntry, LabelReading, Product
from pathway.referring import NewCourse
from pathway.transcribing import Transcript, transcribe
from patients.mistaken import mark_patient, undo_mark
from patients.models import Course, Hold
from patients.people import NewPatient, verify_identity
from protocol.models import Protocol
from reminders.models import Notice
from terms.refusals import NotAllowed, Refused
from tests.conftest import NOW, Refer, UserWith
from tests.domain.test_transcription import PREPARED, ago
from tests.services.refused import codes
from tests.walking import Walk

DIN = "A999926123456"
PRINTED = f"A9999 26 123456 {check_character(DIN)}"
WRITTEN = {"din": PRINTED, "lot": "LOT-42", "expires_on": "2027-05-01", "coi_id": "COI-9"}


class Labels:
    """Somebody at the bench with a walk's course in hand."""

    def __init__(self, walk: Walk, product: Product) -> None:
        self.walk, self.product = walk, product

    def subject(self, name: str) -> Companion:
        """Whose label it is."""
        if name != "din":
            return Product.objects.get(pk=self.product.pk)
        return ApheresisAttempt.objects.filter(course=self.walk.course).latest("number")

    def enter(self, name: str, value: str, role: str = "cell_lab", **given: Any) -> LabelEntry:
        """The first person."""
        self.walk.now += timedelta(minutes=1)
        subject = self.subject(name)
        return enter_label(
            course_id=self.walk.course.pk,
            machine="apheresis" if name == "din" else "product",
            pk=subject.pk,
            name=name,
            value=value,
            **{"actor": self.walk.by(role), "signed_in_at": self.walk.now, **given},
            now=self.walk.now,
        )

    def confirm(
        self, entry: LabelEntry, value: str, role: str = "haematologist", **given: Any
    ) -> LabelReading:
        """The second person."""
        self.walk.now += timedelta(minutes=1)
        return confirm_label(
            course_id=self.walk.course.pk,
            entry_id=entry.pk,
            value=value,
            **{"actor": self.walk.by(role), "signed_in_at": self.walk.now, **given},
            now=self.walk.now,
        )

    def both(self, name: str, value: str, **given: Any) -> LabelReading:
        """Two people, of one mind."""
        return self.confirm(self.enter(name, value, **given), value)


@pytest.fixture
def transcribed(protocol: Protocol, coordinator: User, user_with: UserWith) -> Labels:
    """A patient prepared for the infusion before Percorso, whose labels nobody wrote down."""
    past = replace(PREPARED, ld_to=ago(3), ld_from=ago(5), admitted_on=ago(6))
    patient = NewPatient(
        family_name="Rossi", given_name="Maria", birth_date=NOW.date().replace(year=1961),
        sex="female", identifiers=(("Hospital", "1"),),
    )  # fmt: skip
    course = transcribe(
        patient=patient,
        transcript=Transcript(NewCourse(protocol.code, past.referred_on), past),
        actor=coordinator,
        now=NOW,
    )
    walk = Walk(course, user_with)
    walk.now = NOW
    product = Product.objects.get(course=course)
    walk._opened["product"] = product
    return Labels(walk, product)


@pytest.fixture
def stored(walk: Walk) -> Labels:
    """A product that two people checked when it came, in the tank."""
    return Labels(walk, Product.objects.get(course=walk.course))


def test_a_transcribed_patient_is_infused_once_two_people_have_read_the_labels(
    transcribed: Labels,
) -> None:
    walk = transcribed.walk
    actor = walk.by("coordinator")
    verify_identity(patient_id=walk.course.patient_id, actor=actor, now=walk.tick())
    walk.pass_gate("infusion")
    with pytest.raises(Refused) as refused:
        walk.move("product", "thawing", "haematologist")
    soft = {refusal.code: "seen on paper" for refusal in refused.value.refusals}
    walk.move("product", "thawing", "haematologist", overrides=soft)
    with pytest.raises(Refused) as refused:
        walk.open_check("bedside", "ward_nurse")
    assert codes(refused.value) == {"labels_unknown"}
    missing = refused.value.refusals[0].params["missing"]
    assert missing == ("Donation number", "Lot", "Expires on", "Chain-of-identity number")
    for name, text in WRITTEN.items():
        assert transcribed.both(name, text).agrees
    product = Product.objects.get(pk=transcribed.product.pk)
    assert (product.lot, product.coi_id) == ("LOT-42", "COI-9")
    assert product.expires_on is not None
    assert product.state == "thawing", "adding what was missing stops nothing"
    check = walk.check("bedside", "ward_nurse", "haematologist")
    assert check.snapshot["din"] == DIN
    soft = {"doses_not_transcribed": "seen on paper"}
    assert walk.go("infusion", overrides=soft).target == "infusion"
    # What two people compared stands as it is from here on.
    with pytest.raises(Refused) as refused:
        transcribed.enter("lot", "LOT-43", reason="typed wrongly")
    assert codes(refused.value) == {"label_checked"}
    assert walk.move("product", "infused").target == "infused"


def test_one_person_is_not_enough_and_a_second_reading_may_void_the_first(
    transcribed: Labels,
) -> None:
    entry = transcribed.enter("lot", "LOT-42")
    assert Product.objects.get().lot == ""
    with pytest.raises(Refused) as refused:
        transcribed.confirm(entry, "LOT-42", "cell_lab")
    assert codes(refused.value) == {"same_person"}
    with pytest.raises(NotAllowed) as forbidden:
        transcribed.confirm(entry, "", "ward_nurse")
    assert codes(forbidden.value) == {"role", "value_missing"}
    assert not transcribed.confirm(entry, "LOT-24").agrees
    assert Product.objects.get().lot == ""
    with pytest.raises(Refused) as refused:
        transcribed.confirm(entry, "LOT-42", "pharmacist")
    assert codes(refused.value) == {"label_over"}
    assert AuditEvent.objects.filter(action__startswith="label.").count() == 2


def test_a_newer_entry_supersedes_one_that_waits(transcribed: Labels) -> None:
    first = transcribed.enter("lot", "LOT-1")
    second = transcribed.enter("lot", "LOT-2", "pharmacist")
    with pytest.raises(Refused) as refused:
        transcribed.confirm(first, "LOT-1")
    assert codes(refused.value) == {"label_stale"}
    assert transcribed.confirm(second, " lot-2 ").agrees
    assert Product.objects.get().lot == "LOT-2"


def test_everything_wrong_is_said_at_once(transcribed: Labels) -> None:
    with pytest.raises(NotAllowed) as forbidden:
        transcribed.enter(
            "din", "A999926", "ward_nurse", signed_in_at=transcribed.walk.now - timedelta(hours=1)
        )
    assert codes(forbidden.value) == {"role", "sign_in_again", "din_length"}
    with pytest.raises(Refused) as refused:
        transcribed.enter("din", DIN)
    assert codes(refused.value) == {"din_unchecked"}
    with pytest.raises(Refused) as refused:
        transcribed.enter("wristband", "x")
    assert codes(refused.value) == {"unknown_label"}


def test_a_first_reader_who_left_meanwhile_does_not_count(transcribed: Labels) -> None:
    entry = transcribed.enter("lot", "LOT-1")
    Membership.objects.filter(user=transcribed.walk.by("cell_lab")).update(ended_at=NOW)
    with pytest.raises(Refused) as refused:
        transcribed.confirm(entry, "LOT-1")
    assert codes(refused.value) == {"first_person_gone"}


@pytest.mark.walked("to_bridging", "make")
def test_a_correction_of_what_was_checked_stops_the_product_until_it_is_checked_anew(
    stored: Labels,
) -> None:
    walk, lot = stored.walk, stored.product.lot
    for given, wrong in (({}, "reason_missing"), ({"reason": "x"}, "no_change")):
        with pytest.raises(Refused) as refused:
            stored.enter("lot", "LOT-NEW" if not given else lot.lower(), **given)
        assert codes(refused.value) == {wrong}
    entry = stored.enter("lot", "LOT-NEW", reason="misread")
    assert Product.objects.get().state == "stored", "nothing changes before the second reading"
    stored.confirm(entry, "LOT-NEW", "pharmacist")
    assert (Product.objects.get().lot, entry.before) == ("LOT-NEW", lot)
    assert Product.objects.get().state == "quarantined"
    change = Change.objects.filter(machine="product").latest("sequence")
    assert change.cause == f"identity:label:{entry.pk}"
    assert Hold.objects.get(ended_on=None).reason_code == "PRODUCT_IDENTITY"
    assert Notice.objects.filter(code="labels_in_doubt").count() == 1
    fine: dict[str, Any] = {"reason": "fine", "details": {"deviation_number": "DEV-1"}}
    with pytest.raises(Refused) as refused:
        walk.move("product", "stored", "quality", **fine)
    assert codes(refused.value) == {"labels_changed"}
    walk.check("receipt", "cell_lab", "pharmacist")
    assert walk.move("product", "stored", "quality", **fine).target == "stored"


@pytest.mark.walked("to_bridging", "make")
def test_a_number_corrected_after_the_check_stops_the_product_made_of_that_collection(
    stored: Labels,
) -> None:
    stored.both("din", PRINTED, reason="misread")
    assert Product.objects.get().state == "quarantined"


@pytest.mark.walked("to_lymphodepletion", "deplete")
def test_a_pass_does_not_outlive_what_it_compared(walk: Walk, course: Course) -> None:
    walk.thaw().check("bedside", "ward_nurse", "haematologist")
    patient = course.patient
    patient.birth_date = patient.birth_date.replace(year=1962)
    patient.save(update_fields=["birth_date"])
    with pytest.raises(Refused) as refused:
        walk.go("infusion")
    assert codes(refused.value) == {"labels_changed"}
    check = walk.pass_gate("infusion").open_check("bedside", "ward_nurse")
    walk.read(check, walk.by("ward_nurse"))
    with pytest.raises(Refused) as refused:
        walk.go("infusion")
    assert codes(refused.value) == {"check_unfinished"}
    walk.now += timedelta(minutes=16)
    walk.pass_gate("infusion").check("bedside", "ward_nurse", "haematologist")
    assert walk.go("infusion").target == "infusion"


@pytest.mark.walked("to_bridging", "make")
def test_another_chain_of_identity_stops_and_quarantines(stored: Labels) -> None:
    stored.walk.paper("product", "order", remark="slot moved")
    assert Product.objects.get().state == "stored", "an order that names none changes nothing"
    stored.walk.paper("product", "order", coi_id="COI-SOMEBODY-ELSE")
    assert Product.objects.get().state == "quarantined"
    assert Notice.objects.filter(code="labels_in_doubt").count() == 1


@pytest.mark.walked("to_bridging")
def test_no_reason_brings_back_a_product_with_two_chains_of_identity(
    walk: Walk, course: Course
) -> None:
    walk.paper("product", "order", coi_id="COI-1")
    Labels(walk, Product.objects.get(course=course)).both("coi_id", "COI-1")
    walk.make().paper("product", "order", coi_id="COI-2")
    assert Product.objects.get().state == "quarantined"
    decided: Any = {"reason": "the order was wrong", "details": {"deviation_number": "DEV-1"}}
    with pytest.raises(Refused) as refused:
        walk.move("product", "stored", "quality", **decided)
    assert codes(refused.value) == {"labels_changed"}
    walk.paper("product", "order", coi_id="COI-1")
    assert walk.move("product", "stored", "quality", **decided).target == "stored"


@pytest.mark.walked("to_bridging", "make")
def test_order_and_product_with_two_chains_of_identity_are_not_checked(stored: Labels) -> None:
    stored.both("coi_id", "COI-READ-OFF-THE-BAG")
    assert Product.objects.get().state == "quarantined"
    with pytest.raises(Refused) as refused:
        stored.walk.open_check("receipt", "cell_lab")
    assert codes(refused.value) == {"coi_conflict"}


@pytest.mark.walked("to_bridging")
def test_a_lost_product_is_in_nobodys_hand(walk: Walk) -> None:
    walk.paper("product", "order", coi_id="COI-1")
    labels = Labels(walk, Product.objects.get())
    labels.both("coi_id", "COI-2")
    assert Product.objects.get().state == "material_shipped"
    assert Notice.objects.filter(code="labels_in_doubt").count() == 1
    walk.move("product", "at_manufacturer", "coordinator")
    walk.move(
        "product", "rejected", "coordinator", reason="bag", details={"failure_reason": "identity"}
    )
    walk.paper("product", "order", coi_id="COI-3")
    assert Notice.objects.get(code="labels_in_doubt").causes == [""]


@pytest.mark.walked("to_apheresis")
def test_one_number_belongs_to_one_collection(
    walk: Walk, refer_patient: Refer, coordinator: User, user_with: UserWith, other_centre: Any
) -> None:
    first = walk
    attempt = first.collect()
    din = ApheresisAttempt.objects.get(pk=attempt.pk).din
    elsewhere = refer_patient(user_with("coordinator", at=other_centre))
    second = Walk(elsewhere, user_with).to_apheresis()
    second.open("apheresis", "coordinator", planned_on=second.now.date())
    second.pass_gate("collection")
    for target in ("cleared", "in_progress"):
        second.move("apheresis", target, "apheresis_nurse")
    with pytest.raises(Refused) as refused:
        second.move("apheresis", "completed", "apheresis_nurse", details={"din": din})
    assert codes(refused.value) == {"din_taken"}
    assert str(refused.value) == (
        "This donation number belongs to another collection: read the label again."
    )
    # A patient who should never have been entered holds no number.
    mark = mark_patient(
        patient_id=first.course.patient_id,
        confirmation=first.course.patient.family_name,
        reason="twice",
        actor=coordinator,
        now=NOW,
    )
    second.move("apheresis", "completed", "apheresis_nurse", details={"din": din})
    second.move("apheresis", "adequate", "cell_lab", details={"cd3_yield": "2"})
    undo_mark(mark_id=mark.pk, reason="mistake", actor=user_with("quality"), now=NOW)
    second.open("product", "coordinator", order_number="O")
    with pytest.raises(Refused) as refused:
        second.open_check("receipt", "cell_lab")
    assert "din_shared" in codes(refused.value)


@pytest.mark.walked("to_apheresis")
def test_numbers_of_the_past_are_read_as_well(
    walk: Walk, protocol: Protocol, coordinator: User
) -> None:
    taken = walk.collect()
    din = ApheresisAttempt.objects.get(pk=taken.pk).din
    tried = (
        PastAttempt(ago(105), "inadequate", din=din),
        PastAttempt(ago(104), "inadequate", din=PRINTED),
        PastAttempt(ago(100), "adequate", din=PRINTED),
    )

    def enter(*attempts: PastAttempt) -> Course:
        past = replace(PREPARED, attempts=attempts)
        patient = NewPatient(
            family_name="Neri", given_name="Ugo", birth_date=NOW.date().replace(year=1961),
            sex="male", identifiers=(("Hospital", "77"),),
        )  # fmt: skip
        course = NewCourse(protocol.code, past.referred_on)
        return transcribe(
            patient=patient, transcript=Transcript(course, past), actor=coordinator, now=NOW
        )

    with pytest.raises(Refused) as refused:
        enter(*tried)
    assert {(r.field, r.code) for r in refused.value.refusals} == {
        ("apheresis_1_din", "din_taken"),
        ("apheresis_3_din", "din_taken"),
    }
    with pytest.raises(Refused) as refused:
        enter(PastAttempt(ago(100), "adequate", din="A9999"))
    assert [(r.field, r.code) for r in refused.value.refusals] == [
        ("apheresis_1_din", "din_length")
    ]
    course = enter(PastAttempt(ago(100), "adequate", din=PRINTED))
    assert ApheresisAttempt.objects.get(course=course).din == DIN


def test_what_was_read_is_never_changed(transcribed: Labels) -> None:
    transcribed.both("lot", "LOT-1")
    for rows in (LabelEntry.objects.all(), LabelReading.objects.all()):
        with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
            rows.update(value="other")
    with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
        LabelReading.objects.all().delete()
