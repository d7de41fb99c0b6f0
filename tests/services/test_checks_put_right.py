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
