"""Queries put together once: the same rows as Django's own, from any thread, honest in the log."""

from threading import Thread
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from audit.prepared import Prepared, insert, insert_many, update, update_all
from pathway.models import Change
from patients.courses import lock_course
from patients.models import Anchor, Course
from patients.models.courses import AnchorKind
from reminders.models import Notice, Reminder
from tests.conftest import NOW, UserWith

_CHANGES = Prepared(
    lambda course: Change.objects.filter(course=course).select_related("actor", "course__centre")
)
_CODES = Prepared(
    lambda course, centre: Course.objects.filter(pk=course, centre=centre).values_list("code", "pk")
)


def test_the_rows_are_those_of_django_with_what_is_joined(course: Course) -> None:
    for _again in range(4):  # the third time the database has it prepared
        with CaptureQueriesContext(connection) as captured:
            (change,) = _CHANGES(course.pk)
            known = (change.actor.username, change.course.centre.code, change.details)
        assert known == (course.created_by, course.centre.code, {})
        assert change == Change.objects.get(course=course)
        assert len(captured) == 1
        assert f'"course_id" = {course.pk}' in captured.captured_queries[0]["sql"]


def test_tuples_and_the_only_row(course: Course) -> None:
    assert _CODES(course.pk, course.centre_id) == [(course.code, course.pk)]
    assert _CODES.one(course.pk, course.centre_id) == (course.code, course.pk)


@pytest.mark.parametrize("at", [0, None])
def test_no_row_is_said_as_django_says_it(course: Course, at: int | None) -> None:
    assert _CODES(course.pk, at) == []
    with pytest.raises(Course.DoesNotExist):
        _CODES.one(course.pk, at)


@pytest.mark.parametrize("planned", [True, False])
def test_ids_in_an_array_and_numbers_that_are_none(course: Course, planned: bool) -> None:
    told = Prepared(
        lambda user, pk: Notice.objects.filter(people__contains=[user], course=pk), planned=planned
    )
    about: dict[str, Any] = {"course": course, "code": "x", "causes": [""], "people": [7, 8]}
    notice = Notice.objects.create(raised_at=NOW, last_at=NOW, raised_by="test", **about)
    for _again in range(2):
        assert told(8, course.pk) == [notice]
        assert told(9, course.pk) == told(8, 10**30) == told(8, 2**62) == []


def test_a_row_written_meanwhile_is_seen(course: Course) -> None:
    kept = Prepared(lambda pk: Anchor.objects.filter(course=pk))
    assert kept(course.pk) == []
    made = Anchor.objects.create(
        course=course, kind=AnchorKind.INFUSION, planned_on=NOW.date(), set_at=NOW, set_by="test"
    )
    (found,) = kept(course.pk)
    assert (found, found.planned_on) == (made, made.planned_on)


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_another_thread_asks_on_its_own_connection(course: Course) -> None:
    found: list[list[Change]] = [_CHANGES(course.pk)]

    def ask() -> None:
        found.append(_CHANGES(course.pk))
        connection.close()

    thread = Thread(target=ask)
    thread.start()
    thread.join()
    assert found[0] == found[1] != []


@pytest.mark.django_db(transaction=True)
def test_nothing_is_locked_outside_a_transaction(course: Course, coordinator: User) -> None:
    with pytest.raises(TransactionManagementError):
        lock_course(course.pk, actor=coordinator)


def test_who_may_not_read_finds_no_course_to_lock(course: Course, user_with: UserWith) -> None:
    with pytest.raises(Course.DoesNotExist):
        lock_course(course.pk, actor=user_with())


def test_rows_are_written_as_django_writes_them(course: Course) -> None:
    made = Anchor(
        course=course, kind=AnchorKind.INFUSION, planned_on=NOW.date(), set_at=NOW, set_by="test"
    )
    insert(made)
    assert (made.pk, made._state.adding) == (Anchor.objects.get(course=course).pk, False)
    made.actual_on, made.set_by = NOW.date(), "left alone"
    update(made, "actual_on", "source")
    stored = Anchor.objects.get(course=course)
    assert (stored.planned_on, stored.actual_on) == (NOW.date(), NOW.date())
    assert (stored.set_at, stored.set_by, stored.occurrence) == (NOW, "test", 1)


def test_many_rows_are_written_at_one_go(course: Course) -> None:
    made = [
        Anchor.objects.create(
            course=course, kind=kind, planned_on=NOW.date(), set_at=NOW, set_by="test"
        )
        for kind in (AnchorKind.INFUSION, AnchorKind.APHERESIS, AnchorKind.LYMPHODEPLETION)
    ]
    told, mixed, alone = made
    told.actual_on, told.source, told.set_by = NOW.date(), "read back", "left alone"
    # An enumerated text beside plain ones, and an absence beside a date.
    mixed.kind, mixed.planned_on, mixed.actual_on = AnchorKind.RELAPSE, None, NOW.date()
    with CaptureQueriesContext(connection) as captured:
        update_all([Anchor.objects.get(pk=told.pk), mixed], "kind")
        update_all([told, mixed], "kind", "planned_on", "actual_on", "source")
        update_all([], "kind")
    assert len(captured) == 3
    stored = {row.pk: row for row in Anchor.objects.filter(course=course)}
    assert (stored[told.pk].actual_on, stored[told.pk].source) == (NOW.date(), "read back")
    assert (stored[told.pk].planned_on, stored[told.pk].set_by) == (NOW.date(), "test")
    assert (stored[mixed.pk].kind, stored[mixed.pk].planned_on) == (AnchorKind.RELAPSE, None)
    assert (stored[alone.pk].kind, stored[alone.pk].planned_on) == (alone.kind, NOW.date())


def test_hundreds_of_new_rows_are_one_statement_whatever_their_words(course: Course) -> None:
    words = ['say "now"', "back\\slash", "{a,b}", "NULL", "", " ", "Perché, è l'unità"]
    made = [
        Reminder(
            course=course, item="TASK", made_by="somebody", label=text, role="nurse",
            anchor_occurrence=0, ordinal=number, due_on=NOW.date(), window_start=NOW.date(),
            window_end=NOW.date(), planned_at=NOW, provisional=number == 1,
        )
        for number, text in enumerate(words)
    ]  # fmt: skip
    with CaptureQueriesContext(connection) as captured:
        insert_many(made)
        insert_many([])
    assert len(captured) == 1
    stored = Reminder.objects.filter(course=course, item="TASK").order_by("ordinal")
    assert [row.label for row in stored] == words
    assert {(row.asks_on, row.planned_at, row.snoozed_until) for row in stored} == {
        (NOW.date(), NOW, None)
    }
    assert [row.provisional for row in stored] == [number == 1 for number in range(len(words))]


def test_a_row_that_is_gone_is_not_written(course: Course) -> None:
    gone = Anchor(pk=1, course=course, kind=AnchorKind.INFUSION, planned_on=NOW.date())
    with pytest.raises(ValueError, match="unpack"):
        update(gone, "planned_on")


def test_a_statement_that_failed_and_was_rolled_back_can_be_asked_again(course: Course) -> None:
    made = Anchor(course=course, kind="never", planned_on=NOW.date(), set_at=NOW, set_by="test")
    for _again in range(2):
        with pytest.raises(IntegrityError), transaction.atomic():
            insert(made)
    made.kind = AnchorKind.INFUSION
    insert(made)
    assert Anchor.objects.get(course=course) == made
