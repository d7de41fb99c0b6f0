"""Scanners and pens at the same moment, on the real PostgreSQL: one consistent outcome each."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from accounts.models import User
from pathway.custody import write_entry
from pathway.custody_selectors import chain_of
from pathway.identity_checks import open_check, sign_scan, standing_of
from pathway.identity_selectors import rules_of_course
from pathway.labelling import confirm_label, enter_label
from pathway.models import Change, CustodyEntry, IdentityCheck, IdentityScan, LabelReading, Product
from patients.models import Hold
from terms.refusals import Refused
from tests.conftest import Refer, UserWith
from tests.walking import Walk, labels_of


@pytest.fixture
def shipped(
    transactional_db: None, refer_patient: Refer, coordinator: User, user_with: UserWith
) -> Walk:
    """A product on its way back, every row committed."""
    walk = Walk(refer_patient(coordinator), user_with).to_bridging()
    for day, target in enumerate(("at_manufacturer", "manufacturing", "qc"), start=-26):
        walk.until(day).move("product", target, "coordinator")
    walk.release_product()
    walk.move("product", "shipped_to_site", "coordinator")
    return walk


def race(*deeds: Callable[[], object]) -> list[str]:
    """What each deed came to, all begun at the same moment: `done` or the codes against it."""
    start, outcomes = threading.Barrier(len(deeds)), []

    def run(deed: Callable[[], object]) -> None:
        start.wait(timeout=10)
        try:
            deed()
            outcomes.append("done")
        except Refused as refused:
            outcomes.append(",".join(sorted(one.code for one in refused.refusals)))
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return sorted(outcomes)


def scanning(walk: Walk, check: IdentityCheck, role: str, at: datetime, **misread: str) -> Callable[
    [], IdentityScan
]:  # fmt: skip
    """Somebody of `role` who reads when told to."""
    person = walk.by(role)
    read = labels_of(check) | misread

    def scan() -> IdentityScan:
        return sign_scan(
            course_id=walk.course.pk, check_id=check.pk, read=read, signed_in_at=at,
            actor=User.objects.get(pk=person.pk), now=at,
        )  # fmt: skip

    return scan


def test_one_person_scanning_twice_at_once_has_read_once(shipped: Walk) -> None:
    check = shipped.open_check("receipt", "cell_lab")
    twice = [scanning(shipped, check, "cell_lab", shipped.now) for _ in range(4)]
    assert race(*twice) == ["done"] + ["same_person"] * 3
    assert IdentityScan.objects.filter(check_of=check).count() == 1
    rules = rules_of_course(shipped.course)
    assert standing_of(check, rules, shipped.now).outcome == "open"


def test_two_people_scanning_at_once_pass_together(shipped: Walk) -> None:
    check = shipped.open_check("receipt", "cell_lab")
    both = [scanning(shipped, check, role, shipped.now) for role in ("cell_lab", "pharmacist")]
    assert race(*both) == ["done", "done"]
    assert [scan.number for scan in check.scans.order_by("number")] == [1, 2]
    assert shipped.move("product", "received", "cell_lab").target == "received"
    assert CustodyEntry.objects.filter(act="check").count() == 1
    assert chain_of(Product.objects.get()).faults == ()


def test_a_right_and_a_wrong_reading_at_once_stop_and_quarantine_once(shipped: Walk) -> None:
    check = shipped.open_check("receipt", "cell_lab")
    outcomes = race(
        scanning(shipped, check, "cell_lab", shipped.now),
        scanning(shipped, check, "pharmacist", shipped.now, lot="OTHER"),
    )
    # Whoever came second: after a mismatch nothing more is read.
    assert outcomes in (["check_stopped", "done"], ["done", "done"])
    assert standing_of(check, rules_of_course(shipped.course), shipped.now).outcome == "stopped"
    assert Product.objects.get().state == "quarantined"
    assert Change.objects.filter(machine="product", target="quarantined").count() == 1
    assert Hold.objects.filter(ended_on=None).count() == 1


def test_one_check_is_begun_however_many_begin_it(shipped: Walk) -> None:
    product, now = shipped.latest("product").pk, shipped.tick()
    person = shipped.by("cell_lab")

    def begin() -> IdentityCheck:
        return open_check(
            course_id=shipped.course.pk, product_id=product, kind="receipt",
            actor=User.objects.get(pk=person.pk), now=now,
        )  # fmt: skip

    assert race(begin, begin, begin) == ["check_running", "check_running", "done"]


def test_the_time_runs_out_for_the_second_of_two_readings(shipped: Walk) -> None:
    check = shipped.open_check("receipt", "cell_lab")
    late = shipped.now + timedelta(minutes=15, seconds=1)
    outcomes = race(
        scanning(shipped, check, "cell_lab", shipped.now),
        scanning(shipped, check, "pharmacist", late),
    )
    assert outcomes == ["check_expired", "done"]
    rules = rules_of_course(shipped.course)
    assert standing_of(check, rules, late).outcome == "expired"
    with pytest.raises(Refused):
        shipped.move("product", "received", "cell_lab")


def test_a_label_corrected_between_two_readings_lets_no_check_pass(shipped: Walk) -> None:
    product, now = shipped.latest("product").pk, shipped.tick()
    about: dict[str, Any] = {"course_id": shipped.course.pk, "signed_in_at": now, "now": now}
    entry = enter_label(
        **about, machine="product", pk=product, name="lot", value="LOT-NEW", reason="misread",
        actor=shipped.by("cell_lab"),
    )  # fmt: skip
    check = shipped.open_check("receipt", "cell_lab")
    shipped.read(check, shipped.by("cell_lab"))
    later = shipped.now
    second, chemist = shipped.by("coordinator"), scanning(shipped, check, "pharmacist", later)

    def correct() -> LabelReading:
        return confirm_label(
            course_id=shipped.course.pk, entry_id=entry.pk, value="LOT-NEW", signed_in_at=later,
            actor=User.objects.get(pk=second.pk), now=later,
        )  # fmt: skip

    outcomes = race(correct, chemist)
    # The correction came first: the reading is refused. Or second: it stops what had passed.
    assert outcomes in (["done", "done"], ["done", "snapshot_stale"])
    assert Product.objects.get().lot == "LOT-NEW"
    with pytest.raises(Refused):
        shipped.move("product", "received", "cell_lab")
    expected = "quarantined" if outcomes == ["done", "done"] else "shipped_to_site"
    assert Product.objects.get().state == expected


def test_pens_at_the_same_moment_never_fork_the_chain(shipped: Walk) -> None:
    now, product = shipped.tick(), shipped.latest("product").pk
    before = CustodyEntry.objects.count()

    def writing(number: int) -> Callable[[], CustodyEntry]:
        person = shipped.by(("cell_lab", "pharmacist")[number % 2])
        values = {"place": f"Tank {number}", "temperature": "cryogenic"}

        def write() -> CustodyEntry:
            return write_entry(
                course_id=shipped.course.pk, product_id=product, act="tank_move", at=now,
                values=values, signed_in_at=now, actor=User.objects.get(pk=person.pk), now=now,
            )  # fmt: skip

        return write

    pens = 8
    assert race(*(writing(number) for number in range(pens))) == ["done"] * pens
    entries = CustodyEntry.objects.filter(product=product).order_by("number")
    assert [entry.number for entry in entries] == list(range(1, before + pens + 1))
    assert chain_of(Product.objects.get()).faults == ()
