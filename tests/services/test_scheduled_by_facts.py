"""What the chart does to the schedule: answers, conditions, stop rules, triggers, a death."""

from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

import pytest

from accounts.models import User
from patients import anchors
from patients.charting import add_entry
from patients.correcting import correct_entry
from patients.deaths import record_death, withdraw_death
from patients.models import Course
from patients.stays import admit, discharge
from reminders import closing, selectors
from reminders.models import Reminder, Status
from tests.conftest import NOW
from tests.services.test_reminders import infuse

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 12)
MOMENTS = count(1)


def later() -> datetime:
    """Each fact is recorded at a moment of its own."""
    return NOW + timedelta(seconds=next(MOMENTS))


def fact(course: Course, actor: User, what: str, on: str = "2026-11-10", /, **values: Any) -> Any:
    return add_entry(
        course_id=course.pk, kind=what, values={"on": on, **values}, actor=actor, now=later()
    )


def lab(course: Course, actor: User, analyte: str, value: str, on: str, unit: str) -> Any:
    return fact(course, actor, "lab", on, analyte=analyte, value=value, unit=unit, confirmed=True)


def waiting(course: Course, item: str) -> list[Reminder]:
    rows = Reminder.objects.filter(course=course, item=item, status=Status.OPEN)
    return list(rows.order_by("due_on"))


def said(course: Course, actor: User, item: str) -> str:
    """The first waiting date of an item in words."""
    row = waiting(course, item)[0]
    reminder = selectors.reminders_of(actor, course.pk).get(pk=row.pk)
    protocol = reminder.course.protocol
    return str(selectors.label_of(protocol, item, row.ordinal, doubtful=row.unsure))


@pytest.fixture
def infused(course: Course, coordinator: User) -> Course:
    """A course on day +48."""
    infuse(course, coordinator, TODAY - timedelta(days=48))
    return course


def test_what_depends_on_the_chromosome_waits_for_it_to_be_known(
    infused: Course, coordinator: User, haematologist: User
) -> None:
    transcript = "BCR-ABL1 transcript"
    assert said(infused, coordinator, "MRD_BLOOD") == (
        f"{transcript} (if Philadelphia positive: not recorded)"
    )
    found = fact(infused, coordinator, "diagnosis", "2025", disease="B-ALL", ph_status="positive")
    assert said(infused, coordinator, "MRD_BLOOD") == transcript
    first = waiting(infused, "MRD_BLOOD")[0]
    on = first.due_on.isoformat()
    result = fact(infused, coordinator, "lab", on, analyte="BCR_ABL", result="negative")
    first.refresh_from_db()
    assert (first.status, first.closed_cause) == (Status.DONE, f"lab:{result.pk}")
    values = {"on": "2025", "disease": "B-ALL", "ph_status": "negative"}
    correct_entry(
        course_id=infused.pk, kind="diagnosis", entry_id=found.pk, values=values,
        reason="read again", actor=haematologist, now=later(),
    )  # fmt: skip
    assert waiting(infused, "MRD_BLOOD") == []


def test_disease_outside_the_marrow_asks_for_its_images_and_a_pet_answers(
    infused: Course, coordinator: User
) -> None:
    fact(infused, coordinator, "diagnosis", "2025", disease="B-ALL", extramedullary=False)
    assert waiting(infused, "PET30") == []
    day_30 = TODAY - timedelta(days=18)
    fact(
        infused, coordinator, "imaging", "2026-10-01", kind="ct", finding="pathological",
        extramedullary=True,
    )  # fmt: skip
    assert [row.due_on for row in waiting(infused, "PET30")] == [day_30]
    fact(infused, coordinator, "imaging", day_30.isoformat(), kind="ct", finding="clear")
    assert waiting(infused, "PET30") != [], "another examination answers nothing"
    pet = fact(infused, coordinator, "imaging", day_30.isoformat(), kind="pet_ct", finding="clear")
    done = Reminder.objects.get(course=infused, item="PET30")
    assert (done.status, done.done_on, done.closed_cause) == (
        Status.DONE, day_30, f"imaging:{pet.pk}",
    )  # fmt: skip
    assert len(waiting(infused, "IMG90")) == 1


