"""Holds: coded reasons, dates, days lost, ending all of a course and reopening exactly those."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import transaction

from accounts.models import Centre, User
from audit.models import AuditEvent
from pathway.transitions import MoveOrder, advance
from patients import holds
from patients.anchors import plan_date
from patients.consequences import Event, Happening
from patients.deaths import record_death
from patients.domain.steps import days_lost
from patients.models import Course, Hold
from terms.refusals import NotAllowed, Refused
from tests.conftest import NOW, UserWith
from tests.services.refused import codes, fields
from tests.walking import ENDINGS

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 12)
BEGAN = date(2026, 11, 2)


def hold_step(course: Course, actor: User, **given: Any) -> Hold:
    values = {
        "step": "infusion",
        "reason_code": "VIRAL_REACTIVATION_EBV",
        "began_on": BEGAN,
        **given,
    }
    return holds.open_hold(course_id=course.pk, actor=actor, now=NOW, **values)


def test_hold_keeps_reason_dates_and_who(
    course: Course, coordinator: User, happenings: list[Happening]
) -> None:
    hold = hold_step(
        course,
        coordinator,
        remark=" waits ",
        managed_with=" rituximab ",
        planned_on=date(2026, 11, 10),
        review_on=TODAY,
        source="synthetic",
    )
    assert (hold.remark, hold.managed_with, hold.recorded_by) == (
        "waits",
        "rituximab",
        coordinator.username,
    )
    assert (hold.planned_on, hold.review_on, hold.source) == (
        date(2026, 11, 10),
        TODAY,
        "synthetic",
    )
    assert [h.event for h in happenings] == [Event.HOLD_OPENED, Event.CHART_CHANGED]
    assert AuditEvent.objects.get(action="hold.open").course_id == course.pk


def test_hold_names_every_reason_against_it_at_once(course: Course, coordinator: User) -> None:
    with pytest.raises(Refused) as caught:
        hold_step(
            course,
            coordinator,
            step="lunch",
            reason_code="BOREDOM",
            began_on=TODAY + timedelta(days=1),
            review_on=TODAY - timedelta(days=1),
        )
    assert fields(caught.value) == {
        ("step", "unknown_step"),
        ("reason_code", "unknown_reason"),
        ("began_on", "future_date"),
        ("review_on", "review_in_past"),
    }


def test_hold_before_the_referral_is_refused(course: Course, coordinator: User) -> None:
    with pytest.raises(Refused) as caught:
        hold_step(course, coordinator, began_on=course.referred_on - timedelta(days=1))
    assert codes(caught.value) == {"before_referral"}


def test_same_hold_twice_is_refused_until_it_ended(course: Course, coordinator: User) -> None:
    first = hold_step(course, coordinator)
    with pytest.raises(Refused) as caught:
        hold_step(course, coordinator)
    assert codes(caught.value) == {"already_held"}
    holds.end_hold(hold_id=first.pk, ended_on=BEGAN, actor=coordinator, now=NOW)
    assert hold_step(course, coordinator).pk != first.pk


def test_hold_for_a_patient_who_died_is_refused(course: Course, coordinator: User) -> None:
    record_death(patient_id=course.patient_id, died_on=TODAY, actor=coordinator, now=NOW)
    with pytest.raises(Refused) as caught:
        hold_step(course, coordinator)
    assert codes(caught.value) == {"patient_died"}


def test_hold_by_a_role_without_the_permission_is_refused(
    course: Course, user_with: UserWith
) -> None:
    with pytest.raises(NotAllowed):
        hold_step(course, user_with("ward_nurse"))


def test_ended_hold_says_what_was_lost(course: Course, coordinator: User) -> None:
    hold = hold_step(course, coordinator, planned_on=date(2026, 11, 10), remark="waits")
    ended = holds.end_hold(
        hold_id=hold.pk,
        ended_on=TODAY,
        new_date=date(2026, 11, 24),
        remark="EBV negative",
        managed_with="rituximab",
        actor=coordinator,
        now=NOW,
    )
    ended.refresh_from_db()
    assert (ended.ended_on, ended.ended_at, ended.ended_by) == (TODAY, NOW, coordinator.username)
    assert (ended.remark, ended.managed_with) == ("waits\nEBV negative", "rituximab")
    assert days_lost(ended.planned_on, ended.new_date) == 14
    assert AuditEvent.objects.get(action="hold.end").after["days_lost"] == 14


def test_days_lost_are_unknown_and_never_zero_without_both_dates(
    course: Course, coordinator: User
) -> None:
    assert days_lost(None, TODAY) is None
    assert days_lost(TODAY, None) is None
    hold = hold_step(course, coordinator, managed_with="watching")
    ended = holds.end_hold(hold_id=hold.pk, ended_on=TODAY, actor=coordinator, now=NOW)
    assert ended.managed_with == "watching"
    assert AuditEvent.objects.get(action="hold.end").after["days_lost"] is None


def test_end_of_a_hold_names_every_reason_against_it_at_once(
    course: Course, coordinator: User
) -> None:
    hold = hold_step(course, coordinator)
    with pytest.raises(Refused) as caught:
        holds.end_hold(
            hold_id=hold.pk, ended_on=TODAY + timedelta(days=1), actor=coordinator, now=NOW
        )
    assert codes(caught.value) == {"future_date"}
    holds.end_hold(hold_id=hold.pk, ended_on=TODAY, actor=coordinator, now=NOW)
    with pytest.raises(Refused) as caught:
        holds.end_hold(
            hold_id=hold.pk, ended_on=BEGAN - timedelta(days=1), actor=coordinator, now=NOW
        )
    assert codes(caught.value) == {"already_ended", "before_hold_began"}


def test_hold_of_another_centre_is_not_found(
    course: Course, coordinator: User, user_with: UserWith, other_centre: Centre
) -> None:
    hold = hold_step(course, coordinator)
    with pytest.raises(Hold.DoesNotExist):
        holds.end_hold(
            hold_id=hold.pk,
            ended_on=TODAY,
            actor=user_with("coordinator", at=other_centre),
            now=NOW,
        )


@transaction.atomic
def test_all_holds_end_and_exactly_those_reopen(course: Course, coordinator: User) -> None:
    earlier = hold_step(course, coordinator, step="apheresis", reason_code="PERSONAL")
    holds.end_hold(hold_id=earlier.pk, ended_on=BEGAN, actor=coordinator, now=NOW)
    late = hold_step(course, coordinator, began_on=TODAY)
    early = hold_step(course, coordinator, step="bridging")
    before = list(Hold.objects.order_by("pk").values())
    on = date(2026, 11, 5)
    holds.end_all(course, on=on, cause="change:9", actor=coordinator, now=NOW)
    assert Hold.objects.get(pk=early.pk).ended_on == on
    assert Hold.objects.get(pk=late.pk).ended_on == TODAY, "a hold cannot end before it began"
    holds.reopen_all(course, cause="change:8", actor=coordinator, now=NOW)
    assert not course.holds.filter(ended_on=None).exists()
    holds.reopen_all(course, cause="change:9", actor=coordinator, now=NOW)
    assert list(Hold.objects.order_by("pk").values()) == before
    assert AuditEvent.objects.filter(action="hold.reopen").count() == 2


@transaction.atomic
def test_interlock_opens_one_hold_however_often_it_fires(course: Course, coordinator: User) -> None:
    values: dict[str, Any] = {
        "step": "infusion",
        "reason_code": "OOS",
        "began_on": TODAY,
        "remark": "lot 7",
        "source": "interlock",
    }
    first = holds.open_in_lock(course, actor=coordinator, now=NOW, **values)
    assert holds.open_in_lock(course, actor=coordinator, now=NOW, **values) == first
    assert course.holds.get().remark == "lot 7"


@pytest.mark.parametrize("step", ["apheresis", "lymphodepletion", "infusion"])
def test_new_date_of_a_hold_is_the_new_plan_of_its_step(
    course: Course, coordinator: User, step: str
) -> None:
    old, new = date(2026, 11, 20), date(2026, 12, 1)
    plan_date(course_id=course.pk, kind=step, planned_on=old, reason="", actor=coordinator, now=NOW)
    hold = hold_step(course, coordinator, step=step, planned_on=old)
    end_hold(hold, coordinator, new_date=new, remark="EBV negative")
    assert course.anchors.get(kind=step).planned_on == new
    event = AuditEvent.objects.filter(action="anchor.plan").latest("pk")
    assert (event.before["planned_on"], event.reason) == (old.isoformat(), "EBV negative")


def test_new_date_of_a_step_without_a_plan_stays_with_the_hold(
    course: Course, coordinator: User
) -> None:
    hold = hold_step(course, coordinator, step="bridging")
    assert end_hold(hold, coordinator, new_date=date(2026, 12, 1)).new_date == date(2026, 12, 1)
    assert not course.anchors.exists()


def test_new_date_that_cannot_be_is_refused(course: Course, coordinator: User) -> None:
    hold = hold_step(course, coordinator)
    with pytest.raises(Refused) as caught:
        end_hold(hold, coordinator, new_date=date(2099, 1, 1))
    assert fields(caught.value) == {("new_date", "plan_out_of_range")}
    hold.refresh_from_db()
    assert hold.ended_on is None


def test_hold_on_a_course_that_ended_is_refused(course: Course, coordinator: User) -> None:
    order = MoveOrder("withdrawn", NOW, reason="a test", details=ENDINGS["withdrawn"])
    advance(course_id=course.pk, order=order, actor=coordinator, now=NOW)
    with pytest.raises(Refused) as caught:
        hold_step(course, coordinator)
    assert codes(caught.value) == {"course_ended"}


def end_hold(hold: Hold, actor: User, **given: Any) -> Hold:
    return holds.end_hold(hold_id=hold.pk, ended_on=TODAY, actor=actor, now=NOW, **given)
