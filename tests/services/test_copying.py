"""Timelines by COPY: cells made safe, dates moved with their intervals, one batch after another."""

import csv
import io
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from accounts.models import User
from exports import copying
from exports.copied_sql import moved, safe
from exports.copying import Told, begun_lines
from exports.course_keys import CourseKey, keys_of
from exports.domain.pseudonyms import shifted, shifted_day, shifted_value
from exports.timeline import names_by_protocol
from exports.writers.csv import harmless
from patients.charting import add_entry
from patients.models import Course
from terms.day_numbers import local_date
from tests.conftest import NOW, Refer
from tests.domain.test_csv_lines import PAYLOADS

NOTHING = Told(free_text=False, staff=False)


def told_of(keys: list[CourseKey], told: Told = NOTHING) -> list[dict[str, str]]:
    """The file of these courses as its reader sees it."""
    courses = Course.objects.select_related("protocol").filter(pk__in=[k.course_id for k in keys])
    names = names_by_protocol({course.protocol for course in courses})
    text = "".join(begun_lines(keys, names, told))
    return list(csv.DictReader(io.StringIO(text, newline="")))


def _safe_in_the_database(texts: list[str]) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {safe('cell')} FROM unnest(%s::text[]) WITH ORDINALITY AS t (cell, at)"  # noqa: S608
            " ORDER BY at",
            [texts],
        )
        return [row[0] for row in cursor.fetchall()]


NUMBERS = ["-3", "-3.5", "0", "12.50", "-3\n", "-3,5", "", " ", "\t", "x", "- 3", "\u2003+1"]


@pytest.mark.django_db
def test_the_database_makes_the_same_cells_safe_as_the_writer() -> None:
    texts = [*PAYLOADS, *NUMBERS]
    assert _safe_in_the_database(texts) == [harmless(text) for text in texts]


@hypothesis_settings(max_examples=40, deadline=None)
@given(texts=st.lists(st.text(st.characters(blacklist_categories=["Cs"], min_codepoint=1))))
@pytest.mark.django_db
def test_any_text_is_made_safe_alike(texts: list[str]) -> None:
    assert _safe_in_the_database(texts) == [harmless(text) for text in texts]


VALUES = ["2026-10-18", "2024-02-29", "2026-10", "2026-01", "2026", "12.5", "", "until 2026-10-18",
          "2026-13-01", "2026-02-31", "19", "-2026-10-18"]  # fmt: skip


@pytest.mark.parametrize("shift", [-7, -40 * 7, -104 * 7])
@pytest.mark.parametrize("code", ["CORRECTED", "ALLO"])
@pytest.mark.django_db
def test_a_date_in_a_value_moves_as_the_rule_says(code: str, shift: int) -> None:
    said = [shifted_value(value, shift, dated=code == "CORRECTED") for value in VALUES]
    assert _moved_in_the_database(VALUES, code, shift) == said
    assert _moved_in_the_database(VALUES, code, 0) == VALUES


def _moved_in_the_database(values: list[str], code: str, shift: int) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {moved('v')} FROM unnest(%s::text[]) WITH ORDINALITY AS t (v, at),"  # noqa: S608
            " (SELECT %s::int AS shift_days) AS k, (SELECT %s::text AS event_code) AS r"
            " ORDER BY at",
            [values, shift, code],
        )
        return [row[0] for row in cursor.fetchall()]


def test_moved_dates_keep_their_intervals_and_their_precision(
    coordinator: User, course: Course
) -> None:
    for on in ("2022", "2022-03", "2022-03-31", ""):
        values = {"on": on, "disease": "B-ALL"}
        add_entry(course_id=course.pk, kind="diagnosis", values=values, actor=coordinator, now=NOW)
    course.anchors.create(kind="infusion", actual_on=date(2026, 10, 4), set_at=NOW, set_by="test")
    [key] = keys_of(Course.objects.filter(pk=course.pk)).values()
    shift = -98
    before, after = told_of([key]), told_of([replace(key, code="P-1", shift_days=shift)])
    assert {row["course"] for row in after} == {"P-1"}
    same = ("seq", "event_code", "rel_day_D0", "rel_day_enrolment", "value")
    for was, now in zip(before, after, strict=True):
        assert [was[name] for name in same] == [now[name] for name in same]
        moved_on, precision = shifted(was["event_date"], shift)
        assert (now["event_date"], now["date_precision"]) == (moved_on, precision)
        entered = was["entered_at"] and datetime.fromisoformat(was["entered_at"])
        day = shifted_day(local_date(entered, ZoneInfo(key.zone)), shift) if entered else ""
        assert now["entered_at"] == str(day)
    assert {row["date_precision"] for row in after if row["event_code"] == "DX"} == {
        "day",
        "year",
        "",
    }


def test_a_file_is_written_also_where_queries_are_counted(course: Course) -> None:
    keys = keys_of(Course.objects.filter(pk=course.pk))
    with CaptureQueriesContext(connection):
        assert told_of([*keys.values()])


@pytest.mark.django_db(transaction=True)
def test_typed_words_are_looked_at_and_sent_as_of_one_moment(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = []
    looked = copying._telling

    def shown(*about: Any) -> list[list[Any]]:
        with connection.cursor() as cursor:
            cursor.execute("SHOW transaction_isolation")
            found.append(cursor.fetchone())
        return looked(*about)

    monkeypatch.setattr(copying, "_telling", shown)
    assert told_of([*keys_of(Course.objects.filter(pk=course.pk)).values()])
    assert found == [("repeatable read",)]


def test_in_a_moved_file_no_source_in_somebodys_words(coordinator: User, course: Course) -> None:
    for source in ("synthetic", "letter of Dr Verdi"):
        add_entry(
            course_id=course.pk, kind="diagnosis", values={"on": "2022", "disease": "B-ALL"},
            source=source, actor=coordinator, now=NOW,
        )  # fmt: skip
    [key] = keys_of(Course.objects.filter(pk=course.pk)).values()
    given = {"letter of Dr Verdi", "synthetic"}
    assert {row["source"] for row in told_of([key])} == {"", *given}
    moved_rows = told_of([replace(key, shift_days=-7)])
    assert {row["source"] for row in moved_rows} == {"", "synthetic"}


def test_line_breaks_inside_a_cell_end_as_lines_do(coordinator: User, course: Course) -> None:
    values = {"on": "2026-10-05", "text": 'first "one"\r\nsecond, and third'}
    add_entry(course_id=course.pk, kind="note", values=values, actor=coordinator, now=NOW)
    keys = [*keys_of(Course.objects.filter(pk=course.pk)).values()]
    [note] = [row for row in told_of(keys, Told(True, True)) if row["event_code"] == "NOTE"]
    assert note["value"] == 'first "one"\r\nsecond, and third'
    assert note["entered_by"] == coordinator.username


def test_courses_come_batch_by_batch_in_order_and_none_is_no_rows(
    refer_patient: Refer, coordinator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copying, "_COURSES_AT_A_TIME", 2)
    monkeypatch.setattr(copying, "_LINES_AT_A_TIME", 1)
    codes = [refer_patient(coordinator).code for _ in range(5)]
    keys = [*keys_of(Course.objects.visible_to(coordinator)).values()]
    assert [row["course"] for row in told_of(keys)] == codes
    assert told_of([]) == []