def test_an_echocardiogram_on_day_87_is_no_ct(course: Course, coordinator: User) -> None:
    infuse(course, coordinator, TODAY - timedelta(days=87))
    for kind, waits in (("echo", 1), ("mri", 1), ("chest_film", 1), ("ct", 0)):
        fact(course, coordinator, "imaging", TODAY.isoformat(), kind=kind, finding="clear")
        assert len(waiting(course, "IMG90")) == waits, kind


def test_an_old_no_says_nothing_of_a_later_relapse_of_unknown_site(
    infused: Course, coordinator: User, haematologist: User
) -> None:
    marrow: dict[str, Any] = {"disease": "B-ALL", "extramedullary": False, "ph_status": "negative"}
    fact(infused, haematologist, "diagnosis", "2024-03", **marrow)
    assert (waiting(infused, "PET30"), waiting(infused, "MRD_BLOOD")) == ([], [])
    fact(infused, haematologist, "relapse", "2026-01-20", kind="haematological", marrow=True)
    assert [row.unsure for row in waiting(infused, "PET30")] == [True]
    fact(infused, haematologist, "diagnosis", "2026-02", **marrow)
    assert waiting(infused, "PET30") == []
    # Of the same year, so that nobody knows which came last.
    fact(infused, haematologist, "diagnosis", "2026", disease="B-ALL")
    assert [row.unsure for row in waiting(infused, "PET30")] == [True]
    assert {row.unsure for row in waiting(infused, "MRD_BLOOD")} == {True}
    fact(infused, haematologist, "diagnosis", "2026", **marrow)
    assert (waiting(infused, "PET30"), waiting(infused, "MRD_BLOOD")) == ([], [])
    fact(infused, haematologist, "relapse", "", kind="haematological", marrow=True)
    assert [row.unsure for row in waiting(infused, "PET30")] == [True]


@pytest.mark.parametrize(
    ("answers", "needed"),
    [
        ({}, True),
        ({"HBV_SURFACE": "negative"}, True),
        ({"HBV_SURFACE": "negative", "HBV_CORE": "negative"}, False),
        ({"HBV_SURFACE": "negative", "HBV_CORE": "positive"}, True),
    ],
)
def test_hepatitis_b_is_excluded_by_both_tests_alone(
    course: Course, coordinator: User, answers: dict[str, str], needed: bool
) -> None:
    for analyte, result in answers.items():
        fact(course, coordinator, "lab", analyte=analyte, result=result)
    plan_depletion(course, coordinator)
    assert bool(waiting(course, "HBV")) is needed
    unsure = {row.unsure for row in waiting(course, "HBV")}
    assert unsure == ({"positive" not in answers.values()} if needed else set())


def plan_depletion(course: Course, actor: User) -> None:
    anchors.plan_date(
        course_id=course.pk, kind="lymphodepletion", planned_on=TODAY + timedelta(days=9),
        reason="a test", actor=actor, now=later(),
    )  # fmt: skip


def test_two_values_above_the_line_leave_only_distant_dates(
    infused: Course, coordinator: User
) -> None:
    before = [row.ordinal for row in waiting(infused, "IGG")]
    first = Reminder.objects.get(course=infused, item="IGG", ordinal=1)
    one = lab(infused, coordinator, "IGG", "500", first.window_start.isoformat(), "mg/dL")
    first.refresh_from_db()
    assert (first.status, first.closed_cause) == (Status.DONE, f"lab:{one.pk}")
    assert [row.ordinal for row in waiting(infused, "IGG")] == before[1:]
    lab(infused, coordinator, "IGG", "520", "2026-11-12", "mg/dL")
    assert [row.ordinal for row in waiting(infused, "IGG")] == [5, 8, 11, 14]
    lab(infused, coordinator, "IGG", "<300", "2026-11-12", "mg/dL")
    assert [row.ordinal for row in waiting(infused, "IGG")] == before[1:]


