"""Entered in error: gone from everywhere, kept in the audit, brought back exactly."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Centre, User
from audit.models import AuditEvent
from exports.timeline import timeline
from pathway.models import Journey
from pathway.selectors import listed_courses
from patients.deaths import record_death, withdraw_death
from patients.mistaken import mark_course, mark_patient, marks_of, undo_mark
from patients.models import Course, ErrorMark, Hold, Patient
from patients.selectors import search_patients
from reminders.badges import open_counts
from reminders.models import Notice, Reminder
from terms.refusals import NotAllowed, Refused
from tests.conftest import NOW, Refer, UserWith
from tests.services.refused import codes
from tests.walking import Walk

pytestmark = pytest.mark.walked("to_follow_up")

LATER = NOW + timedelta(hours=1)


@pytest.fixture
def quality(user_with: UserWith) -> User:
    """Who may bring back."""
    return user_with("quality")


@pytest.fixture
def walked(walk: Walk) -> Course:
    """A course in follow-up with a hold, reminders and a notice."""
    walk.hold("apheresis")
    return walk.course


def marked(course: Course, actor: User, **given: Any) -> ErrorMark:
    values: dict[str, Any] = {
        "confirmation": course.patient.family_name,
        "reason": "entered twice",
        "now": NOW,
    }
    return mark_patient(patient_id=course.patient_id, actor=actor, **(values | given))


def seen(user: User, course: Course) -> list[bool]:
    """Whether anything of the course shows: list, search, reminders, board, notices, timeline."""
    courses = Course.objects.visible_to(user)
    return [
        listed_courses(user).filter(pk=course.pk).exists(),
        search_patients(user, course.code).exists(),
        Patient.objects.visible_to(user).filter(pk=course.patient_id).exists(),
        Reminder.objects.visible_to(user).filter(course=course).exists(),
        Reminder.objects.due(NOW.date() + timedelta(days=900)).filter(course=course).exists(),
        Journey.objects.visible_to(user).filter(course=course, active=True).exists(),
        Notice.objects.visible_to(user).filter(course=course).exists(),
        any(True for _row in timeline(user, courses)),
    ]


def test_a_patient_entered_in_error_is_nowhere_and_comes_back_exactly(
    walked: Course, coordinator: User, quality: User
) -> None:
    before = list(Reminder.objects.filter(course=walked).order_by("pk").values_list("pk", "status"))
    assert all(seen(coordinator, walked))
    mark = marked(walked, coordinator, confirmation=f" {walked.patient.family_name.upper()} ")
    assert not any(seen(coordinator, walked))
    assert open_counts(coordinator).notices == 0
    with pytest.raises(Course.DoesNotExist):
        Walk(walked, coordinator).hold("infusion")
    assert AuditEvent.objects.filter(action="error.mark", patient_id=walked.patient_id).exists()
    assert list(marks_of(quality)) == [mark]
    undo_mark(mark_id=mark.pk, reason="the right one after all", actor=quality, now=LATER)
    assert all(seen(coordinator, walked))
    known = [pk for pk, _status in before]  # a later day lies within the horizon meanwhile
    after = Reminder.objects.filter(pk__in=known).order_by("pk").values_list("pk", "status")
    assert list(after) == before
    assert Hold.objects.get(course=walked).ended_on is None


def test_the_pages_and_addresses_answer_404(
    walked: Course, coordinator: User, quality: User
) -> None:
    client = Client()
    client.force_login(coordinator)
    marked(walked, coordinator)
    for name in ("course", "course_records", "api_course", "api_timeline", "api_chart"):
        assert client.get(reverse(name, args=[walked.pk])).status_code == 404
    assert client.get(reverse("api_patient", args=[walked.patient_id])).status_code == 404
    assert walked.code not in client.get(reverse("timelines_csv")).getvalue().decode()


def test_a_number_is_free_again_until_it_is_taken(
    course: Course, coordinator: User, quality: User, refer_patient: Refer
) -> None:
    number = course.patient.identifiers.get().value
    mark = marked(course, coordinator)
    refer_patient(coordinator, number=number, family_name="Bianchi")
    with pytest.raises(Refused) as caught:
        undo_mark(mark_id=mark.pk, reason="", actor=quality, now=LATER)
    assert codes(caught.value) == {"identifier_taken", "reason_needed"}


def test_one_course_is_hidden_and_the_patient_stays(
    course: Course, coordinator: User, quality: User
) -> None:
    mark = mark_course(
        course_id=course.pk,
        confirmation=course.patient.family_name,
        reason="wrong product",
        actor=coordinator,
        now=NOW,
    )
    assert not Course.objects.visible_to(coordinator).exists()
    assert Patient.objects.visible_to(coordinator).count() == 1
    assert not search_patients(coordinator, course.code).exists()
    whole = marked(course, coordinator)
    with pytest.raises(Refused) as caught:
        undo_mark(mark_id=mark.pk, reason="x", actor=quality, now=LATER)
    assert codes(caught.value) == {"patient_in_error"}
    undo_mark(mark_id=whole.pk, reason="x", actor=quality, now=LATER)
    assert not Course.objects.visible_to(coordinator).exists()
    undo_mark(mark_id=mark.pk, reason="x", actor=quality, now=LATER)
    assert Course.objects.visible_to(coordinator).get() == course
    with pytest.raises(Refused) as caught:
        undo_mark(mark_id=mark.pk, reason="x", actor=quality, now=LATER)
    assert codes(caught.value) == {"already_undone"}


def test_name_reason_and_role_are_asked_for(
    course: Course, coordinator: User, quality: User, user_with: UserWith, other_centre: Centre
) -> None:
    with pytest.raises(Refused) as caught:
        marked(course, coordinator, confirmation="Bianchi", reason=" ")
    assert codes(caught.value) == {"not_confirmed", "reason_needed"}
    with pytest.raises(NotAllowed):
        marked(course, user_with("ward_nurse"))
    mark = marked(course, coordinator)
    with pytest.raises(NotAllowed):
        undo_mark(mark_id=mark.pk, reason="x", actor=coordinator, now=LATER)
    assert not marks_of(coordinator).exists()
    with pytest.raises(ErrorMark.DoesNotExist):
        undo_mark(
            mark_id=mark.pk, reason="x", actor=user_with("quality", at=other_centre), now=LATER
        )


@pytest.mark.parametrize("withdrawn", [True, False])
def test_a_death_known_meanwhile_is_not_lost(
    withdrawn: bool, walked: Course, coordinator: User, quality: User
) -> None:
    later = NOW + timedelta(days=30)
    patient = walked.patient_id
    if withdrawn:
        record_death(patient_id=patient, died_on=NOW.date(), actor=coordinator, now=NOW)
    mark = mark_course(
        course_id=walked.pk,
        confirmation=walked.patient.family_name,
        reason="wrong",
        actor=coordinator,
        now=LATER,
    )
    if withdrawn:
        withdraw_death(patient_id=patient, reason="x", actor=coordinator, now=later)
        undo_mark(mark_id=mark.pk, reason="x", actor=quality, now=later)
        assert Hold.objects.get(course=walked).ended_on is None
        assert Journey.objects.get(course=walked).active
        assert Reminder.objects.filter(course=walked, status="open").exists()
    else:
        record_death(patient_id=patient, died_on=NOW.date(), actor=coordinator, now=later)
        with pytest.raises(Refused) as caught:
            undo_mark(mark_id=mark.pk, reason="x", actor=quality, now=later)
        assert codes(caught.value) == {"death_meanwhile"}
