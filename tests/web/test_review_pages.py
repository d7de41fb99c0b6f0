"""The pages of the eligibility review and of the gates: what they show, record and refuse."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.wording import day_text
from config.demo_data.passing import check_notes, item_notes
from pathway.domain.gate_rules import Gate
from pathway.models import EligibilityEntry, GateEntry, Meeting
from patients.models import Course
from tests.conftest import UserWith
from tests.walking import Walk

pytestmark = pytest.mark.walked("to_eligibility")


@pytest.fixture
def walk(walk: Walk) -> Walk:
    """A course whose review is being assessed."""
    walk.move("eligibility", "assessing", "coordinator")
    return walk


def browser_of(user: User) -> Client:
    """Somebody's browser."""
    client = Client()
    client.force_login(user)
    return client


def page_of(walk: Walk, role: str, name: str, *args: Any) -> str:
    """What a page says to somebody of a role, at the walk's now."""
    with time_machine.travel(walk.now, tick=False):
        answer = browser_of(walk.by(role)).get(reverse(name, args=[walk.course.pk, *args]))
    assert answer.status_code == 200, name
    return re.sub(r"\s+", " ", answer.content.decode())


def post(walk: Walk, role: str, name: str, *args: Any, **values: Any) -> Any:
    """Post a form as somebody of a role, an hour later."""
    with time_machine.travel(walk.tick(), tick=False):
        url = reverse(name, args=[walk.course.pk, *args])
        return browser_of(walk.by(role)).post(url, values)


def row_of(page: str, label: str) -> str:
    """The row of a checklist that begins with a label."""
    found = re.search(rf"<th scope=\"row\" role=\"rowheader\">{re.escape(label)}.*?</tr>", page)
    assert found is not None, label
    return found.group()


def test_a_review_from_orders_to_the_signed_vote(walk: Walk) -> None:
    bare = page_of(walk, "coordinator", "review")
    haemoglobin = row_of(bare, "Haemoglobin")
    assert "Not recorded" in haemoglobin
    assert "badge--ok" not in haemoglobin
    assert "&gt; 80 g/L" in haemoglobin
    assert "May be waived by: Haematologist" in haemoglobin
    assert "Haemoglobin: no result." in haemoglobin
    steps = page_of(walk, "ward_nurse", "review_steps")
    assert "Haemoglobin" in steps
    today = walk.now.date().isoformat()
    ordered = {"step": "requested", "on": today, "items": ["CBC", "LVEF"]}
    assert post(walk, "coordinator", "review_steps", **ordered).status_code == 302
    assert "Ordered" in row_of(page_of(walk, "coordinator", "review"), "Haemoglobin")
    refused = post(walk, "coordinator", "review_results", on=today, CBC="70,5", LVEF="sixty")
    assert refused.status_code == 422
    assert "is not a number" in refused.content.decode()
    assert EligibilityEntry.objects.filter(step="resulted").count() == 0
    notes = item_notes(walk.rules.items, {"CBC": "70,5"})
    values = {one.item: one.value for one in notes}
    values |= {f"{one.item}-unit": one.unit for one in notes if one.unit}
    unitless = values | {"LFT": "3.5", "LFT-unit": "", "CRCL": "250", "CBC_PLT-unit": "g/L"}
    refused = post(walk, "coordinator", "review_results", on=today, **unitless)
    assert refused.status_code == 422
    unitless |= {"CBC_PLT-unit": "10⁹/L"}
    refused = post(walk, "coordinator", "review_results", on=today, **unitless)
    assert refused.status_code == 422
    shown = refused.content.decode()
    assert "Say in which unit this is." in shown
    assert "250 mL/min is unusual" in shown
    assert "Creatinine clearance: I checked this unusual value" in shown
    assert "Bilirubin: I checked" not in shown
    unsure = values | {"CRCL": "250", "CRCL-confirmed": "199"}
    assert post(walk, "coordinator", "review_results", on=today, **unsure).status_code == 422
    values |= {"CRCL": "250", "CRCL-confirmed": "250"}
    assert post(walk, "coordinator", "review_results", on=today, **values).status_code == 302
    row = row_of(page_of(walk, "coordinator", "review"), "Haemoglobin")
    assert "Out of range" in row
    assert "70.5 g/L" in row
    assert "Haemoglobin: out of range, and not waived." in row
    assert post(walk, "haematologist", "review_waive", "CBC", reason=" ").status_code == 422
    assert (
        post(walk, "haematologist", "review_waive", "CBC", reason="transfused").status_code == 302
    )
    shown = page_of(walk, "haematologist", "review")
    assert "Waived" in row_of(shown, "Haemoglobin")
    assert "transfused" in row_of(shown, "Haemoglobin")
    assert "No item is open." in shown
    wrong = EligibilityEntry.objects.get(item="LVEF", step="resulted").pk
    right = {"on": today, "LVEF": "59", "reason": "misread", "replaces": wrong}
    assert post(walk, "haematologist", "review_correct", "LVEF", **right).status_code == 302
    assert "59 %" in row_of(page_of(walk, "haematologist", "review"), "Left ventricular")
    walk.course.refresh_from_db()
    assert "not on the meeting&#x27;s list" in page_of(walk, "coordinator", "meeting_new")
    walk.move("eligibility", "mdt_review", "coordinator")
    assert "not on the meeting&#x27;s list" not in page_of(walk, "coordinator", "meeting_new")
    minutes = {
        "held_on": today, "participants": "Two haematologists", "minutes": "Discussed.",
        "vote": "accepted", "in_favour": "3", "against": "0", "abstained": "0",
    }  # fmt: skip
    assert post(walk, "coordinator", "meeting_new", **minutes, reason="").status_code == 302
    drafted = Meeting.objects.get()
    assert "not signed yet" in page_of(walk, "coordinator", "review")
    assert post(walk, "coordinator", "meeting_sign", drafted.pk).status_code == 403
    assert post(walk, "haematologist", "meeting_sign", drafted.pk).status_code == 302
    assert post(walk, "haematologist", "meeting_sign", drafted.pk).status_code == 422
    shown = page_of(walk, "haematologist", "review")
    assert "3 in favour, 0 against, 0 abstained" in shown
    assert "Rita Verdi" in shown
    signed = minutes | {"sign": "on", "vote": "deferred"}
    assert post(walk, "haematologist", "meeting_new", **signed).status_code == 422
    assert post(walk, "haematologist", "meeting_new", **minutes, sign="on").status_code == 302
    assert Meeting.objects.latest("pk").signed_by == walk.by("haematologist")
    assert "Earlier" in page_of(walk, "coordinator", "review")


