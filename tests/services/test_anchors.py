"""Planning and setting dates: order, range, reasons, versions and what they cause."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from accounts.models import User
from audit.models import AuditEvent
from pathway.transitions import MoveOrder, advance
from patients import anchors
from patients.consequences import Event, Happening
from patients.deaths import record_death
from patients.models import Anchor, Course
from patients.models.courses import AnchorKind
from terms.refusals import NotAllowed, Refused, StaleVersion
from tests.conftest import NOW, UserWith
from tests.services.refused import codes, fields
from tests.walking import ENDINGS, Walk

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 12)


def plan(course: Course, actor: User, kind: str, on: date, **given: Any) -> Anchor:
    return anchors.plan_date(
        **{
            "course_id": course.pk,
            "kind": kind,
            "planned_on": on,
            "reason": "",
            "actor": actor,
            "now": NOW,
            **given,
        }
    )


@transaction.atomic
def happen(course: Course, actor: User, kind: str, on: date, **given: Any) -> Anchor:
    return anchors.set_actual(course, kind, on, actor=actor, now=NOW, **given)


def test_first_plan_needs_no_reason_and_raises_the_version(
    course: Course, coordinator: User, happenings: list[Happening]
) -> None:
    version = course.version
    anchor = plan(course, coordinator, "apheresis", date(2026, 11, 20))
    course.refresh_from_db()
    assert (anchor.on, anchor.occurrence, anchor.set_by) == (
        date(2026, 11, 20),
        1,
        coordinator.username,
    )
    assert course.version == version + 1
    assert [(h.event, h.course, h.cause, h.on) for h in happenings] == [
        (Event.ANCHOR_CHANGED, course, "apheresis", None),
        (Event.STEP_PLANNED, course, "apheresis", date(2026, 11, 20)),
    ]
    event = AuditEvent.objects.get(action="anchor.plan")
    assert (event.course_id, event.before["planned_on"]) == (course.pk, None)


def test_changed_plan_needs_a_reason(course: Course, coordinator: User) -> None:
    plan(course, coordinator, "infusion", date(2026, 12, 1))
    with pytest.raises(Refused) as caught:
        plan(course, coordinator, "infusion", date(2026, 12, 8), reason=" ")
    assert codes(caught.value) == {"reason_needed"}
    anchor = plan(course, coordinator, "infusion", date(2026, 12, 8), reason="EBV")
    assert (anchor.occurrence, anchor.planned_on) == (1, date(2026, 12, 8))
    assert AuditEvent.objects.filter(action="anchor.plan").latest("pk").reason == "EBV"


def test_same_plan_again_needs_no_reason(course: Course, coordinator: User) -> None:
    plan(course, coordinator, "discharge", date(2026, 12, 1))
    plan(course, coordinator, "discharge", date(2026, 12, 1))
    assert course.anchors.count() == 1


@pytest.mark.parametrize("kind", ["enrolment", "relapse", "lunch"])
def test_date_that_cannot_be_planned_is_refused(
    course: Course, coordinator: User, kind: str
) -> None:
    with pytest.raises(Refused) as caught:
        plan(course, coordinator, kind, TODAY)
    assert codes(caught.value) == {"not_plannable"}


@pytest.mark.parametrize("days", [-367, 3 * 366 + 1])
def test_plan_far_from_today_is_refused(course: Course, coordinator: User, days: int) -> None:
    with pytest.raises(Refused) as caught:
        plan(course, coordinator, "infusion", TODAY + timedelta(days=days))
    assert codes(caught.value) == {"plan_out_of_range"}


def test_plan_names_every_reason_against_it_at_once(course: Course, coordinator: User) -> None:
    happen(course, coordinator, "enrolment", date(2026, 10, 5))
    happen(course, coordinator, "infusion", date(2026, 11, 2))
    record_death(patient_id=course.patient_id, died_on=TODAY, actor=coordinator, now=NOW)
    with pytest.raises(Refused) as caught:
        plan(course, coordinator, "infusion", date(2024, 1, 1))
    assert codes(caught.value) == {
        "patient_died",
        "already_happened",
        "plan_out_of_range",
        "plan_before_earlier_step",
    }


def test_step_that_can_repeat_is_planned_as_the_next_occurrence(
    course: Course, coordinator: User
) -> None:
    happen(course, coordinator, "apheresis", date(2026, 11, 2))
    assert plan(course, coordinator, "apheresis", date(2026, 11, 20)).occurrence == 2
    latest = anchors.anchors_of(course)[AnchorKind.APHERESIS]
    assert (latest.occurrence, latest.actual_on) == (2, None)


def test_plan_after_the_earlier_step_is_in_order(course: Course, coordinator: User) -> None:
    plan(course, coordinator, "apheresis", date(2026, 12, 1))
    happen(course, coordinator, "lymphodepletion", date(2026, 11, 2))
    assert plan(course, coordinator, "infusion", date(2026, 11, 2)).planned_on == date(2026, 11, 2)


def test_plan_by_a_role_without_the_permission_is_refused(
    course: Course, user_with: UserWith
) -> None:
    with pytest.raises(NotAllowed) as caught:
        plan(course, user_with("ward_nurse"), "infusion", TODAY)
    assert caught.value.refusals[0].who_may == ("coordinator", "haematologist")


def test_plan_on_a_stale_page_is_refused(course: Course, coordinator: User) -> None:
    plan(course, coordinator, "infusion", TODAY, expected_version=course.version)
    with pytest.raises(StaleVersion):
        plan(course, coordinator, "infusion", TODAY, expected_version=course.version)


def test_plan_at_another_centre_finds_no_course(
    course: Course, user_with: UserWith, other_centre: object
) -> None:
    with pytest.raises(Course.DoesNotExist):
        plan(course, user_with("coordinator", at=other_centre), "infusion", TODAY)


def test_actual_date_in_the_future_is_refused(course: Course, coordinator: User) -> None:
    with pytest.raises(Refused) as caught:
        happen(course, coordinator, "infusion", TODAY + timedelta(days=1))
    assert codes(caught.value) == {"future_date"}


def test_actual_date_stands_beside_the_plan_and_is_corrected_in_place(
    course: Course, coordinator: User, happenings: list[Happening]
) -> None:
    plan(course, coordinator, "infusion", date(2026, 11, 10))
    happen(course, coordinator, "infusion", date(2026, 11, 11), source="synthetic")
    anchor = happen(course, coordinator, "infusion", date(2026, 11, 9))
    assert (anchor.planned_on, anchor.actual_on, anchor.on, anchor.source) == (
        date(2026, 11, 10),
        date(2026, 11, 9),
        date(2026, 11, 9),
        "",
    )
    assert [h.event for h in happenings].count(Event.ANCHOR_CHANGED) == 3


def test_actual_date_of_a_named_occurrence_is_its_own_row(
    course: Course, coordinator: User
) -> None:
    happen(course, coordinator, "apheresis", date(2026, 11, 2), occurrence=1)
    happen(course, coordinator, "apheresis", date(2026, 11, 9), occurrence=2)
    happen(course, coordinator, "apheresis", date(2026, 11, 3), occurrence=1)
    assert list(course.anchors.order_by("occurrence").values_list("actual_on", flat=True)) == [
        date(2026, 11, 3),
        date(2026, 11, 9),
    ]


def test_cleared_date_leaves_its_plan(course: Course, coordinator: User) -> None:
    plan(course, coordinator, "infusion", date(2026, 11, 10))
    happen(course, coordinator, "infusion", date(2026, 11, 11))
    anchors.clear_actual(course, "infusion", actor=coordinator, now=NOW, reason="never infused")
    anchor = course.anchors.get()
    assert (anchor.planned_on, anchor.actual_on) == (date(2026, 11, 10), None)
    assert AuditEvent.objects.get(action="anchor.clear").reason == "never infused"


def test_cleared_date_without_a_plan_goes_and_stays_in_the_audit(
    course: Course, coordinator: User
) -> None:
    happen(course, coordinator, "infusion", date(2026, 11, 11))
    anchors.clear_actual(course, "infusion", actor=coordinator, now=NOW)
    assert not course.anchors.exists()
    event = AuditEvent.objects.get(action="anchor.clear")
    assert event.before["actual_on"] == "2026-11-11"


def test_nothing_to_clear_changes_nothing(
    course: Course, coordinator: User, happenings: list[Happening]
) -> None:
    plan(course, coordinator, "apheresis", date(2026, 11, 20))
    anchors.clear_actual(course, "apheresis", actor=coordinator, now=NOW)
    anchors.clear_actual(course, "infusion", actor=coordinator, now=NOW, occurrence=3)
    assert [h.event for h in happenings].count(Event.ANCHOR_CHANGED) == 1


def test_plan_for_a_course_that_ended_is_refused(course: Course, coordinator: User) -> None:
    order = MoveOrder("withdrawn", NOW, reason="a test", details=ENDINGS["withdrawn"])
    advance(course_id=course.pk, order=order, actor=coordinator, now=NOW)
    with pytest.raises(Refused) as caught:
        plan(course, coordinator, "infusion", date(2026, 12, 1))
    assert codes(caught.value) == {"course_ended"}
    order = MoveOrder("referral", NOW, reason="a test")
    advance(course_id=course.pk, order=order, actor=coordinator, now=NOW)
    assert plan(course, coordinator, "infusion", date(2026, 12, 1)).pk


@pytest.mark.walked("to_apheresis")
def test_collection_after_a_cancelled_attempt_keeps_the_plan_it_was_made_under(
    walk: Walk, course: Course
) -> None:
    planned_on = walk.now.date() + timedelta(days=5)
    plan(course, walk.by("coordinator"), "apheresis", planned_on, now=walk.tick())
    walk.open("apheresis", "coordinator", planned_on=planned_on)
    walk.move("apheresis", "cancelled", reason="No slot")
    walk.until(-29).collect()
    found = course.anchors.filter(kind="apheresis").values_list("occurrence", "actual_on")
    assert list(found) == [(1, walk.now.date())]


@transaction.atomic
def plan_along(course: Course, actor: User, kind: AnchorKind, on: date) -> None:
    anchors.plan_in_lock(course, kind, on, actor=actor, now=NOW)


def test_plan_made_along_with_something_else_is_written_once(
    course: Course, coordinator: User, happenings: list[Happening]
) -> None:
    for on in (TODAY, TODAY, date(2026, 11, 20)):
        plan_along(course, coordinator, AnchorKind.APHERESIS, on)
    assert course.anchors.get().planned_on == date(2026, 11, 20)
    assert [h.event for h in happenings] == [Event.ANCHOR_CHANGED, Event.STEP_PLANNED] * 2
    assert AuditEvent.objects.filter(action="anchor.plan").count() == 2


def test_plan_made_along_leaves_an_infusion_that_happened_alone(
    course: Course, coordinator: User
) -> None:
    happen(course, coordinator, "infusion", date(2026, 11, 2))
    plan_along(course, coordinator, AnchorKind.INFUSION, TODAY)
    assert course.anchors.get().planned_on is None


def test_a_collection_is_booked_anew_for_a_reason_of_the_list(
    course: Course, coordinator: User
) -> None:
    first, other = date(2026, 11, 20), date(2026, 11, 23)
    assert plan(course, coordinator, "apheresis", first).delay_code == ""
    for code in ("", "WHIM"):
        with pytest.raises(Refused) as refused:
            plan(course, coordinator, "apheresis", other, reason="flu", delay_code=code)
        assert fields(refused.value) == {("delay_code", "unknown_reason")}
    assert Anchor.objects.get(course=course).planned_on == first
    moved = plan(course, coordinator, "apheresis", other, reason="flu", delay_code="PERSONAL")
    assert (moved.planned_on, moved.delay_code) == (other, "PERSONAL")
    said = AuditEvent.objects.filter(action="anchor.plan").latest("pk")
    assert (said.reason, said.after["delay_code"]) == ("flu", "PERSONAL")
    assert said.before["planned_on"] == str(first)
    same = plan(course, coordinator, "apheresis", other, reason="told once more")
    assert same.delay_code == "PERSONAL"
    plan(course, coordinator, "infusion", date(2026, 12, 20))
    with pytest.raises(Refused) as refused:
        plan(course, coordinator, "infusion", date(2026, 12, 21), reason="bed", delay_code="WHIM")
    assert codes(refused.value) == {"unknown_reason"}
    assert plan(course, coordinator, "infusion", date(2026, 12, 21), reason="bed").delay_code == ""


def test_the_page_and_the_api_ask_for_the_reason_of_the_list(
    course: Course, coordinator: User, client: Client
) -> None:
    plan(course, coordinator, "apheresis", date(2026, 11, 20))
    client.force_login(coordinator)
    url = reverse("anchor_plan", args=[course.pk])
    for language, label in (("en", "Reason for another day"), ("it", "Motivo del nuovo giorno")):
        assert label in client.get(url, headers={"accept-language": language}).text
    values = {"kind": "apheresis", "planned_on": "2026-12-23", "reason": "flu"}
    course.refresh_from_db()
    refused = client.post(url, values | {"expected_version": course.version})
    assert refused.status_code == 422
    address = f"/api/v1/courses/{course.pk}/anchors/"
    answer = client.post(address, values, "application/json")
    assert answer.json()["reasons"][0]["code"] == "unknown_reason"
    coded = values | {"delay_code": "PERSONAL"}
    assert client.post(address, coded, "application/json").json()["delay_code"] == "PERSONAL"
