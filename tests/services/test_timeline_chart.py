"""The timeline of a course with everything in its chart: what each row tells, and to whom."""

import csv
import io
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.utils import translation

from accounts.models import Centre, User
from exports.copying import Told, begun_lines
from exports.course_keys import keys_of
from exports.event_labels import EVENT_LABELS
from exports.timeline import TimelineRow, course_timeline, names_by_protocol, timeline
from exports.writers.csv import TIMELINE_HEADER, harmless
from patients.models import Course
from terms.roles import Role
from tests.conftest import UserWith, make_centre, make_protocol, making_users, referring
from tests.services.test_timeline import _rows
from tests.walking import DAY_ZERO, Walk


@pytest.fixture(scope="module")
def infused(django_db_setup: None, django_db_blocker: Any) -> Iterator[Walk]:
    """A course in follow-up with something of everything in its chart, walked once for all."""
    with django_db_blocker.unblock(), transaction.atomic():
        all_round = making_users(make_centre())(*(role.value for role in Role))
        walk = Walk(referring(make_protocol())(all_round), all_round)
        _fill(walk)
        yield walk
        transaction.set_rollback(True)


@pytest.fixture
def centre(infused: Walk, db: None) -> Centre:
    """The centre of that course."""
    return infused.course.centre


@pytest.fixture
def all_round(infused: Walk, db: None) -> User:
    """Somebody who may do everything, and did."""
    return User.objects.get(pk=infused.by("coordinator").pk)


def _fill(walk: Walk) -> None:
    walk.to_follow_up().until(23)
    delay = walk.hold(
        "apheresis", began_on=walk.at(-34).date(), remark="mother of Signora Bianchi ill"
    )
    walk.release(delay, walk.at(-32).date())
    walk.note("diagnosis", on="2021", disease="B-ALL", ph_status="positive")
    walk.note("line", on="2022-03", treatment="dasatinib", response="CR")
    walk.note("line", treatment="steroids")
    walk.note("transplant", on="2022", kind="allo", donor="MUD 10/10")
    walk.note("relapse", on="2026-07", kind="haematological", extramedullary=True)
    walk.note("antigen", on="2026-07", antigen="CD19", positive=True)
    walk.note("comorbidity", description="hypertension")
    walk.note("lab", on="2026-10-18", analyte="CRP", value="12,5", unit="mg/L")
    walk.note("marrow", on="2026-11-10", remission="cr", mrd="negative", blasts_percent="0,5")
    walk.note("note", on="2026-10-21", text="Spoke to Signora Bianchi")


def test_every_row_has_a_known_code_when_the_chart_is_full(infused: Walk, all_round: User) -> None:
    rows = course_timeline(all_round, infused.course)
    assert {row.event_code for row in rows} - EVENT_LABELS.keys() == set()
    assert {"DX", "TX_LINE", "ALLO", "RELAPSE_HAEM", "ANTIGEN", "LAB", "MARROW", "NOTE"} <= {
        row.event_code for row in rows
    }


def test_dates_that_others_count_from_appear_once_each(infused: Walk, all_round: User) -> None:
    rows = course_timeline(all_round, infused.course)
    for code in ("ENROL", "APHERESIS", "LD", "INFUSION", "DISCHARGE", "BRIDGE", "CONTAIN"):
        assert len(_rows(rows, code)) == 1, code


def test_days_are_counted_from_infusion_and_enrolment_when_the_day_is_known(
    infused: Walk, all_round: User
) -> None:
    rows = course_timeline(all_round, infused.course)
    counted = {
        code: (_rows(rows, code)[0].rel_day_D0, _rows(rows, code)[0].rel_day_enrolment)
        for code in ("ENROL", "APHERESIS", "LD", "INFUSION", "DISCHARGE")
    }
    assert counted == {
        "ENROL": (-40, 0),
        "APHERESIS": (-30, 10),
        "LD": (-4, 36),
        "INFUSION": (0, 40),
        "DISCHARGE": (14, 54),
    }


def test_no_day_is_counted_when_only_the_year_or_month_is_known(
    infused: Walk, all_round: User
) -> None:
    rows = course_timeline(all_round, infused.course)
    diagnosis, line = _rows(rows, "DX")[0], _rows(rows, "TX_LINE")[0]
    assert (diagnosis.event_date, diagnosis.date_precision) == ("2021", "year")
    assert (line.event_date, line.date_precision) == ("2022-03", "month")
    assert {diagnosis.rel_day_D0, diagnosis.rel_day_enrolment, line.rel_day_D0} == {None}


def test_undated_events_come_last_and_the_rest_in_order(infused: Walk, all_round: User) -> None:
    rows = course_timeline(all_round, infused.course)
    dated = [row.sort_date for row in rows if row.sort_date is not None]
    assert dated == sorted(dated)
    assert all(row.event_date == "" for row in rows[len(dated) :])
    assert len(rows) > len(dated)
    assert [row.seq for row in rows] == list(range(1, len(rows) + 1))


