"""Moving a course to another version: the preview says what the move then does, and no more."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.models import User
from audit.models import AuditEvent
from exports.timeline import course_timeline
from pathway.dosing import DoseOrder
from pathway.models import Repin
from pathway.repinning import DueChange, Effect, TargetChange, effect_of, repin
from pathway.repinning_shown import shown
from pathway.selectors import course_state
from patients.mistaken_facts import bring_back, mark_fact
from patients.models import Consent, Course, Hold
from protocol.models import Protocol
from protocol.services import publish
from reminders.models import Reminder
from terms.refusals import NotAllowed, Refused, StaleVersion
from tests.conftest import NOW, PROTOCOL_FILE, UserWith
from tests.walking import DAY_ZERO, Walk

pytestmark = pytest.mark.django_db

TEXT = PROTOCOL_FILE.read_text(encoding="utf-8")
NewVersion = Callable[..., Protocol]


def newer(*changes: tuple[str, str], number: int = 2) -> Protocol:
    """A newer version of the shipped protocol, in force."""
    text = TEXT.replace("version = 1", f"version = {number}", 1)
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return publish(content=text.encode(), filename="newer.toml", actor_name="test", now=NOW)


def marrows(seen: Effect) -> list[DueChange]:
    """The dates of marrow checks that move; later dates of other items come with each day."""
    return [change for change in seen.due if change.item.startswith("MARROW")]


LATER_MARROW = ('first_offset = { value = "28 days"', 'first_offset = { value = "30 days"')
LONGER = ("bridging.target_days = { value = 28", "bridging.target_days = { value = 35")


def effect(course: Course, target: Protocol, actor: User, now: datetime = NOW) -> Effect:
    return effect_of(course_state(actor, course.pk), target, actor=actor, now=now)


def move(course: Course, target: Protocol, actor: User, reason: str = "new evidence") -> Course:
    course.refresh_from_db()
    return repin(
        course_id=course.pk,
        protocol_id=target.pk,
        reason=reason,
        expected_version=course.version,
        actor=actor,
        now=NOW,
    )


def codes(refused: Refused) -> set[str]:
    return {refusal.code for refusal in refused.refusals}


@pytest.mark.walked("to_infusion")
def test_the_preview_names_targets_and_due_dates_and_the_move_does_just_that(
    walk: Walk, course: Course, haematologist: User
) -> None:
    before = set(Reminder.objects.filter(course=course).values_list("item", "ordinal", "due_on"))
    target = newer(LATER_MARROW, LONGER)
    seen = effect(course, target, haematologist)
    assert seen.targets == (TargetChange("bridging", 28, 35),)
    first = DAY_ZERO + timedelta(days=28)
    assert DueChange("MARROW", "1.1", first, first + timedelta(days=2)) in seen.due
    assert (seen.refused, seen.refusals) == ((), ())
    unchanged = Reminder.objects.filter(course=course)
    assert set(unchanged.values_list("item", "ordinal", "due_on")) == before
    course.refresh_from_db()
    version = course.version
    moved = move(course, target, haematologist)
    assert (moved.protocol, moved.version) == (target, version + 1)
    due = {f"1.{row.ordinal}": row.due_on for row in unchanged.filter(item="MARROW")}
    for change in marrows(seen):
        assert due[change.number] == change.after
    third = newer(LATER_MARROW, LONGER, number=3)
    assert marrows(effect(moved, third, haematologist)) == []


def test_the_move_is_kept_on_the_timeline_and_in_the_audit(
    course: Course, haematologist: User
) -> None:
    first = course.protocol
    target = newer(LONGER)
    move(course, target, haematologist, " new evidence ")
    made = Repin.objects.get(course=course)
    assert (made.source, made.target, made.reason) == (first, target, "new evidence")
    event = AuditEvent.objects.get(action="course.repin")
    assert (event.before["version"], event.after["version"]) == (1, 2)
    assert event.reason == "new evidence"
    rows = course_timeline(haematologist, Course.objects.get(pk=course.pk))
    told = [row for row in rows if row.event_code == "PROTOCOL_VERSION"]
    assert [(row.event_date, row.value, row.entered_by) for row in told] == [
        ("2026-11-12", "2", haematologist.get_username())
    ]
    with pytest.raises(DatabaseError), transaction.atomic():
        made.delete()


@pytest.mark.walked("to_infusion")
def test_what_is_done_stays_and_an_item_that_goes_is_cancelled(
    walk: Walk, course: Course, haematologist: User
) -> None:
    start = TEXT.index("[schedule.MARROW]")
    end = TEXT.find("\n[", TEXT.index("until", TEXT.rindex("[[schedule.MARROW.phases]]")))
    marrow = TEXT[start : end if end > 0 else len(TEXT)]
    target = newer((marrow, marrow.replace("schedule.MARROW", "schedule.MARROW_NEW")))
    seen = effect(course, target, haematologist)
    assert {change.item for change in marrows(seen) if change.after is None} == {"MARROW"}
    assert {change.item for change in marrows(seen) if change.before is None} == {"MARROW_NEW"}
    move(course, target, haematologist)
    assert set(Reminder.objects.filter(item="MARROW").values_list("status", flat=True)) == {
        "cancelled"
    }


def test_a_check_that_would_newly_refuse_is_named(course: Course, haematologist: User) -> None:
    target = newer(("minimum_age = { value = 26", "minimum_age = { value = 90"))
    found = effect(course, target, haematologist).refused
    assert [(one.machine, one.target, one.refusal.code) for one in found] == [
        ("journey", "eligibility", "under_label_age")
    ]


@pytest.mark.walked("to_apheresis")
def test_a_version_that_lacks_what_the_course_uses_is_refused_with_everything(
    walk: Walk, course: Course, haematologist: User
) -> None:
    walk.open("containment", drug="dexamethasone", drug_class="systemic_steroid")
    order = DoseOrder("prednisone", drug_class="chemotherapy", planned_on=walk.now.date())
    walk.order("containment", order)
    walk.hold("apheresis", "TRAVEL")
    target = newer(
        ("[washouts.chemotherapy]", "[washouts.chemo]"),
        ("[washouts.systemic_steroid]", "[washouts.steroid_other]"),
        ("[delay_reasons.TRAVEL]", "[delay_reasons.TRAVELLING]"),
        ("[consents.data]", "[consents.registry]"),
    )
    wanted = {"drug_class_missing", "delay_reason_missing", "consent_missing_in_version"}
    seen = effect(course, target, haematologist)
    assert {refusal.code for refusal in seen.refusals} == wanted
    assert (seen.due, seen.refused) == ((), ())
    with pytest.raises(Refused) as refused:
        move(course, target, haematologist, reason=" ")
    assert codes(refused.value) == wanted | {"reason_missing"}
    course.refresh_from_db()
    assert course.protocol.version == 1
    assert not Repin.objects.exists()


@pytest.mark.walked("to_apheresis")
def test_what_is_hidden_counts_as_used_and_an_unknown_code_is_shown(
    walk: Walk, course: Course, haematologist: User
) -> None:
    hold = walk.hold("apheresis", "TRAVEL")
    consent = Consent.objects.get(course=course, kind="data")
    quality = walk.by("quality")
    about: dict[str, Any] = {"course_id": course.pk, "reason": "wrong"}
    marks = [
        mark_fact(kind=kind, fact_id=pk, actor=haematologist, now=walk.tick(), **about)
        for kind, pk in (("hold", hold.pk), ("consent", consent.pk))
    ]
    target = newer(
        ("[delay_reasons.TRAVEL]", "[delay_reasons.TRAVELLING]"),
        ("[consents.data]", "[consents.registry]"),
    )
    with pytest.raises(Refused) as refused:
        move(course, target, haematologist)
    assert codes(refused.value) == {"delay_reason_missing", "consent_missing_in_version"}
    # As a course stands that was moved while this was not asked.
    Course.objects.filter(pk=course.pk).update(protocol=target)
    for mark in marks:
        bring_back(correction_id=mark.pk, reason="right", actor=quality, now=walk.tick())
    assert Hold.objects.get().in_error is False
    client = Client()
    client.force_login(haematologist)
    for name in ("course", "summary", "course_records"):
        page = client.get(reverse(name, args=[course.pk]))
        assert (page.status_code, "TRAVEL" in page.content.decode()) == (200, True), name
    assert client.get(reverse("board")).status_code == 200


def test_only_a_newer_version_of_the_same_protocol_in_force_is_followed(
    course: Course, haematologist: User, user_with: UserWith
) -> None:
    young = PROTOCOL_FILE.with_name("tisacel-young-all.toml")
    other = publish(content=young.read_bytes(), filename=young.name, actor_name="test", now=NOW)
    first = course.protocol
    for target, code in ((other, "other_protocol"), (first, "same_version")):
        with pytest.raises(Refused) as refused:
            move(course, target, haematologist)
        assert codes(refused.value) == {code}
    second = newer(LONGER)
    newer(number=3)
    second.refresh_from_db()
    with pytest.raises(Refused) as refused:
        move(course, second, haematologist)
    assert codes(refused.value) == {"not_in_force"}


def test_a_closed_course_keeps_its_version(walk: Walk, course: Course, haematologist: User) -> None:
    walk.go("withdrawn", reason="moved away")
    with pytest.raises(Refused) as refused:
        move(course, newer(LONGER), haematologist)
    assert codes(refused.value) == {"course_closed"}


def test_role_and_version_are_checked(
    course: Course, haematologist: User, coordinator: User
) -> None:
    target = newer(LONGER)
    with pytest.raises(NotAllowed):
        move(course, target, coordinator)
    with pytest.raises(StaleVersion):
        repin(
            course_id=course.pk,
            protocol_id=target.pk,
            reason="x",
            expected_version=course.version + 1,
            actor=haematologist,
            now=NOW,
        )


# --- pages and API


@pytest.mark.walked("to_infusion")
def test_the_page_shows_the_preview_and_moves(
    walk: Walk, client: Client, course: Course, haematologist: User, coordinator: User
) -> None:
    first, target = course.protocol, newer(LATER_MARROW, LONGER)
    url = reverse("course_protocol", args=[course.pk])
    client.force_login(coordinator)
    assert "to this version" not in client.get(url).text
    client.force_login(haematologist)
    listed = client.get(reverse("protocol_courses", args=[target.pk]))
    assert course.code in listed.text
    page = client.get(url)
    due = DAY_ZERO + timedelta(days=30)
    assert f"{due:%d-%b-%Y}" in page.text
    course.refresh_from_db()
    asked = {
        "protocol_id": str(target.pk),
        "expected_version": str(course.version),
        "reason": "new evidence",
    }
    assert client.post(url, asked | {"reason": ""}).status_code == 422
    assert client.post(url, asked | {"expected_version": "1"}).status_code == 409
    assert client.post(url, asked).status_code == 302
    course.refresh_from_db()
    assert course.protocol == target != first
    assert (
        "Every course under way follows this version."
        in client.get(reverse("protocol_courses", args=[target.pk])).text
    )
    assert "The course follows the version in force." in client.get(url).text


def test_the_page_says_when_nothing_is_in_force(
    client: Client, course: Course, haematologist: User
) -> None:
    Protocol.objects.filter(pk=course.protocol_id).update(status="retired")
    client.force_login(haematologist)
    url = reverse("course_protocol", args=[course.pk])
    assert "No version of this protocol is in force." in client.get(url).text
    assert client.post(url, {}).status_code == 422


def test_the_api_previews_and_moves(course: Course, haematologist: User) -> None:
    target = newer(
        LONGER,
        ("minimum_age = { value = 26", "minimum_age = { value = 90"),
        ("[eligibility_items.CBC]", "[eligibility_items.CBCX]"),
    )
    api = APIClient()
    api.force_authenticate(haematologist)
    url = f"/api/v1/courses/{course.pk}/protocol/"
    seen = api.get(url)
    told = seen.json()
    assert (told["follows"]["version"], told["in_force"]["version"]["version"]) == (1, 2)
    assert told["in_force"]["targets"] == [{"stage": "bridging", "before": 28, "after": 35}]
    assert told["in_force"]["refused"][0]["refusal"]["code"] == "under_label_age"
    assert told["in_force"]["checks"] == [
        {"gate": "", "code": "CBC", "before": "not_requested", "after": ""},
        {"gate": "", "code": "CBCX", "before": "", "after": "not_requested"},
    ]
    body = {"protocol_id": target.pk, "reason": "new evidence"}
    assert api.post(url, body, format="json").status_code == 428
    done = api.post(url, body, format="json", headers={"If-Match": seen["ETag"]})
    assert (done.status_code, done.json()["version"]) == (201, 2)
    missing = api.post(
        url, body | {"protocol_id": 9_999_999}, format="json", headers={"If-Match": done["ETag"]}
    )
    assert missing.status_code == 404
    Protocol.objects.filter(pk=target.pk).update(status="retired")
    assert api.get(url).json()["in_force"] is None


@pytest.mark.walked("to_infusion")
def test_a_window_that_changes_moves_no_date(
    walk: Walk, course: Course, haematologist: User
) -> None:
    target = newer(("window_after = { value = 7", "window_after = { value = 9"))
    assert marrows(effect(course, target, haematologist)) == []
    move(course, target, haematologist)
    first = Reminder.objects.filter(course=course, item="MARROW").earliest("due_on")
    assert (first.window_end - first.due_on).days == 9


def test_the_page_names_the_move_that_would_newly_be_refused(
    client: Client, course: Course, haematologist: User
) -> None:
    newer(("minimum_age = { value = 26", "minimum_age = { value = 90"))
    client.force_login(haematologist)
    page = client.get(reverse("course_protocol", args=[course.pk]))
    assert "Referral → Eligibility: The patient is younger than the label" in page.text


# --- items and checks


_AIR = 'at_least = { value = {}, source = "EBMT/EHA"'
CLEANER_AIR = (_AIR.replace("{}", "92"), _AIR.replace("{}", "99"))
NO_FILM = ("[gates.lymphodepletion.chest_film]", "[gates.lymphodepletion.chest_scan]")


@pytest.mark.walked("to_bridging", "make")
def test_a_check_weighed_otherwise_is_named_and_no_longer_met_after_the_move(
    walk: Walk, course: Course, haematologist: User
) -> None:
    walk.until(-7)
    walk.pass_gate("lymphodepletion")
    target = newer(CLEANER_AIR, NO_FILM)
    found = effect(course, target, haematologist, walk.now)
    assert [(one.gate, one.code, one.before, one.after) for one in found.checks] == [
        ("lymphodepletion", "oxygen", "met", "not_met"),
        ("lymphodepletion", "chest_film", "met", ""),
        ("lymphodepletion", "chest_scan", "", "missing"),
    ]
    said = [(line.what, line.before, line.after) for line in shown(found).checks]
    label = "Gate to lymphodepletion: Oxygen saturation in room air"
    assert (label, "Met", "Not met") in said
    assert [one for one in said if "" in one]
    move(course, target, haematologist)
    with pytest.raises(Refused) as refused:
        walk.go("lymphodepletion")
    assert codes(refused.value) == {"gate_oxygen", "gate_chest_scan"}


@pytest.mark.walked("to_eligibility")
def test_an_item_weighed_otherwise_is_named_while_the_review_is_ahead(
    walk: Walk, course: Course, haematologist: User
) -> None:
    walk.move("eligibility", "assessing", "coordinator")
    walk.assess()
    target = newer(("[eligibility_items.CBC]", "[eligibility_items.CBCX]"))
    found = effect(course, target, haematologist, walk.now).checks
    items = [(one.code, one.before, one.after) for one in found if not one.gate]
    assert items == [("CBC", "accepted", ""), ("CBCX", "", "not_requested")]
    assert "Eligibility review: " in shown(effect(course, target, haematologist)).checks[-1].what
    walk.move("eligibility", "mdt_review", "coordinator")
    walk.meet().move("eligibility", "accepted")
    walk.go("apheresis")
    assert not [one for one in effect(course, target, haematologist).checks if not one.gate]