def test_a_late_fall_floods_no_list_with_what_was_over(course: Course, coordinator: User) -> None:
    day_zero = TODAY - timedelta(days=275)
    infuse(course, coordinator, day_zero)
    for day, value in ((3, "500"), (10, "500"), (61, "500"), (91, "520")):
        on = (day_zero + timedelta(days=day)).isoformat()
        lab(course, coordinator, "IGG", value, on, "mg/dL")
        if day == 10:
            early = [row.ordinal for row in waiting(course, "IGG")[:4]]
            assert early == [1, 2, 3, 4], "two early values end nothing"
    fell = TODAY.isoformat()
    lab(course, coordinator, "IGG", "300", fell, "mg/dL")
    late = [row.ordinal for row in waiting(course, "IGG") if row.window_end < TODAY]
    assert [one for one in late if one > 3] == [6], "one in three months, as before the fall"
    assert len([row for row in waiting(course, "IGG") if row.due_on > TODAY]) > 6


def test_low_immunoglobulins_are_asked_about_each_month_until_they_rise(
    infused: Course, coordinator: User
) -> None:
    lab(infused, coordinator, "IGG", "250", "2026-10-27", "mg/dL")
    rows = waiting(infused, "HYPO_IVIG")
    assert [row.due_on for row in rows[:3]] == [
        date(2026, 10, 27), date(2026, 11, 27), date(2026, 12, 27),
    ]  # fmt: skip
    for day in ("2026-11-10", "2026-11-12"):
        lab(infused, coordinator, "IGG", "600", day, "mg/dL")
    assert [row.due_on for row in waiting(infused, "HYPO_IVIG")] == [
        date(2026, 10, 27), date(2026, 11, 12),
    ]  # fmt: skip


def test_low_neutrophils_begin_what_their_recovery_may_end(
    infused: Course, coordinator: User
) -> None:
    lab(infused, coordinator, "ANC", "0.3", "2026-11-08", "10*9/L")
    assert said(infused, coordinator, "BACT_PROPH").endswith(": begin")
    for day, value in (("09", "0.6"), ("10", "0.9")):
        lab(infused, coordinator, "ANC", value, f"2026-11-{day}", "10*9/L")
    assert [row.due_on.day for row in waiting(infused, "BACT_PROPH")] == [8, 10]
    infused.labresults.create(
        on="2026-11",
        analyte="ANC",
        value="0.1",
        unit="10*9/L",
        recorded_at=NOW,
        recorded_by="import",
    )
    lab(infused, coordinator, "CD4", "90", "2026-11-11", "/uL")
    assert len(waiting(infused, "BACT_PROPH")) == 2, "a value of an unknown day begins nothing"


def test_neutrophils_are_asked_about_while_the_infusion_waits(
    course: Course, coordinator: User
) -> None:
    for kind, away in (("infusion", 20), ("lymphodepletion", -9)):
        anchors.plan_date(
            course_id=course.pk, kind=kind, planned_on=TODAY + timedelta(days=away),
            reason="a test", actor=coordinator, now=NOW,
        )  # fmt: skip
    lab(course, coordinator, "ANC", "0.2", "2026-11-10", "10*9/L")
    for item in ("BACT_PROPH", "FUNGAL"):
        (row,) = waiting(course, item)
        assert (row.due_on, row.provisional) == (date(2026, 11, 10), False)
        assert row.anchor_kind == "lymphodepletion"
        assert row.counts(TODAY), "what a value asks for never follows a plan"


@pytest.mark.parametrize("code", ["VISIT_M1_3", "CBC_OUT"])
def test_in_hospital_again_visits_wait_for_the_discharge(
    infused: Course, coordinator: User, code: str
) -> None:
    before = {row.due_on for row in waiting(infused, code)}
    by: dict[str, Any] = {"actor": coordinator}
    admit(course_id=infused.pk, unit="ward", place="", on=date(2026, 10, 28), now=later(), **by)
    inside = {row.due_on for row in waiting(infused, code)}
    gone = {on for on in before if date(2026, 10, 28) <= on < TODAY + timedelta(days=3)}
    assert gone
    assert inside == before - gone, "a discharge that nobody typed hides nothing that comes later"
    discharge(course_id=infused.pk, on=date(2026, 11, 4), now=later(), **by)
    outside = {row.due_on for row in waiting(infused, code)}
    assert outside == before - {on for on in before if date(2026, 10, 28) <= on < date(2026, 11, 4)}


