"""Rows of the timeline about treatments and infections: as they stand, free text left out."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.utils import translation

from accounts.models import User
from exports.event_labels import EVENT_LABELS
from exports.timeline import course_timeline, timeline
from patients.models import Course
from tests.conftest import NOW, UserWith
from toxicity import timeline_given
from toxicity.given_refusals import GivenDose, InfectionFacts
from toxicity.giving import correct_treatment, give_treatment, withdraw_treatment
from toxicity.infections import end_infection, record_infection

pytestmark = pytest.mark.django_db
LATE = datetime(2026, 11, 8, 23, 30, tzinfo=UTC)  # the 9th in Milan
DEXA = GivenDose("dexamethasone", LATE, "icans", Decimal("9.5"), "mg")


@pytest.fixture
def told(course: Course, coordinator: User) -> Course:
    about: dict[str, Any] = {"course_id": course.pk, "actor": coordinator, "now": NOW}
    doubts: dict[str, Any] = {"confirmed": ["before_infusion", "dose_unknown"]}
    first = give_treatment(**about, given=DEXA, **doubts)
    four = replace(DEXA, times=4)
    correct_treatment(**about, treatment_id=first.pk, given=four, reason="four", **doubts)
    gone = give_treatment(**about, given=replace(DEXA, drug="anakinra"), **doubts)
    withdraw_treatment(**about, treatment_id=gone.pk, reason="another patient's")
    other = GivenDose(
        "other", LATE, "other", other_drug="Granitumab", hides_fever="no", remark="told Quarzo"
    )
    give_treatment(**about, given=other, source="synthetic", **doubts)
    coli = record_infection(
        **about, infection=InfectionFacts(date(2026, 11, 3), "e_coli", "blood", 3)
    )
    end_infection(**about, infection_id=coli.pk, ended_on=date(2026, 11, 9))
    rare = InfectionFacts(date(2026, 11, 4), "other", "lung", other_organism="Granitella")
    record_infection(**about, infection=rare)
    return course


def rows_of(user: User, course: Course) -> list[tuple[str, ...]]:
    wanted = {*timeline_given.CODES, "NOTE"}
    return [
        (row.event_date, row.event_code, row.label, row.shown_value, row.unit, row.source)
        for row in course_timeline(user, course)
        if row.event_code in wanted
    ]


def test_every_code_has_a_label() -> None:
    assert timeline_given.CODES - EVENT_LABELS.keys() == set()


def test_what_stands_is_told_once_with_the_amount_in_all(told: Course, coordinator: User) -> None:
    assert sorted(rows_of(coordinator, told)) == [
        ("2026-11-03", "INFECTION", "Infection: Escherichia coli: Blood", "3", "CTCAE", ""),
        ("2026-11-04", "INFECTION", "Infection: Another organism: Lung", "", "", ""),
        ("2026-11-04", "NOTE", "Note: On an infection", "Granitella", "", ""),
        ("2026-11-09", "INFECTION_END", "Infection over: Escherichia coli: Blood", "", "", ""),
        ("2026-11-09", "NOTE", "Note: On a treatment given", "Granitumab told Quarzo", "",
         "synthetic"),
        ("2026-11-09", "TREATMENT", "Treatment given: Another drug: Another reason", "", "",
         "synthetic"),
        ("2026-11-09", "TREATMENT", "Treatment given: Dexamethasone: ICANS", "38", "mg", ""),
    ]  # fmt: skip
    with translation.override("it"):
        shown = {row[2] for row in rows_of(coordinator, told)}
    assert "Trattamento dato: Desametasone: ICANS" in shown
    assert "Infezione: Escherichia coli: Sangue" in shown


def test_free_text_leaves_in_no_file_and_for_no_reader_of_codes(
    told: Course, coordinator: User, user_with: UserWith
) -> None:
    file = list(timeline(coordinator, Course.objects.all(), coded=True))
    page = course_timeline(user_with("data_manager"), told)
    for rows in (file, page):
        kept = [row for row in rows if row.event_code in timeline_given.CODES]
        assert len(kept) == 5
        said = " ".join(f"{row.label} {row.value}" for row in rows)
        assert "Granit" not in said
        assert "Quarzo" not in said
