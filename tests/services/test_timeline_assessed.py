"""Meetings, items, gates and what stops a product on the timeline: on screen and in files."""

from datetime import date, timedelta

import pytest
from django.utils import translation

from accounts.models import User
from exports.assessed_words import ASSESSED
from exports.event_labels import EVENT_LABELS
from exports.labels import label_of
from exports.timeline import TimelineRow, course_timeline, timeline
from pathway import timeline_assessed
from pathway.assessing import ItemNote
from pathway.custody import number_entry, write_entry
from pathway.domain.gate_rules import Gate
from pathway.gating import CheckNote, record_checks
from pathway.meeting import sign_meeting
from pathway.models import EligibilityEntry, GateEntry, Meeting
from patients.models import Course
from terms.roles import Role
from tests.conftest import Refer, UserWith
from tests.walking import Walk


@pytest.fixture
def all_round(user_with: UserWith) -> User:
    """Somebody who may do everything."""
    return user_with(*(role.value for role in Role))


def told(walk: Walk, user: User, code: str, *, file: bool = False) -> list[TimelineRow]:
    """The rows of one code, on screen or in a file."""
    seen = Course.objects.filter(pk=walk.course.pk)
    rows = timeline(user, seen, coded=True) if file else course_timeline(user, walk.course)
    return [row for row in rows if row.event_code == code]


def test_every_code_has_a_label() -> None:
    assert timeline_assessed.CODES - EVENT_LABELS.keys() == set()
    assert timeline_assessed.CODES == ASSESSED


@pytest.mark.walked("to_eligibility")
def test_items_are_told_with_their_words_and_without_what_could_name_somebody(
    walk: Walk, all_round: User, user_with: UserWith
) -> None:
    walk.move("eligibility", "assessing", "coordinator")
    walk.assess(ItemNote("CBC", "requested"), ItemNote("LVEF", "sampled"))
    walk.assess(FIT="Signora Rossi: fit", CBC="70")
    walk.assess(ItemNote("CBC", "waived", reason="Rossi is transfused"))
    rows = {row.label: row for row in told(walk, all_round, "ELIGIBILITY_RESULT")}
    low = rows["Item resulted: Haemoglobin"]
    assert (low.value, low.unit, low.shown_value) == ("70", "g/L", "70")
    fit = next(row for row in rows.values() if row.value == "Signora Rossi: fit")
    virology = next(label for label in rows if "HIV" in label or "Hepatitis" in label)
    assert rows[virology].value == "negative"
    assert rows[virology].shown_value == "Negative"
    with translation.override("it"):
        words = {row.shown_value for row in told(walk, all_round, "ELIGIBILITY_RESULT")}
    assert "Negativo" in words or "Negativa" in words
    assert [row.value for row in told(walk, all_round, "ELIGIBILITY_WAIVED")] == [""]
    assert "ELIGIBILITY_ORDERED" in {row.event_code for row in course_timeline(
        all_round, walk.course)}  # fmt: skip
    for reader, file in ((user_with("data_manager"), False), (all_round, True)):
        coded = {row.label: row for row in told(walk, reader, "ELIGIBILITY_RESULT", file=file)}
        assert coded[fit.label].value == ""
        assert coded[virology].value == "negative"
        assert coded["Item resulted: Haemoglobin"].value == "70"
    wrong = EligibilityEntry.objects.get(step="waived").pk
    walk.assess(ItemNote("CBC", "withdrawn", reason="not transfused", replaces=wrong))
    assert told(walk, all_round, "ELIGIBILITY_WAIVED") == []
    [before] = told(walk, all_round, "CORRECTED")
    assert before.label == "Corrected, stood before: Item waived: Haemoglobin"


def test_what_follows_from_the_birth_date_is_not_told_and_hides_nothing_else(
    refer_patient: Refer, user_with: UserWith, coordinator: User, all_round: User
) -> None:
    young = refer_patient(coordinator, birth_date=date(2002, 1, 1))
    walk = Walk(young, user_with).prepare().until(-40)
    walk.go("eligibility", "haematologist", overrides={"under_label_age": "compassionate"})
    walk.move("eligibility", "assessing", "coordinator")
    walk.assess(ItemNote("AGE", "waived", reason="24 years"), ItemNote("CBC", "waived", reason="x"))
    [row] = told(walk, all_round, "ELIGIBILITY_WAIVED")
    assert row.label == "Item waived: Haemoglobin"


def test_an_item_that_the_protocol_knows_no_longer_is_told_by_its_code() -> None:
    assert label_of("ELIGIBILITY_RESULT", "item.GONE", {}) == "Item resulted: GONE"
    assert label_of("GATE_MET", "check.infusion.gone", {}) == "Check met: gone"


