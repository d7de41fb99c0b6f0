"""The board: who has a card, what it says, what the filters leave, and what nobody may see."""

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Centre, User
from desk.board import CARDS_IN_A_COLUMN
from desk.board_sql import Narrowed, picks
from tests.conftest import NOW, Refer, UserWith
from tests.walking import Walk


def board(user: User, query: str = "", **headers: Any) -> str:
    client = Client()
    client.force_login(user)
    response = client.get(reverse("board") + query, headers=headers)
    assert response.status_code == 200
    return response.content.decode()


@pytest.fixture(autouse=True)
def today() -> Any:
    """The board reads the clock once; the tests stop it."""
    with time_machine.travel(NOW, tick=False):
        yield


def test_a_column_shows_those_longest_in_it_and_counts_the_rest(
    coordinator: User, refer_patient: Refer
) -> None:
    for days in range(CARDS_IN_A_COLUMN + 2):
        name = f"Neri {days:02d}"
        refer_patient(
            coordinator, family_name=name, referred_on=NOW.date() - timedelta(days=days + 1)
        )
    page = board(coordinator)
    assert page.count('<article class="card') == CARDS_IN_A_COLUMN
    assert "NERI 00" not in page
    assert "NERI 01" not in page
    assert page.index(f"NERI {CARDS_IN_A_COLUMN + 1:02d}") < page.index("NERI 02")
    assert "2 more" in page
    table = board(coordinator, "?view=table&stage=referral")
    assert all(f"NERI {days:02d}" in table for days in range(CARDS_IN_A_COLUMN + 2))


def test_days_in_the_stage_stand_against_the_target(
    coordinator: User, refer_patient: Refer
) -> None:
    refer_patient(coordinator, referred_on=NOW.date() - timedelta(days=7))
    assert "Over target" not in board(coordinator).replace('value="1"> Over target', "")
    refer_patient(coordinator, family_name="Bianchi", referred_on=NOW.date() - timedelta(days=8))
    narrowed = board(coordinator, "?over=1")
    assert "BIANCHI" in narrowed
    assert narrowed.count('<article class="card card--over') == 1


@pytest.mark.parametrize("view", ["columns", "table"])
def test_filters_leave_what_fits_all_of_them(
    coordinator: User, refer_patient: Refer, user_with: UserWith, view: str
) -> None:
    mine = refer_patient(coordinator, family_name="Àlfieri", coordinator_id=coordinator.pk)
    refer_patient(coordinator, family_name="Bassi")
    Walk(mine, user_with).until(-1).hold("eligibility")
    for query, names in (
        ("", {"ÀLFIERI", "BASSI"}),
        ("&mine=1", {"ÀLFIERI"}),
        ("&held=1", {"ÀLFIERI"}),
        ("&search=alfieri", {"ÀLFIERI"}),
        ("&search=BASSI", {"BASSI"}),
        ("&search=14%2F10%2F1961", {"ÀLFIERI", "BASSI"}),
        ("&search=alfieri&held=1&mine=1", {"ÀLFIERI"}),
        ("&search=nobody", set()),
        ("&search=a%00b%25_'", set()),
    ):
        page = board(coordinator, f"?view={view}{query}")
        assert {name for name in ("ÀLFIERI", "BASSI") if name in page} == names, query


def test_a_fragment_answers_htmx_and_the_page_everybody_else(
    coordinator: User, refer_patient: Refer
) -> None:
    refer_patient(coordinator)
    fragment = board(coordinator, "", **{"HX-Request": "true"})
    assert "<html" not in fragment
    assert 'id="board"' in fragment
    assert "<html" in board(coordinator)


def test_follow_up_shows_who_needs_something_and_counts_the_others(
    coordinator: User, refer_patient: Refer, user_with: UserWith
) -> None:
    with time_machine.travel(NOW + timedelta(days=60), tick=False):
        course = refer_patient(coordinator, family_name="Conti")
    walk = Walk(course, user_with)
    walk.to_follow_up()
    page = board(coordinator)
    assert "CONTI" in page
    # Nobody said that it was done, and it was due first.
    assert "AIFA registry: eligibility and request: overdue" in page
    with time_machine.travel(NOW - timedelta(days=1), tick=False):
        assert "Follow-up" in board(coordinator)
    # One course's many reminders do not hide others: then more of them are asked for.
    soon = NOW.date() + timedelta(days=3 * 365)
    for most, asked in ((1, 1), (2, 2)):
        with CaptureQueriesContext(connection) as captured:
            picked = picks(
                Narrowed(course.centre_id), cards=5, today=NOW.date(), soon=soon, most=most
            )
        assert (picked, len(captured)) == (([], [course.pk]), asked)


def test_another_centres_courses_are_neither_shown_nor_counted(
    coordinator: User, refer_patient: Refer, user_with: UserWith, other_centre: Centre
) -> None:
    refer_patient(user_with("coordinator", at=other_centre), family_name="Canary")
    for query in ("", "?view=table", "?search=canary", "?search=canary&view=table"):
        page = board(coordinator, query)
        assert "CANARY" not in page
        assert "PAV-" not in page
    assert '<span class="board__count">1</span>' not in board(coordinator)


@pytest.mark.parametrize("role", ["data_manager", "centre_admin"])
def test_coded_readers_see_codes_and_cannot_search_names(
    role: str, coordinator: User, refer_patient: Refer, user_with: UserWith
) -> None:
    course = refer_patient(coordinator, family_name="Canary", birth_date=date(1961, 10, 14))
    reader = user_with(role)
    for view in ("columns", "table"):
        page = board(reader, f"?view={view}")
        assert course.code in page
        assert "canary" not in page.lower()
        assert course.code not in board(reader, f"?view={view}&search=canary")
        assert course.code in board(reader, f"?view={view}&search={course.code.lower()}")


def test_a_planned_day_zero_counts_down_and_never_up(
    coordinator: User, refer_patient: Refer, user_with: UserWith
) -> None:
    course = refer_patient(coordinator)
    walk = Walk(course, user_with)
    walk.to_lymphodepletion()
    course.anchors.create(
        kind="infusion", planned_on=NOW.date() + timedelta(days=3), set_at=NOW, set_by="test"
    )
    assert "Day −3" in board(coordinator)
    course.anchors.update(planned_on=NOW.date() - timedelta(days=3))
    page = board(coordinator)
    assert "Day +3" not in page
    assert "not recorded" in page
