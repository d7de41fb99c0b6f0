"""What a haematologist said of a check: who reviews no grades does not take it away with it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from accounts.models import User
from config.demo_data.computing import computing
from patients.models import Course
from protocol.models import Protocol
from terms.refusals import Refused
from tests.conftest import PROTOCOL_FILE, UserWith, make_protocol
from tests.services.refused import codes
from tests.toxicity_course import CLEAR, HOT, WELL, at, infuse, log
from toxicity.checks import checks_of
from toxicity.domain.iec_hs import IecHsSigns
from toxicity.models import Assessment
from toxicity.recording import correct_check, withdraw_check
from toxicity.reviewing import review_grade
from toxicity.seen import seen_of

pytestmark = pytest.mark.django_db
BARE = IecHsSigns(ferritin=Decimal(3536), ferritin_uln=Decimal(300), fibrinogen=Decimal(118))
CONFIRMED = replace(BARE, confirmed=True, intervention=True)


@pytest.fixture
def protocol(db: None) -> Protocol:
    """A centre that has its grades computed."""
    return make_protocol(computing(PROTOCOL_FILE.read_bytes()))


@pytest.fixture
def course(course: Course) -> Course:
    """A course after its infusion."""
    return infuse(course)


def taken_back(row: Assessment, actor: User) -> Assessment:
    return withdraw_check(
        course_id=row.course_id, assessment_id=row.pk, reason="another bed", actor=actor,
        now=at(row.course, 20),
    )  # fmt: skip


def corrected(row: Assessment, actor: User, **said: Any) -> Assessment:
    return correct_check(
        course_id=row.course_id, assessment_id=row.pk, reason="mistyped", actor=actor,
        seen=replace(seen_of(row), **said), now=at(row.course, 20),
    ).assessment  # fmt: skip


def refused(act: Callable[[], object]) -> set[str]:
    """The codes with which it is refused; a haematologist is who may."""
    with pytest.raises(Refused) as found:
        act()
    judged = [one for one in found.value.refusals if one.code != "reason_needed"]
    assert all(one.who_may == ("haematologist",) for one in judged)
    return codes(found.value)


@pytest.mark.parametrize("verdict", ["confirmed", "overridden"])
def test_a_check_that_was_judged_is_taken_back_by_a_haematologist(
    course: Course, nurse: User, haematologist: User, user_with: UserWith, verdict: str
) -> None:
    row = log(course, nurse, 3, crs=HOT, icans=CLEAR).assessment
    review_grade(
        grade_id=row.grades.get(scale="crs").pk, verdict=verdict, reason="rigors",
        grade=3 if verdict == "overridden" else None, actor=haematologist, now=at(course, 3, 14),
    )  # fmt: skip
    for other in (nurse, user_with("coordinator")):
        assert refused(lambda by=other: taken_back(row, by)) == {"word_would_go"}  # type: ignore[misc]
    assert refused(lambda: corrected(row, nurse, crs=None)) == {"word_would_go"}
    with pytest.raises(Refused) as both:
        withdraw_check(
            course_id=course.pk, assessment_id=row.pk, reason=" ", actor=nurse, now=at(course, 20)
        )
    assert codes(both.value) == {"reason_needed", "word_would_go"}
    assert not Assessment.objects.filter(replaces=row).exists()
    # Nobody judged ICANS: it may be left out. Signs put right let the word wait to be said again.
    row = corrected(row, nurse, icans=None)
    row = corrected(row, nurse, crs=WELL)
    if verdict == "overridden":
        assert refused(lambda: taken_back(row, nurse)) == {"word_would_go"}
    taken_back(row, haematologist)
    assert checks_of(course) == []


def test_what_was_said_of_iec_hs_goes_with_no_check_that_a_nurse_takes_back(
    course: Course, nurse: User, haematologist: User
) -> None:
    first = log(course, haematologist, 9, iec_hs=CONFIRMED).assessment
    assert refused(lambda: taken_back(first, nurse)) == {"confirmed_by_others"}
    # Another check of it only keeps what was said: taken back, it takes nothing away.
    taken_back(log(course, nurse, 10, iec_hs=CONFIRMED).assessment, nurse)
    cause = log(course, haematologist, 11, iec_hs=replace(BARE, other_cause=True)).assessment
    assert refused(lambda: taken_back(cause, nurse)) == {"other_cause_by_others"}
    said = IecHsSigns(confirmed=True, over=True)
    over = log(course, haematologist, 12, iec_hs=said).assessment
    assert refused(lambda: taken_back(over, nurse)) == {"over_by_others", "confirmed_by_others"}
    taken_back(over, haematologist)
    taken_back(log(course, nurse, 13, iec_hs=BARE).assessment, nurse)
    assert len(checks_of(course)) == 2


def test_a_word_that_was_lost_is_kept_too(course: Course, nurse: User, haematologist: User) -> None:
    row = log(course, nurse, 3, crs=HOT).assessment
    review_grade(
        grade_id=row.grades.get().pk, verdict="overridden", reason="rigors", grade=3,
        actor=haematologist, now=at(course, 3) + timedelta(hours=1),
    )  # fmt: skip
    row = corrected(row, nurse, crs=WELL)
    assert refused(lambda: corrected(row, nurse, crs=None, icans=CLEAR)) == {"word_would_go"}
