"""What came before the infusion and what after it: alike in tables, rows and registry files."""

from datetime import date
from pathlib import Path

import pytest

from accounts.models import User
from exports.cohort_report import table_1
from patients.models import Anchor, Course
from tests.conftest import UserWith
from tests.exporting import asked, csv_rows, in_one_transaction, made
from tests.services.test_cohort import only
from tests.services.test_registry import told
from tests.walking import Walk

followed = pytest.mark.walked("to_follow_up")


@followed
def test_a_line_after_the_infusion_is_no_earlier_one(walk: Walk, coordinator: User) -> None:
    walk.until(300)
    walk.course.therapylines.update(in_error=True)
    walk.note("line", on="2027-02", treatment="ponatinib")
    assert only(coordinator, walk.now).first_line is None
    [row] = told("ebmt-day-0", walk, coordinator)
    assert (row["prior_lines"], "prior_lines" in row["missing"].split()) == ("", True)
    walk.note("line", on="2024", treatment="GIMEMA LAL1913")
    assert only(coordinator, walk.now).first_line == "GIMEMA LAL1913"
    assert told("ebmt-day-0", walk, coordinator)[0]["prior_lines"] == "1"
    walk.note("line", on="2026-10", treatment="in the month of the infusion")
    assert told("ebmt-day-0", walk, coordinator)[0]["prior_lines"] == "", "before or after it?"


@followed
def test_a_transplant_is_before_or_after_by_its_date_too(walk: Walk, coordinator: User) -> None:
    walk.until(300)
    walk.note("transplant", on="2025-03", kind="allo", donor="second")
    walk.note("transplant", on="2024", kind="allo", donor="first")
    walk.note("transplant", on="2027-03-01", kind="allo", donor="third")
    one = only(coordinator, walk.now)
    assert table_1(one)["allo_hsct"] == "2024 first; 2025-03 second"
    assert (one.allo_after, one.allo_after_on) == (True, date(2027, 3, 1))
    [row] = told("cibmtr-4000", walk, coordinator)
    assert row["prior_hct_date"] == "2025-03", "the last one, though entered first"
    later = told("cibmtr-4100", walk, coordinator)
    assert [row["subsequent_hct"] for row in later] == ["", "yes", ""]
    walk.note("transplant", on="", kind="allo", donor="unknown")
    assert told("cibmtr-4000", walk, coordinator)[0]["prior_hct_date"] == ""


@followed
def test_a_relapse_whose_month_says_it_is_never_told_as_none(walk: Walk, coordinator: User) -> None:
    walk.until(300)
    walk.note("marrow", on="2027-03-01", remission="cr", mrd="negative")
    assert told("cibmtr-4100", walk, coordinator)[1]["relapse"] == "no"
    walk.note("relapse", on="2027-03", kind="haematological")
    assert only(coordinator, walk.now).relapse_unclear
    assert told("cibmtr-4100", walk, coordinator)[1]["relapse"] == ""
    tested = {"after_infusion": True, "cd19": "negative", "cd22": "not_tested"}
    walk.note("relapse", on="2027-03-20", kind="haematological", **tested)
    walk.note("relapse", on="2027-03-10", kind="molecular", **tested)
    row = told("cibmtr-4100", walk, coordinator)[1]
    assert (row["relapse"], row["relapse_date"]) == ("yes", "2027-03-10"), "the first one"


def test_the_wide_row_counts_as_the_tables_do(
    course: Course, coordinator: User, user_with: UserWith, tmp_path: Path
) -> None:
    walk = Walk(course, user_with).to_follow_up().until(300)
    first = Anchor.objects.get(course=course, kind="apheresis")
    first.pk, first.occurrence, first.actual_on = None, 2, date(2026, 9, 28)
    first.save(force_insert=True)
    tested = {"after_infusion": True, "cd19": "not_tested", "cd22": "not_tested"}
    walk.note("relapse", on="2026-12-01", kind="mrd", **tested)
    walk.note("relapse", on="2027-01", kind="haematological")
    walk.note("relapse", on="2020-01", kind="haematological")
    with in_one_transaction(tmp_path):
        job = made(asked(user_with("data_manager"), walk.now, content="courses", format="csv"),
                   walk.now)  # fmt: skip
        [row] = csv_rows(job)
    days = only(coordinator, walk.now).days_to_apheresis
    assert days is not None
    assert row["days_enrolment_to_apheresis"] == str(days.length) == "10"
    assert row["days_apheresis_to_infusion"] == "22"
    assert row["relapsed_on"] in {"", "2025", "2026"}, "of the month that somebody knew"
