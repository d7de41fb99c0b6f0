"""Checks of a gate that was passed: not met, asking, or taken back between two doses."""

from datetime import timedelta

import pytest

from pathway.domain.gate_rules import Gate
from pathway.domain.gates import CheckStanding, checklist
from pathway.gating import CheckNote, facts_before, record_checks
from pathway.loading import load_state
from pathway.models import Dose, GateEntry
from reminders.models import Notice
from terms.refusals import Refused
from tests.services.refused import codes
from tests.walking import DAY_ZERO, Walk

pytestmark = pytest.mark.walked("to_lymphodepletion")


@pytest.fixture
def walk(walk: Walk) -> Walk:
    """A course whose first dose was given."""
    walk.until(-6).plan("infusion", DAY_ZERO)
    walk.open("lymphodepletion", regimen="Flu/Cy")
    walk.until(-4).pass_gate("lymphodepletion")
    walk.give("lymphodepletion", 1)
    return walk


def record(walk: Walk, *notes: CheckNote) -> list[GateEntry]:
    """Record checks of the gate to lymphodepletion."""
    return record_checks(
        course_id=walk.course.pk, gate=Gate.LYMPHODEPLETION, notes=notes,
        actor=walk.by("haematologist"), now=walk.tick(),
    )  # fmt: skip


def check(walk: Walk, code: str) -> CheckStanding:
    """How a check stands now."""
    seen = facts_before(load_state(walk.course), Gate.LYMPHODEPLETION, walk.now)
    return next(one for one in checklist(Gate.LYMPHODEPLETION, seen) if one.check.code == code)


def take_back(walk: Walk, code: str) -> None:
    """The row that counts was a mistake."""
    row = check(walk, code).entry
    record(walk, CheckNote(code, "withdrawn", remark="not hers", replaces=row))


def told(walk: Walk) -> set[tuple[str, str]]:
    """The standing notices about the gate."""
    found = Notice.objects.standing().filter(course=walk.course, about__startswith="lymphodep")
    return set(found.values_list("code", "about"))


def test_each_check_not_met_is_asked_by_its_name_and_its_reason_kept(walk: Walk) -> None:
    record(walk, CheckNote("infection", "not_met", remark="fever"), CheckNote("gvhd", "not_met"))
    walk.until(-3)
    with pytest.raises(Refused) as refused:
        walk.give("lymphodepletion", 2)
    assert codes(refused.value) == {"dose_against_infection", "dose_against_gvhd"}
    why = {"dose_against_infection": "culture is negative", "dose_against_gvhd": "drug rash"}
    dose = walk.give("lymphodepletion", 2, "haematologist", overrides=why)
    assert Dose.objects.get(pk=dose.pk).deviation == "culture is negative; drug rash"
    with pytest.raises(Refused) as again:
        walk.until(-2).give("lymphodepletion", 3)
    assert codes(again.value) == set(why), "a reason is for one dose"


def test_a_number_that_asks_for_a_reason_is_told_and_asked_once(walk: Walk) -> None:
    record(walk, CheckNote("renal", value="45", unit="mL/min"))
    assert told(walk) == {("check_asks", "lymphodepletion:renal")}
    walk.until(-3)
    with pytest.raises(Refused) as refused:
        walk.give("lymphodepletion", 2)
    [asked] = refused.value.refusals
    assert (asked.code, asked.kind, asked.who_may) == ("gate_renal", "soft", ("haematologist",))
    assert "45" in str(asked)
    why = {"gate_renal": "reduced by a fifth"}
    walk.give("lymphodepletion", 2, "haematologist", overrides=why)
    kept = check(walk, "renal")
    assert (kept.status, kept.remark) == ("waived", "reduced by a fifth")
    walk.until(-2).give("lymphodepletion", 3)
    record(walk, CheckNote("renal", value="45", unit="mL/min"))
    with pytest.raises(Refused) as anew:
        walk.give("lymphodepletion", 4)
    assert codes(anew.value) == {"gate_renal"}, "another row, another answer"


def test_what_is_taken_back_is_told_and_asked_until_it_is_recorded_anew(walk: Walk) -> None:
    take_back(walk, "gvhd")
    assert check(walk, "gvhd").status == "met", "an older row stands in its place"
    assert told(walk) == set()
    take_back(walk, "infection")
    assert check(walk, "infection").status == "stale", "the older one is too old"
    assert told(walk) == {("check_taken_back", "lymphodepletion:infection")}
    walk.until(-3)
    with pytest.raises(Refused) as refused:
        walk.give("lymphodepletion", 2)
    assert codes(refused.value) == {"dose_against_infection"}
    assert {one.kind for one in refused.value.refusals} == {"soft"}
    take_back(walk, "infection")
    assert check(walk, "infection").status == "missing"
    with pytest.raises(Refused) as refused:
        walk.give("lymphodepletion", 2)
    assert codes(refused.value) == {"dose_against_infection"}
    record(walk, CheckNote("infection", "met"))
    assert told(walk) == set()
    walk.give("lymphodepletion", 2)


def test_what_was_told_of_a_row_goes_when_the_row_is_corrected(walk: Walk) -> None:
    [wrong] = record(walk, CheckNote("gvhd", "not_met"))
    assert told(walk) == {("check_not_met", "lymphodepletion:gvhd")}
    record(walk, CheckNote("gvhd", "met", remark="another patient", replaces=wrong.pk))
    assert told(walk) == set()
    [wrong] = record(walk, CheckNote("gvhd", "not_met"))
    record(walk, CheckNote("gvhd", "not_met", remark="grade 3", replaces=wrong.pk))
    [notice] = Notice.objects.standing().filter(course=walk.course, code="check_not_met")
    assert notice.causes == [f"gate:{GateEntry.objects.latest('pk').pk}"]


