"""Reading the chart: one query for everything, rows for the timeline, search, names or codes."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import transaction
from django.http import Http404

from accounts.models import Centre, User
from patients import anchors, charting, deaths, holds, stays
from patients.identity import identity_view
from patients.models import Course
from patients.selectors import (
    chart_of,
    course_or_404,
    patient_or_404,
    person_label,
    search_patients,
)
from patients.timeline_columns import COLUMNS
from patients.timeline_rows import rows
from tests.conftest import NOW, Refer, UserWith

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 12)


@pytest.fixture
def full(course: Course, coordinator: User) -> Course:
    """A course with something of everything."""

    def add(entry: str, /, **values: Any) -> Any:
        return charting.add_entry(
            course_id=course.pk,
            kind=entry,
            values=values,
            actor=coordinator,
            now=NOW,
            source="text",
        )

    by: dict[str, Any] = {"actor": coordinator, "now": NOW}
    add("diagnosis", on="2021", disease="B-ALL", ph_status="positive")
    add("line", on="2023-06", treatment="dasatinib", response="CR")
    add("line", treatment="NILG")
    add("transplant", on="2022-03", kind="allo", donor="MUD 10/10", conditioning="RIC")
    add("transplant", kind="dli")
    add("relapse", on="2024-04", kind="haematological", extramedullary="true", remark="in spring")
    add("antigen", antigen="CD19", positive="true")
    add("antigen", antigen="CD20", positive="false")
    add("comorbidity", description="carcinoma")
    consent = add("consent", on="2026-10-02", kind="data", given="true")
    charting.withdraw_consent(consent_id=consent.pk, withdrawn_on=date(2026, 10, 20), **by)
    add("lab", on="2026-11-10", analyte="ANC", value="1200", unit="/uL")
    add("marrow", on="2026-11-10", blasts_percent="2,5", remission="cr", mrd="negative")
    add("marrow", on="2026-11", mrd="not_assessed")
    add("note", on="2026-11-01", text="her sister drives")
    with transaction.atomic():
        anchors.set_actual(course, "enrolment", date(2026, 10, 5), **by)
        anchors.set_actual(course, "infusion", date(2026, 11, 3), **by)
    anchors.plan_date(
        course_id=course.pk, kind="discharge", planned_on=date(2026, 11, 20), reason="", **by
    )
    hold = holds.open_hold(
        course_id=course.pk,
        step="infusion",
        reason_code="VIRAL_REACTIVATION_EBV",
        began_on=date(2026, 10, 20),
        planned_on=date(2026, 10, 22),
        managed_with="rituximab",
        remark="worried",
        **by,
    )
    holds.end_hold(hold_id=hold.pk, ended_on=date(2026, 11, 1), new_date=date(2026, 11, 3), **by)
    holds.open_hold(
        course_id=course.pk, step="bridging", reason_code="PERSONAL", began_on=TODAY, **by
    )
    at: dict[str, Any] = {"course_id": course.pk, "place": "Haematology", **by}
    stays.admit(unit="ward", on=date(2026, 10, 8), **at)
    stays.discharge(course_id=course.pk, on=date(2026, 10, 9), **by)
    stays.admit(unit="ward", on=date(2026, 10, 30), **at)
    stays.transfer(unit="icu", on=date(2026, 11, 4), **at)
    stays.transfer(unit="ward", on=date(2026, 11, 6), **at)
    stays.discharge(course_id=course.pk, on=date(2026, 11, 10), **by)
    deaths.record_death(patient_id=course.patient_id, died_on=TODAY, cause="sepsis", **by)
    return course


def test_chart_is_read_in_one_query_with_every_value_as_it_was_saved(
    full: Course, django_assert_num_queries: Callable[..., Any]
) -> None:
    with django_assert_num_queries(1):
        chart = chart_of(full)
    assert chart.labs == tuple(full.labresults.all())
    saved_rows: dict[str, Any] = {
        "labs": full.labresults,
        "marrows": full.marrowresults,
        "lines": full.therapylines,
        "consents": full.consents,
        "holds": full.holds,
        "stays": full.stays,
    }
    for kind, saved in saved_rows.items():
        for row in getattr(chart, kind):
            original = saved.get(pk=row.pk)
            assert {f.attname: getattr(row, f.attname) for f in row._meta.concrete_fields} == {
                f.attname: getattr(original, f.attname) for f in row._meta.concrete_fields
            }
    assert [line.on for line in chart.lines] == ["", "2023-06"]
    assert chart.death is not None
    assert chart.death.cause == "sepsis"
    assert chart.open_holds == ()
    assert chart.open_stay is None
    assert [number.system for number in chart.identifiers] == ["Hospital"]


def test_chart_of_a_fresh_course_is_empty(course: Course) -> None:
    chart = chart_of(course)
    assert (chart.anchors, chart.death, chart.open_stay) == ((), None, None)


def test_rows_join_into_one_query_and_tell_everything_once(
    full: Course, django_assert_num_queries: Callable[..., Any]
) -> None:
    first, *rest = rows(Course.objects.filter(pk=full.pk))
    union: Any = first.union(*rest, all=True)  # of the rows' columns, not of the first model's
    with django_assert_num_queries(1):
        found = list(union.order_by("sort_date", "event_code", "value"))
    assert {tuple(row) for row in found} == {COLUMNS}
    assert {row["course_id"] for row in found} == {full.pk}
    told = [
        (row["event_code"], row["label"], row["event_date"], row["date_precision"], row["value"])
        for row in found
    ]
    assert told == [
        ("DX", "B-ALL", "2021", "year", "positive"),
        ("ALLO", "Allogeneic transplant", "2022-03", "month", "MUD 10/10 RIC"),
        ("TX_LINE", "dasatinib", "2023-06", "month", "CR"),
        ("NOTE", "Remark on a relapse", "2024-04", "month", "in spring"),
        ("RELAPSE_HAEM", "Haematological relapse", "2024-04", "month", "extramedullary"),
        ("CONSENT", "data", "2026-10-02", "day", "given"),
        ("ENROL", "Enrolment", "2026-10-05", "day", ""),
        ("ADMISSION", "Admission", "2026-10-08", "day", "Haematology"),
        ("DISCHARGE", "Discharge", "2026-10-09", "day", ""),
        ("CONSENT", "data", "2026-10-20", "day", "withdrawn"),
        ("DELAY", "infusion: VIRAL_REACTIVATION_EBV", "2026-10-20", "day", "rituximab"),
        ("NOTE", "Remark on a hold", "2026-10-20", "day", "worried"),
        ("ADMISSION", "Admission", "2026-10-30", "day", "Haematology"),
        ("DELAY_END", "infusion: VIRAL_REACTIVATION_EBV", "2026-11-01", "day", "12"),
        ("MARROW", "Bone marrow", "2026-11", "month", "MRD not_assessed"),
        ("NOTE", "Note", "2026-11-01", "day", "her sister drives"),
        ("INFUSION", "Infusion (day 0)", "2026-11-03", "day", ""),
        ("ICU", "Intensive care", "2026-11-04", "day", "Haematology"),
        ("ICU_END", "End of intensive care", "2026-11-06", "day", ""),
        ("DISCHARGE", "Discharge", "2026-11-10", "day", ""),
        ("LAB", "ANC", "2026-11-10", "day", "1.2"),
        ("MARROW", "Bone marrow", "2026-11-10", "day", "cr; MRD negative"),
        ("MARROW_BLASTS", "Blasts in the marrow", "2026-11-10", "day", "2.5"),
        ("DEATH", "Death", "2026-11-12", "day", "sepsis"),
        (
            "DEATH_CAUSE",
            "Category of the cause of death",
            "2026-11-12",
            "day",
            "unknown; at unknown; autopsy unknown",
        ),
        ("DELAY", "bridging: PERSONAL", "2026-11-12", "day", ""),
        ("DELAY_END", "bridging: PERSONAL", "2026-11-12", "day", ""),
        ("ANTIGEN", "CD20", "", "", "negative"),
        ("ANTIGEN", "CD19", "", "", "positive"),
        ("COMORBIDITY", "Comorbidity", "", "", "carcinoma"),
        ("DLI", "Donor lymphocytes", "", "", ""),
        ("TX_LINE", "NILG", "", "", ""),
    ]
    assert {row["event_code"] for row in found if row["identifying"]} == {
        *("ADMISSION", "COMORBIDITY", "DEATH", "DELAY", "ICU", "NOTE", "TX_LINE"),
    }
    lab = next(row for row in found if row["event_code"] == "LAB")
    assert (lab["unit"], lab["source"], lab["entered_at"]) == ("10*9/L", "text", NOW)
    assert [row["sort_date"] for row in found][:2] == [date(2021, 1, 1), date(2022, 3, 1)]
    lost = next(row for row in found if row["event_code"] == "DELAY_END")
    assert lost["unit"] == "d"


def test_rows_of_planned_dates_say_so_and_other_courses_stay_out(
    course: Course, refer_patient: Refer, coordinator: User
) -> None:
    other = refer_patient(coordinator)
    for one in (course, other):
        anchors.plan_date(
            course_id=one.pk,
            kind="apheresis",
            planned_on=date(2026, 11, 20),
            reason="",
            actor=coordinator,
            now=NOW,
        )
    first, *rest = rows(Course.objects.visible_to(coordinator).filter(pk=course.pk))
    (row,) = first.union(*rest, all=True)
    assert (row["course_id"], row["event_code"]) == (course.pk, "APHERESIS_PLANNED")
    assert row["entered_by"] == coordinator.username


def test_death_ends_no_stay_with_a_discharge(course: Course, coordinator: User) -> None:
    by: dict[str, Any] = {"actor": coordinator, "now": NOW}
    stays.admit(course_id=course.pk, unit="ward", place="", on=date(2026, 11, 1), **by)
    deaths.record_death(patient_id=course.patient_id, died_on=TODAY, **by)
    first, *rest = rows(Course.objects.filter(pk=course.pk))
    told = {row["event_code"] for row in first.union(*rest, all=True)}
    assert told == {"ADMISSION", "DEATH", "DEATH_CAUSE"}


def test_search_finds_by_every_word_of_name_number_birth_date_and_code(
    refer_patient: Refer, coordinator: User
) -> None:
    amico = refer_patient(coordinator, family_name="D'Àmico", number="A-77")
    refer_patient(coordinator, family_name="Bianchi", number="B-88")
    for text in (
        "amico",
        "ÀMICO maria",
        "a-77",
        "1961-10-14 amico",
        amico.code,
        amico.code.lower(),
    ):
        assert [p.pk for p in search_patients(coordinator, text)] == [amico.patient_id], text
    assert not search_patients(coordinator, "amico bianchi")
    assert search_patients(coordinator, " ").count() == 2


def test_search_without_sight_of_names_is_by_code_in_order_of_registration(
    refer_patient: Refer, coordinator: User, user_with: UserWith
) -> None:
    zorzi = refer_patient(coordinator, family_name="Zorzi")
    abate = refer_patient(coordinator, family_name="Abate")
    manager = user_with("data_manager")
    assert not search_patients(manager, "zorzi")
    assert search_patients(manager, zorzi.code).get().pk == zorzi.patient_id
    assert [p.pk for p in search_patients(manager)] == [zorzi.patient_id, abate.patient_id]


def test_other_centre_finds_nothing(
    course: Course, user_with: UserWith, other_centre: Centre
) -> None:
    stranger = user_with("coordinator", at=other_centre)
    assert not search_patients(stranger)
    with pytest.raises(Http404):
        course_or_404(stranger, course.pk)
    with pytest.raises(Http404):
        patient_or_404(stranger, course.patient_id)


def test_found_course_and_patient_are_the_ones_asked_for(course: Course, coordinator: User) -> None:
    assert course_or_404(coordinator, course.pk) == course
    assert patient_or_404(coordinator, course.patient_id) == course.patient


def test_identity_shows_name_age_and_day_to_clinicians_and_only_the_code_to_others(
    course: Course, coordinator: User, user_with: UserWith
) -> None:
    with transaction.atomic():
        anchors.set_actual(course, "infusion", date(2026, 11, 3), actor=coordinator, now=NOW)
    seen = identity_view(coordinator, course, TODAY)
    assert (seen.age, seen.day, seen.sex, seen.dead) == (65, 9, "Female", False)
    assert seen.name == f"{course.patient.family_name.upper()}, Maria"
    assert [number.value for number in seen.identifiers] == ["H00001"]
    manager = user_with("data_manager")
    coded = identity_view(manager, course, TODAY)
    assert (coded.name, coded.coded, coded.born, coded.identifiers) == (course.code, True, None, ())
    assert person_label(manager, course.patient, None) == "–"


def test_age_of_the_deceased_is_at_death_and_no_infusion_gives_no_day(
    course: Course, coordinator: User
) -> None:
    deaths.record_death(
        patient_id=course.patient_id, died_on=date(2026, 10, 10), actor=coordinator, now=NOW
    )
    seen = identity_view(coordinator, course, TODAY)
    assert (seen.age, seen.day, seen.dead, seen.died_on) == (64, None, True, date(2026, 10, 10))


def test_name_is_shown_to_clinicians(course: Course, coordinator: User) -> None:
    expected = f"{course.patient.family_name.upper()}, Maria"
    assert person_label(coordinator, course.patient, course) == expected


def test_nobody_without_a_role_sees_courses_or_patients(
    course: Course, user_with: UserWith
) -> None:
    nobody = user_with()
    assert not Course.objects.visible_to(nobody)
    assert not search_patients(nobody)