def test_moves_carry_drug_regimen_yield_and_reason(infused: Walk, all_round: User) -> None:
    rows = course_timeline(all_round, infused.course)
    assert _rows(rows, "CONTAIN")[0].value == "dexamethasone"
    assert _rows(rows, "BRIDGE")[0].value == "inotuzumab ozogamicin"
    assert _rows(rows, "LD_END")[0].value == "Flu/Cy"
    adequate = _rows(rows, "APHERESIS_ADEQUATE")[0]
    assert (adequate.value, adequate.unit) == ("2.100", "10*9")
    assert [row.event_date for row in _rows(rows, "BRIDGE_RESUMED")] == ["2026-09-28"]


def test_a_delay_is_named_in_the_readers_language(infused: Walk, all_round: User) -> None:
    rows = course_timeline(all_round, infused.course)
    assert _rows(rows, "DELAY")[0].label == "Delay: Leukapheresis: Personal reasons"
    with translation.override("it"):
        rows = course_timeline(all_round, infused.course)
        assert _rows(rows, "DELAY")[0].label.endswith("Motivi personali")


def test_values_of_fixed_lists_can_be_shown_and_free_text_stays(
    infused: Walk, all_round: User
) -> None:
    rows = course_timeline(all_round, infused.course)
    assert _rows(rows, "ANTIGEN")[0].shown_value == "positive"
    assert _rows(rows, "TX_LINE")[0].shown_value == "CR"
    assert _rows(rows, "COMORBIDITY")[0].shown_value == "hypertension"


def test_free_text_and_names_are_hidden_when_identities_may_not_be_seen(
    infused: Walk, all_round: User, user_with: UserWith
) -> None:
    rows = course_timeline(user_with("data_manager"), infused.course)
    assert all(row.entered_by == "" for row in rows)
    assert "Bianchi" not in "".join(row.label + row.value for row in rows)
    assert {row.value for row in _rows(rows, "NOTE")} == {""}
    known = course_timeline(all_round, infused.course)
    assert len(known) == len(rows)
    assert "Spoke to Signora Bianchi" in {row.value for row in _rows(known, "NOTE")}
    # The second of two people reads labels, too.
    second = f"second.{all_round.username}"
    assert {row.entered_by for row in known if row.entered_at} == {all_round.username, second}


def test_free_text_is_left_out_of_a_coded_file_whoever_asks(infused: Walk, all_round: User) -> None:
    rows = list(
        timeline(
            all_round,
            Course.objects.visible_to(all_round),
            coded=True,
        )
    )
    assert "Bianchi" not in "".join(row.label + row.value for row in rows)


@pytest.mark.parametrize("language", ["en", "it"])
@pytest.mark.parametrize("told", [Told(free_text=False, staff=True), Told(True, False)])
def test_the_file_tells_what_the_screen_tells(
    infused: Walk, all_round: User, language: str, told: Told
) -> None:
    seen = Course.objects.visible_to(all_round)
    names = names_by_protocol([infused.course.protocol])
    with translation.override(language):
        text = "".join(begun_lines([*keys_of(seen).values()], names, told))
        rows = list(timeline(all_round, seen, coded=not told.free_text))
    read = list(csv.DictReader(io.StringIO(text, newline="")))
    assert read == [_as_in_the_file(row, told) for row in rows]
    assert {row["entered_by"] for row in read} != {""} or not told.staff
    assert any("Bianchi" in row["value"] for row in read) is told.free_text


def test_file_and_screen_tell_the_same_where_nobody_can_read_the_protocol(
    infused: Walk, all_round: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("exports.timeline.names_of", lambda _protocol: {})
    seen, told = Course.objects.visible_to(all_round), Told(free_text=False, staff=True)
    names = names_by_protocol([infused.course.protocol])
    text = "".join(begun_lines([*keys_of(seen).values()], names, told))
    read = list(csv.DictReader(io.StringIO(text, newline="")))
    rows = list(timeline(all_round, seen, coded=True))
    assert read == [_as_in_the_file(row, told) for row in rows]
    assert {"Item resulted: CBC"} <= {row["label"] for row in read}


def _as_in_the_file(row: TimelineRow, told: Told) -> dict[str, str]:
    cells = {name: getattr(row, name) for name in TIMELINE_HEADER}
    cells["entered_by"] = cells["entered_by"] if told.staff else ""
    cells["entered_at"] = cells["entered_at"] and cells["entered_at"].isoformat(timespec="seconds")
    return {name: "" if cell is None else harmless(str(cell)) for name, cell in cells.items()}


def test_the_kept_statement_and_the_streamed_one_tell_the_same(
    infused: Walk, all_round: User
) -> None:
    streamed = timeline(all_round, Course.objects.visible_to(all_round))
    assert course_timeline(all_round, infused.course) == list(streamed)


def test_day_zero_of_the_walk_is_the_recorded_one(infused: Walk, all_round: User) -> None:
    [row] = _rows(course_timeline(all_round, infused.course), "INFUSION")
    assert row.event_date == DAY_ZERO.isoformat()
