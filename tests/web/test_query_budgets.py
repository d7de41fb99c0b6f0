"""Queries per page: within budget, and the same for five courses as for many."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from pathway.models import Journey
from pathway.transitions import MoveOrder, advance
from patients.models import Course
from tests.conftest import Refer, UserWith
from tests.walking import Walk

FEW, MANY = 5, 40
BUDGETS = {
    "board": ("board", "", 12),
    "board table": ("board", "?view=table", 12),
    "board narrowed": ("board", "?mine=1&held=1&over=1&search=rossi", 12),
    "patient list": ("patient_list", "", 12),
}


@pytest.fixture
def signed_in(coordinator: User) -> Client:
    """A coordinator's browser."""
    client = Client()
    client.force_login(coordinator)
    return client


@pytest.mark.parametrize("page", BUDGETS)
def test_a_list_page_costs_the_same_for_few_and_many(
    page: str, signed_in: Client, coordinator: User, refer_patient: Refer
) -> None:
    name, query, budget = BUDGETS[page]
    costs = []
    for number in (FEW, MANY):
        while Course.objects.count() < number:
            refer_patient(coordinator, coordinator_id=coordinator.pk)
        costs.append(_queries(signed_in, reverse(name) + query))
    assert costs[0] == costs[1]
    assert costs[1] <= budget, f"{page}: {costs[1]} queries, budget {budget}"


def test_the_course_page_costs_the_same_however_long_the_course(
    signed_in: Client, course: Course, user_with: UserWith
) -> None:
    walk = Walk(course, user_with)
    address = reverse("course", args=[course.pk])
    before = _queries(signed_in, address)
    walk.to_follow_up()
    assert Journey.objects.get(course=course).stage == "follow_up"
    after = _queries(signed_in, address)
    assert before == after
    assert after <= 22, f"{after} queries with the audit of the reading"


def test_a_move_with_all_that_it_brings_stays_within_its_queries(
    course: Course, user_with: UserWith
) -> None:
    walk = Walk(course, user_with).prepare().until(-40)
    walk.by("coordinator").permissions  # noqa: B018 - read once per request
    order = MoveOrder("eligibility", walk.tick())
    with CaptureQueriesContext(connection) as captured:
        advance(course_id=course.pk, order=order, actor=walk.by("coordinator"), now=walk.now)
    frame = ("SAVEPOINT", "RELEASE")  # those that begin, save and end are not counted
    asked = [query["sql"] for query in captured if not query["sql"].startswith(frame)]
    assert len(asked) <= 25, f"{len(asked)} queries"


def _queries(client: Client, address: str) -> int:
    client.get(address)  # what is kept in memory, such as parsed protocols, is read once
    with CaptureQueriesContext(connection) as captured:
        response = client.get(address)
    assert response.status_code == 200
    return len(captured)
