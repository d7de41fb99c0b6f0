"""The timeline: what it tells, in which order, to whom, and in how many queries."""

from collections.abc import Callable
from datetime import date, datetime

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.models import Centre, User
from exports.event_labels import EVENT_LABELS
from exports.timeline import TimelineRow, course_timeline, timeline
from pathway import timeline_rows
from patients.anchors import plan_date
from patients.deaths import record_death
from patients.models import Course
from terms.roles import Role
from tests.conftest import Refer, UserWith
from tests.walking import Walk

Everything = Callable[..., Course]


@pytest.fixture
def all_round(user_with: UserWith) -> User:
    """Somebody who may do everything."""
    return user_with(*(role.value for role in Role))


def _rows(rows: list[TimelineRow], code: str) -> list[TimelineRow]:
    return [row for row in rows if row.event_code == code]


def test_every_move_has_a_label_when_the_tables_grow() -> None:
    assert timeline_rows.CODES - EVENT_LABELS.keys() == set()


def test_a_reason_for_leaving_is_free_text(
    refer_patient: Refer, all_round: User, user_with: UserWith
) -> None:
    walk = Walk(refer_patient(all_round), all_round)
    walk.to_eligibility()
    walk.go("withdrawn", reason="moved to her sister")
    [seen] = _rows(course_timeline(all_round, walk.course), "EXIT_WITHDRAWN")
    [hidden] = _rows(course_timeline(user_with("data_manager"), walk.course), "EXIT_WITHDRAWN")
    assert (seen.value, hidden.value) == ("moved to her sister", "")


def test_an_undone_exit_starts_nothing_again(refer_patient: Refer, all_round: User) -> None:
    walk = Walk(refer_patient(all_round), all_round)
    walk.to_bridging()
    walk.until(-27).open("bridging", drug="inotuzumab", drug_class="inotuzumab")
    walk.move("bridging", "running")
    walk.until(-25).go("withdrawn", reason="mistake")
    walk.go("bridging", reason="mistake")
    rows = course_timeline(all_round, walk.course)
    assert len(_rows(rows, "BRIDGE")) == 1
    assert len(_rows(rows, "REOPENED")) == 1


def test_planned_dates_and_a_death_are_told(
    refer_patient: Refer, all_round: User, now: datetime
) -> None:
    course = refer_patient(all_round)
    plan_date(
        course_id=course.pk,
        kind="infusion",
        planned_on=date(2026, 12, 1),
        reason="",
        actor=all_round,
        now=now,
    )
    record_death(patient_id=course.patient_id, died_on=date(2026, 11, 1), actor=all_round, now=now)
    rows = course_timeline(all_round, course)
    assert _rows(rows, "INFUSION_PLANNED")[0].event_date == "2026-12-01"
    assert _rows(rows, "DEATH")[0].event_date == "2026-11-01"


def test_courses_follow_one_another_and_stop_at_the_border_of_the_centre(
    refer_patient: Refer, all_round: User, user_with: UserWith, other_centre: Centre
) -> None:
    here = [refer_patient(all_round).code for _ in range(2)]
    stranger = user_with("coordinator", at=other_centre)
    there = refer_patient(stranger)
    rows = list(timeline(all_round, Course.objects.visible_to(all_round)))
    assert [(row.course, row.seq) for row in rows] == [(code, 1) for code in here]
    assert course_timeline(all_round, there) == []


def test_queries_stay_the_same_for_one_and_many_courses(
    refer_patient: Refer,
    all_round: User,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    refer_patient(all_round)
    seen = Course.objects.visible_to(all_round)
    all_round.permissions  # noqa: B018 - read once per request
    with django_assert_num_queries(3):
        assert len(list(timeline(all_round, seen))) == 1
    for _ in range(6):
        refer_patient(all_round)
    with django_assert_num_queries(3):
        assert len(list(timeline(all_round, seen))) == 7
    one = seen.select_related("protocol").latest("pk")
    with django_assert_num_queries(2):
        course_timeline(all_round, one)
