"""Two courses of one patient brought back at once: on PostgreSQL only one of them goes on."""

import threading

import pytest
from django.db import connection, transaction

from accounts.models import User
from pathway.models import Journey
from pathway.referring import NewCourse, add_course
from pathway.transitions import MoveOrder, advance
from patients.models import Course
from terms.refusals import Refused
from tests.conftest import Refer, UserWith
from tests.faults.waiting import wait_until_blocked
from tests.services.refused import codes
from tests.walking import Walk

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]


def test_of_two_courses_brought_back_at_once_one_waits_and_is_refused(
    refer_patient: Refer, coordinator: User, user_with: UserWith
) -> None:
    first = Walk(refer_patient(coordinator), user_with)
    first.go("withdrawn", reason="asked for it")
    asked = NewCourse(
        protocol_code=first.course.protocol.code, referred_on=first.course.referred_on
    )
    added = add_course(
        patient_id=first.course.patient_id, course=asked, actor=coordinator, now=first.tick()
    )
    second = first.on(Course.objects.get(pk=added.pk))
    second.go("withdrawn", reason="asked for it")
    back = MoveOrder("referral", second.tick(), reason="on again")
    actor, now = second.by("coordinator"), second.now
    outcomes: list[set[str]] = []

    def resume() -> None:
        try:
            racer = User.objects.get(pk=actor.pk)
            advance(course_id=second.course.pk, order=back, actor=racer, now=now)
        except Refused as refused:
            outcomes.append(codes(refused))
        finally:
            connection.close()

    racer = threading.Thread(target=resume)
    with transaction.atomic():
        advance(course_id=first.course.pk, order=back, actor=actor, now=now)
        racer.start()
        wait_until_blocked()
    racer.join(timeout=30)
    assert outcomes == [{"course_under_way"}]
    assert list(Journey.objects.order_by("course").values_list("active", flat=True)) == [
        True,
        False,
    ]
