"""Readers of codes only: no page shows them a name, a birth date, a number or free text."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.permissions import ROLE_PERMISSIONS, Permission
from patients.models import Course
from terms.roles import Role
from tests.conftest import NOW, Refer, UserWith
from tests.walking import Walk

pytestmark = pytest.mark.django_db
# Written so that no page has them by chance.
CANARIES = ("zaffiro", "quarzina", "4711-xy", "topazia", "ambra")
BORN = ("1958-07-21", "21-Jul-1958", "21-lug-1958", "21/07/1958")
CODED = [
    role
    for role in Role
    if Permission.READ_COURSES in ROLE_PERMISSIONS[role]
    and Permission.SEE_IDENTITY not in ROLE_PERMISSIONS[role]
]


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    """Pages are asked a day after what the tests did."""
    with time_machine.travel(NOW + timedelta(days=1), tick=False):
        yield


@pytest.fixture
def marked(refer_patient: Refer, coordinator: User, user_with: UserWith) -> Course:
    """A course in follow-up, of a patient with a mark in every text that may identify."""
    course = refer_patient(
        coordinator,
        family_name="Zaffiro",
        given_name="Quarzina",
        number="4711-XY",
        birth_date=date(1958, 7, 21),
    )
    walk = Walk(course, user_with)
    walk.to_follow_up()
    walk.note("note", text="Her sister Topazia drives.")
    walk.note("comorbidity", description="asthma, says Topazia")
    walk.hold("infusion", remark="Ambra is ill", managed_with="Ambra")
    return course


def addresses(course: Course) -> list[str]:
    """Every page and address of the API on which a course is told."""
    pages = ["board", "patient_list", "timelines_csv"]
    return [
        *(reverse(name) for name in pages),
        reverse("board") + "?view=table",
        reverse("board") + "?held=1",
        reverse("course", args=[course.pk]),
        reverse("move", args=[course.pk, "completed"]),
        reverse("course_timeline_csv", args=[course.pk]),
        "/api/v1/courses/",
        f"/api/v1/courses/{course.pk}/",
        f"/api/v1/courses/{course.pk}/moves/",
        f"/api/v1/courses/{course.pk}/timeline/",
        "/api/v1/reminders/",
    ]


def test_some_roles_see_codes_only() -> None:
    assert Role.DATA_MANAGER in CODED


@pytest.mark.parametrize("role", CODED)
def test_coded_reader_meets_no_mark(role: Role, marked: Course, user_with: UserWith) -> None:
    browser = Client()
    browser.force_login(user_with(role.value))
    for address in addresses(marked):
        answer = browser.get(address)
        assert answer.status_code in (200, 403), address
        said = answer.getvalue().decode().lower()
        assert [mark for mark in (*CANARIES, *map(str.lower, BORN)) if mark in said] == [], address
        if "/api/" not in address and answer.status_code == 200:
            assert marked.code.lower() in said, address


def test_the_marks_are_there_for_those_who_may(marked: Course, coordinator: User) -> None:
    browser = Client()
    browser.force_login(coordinator)
    pages = [browser.get(address).getvalue() for address in addresses(marked)]
    said = b"".join(pages).decode().lower()
    assert [mark for mark in CANARIES if mark not in said] == []
    assert any(born.lower() in said for born in BORN)


@pytest.mark.parametrize("role", CODED)
def test_coded_reader_finds_nobody_by_name(role: Role, marked: Course, user_with: UserWith) -> None:
    browser = Client()
    browser.force_login(user_with(role.value))
    for address in (reverse("board"), reverse("patient_list"), "/api/v1/courses/"):
        for text in ("zaffiro", "4711-xy", "21-jul-1958"):
            assert marked.code not in browser.get(address, {"search": text}).text, address
