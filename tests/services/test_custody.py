"""Custody through the services: a chain by itself and by hand, signed, witnessed, never changed."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, connection, transaction

from audit.models import AuditEvent
from exports.timeline import course_timeline
from pathway.custody import number_entry, witness_entry, write_entry
from pathway.custody_selectors import chain_of
from pathway.domain.custody import Act
from pathway.models import Change, CustodyEntry, Product
from patients.models import Course, Hold
from reminders.models import Notice
from terms.refusals import NotAllowed, Refused
from tests.conftest import UserWith
from tests.services.refused import codes
from tests.walking import Walk

TANK: dict[str, str] = {"place": "Tank 2, rack 4", "temperature": "cryogenic"}


@pytest.fixture
def stored(walk: Walk) -> Walk:
    """A course whose product was checked, received and stored."""
    return walk


def write(walk: Walk, act: str, role: str = "cell_lab", **given: Any) -> CustodyEntry:
    """An entry by hand."""
    walk.now += timedelta(minutes=1)
    return write_entry(
        course_id=walk.course.pk,
        product_id=walk.latest("product").pk,
        act=act,
        **{"at": walk.now, "values": TANK, "signed_in_at": walk.now, **given},
        actor=walk.by(role),
        now=walk.now,
    )


def witness(walk: Walk, entry: CustodyEntry, role: str, **given: Any) -> CustodyEntry:
    """A second person was there."""
    walk.now += timedelta(minutes=1)
    return witness_entry(
        course_id=walk.course.pk,
        entry_id=entry.pk,
        **{"signed_in_at": walk.now, **given},
        actor=walk.by(role),
        now=walk.now,
    )


def product(walk: Walk) -> Product:
    """The product as the database has it."""
    return Product.objects.get(pk=walk.latest("product").pk)


@pytest.mark.walked("to_bridging", "make")
def test_moves_and_checks_write_the_chain_by_themselves(stored: Walk) -> None:
    chain = chain_of(product(stored))
    acts = ["pack_out", "manufacturer", "dispatch", "check", "receipt", "storage"]
    assert [entry.act for entry in chain.entries] == acts
    assert chain.faults == ()
    check = chain.entries[3]
    assert (check.signer, check.witness) == (stored.by("cell_lab"), stored.by("pharmacist"))
    assert chain.witness_of(check) == "Rita Verdi"
    stored.move("product", "quarantined", "cell_lab", reason="logger")
    stored.check("receipt", "cell_lab", "pharmacist", lot="other")
    later = [entry.act for entry in chain_of(product(stored)).entries][len(acts) :]
    assert later == ["quarantine", "mismatch"], "in quarantine already: it stays there"
    assert chain_of(product(stored)).faults == ()


@pytest.mark.walked("to_bridging", "make")
def test_an_end_taken_back_says_so(walk: Walk) -> None:
    loss = {"failure_reason": "other"}
    walk.move("product", "discarded", "quality", reason="slip", details=loss)
    walk.move("product", "stored", "quality", reason="never happened")
    acts = [entry.act for entry in chain_of(product(walk)).entries][-2:]
    assert acts == ["disposal", "taken_back"]


@pytest.mark.walked("to_bridging", "make")
def test_by_hand_signed_witnessed_and_on_the_timeline(stored: Walk) -> None:
    entry = write(stored, "tank_move")
    assert (entry.place, entry.number) == ("Tank 2, rack 4", 7)
    with pytest.raises(Refused) as refused:
        witness(stored, entry, "cell_lab")
    assert codes(refused.value) == {"same_person"}
    witness(stored, entry, "pharmacist")
    with pytest.raises(Refused) as refused:
        witness(stored, entry, "haematologist")
    assert codes(refused.value) == {"witnessed"}
    chain = chain_of(product(stored))
    assert chain.faults == ()
    assert chain.witness_of(entry) == "Rita Verdi"
    assert chain.entries[-1].act == Act.WITNESS
    assert entry in chain.written
    assert chain.entries[-1] not in chain.written
    told = [row.event_code for row in course_timeline(stored.by("haematologist"), stored.course)]
    assert told.count("CUSTODY_TANK_MOVE") == 1
    actions = AuditEvent.objects.filter(action__startswith="custody.")
    assert set(actions.values_list("action", flat=True)) == {"custody.write", "custody.witness"}


DECIDED: dict[str, dict[str, Any]] = {
    "stored": {"deviation_number": "DEV-1"},
    "discarded": {"failure_reason": "other"},
}


def deviate(walk: Walk, entry: CustodyEntry, number: str = "DEV-7", role: str = "quality"
            ) -> CustodyEntry:  # fmt: skip
    """The hospital numbers the deviation."""
    return number_entry(
        course_id=walk.course.pk, entry_id=entry.pk, number=number, actor=walk.by(role),
        now=walk.tick(),
    )  # fmt: skip


@pytest.mark.walked("to_bridging", "make")
@pytest.mark.parametrize(
    "said",
    [
        {"act": "tank_move", "values": TANK | {"temperature": "out_of_range"}},
        {"act": "storage", "values": TANK | {"condition": "unsealed"}},
        {"act": "excursion", "values": {"place": "Tank 2", "remark": "logger alarm"}},
    ],
)
def test_a_fault_stops_tells_and_waits_for_its_deviation(stored: Walk, said: dict[str, Any]
                                                         ) -> None:  # fmt: skip
    entry = write(stored, **said)
    assert product(stored).state == "quarantined"
    change = Change.objects.filter(machine="product").latest("sequence")
    assert change.cause == f"custody:{entry.pk}"
    assert Hold.objects.get(ended_on=None).reason_code == "PRODUCT_QUARANTINE"
    assert Notice.objects.filter(code="custody_fault").count() == 1
    chain = chain_of(product(stored))
    assert [one.act for one in chain.entries[-2:]] == [said["act"], "quarantine"]
    assert (chain.stopping, chain.faults) == ((entry,), ())
    for target, details in DECIDED.items():
        with pytest.raises(Refused) as refused:
            stored.move("product", target, "quality", details=details, reason="looked at",
                        overrides={"custody_fault": "I am sure"})  # fmt: skip
        assert codes(refused.value) == {"custody_fault"}
    with pytest.raises(Refused) as refused:
        deviate(stored, chain.entries[0])
    assert codes(refused.value) == {"no_fault"}
    with pytest.raises(Refused) as refused:
        deviate(stored, entry, "x" * 41)
    assert codes(refused.value) == {"too_long"}
    with pytest.raises(NotAllowed) as forbidden:
        deviate(stored, entry, " ", "data_manager")
    assert codes(forbidden.value) == {"role", "value_missing"}
    assert deviate(stored, entry).remark == "DEV-7"
    with pytest.raises(Refused) as refused:
        deviate(stored, entry)
    assert codes(refused.value) == {"deviation_known"}
    witness(stored, entry, "pharmacist")
    chain = chain_of(product(stored))
    assert (chain.stopping, chain.faults) == ((), ())
    assert (chain.deviation_of(entry), chain.witness_of(entry)) == ("DEV-7", "Rita Verdi")
    assert stored.move(
        "product", "stored", "quality", reason="looked at", details=DECIDED["stored"]
    ).target == "stored"  # fmt: skip


@pytest.mark.walked("to_bridging", "make")
def test_a_fault_in_quarantine_tells_again_and_stays(stored: Walk) -> None:
    stored.move("product", "quarantined", "cell_lab", reason="logger")
    write(stored, "storage", values=TANK | {"condition": "damaged"})
    assert product(stored).state == "quarantined"
    assert Notice.objects.filter(code="custody_fault").count() == 1


@pytest.mark.walked("to_bridging", "make")
def test_degrees_are_kept_in_the_chain_and_what_is_too_warm_stops(stored: Walk) -> None:
    with pytest.raises(Refused) as refused:
        write(stored, "tank_move", values=TANK | {"celsius": "-120"})
    assert codes(refused.value) == {"temperature_not_so"}
    kept = write(stored, "tank_move", values=TANK | {"celsius": "-152"})
    assert (kept.celsius, product(stored).state) == (Decimal(-152), "stored")
    assert chain_of(product(stored)).faults == ()
    warm = TANK | {"temperature": "out_of_range", "celsius": "-120"}
    write(stored, "tank_move", values=warm)
    assert product(stored).state == "quarantined"
    assert chain_of(product(stored)).faults == ()


@pytest.mark.walked("to_apheresis")
def test_material_in_doubt_goes_no_further(walk: Walk) -> None:
    walk.until(-30)
    walk.collect()
    walk.open("product", "coordinator", order_number="ORD-1")
    given = {"handed_from": "Lab", "handed_to": "Courier", "seal": "S-1",
             "temperature": "cooled", "condition": "leaking"}  # fmt: skip
    first = write(walk, "pack_out", values=given)
    assert product(walk).state == "ordered"
    with pytest.raises(Refused) as refused:
        walk.move("product", "material_shipped", "cell_lab")
    assert codes(refused.value) == {"custody_fault"}
    deviate(walk, first)
    walk.move("product", "material_shipped", "cell_lab")
    second = write(walk, "pack_out", values=given)
    assert product(walk).state == "material_excursion"
    with pytest.raises(Refused) as refused:
        walk.move("product", "at_manufacturer", "cell_lab", reason="the maker takes it")
    assert codes(refused.value) == {"custody_fault"}
    deviate(walk, second)
    walk.move("product", "at_manufacturer", "cell_lab", reason="the maker takes it")


@pytest.mark.walked("to_infusion")
def test_what_runs_into_the_patient_is_told_of_only(walk: Walk) -> None:
    write(walk, "disposal", values={"place": "Ward", "remark": "empty bag", "condition": "leaking"})
    assert product(walk).state == "thawing"
    assert Notice.objects.filter(code="custody_fault").count() == 1
    assert walk.move("product", "infused").target == "infused"


@pytest.mark.walked("to_bridging", "make")
def test_everything_wrong_is_said_at_once(stored: Walk) -> None:
    with pytest.raises(NotAllowed) as forbidden:
        write(
            stored, "release", "ward_nurse", at=stored.now + timedelta(days=1),
            values={"temperature": "hot"}, signed_in_at=stored.now - timedelta(hours=1),
        )  # fmt: skip
    assert codes(forbidden.value) == {
        "role", "future_date", "sign_in_again", "value_missing", "unknown_choice"
    }  # fmt: skip
    with pytest.raises(Refused) as refused:
        write(stored, "check")
    assert codes(refused.value) == {"unknown_act"}
    with pytest.raises(NotAllowed) as forbidden:
        witness(stored, chain_of(product(stored)).entries[0], "coordinator")
    assert codes(forbidden.value) == {"role", "not_by_hand"}
    assert CustodyEntry.objects.count() == 6


@pytest.mark.walked("to_bridging", "make")
def test_another_centre_reaches_no_chain(
    stored: Walk, other_centre: Any, user_with: UserWith
) -> None:
    with pytest.raises(Course.DoesNotExist):
        write_entry(
            course_id=stored.course.pk, product_id=product(stored).pk, act="storage",
            at=stored.now, values=TANK, signed_in_at=stored.now,
            actor=user_with("cell_lab", at=other_centre), now=stored.now,
        )  # fmt: skip


@pytest.mark.walked("to_bridging", "make")
def test_the_database_changes_deletes_and_forks_nothing(stored: Walk) -> None:
    entries = CustodyEntry.objects.filter(course=stored.course)
    for attempt in (lambda: entries.update(place="elsewhere"), lambda: entries.delete()):
        with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
            attempt()
    for fork in ({"number": 99}, {"previous": "0" * 63 + "1"}):
        copy = entries.get(number=3)
        copy.pk = None
        for name, value in fork.items():
            setattr(copy, name, value)
        with pytest.raises(IntegrityError), transaction.atomic():
            copy.save(force_insert=True)


TAMPERED = {
    "UPDATE pathway_custodyentry SET place = 'Tank 9' WHERE number = 3": "chain_broken",
    "DELETE FROM pathway_custodyentry WHERE number = 2": "chain_broken",
    "DELETE FROM pathway_custodyentry WHERE number = 7": "entry_missing",
    "DELETE FROM pathway_custodyentry WHERE number >= 6": "move_missing",
    "DELETE FROM pathway_custodyentry": "move_missing",
}


@pytest.mark.walked("to_bridging", "make")
def test_what_somebody_changes_behind_the_program_is_found(
    stored: Walk, capsys: pytest.CaptureFixture[str]
) -> None:
    write(stored, "tank_move")
    call_command("custody", "verify")
    assert "1 chains hold" in capsys.readouterr().out
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        # what somebody with the database's own password could do
        cursor.execute("ALTER TABLE pathway_custodyentry DISABLE TRIGGER USER")
        for sql, fault in TAMPERED.items():
            with transaction.atomic():
                cursor.execute(sql)
                assert fault in {one.code for one in chain_of(product(stored)).faults}, sql
                with pytest.raises(CommandError, match=f"product {product(stored).pk}"):
                    call_command("custody", "verify", course=stored.course.pk)
                transaction.set_rollback(True)
