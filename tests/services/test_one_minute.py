"""Checks of one minute: a correction keeps the place of the entry that it puts right."""

from dataclasses import replace
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.migrations.loader import MigrationLoader

from accounts.models import User
from config.demo_data.computing import computing
from patients.models import Course
from protocol.models import Protocol
from tests.conftest import PROTOCOL_FILE, make_protocol
from tests.services.test_steps_told import told
from tests.toxicity_course import CLEAR, HOT, WELL, at, infuse, log
from toxicity.background import Background
from toxicity.bedside.standing import handwriting_of
from toxicity.checks import checks_of
from toxicity.domain.iec_hs import IecHsSigns
from toxicity.iec_hs_sayings import Sayings, said_before
from toxicity.models import Assessment
from toxicity.recording import correct_check, filled, row_of, withdraw_check
from toxicity.regrading import foreseen
from toxicity.reviewing import review_grade
from toxicity.seen import seen_of

pytestmark = pytest.mark.django_db
LOW = replace(HOT, hypotension=True)  # grade 2
HIDDEN = replace(WELL, hypotension=True, fever_masked=True)  # 0 until fever was seen


@pytest.fixture
def protocol(db: None) -> Protocol:
    """A centre that has its grades computed."""
    return make_protocol(computing(PROTOCOL_FILE.read_bytes()))


@pytest.fixture
def course(course: Course) -> Course:
    """A course after its infusion."""
    return infuse(course)


def corrected(course: Course, nurse: User, row: Assessment, **said: Any) -> Assessment:
    """The same check with something else said in it."""
    seen = replace(seen_of(row), **said)
    return correct_check(
        course_id=course.pk, assessment_id=row.pk, seen=seen, reason="put right", actor=nurse,
        now=at(course, 6),
    ).assessment  # fmt: skip


def crs_of(course: Course) -> list[int | None]:
    """The grades of CRS in the order of the checks."""
    return [check.grade("crs") for check in checks_of(course)]


def test_a_remark_put_right_moves_no_check_behind_another_of_its_minute(
    course: Course, nurse: User, haematologist: User
) -> None:
    log(course, nurse, 2, 6, crs=WELL)
    first = log(course, nurse, 2, 8, crs=HOT).assessment
    log(course, nurse, 2, 8, crs=LOW)
    for remark in ("rigors", "no rigors"):
        first = corrected(course, nurse, first, remark=remark)
        assert crs_of(course) == [0, 1, 2]
        assert told(course) == []  # 1 and then 2 is no jump; 0 and then 2 would be one
    # A clinician's word is told by its step from the check before in the same order.
    log(course, nurse, 2, 9, crs=WELL)
    log(course, nurse, 2, 10, crs=HOT)
    last = log(course, nurse, 2, 10, crs=WELL).assessment
    before = next(c.assessment for c in checks_of(course) if c.at == last.observed_at)
    corrected(course, nurse, before, remark="after paracetamol")
    grade = last.grades.get(scale="crs")
    review_grade(
        grade_id=grade.pk, verdict="overridden", grade=2, reason="low at night",
        actor=haematologist, now=at(course, 3),
    )  # fmt: skip
    assert told(course) == []


def test_a_corrected_sign_is_graded_in_its_old_place_and_shown_so_beforehand(
    course: Course, nurse: User
) -> None:
    first = log(course, nurse, 2, 8, crs=HOT).assessment
    log(course, nurse, 2, 8, crs=LOW)
    seen = replace(seen_of(first), crs=HIDDEN)
    row = row_of(filled(course, seen, Background.of(course)))
    row.course = course
    (shown,) = foreseen(course, row, instead_of=first.pk)
    corrected(course, nurse, first, crs=HIDDEN)
    assert shown.grade.grade == 0
    assert crs_of(course) == [0, 2]
    # One that stands no longer is looked for in vain: then it comes last.
    (late,) = foreseen(course, row, instead_of=first.pk)
    assert late.grade.grade == 2


def test_what_was_said_last_in_a_minute_stays_the_last(
    course: Course, nurse: User, haematologist: User
) -> None:
    said = IecHsSigns(confirmed=True)
    first = log(course, haematologist, 5, 9, iec_hs=said).assessment
    log(course, haematologist, 5, 9, iec_hs=replace(said, confirmed=False, over=True))
    corrected(course, haematologist, first, remark="seen with the ward")
    assert said_before(course, at(course, 5, 10)) == Sayings()
    about: dict[str, Any] = {"baseline": True, "icans": CLEAR}
    first = log(course, nurse, -1, 9, handwriting="Piove", **about).assessment
    log(course, nurse, -1, 9, handwriting="Oggi c'è il sole", **about)
    corrected(course, nurse, first, remark="with the left hand")
    assert handwriting_of(course) == "Oggi c'è il sole"


def test_every_correction_says_which_entry_was_the_first(course: Course, nurse: User) -> None:
    first = log(course, nurse, 2, 8, crs=HOT).assessment
    second = corrected(course, nurse, first, remark="a")
    third = corrected(course, nurse, second, remark="b")
    gone = withdraw_check(
        course_id=course.pk, assessment_id=third.pk, reason="other bed", actor=nurse,
        now=at(course, 3),
    )  # fmt: skip
    assert [row.root_id for row in (first, second, third, gone)] == [None, *[first.pk] * 3]
    with pytest.raises(IntegrityError), transaction.atomic():
        Assessment.objects.create(
            course=course, observed_at=first.observed_at, received_at=first.received_at,
            recorded_by="test", replaces=gone, reason="without its first entry",
        )  # fmt: skip


def test_corrections_from_before_are_given_their_first_entry(course: Course, nurse: User) -> None:
    first = log(course, nurse, 2, 8, crs=HOT).assessment
    other = log(course, nurse, 2, 8, crs=LOW).assessment
    second = corrected(course, nurse, first, remark="a")
    third = corrected(course, nurse, second, remark="b")
    known = MigrationLoader(None).disk_migrations["toxicity", "0009_first_entries"]
    (backfill,) = [one.sql for one in known.operations if hasattr(one, "sql")]
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE toxicity_assessment DISABLE TRIGGER USER")
        cursor.execute("ALTER TABLE toxicity_assessment DROP CONSTRAINT assessment_first_entry")
        cursor.execute("UPDATE toxicity_assessment SET root_id = NULL")
        cursor.execute("ALTER TABLE toxicity_assessment ENABLE TRIGGER USER")
        for statement in backfill:
            cursor.execute(statement)
    roots = dict(Assessment.objects.values_list("pk", "root_id"))
    assert roots == {first.pk: None, other.pk: None, second.pk: first.pk, third.pk: first.pk}
    with pytest.raises(Exception, match="Cannot update"), transaction.atomic():
        Assessment.objects.update(remark="changed")
