"""IEC-HS is confirmed, and over, by a haematologist's word; others log what they see beside it."""

from dataclasses import replace
from decimal import Decimal

import pytest

from accounts.models import User
from config.demo_data.computing import computing
from patients.models import Course
from protocol.models import Protocol
from terms.refusals import Refused
from tests.conftest import PROTOCOL_FILE, make_protocol
from tests.services.refused import fields
from tests.toxicity_course import at, infuse, log
from toxicity.checks import checks_of
from toxicity.domain.iec_hs import IecHsSigns
from toxicity.models import Episode
from toxicity.recording import Logged, correct_check
from toxicity.reviewing import review_grade
from toxicity.seen import seen_of

pytestmark = pytest.mark.django_db
BARE = IecHsSigns(ferritin=Decimal(3536), ferritin_uln=Decimal(300), fibrinogen=Decimal(118))
CONFIRMED = replace(BARE, confirmed=True, intervention=True)
OVER = IecHsSigns(confirmed=True, over=True)
CONFIRMS, ENDS = ("confirmed", "confirmed_by_others"), ("over", "over_by_others")
CAUSE = ("other_cause", "other_cause_by_others")


@pytest.fixture
def protocol(db: None) -> Protocol:
    """A centre that has its grades computed."""
    return make_protocol(computing(PROTOCOL_FILE.read_bytes()))


@pytest.fixture
def course(course: Course) -> Course:
    """A course after its infusion."""
    return infuse(course)


def grades(course: Course) -> list[int | None]:
    return [check.grade("iec_hs") for check in checks_of(course)]


def corrected(course: Course, logged: Logged, actor: User, said: IecHsSigns | None) -> Logged:
    row = logged.assessment
    seen = replace(seen_of(row), iec_hs=said, remark="again")
    return correct_check(
        course_id=course.pk, assessment_id=row.pk, seen=seen, reason="mistyped", actor=actor,
        now=at(course, 20),
    )  # fmt: skip


def test_who_reviews_no_grades_neither_confirms_nor_ends(
    course: Course, nurse: User, haematologist: User
) -> None:
    with pytest.raises(Refused) as refused:
        log(course, nurse, 8, iec_hs=replace(OVER, death=True))
    # Everything at once, what others would be refused too.
    assert fields(refused.value) == {CONFIRMS, ENDS, ("", "death_not_recorded")}
    assert all(one.who_may == ("haematologist",) for one in refused.value.refusals if one.field)
    log(course, nurse, 8, iec_hs=BARE)
    with pytest.raises(Refused) as unconfirmed:
        log(course, nurse, 9, iec_hs=CONFIRMED)
    assert fields(unconfirmed.value) == {CONFIRMS}
    log(course, haematologist, 9, iec_hs=CONFIRMED)
    log(course, nurse, 10, iec_hs=CONFIRMED)  # said before: it stays said
    with pytest.raises(Refused) as ended:
        log(course, nurse, 11, iec_hs=OVER)
    assert fields(ended.value) == {ENDS}
    with pytest.raises(Refused) as too_early:
        log(course, nurse, 8, 20, iec_hs=CONFIRMED)
    assert fields(too_early.value) == {CONFIRMS}
    assert Episode.objects.get(scale="iec_hs").ongoing
    log(course, haematologist, 12, iec_hs=OVER)
    with pytest.raises(Refused) as once_more:
        log(course, nurse, 13, iec_hs=CONFIRMED)
    assert fields(once_more.value) == {CONFIRMS}
    assert grades(course) == [None, 2, 2, 0]


def test_a_correction_keeps_the_word_of_a_haematologist(
    course: Course, nurse: User, haematologist: User
) -> None:
    first = log(course, haematologist, 9, iec_hs=CONFIRMED)
    for said in (BARE, None):
        with pytest.raises(Refused) as unsaid:
            corrected(course, first, nurse, said)
        assert CONFIRMS in fields(unsaid.value)
    corrected(course, first, nurse, replace(CONFIRMED, severe=True))
    over = log(course, haematologist, 10, iec_hs=OVER)
    with pytest.raises(Refused) as reopened:
        corrected(course, over, nurse, CONFIRMED)
    assert fields(reopened.value) == {ENDS}
    kept_over = corrected(course, over, nurse, replace(OVER, ferritin=Decimal(300)))
    assert grades(course) == [3, 0]
    corrected(course, kept_over, haematologist, BARE)
    assert grades(course) == [3, None]


def test_another_cause_said_of_the_grade_ends_what_was_confirmed(
    course: Course, nurse: User, haematologist: User
) -> None:
    log(course, haematologist, 9, iec_hs=CONFIRMED)
    (check,) = checks_of(course)
    review_grade(
        grade_id=check.grades["iec_hs"].pk, verdict="other_cause", reason="sepsis",
        actor=haematologist, now=at(course, 9, 20),
    )  # fmt: skip
    with pytest.raises(Refused) as refused:
        log(course, nurse, 10, iec_hs=CONFIRMED)
    assert fields(refused.value) == {CONFIRMS}


def test_who_reviews_no_grades_names_no_other_cause(
    course: Course, nurse: User, haematologist: User
) -> None:
    explained = replace(BARE, other_cause=True)
    for said in (explained, replace(BARE, other_cause=False)):
        with pytest.raises(Refused) as refused:
            log(course, nurse, 8, iec_hs=said)
        assert fields(refused.value) == {CAUSE}
    log(course, haematologist, 8, iec_hs=CONFIRMED)
    first = log(course, haematologist, 9, iec_hs=explained)
    # It explains that picture alone: of the next one it is asked anew, and nothing is confirmed.
    for said, reasons in ((explained, {CAUSE}), (CONFIRMED, {CONFIRMS})):
        with pytest.raises(Refused) as again:
            log(course, nurse, 10, iec_hs=said)
        assert fields(again.value) == reasons
    with pytest.raises(Refused) as unsaid:
        corrected(course, first, nurse, BARE)
    assert fields(unsaid.value) == {CAUSE}
    kept = corrected(course, first, nurse, replace(explained, ferritin=Decimal(9000)))
    assert seen_of(kept.assessment).iec_hs == replace(explained, ferritin=Decimal(9000))
    # That there is none decides nothing: a correction takes over what was confirmed before it.
    bare = log(course, haematologist, 8, 20, iec_hs=replace(BARE, other_cause=False))
    corrected(course, bare, nurse, replace(CONFIRMED, other_cause=False))
    assert grades(course) == [2, 2, None]


def test_a_check_before_the_confirmation_can_be_corrected_to_what_stood_then(
    course: Course, nurse: User, haematologist: User
) -> None:
    log(course, haematologist, 9, iec_hs=CONFIRMED)
    bare = log(course, nurse, 10, iec_hs=BARE)
    corrected(course, bare, nurse, CONFIRMED)
    assert grades(course) == [2, 2]
