"""Recording the checks of a gate: outcomes, values, waivers, corrections, and who may."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from accounts.models import User
from audit.models import AuditEvent
from config.demo_data.passing import passing_value
from pathway.assessing import ItemNote
from pathway.checklists import check_rows
from pathway.domain.gate_rules import Gate
from pathway.domain.gates import CheckStanding, checklist
from pathway.gating import CheckNote, facts_before, record_checks
from pathway.loading import load_state
from pathway.models import GateEntry
from pathway.passages import behind, passage_of, unchecked
from pathway.referring import NewCourse
from pathway.transcribing import Transcript, transcribe
from patients.models import Course
from protocol.models import Protocol
from reminders.models import Notice
from terms.day_numbers import local_date
from terms.refusals import NotAllowed, Refused
from tests.conftest import NOW, UserWith
from tests.domain.test_transcription import FOLLOWED
from tests.services.refused import codes, fields
from tests.services.test_transcribing import ROSSI
from tests.walking import DAY_ZERO, Walk

pytestmark = pytest.mark.walked("to_bridging", "make")


@pytest.fixture
def walk(walk: Walk) -> Walk:
    """A course before the gate to lymphodepletion, the product stored."""
    return walk.until(-7)


def check(walk: Walk, gate: str, code: str) -> CheckStanding:
    """How a check stands now."""
    seen = facts_before(load_state(walk.course), Gate(gate), walk.now)
    return next(one for one in checklist(Gate(gate), seen) if one.check.code == code)


def record(walk: Walk, *notes: CheckNote, gate: str = "lymphodepletion", by: str = "haematologist"
           ) -> list[GateEntry]:  # fmt: skip
    """Record checks of a gate."""
    return record_checks(
        course_id=walk.course.pk, gate=Gate(gate), notes=notes, actor=walk.by(by), now=walk.tick()
    )


def test_every_open_check_is_named_and_the_gate_opens_when_none_is(walk: Walk) -> None:
    walk.pass_gate("lymphodepletion", "infection", "cardiac", "oxygen")
    record(walk, CheckNote("infection", "not_met"), CheckNote("oxygen", value="91,5"))
    assert (check(walk, "lymphodepletion", "oxygen").status) == "not_met"
    assert check(walk, "lymphodepletion", "oxygen").value == "91.5"
    with pytest.raises(Refused) as refused:
        walk.go("lymphodepletion")
    assert codes(refused.value) == {"gate_infection", "gate_cardiac", "gate_oxygen"}
    kinds = {one.code: one.kind for one in refused.value.refusals}
    assert kinds == {"gate_infection": "hard", "gate_cardiac": "soft", "gate_oxygen": "soft"}
    record(walk, CheckNote("infection", "met"), CheckNote("oxygen", value="92"))
    change = walk.go("lymphodepletion", overrides={"gate_cardiac": "the laboratory is late"})
    said = "Troponin and NT-proBNP repeated: not recorded."
    assert change.overrides == [
        {"code": "gate_cardiac", "reason": "the laboratory is late", "said": said}
    ]
    # The reason given with the move is kept as the waiver of its check.
    found = check(walk, "lymphodepletion", "cardiac")
    assert (found.status, found.remark) == ("waived", "the laboratory is late")
    passage = passage_of(load_state(walk.course), Gate.LYMPHODEPLETION)
    assert passage is not None
    assert [one["reason"] for one in passage.reasons] == ["the laboratory is late"]
    assert passage_of(load_state(walk.course), Gate.INFUSION) is None
    assert not unchecked(load_state(walk.course), Gate.LYMPHODEPLETION)
    with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
        GateEntry.objects.all().delete()


def test_a_check_grows_old_and_is_asked_again(walk: Walk) -> None:
    walk.pass_gate("lymphodepletion")
    walk.now += timedelta(hours=72)
    with pytest.raises(Refused) as refused:
        walk.go("lymphodepletion")
    assert codes(refused.value) == {"gate_infection", "gate_oxygen", "gate_counts", "gate_renal"}
    assert all("too long ago" in str(one) for one in refused.value.refusals)


def test_a_waiver_needs_a_reason_a_role_and_something_to_waive(walk: Walk) -> None:
    with pytest.raises(Refused) as refused:
        record(
            walk,
            CheckNote("cardiac", "waived"),
            CheckNote("infection", "waived", remark="x"),
            CheckNote("product", "waived", remark="x"),
            CheckNote("bridging_washout", "waived", remark="x"),
        )
    assert fields(refused.value) == {
        ("cardiac", "reason_missing"), ("infection", "not_waivable"), ("product", "not_waivable"),
        ("bridging_washout", "nothing_to_waive"),
    }  # fmt: skip
    with pytest.raises(NotAllowed) as forbidden:
        record(walk, CheckNote("cardiac", "waived", remark="x"), by="ward_nurse")
    assert [one.who_may for one in forbidden.value.refusals] == [("haematologist",)]
    record(walk, CheckNote("cardiac", "waived", remark="echo of last week stands"))
    assert check(walk, "lymphodepletion", "cardiac").passed


def test_what_a_guard_refuses_is_waived_with_the_move_only(course: Course, user_with: UserWith
                                                          ) -> None:  # fmt: skip
    walk = Walk(course, user_with).to_apheresis()
    walk.open("apheresis", "coordinator", planned_on=walk.now.date())
    walk.note("line", on="2026-09-12", treatment="chemo", drug_class="chemotherapy")
    assert check(walk, "collection", "washouts").status == "not_met"
    with pytest.raises(Refused) as refused:
        record(walk, CheckNote("washouts", "waived", remark="x"), gate="collection")
    assert codes(refused.value) == {"waived_with_move"}


def test_a_collection_is_weighed_on_its_planned_day(course: Course, user_with: UserWith) -> None:
    walk = Walk(course, user_with).to_apheresis()
    walk.note("line", on="2026-09-12", treatment="chemo", drug_class="chemotherapy")
    assert check(walk, "collection", "washouts").status == "not_met"
    walk.open("apheresis", "coordinator", planned_on=walk.now.date() + timedelta(days=14))
    assert check(walk, "collection", "washouts").status == "met"
    walk.pass_gate("collection", "counts", "access")
    record(walk, CheckNote("counts", "waived", remark="count of the ward"), gate="collection")
    walk.move("apheresis", "cleared", overrides={"gate_access": "PICC comes today"})
    assert check(walk, "collection", "access").remark == "PICC comes today"


def test_everything_wrong_with_a_batch_is_said_at_once(walk: Walk) -> None:
    with pytest.raises(Refused) as refused:
        record(
            walk,
            CheckNote("oxygen", value="ninety"),
            CheckNote("infection", "perhaps"),
            CheckNote("gvhd", "met", checked_at=walk.now + timedelta(days=1)),
            CheckNote("gvhd", "met"),
            CheckNote("bed", "not_applicable"),
            CheckNote("hold", "met"),
            CheckNote("chest_film", "met", value="clear"),
            CheckNote("weather", "met"),
        )
    assert fields(refused.value) == {
        ("oxygen", "not_a_number"), ("infection", "unknown_outcome"), ("gvhd", "future_date"),
        ("gvhd", "twice"), ("bed", "always_applies"), ("hold", "computed"),
        ("chest_film", "no_value"), ("weather", "unknown_check"),
    }  # fmt: skip
    assert GateEntry.objects.filter(gate="lymphodepletion").count() == 0
    with pytest.raises(Refused) as empty:
        record(walk)
    assert codes(empty.value) == {"nothing_given"}
    with pytest.raises(Refused) as early:
        record(walk, CheckNote("infection", "met"), gate="infusion")
    assert codes(early.value) == {"wrong_stage"}
    with pytest.raises(NotAllowed):
        record(walk, CheckNote("infection", "met"), by="coordinator")


def test_a_page_of_before_a_red_check_cannot_be_sent(walk: Walk) -> None:
    version = Course.objects.get(pk=walk.course.pk).version
    record(walk, CheckNote("infection", "met"))
    assert Course.objects.get(pk=walk.course.pk).version == version
    record(walk, CheckNote("infection", "not_met"))
    assert Course.objects.get(pk=walk.course.pk).version == version + 1
    record(walk, CheckNote("renal", value="90"))
    assert Course.objects.get(pk=walk.course.pk).version == version + 2


def test_a_correction_takes_the_place_of_the_row_that_counts(walk: Walk) -> None:
    [wrong] = record(walk, CheckNote("renal", value="9", confirmed=True))
    with pytest.raises(Refused) as bare:
        record(walk, CheckNote("renal", value="90", replaces=wrong.pk))
    assert codes(bare.value) == {"reason_missing"}
    version = Course.objects.get(pk=walk.course.pk).version
    record(walk, CheckNote("renal", value="90", remark="a digit was lost", replaces=wrong.pk))
    assert check(walk, "lymphodepletion", "renal").value == "90"
    assert Course.objects.get(pk=walk.course.pk).version == version + 1
    with pytest.raises(Refused) as gone:
        record(walk, CheckNote("renal", value="91", remark="x", replaces=wrong.pk))
    assert codes(gone.value) == {"no_such_row"}
    event = AuditEvent.objects.filter(action="gate.record").latest("pk")
    assert event.after["entries"][0]["replaces"] == wrong.pk
    with pytest.raises(Course.DoesNotExist):
        record_checks(
            course_id=walk.course.pk + 999, gate=Gate.INFUSION, notes=[],
            actor=walk.by("haematologist"), now=walk.tick(),
        )  # fmt: skip


def test_a_record_that_was_a_mistake_is_taken_back(walk: Walk) -> None:
    [low] = record(walk, CheckNote("oxygen", value="91"))
    [waiver] = record(walk, CheckNote("oxygen", "waived", remark="93 at rest"))
    back = CheckNote("oxygen", "withdrawn", remark="another patient's", replaces=waiver.pk)
    for fault, code in (
        ({"replaces": None}, "no_such_row"),
        ({"replaces": low.pk}, "no_such_row"),
        ({"remark": " "}, "reason_missing"),
    ):
        with pytest.raises(Refused) as refused:
            record(walk, replace(back, **fault))
        assert codes(refused.value) == {code}
    with pytest.raises(NotAllowed) as forbidden:
        record(walk, back, by="ward_nurse")
    assert [one.who_may for one in forbidden.value.refusals] == [("haematologist",)]
    record(walk, replace(back, value="99"))
    assert check(walk, "lymphodepletion", "oxygen").status == "not_met"
    record(walk, replace(back, replaces=low.pk), by="ward_nurse")
    found = check(walk, "lymphodepletion", "oxygen")
    assert (found.status, found.value, found.entry) == ("missing", "", None)
    with pytest.raises(Refused) as refused:
        record(walk, replace(back, replaces=low.pk))
    assert codes(refused.value) == {"no_such_row"}
    rows = GateEntry.objects.filter(check_code="oxygen").order_by("pk")
    assert [row.outcome for row in rows] == ["not_met", "waived", "withdrawn", "withdrawn"]
    assert [row.value for row in rows] == ["91", "", "", ""]
    event = AuditEvent.objects.filter(action="gate.record").latest("pk")
    assert event.after["entries"][0]["outcome"] == "withdrawn"
    for bare in ({"remark": ""}, {"replaces": None}):
        row = rows[2]
        row.pk, row.replaces_id = None, rows[3].pk
        for name, value in bare.items():
            setattr(row, name, value)
        with pytest.raises(IntegrityError), transaction.atomic():
            row.save(force_insert=True)


def test_a_waiver_of_a_computed_check_is_taken_back_even_while_it_waits(
    course: Course, user_with: UserWith
) -> None:
    walk = Walk(course, user_with).to_apheresis().assess(ItemNote("VIRO", "requested"))
    waiver = CheckNote("virology", "waived", remark="is on its way")
    [kept] = record(walk, waiver, gate="collection")
    assert check(walk, "collection", "virology").status == "waived"
    result = walk.rules.items.by_code["VIRO"].measure
    walk.assess(ItemNote("VIRO", "resulted", passing_value("VIRO", result)))
    waits = check(walk, "collection", "virology")
    assert (waits.status, waits.waiver) == ("met", kept.pk)
    with pytest.raises(Refused) as refused:
        record(walk, replace(waiver, replaces=kept.pk), gate="collection")
    assert codes(refused.value) == {"no_such_row"}, "a waiver that waits is not corrected"
    back = CheckNote("virology", "withdrawn", remark="wrong course", replaces=kept.pk)
    record(walk, back, gate="collection")
    walk.assess(ItemNote("VIRO", "requested"))
    assert check(walk, "collection", "virology").status == "missing"


def test_fever_may_not_apply_and_a_second_lymphodepletion_asks_afresh(
    course: Course, user_with: UserWith
) -> None:
    walk = Walk(course, user_with).to_lymphodepletion().deplete()
    record(walk, CheckNote("fever", "not_applicable"), gate="infusion")
    assert check(walk, "infusion", "fever").status == "not_applicable"
    walk.go("bridging", reason="fever after all")
    seen = check(walk, "lymphodepletion", "infection")
    assert seen.status == "missing"
    walk.pass_gate("lymphodepletion", "bed")
    walk.go("lymphodepletion", overrides={"gate_bed": "comes on Monday"})
    rounds = GateEntry.objects.filter(check_code="bed").order_by("pk")
    assert [(row.round, row.outcome) for row in rounds][-1] == (2, "waived")


def test_a_transcribed_course_is_past_a_gate_that_nobody_asked_about(
    course: Course, user_with: UserWith
) -> None:
    walk = Walk(course, user_with).to_apheresis()
    state = load_state(walk.course)
    assert not any(unchecked(state, gate) for gate in Gate)
    state.journey.stage = "infusion"
    assert [unchecked(state, gate) for gate in Gate] == [True, True, True, False]
    state.journey.stage = "withdrawn"
    assert not any(unchecked(state, gate) for gate in Gate)


def test_a_course_entered_with_its_past_went_through_no_gate(
    protocol: Protocol, coordinator: User
) -> None:
    asked = NewCourse(protocol_code=protocol.code, referred_on=FOLLOWED.referred_on)
    entered = transcribe(
        patient=ROSSI, transcript=Transcript(asked, FOLLOWED), actor=coordinator, now=NOW
    )
    state = load_state(entered)
    assert not any(passage_of(state, gate) for gate in Gate)
    assert all(unchecked(state, gate) for gate in Gate)
    # What can be computed today is told, and nothing of it wears a tick.
    on = local_date(NOW, entered.centre.zone)
    for gate in Gate:
        shown = check_rows(coordinator, state.facts(on=on, at=NOW), gate, not_checked=True)
        assert {(row.tone, row.passed) for row in shown} == {("unchecked", False)}
        assert any(row.value for row in shown)


def test_the_collection_asks_again_what_grew_old_since_the_clearance(
    course: Course, user_with: UserWith
) -> None:
    walk = Walk(course, user_with).to_apheresis().until(-33)
    walk.open("apheresis", "coordinator", planned_on=walk.now.date())
    walk.pass_gate("collection").move("apheresis", "cleared", "apheresis_nurse")
    walk.until(-30)
    with pytest.raises(Refused) as refused:
        walk.move("apheresis", "in_progress", "apheresis_nurse")
    assert codes(refused.value) == {"gate_counts", "gate_labels"}


def test_reasons_of_another_move_are_kept_by_no_gate(walk: Walk) -> None:
    kept: Any = GateEntry.objects.filter(outcome="waived").count()
    walk.go("withdrawn", reason="wishes so")
    assert GateEntry.objects.filter(outcome="waived").count() == kept


def test_a_low_clearance_yields_to_the_reason_for_the_dose(walk: Walk) -> None:
    with pytest.raises(Refused) as refused:
        record(walk, CheckNote("counts_recovered", value="2"))
    assert codes(refused.value) == {"repeat_only"}
    walk.pass_gate("lymphodepletion", "renal")
    record(walk, CheckNote("renal", value="52"))
    seen = facts_before(load_state(walk.course), Gate.LYMPHODEPLETION, walk.now)
    by = walk.by("haematologist")
    rows = check_rows(by, seen, Gate.LYMPHODEPLETION, not_checked=False)
    [row, white] = [r for r in rows if r.code in ("renal", "counts_recovered")]
    assert (row.word, row.tone, row.passed) == ("Asks for a reason", "hold", False)
    assert (white.word, white.may_record, white.may_waive) == ("Does not apply", False, False)
    with pytest.raises(Refused) as refused:
        walk.go("lymphodepletion")
    assert [(one.code, one.kind) for one in refused.value.refusals] == [("gate_renal", "soft")]
    walk.go("lymphodepletion", overrides={"gate_renal": "20 mg/m2 ordered"})
    assert check(walk, "lymphodepletion", "renal").status == "waived"
    record(walk, CheckNote("renal", value="28"))
    assert check(walk, "lymphodepletion", "renal").status == "not_met"


def test_each_lymphodepletion_asks_its_gate_before_the_first_dose(walk: Walk) -> None:
    walk.pass_gate("lymphodepletion").go("lymphodepletion")
    walk.until(-6).plan("infusion", DAY_ZERO)
    walk.open("lymphodepletion", regimen="Flu/Cy")
    assert not behind(load_state(walk.course), Gate.LYMPHODEPLETION)
    walk.pass_gate("lymphodepletion").until(-4).give("lymphodepletion", 1)
    assert behind(load_state(walk.course), Gate.LYMPHODEPLETION)


def test_an_impossible_number_is_refused_and_an_unusual_one_confirmed(walk: Walk) -> None:
    with pytest.raises(Refused) as refused:
        record(
            walk,
            CheckNote("oxygen", value="9200"),
            CheckNote("renal", value="250"),
            CheckNote("tocilizumab", value="400"),
        )
    assert fields(refused.value) == {
        ("oxygen", "impossible"), ("renal", "unusual"), ("tocilizumab", "impossible"),
    }  # fmt: skip
    assert not GateEntry.objects.filter(check_code="renal").exists()
    record(walk, CheckNote("renal", value="150", confirmed=True))
    assert check(walk, "lymphodepletion", "renal").status == "met"
    assert AuditEvent.objects.latest("pk").after["typed"] == {"renal": "150 (confirmed)"}


@pytest.mark.walked("to_bridging", "make")
def test_a_check_not_met_after_its_gate_was_passed_is_told(walk: Walk) -> None:
    told = Notice.objects.standing().filter(course=walk.course, code="check_not_met")

    def record(gate: Gate, check: str) -> None:
        record_checks(
            course_id=walk.course.pk, gate=gate, notes=[CheckNote(check, "not_met")],
            actor=walk.by("haematologist"), now=walk.tick(),
        )  # fmt: skip

    record(Gate.LYMPHODEPLETION, "gvhd")  # before the gate it stops the move itself
    assert not told.exists()
    walk.until(-7).pass_gate("lymphodepletion").go("lymphodepletion")
    record(Gate.INFUSION, "reactions")  # nothing is thawed yet
    assert not told.exists()
    record(Gate.LYMPHODEPLETION, "gvhd")
    assert told.get().params["check"]["en"] == "No active GvHD (grade 2 or more)"
    assert told.get().roles == ["haematologist", "ward_nurse"]