@pytest.mark.parametrize("answer", ["done", "skipped"])
def test_a_corrected_value_never_takes_what_was_done_of_one_day_for_another(
    infused: Course, coordinator: User, haematologist: User, answer: str
) -> None:
    first = lab(infused, coordinator, "ANC", "0.3", "2026-09-28", "10*9/L")
    by: dict[str, Any] = {"actor": coordinator, "now": later()}
    by["reminder_id"] = waiting(infused, "BACT_PROPH")[0].pk
    if answer == "done":
        closing.mark_done(**by, done_on=date(2026, 9, 28))
    else:
        closing.skip(**by, reason="allergic")
    for on, value in (("2026-10-02", "0.8"), ("2026-10-05", "0.9"), ("2026-10-15", "0.2")):
        lab(infused, coordinator, "ANC", value, on, "10*9/L")
    second = waiting(infused, "BACT_PROPH")[-1]
    assert second.due_on == date(2026, 10, 15)
    values = {"on": "2026-09-28", "analyte": "ANC", "value": "3", "unit": "10*9/L"}
    correct_entry(
        course_id=infused.pk, kind="lab", entry_id=first.pk, values=values, reason="another tube",
        actor=haematologist, now=later(),
    )  # fmt: skip
    assert [row.pk for row in waiting(infused, "BACT_PROPH")] == [second.pk]
    assert said(infused, coordinator, "BACT_PROPH").endswith(": begin")


def test_only_a_puncture_with_therapy_answers_the_therapeutic_one(
    infused: Course, coordinator: User, haematologist: User
) -> None:
    due = waiting(infused, "CNS_IT")[0]
    on = due.due_on.isoformat()
    tests = {"cytology": "not_done", "flow": "not_done"}
    fact(infused, coordinator, "csf", on, **tests)
    told = fact(infused, coordinator, "csf", on, **tests, intrathecal=False)
    assert waiting(infused, "CNS_IT")[0] == due
    for answer, status in ((True, Status.DONE), ("", Status.OPEN)):
        correct_entry(
            course_id=infused.pk, kind="csf", entry_id=told.pk, reason="the letter says so",
            values={"on": on, **tests, "intrathecal": answer}, actor=haematologist, now=later(),
        )  # fmt: skip
        due.refresh_from_db()
        assert due.status == status


def test_a_death_asks_for_its_report_until_it_is_withdrawn(
    infused: Course, coordinator: User
) -> None:
    died_on = TODAY - timedelta(days=1)
    patient = infused.patient_id
    record_death(patient_id=patient, died_on=died_on, actor=coordinator, now=later())
    rows = Reminder.objects.filter(course=infused, status=Status.OPEN)
    assert [(row.item, row.due_on) for row in rows] == [("REG_DEATH", died_on)]
    before = Reminder.objects.filter(course=infused).exclude(item="REG_DEATH").count()
    withdraw_death(patient_id=patient, reason="another patient", actor=coordinator, now=later())
    report = Reminder.objects.get(course=infused, item="REG_DEATH")
    assert (report.status, report.closed_cause) == (Status.CANCELLED, "planning")
    assert Reminder.objects.filter(course=infused, status=Status.OPEN).count() == before


@pytest.mark.parametrize("answer", ["done", "skipped", "put off"])
def test_a_death_recorded_again_asks_anew_whatever_was_answered(
    infused: Course, coordinator: User, answer: str
) -> None:
    patient, died_on = infused.patient_id, TODAY - timedelta(days=1)
    record_death(patient_id=patient, died_on=died_on, actor=coordinator, now=later())
    by: dict[str, Any] = {"actor": coordinator, "now": later()}
    by["reminder_id"] = Reminder.objects.get(course=infused, item="REG_DEATH").pk
    if answer == "done":
        closing.mark_done(**by, done_on=TODAY)
    elif answer == "skipped":
        closing.skip(**by, reason="told by letter")
    else:
        closing.snooze(**by, until=TODAY + timedelta(days=20), reason="waits for a paper")
    withdraw_death(patient_id=patient, reason="another patient", actor=coordinator, now=later())
    record_death(patient_id=patient, died_on=TODAY, actor=coordinator, now=later())
    report = Reminder.objects.get(course=infused, item="REG_DEATH")
    assert (report.status, report.due_on, report.asks_on) == (Status.OPEN, TODAY, TODAY)
    assert (report.done_on, report.snoozed_until, report.reason) == (None, None, "")