def test_what_is_too_old_says_so_and_is_ordered_again(walk: Walk) -> None:
    walk.assess()
    walk.now += timedelta(days=8)
    row = row_of(page_of(walk, "coordinator", "review"), "Haemoglobin")
    assert "Expired" in row
    assert "order it again" in row
    assert "older than its validity" in row
    form = page_of(walk, "coordinator", "review_steps")
    assert re.search(r'value="CBC"[^>]* checked', form)
    assert not re.search(r'value="LVEF"[^>]* checked', form)


def test_without_a_review_and_for_readers_of_codes(course: Course, user_with: UserWith) -> None:
    walk = Walk(course, user_with)
    assert "No eligibility review is open." in page_of(walk, "coordinator", "review")
    walk.to_eligibility().move("eligibility", "assessing", "coordinator")
    walk.assess(FIT="Signora Rossi: fit").move("eligibility", "mdt_review", "coordinator")
    walk.meet(participants="Dr Bianchi", minutes="Signora Rossi discussed")
    coded = page_of(walk, "data_manager", "review")
    assert "Haemoglobin" in coded
    assert "Age on the label" not in coded, "it would tell the birth date"
    for text in ("Rossi", "Bianchi", walk.by("haematologist").get_username()):
        assert text not in coded
    assert "a haematologist" in coded
    named = page_of(walk, "quality", "review")
    assert "Signora Rossi: fit" in named
    assert "Age on the label" in named
    assert "Record results" not in named


def test_pages_of_nothing_are_not_found(walk: Walk) -> None:
    client = browser_of(walk.by("haematologist"))
    pk = walk.course.pk
    for name, args in (
        ("review_waive", ["WEATHER"]), ("review_correct", ["CBC"]), ("meeting_sign", [1]),
        ("gate", ["follow_up"]), ("gate_waive", ["infusion", "weather"]),
        ("gate_correct", ["infusion", "premedication"]), ("gate_correct", ["infusion", "hold"]),
    ):  # fmt: skip
        assert client.get(reverse(name, args=[pk, *args])).status_code == 404, name


