"""The files themselves: as their readers open them, in every format and language."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import chain
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from openpyxl import load_workbook
from openpyxl.utils.escape import unescape

from accounts.models import User
from exports.contents import CONTENTS
from exports.fields.kinds import Level
from exports.models import ExportJob, Pseudonym
from exports.pseudonyms import Masked, make_pseudonyms, masked
from exports.rows_for_files import event_lines
from exports.tables import Row, Table, columns
from exports.writers.about import About
from exports.writers.csv_file import constant_cells, write_csv, write_lines
from exports.writers.formats import FORMATS
from exports.writers.xlsx_file import LONGEST_CELL, write_xlsx
from patients.charting import add_entry
from patients.deaths import record_death
from patients.models import Course
from tests.conftest import NOW, UserWith
from tests.domain.test_csv_lines import PAYLOADS
from tests.exporting import asked, csv_rows, in_one_transaction, json_of, made, workbook_of
from tests.toxicity_course import infuse, log
from tests.walking import Walk

NOON = datetime(2026, 3, 14, 12, tzinfo=UTC)
ABOUT = About(ZoneInfo("Europe/Rome"), "pseudonymised", "en", NOON, courses=2, left_out=1)
ODD = ["ROSSI, «Ma\"ria»\nO'Neil", "שלום", "😀", "1e5", "007", "http://x.example", "_x0041_"]
KINDS = columns("course number day moment text", number="number", day="day", moment="moment")


def written(format_code: str, rows: list[Row], folder: Path) -> bytes:
    """A table of these rows as a file."""
    path = folder / "file"
    FORMATS[format_code].write(path, Table("odd", KINDS, iter(rows)), ABOUT)
    return path.read_bytes()


def odd_rows() -> list[Row]:
    return [("P-1", Decimal("-3.50"), date(2026, 3, 14), NOON, text) for text in ODD + PAYLOADS]


def test_a_workbook_has_typed_cells_filters_a_frozen_header_and_no_formula(
    tmp_path: Path,
) -> None:
    book = load_workbook(io.BytesIO(written("xlsx", odd_rows(), tmp_path)))
    sheet = book["odd"]
    assert sheet.freeze_panes == "B2"
    assert sheet.auto_filter.ref == f"A1:E{sheet.max_row}"
    rows = list(sheet.iter_rows(min_row=2))
    # openpyxl leaves a text as it is that looks like an escaped letter
    assert [unescape(row[4].value) for row in rows] == ODD + PAYLOADS
    assert {row[4].data_type for row in rows} == {"s"}
    assert {cell.data_type for row in rows for cell in row} == {"s", "n", "d"}
    assert rows[0][1].value == -3.5
    assert rows[0][2].value == datetime(2026, 3, 14)  # noqa: DTZ001 - as a workbook has it
    assert rows[0][3].value == datetime(2026, 3, 14, 13)  # noqa: DTZ001 - by the centre's clock
    about = {name.value: value.value for name, value in book["about"].iter_rows()}
    assert about == {
        "schema_version": "1", "time_zone": "Europe/Rome", "identity_level": "pseudonymised",
        "language": "en", "made_at": "2026-03-14T13:00:00+01:00", "courses": "2",
        "courses_left_out": "1",
    }  # fmt: skip


def test_a_long_table_goes_on_in_another_sheet_and_a_long_text_is_cut(tmp_path: Path) -> None:
    rows: list[Row] = [("P-1", number, None, None, "x" * 40_000) for number in range(5)]
    path = tmp_path / "file.xlsx"
    write_xlsx(path, Table("odd", KINDS, iter(rows)), ABOUT, most_rows=3)
    book = load_workbook(path)
    assert book.sheetnames == ["odd", "odd 2", "odd 3", "about"]
    numbers = [row[1].value for name in book.sheetnames[:3] for row in book[name].iter_rows(2)]
    assert numbers == [0, 1, 2, 3, 4]
    cut = book["odd"]["E2"].value
    assert (len(cut), cut[-3:]) == (LONGEST_CELL, "[…]"[-3:])


def test_an_empty_table_is_a_file_too(tmp_path: Path) -> None:
    assert load_workbook(io.BytesIO(written("xlsx", [], tmp_path)))["odd"].max_row == 1
    assert json.loads(written("json", [], tmp_path))["rows"] == []
    assert written("csv", [], tmp_path).count(b"\r\n") == 1


def test_json_has_iso_dates_exact_numbers_and_says_what_it_is(tmp_path: Path) -> None:
    told = json.loads(written("json", odd_rows(), tmp_path))
    assert (told["schema_version"], told["time_zone"], told["courses_left_out"]) == (
        "1", "Europe/Rome", 1
    )  # fmt: skip
    assert [row["text"] for row in told["rows"]] == ODD + PAYLOADS
    assert told["rows"][0] == {
        "course": "P-1", "number": "-3.50", "day": "2026-03-14",
        "moment": "2026-03-14T12:00:00+00:00", "text": ODD[0],
    }  # fmt: skip
    assert told["columns"][1] == {"name": "number", "kind": "number"}


def test_csv_says_in_each_row_what_it_is_and_starts_no_formula(tmp_path: Path) -> None:
    text = written("csv", odd_rows(), tmp_path).decode()
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert {row["schema_version"] for row in rows} == {"1"}
    assert {row["identity_level"] for row in rows} == {"pseudonymised"}
    assert [row["text"].removeprefix("'") for row in rows] == ODD + PAYLOADS
    assert not any(row["text"].lstrip().startswith(("=", "+", "@")) for row in rows)
    assert rows[0]["number"] == "-3.50"


@pytest.fixture
def files(tmp_path: Path, db: None) -> Iterator[Path]:
    """Where the files of a test go."""
    with in_one_transaction(tmp_path / "exports"):
        yield tmp_path / "exports"


@pytest.fixture
def sick(course: Course, coordinator: User) -> Course:
    """A course with an episode, a relapse known to the month and a death."""
    about: dict[str, Any] = {"course_id": course.pk, "actor": coordinator, "now": NOW}
    infuse(course)
    add_entry(
        **about, kind="relapse",
        values={"kind": "haematological", "on": "2026-11-09", "after_infusion": True,
                "cd19": "not_tested", "cd22": "not_tested"},
    )  # fmt: skip
    log(course, coordinator, 1, chosen={"crs": 1, "icans": 0})
    record_death(
        patient_id=course.patient_id, died_on=date(2026, 11, 10), actor=coordinator, now=NOW
    )
    return course


def one(rows: list[dict[str, Any]]) -> dict[str, Any]:
    [row] = rows
    return row


def made_of(actor: User, content: str, format_code: str, **more: Any) -> ExportJob:
    return made(asked(actor, NOW, content=content, format=format_code, **more), NOW)


def test_a_wide_row_counts_from_true_days_and_tells_shifted_ones(
    sick: Course, user_with: UserWith, files: Path
) -> None:
    row = one(csv_rows(made_of(user_with("data_manager"), "courses", "csv")))
    mask = Pseudonym.objects.get(course=sick)
    shift = timedelta(days=mask.shift_days)
    assert (row["course"], row["centre"], row["sex"]) == (mask.code, "NIG", "female")
    assert row["infused_on"] == (date(2026, 11, 1) + shift).isoformat()
    assert row["died_on"] == (date(2026, 11, 10) + shift).isoformat()
    assert row["days_infusion_to_death"] == "9"
    assert row["relapsed_on"] == (date(2026, 11, 9) + shift).isoformat()
    assert (row["crs_max_grade"], row["crs_onset_day"], row["crs_last_day"]) == ("1", "1", "1")
    assert (row["icans_max_grade"], row["bedside_checks"], row["age_years"]) == ("", "1", "65")
    assert (row["schema_version"], row["time_zone"]) == ("1", "Europe/Rome")


def test_a_wide_row_with_names_has_true_dates(
    sick: Course, haematologist: User, files: Path
) -> None:
    job = made_of(haematologist, "courses", "xlsx", level=Level.IDENTIFIED)
    sheet = workbook_of(job)["courses"]
    names, values = ([cell.value for cell in row] for row in sheet.iter_rows())
    row = dict(zip(names, values, strict=True))
    assert names[:5] == ["course", "family_name", "given_name", "birth_date", "identifiers"]
    assert row["course"] == sick.code
    assert row["birth_date"].date() == sick.patient.birth_date
    assert row["infused_on"].date() == date(2026, 11, 1)
    assert row["relapsed_on"].date() == date(2026, 11, 9)


def test_rows_of_the_cohort_report_are_counted_as_there(
    course: Course, user_with: UserWith, files: Path
) -> None:
    Walk(course, user_with).to_infusion()
    told = json_of(made_of(user_with("data_manager"), "cohort", "json"))
    row = one(told["rows"])
    assert row["course"] == Pseudonym.objects.get(course=course).code
    assert isinstance(row["days_to_apheresis"], int)
    assert (row["crs_grade"], row["stay_ongoing"]) == (None, "yes")
    assert "response" not in row


def test_a_course_that_is_not_enrolled_is_in_no_row_of_the_cohort(
    course: Course, user_with: UserWith, files: Path
) -> None:
    job = made_of(user_with("data_manager"), "cohort", "json")
    assert (job.status, json_of(job)["rows"]) == ("ready", [])


def test_labels_are_in_the_language_of_the_file(
    course: Course, user_with: UserWith, files: Path
) -> None:
    manager = user_with("data_manager")
    english, italian = (
        {row["label"] for row in csv_rows(made_of(manager, "timelines", "csv", language=language))}
        for language in ("en", "it")
    )
    assert "Referral" in english
    assert "Referral" not in italian
    assert len(english) == len(italian)


@pytest.mark.walked("to_bridging")
def test_the_quick_way_to_csv_says_what_the_slow_one_says(
    walk: Walk, course: Course, coordinator: User, tmp_path: Path, now: datetime
) -> None:
    about: dict[str, Any] = {"course_id": course.pk, "actor": coordinator, "now": now}
    for on in ("2021", "2022-03", ""):
        add_entry(**about, kind="diagnosis", values={"on": on, "disease": "=B-ALL, T"})
    courses = Course.objects.visible_to(coordinator)
    make_pseudonyms(courses=courses, actor=coordinator, now=now)
    masks = masked(courses)
    content, level = CONTENTS["timelines"], Level.PSEUDONYMISED
    slow, quick = tmp_path / "slow", tmp_path / "quick"
    write_csv(slow, content.table(coordinator, masks, level, now), ABOUT)
    lines = event_lines(coordinator, masks, constant_cells(ABOUT))
    pieces = list(lines)
    assert sum(begun for _piece, begun in pieces) == 1
    empty = content.table(coordinator, {}, level, now)
    write_lines(quick, empty, (piece for piece, _begun in pieces))
    rows = [list(csv.reader(io.StringIO(path.read_text(), newline=""))) for path in (slow, quick)]
    assert len(rows[0]) > 10
    assert rows[0] == rows[1]


def test_a_course_that_is_gone_meanwhile_is_left_out(course: Course, coordinator: User) -> None:
    none = {0: Masked("P-NONE", -7)}
    assert list(event_lines(coordinator, none, ())) in ([], [("", 1)])
    for content in CONTENTS.values():
        table = content.table(coordinator, none, Level.PSEUDONYMISED, NOW)
        assert list(chain(table.rows)) == []
