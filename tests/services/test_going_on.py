"""A check that comes last goes on from where the walk before ended: as if all were walked anew."""

import random
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction

from accounts.models import User
from audit.prepared import insert_all
from config.demo_data.computing import computing
from patients.models import Course
from protocol.models import Protocol
from reminders.models import Notice
from terms.refusals import Refused
from tests.conftest import PROTOCOL_FILE, UserWith, make_protocol
from tests.toxicity_course import CLEAR, HOT, WELL, at, infuse, log
from toxicity.checks import checks_of, infusion_day
from toxicity.domain.icans import IceItems
from toxicity.domain.iec_hs import IecHsSigns
from toxicity.given_refusals import GivenDose
from toxicity.giving import give_treatment
from toxicity.models import Assessment, AssessmentGrade, Episode, GradedSoFar
from toxicity.recording import correct_check, log_check, withdraw_check
from toxicity.regrading import regrade
from toxicity.resuming import Outset
from toxicity.reviewing import review_grade
from toxicity.seen import Seen
from toxicity.walking import Reached

pytestmark = pytest.mark.django_db

STEPS = 24
DROWSY = replace(CLEAR, arousal="voice", ice=IceItems(year=1, month=1, naming=2))
LOW = replace(WELL, hypotension=True)
UNKNOWN = replace(WELL, temp_c=None)
SYNDROME = IecHsSigns(
    ferritin=Decimal(3536), ferritin_uln=Decimal(300), fibrinogen=Decimal(118), confirmed=True
)


@pytest.fixture
def protocol(db: None) -> Protocol:
    """A centre that has its grades computed."""
    return make_protocol(computing(PROTOCOL_FILE.read_bytes()))


@pytest.fixture
def course(course: Course) -> Course:
    """A course after its infusion."""
    return infuse(course)


class Stay:
    """Someone at the bedside who records at random: mostly what is seen last, and in order."""

    def __init__(self, course: Course, nurse: User, doctor: User, seed: int) -> None:
        self.course, self.nurse, self.doctor = course, nurse, doctor
        self.dice = random.Random(seed)
        self.hour = 0.0

    def step(self) -> None:
        """One thing that somebody does; one that is refused does nothing."""
        self.hour += self.dice.choice((0.5, 4, 8, 8, 13, 26))
        acts = (self.see,) * 8 + (self.see_late, self.correct, self.withdraw, self.give, self.say)
        with suppress(Refused):
            self.dice.choice(acts)()

    def now(self) -> datetime:
        """When it happens."""
        return at(self.course, 0, 1) + timedelta(hours=self.hour)

    def seen(self, when: datetime) -> Seen:
        """Something that was seen then."""
        return Seen(
            observed_at=when,
            crs=self.dice.choice((HOT, HOT, WELL, WELL, LOW, UNKNOWN, None)),
            icans=self.dice.choice((CLEAR, CLEAR, DROWSY, None)),
            iec_hs=self.dice.choice((None, None, None, SYNDROME, replace(SYNDROME, over=True))),
            remark="late",
        )

    def see(self) -> None:
        self.keep(self.now())

    def see_late(self) -> None:
        when = self.now() - timedelta(hours=self.dice.randint(1, 40))
        self.keep(when)

    def keep(self, when: datetime) -> None:
        seen = self.seen(when)
        by = self.nurse if seen.iec_hs is None else self.doctor
        log_check(course_id=self.course.pk, seen=seen, actor=by, now=self.now())

    def some(self) -> Any:
        return self.dice.choice(list(checks_of(self.course)) or [None])

    def correct(self) -> None:
        check = self.some()
        if check is not None:
            correct_check(
                course_id=self.course.pk, assessment_id=check.assessment.pk, reason="mistyped",
                seen=self.seen(check.at), actor=self.doctor, now=self.now(),
            )  # fmt: skip

    def withdraw(self) -> None:
        check = self.some()
        if check is not None:
            withdraw_check(
                course_id=self.course.pk, assessment_id=check.assessment.pk, reason="another bed",
                actor=self.nurse, now=self.now(),
            )  # fmt: skip

    def give(self) -> None:
        when = self.now() - timedelta(hours=self.dice.randint(0, 30))
        dose = GivenDose("dexamethasone", when, "crs", Decimal(10), "mg")
        give_treatment(course_id=self.course.pk, given=dose, actor=self.nurse, now=self.now())

    def say(self) -> None:
        check = self.some()
        grades = [] if check is None else list(check.grades.values())
        if grades:
            grade = self.dice.choice(grades)
            verdict = self.dice.choice(("confirmed", "other_cause"))
            review_grade(
                grade_id=grade.pk, verdict=verdict, actor=self.doctor, now=self.now(),
                reason="" if verdict == "confirmed" else "an infection",
                answers=None if grade.review is None else grade.review.pk,
            )  # fmt: skip


