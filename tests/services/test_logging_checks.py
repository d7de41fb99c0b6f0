"""Logging bedside checks: graded on the way in, stored once, corrected by what replaces them."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from accounts.models import User
from audit.models import AuditEvent
from config.demo_data.computing import computing
from patients import consequences
from patients.consequences import Event, Happening
from patients.deaths import record_death
from patients.models import Anchor, Course
from protocol.models import Protocol
from reminders.models import Notice
from terms.refusals import NotAllowed, Refused
from tests.conftest import PROTOCOL_FILE, UserWith, make_protocol
from tests.services.refused import codes, fields
from tests.toxicity_course import CLEAR, DAY_ZERO, HOT, WELL, at, infuse, log
from toxicity.checks import checks_of
from toxicity.domain.iec_hs import IecHsSigns
from toxicity.given_refusals import GivenDose
from toxicity.giving import give_treatment, withdraw_treatment
from toxicity.models import Assessment, AssessmentGrade, Episode, Treatment
from toxicity.recording import correct_check, withdraw_check
from toxicity.reviewing import review_grade
from toxicity.seen import Seen

pytestmark = pytest.mark.django_db


@pytest.fixture
def protocol(db: None) -> Protocol:
    """A centre that has its grades computed."""
    return make_protocol(computing(PROTOCOL_FILE.read_bytes()))


@pytest.fixture
def course(course: Course) -> Course:
    """A course after its infusion."""
    return infuse(course)


def grades(course: Course, scale: str = "crs") -> list[int | None]:
    return [check.grade(scale) for check in checks_of(course) if scale in check.grades]


def episode(course: Course, scale: str = "crs") -> Episode:
    return Episode.objects.get(course=course, scale=scale)


def give(course: Course, day: int, hour: int, drug: str = "tocilizumab") -> Treatment:
    return Treatment.objects.create(
        course=course, drug=drug, given_at=at(course, day, hour), dose=Decimal(560), unit="mg",
        purpose="crs", received_at=at(course, day, hour), recorded_by="test",
    )  # fmt: skip


def test_a_check_is_stored_with_its_grades_and_an_episode(course: Course, nurse: User) -> None:
    logged = log(course, nurse, 3, crs=HOT, icans=CLEAR, remark=" shivers ")
    (check,) = checks_of(course)
    crs, icans = check.grades["crs"], check.grades["icans"]
    assert (crs.grade, crs.status, crs.drivers) == (1, "final", [{"code": "fever", "grade": 1}])
    assert (icans.grade, icans.status) == (0, "final")
    row = logged.assessment
    assert (row.temp_c, row.ice, row.remark) == (Decimal("38.6"), 10, "shivers")
    assert row.signs["icans"]["age_years"] == 65
    found = episode(course)
    assert (found.onset_on, found.peak, found.days) == (DAY_ZERO + timedelta(days=3), 1, 1)
    assert found.ongoing
    actions = AuditEvent.objects.filter(course_id=course.pk).values_list("action", flat=True)
    assert {"assessment.log", "assessment.grade"} <= set(actions)
    assert logged.told == ()


def test_what_is_not_known_is_no_grade(course: Course, nurse: User) -> None:
    log(course, nurse, 1, crs=replace(WELL, temp_c=None))
    (check,) = checks_of(course)
    assert (check.grade("crs"), check.grades["crs"].status) == (None, "not_gradeable")
    assert not Episode.objects.exists()


def test_fever_that_drugs_hide_leaves_the_signs_behind_it_graded(
    course: Course, nurse: User
) -> None:
    hypoxic = replace(WELL, o2_device="nasal_cannula", o2_flow_lpm=Decimal(3))
    log(course, nurse, 2, 8, crs=HOT)
    log(course, nurse, 2, 16, crs=hypoxic)
    assert grades(course) == [1, 0]
    # Entered after the checks: what was given hid the fever of the second.
    give(course, 2, 10)
    log(course, nurse, 3, 8, crs=hypoxic)
    assert grades(course) == [1, 2, 2]
    assert AssessmentGrade.objects.filter(scale="crs").count() == 4
    assert AssessmentGrade.objects.exclude(because="").get().grade == 2
    assert episode(course).peak == 2


def test_a_drug_given_before_the_onset_hides_nothing(course: Course, nurse: User) -> None:
    give(course, 0, 8, "dexamethasone")
    log(course, nurse, 1, crs=replace(WELL, vasopressors=frozenset({"norepinephrine"})))
    assert grades(course) == [0]


def test_a_drug_recorded_late_is_counted_at_once(course: Course, nurse: User) -> None:
    log(course, nurse, 2, 8, crs=HOT)
    log(course, nurse, 2, 16, crs=replace(WELL, hypotension=True))
    dose = GivenDose("tocilizumab", at(course, 2, 9), "crs", Decimal(560), "mg")
    doubts = ("weight_unknown",)
    given = give_treatment(
        course_id=course.pk, given=dose, confirmed=doubts, actor=nurse, now=at(course, 3)
    )
    assert grades(course) == [1, 2]
    assert Notice.objects.filter(code="high_grade").count() == 0
    harmless = replace(dose, drug="levetiracetam", given_at=at(course, 2, 7), purpose="prevention")
    give_treatment(course_id=course.pk, given=harmless, actor=nurse, now=at(course, 3))
    assert AssessmentGrade.objects.count() == 3
    withdraw_treatment(
        course_id=course.pk, treatment_id=given.pk, reason="not given", actor=nurse,
        now=at(course, 3),
    )  # fmt: skip
    assert grades(course) == [1, 0]


def test_another_day_zero_leaves_what_was_before_it(
    course: Course, nurse: User, coordinator: User
) -> None:
    log(course, nurse, 1, crs=HOT)
    log(course, nurse, 3, crs=HOT)
    assert episode(course).onset_on == DAY_ZERO + timedelta(days=1)
    Anchor.objects.filter(course=course).update(actual_on=DAY_ZERO + timedelta(days=2))
    consequences.run(Happening(Event.ANCHOR_CHANGED, course, coordinator, at(course, 4)))
    assert episode(course).onset_on == DAY_ZERO + timedelta(days=3)


def test_a_fever_entered_late_changes_what_came_after(course: Course, nurse: User) -> None:
    masked = replace(WELL, fever_masked=True, hypotension=True)
    log(course, nurse, 2, 16, crs=masked)
    assert grades(course) == [0]
    log(course, nurse, 2, 8, now=at(course, 2, 20), crs=HOT)
    assert grades(course) == [1, 2]
    assert episode(course).last_at == at(course, 2, 16)


def test_a_correction_stands_instead_and_everything_counts_anew(
    course: Course, nurse: User
) -> None:
    wrong = log(course, nurse, 2, 8, crs=replace(HOT, temp_c=Decimal("40.6"))).assessment
    log(course, nurse, 2, 16, crs=replace(WELL, fever_masked=True, hypotension=True))
    assert grades(course) == [1, 2]
    with pytest.raises(Refused) as refused:
        correct_check(
            course_id=course.pk, assessment_id=wrong.pk, reason=" ", actor=nurse,
            now=at(course, 3), seen=Seen(observed_at=at(course, 4), crs=WELL),
        )  # fmt: skip
    assert fields(refused.value) == {("reason", "reason_needed"), ("observed_at", "future_time")}
    corrected = correct_check(
        course_id=course.pk, assessment_id=wrong.pk, reason="read wrongly", actor=nurse,
        now=at(course, 3), seen=Seen(observed_at=wrong.observed_at, crs=WELL),
    ).assessment  # fmt: skip
    assert grades(course) == [0, 0]
    assert not Episode.objects.exists()
    assert (corrected.replaces, Assessment.objects.count()) == (wrong, 3)
    with pytest.raises(Refused) as again:
        withdraw_check(
            course_id=course.pk, assessment_id=wrong.pk, reason="twice", actor=nurse,
            now=at(course, 3),
        )  # fmt: skip
    assert codes(again.value) == {"already_replaced"}


def test_a_check_of_the_wrong_patient_is_taken_back(course: Course, nurse: User) -> None:
    row = log(course, nurse, 2, crs=HOT).assessment
    with pytest.raises(Refused) as refused:
        withdraw_check(
            course_id=course.pk, assessment_id=row.pk, reason="", actor=nurse, now=at(course, 3)
        )
    assert codes(refused.value) == {"reason_needed"}
    withdraw_check(
        course_id=course.pk, assessment_id=row.pk, reason="other bed", actor=nurse,
        now=at(course, 3),
    )  # fmt: skip
    assert checks_of(course) == []
    assert not Episode.objects.exists()


def test_the_same_key_is_stored_once(course: Course, nurse: User) -> None:
    key = uuid4()
    first = log(course, nurse, 2, crs=HOT, key=key)
    again = log(course, nurse, 2, crs=HOT, key=key)
    assert again.assessment == first.assessment
    assert Assessment.objects.count() == 1
    with pytest.raises(Refused) as refused:
        log(course, nurse, 2, crs=WELL, key=key)
    assert codes(refused.value) == {"key_reused"}
    key = uuid4()
    for _ in range(2):
        corrected = correct_check(
            course_id=course.pk, assessment_id=first.assessment.pk, reason="r", actor=nurse,
            now=at(course, 3), seen=Seen(observed_at=at(course, 2), crs=WELL), key=key,
        )  # fmt: skip
    assert (Assessment.objects.count(), corrected.graded) == (2, ())


@pytest.mark.parametrize(
    ("day", "seen", "wrong"),
    [
        (1, {}, {("", "nothing_seen")}),
        (-1, {"crs": WELL}, {("observed_at", "before_infusion")}),
        (2, {"icans": CLEAR, "baseline": True}, {("baseline", "baseline_late")}),
        (1, {"crs": replace(WELL, temp_c=Decimal(42))}, {("temp_c", "confirm_temp")}),
        (1, {"crs": WELL, "chosen": {"crs": 7}},
         {("crs_grade", "grade_computed"), ("crs_grade", "no_such_grade")}),
        (1, {"crs": replace(WELL, death_due_to_crs=True)}, {("", "death_not_recorded")}),
        (-100, {"icans": CLEAR, "baseline": True}, {("observed_at", "before_referral")}),
    ],
    ids=["nothing", "before", "late baseline", "unusual", "picked", "death", "years ago"],
)  # fmt: skip
def test_what_cannot_be_is_refused_whole(
    course: Course, nurse: User, day: int, seen: dict[str, Any], wrong: set[tuple[str, str]]
) -> None:
    with pytest.raises(Refused) as refused:
        log(course, nurse, day, **seen)
    assert fields(refused.value) == wrong
    assert not Assessment.objects.exists()


def test_the_future_and_what_comes_after_death_are_refused(
    course: Course, nurse: User, coordinator: User
) -> None:
    with pytest.raises(Refused) as refused:
        log(course, nurse, 2, crs=WELL, now=at(course, 1))
    assert codes(refused.value) == {"future_time"}
    record_death(
        patient_id=course.patient_id, died_on=date(2026, 11, 3), actor=coordinator,
        now=at(course, 3),
    )  # fmt: skip
    with pytest.raises(Refused) as dead:
        log(course, nurse, 3, crs=WELL)
    assert codes(dead.value) == {"after_death"}
    log(course, nurse, 2, crs=replace(HOT, death_due_to_crs=True), now=at(course, 4), remark="r")
    assert grades(course) == [5]


@pytest.mark.parametrize("baseline", [False, True])
def test_what_was_seen_long_ago_says_why_it_comes_only_now(
    course: Course, nurse: User, baseline: bool
) -> None:
    seen: dict[str, Any] = {"baseline": baseline, "icans": CLEAR}
    day, late = (0, at(course, 1)) if baseline else (2, at(course, 3))
    log(course, nurse, day, 0, now=at(course, day, 12), **seen)  # twelve hours are not late
    with pytest.raises(Refused) as refused:
        log(course, nurse, day, 23, now=late, **seen)
    assert fields(refused.value) == {("remark", "late_reason")}
    row = log(course, nurse, day, 23, now=late, remark="network was down", **seen).assessment
    later = at(course, 9)
    corrected = correct_check(
        course_id=course.pk, assessment_id=row.pk, reason="no remark", actor=nurse, now=later,
        seen=Seen(observed_at=row.observed_at, **seen),
    ).assessment  # fmt: skip
    assert corrected.remark == ""


def test_an_unusual_temperature_is_stored_when_it_was_checked(course: Course, nurse: User) -> None:
    log(course, nurse, 1, crs=replace(WELL, temp_c=Decimal("41.5")), confirmed=True)
    assert grades(course) == [1]


def test_only_who_logs_may(course: Course, user_with: UserWith, nurse: User) -> None:
    row = log(course, nurse, 1, crs=WELL).assessment
    with pytest.raises(NotAllowed):
        log(course, user_with("pharmacist"), 1, crs=WELL)
    with pytest.raises(NotAllowed):
        review_grade(
            grade_id=row.grades.get().pk, verdict="confirmed", actor=nurse, now=at(course, 2)
        )


def test_the_baseline_is_kept_and_remembered(course: Course, nurse: User) -> None:
    low = replace(CLEAR, ice=replace(CLEAR.ice, attention=0))
    log(course, nurse, -1, icans=low, baseline=True, handwriting="Oggi c'è il sole")
    (check,) = checks_of(course)
    assert (check.grades, check.assessment.ice) == ({}, 9)
    log(course, nurse, 1, icans=CLEAR)
    warnings = [one["code"] for one in checks_of(course)[1].grades["icans"].warnings]
    assert warnings == ["baseline_ice"]


def test_the_chart_knows_age_and_baseline_better_than_who_sends(
    course: Course, nurse: User
) -> None:
    log(course, nurse, 1, icans=replace(CLEAR, age_years=5, baseline_ice=8, capd=3))
    kept = checks_of(course)[0].assessment.signs["icans"]
    assert (kept["age_years"], "baseline_ice" in kept) == (65, False)


def test_a_vasopressor_after_a_quiet_masked_day_keeps_its_grade(
    course: Course, nurse: User
) -> None:
    log(course, nurse, 3, 8, crs=HOT)
    give(course, 3, 9, "dexamethasone")
    log(course, nurse, 4, 8, crs=WELL)
    pressed = replace(WELL, vasopressors=frozenset({"norepinephrine"}))
    log(course, nurse, 5, 10, crs=pressed)
    log(course, nurse, 5, 18, crs=pressed)
    log(course, nurse, 6, 10, crs=pressed)
    assert grades(course) == [1, 0, 3, 3, 3]
    assert episode(course).ongoing


def test_what_was_given_before_the_check_that_found_the_fever_hides_it(
    course: Course, nurse: User
) -> None:
    give(course, 1, 6)
    log(course, nurse, 1, 8, crs=replace(HOT, temp_c=Decimal(39)))
    log(course, nurse, 1, 16, crs=replace(WELL, vasopressors=frozenset({"norepinephrine"})))
    assert grades(course) == [1, 3]


def test_a_zero_confirmed_before_the_signs_came_ends_nothing(
    course: Course, nurse: User, haematologist: User
) -> None:
    zero = log(course, nurse, 2, 8, crs=WELL).assessment.grades.get()
    review_grade(grade_id=zero.pk, verdict="confirmed", actor=haematologist, now=at(course, 2, 9))
    log(course, nurse, 2, 4, now=at(course, 2, 10), crs=HOT)
    log(course, nurse, 2, 16, crs=HOT)
    assert (episode(course).onset_at, episode(course).ended_at) == (at(course, 2, 4), None)


def test_a_baseline_that_lies_after_the_infusion_is_graded(
    course: Course, nurse: User, coordinator: User
) -> None:
    low = replace(CLEAR, ice=replace(CLEAR.ice, year=0, month=0, city=0, hospital=0, naming=1))
    log(course, nurse, -1, icans=low, baseline=True)
    Anchor.objects.filter(course=course).update(actual_on=DAY_ZERO - timedelta(days=2))
    consequences.run(Happening(Event.ANCHOR_CHANGED, course, coordinator, at(course, 2)))
    assert grades(course, "icans") == [2]


def test_without_an_infusion_there_is_only_a_baseline(
    refer_patient: Any, coordinator: User, nurse: User
) -> None:
    course = refer_patient(coordinator)
    with pytest.raises(Refused) as refused:
        log(course, nurse, 1, crs=WELL)
    assert codes(refused.value) == {"not_infused"}
    log(course, nurse, 1, icans=CLEAR, baseline=True)
    assert Assessment.objects.get(course=course).baseline


def test_people_are_told_of_height_and_of_jumps(course: Course, nurse: User) -> None:
    told = log(course, nurse, 1, crs=replace(HOT, hypotension=True)).told
    assert [(one.grade.scale, one.grade.grade) for one in told] == [("crs", 2)]
    assert log(course, nurse, 1, 16, crs=HOT).told == ()
    pressor = replace(HOT, hypotension=True, vasopressors=frozenset({"norepinephrine"}))
    high = log(course, nurse, 1, 20, crs=pressor)
    assert len(high.told) == 1
    told_of = Notice.objects.standing().filter(code="high_grade")
    assert sorted(one.params["grade"] for one in told_of) == [2, 3]
    notice = told_of.get(about="crs:3")
    assert (notice.count, notice.roles) == (1, ["coordinator", "haematologist"])
    withdraw_check(
        course_id=course.pk, assessment_id=high.assessment.pk, reason="other bed", actor=nurse,
        now=at(course, 2),
    )  # fmt: skip
    assert [one.params["grade"] for one in told_of.all()] == [2]


def test_iec_hs_is_graded_once_it_is_confirmed(course: Course, haematologist: User) -> None:
    signs = IecHsSigns(
        ferritin=Decimal(3536), ferritin_uln=Decimal(300), fibrinogen=Decimal(118),
        confirmed=True, intervention=True, severe=False, life_threatening=False, death=False,
    )  # fmt: skip
    log(course, haematologist, 8, iec_hs=signs)
    assert grades(course, "iec_hs") == [2]
    assert checks_of(course)[0].assessment.signs["iec_hs"]["ferritin"] == "3536"
    assert episode(course, "iec_hs").ongoing
    log(course, haematologist, 9, iec_hs=IecHsSigns(confirmed=True, over=True))
    assert grades(course, "iec_hs") == [2, 0]
    assert episode(course, "iec_hs").ended_at == at(course, 9)


class TestReviews:
    """A clinician's word beside the grade."""

    def test_another_grade_stands_and_what_was_found_is_kept(
        self, course: Course, nurse: User, haematologist: User
    ) -> None:
        row = log(course, nurse, 1, crs=HOT).assessment.grades.get()
        review_grade(
            grade_id=row.pk, verdict="overridden", grade=3, reason="seen", actor=haematologist,
            now=at(course, 2),
        )  # fmt: skip
        (check,) = checks_of(course)
        assert (check.grade("crs"), check.grades["crs"].found) == (3, 1)
        assert check.grades["crs"].confirmed
        assert episode(course).peak == 3
        assert Notice.objects.filter(code="high_grade").count() == 1

    def test_a_word_outlives_a_correction_that_says_nothing_of_the_grade(
        self, course: Course, nurse: User, haematologist: User
    ) -> None:
        logged = log(course, nurse, 1, crs=HOT, icans=CLEAR, remark="shivrs").assessment
        review_grade(
            grade_id=logged.grades.get(scale="crs").pk, verdict="overridden", grade=3,
            reason="seen", actor=haematologist, now=at(course, 2),
        )  # fmt: skip
        right = correct_check(
            course_id=course.pk, assessment_id=logged.pk, reason="spelling", actor=nurse,
            now=at(course, 3), seen=Seen(logged.observed_at, crs=HOT, icans=CLEAR, remark="ok"),
        ).assessment  # fmt: skip
        assert grades(course) == [3]
        assert checks_of(course)[0].grades["crs"].review.by == haematologist.username  # type: ignore[union-attr]
        assert Notice.objects.standing().filter(code="high_grade").count() == 1
        correct_check(
            course_id=course.pk, assessment_id=right.pk, reason="read wrongly", actor=nurse,
            now=at(course, 3), seen=Seen(logged.observed_at, crs=WELL, icans=CLEAR),
        )  # fmt: skip
        assert grades(course) == [0]
        # The word of a 3 lost what it was about: it stays told until a clinician answers it.
        notice = Notice.objects.standing().get(code="high_grade")
        assert (notice.params["grade"], len(notice.causes)) == (3, 1)

    def test_a_word_outlives_a_warning_that_comes_or_goes(
        self, course: Course, nurse: User, haematologist: User
    ) -> None:
        log(course, nurse, 1, 8, crs=HOT)
        log(course, nurse, 1, 12, crs=WELL)
        row = log(course, nurse, 1, 16, crs=WELL).assessment.grades.get()
        review_grade(
            grade_id=row.pk, verdict="overridden", grade=1, reason="rigors", actor=haematologist,
            now=at(course, 2),
        )  # fmt: skip
        dose = GivenDose("dexamethasone", at(course, 1, 9), "crs", Decimal(40), "mg")
        give_treatment(course_id=course.pk, given=dose, actor=nurse, now=at(course, 3))
        assert grades(course) == [1, 0, 1]

    def test_another_cause_leaves_no_episode(
        self, course: Course, nurse: User, haematologist: User
    ) -> None:
        row = log(course, nurse, 1, crs=HOT).assessment.grades.get()
        review_grade(
            grade_id=row.pk, verdict="other_cause", reason="sepsis", actor=haematologist,
            now=at(course, 2),
        )  # fmt: skip
        assert grades(course) == [0]
        assert not Episode.objects.exists()

    def test_confirming_that_nothing_is_left_ends_what_drugs_hide(
        self, course: Course, nurse: User, haematologist: User
    ) -> None:
        log(course, nurse, 1, 8, crs=HOT)
        masked = replace(WELL, fever_masked=True)
        log(course, nurse, 2, 8, crs=masked)
        last = log(course, nurse, 4, 8, crs=masked).assessment.grades.get()
        assert (episode(course).ongoing, episode(course).to_confirm) == (True, True)
        review_grade(grade_id=last.pk, verdict="confirmed", actor=haematologist, now=at(course, 4))
        assert episode(course).ended_at == at(course, 2, 8)

    @pytest.mark.parametrize(
        ("said", "wrong"),
        [
            ({"verdict": "perhaps"}, {"no_such_verdict"}),
            ({"verdict": "overridden", "grade": 1}, {"reason_needed", "same_grade"}),
            ({"verdict": "overridden", "reason": "r"}, {"no_such_grade"}),
            ({"verdict": "overridden", "reason": "r", "grade": 6}, {"no_such_grade"}),
            ({"verdict": "other_cause"}, {"reason_needed"}),
            ({"verdict": "confirmed", "grade": 3}, {"grade_needless"}),
            ({"verdict": "overridden", "reason": "r", "grade": 5}, {"death_not_recorded"}),
        ],
    )
    def test_what_a_review_needs(
        self, course: Course, nurse: User, haematologist: User, said: Any, wrong: set[str]
    ) -> None:
        row = log(course, nurse, 1, crs=HOT).assessment.grades.get()
        with pytest.raises(Refused) as refused:
            review_grade(grade_id=row.pk, **said, actor=haematologist, now=at(course, 2))
        assert codes(refused.value) == wrong

    def test_nothing_to_confirm_where_there_is_no_grade(
        self, course: Course, nurse: User, haematologist: User
    ) -> None:
        row = log(course, nurse, 1, crs=replace(WELL, temp_c=None)).assessment.grades.get()
        with pytest.raises(Refused) as refused:
            review_grade(
                grade_id=row.pk, verdict="confirmed", actor=haematologist, now=at(course, 2)
            )
        assert codes(refused.value) == {"nothing_to_confirm"}
        with pytest.raises(Refused) as unexplained:
            review_grade(
                grade_id=row.pk, verdict="other_cause", reason="sepsis", actor=haematologist,
                now=at(course, 2),
            )  # fmt: skip
        assert codes(unexplained.value) == {"nothing_to_explain"}

    def test_a_grade_that_stands_no_longer_is_not_reviewed(
        self, course: Course, nurse: User, haematologist: User
    ) -> None:
        logged = log(course, nurse, 1, crs=HOT).assessment
        correct_check(
            course_id=course.pk, assessment_id=logged.pk, reason="r", actor=nurse,
            now=at(course, 2), seen=Seen(observed_at=logged.observed_at, crs=WELL),
        )  # fmt: skip
        with pytest.raises(Refused) as refused:
            review_grade(
                grade_id=logged.grades.get().pk, verdict="confirmed", actor=haematologist,
                now=at(course, 2),
            )  # fmt: skip
        assert codes(refused.value) == {"grade_replaced"}


class TestRecordOnly:
    """A centre that computes nothing: the grade is picked beside the published table."""

    @pytest.fixture
    def protocol(self, db: None) -> Protocol:
        """As shipped."""
        return make_protocol()

    def test_the_grade_is_the_one_picked(self, course: Course, nurse: User) -> None:
        log(course, nurse, 1, crs=HOT, chosen={"crs": 2})
        log(course, nurse, 2, chosen={"crs": None, "icans": 1})
        assert grades(course) == [2, None]
        assert grades(course, "icans") == [1]
        assert checks_of(course)[0].grades["crs"].rule_version == "recorded"
        assert {row.scale for row in Episode.objects.filter(course=course)} == {"crs", "icans"}

    def test_signs_alone_are_no_grade(self, course: Course, nurse: User) -> None:
        with pytest.raises(Refused) as refused:
            log(course, nurse, 1, crs=HOT)
        assert fields(refused.value) == {("crs_grade", "grade_needed")}
