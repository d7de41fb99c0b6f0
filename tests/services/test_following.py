"""What is counted from the last one done: moved by each way of being done, and back again."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from accounts.models import User
from patients.correcting import correct_entry
from patients.foresight import foresee
from patients.models import Course
from protocol.models import Protocol
from reminders import closing
from reminders.awaiting import await_result
from reminders.closing_together import mark_all_done
from reminders.laying import lay_out
from reminders.models import Reminder, Status
from reminders.sweeping import SWEEP, sweep
from tests.conftest import NOW, Refer
from tests.services.test_reminders import come_back, infuse, leave
from tests.services.test_scheduled_by_facts import TODAY, fact, later

pytestmark = pytest.mark.django_db
ZERO = TODAY - timedelta(days=48)
LATE = TODAY - timedelta(days=3)  # day 45, of the one that was due on day 30
DAY_30, SIXTY = ZERO + timedelta(days=30), timedelta(days=60)
TESTS = {"cytology": "not_done", "flow": "not_done"}


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


def punctures(course: Course) -> list[date]:
    """The due dates of the punctures that were not cancelled, in the order of their ordinals."""
    rows = Reminder.objects.filter(course=course, item="CNS_IT").exclude(status=Status.CANCELLED)
    return list(rows.order_by("ordinal").values_list("due_on", flat=True))


def first(course: Course) -> Reminder:
    return Reminder.objects.get(course=course, item="CNS_IT", ordinal=1)


def from_day(start: date, count: int) -> list[date]:
    """The first date as it stands, then one every 60 days after `start`."""
    return [DAY_30, *(start + number * SIXTY for number in range(1, count))]


def test_done_by_hand_moves_those_after_it_and_opened_again_they_come_back(
    infused: Course, coordinator: User, haematologist: User
) -> None:
    grid = from_day(DAY_30, 6)
    assert punctures(infused) == grid
    row = first(infused)
    marrows = Reminder.objects.filter(course=infused, item="MARROW")
    others = list(marrows.values_list("due_on", flat=True))
    done: Any = {"reminder_id": row.pk, "actor": haematologist}
    closing.mark_done(done_on=LATE, now=later(), **done)
    assert punctures(infused) == from_day(LATE, 6)
    closing.reopen(reason="another patient", now=later(), **done)
    assert punctures(infused) == grid
    await_result(performed_on=LATE, now=later(), **done)
    assert punctures(infused) == from_day(LATE, 6), "done, whatever its result"
    closing.skip(reason="the sample was lost", now=later(), **done)
    assert punctures(infused) == from_day(LATE, 6), "the therapy was given all the same"
    closing.reopen(reason="another patient", now=later(), **done)
    closing.skip(reason="refused", now=later(), **done)
    assert punctures(infused) == grid, "what nobody did holds nothing up"
    assert list(marrows.values_list("due_on", flat=True)) == others


def test_a_result_moves_them_and_its_correction_too(
    infused: Course, coordinator: User, haematologist: User
) -> None:
    on = DAY_30 + timedelta(days=8)
    told = fact(infused, coordinator, "csf", on.isoformat(), **TESTS, intrathecal=True)
    assert first(infused).done_on == on
    assert punctures(infused) == from_day(on, 6)
    other = DAY_30 - timedelta(days=4)
    correct_entry(
        course_id=infused.pk, kind="csf", entry_id=told.pk, reason="another day",
        values={"on": other.isoformat(), **TESTS, "intrathecal": True},
        actor=haematologist, now=later(),
    )  # fmt: skip
    assert first(infused).done_on == other
    assert punctures(infused) == from_day(other, 6)


def test_several_at_once_each_move_their_own(
    infused: Course, haematologist: User, coordinator: User, refer_patient: Refer
) -> None:
    second = refer_patient(coordinator, family_name="Bianchi", number="2")
    infuse(second, coordinator, ZERO)
    ids = [first(course).pk for course in (infused, second)]
    mark_all_done(reminder_ids=ids, done_on=LATE, actor=haematologist, now=later())
    assert punctures(infused) == punctures(second) == from_day(LATE, 6)


def test_one_done_after_the_next_was_skipped_moves_those_that_still_wait(
    course: Course, coordinator: User, haematologist: User
) -> None:
    """One puncture for two dates: the later one is skipped, the earlier one done."""
    zero = TODAY - timedelta(days=72)
    infuse(course, coordinator, zero)
    second = Reminder.objects.get(course=course, item="CNS_IT", ordinal=2)
    which: Any = {"reminder_id": second.pk, "actor": haematologist}
    closing.skip(reason="one for both", now=later(), **which)
    on = {"reminder_id": first(course).pk, "done_on": TODAY, "actor": haematologist}
    closing.mark_done(now=later(), **on)  # type: ignore[arg-type]
    day_90 = zero + timedelta(days=90)
    assert punctures(course)[1:3] == [day_90, TODAY + SIXTY], "day 90 was skipped, nothing else"
    closing.reopen(reason="another patient", now=later(), **which)
    assert punctures(course)[1:3] == [TODAY + SIXTY, TODAY + 2 * SIXTY]


def test_what_is_done_is_kept_though_the_protocol_can_no_longer_be_read(
    infused: Course, haematologist: User
) -> None:
    shipped, grid = infused.protocol, punctures(infused)
    poison = Protocol.objects.create(
        code="poison", version=1, title_en="x", title_it="x", product="x", data={}, sha256="f" * 64
    )
    Course.objects.filter(pk=infused.pk).update(protocol=poison)
    row = first(infused)
    closing.mark_done(reminder_id=row.pk, done_on=LATE, actor=haematologist, now=later())
    assert punctures(infused) == grid, "nobody knows what follows"
    Course.objects.filter(pk=infused.pk).update(protocol=shipped)
    sweep(now=NOW + timedelta(days=1, minutes=1), host="here")
    assert punctures(infused) == from_day(LATE, 6), "the sweep knows again"


def test_so_late_that_the_year_is_over_cancels_the_last_until_that_is_taken_back(
    infused: Course, coordinator: User, haematologist: User
) -> None:
    on = TODAY
    closing.mark_done(reminder_id=first(infused).pk, done_on=on, actor=haematologist, now=later())
    assert punctures(infused) == from_day(on, 6)
    infuse(infused, coordinator, ZERO - timedelta(days=20), now=later())
    assert punctures(infused) == from_day(on, 5), "the year ends 20 days sooner"
    last = Reminder.objects.get(course=infused, item="CNS_IT", ordinal=6)
    assert (last.status, last.closed_cause) == (Status.CANCELLED, "planning")
    infuse(infused, coordinator, ZERO, now=later())
    assert punctures(infused) == from_day(on, 6)


def test_a_moved_day_zero_and_an_exit_leave_what_follows_the_last_one_done(
    infused: Course, coordinator: User, haematologist: User
) -> None:
    row = first(infused)
    closing.mark_done(reminder_id=row.pk, done_on=LATE, actor=haematologist, now=later())
    sooner = ZERO - timedelta(days=2)
    seen = foresee(
        infused.pk, lambda: infuse(infused, coordinator, sooner, now=later()), actor=coordinator
    )
    labels = {one.label for one in seen.shifts}
    assert "Bone marrow: morphology and MRD" in labels
    assert not any("intrathecal" in label for label in labels)
    fields = [one.name for one in Reminder._meta.fields if one.name != "changed_at"]
    rows = Reminder.objects.filter(course=infused).order_by("pk").values(*fields)
    before = list(rows)
    moment = later() + timedelta(hours=1)
    leave(infused, haematologist, moment)
    assert punctures(infused) == [DAY_30]
    come_back(infused, haematologist, moment + timedelta(minutes=5))
    lay_out([infused], actor=SWEEP, now=moment + timedelta(minutes=6))
    assert list(rows.all()) == before


def test_the_page_the_preview_and_explain_say_what_they_are_counted_from(
    infused: Course,
    coordinator: User,
    haematologist: User,
    client: Client,
    capsys: pytest.CaptureFixture[str],
) -> None:
    client.force_login(haematologist)
    row = first(infused)
    page = client.get(reverse("reminder_done", args=[row.pk])).content.decode()
    assert "Counted from the day on which this one is done." in page
    marrow = Reminder.objects.get(course=infused, item="MARROW", ordinal=2)
    looked = [client.get(f"/api/v1/reminders/{one.pk}/look/").json() for one in (row, marrow)]
    assert [one["moves_following"] for one in looked] == [True, False]
    page = client.get(reverse("reminder_done", args=[marrow.pk])).content.decode()
    assert "Counted from the day on which this one is done." not in page
    sooner = ZERO - timedelta(days=2)
    seen = foresee(
        infused.pk, lambda: infuse(infused, coordinator, sooner, now=later()), actor=coordinator
    )
    why = {one.counted_from for one in seen.shifts if "intrathecal" in one.label}
    assert why == {"Infusion (day 0)", "Infusion (day 0), then the last one done"}
    done = client.post(
        f"/api/v1/reminders/{row.pk}/done/", {"done_on": LATE.isoformat()},
        content_type="application/json",
    )  # fmt: skip
    assert done.status_code == 201
    call_command("reminders", "explain", infused.code)
    blocks = capsys.readouterr().out.split("\n\n")
    (second,) = [one for one in blocks if " CNS_IT 1.2:" in one]
    assert f"due {LATE + SIXTY} " in second
    assert f"\n  after CNS_IT 1.1: done {LATE}\n" in second
    assert "last one was done: Programme default" in second
    (vaccine,) = [one for one in blocks if " VACC_INACT 1.2:" in one]
    assert "after VACC_INACT" not in vaccine
    assert "rule: first after 6 months, then after 8 months, then after 10 months" in vaccine


def test_who_skips_one_of_a_series_reads_that_none_takes_its_place(
    infused: Course, haematologist: User, client: Client
) -> None:
    client.force_login(haematologist)
    said = {}
    for item in ("VACC_INACT", "CNS_IT", "MARROW"):
        row = Reminder.objects.get(course=infused, item=item, ordinal=1)
        address = reverse("reminder_skip", args=[row.pk])
        said[item] = "One of a series of 3" in client.get(address).content.decode()
    assert said == {"VACC_INACT": True, "CNS_IT": False, "MARROW": False}