def stands(course: Course) -> tuple[Any, ...]:
    """Everything that came of it, without the numbers of rows."""
    order = {pk: number for number, pk in enumerate(_rows(course))}
    grades = AssessmentGrade.objects.filter(assessment__course=course).order_by("pk")
    said = [
        (order[one.assessment_id], one.scale, one.grade, one.status, one.drivers, one.warnings,
         one.graded_at, bool(one.because), one.lapsed_id is not None)
        for one in grades
    ]  # fmt: skip
    episodes = Episode.objects.filter(course=course).order_by("scale", "ordinal").values()
    notices = Notice.objects.filter(course=course).order_by("pk").values("code", "about", "params")
    return (
        said,
        [{k: v for k, v in row.items() if k != "id"} for row in episodes],
        list(notices),
        GradedSoFar.objects.filter(course=course).values_list("reached", flat=True).first(),
    )


def _rows(course: Course) -> Iterator[int]:
    yield from Assessment.objects.filter(course=course).order_by("pk").values_list("pk", flat=True)


@pytest.mark.parametrize("seed", range(12))
def test_going_on_comes_to_the_same_as_walking_anew(
    course: Course, user_with: UserWith, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    nurse, doctor = user_with("ward_nurse"), user_with("haematologist")
    went_on: list[bool] = []
    honest = Outset.gone_on

    def counted(self: Outset, *args: Any, **how: Any) -> Any:
        found = honest(self, *args, **how)
        went_on.append(found is not None)
        return found

    def lived(gone_on: Callable[..., Any]) -> tuple[Any, ...]:
        """What stands after a stay, which is undone."""
        monkeypatch.setattr(Outset, "gone_on", gone_on)
        stay = Stay(course, nurse, doctor, seed)
        with transaction.atomic():
            for _ in range(STEPS):
                stay.step()
            found = stands(course)
            # A walk through everything finds nothing else, and comes as far.
            with transaction.atomic():
                day = infusion_day(course)
                assert regrade(course, day, actor=nurse, now=stay.now()) == []
                assert stands(course) == found
            transaction.set_rollback(True)
        return found

    going_on = lived(counted)
    assert going_on == lived(lambda *_, **__: None)
    assert going_on[0]
    assert went_on.count(True) > STEPS // 4


def test_the_walk_begins_afresh_once_anything_it_rests_on_is_another(
    course: Course, user_with: UserWith
) -> None:
    nurse = user_with("ward_nurse")
    first = Outset.of(course, infusion_day(course)).gone_on(at(course, 1))
    assert first is not None
    assert first.reached == Reached()
    log(course, nurse, 1, crs=HOT)
    log(course, nurse, 2, crs=HOT)
    day, last = infusion_day(course), at(course, 2)
    outset = Outset.of(course, day)
    assert outset.gone_on(last) is not None
    assert outset.gone_on(last - timedelta(seconds=1)) is None
    assert outset.gone_on(last, stored=1) is None, "a check that no walk has taken"
    assert Outset.of(course, None).gone_on(last) is None
    assert Outset.of(Course.objects.get(pk=course.pk), day).gone_on(last) is not None
    GradedSoFar.objects.filter(course=course).update(under="another rule")
    assert Outset.of(course, day).gone_on(last) is None
    GradedSoFar.objects.filter(course=course).delete()
    assert Outset.of(course, day).gone_on(last) is None


def test_what_comes_late_grades_many_checks_at_once(course: Course, user_with: UserWith) -> None:
    nurse = user_with("ward_nurse")
    log(course, nurse, 1, 8, crs=HOT)
    for hour in range(12, 18):
        log(course, nurse, 1, hour, crs=LOW)
    dose = GivenDose("dexamethasone", at(course, 1, 9), "crs", Decimal(10), "mg")
    give_treatment(course_id=course.pk, given=dose, actor=nurse, now=at(course, 2))
    assert [check.grade("crs") for check in checks_of(course)] == [1, *[2] * 6]


def test_nothing_is_written_for_no_rows() -> None:
    assert insert_all([]) is None  # type: ignore[func-returns-value]