@pytest.mark.walked("to_eligibility")
def test_a_meeting_is_told_once_signed_or_not_and_one_that_deferred_stays(
    walk: Walk, all_round: User
) -> None:
    walk.move("eligibility", "assessing", "coordinator")
    walk.assess().move("eligibility", "mdt_review", "coordinator")
    on = walk.now.date()
    walk.meet("deferred", sign=False, reason="fever", review_on=on + timedelta(days=7))
    [row] = told(walk, all_round, "MEETING")
    assert (row.value, row.event_date) == ("deferred; not_signed", on.isoformat())
    assert row.shown_value == "Deferred; not signed yet"
    drafted = Meeting.objects.get()
    sign_meeting(course_id=walk.course.pk, meeting_id=drafted.pk, actor=walk.by("haematologist"),
                 now=walk.tick())  # fmt: skip
    [row] = told(walk, all_round, "MEETING")
    assert (row.value, row.label) == ("deferred", "Multidisciplinary meeting")
    later = {"review_on": (on + timedelta(days=7)).isoformat()}
    walk.move("eligibility", "deferred", details=later, reason="fever")
    walk.until(-33).move("eligibility", "assessing", "coordinator")
    walk.assess().move("eligibility", "mdt_review", "coordinator")
    walk.meet("not_eligible", reason="typed wrongly")
    walk.meet("accepted")
    assert [row.value for row in told(walk, all_round, "MEETING")] == ["deferred", "accepted"]
    [before] = told(walk, all_round, "CORRECTED")
    assert before.label == "Corrected, stood before: Multidisciplinary meeting"


@pytest.mark.walked("to_bridging", "make")
def test_gates_tell_what_was_waived_found_and_passed(
    walk: Walk, all_round: User, user_with: UserWith
) -> None:
    walk.until(-7).pass_gate("lymphodepletion", "bed", "oxygen")
    record_checks(
        course_id=walk.course.pk, gate=Gate.LYMPHODEPLETION, actor=walk.by("haematologist"),
        notes=[CheckNote("oxygen", value="97")], now=walk.tick(),
    )  # fmt: skip
    walk.go("lymphodepletion", overrides={"gate_bed": "Rossi comes on Monday"})
    [waived] = told(walk, all_round, "GATE_WAIVED")
    assert waived.label.startswith("Check waived: ")
    assert waived.value == "Rossi comes on Monday"
    passed = {row.label for row in told(walk, all_round, "GATE_PASSED")}
    assert passed == {"Passed: Gate to collection", "Passed: Gate to lymphodepletion"}
    met = {(row.value, row.unit) for row in told(walk, all_round, "GATE_MET")}
    assert ("97", "%") in met
    for reader, file in ((user_with("data_manager"), False), (all_round, True)):
        [coded] = told(walk, reader, "GATE_WAIVED", file=file)
        assert (coded.value, coded.label) == ("", waived.label)
    waiver = GateEntry.objects.get(outcome="waived").pk
    record_checks(
        course_id=walk.course.pk, gate=Gate.LYMPHODEPLETION, actor=walk.by("haematologist"),
        notes=[CheckNote("bed", "withdrawn", remark="another course", replaces=waiver)],
        now=walk.tick(),
    )  # fmt: skip
    assert told(walk, all_round, "GATE_WAIVED") == []
    [before] = told(walk, all_round, "CORRECTED")
    assert before.label.startswith("Corrected, stood before: Check waived: ")


@pytest.mark.walked("to_bridging", "make")
def test_what_stopped_a_product_is_told_with_its_deviation(
    walk: Walk, all_round: User, user_with: UserWith
) -> None:
    course, product, lab = walk.course.pk, walk.latest("product").pk, walk.by("cell_lab")
    entry = write_entry(
        course_id=course, product_id=product, act="tank_move", at=walk.tick(),
        values={"place": "Tank", "temperature": "cryogenic", "condition": "unsealed"},
        signed_in_at=walk.now, actor=lab, now=walk.now,
    )  # fmt: skip
    [row] = told(walk, all_round, "CUSTODY_TANK_MOVE")
    assert (row.value, row.shown_value) == ("unsealed", "Seal broken or missing")
    number_entry(course_id=course, entry_id=entry.pk, number="DEV-8", actor=lab, now=walk.tick())
    [row] = told(walk, all_round, "DEVIATION")
    assert row.value == "DEV-8"
    [row] = told(walk, user_with("data_manager"), "DEVIATION")
    assert row.value == ""
