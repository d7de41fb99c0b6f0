"""Pseudonyms of courses: made once, kept from everybody, and what a pseudonymised row holds."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from accounts.models import Centre, User
from audit.models import AuditEvent
from exports.fields.kinds import Level
from exports.models import Pseudonym, PseudonymSecret
from exports.pseudonyms import make_pseudonyms, masked
from exports.rows_for_files import EVENT_COLUMNS, event_rows
from exports.timeline import timeline
from patients.charting import add_entry
from patients.models import Course
from tests.conftest import Refer, UserWith
from tests.walking import Walk

pytestmark = pytest.mark.django_db
NAMES = [column.name for column in EVENT_COLUMNS]


def test_a_pseudonym_is_made_once_and_its_secret_is_in_no_audit(
    course: Course, refer_patient: Refer, coordinator: User, now: datetime
) -> None:
    refer_patient(coordinator)
    everything = Course.objects.all()
    assert make_pseudonyms(courses=everything, actor=coordinator, now=now) == 2
    first = dict(Pseudonym.objects.values_list("course", "code"))
    kept = bytes(PseudonymSecret.objects.get().secret)
    assert make_pseudonyms(courses=everything, actor=coordinator, now=now) == 0
    assert dict(Pseudonym.objects.values_list("course", "code")) == first
    assert bytes(PseudonymSecret.objects.get().secret) == kept
    assert len(kept) == 32
    [event] = AuditEvent.objects.filter(action="pseudonym.make")
    assert (event.after, event.before, event.course_id) == ({"courses": 2}, {}, None)


def test_each_centre_has_its_own_secret_and_nobody_makes_those_of_another(
    course: Course,
    refer_patient: Refer,
    coordinator: User,
    user_with: UserWith,
    other_centre: Centre,
    now: datetime,
) -> None:
    elsewhere = user_with("coordinator", at=other_centre)
    refer_patient(elsewhere)
    assert make_pseudonyms(courses=Course.objects.all(), actor=coordinator, now=now) == 1
    assert make_pseudonyms(courses=Course.objects.all(), actor=elsewhere, now=now) == 1
    one, two = PseudonymSecret.objects.all()
    assert bytes(one.secret) != bytes(two.secret)


def test_masks_come_in_the_order_of_their_codes(
    course: Course, refer_patient: Refer, coordinator: User, now: datetime
) -> None:
    for _ in range(6):
        refer_patient(coordinator)
    courses = Course.objects.visible_to(coordinator)
    make_pseudonyms(courses=courses, actor=coordinator, now=now)
    codes = [mask.code for mask in masked(courses).values()]
    assert codes == sorted(codes)
    assert masked(courses.filter(pk=course.pk)).keys() == {course.pk}


def test_rows_of_a_pseudonymised_file_keep_intervals_and_nothing_that_finds_anybody(
    course: Course, user_with: UserWith, refer_patient: Refer, coordinator: User, now: datetime
) -> None:
    about: dict[str, Any] = {"course_id": course.pk, "actor": coordinator, "now": now}
    for on in ("2021", "2022-03", ""):
        add_entry(**about, kind="diagnosis", values={"on": on, "disease": "B-ALL"})
    Walk(course, user_with).to_bridging()
    courses = Course.objects.visible_to(coordinator)
    make_pseudonyms(courses=courses, actor=coordinator, now=now)
    masks = masked(courses)
    mask = masks[course.pk]
    plain = [*timeline(coordinator, courses, coded=True)]
    rows = [
        dict(zip(NAMES, row, strict=True))
        for row in event_rows(coordinator, masks, Level.PSEUDONYMISED, now)
    ]
    assert len(rows) == len(plain) > 8
    assert {row["course"] for row in rows} == {mask.code}
    assert {row["entered_by"] for row in rows} == {""}
    back = timedelta(days=mask.days)
    for row, true in zip(rows, plain, strict=True):
        assert (row["seq"], row["event_code"]) == (true.seq, true.event_code)
        if true.date_precision == "day":
            assert row["event_date"] == date.fromisoformat(true.event_date) + back
        assert isinstance(row["entered_at"], date | None)
        assert not isinstance(row["entered_at"], datetime)
    known = {row["event_date"] for row in rows if row["event_code"] == "DX"}
    assert "" in known  # of 2021 and of nothing known, nothing is left
    assert known <= {"", "2022", "2021", "2020"}


def test_rows_of_an_identified_file_are_those_of_the_coded_one(
    course: Course, coordinator: User, user_with: UserWith, now: datetime
) -> None:
    Walk(course, user_with).to_eligibility()
    courses = Course.objects.visible_to(coordinator)
    make_pseudonyms(courses=courses, actor=coordinator, now=now)
    rows = list(event_rows(coordinator, masked(courses), Level.IDENTIFIED, now))
    assert [row[0] for row in rows] == [course.code] * len(rows)
    dates = [row[NAMES.index("event_date")] for row in rows]
    assert date(2026, 9, 1) in dates
    assert "2024" in dates  # known to the year
    assert isinstance(rows[0][NAMES.index("entered_at")], datetime)
