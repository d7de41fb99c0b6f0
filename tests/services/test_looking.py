"""What the protocol wants looked at before something is done: page, API and the reasons."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from patients.models import Course
from reminders.awaiting import await_result
from reminders.looking import cautions, look_at
from reminders.models import Reminder, Status
from reminders.sending import send_due
from tests.conftest import NOW, Refer
from tests.services.test_reminders import infuse
from tests.services.test_scheduled_by_facts import TODAY, lab, waiting
from toxicity.models import Episode

pytestmark = pytest.mark.django_db
PER_L = "10*9/L"
CANCELLED: dict[str, Any] = {
    "status": Status.CANCELLED, "closed_at": NOW, "closed_by": "x", "closed_cause": "x",
}  # fmt: skip


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    """Pages read the clock."""
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def infused(course: Course, coordinator: User) -> Course:
    """A course on day +48."""
    infuse(course, coordinator, TODAY - timedelta(days=48))
    return course


def doubts(row: Reminder) -> list[str]:
    return [one.code for one in look_at(row, TODAY).doubts]


def icans(course: Course, *, over: bool = False) -> None:
    Episode.objects.create(
        course=course, scale="icans", ordinal=1, onset_at=NOW, last_at=NOW,
        onset_on=date(2026, 11, 8), last_on=date(2026, 11, 9), peak=2, peak_at=NOW,
        ended_at=NOW if over else None,
    )  # fmt: skip


def test_a_puncture_shows_platelets_and_says_what_speaks_against_it(
    infused: Course, coordinator: User, client: Client
) -> None:
    row = waiting(infused, "CNS_IT")[0]
    assert doubts(row) == ["no_value"]
    lab(infused, coordinator, "PLT", "80", "2026-11-11", PER_L)
    assert doubts(row) == []
    lab(infused, coordinator, "PLT", "30", "2026-11-12", PER_L)
    icans(infused)
    client.force_login(coordinator)
    page = client.get(reverse("reminder_done", args=[row.pk])).content.decode()
    assert "Platelets below 50" in page
    assert "Neurotoxicity (ICANS) since 08-Nov-2026 is not over: postpone." in page
    assert "on 12-Nov-2026, today" in page
    listed = client.get(reverse("course_due", args=[infused.pk])).content.decode()
    assert len(waiting(infused, "CNS_IT")) > 1
    assert listed.count("Platelets below 50") == 1, "only beside what may be done today"
    told = client.get(f"/api/v1/reminders/{row.pk}/look/").json()
    assert [one["code"] for one in told["doubts"]] == ["too_low", "icans"]
    (value,) = told["values"]
    assert (value["analyte"], value["on"], value["age_days"]) == ("PLT", "2026-11-12", 0)
    assert Decimal(value["value"]) == 30
    assert client.get("/api/v1/reminders/987654/look/").status_code == 404


def test_today_and_due_for_me_say_what_speaks_for_waiting_in_one_query_for_all(
    infused: Course, coordinator: User, haematologist: User, client: Client, refer_patient: Refer
) -> None:
    lab(infused, coordinator, "PLT", "30", "2026-11-12", PER_L)
    client.force_login(coordinator)
    address = reverse("today") + "?role=all&most=all"
    page = client.get(address).content.decode()
    assert page.count("Platelets below 50") == 1
    costs = [queries(client, address)]
    for number in range(3):
        other = refer_patient(coordinator, family_name="Bianchi", number=str(number))
        infuse(other, coordinator, TODAY - timedelta(days=48))
    costs.append(queries(client, address))
    assert costs[0] == costs[1] <= 12
    page = client.get(address).content.decode()
    assert page.count("Platelets: no value is recorded") == 3
    Reminder.objects.exclude(item="CNS_IT").update(**CANCELLED)
    send_due(NOW)
    client.force_login(haematologist)
    address = reverse("due_for_me")
    told = client.get(address).content.decode()
    assert told.count("Platelets below 50") == 1
    assert told.count("Platelets: no value is recorded") == 3
    rows = client.get("/api/v1/reminders/mine/").json()["results"]
    assert {(one["course"] == infused.pk, *one["cautions"]) for one in rows} == {
        (True, "Platelets below 50 ×10⁹/L: postpone."),
        (False, "Platelets: no value is recorded; the limit is 50 ×10⁹/L."),
    }
    costs = [queries(client, address)]
    Reminder.objects.exclude(course=infused).update(**CANCELLED)
    costs.append(queries(client, address))
    assert costs[0] == costs[1]
    puncture = waiting(infused, "CNS_IT")[0]
    await_result(reminder_id=puncture.pk, performed_on=TODAY, actor=coordinator, now=NOW)
    puncture.refresh_from_db()
    assert cautions([puncture], TODAY + timedelta(days=9)) == {}, "it was done"


def queries(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address).status_code == 200
    return len(asked)


def test_an_old_value_or_a_limit_settles_nothing(infused: Course, coordinator: User) -> None:
    row = waiting(infused, "CNS_IT")[0]
    lab(infused, coordinator, "PLT", "80", "2026-11-01", PER_L)
    assert doubts(row) == ["too_old"]
    lab(infused, coordinator, "PLT", "<80", "2026-11-12", PER_L)
    look = look_at(row, TODAY)
    assert [one.code for one in look.doubts] == ["perhaps_low"]
    assert look.doubts[0].text == "Platelets: whether they are below 50 ×10⁹/L is not known."
    infused.labresults.filter(analyte="PLT").update(value=None, comparator="", result="negative")
    assert doubts(row) == ["perhaps_low"]
    assert str(look_at(row, TODAY).facts[0].value).endswith("on 12-Nov-2026, today")


def test_what_may_end_shows_the_value_and_its_age(infused: Course, coordinator: User) -> None:
    end = next(one for one in waiting(infused, "PJP") if one.ordinal > 1)
    assert doubts(end) == ["not_reached"]
    assert look_at(end, TODAY).facts[0].value == ""
    lab(infused, coordinator, "CD4", "180", "2026-10-12", "/uL")
    look = look_at(end, TODAY)
    assert [one.code for one in look.doubts] == ["not_reached"]
    assert str(look.facts[0].value) == "180 /µL on 12-Oct-2026, 31 days ago"
    lab(infused, coordinator, "CD4", "260", "2026-11-11", "/uL")
    look = look_at(end, TODAY)
    assert (look.doubts, str(look.facts[0].value)) == ((), "260 /µL on 11-Nov-2026, 1 day ago")
    begin = waiting(infused, "PJP")[0]
    assert (begin.ordinal, look_at(begin, TODAY).values) == (1, ())


def test_the_ban_on_driving_does_not_end_during_neurotoxicity(infused: Course) -> None:
    row = waiting(infused, "DRIVE_END")[0]
    assert doubts(row) == []
    icans(infused)
    assert doubts(row) == ["icans"]
    Episode.objects.update(ended_at=NOW)
    assert doubts(row) == []


def test_what_the_protocol_does_not_know_is_looked_at_in_no_way(
    infused: Course,
) -> None:
    row = waiting(infused, "CD4")[0]
    assert look_at(row, TODAY).note.startswith("The laboratory has no users here")
    row.item = "GONE"
    assert look_at(row, TODAY).doubts == ()
