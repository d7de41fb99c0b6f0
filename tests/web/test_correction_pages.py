"""Correcting facts in the browser: the form as it stood, what stood before, in error and back."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.models import User
from patients.charting import KINDS, add_entry
from patients.holds import end_hold, open_hold
from patients.models import Correction, Course
from patients.stays import admit, discharge
from tests.conftest import NOW, UserWith
from tests.services.test_charting import GOOD

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    with time_machine.travel(NOW + timedelta(hours=1), tick=False):
        yield


@pytest.fixture
def doctor(client: Client, haematologist: User) -> Client:
    client.force_login(haematologist)
    return client


def records(client: Client, course: Course) -> str:
    return client.get(reverse("course_records", args=[course.pk])).content.decode()


def posted_as_it_stands(client: Client, url: str) -> dict[str, Any]:
    """What the browser would send of a form that nobody changed."""
    form = client.get(url).context["form"]
    values = {}
    for bound in form:
        value = bound.value()
        if value not in (None, False, ""):
            values[bound.html_name] = (
                bound.field.prepare_value(value) if hasattr(bound.field, "prepare_value") else value
            )
    return values


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_an_entry_is_corrected_from_the_form_it_was_typed_into(
    doctor: Client, course: Course, haematologist: User, kind: str
) -> None:
    entry = add_entry(
        course_id=course.pk, kind=kind, values=GOOD[kind], actor=haematologist, now=NOW
    )
    url = reverse("fact_correct", args=[course.pk, kind, entry.pk])
    assert url in records(doctor, course)
    values = posted_as_it_stands(doctor, url)
    same = doctor.post(url, values | {"reason": "typed wrongly"})
    # Nothing was lost on the way through the form: what was not changed has not changed.
    assert same.status_code == 422
    assert "This is what stands already." in same.content.decode()
    answer = doctor.post(url, values | {"on": "09-Nov-2026", "reason": "typed wrongly"})
    assert answer.status_code == 302, answer.content.decode()
    page = records(doctor, course)
    assert "typed wrongly" in page
    assert "<del>" in page
    assert "09-Nov-2026" in page


def test_stays_and_holds_are_corrected_too(
    doctor: Client, course: Course, haematologist: User
) -> None:
    by: dict[str, Any] = {"actor": haematologist, "now": NOW}
    admit(course_id=course.pk, unit="icu", place="Bed 7", on=date(2026, 11, 2), **by)
    stay = discharge(course_id=course.pk, on=date(2026, 11, 5), **by)
    hold = open_hold(
        course_id=course.pk, step="infusion", reason_code="PERSONAL",
        began_on=date(2026, 11, 3), planned_on=date(2026, 11, 4), **by,
    )  # fmt: skip
    assert "Step held: Infusion" in records(doctor, course)
    end_hold(hold_id=hold.pk, ended_on=date(2026, 11, 6), **by)
    for kind, fact, changed in (
        ("stay", stay, {"ended_on": "06-Nov-2026"}),
        ("hold", hold, {"ended_on": "07-Nov-2026"}),
    ):
        url = reverse("fact_correct", args=[course.pk, kind, fact.pk])
        values = posted_as_it_stands(doctor, url) | {"reason": "typed wrongly"}
        assert doctor.post(url, values).status_code == 422
        assert doctor.post(url, values | changed).status_code == 302
        # Seen before that correction: somebody has to look again.
        assert doctor.post(url, values | {"began_on": "01-Nov-2026"}).status_code == 409
    values = posted_as_it_stands(doctor, url) | {"reason": "typed wrongly"}
    assert values["reason_code"] == "PERSONAL"
    assert doctor.post(url, values | {"reason_code": "WEATHER"}).status_code == 422
    assert doctor.post(url, values | {"reason_code": "TRAVEL"}).status_code == 302
    page = records(doctor, course)
    assert "Reason: Travel" in page
    assert "Bed 7" in page
    assert "07-Nov-2026" in page
    assert "Date given up: 04-Nov-2026" in page


def test_an_entry_in_error_leaves_the_page_until_it_is_brought_back(
    doctor: Client, course: Course, haematologist: User, user_with: UserWith
) -> None:
    entry = add_entry(
        course_id=course.pk,
        kind="line",
        values={"treatment": "blinatumomab", "drug_class": ""},
        actor=haematologist,
        now=NOW,
    )
    url = reverse("fact_error", args=[course.pk, "line", entry.pk])
    values = posted_as_it_stands(doctor, url)
    assert doctor.post(url, values).status_code == 422
    assert doctor.post(url, values | {"reason": "another patient's"}).status_code == 302
    assert "blinatumomab" not in records(doctor, course)
    assert doctor.get(url).status_code == 404
    (mark,) = Correction.objects.all()
    undo = reverse("fact_undo", args=[mark.pk])
    assert doctor.get(undo).status_code == 403
    doctor.force_login(user_with("quality"))
    listed = doctor.get(reverse("error_list")).content.decode()
    assert undo in listed
    assert "another patient" in listed
    assert "blinatumomab" in doctor.get(undo).content.decode()
    assert doctor.post(undo, {"reason": "it was right"}).status_code == 302
    assert undo not in doctor.get(reverse("error_list")).content.decode()
    assert "blinatumomab" in records(doctor, course)


def test_unknown_facts_are_not_there(doctor: Client, course: Course) -> None:
    for kind, pk in (("opinion", 1), ("line", 10**9), ("stay", 1)):
        for name in ("fact_correct", "fact_error"):
            assert doctor.get(reverse(name, args=[course.pk, kind, pk])).status_code == 404


def test_readers_of_codes_see_what_stood_without_names(
    client: Client, course: Course, haematologist: User, user_with: UserWith
) -> None:
    by: dict[str, Any] = {"actor": haematologist, "now": NOW}
    note = add_entry(course_id=course.pk, kind="note", values={"text": "calls Anna"}, **by)
    client.force_login(haematologist)
    url = reverse("fact_correct", args=[course.pk, "note", note.pk])
    values = posted_as_it_stands(client, url) | {"text": "calls Berta", "reason": "not Anna"}
    assert client.post(url, values).status_code == 302
    client.force_login(user_with("data_manager"))
    page = records(client, course)
    assert "Note" in page
    for hidden in ("Anna", "Berta", haematologist.username):
        assert hidden not in page
