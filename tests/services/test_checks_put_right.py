"""Checks of a gate that were recorded wrongly: put right and taken back at any stage, and after."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from pathway.domain.gate_rules import Gate
from pathway.domain.gates import CheckStanding, checklist
from pathway.gating import CheckNote, facts_before, record_checks
from pathway.loading import load_state
from pathway.models import GateEntry
from patients.deaths import record_death
from terms.refusals import NotAllowed, Refused
from tests.services.refused import codes
from tests.walking import Walk

pytestmark = pytest.mark.walked("to_infusion")
LD = Gate.LYMPHODEPLETION


def check(walk: Walk, gate: Gate, code: str) -> CheckStanding:
    """How a check stands now."""
    seen = facts_before(load_state(walk.course), gate, walk.now)
    return next(one for one in checklist(gate, seen) if one.check.code == code)


def record(walk: Walk, gate: Gate, note: CheckNote, by: str = "haematologist") -> None:
    record_checks(
        course_id=walk.course.pk, gate=gate, notes=[note], actor=walk.by(by), now=walk.tick()
    )


@pytest.mark.parametrize("gate", [Gate.COLLECTION, LD, Gate.INFUSION])
def test_what_was_wrong_is_put_right_once_its_gate_lies_behind(walk: Walk, gate: Gate) -> None:
    code = {Gate.COLLECTION: "access"}.get(gate, "gvhd")
    row = check(walk, gate, code)
    with pytest.raises(Refused) as new:
        record(walk, gate, CheckNote(code, "not_met"))
    assert codes(new.value) == {"wrong_stage"}, "what is new is recorded before its step"
    wrong = CheckNote(code, "not_met", checked_at=row.at, remark="grade 2", replaces=row.entry)
    with pytest.raises(NotAllowed):
        record(walk, gate, wrong, "coordinator")
    record(walk, gate, wrong)
    right = check(walk, gate, code)
    assert (right.status, right.at) == ("not_met", row.at)
    back = CheckNote(code, "withdrawn", remark="another patient's", replaces=right.entry)
    record(walk, gate, back)
    assert check(walk, gate, code).entry != right.entry


def test_after_a_death_what_was_wrong_is_put_right_and_nothing_later_said(
    walk: Walk, coordinator: User
) -> None:
    row = check(walk, LD, "gvhd")
    walk.now += timedelta(days=2)
    record_death(
        patient_id=walk.course.patient_id, died_on=(walk.now - timedelta(days=1)).date(),
        actor=coordinator, now=walk.now,
    )  # fmt: skip
    later = CheckNote("gvhd", "met", checked_at=walk.now, remark="x", replaces=row.entry)
    with pytest.raises(Refused) as dead:
        record(walk, LD, later)
    assert codes(dead.value) == {"patient_died"}
    record(walk, LD, CheckNote("gvhd", "withdrawn", remark="not his", replaces=row.entry))
    assert check(walk, LD, "gvhd").entry != row.entry


def test_the_page_of_a_gate_that_lies_behind_leads_to_putting_right(walk: Walk) -> None:
    browser = Client()
    browser.force_login(walk.by("haematologist"))
    page = browser.get(reverse("gate", args=[walk.course.pk, "lymphodepletion"]))
    body = page.content.decode()
    assert reverse("gate_correct", args=[walk.course.pk, "lymphodepletion", "gvhd"]) in body
    assert reverse("gate_take_back", args=[walk.course.pk, "lymphodepletion", "gvhd"]) in body
    assert reverse("gate_record", args=[walk.course.pk, "lymphodepletion"]) not in body
    rows = {row.code: row for row in page.context["rows"]}
    assert not any(row.may_record or row.may_waive for row in rows.values())
    assert not rows["product"].may_correct, "it is computed"
    back = reverse("gate_take_back", args=[walk.course.pk, "lymphodepletion", "gvhd"])
    entry = rows["gvhd"].entry
    said = browser.post(back, {"reason": "another patient's", "replaces": entry})
    assert said.status_code == 302
    assert check(walk, LD, "gvhd").entry != entry


@pytest.mark.walked("to_apheresis")
def test_what_was_wrong_before_another_collection_is_put_right_too(walk: Walk) -> None:
    gate = Gate.COLLECTION
    walk.until(-33).open("apheresis", "coordinator", planned_on=walk.now.date())
    walk.pass_gate("collection")
    first, counts = check(walk, gate, "access"), check(walk, gate, "counts")
    walk.move("apheresis", "cancelled", "coordinator", reason="no slot")
    walk.open("apheresis", "coordinator", planned_on=walk.now.date())
    assert check(walk, gate, "access").entry is None
    record(walk, gate, CheckNote("access", "met"))
    of_another = CheckNote("labels", "withdrawn", remark="x", replaces=first.entry)
    with pytest.raises(Refused) as mixed:
        record(walk, gate, of_another)
    assert "no_such_row" in codes(mixed.value)
    wrong = CheckNote("access", "not_met", checked_at=first.at, remark="no", replaces=first.entry)
    with pytest.raises(NotAllowed):
        record(walk, gate, wrong, "coordinator")
    record(walk, gate, wrong)
    assert check(walk, gate, "access").passed, "what is asked now stays as it is"
    row = GateEntry.objects.get(replaces=first.entry)
    assert (row.round, row.outcome, row.checked_at) == (1, "not_met", first.at)

    client = Client()
    client.force_login(walk.by("haematologist"))
    shown = client.get(reverse("gate", args=[walk.course.pk, gate.value])).content.decode()
    about = reverse("gate_take_back", args=[walk.course.pk, gate.value, "counts"])
    assert f"{about}?row={counts.entry}" in shown
    assert client.get(f"{about}?row={first.entry}").status_code == 404
    right = reverse("gate_correct", args=[walk.course.pk, gate.value, "access"])
    assert f'value="{row.pk}"' in client.get(f"{right}?row={row.pk}").content.decode()
    told = {"reason": "another patient's", "replaces": counts.entry}
    assert client.post(f"{about}?row={counts.entry}", told).status_code == 302
    assert GateEntry.objects.get(replaces=counts.entry).round == 1
    client.force_login(walk.by("data_manager"))
    coded = client.get(reverse("gate", args=[walk.course.pk, gate.value])).content.decode()
    assert "round 1" in coded
    assert f"{right}?row=" not in coded


def test_what_is_put_right_keeps_its_time_unless_another_is_said(walk: Walk) -> None:
    row = check(walk, Gate.INFUSION, "tocilizumab")
    walk.until(2)
    assert check(walk, Gate.INFUSION, "tocilizumab").status == "stale"
    wrong = CheckNote("tocilizumab", value="2", remark="counted anew", replaces=row.entry)
    record(walk, Gate.INFUSION, wrong)
    right = check(walk, Gate.INFUSION, "tocilizumab")
    assert (right.value, right.at, right.status) == ("2", row.at, "stale")
    moved = CheckNote(
        "tocilizumab", value="2", checked_at=walk.now, remark="and today", replaces=right.entry
    )
    record(walk, Gate.INFUSION, moved)
    assert check(walk, Gate.INFUSION, "tocilizumab").status == "met"
