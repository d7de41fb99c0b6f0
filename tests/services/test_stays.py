"""Admission, transfer, discharge: dates, places, the discharge anchor, stays of the deceased."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import transaction

from accounts.models import User
from audit.models import AuditEvent
from patients import stays
from patients.anchors import set_actual
from patients.consequences import Event, Happening
from patients.deaths import record_death, withdraw_death
from patients.models import Course, Stay
from terms.refusals import NotAllowed, Refused
from tests.conftest import NOW, UserWith
from tests.services.refused import codes
from tests.walking import Walk

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 12)
FIRST, SECOND, THIRD = date(2026, 11, 2), date(2026, 11, 5), date(2026, 11, 9)


def admit(course: Course, actor: User, on: date = FIRST, **given: Any) -> Stay:
    values = {"unit": "ward", "place": " Haematology ", **given}
    return stays.admit(course_id=course.pk, on=on, actor=actor, now=NOW, **values)


def transfer(course: Course, actor: User, on: date, **given: Any) -> Stay:
    values = {"unit": "icu", "place": "", **given}
    return stays.transfer(course_id=course.pk, on=on, actor=actor, now=NOW, **values)


def discharge(course: Course, actor: User, on: date) -> Stay:
    return stays.discharge(course_id=course.pk, on=on, actor=actor, now=NOW)


@pytest.fixture
def nurse(user_with: UserWith) -> User:
    return user_with("ward_nurse")


def infuse(course: Course, actor: User, on: date) -> None:
    with transaction.atomic():
        set_actual(course, "infusion", on, actor=actor, now=NOW)


def test_patient_is_admitted_moved_and_discharged(
    course: Course, nurse: User, happenings: list[Happening]
) -> None:
    ward = admit(course, nurse, source="synthetic")
    icu = transfer(course, nurse, SECOND)
    ended = discharge(course, nurse, THIRD)
    ward.refresh_from_db()
    assert (ward.place, ward.source, ward.recorded_by) == (
        "Haematology",
        "synthetic",
        nurse.username,
    )
    assert (ward.ended_on, ward.ended_by_transfer) == (SECOND, True)
    assert ended == icu
    assert (ended.unit, ended.began_on, ended.ended_on, ended.ended_by_transfer) == (
        "icu",
        SECOND,
        THIRD,
        False,
    )
    assert {h.event for h in happenings} == {Event.CHART_CHANGED}
    assert list(
        AuditEvent.objects.filter(action__startswith="stay.")
        .order_by("pk")
        .values_list("action", flat=True)
    ) == ["stay.admit", "stay.transfer", "stay.discharge"]


def test_discharge_before_any_infusion_sets_no_anchor(course: Course, nurse: User) -> None:
    admit(course, nurse)
    infuse(course, nurse, THIRD)
    discharge(course, nurse, SECOND)
    assert not course.anchors.filter(kind="discharge").exists()


def test_first_discharge_after_the_infusion_is_the_anchor_and_later_ones_are_not(
    course: Course, nurse: User
) -> None:
    infuse(course, nurse, FIRST)
    admit(course, nurse)
    discharge(course, nurse, SECOND)
    admit(course, nurse, SECOND)
    discharge(course, nurse, THIRD)
    assert course.anchors.get(kind="discharge").actual_on == SECOND


def test_discharge_fills_the_planned_anchor(course: Course, coordinator: User) -> None:
    infuse(course, coordinator, FIRST)
    course.anchors.create(
        kind="discharge", planned_on=THIRD, set_at=NOW, set_by=coordinator.username
    )
    admit(course, coordinator)
    discharge(course, coordinator, SECOND)
    assert course.anchors.get(kind="discharge").actual_on == SECOND


def test_admission_names_every_reason_against_it_at_once(course: Course, nurse: User) -> None:
    admit(course, nurse, SECOND)
    discharge(course, nurse, THIRD)
    admit(course, nurse, THIRD)
    with pytest.raises(Refused) as caught:
        admit(course, nurse, FIRST, unit="cellar")
    assert codes(caught.value) == {
        "unknown_unit",
        "already_admitted",
        "before_last_stay_ended",
    }


def test_admission_in_the_future_or_before_birth_is_refused(course: Course, nurse: User) -> None:
    with pytest.raises(Refused) as caught:
        admit(course, nurse, TODAY + timedelta(days=1))
    assert codes(caught.value) == {"future_date"}
    with pytest.raises(Refused) as caught:
        admit(course, nurse, date(1950, 1, 1))
    assert codes(caught.value) == {"before_birth"}


def test_transfer_without_a_stay_names_that_and_the_rest(course: Course, nurse: User) -> None:
    with pytest.raises(Refused) as caught:
        transfer(course, nurse, TODAY + timedelta(days=1), unit="")
    assert codes(caught.value) == {"not_admitted", "unknown_unit", "future_date"}


def test_transfer_to_the_same_place_or_before_the_stay_is_refused(
    course: Course, nurse: User
) -> None:
    admit(course, nurse, SECOND)
    with pytest.raises(Refused) as caught:
        transfer(course, nurse, FIRST, unit="ward", place="Haematology")
    assert codes(caught.value) == {"same_place", "before_stay_began"}


def test_discharge_without_a_stay_or_before_it_is_refused(course: Course, nurse: User) -> None:
    with pytest.raises(Refused) as caught:
        discharge(course, nurse, FIRST)
    assert codes(caught.value) == {"not_admitted"}
    admit(course, nurse, SECOND)
    with pytest.raises(Refused) as caught:
        discharge(course, nurse, FIRST)
    assert codes(caught.value) == {"before_stay_began"}
    assert course.stays.get().ended_on is None


def test_stay_by_a_role_without_the_permission_is_refused(
    course: Course, user_with: UserWith
) -> None:
    with pytest.raises(NotAllowed):
        admit(course, user_with("pharmacist"))


def test_admission_recorded_after_the_death_ends_with_it_and_reopens_with_its_withdrawal(
    course: Course, coordinator: User
) -> None:
    record_death(patient_id=course.patient_id, died_on=SECOND, actor=coordinator, now=NOW)
    assert admit(course, coordinator, FIRST).ended_on == SECOND
    withdraw_death(patient_id=course.patient_id, reason="wrong one", actor=coordinator, now=NOW)
    assert course.stays.get().ended_on is None


def test_admission_after_the_death_is_refused(course: Course, coordinator: User) -> None:
    record_death(patient_id=course.patient_id, died_on=SECOND, actor=coordinator, now=NOW)
    with pytest.raises(Refused) as caught:
        admit(course, coordinator, THIRD)
    assert codes(caught.value) == {"after_death"}


def test_admission_beside_a_stay_that_the_death_ended_is_refused(
    course: Course, coordinator: User
) -> None:
    admit(course, coordinator, FIRST)
    record_death(patient_id=course.patient_id, died_on=SECOND, actor=coordinator, now=NOW)
    with pytest.raises(Refused) as caught:
        admit(course, coordinator, SECOND)
    assert codes(caught.value) == {"already_admitted"}


def go(walk: Walk, step: Callable[..., object], on: int) -> None:
    walk.until(on)
    actor, now = walk.by("ward_nurse"), walk.tick()
    given = {"unit": "ward", "place": ""} if step is stays.admit else {}
    step(course_id=walk.course.pk, on=walk.now.date(), actor=actor, now=now, **given)


def discharged_on(walk: Walk) -> list[date | None]:
    found = walk.course.anchors.filter(kind="discharge")
    return list(found.values_list("actual_on", flat=True))


@pytest.mark.walked("to_lymphodepletion")
def test_discharge_goes_with_an_infusion_that_never_was(walk: Walk, course: Course) -> None:
    walk.until(-6)
    walk.admit()
    walk.deplete().thaw()
    walk.check("bedside", "ward_nurse", "haematologist")
    walk.go("infusion")
    go(walk, stays.discharge, 1)
    assert discharged_on(walk) == [walk.now.date()]
    walk.go("lymphodepletion", reason="Never infused")
    assert discharged_on(walk) == []
    go(walk, stays.admit, 2)
    noted = walk.now.astimezone(course.centre.zone).strftime("%Y-%m-%d %H:%M")
    walk.paper("product", "administration", "ward_nurse", thaw_ended_at=noted)  # not on day 0
    walk.pass_gate("infusion").check("bedside", "ward_nurse", "haematologist")
    walk.go("infusion")
    assert discharged_on(walk) == []
    go(walk, stays.discharge, 20)
    assert discharged_on(walk) == [walk.now.date()]


@pytest.mark.walked("to_lymphodepletion")
def test_discharge_recorded_before_the_back_dated_infusion_is_found(walk: Walk) -> None:
    walk.until(-6)
    walk.admit()
    walk.deplete().thaw()
    walk.check("bedside", "ward_nurse", "haematologist")
    infused_at = walk.tick()
    go(walk, stays.discharge, 18)
    assert discharged_on(walk) == []
    walk.go("infusion", happened_at=infused_at)
    assert discharged_on(walk) == [walk.now.date()]


def test_death_that_ends_a_stay_is_no_discharge_and_leaves_an_event(
    course: Course, nurse: User, coordinator: User
) -> None:
    admit(course, nurse, SECOND)
    death = record_death(patient_id=course.patient_id, died_on=THIRD, actor=coordinator, now=NOW)
    withdraw_death(patient_id=course.patient_id, reason="x", actor=coordinator, now=NOW)
    ended, opened = AuditEvent.objects.filter(action="stay.auto").order_by("pk")
    assert ended.after == {"ended_on": THIRD.isoformat(), "cause": f"death:{death.pk}"}
    assert opened.after == {"ended_on": None}
    assert not course.anchors.filter(kind="discharge").exists()
