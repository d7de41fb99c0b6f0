"""An examination charted outside every window is asked about, lest it be done again."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from patients.models import Course
from reminders import closing
from reminders.looking import PERHAPS_DONE, _item_of, look_at
from reminders.models import Reminder
from reminders.unanswered import answers_of, days_asked_about
from tests.conftest import NOW
from tests.services.test_following import TESTS, punctures
from tests.services.test_reminders import infuse
from tests.services.test_scheduled_by_facts import TODAY, fact, later, waiting

pytestmark = pytest.mark.django_db
ZERO = TODAY - timedelta(days=48)
LATE = ZERO + timedelta(days=45)  # the puncture of day 30 is in time until day 40
ASKED = (
    "One of 09-Nov-2026 is in the chart and answers no date: was it this one? "
    "If so, say that it was done on that day."
)


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    """Pages read the clock."""
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def infused(course: Course, coordinator: User) -> Course:
    """A course on day +48."""
    infuse(course, coordinator, ZERO)
    return course


def asks(row: Reminder) -> list[str]:
    return [one.text for one in look_at(row, TODAY).doubts if one.code == PERHAPS_DONE]


def puncture(course: Course, actor: User, on: str = LATE.isoformat(), **values: Any) -> Any:
    return fact(course, actor, "csf", on, **TESTS, **values)


def test_a_puncture_between_two_windows_is_asked_about_until_it_is_told(
    infused: Course, coordinator: User, haematologist: User, client: Client
) -> None:
    row, second, *later_ones = waiting(infused, "CNS_IT")
    assert asks(row) == []
    puncture(infused, coordinator, intrathecal=True)
    assert asks(row) == asks(second) == [ASKED]
    assert all(asks(one) == [] for one in later_ones)
    client.force_login(haematologist)
    for address in (reverse("today"), reverse("course_due", args=[infused.pk])):
        assert client.get(address).content.decode().count("was it this one?") == 1, address
    form = client.get(reverse("reminder_done", args=[row.pk])).content.decode()
    assert form.index("was it this one?") < form.index("Platelets: no value is recorded")
    closing.mark_done(reminder_id=row.pk, done_on=LATE, actor=haematologist, now=later())
    assert asks(second) == []
    assert punctures(infused)[1] == LATE + timedelta(days=60), "the next one keeps its distance"


def test_only_what_the_item_is_about_since_its_anchor_on_a_known_day(
    infused: Course, coordinator: User
) -> None:
    row = waiting(infused, "CNS_IT")[0]
    puncture(infused, coordinator, intrathecal=False)
    puncture(infused, coordinator, "2026-11", intrathecal=True)
    puncture(infused, coordinator, (ZERO - timedelta(days=1)).isoformat(), intrathecal=True)
    assert asks(row) == []
    puncture(infused, coordinator, intrathecal=True)
    assert asks(row) == [ASKED]


def test_a_late_marrow_and_a_late_image_are_asked_about_too(
    infused: Course, coordinator: User
) -> None:
    fact(infused, coordinator, "diagnosis", "2025", disease="B-ALL", extramedullary=True)
    marrow, image = waiting(infused, "MARROW")[0], waiting(infused, "PET30")[0]
    on = (ZERO + timedelta(days=43)).isoformat()
    fact(infused, coordinator, "marrow", on, remission="cr", mrd="negative", mrd_method="flow")
    fact(infused, coordinator, "imaging", on, kind="pet_ct", finding="clear")
    assert len(asks(marrow)) == len(asks(image)) == 1


def test_what_was_skipped_or_awaits_its_result_asks_nothing(
    infused: Course, coordinator: User, haematologist: User
) -> None:
    row, second, *_others = waiting(infused, "CNS_IT")
    puncture(infused, coordinator, intrathecal=True)
    closing.skip(reason="refused", reminder_id=row.pk, actor=haematologist, now=later())
    row.refresh_from_db()
    assert asks(row) == []
    assert asks(second) == [ASKED], "it may have been the next one"


VALUES = {
    "IGG": {"analyte": "IGG", "value": "3", "unit": "g/L"},
    "CD4": {"analyte": "CD4", "value": "100", "unit": "10*6/L"},
    "BCELL": {"analyte": "CD19", "value": "0", "unit": "10*6/L"},
    "MRD_BLOOD": {"analyte": "BCR_ABL", "result": "negative"},
    "CBC_OUT": {"analyte": "ANC", "value": "0.8", "unit": "10*9/L"},
}


def sampled(course: Course, actor: User, item: str, number: int) -> None:
    on = (ZERO + timedelta(days=number)).isoformat()
    fact(course, actor, "lab", on, confirmed=True, **VALUES[item])


def since(row: Reminder) -> int:
    return (row.due_on - ZERO).days


@pytest.mark.parametrize("item", [item for item in VALUES if item != "CBC_OUT"])
def test_a_value_between_two_windows_is_asked_about_until_it_is_told(
    infused: Course, coordinator: User, haematologist: User, item: str
) -> None:
    first, second, *others = waiting(infused, item)
    late = since(first) + 10
    sampled(infused, coordinator, item, 2)
    assert asks(first) == []
    sampled(infused, coordinator, item, late)
    assert waiting(infused, item)[0] == first, "it lies in no window"
    assert len(asks(first)) == len(asks(second)) == 1
    assert all(asks(one) == [] for one in others)
    on = ZERO + timedelta(days=late)
    closing.mark_done(reminder_id=first.pk, done_on=on, actor=haematologist, now=later())
    assert asks(second) == []


def test_a_count_that_fits_two_windows_is_asked_about_at_both(
    infused: Course, coordinator: User
) -> None:
    first, second, third, *_rest = waiting(infused, "CBC_OUT")
    fits = since(second) - 3
    Reminder.objects.filter(pk__in=[first.pk, second.pk]).update(
        window_start=ZERO, window_end=ZERO + timedelta(days=60)
    )
    sampled(infused, coordinator, "CBC_OUT", fits)
    assert waiting(infused, "CBC_OUT")[:2] == [first, second]
    assert len(asks(first)) == len(asks(second)) == 1
    assert asks(third) == []


def test_counts_in_hospital_are_none_of_those_outside(infused: Course, coordinator: User) -> None:
    first = waiting(infused, "CBC_OUT")[0]
    day = ZERO + timedelta(days=since(first) + 3)
    sampled(infused, coordinator, "CBC_OUT", since(first) + 3)
    assert len(asks(first)) == 1
    infused.stays.create(began_on=day, recorded_at=NOW, recorded_by="x", unit="ward")
    assert asks(first) == []


def test_one_query_tells_of_examinations_and_values(infused: Course, coordinator: User) -> None:
    for item in VALUES:
        sampled(infused, coordinator, item, 12 if item == "IGG" else 13)
    rows = list(Reminder.objects.filter(course=infused).select_related("course__protocol"))
    asking = [(one, found) for one in rows if (found := _item_of(one)) and answers_of(found)]
    with CaptureQueriesContext(connection) as captured:
        days_asked_about(asking)
    assert len(captured) == 1
