"""Files of laboratory results: tried, recorded whole or not at all, and the same file only once."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from unittest.mock import patch

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Centre, User
from audit.models import AuditEvent
from patients import consequences
from patients.charting import add_entry
from patients.consequences import Event, Happening
from patients.deaths import record_death
from patients.domain.ranges import Ranges
from patients.domain.result_rows import COLUMNS
from patients.imported_courses import found_courses
from patients.imported_names import names_of
from patients.lab_forms import ranges_of
from patients.models import Course, Identifier, LabName, LabResult
from patients.result_import import Choices, Report, import_results, try_results
from patients.results import latest_results
from terms.refusals import NotAllowed, Refused
from tests.conftest import NOW, Refer, UserWith

pytestmark = pytest.mark.django_db
HEADER = "course;analyte;date;time;value;unit;answer;conflict"
NOTHING = Choices()


def file_of(*lines: str) -> bytes:
    return "\n".join((HEADER, *lines)).encode()


def row(course: Course | str, analyte: str = "CRP", value: str = "5", **cells: str) -> str:
    """A line of the file, of the day before today unless it says another one."""
    code = course if isinstance(course, str) else course.code
    given = {"course": code, "analyte": analyte, "date": "11/11/2026", "value": value}
    return ";".join({**given, "unit": "mg/L", **cells}.get(name, "") for name in COLUMNS)


def tried(actor: User, *lines: str, choices: Choices = NOTHING) -> Report:
    return try_results(content=file_of(*lines), choices=choices, actor=actor, now=NOW)


def imported(actor: User, *lines: str, choices: Choices = NOTHING) -> Report:
    return import_results(content=file_of(*lines), choices=choices, actor=actor, now=NOW)


def refused(actor: User, *lines: str, choices: Choices = NOTHING) -> set[tuple[str, str]]:
    """What stands against a file, by field and code; nothing of it is there."""
    before = LabResult.objects.count()
    with pytest.raises(Refused) as caught:
        imported(actor, *lines, choices=choices)
    assert LabResult.objects.count() == before
    return {(refusal.field, refusal.code) for refusal in caught.value.refusals}


def becomes(report: Report) -> list[str]:
    return [outcome.becomes.value for outcome in report.outcomes]


def values(course: Course, analyte: str = "CRP") -> list[Decimal | None]:
    found = LabResult.objects.filter(course=course, analyte=analyte).order_by("pk")
    return list(found.values_list("value", flat=True))


def add(course: Course, actor: User, **given: str) -> None:
    typed = {"on": "2026-11-11", "analyte": "CRP", "value": "5", "unit": "mg/L", **given}
    add_entry(course_id=course.pk, kind="lab", values=typed, actor=actor, now=NOW)


def test_a_file_is_tried_then_recorded_then_known(course: Course, coordinator: User) -> None:
    lines = (
        row(course),
        row(course, "Neutrofili", "<0,1", unit="×10⁹/L", time="08:30"),
        row("H00001", "platelets", "12", unit="10^3/mmc", date="2026-11-10 07:15"),
        row(course, "CMV", "120", unit="UI/mL", answer="pos"),
        row(course, "EBV", "negativo", unit=""),
    )
    report = tried(coordinator, *lines)
    assert (becomes(report), report.ready, report.committed) == (["new"] * 5, True, False)
    assert not LabResult.objects.exists()
    assert not AuditEvent.objects.filter(action="results.import").exists()
    report = imported(coordinator, *lines)
    assert report.committed
    kept = {entry.analyte: entry for entry in LabResult.objects.all()}
    assert (kept["ANC"].value, kept["ANC"].comparator, kept["ANC"].context) == (
        Decimal("0.1"), "<", "08:30",
    )  # fmt: skip
    assert (kept["PLT"].value, kept["PLT"].on, kept["PLT"].context) == (
        Decimal(12),
        "2026-11-10",
        "07:15",
    )
    assert (kept["CMV"].value, kept["CMV"].result) == (Decimal(120), "positive")
    assert (kept["EBV"].value, kept["EBV"].result, kept["EBV"].typed) == (None, "negative", "")
    assert {entry.source for entry in kept.values()} == {f"file {report.sha256[:12]}"}
    event = AuditEvent.objects.get(action="results.import")
    assert (event.after["count"], event.after["courses"]) == (5, [course.code])
    assert AuditEvent.objects.filter(action="lab.add", course_id=course.pk).count() == 5
    events = AuditEvent.objects.count()
    again = imported(coordinator, *lines)
    assert becomes(again) == ["duplicate"] * 5
    assert (LabResult.objects.count(), AuditEvent.objects.count()) == (5, events)


def test_every_fault_of_every_line_is_named_and_nothing_is_recorded(
    course: Course, coordinator: User
) -> None:
    lines = (
        row(course),
        row("nobody", "moon", "high", date="soon"),
        row(course, "moon", "1.234"),
        row(course, value="2000", date="13-Nov-2026"),
        row(course, "HB", "12", unit="mmol/L", answer="neg"),
        row(course, value="5", unit=""),
        row(course, time="11:00", date="12/11/2026"),
        row("", "", ""),
        row(course, date="1950-01-01", unit="mol/L", value="x"),
    )
    expected = {
        ("3.course", "unknown_course"), ("3.date", "not_a_date"), ("3.value", "not_a_number"),
        ("4.analyte", "unknown_analyte"), ("4.value", "ambiguous"),
        ("5.date", "future_date"), ("5.value", "impossible"),
        ("6.unit", "unknown_unit"), ("6.answer", "no_answer"),
        ("7.unit", "required"),
        ("8.time", "future_time"),
        ("9.course", "required"), ("9.analyte", "required"), ("9.value", "required"),
        ("10.date", "before_birth"), ("10.value", "not_a_number"), ("10.unit", "unknown_unit"),
    }  # fmt: skip
    assert refused(coordinator, *lines) == expected
    report = tried(coordinator, *lines)
    assert becomes(report) == ["new"] + ["fault"] * 8
    assert not report.ready
    told = {
        (f"{outcome.line.number}.{refusal.field}", refusal.code)
        for outcome in report.outcomes
        for refusal in outcome.refusals
    }
    assert told == expected


def test_values_that_are_there_are_counted_and_others_of_that_time_are_asked_about(
    course: Course, coordinator: User
) -> None:
    add(course, coordinator, value="0.5", unit="mg/dL", context="after breakfast")
    lines = (
        row(course, value="5,0"),  # the same in another unit
        row(course, value="7", time="08:00"),  # that of the chart may be of this very time
        row(course, "FERRITIN", "80", unit="ng/mL"),
        row(course, "FERRITIN", "80", unit="ug/L"),
        row(course, "FERRITIN", "90", unit="ng/mL"),
    )
    report = tried(coordinator, *lines)
    assert becomes(report) == ["duplicate", "conflict", "new", "duplicate", "conflict"]
    assert "0.5 mg/dL" in str(report.outcomes[1].refusals[0])
    assert refused(coordinator, *lines) == {("3.conflict", "conflict"), ("6.conflict", "conflict")}
    skipped = imported(coordinator, *lines, choices=Choices(conflicts="skip"))
    assert becomes(skipped) == ["duplicate", "left_out", "new", "duplicate", "left_out"]
    assert AuditEvent.objects.get(action="results.import").after["left_out"] == 2
    lines = (*lines[:4], row(course, "FERRITIN", "90", unit="ng/mL", conflict="add"))
    assert becomes(tried(coordinator, *lines)) == [
        "duplicate", "conflict", "duplicate", "duplicate", "new",
    ]  # fmt: skip
    imported(coordinator, *lines, choices=Choices(conflicts="skip"))
    assert values(course, "FERRITIN") == [80, 90]
    imported(coordinator, *lines, choices=Choices(conflicts="add"))
    assert values(course) == [5, 7]
    assert becomes(imported(coordinator, *lines)) == ["duplicate"] * 5


def test_of_one_day_the_latest_sample_counts_whatever_the_order_of_the_file(
    course: Course, coordinator: User
) -> None:
    lines = (
        row(course, value="3", time="18:00"),
        row(course, value="9", time="8:00"),
        row(course, value="3", time="06:00"),
    )
    assert becomes(imported(coordinator, *lines)) == ["new"] * 3
    assert values(course) == [3, 9, 3]
    assert latest_results(course)["CRP"].value == 3
    # What comes to light later of an earlier sample would be taken for the latest.
    assert refused(coordinator, row(course, value="4", time="12:00")) == {
        ("2.conflict", "conflict")
    }
    assert becomes(imported(coordinator, row(course, value="4", time="19:00"))) == ["new"]


def test_unusual_values_are_confirmed_once_with_a_reason(course: Course, coordinator: User) -> None:
    lines = (row(course, value="700"), row(course, "ANC", "40", unit="10*9/L"), row(course, "LDH",
             "300", unit="U/L"))  # fmt: skip
    report = tried(coordinator, *lines)
    assert (report.unusual, report.ready) == (2, False)
    both = {("confirmed", "unusual"), ("reason", "required")}
    assert refused(coordinator, *lines) == both
    assert refused(coordinator, *lines, choices=Choices(confirmed=True, reason=" ")) == {
        ("reason", "required")
    }
    imported(coordinator, *lines, choices=Choices(confirmed=True, reason="sepsis, read twice"))
    kept = dict(LabResult.objects.values_list("analyte", "confirmed"))
    assert kept == {"CRP": True, "ANC": True, "LDH": False}
    event = AuditEvent.objects.get(action="results.import")
    assert (event.reason, event.after["unusual"]) == ("sepsis, read twice", 2)
    assert imported(coordinator, *lines).unusual == 0, "what is there already is not asked about"


def test_names_of_the_laboratory_are_chosen_once_and_remembered(
    course: Course, coordinator: User, user_with: UserWith, other_centre: Centre
) -> None:
    lines = (row(course, "PCR  quant."), row(course, "x" * 90))
    report = tried(coordinator, *lines)
    assert report.names == {"pcr quant.": ""}
    assert refused(coordinator, lines[0], choices=Choices({"PCR quant.": "MOON"})) == {
        ("2.analyte", "unknown_analyte")
    }
    assert not LabName.objects.exists()
    said = Choices({"PCR quant.": "CRP", "of no line": "ANC"})
    report = imported(coordinator, lines[0], choices=said)
    assert report.names == {"pcr quant.": "CRP"}
    kept = LabName.objects.get()
    assert (kept.name, kept.analyte, kept.set_by) == ("pcr quant.", "CRP", coordinator.username)
    assert AuditEvent.objects.get(action="results.import").after["names"] == ["pcr quant."]
    other = row(course, "PCR quant.", date="10/11/2026")
    assert imported(coordinator, other, choices=Choices({"PCR quant.": ""})).names == report.names
    last = AuditEvent.objects.filter(action="results.import").latest("pk")
    assert last.after["names"] == []
    imported(coordinator, row(course, "pcr quant.", "6", date="09/11/2026", unit="ug/L"),
             choices=Choices({"pcr quant.": "FERRITIN"}))  # fmt: skip
    assert LabName.objects.get().analyte == "FERRITIN"
    pavia = user_with("coordinator", at=other_centre)
    assert not pavia.working_centre.lab_names.exists()  # type: ignore[union-attr]


def test_a_name_of_two_analytes_means_neither(course: Course) -> None:
    ranges = ranges_of(course)
    assert names_of(ranges)["proteina c reattiva"] == "CRP"
    crp, anc = ranges.by_code["CRP"], ranges.by_code["ANC"]
    twin = replace(anc, analyte=replace(anc.analyte, label=crp.analyte.label))
    known = names_of(Ranges({"CRP": crp, "ANC": twin}))
    assert known == {"crp": "CRP", "anc": "ANC"}


def test_what_is_not_of_the_centre_is_as_unknown_as_what_is_nowhere(
    course: Course, coordinator: User, user_with: UserWith, other_centre: Centre
) -> None:
    pavia = user_with("coordinator", at=other_centre)
    theirs, nobody = (tried(pavia, row(what), row("H00001"), row("x")) for what in (course, "x"))
    told = [[str(r) for r in o.refusals] for o in (*theirs.outcomes, *nobody.outcomes)]
    assert len({tuple(one) for one in told}) == 1
    Course.objects.update(error_cause="error:1")
    hidden = tried(coordinator, row(course))
    assert [str(r) for r in hidden.outcomes[0].refusals] == told[0]


def test_a_number_that_means_several_courses_asks_for_the_code(
    course: Course, coordinator: User, refer_patient: Refer
) -> None:
    other = refer_patient(coordinator, family_name="Bianchi", number="B-2")
    Identifier.objects.create(
        patient=course.patient, centre=course.centre, system="Registry", value="R-1"
    )
    assert becomes(tried(coordinator, row("B-2"), row("R-1"))) == ["new", "fault"]
    Course.objects.filter(pk=other.pk).update(patient=course.patient)
    report = tried(coordinator, row("H00001"), row(other))
    assert becomes(report) == ["fault", "new"]
    assert f"{course.code}, {other.code}" in str(report.outcomes[0].refusals[0])


def test_courses_that_ended_and_data_that_was_taken_back_are_refused(
    course: Course, coordinator: User
) -> None:
    def consent(**given: object) -> None:
        told = {"on": "2026-10-01", "kind": "data", "given": "true", **given}
        add_entry(course_id=course.pk, kind="consent", values=told, actor=coordinator, now=NOW)

    consent()
    assert tried(coordinator, row(course)).ready
    consent(given="false")
    assert refused(coordinator, row(course)) == {("2.course", "data_taken_back")}
    consent()
    Course.objects.filter(pk=course.pk).update(closed_on=date(2026, 11, 1))
    assert refused(coordinator, row(course)) == {("2.course", "course_ended")}


def test_what_a_result_causes_happens_once_for_each_course(
    course: Course, coordinator: User, refer_patient: Refer
) -> None:
    other = refer_patient(coordinator, family_name="Bianchi", number="B-2")
    lines = [row(one, value=str(n), date=f"{n:02d}/11/2026") for n in range(1, 5)
             for one in (other, course)]  # fmt: skip
    told: list[Happening] = []
    with patch.object(consequences, "run", told.append):
        imported(coordinator, *lines)
    assert [(one.event, one.course.pk) for one in told] == [
        (Event.RESULT_RECORDED, pk) for pk in sorted((course.pk, other.pk))
    ]
    assert values(course) == values(other) == [1, 2, 3, 4]


def test_who_may_not_record_results_may_neither_try_nor_import(
    course: Course, user_with: UserWith
) -> None:
    pharmacist = user_with("pharmacist")
    for work in (tried, imported):
        with pytest.raises(NotAllowed):
            work(pharmacist, row(course))


def test_the_queries_grow_by_a_few_for_each_line(course: Course, coordinator: User) -> None:
    def lines(number: int, value: str) -> Iterable[str]:
        days = (date(2026, 11, 11) - timedelta(days=day) for day in range(number))
        return [row(course, value=value, date=day.isoformat()) for day in days]

    def queries(content: Iterable[str], *, write: bool) -> int:
        work = imported if write else tried
        choices = Choices(conflicts="add")
        with CaptureQueriesContext(connection) as captured:
            work(coordinator, *content, choices=choices)
        return len(captured)

    few, many = list(lines(5, "5")), list(lines(200, "6"))
    queries(few, write=False)
    trial = [queries(content, write=False) for content in (few, many)]
    assert (trial[0] <= 15, trial[1] - trial[0]) == (True, 0)
    written = [queries(content, write=True) for content in (few, many)]
    assert written[0] <= 60
    assert (written[1] - written[0]) / 195 <= 2, "the value and its audit event"


def test_nothing_is_recorded_after_a_death(course: Course, coordinator: User) -> None:
    record_death(
        patient_id=course.patient_id, died_on=date(2026, 11, 10), actor=coordinator, now=NOW
    )
    lines = (row(course, date="2026-11-10"), row(course))
    assert refused(coordinator, *lines) == {("3.date", "after_death")}


def test_a_number_put_right_while_the_courses_are_being_locked_is_not_followed(
    course: Course, coordinator: User
) -> None:
    def correct(*_args: object, **_how: object) -> list[Course]:
        Identifier.objects.update(value="H-OTHER")
        return [course]

    with patch("patients.imported_courses.lock_courses", correct):
        found = found_courses({"H00001"}, actor=coordinator, lock=True)
    assert found["H00001"].course is None
