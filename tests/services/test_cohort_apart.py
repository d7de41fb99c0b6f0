"""The report told apart by items, delays and reasons of an end: from rows, in words, by code."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from exports.cohort import CohortFilters, cohort
from exports.cohort_report import report_of
from exports.domain.indicators import Indicator
from exports.domain.summaries import Proportion, Total
from patients.models import Course, Hold
from protocol.domain.loading import ProtocolInvalid
from reminders.models import Reminder
from tests.conftest import Refer, UserWith
from tests.services.test_cohort import LATER, enrol
from tests.services.test_counting import kept
from tests.toxicity_course import infuse
from tests.walking import DAY_ZERO, Walk

ITEMS = "item_timeliness_"


def apart(user: User, now: datetime = LATER) -> dict[str, Indicator]:
    found = report_of(cohort(user, CohortFilters(), now=now)).indicators
    return {one.definition.code: one for one in found}


def reminder(course: Course, item: str, number: int, done: int | None, **more: Any) -> Reminder:
    """A date of an item with a window of two days around day 10, done on a day or not."""
    due = DAY_ZERO + timedelta(days=10)
    said: dict[str, Any] = {
        "course": course, "item": item, "anchor_kind": "infusion", "anchor_occurrence": 1,
        "ordinal": number, "due_on": due, "window_start": due - timedelta(days=2),
        "window_end": due + timedelta(days=2), "role": "coordinator", "planned_at": LATER,
    }  # fmt: skip
    if done is not None:
        said |= {
            "status": "done", "done_on": DAY_ZERO + timedelta(days=done), "closed_at": LATER,
            "closed_by": "test", "closed_cause": "hand",
        }  # fmt: skip
    return Reminder(**said | more)


def test_each_item_counts_what_its_own_reminders_say(
    coordinator: User, refer_patient: Refer, client: Client, user_with: UserWith
) -> None:
    one, two = (enrol(infuse(refer_patient(coordinator), DAY_ZERO)) for _number in range(2))
    Reminder.objects.all().delete()
    Reminder.objects.bulk_create(
        [
            reminder(one, "MARROW", 1, 10),
            reminder(one, "MARROW", 2, 13),  # late
            reminder(two, "MARROW", 1, None),
            reminder(two, "CNS_IT", 1, 8),
            reminder(two, "REG_D100", 1, 12),
            reminder(two, "IGG", 1, None, status="skipped", reason="x", closed_at=LATER,
                     closed_by="test", closed_cause="hand"),
            reminder(two, "IGG", 2, None, window_end=LATER.date()),  # not over today
            reminder(two, "IGG", 3, None, provisional=True),
        ]
    )  # fmt: skip
    kept(coordinator, LATER)
    found = apart(coordinator)
    rates = {code: one.rate for code, one in found.items() if code.startswith(ITEMS)}
    assert rates == {
        f"{ITEMS}MARROW": Proportion(1, 3), f"{ITEMS}CNS_IT": Proportion(1, 1),
        f"{ITEMS}REG_D100": Proportion(1, 1),
    }  # fmt: skip
    assert found["item_timeliness"].rate == Proportion(3, 5)
    assert found["follow_up_completeness"].rate == Proportion(1, 1)
    assert apart(coordinator, LATER + timedelta(days=1))[f"{ITEMS}IGG"].rate == Proportion(0, 1)
    client.force_login(coordinator)
    said = client.get("/api/v1/cohort/").json()["kpis"][f"{ITEMS}MARROW"]
    assert (said["n"], said["of"], said["missing"], said["suppressed"]) == (1, 3, 0, False)
    assert said["label"].startswith("Follow-up in time: ")
    assert said["definition"].startswith("Dates of this item")
    client.force_login(user_with("data_manager"))
    coded = client.get("/api/v1/cohort/").json()["kpis"][f"{ITEMS}MARROW"]
    assert (coded["n"], coded["suppressed"]) == (None, True)


def test_forms_are_of_the_last_five_years(coordinator: User, course: Course) -> None:
    enrol(infuse(course, DAY_ZERO))
    Reminder.objects.all().delete()
    Reminder.objects.bulk_create(
        [reminder(course, "REG_D100", 1, 12), reminder(course, "REG_6M", 1, None)]
    )
    ends = DAY_ZERO + timedelta(days=12)
    last = datetime(ends.year + 5, ends.month, ends.day, 12, tzinfo=UTC)
    for after, expected in ((-1, (1, 2)), (0, (1, 2)), (1, (0, 0)), (0, (1, 2))):
        on = last + timedelta(days=after)
        kept(coordinator, on)
        found = apart(coordinator, on)
        assert found["follow_up_completeness"].rate == Proportion(*expected)
        assert found["item_timeliness"].rate == Proportion(1, 2), "of all years"


def hold(course: Course, reason: str, days: int | None, **more: Any) -> Hold:
    """A delay since day -60 that took so many days, or goes on."""
    began = DAY_ZERO - timedelta(days=60)
    ended = None if days is None else began + timedelta(days=days)
    return Hold(
        course=course, step="apheresis", reason_code=reason, began_on=began, ended_on=ended,
        ended_at=ended and LATER, ended_by="test", recorded_at=LATER, recorded_by="test", **more,
    )  # fmt: skip


def test_days_of_delay_are_told_by_reason_and_side_on_the_page_in_both_languages(
    coordinator: User, refer_patient: Refer, client: Client
) -> None:
    one, two = (enrol(infuse(refer_patient(coordinator), DAY_ZERO)) for _number in range(2))
    Hold.objects.bulk_create(
        [
            hold(one, "PERSONAL", 12), hold(two, "PERSONAL", 3), hold(two, "TRAVEL", 0),
            hold(two, "PERSONAL", None), hold(one, "PERSONAL", 40, in_error=True),
            hold(one, "PERSONAL", -4),  # ended before it began: nobody knows how long
            hold(one, "OOS", 20), hold(one, "OF_YORE", 5),
        ]
    )  # fmt: skip
    kept(coordinator, LATER)
    found = {code: one.total for code, one in apart(coordinator).items() if one.total}
    assert found == {
        "delay_days_patient_PERSONAL": Total(15, 2, 2),
        "delay_days_patient_TRAVEL": Total(0, 1),
        "delay_days_manufacturer_OOS": Total(20, 1),
        "delay_days_unknown_OF_YORE": Total(5, 1),
        "delay_days_side_patient": Total(15, 3, 2),
        "delay_days_side_manufacturer": Total(20, 1),
        "delay_days_side_unknown": Total(5, 1),
    }
    client.force_login(coordinator)
    said = client.get("/api/v1/cohort/").json()["kpis"]["delay_days_patient_PERSONAL"]
    assert {name: said[name] for name in ("total", "n", "missing", "suppressed", "unit")} == {
        "total": 15, "n": 2, "missing": 2, "suppressed": False, "unit": "days",
    }  # fmt: skip
    page = " ".join(client.get("/cohort/").text.split())
    assert (
        "Days of delay by reason: Personal reasons</th> <td>15 d</td> <td>2</td><td>2</td>" in page
    )
    assert "Days of delay by side: The manufacturer&#x27;s side</th> <td>20 d</td>" in page
    with patch("exports.cohort_names.settings_of", side_effect=ProtocolInvalid(())):
        unread = " ".join(client.get("/cohort/").text.split())
    assert "Days of delay by reason: PERSONAL</th>" in unread
    client.cookies["django_language"] = "it"
    page = client.get("/cohort/", headers={"accept-language": "it"}).text
    assert "Giorni di ritardo per motivo: Motivi personali" in page


@pytest.mark.walked("to_eligibility")
def test_who_left_is_counted_by_the_coded_reason(
    walk: Walk, refer_patient: Refer, user_with: UserWith
) -> None:
    actor = walk.by("coordinator")
    enrol(refer_patient(actor))
    walk.go("declined", reason="too frail", details={"exit_reason": "unfit"})
    kept(actor, walk.now)
    found = apart(actor, walk.now)
    assert found["attrition_reason_unfit"].rate == Proportion(1, 1, 1)
    assert found["attrition"].rate == Proportion(1, 1, 1)
    coded = apart(user_with("data_manager"), walk.now)
    assert coded["attrition_reason_unfit"].rate == Proportion(None, 1, 1, suppressed=True)


def test_what_is_told_apart_costs_one_query_of_any_number_of_courses(
    coordinator: User, refer_patient: Refer
) -> None:
    for _number in range(3):
        course = enrol(infuse(refer_patient(coordinator), date(2025, 1, 1)))
        Hold.objects.bulk_create([hold(course, "PERSONAL", 12)])
    apart(coordinator)
    with CaptureQueriesContext(connection) as captured:
        report_of(cohort(coordinator, CohortFilters(), now=LATER))
    assert len([one for one in captured if "x.apart" in one["sql"]]) == 1
    assert len(captured) <= 7