def test_a_gate_is_readable_long_before_and_recorded_when_its_stage_comes(walk: Walk) -> None:
    ahead = page_of(walk, "coordinator", "gate", "infusion")
    assert "This gate lies ahead." in ahead
    assert "Lymphodepletion" in ahead
    for label in ("Two qualified people", "Tocilizumab doses at hand", "Dose on the bag"):
        assert "badge--ok" not in row_of(ahead, label)
    assert "No open hold" in ahead
    assert "Record checks" not in ahead
    blank = post(walk, "haematologist", "gate_record", "infusion", checked_at="")
    assert blank.status_code == 422
    at = walk.now.astimezone(walk.course.centre.zone).strftime("%Y-%m-%d %H:%M")
    early = post(walk, "haematologist", "gate_record", "infusion", checked_at=at)
    assert "Nothing is recorded here." in early.content.decode()


@pytest.fixture
def ready(course: Course, user_with: UserWith) -> Walk:
    """A course at lymphodepletion, its doses given."""
    return Walk(course, user_with).to_lymphodepletion().deplete()


def test_a_gate_is_recorded_waived_corrected_and_said_in_the_words_of_the_move(ready: Walk) -> None:
    walk, gate = ready, "infusion"
    form = page_of(walk, "haematologist", "gate_record", gate)
    assert "does not apply" in form
    nurses = page_of(walk, "ward_nurse", "gate_record", gate)
    assert 'name="infection"' in form
    assert 'name="infection"' not in nurses
    at = walk.now.astimezone(walk.course.centre.zone).strftime("%Y-%m-%d %H:%M")
    notes = check_notes(walk.rules.gates, Gate.INFUSION, "haematologist")
    values = {one.check: one.value or one.outcome for one in notes if one.check != "fever"}
    both = values | {"fever": "50", "fever-none": "on", "checked_at": at}
    assert post(walk, "haematologist", "gate_record", gate, **both).status_code == 422
    low = values | {"tocilizumab": "0", "fever-none": "on", "checked_at": at, "premedication": ""}
    assert post(walk, "haematologist", "gate_record", gate, **low).status_code == 302
    shown = page_of(walk, "ward_nurse", "gate", gate)
    tocilizumab = row_of(shown, "Tocilizumab doses at hand")
    assert "Not met" in tocilizumab
    assert "0 doses" in tocilizumab
    assert "≥ 1 doses" in tocilizumab
    assert "Nobody may waive it" in tocilizumab
    assert "Does not apply" in row_of(shown, "Hours without fever")
    assert ">Waive<" not in shown
    moving = page_of(walk, "haematologist", "move", "infusion")
    for sentence in ("Tocilizumab doses at hand: not met.", "at the bedside."):
        assert sentence in moving
        assert sentence in shown
    assert reverse("gate", args=[walk.course.pk, gate]) in moving
    assert reverse("gate", args=[walk.course.pk, gate]) in page_of(walk, "ward_nurse", "course")
    wrong = GateEntry.objects.get(check_code="tocilizumab", outcome="not_met")
    right = {"tocilizumab": "4", "checked_at": at, "remark": "counted again", "replaces": wrong.pk}
    assert post(walk, "ward_nurse", "gate_correct", gate, "tocilizumab", **right).status_code == 302
    empty = right | {"tocilizumab": "", "replaces": GateEntry.objects.latest("pk").pk}
    assert post(walk, "ward_nurse", "gate_correct", gate, "tocilizumab", **empty).status_code == 422
    refused = post(walk, "ward_nurse", "gate_waive", gate, "premedication", reason="allergic")
    assert refused.status_code == 403
    waived = post(walk, "haematologist", "gate_waive", gate, "premedication", reason="allergic")
    assert waived.status_code == 302
    row = row_of(page_of(walk, "haematologist", "gate", gate), "Paracetamol and antihistamine")
    assert "Waived" in row
    assert "allergic" in row
    coded = page_of(walk, "data_manager", "gate", gate)
    assert "allergic" not in coded
    assert "Waived" in coded