def test_what_is_taken_back_stays_told_and_asked_until_the_check_stands(walk: Walk) -> None:
    while check(walk, "infection").entry is not None:
        take_back(walk, "infection")
    told_back = {("check_taken_back", "lymphodepletion:infection")}
    assert told(walk) == told_back
    old = walk.now - timedelta(days=8)
    [stale] = record(walk, CheckNote("infection", "met", checked_at=old))
    assert (check(walk, "infection").status, told(walk)) == ("stale", told_back)
    walk.until(-3)
    with pytest.raises(Refused) as refused:
        walk.give("lymphodepletion", 2)
    assert codes(refused.value) == {"dose_against_infection"}
    record(walk, CheckNote("infection", "not_met", remark="fever", replaces=stale.pk))
    assert told(walk) == told_back | {("check_not_met", "lymphodepletion:infection")}
    record(walk, CheckNote("infection", "met"))
    assert told(walk) == set()
    walk.give("lymphodepletion", 2)


def test_what_a_correction_leaves_too_old_is_told_and_asked(walk: Walk) -> None:
    row = check(walk, "infection").entry
    old = walk.now - timedelta(days=8)
    record(walk, CheckNote("infection", "met", checked_at=old, remark="last week", replaces=row))
    assert check(walk, "infection").status == "stale"
    assert told(walk) == {("check_taken_back", "lymphodepletion:infection")}
    walk.until(-3)
    with pytest.raises(Refused) as refused:
        walk.give("lymphodepletion", 2)
    assert codes(refused.value) == {"dose_against_infection"}


def test_what_was_told_goes_when_the_check_stands_anew(walk: Walk) -> None:
    record(walk, CheckNote("gvhd", "not_met"), CheckNote("renal", value="45", unit="mL/min"))
    both = {("check_not_met", "lymphodepletion:gvhd"), ("check_asks", "lymphodepletion:renal")}
    assert told(walk) == both
    old = walk.now - timedelta(days=8)
    record(walk, CheckNote("gvhd", "met", checked_at=old))
    assert told(walk) == both, "the later row stands before it"
    record(walk, CheckNote("gvhd", "met"), CheckNote("renal", value="95", unit="mL/min"))
    assert told(walk) == set()


def test_what_a_number_asked_is_told_no_more_once_it_is_answered(walk: Walk) -> None:
    record(walk, CheckNote("renal", value="45", unit="mL/min"))
    walk.until(-3)
    record(walk, CheckNote("renal", value="44", unit="mL/min"))
    [notice] = Notice.objects.standing().filter(course=walk.course, code="check_asks")
    assert notice.count == 2
    why = {"gate_renal": "reduced by a fifth"}
    walk.give("lymphodepletion", 2, "haematologist", overrides=why)
    assert (check(walk, "renal").status, told(walk)) == ("waived", set())


def test_a_dose_that_is_entered_late_is_asked_what_was_recorded_since(walk: Walk) -> None:
    walk.until(-3)
    earlier = walk.tick()
    record(walk, CheckNote("infection", "not_met", remark="fever"))
    with pytest.raises(Refused) as refused:
        walk.give("lymphodepletion", 2, given_at=earlier)
    assert codes(refused.value) == {"dose_against_infection"}
    why = {"dose_against_infection": "the fever came after it"}
    walk.give("lymphodepletion", 2, "haematologist", given_at=earlier, overrides=why)


def test_once_its_days_are_over_what_grew_old_is_asked_like_anew(walk: Walk) -> None:
    walk.until(-2).give("lymphodepletion", 2, deviation="no bed")
    walk.until(0)
    with pytest.raises(Refused) as refused:
        walk.give("lymphodepletion", 3, deviation="no bed")
    days = {"infection", "oxygen", "renal", "counts"}  # each holds for three days
    assert codes(refused.value) == {f"dose_against_{code}" for code in days}
    assert {(one.kind, one.who_may) for one in refused.value.refusals} == {
        ("soft", ("haematologist",))
    }
    assert all("too long ago" in str(one) for one in refused.value.refusals)
    walk.until(10)
    with pytest.raises(Refused) as refused:
        walk.give("lymphodepletion", 3, deviation="no bed")
    assert {"dose_against_viral_pcr", "dose_against_gvhd"} <= codes(refused.value)
    assert "dose_against_disease_status" not in codes(refused.value), "it still holds"
    walk.pass_gate("lymphodepletion")
    walk.give("lymphodepletion", 3, deviation="no bed")


def test_a_course_that_was_begun_without_a_dose_asks_it_too(walk: Walk) -> None:
    [first] = [dose for dose in walk.doses("lymphodepletion") if dose.number == 1]
    assert first.given_on is not None
    walk.move("lymphodepletion", "stopped", reason="another regimen")
    walk.open("lymphodepletion", regimen="Flu/Cy")
    walk.until(-3).pass_gate("lymphodepletion")
    off = {"first_dose_off_day": "anew"}
    walk.move("lymphodepletion", "in_progress", overrides=off)
    with pytest.raises(Refused) as refused:
        walk.until(10).give("lymphodepletion", 1, deviation="late")
    assert "dose_against_infection" in codes(refused.value)