def test_a_waiver_is_taken_back_and_stays_to_be_read(ready: Walk) -> None:
    walk, gate = ready, "infusion"
    post(walk, "haematologist", "gate_waive", gate, "premedication", reason="allergic")
    shown = row_of(page_of(walk, "haematologist", "gate", gate), "Paracetamol and antihistamine")
    assert "Take back the waiver" in shown
    assert "Take back" not in page_of(walk, "ward_nurse", "gate", gate)
    which = ("gate_take_back", gate, "premedication")
    waiver = GateEntry.objects.get(outcome="waived")
    assert f'value="{waiver.pk}"' in page_of(walk, "haematologist", *which)
    told: dict[str, Any] = {"reason": "she is not allergic", "replaces": waiver.pk}
    assert post(walk, "haematologist", *which, **told | {"reason": ""}).status_code == 422
    assert post(walk, "ward_nurse", *which, **told).status_code == 403
    assert post(walk, "haematologist", *which, **told).status_code == 302
    row = row_of(page_of(walk, "haematologist", "gate", gate), "Paracetamol and antihistamine")
    assert "<s>Waived</s>" in row
    assert "taken back" in row
    assert "she is not allergic" in row
    assert "Not recorded" in row
    coded = page_of(walk, "data_manager", "gate", gate)
    assert "<s>Waived</s>" in coded
    assert "allergic" not in coded
    gone = browser_of(walk.by("haematologist")).get(
        reverse("gate_take_back", args=[walk.course.pk, gate, "premedication"])
    )
    assert gone.status_code == 404


def test_a_result_is_taken_back_on_the_page_of_the_review(walk: Walk) -> None:
    walk.assess()
    wrong = EligibilityEntry.objects.get(item="CBC").pk
    told = {"reason": "another patient's blood", "replaces": wrong}
    assert "Take back" in row_of(page_of(walk, "haematologist", "review"), "Haemoglobin")
    assert "Why it was wrong" in page_of(walk, "haematologist", "review_take_back", "CBC")
    assert post(walk, "haematologist", "review_take_back", "CBC", **told).status_code == 302
    row = row_of(page_of(walk, "haematologist", "review"), "Haemoglobin")
    assert "Not recorded" in row
    assert "<s>Result: 98 g/L</s>" in row
    assert "another patient" in row
    client = browser_of(walk.by("haematologist"))
    address = reverse("review_take_back", args=[walk.course.pk, "CBC"])
    assert client.get(address).status_code == 404


def test_a_gate_that_was_passed_says_when_and_with_which_reasons(ready: Walk) -> None:
    walk = ready
    walk.thaw("premedication").check("bedside", "ward_nurse", "haematologist")
    walk.go("infusion", overrides={"gate_premedication": "allergic to both"})
    shown = page_of(walk, "coordinator", "gate", "infusion")
    assert "went through this gate on 20-Oct-2026" in shown
    assert "allergic to both" in shown
    assert "allergic to both" not in page_of(walk, "data_manager", "gate", "infusion")
    assert "Checked by two people, everything agreed." not in row_of(shown, "Product thawed")
    assert "badge--ok" in row_of(
        page_of(walk, "coordinator", "gate", "lymphodepletion"), "Bridging"
    )


def test_a_course_entered_with_its_past_says_not_checked(
    course: Course, user_with: UserWith
) -> None:
    walk = Walk(course, user_with).to_apheresis()
    course.journey.stage = "follow_up"
    course.journey.save()
    shown = page_of(walk, "coordinator", "gate", "infusion")
    assert "nobody checked it here" in shown
    assert "Not checked" in row_of(shown, "Resuscitation kit")


def test_the_pages_are_there_in_italian(ready: Walk) -> None:
    client = browser_of(ready.by("coordinator"))
    client.cookies["django_language"] = "it"
    for name, args in (("review", []), ("gate", ["collection"])):
        page = client.get(reverse(name, args=[ready.course.pk, *args])).content.decode()
        assert "Chi" in page or "Può derogare" in page
        assert "Not recorded" not in page


def test_a_deferral_shows_until_when_on_the_course_and_on_the_board(walk: Walk) -> None:
    walk.assess().move("eligibility", "mdt_review", "coordinator")
    later = walk.now.date() + timedelta(days=20)
    walk.meet("deferred", reason="infection", review_on=later)
    assert "Review on" not in page_of(walk, "coordinator", "course")
    walk.move("eligibility", "deferred", reason="infection")
    shown = page_of(walk, "coordinator", "course")
    assert re.search(rf"Review on</dt> ?<dd[^>]*>{day_text(later)}", shown)
    with time_machine.travel(walk.now, tick=False):
        board = browser_of(walk.by("coordinator")).get(reverse("board")).content.decode()
    assert f"Deferred, review on {day_text(later)}" in board
    walk.move("eligibility", "assessing", "coordinator")
    assert "Review on" not in page_of(walk, "coordinator", "course")
