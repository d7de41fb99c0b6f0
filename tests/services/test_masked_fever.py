"""Fever that a drug may hide: what nobody said of it neither lowers a grade nor ends an episode."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from accounts.models import User
from config.demo_data.computing import computing
from patients.models import Course
from protocol.models import Protocol
from reminders.models import Notice
from tests.conftest import PROTOCOL_FILE, make_protocol
from tests.toxicity_course import HOT, WELL, at, infuse, log
from toxicity.bedside.standing import grades_of
from toxicity.checks import checks_of, infusion_day
from toxicity.domain.crs import CrsSigns
from toxicity.domain.given import MASKING
from toxicity.given_refusals import GivenDose
from toxicity.giving import correct_treatment, give_treatment
from toxicity.models import Episode, Treatment
from toxicity.recording import row_of
from toxicity.regrading import regrade
from toxicity.resuming import crs_open_after
from toxicity.seen import Seen

pytestmark = pytest.mark.django_db
SUPPORTED = replace(
    WELL,
    hypotension=True,
    vasopressors=frozenset({"norepinephrine"}),
    o2_device="mech_vent",
    ppv_reason="hypoxia",
)


@pytest.fixture
def protocol(db: None) -> Protocol:
    """A centre that has its grades computed."""
    return make_protocol(computing(PROTOCOL_FILE.read_bytes()))


@pytest.fixture
def course(course: Course) -> Course:
    """A course after its infusion."""
    return infuse(course)


def grades(course: Course) -> list[tuple[int | None, str]]:
    """Grade and status of every check of CRS."""
    return [(one.grades["crs"].grade, one.grades["crs"].status) for one in checks_of(course)]


def give(course: Course, day: int, hour: int, drug: str = "tocilizumab") -> Treatment:
    """A dose."""
    return Treatment.objects.create(
        course=course, drug=drug, given_at=at(course, day, hour), purpose="crs",
        received_at=at(course, day, hour), recorded_by="test",
    )  # fmt: skip


def episode(course: Course) -> Episode:
    """The only episode of CRS."""
    return Episode.objects.get(course=course, scale="crs")


def test_supports_keep_their_grade_while_nobody_says_whether_fever_is_hidden(
    course: Course, nurse: User
) -> None:
    unsaid = replace(SUPPORTED, temp_c=Decimal("37.2"), fever_masked=None)
    log(course, nurse, 2, 6, crs=replace(SUPPORTED, temp_c=Decimal("38.6")))
    for day, hour in ((2, 14), (3, 14), (3, 22)):
        log(course, nurse, day, hour, crs=unsaid)
    assert grades(course) == [(4, "final"), *[(4, "provisional")] * 3]
    warned = {one["code"] for one in checks_of(course)[-1].grades["crs"].warnings}
    assert warned == {"masking_needed"}
    assert (episode(course).ongoing, episode(course).to_confirm) == (True, False)
    # Who says that nothing hides it settles it, and so does a drug that was recorded.
    log(course, nurse, 4, 6, crs=replace(unsaid, fever_masked=False))
    assert grades(course)[-1] == (0, "final")
    give(course, 3, 0)
    log(course, nurse, 4, 14, crs=unsaid)
    assert grades(course)[-2:] == [(4, "final"), (4, "final")]


@pytest.mark.parametrize(
    ("said", "over"), [(False, True), (None, False), (True, False)],
    ids=["nothing hides it", "nobody said", "a drug hides it"],
)  # fmt: skip
def test_a_day_without_signs_ends_crs_only_where_it_is_said_that_nothing_hides_it(
    course: Course, nurse: User, said: bool | None, over: bool
) -> None:
    log(course, nurse, 2, 6, crs=HOT)
    for day, hour in ((2, 14), (3, 16)):
        log(course, nurse, day, hour, crs=replace(WELL, fever_masked=said))
    assert grades(course) == [(1, "final"), (0, "final"), (0, "final")]
    assert (episode(course).ongoing, episode(course).to_confirm) == (not over, not over)


@pytest.mark.parametrize("drug", sorted(MASKING))
def test_each_drug_that_hides_fever_does_it_whatever_is_denied(
    course: Course, nurse: User, drug: str
) -> None:
    log(course, nurse, 2, 6, crs=HOT)
    dose = GivenDose(drug, at(course, 2, 8), "crs")
    doubts = ("dose_unknown", "weight_unknown")
    give_treatment(
        course_id=course.pk, given=dose, confirmed=doubts, actor=nurse, now=at(course, 4)
    )
    for day, hour in ((2, 14), (3, 16)):
        log(course, nurse, day, hour, crs=replace(WELL, hypotension=day == 2), now=at(course, 4),
            remark="late")  # fmt: skip
    assert grades(course) == [(1, "final"), (2, "final"), (0, "final")]
    log(course, nurse, 5, 6, crs=WELL)
    assert episode(course).to_confirm


@pytest.mark.parametrize(
    ("hides", "found"),
    [
        ("unknown", [(1, "final"), (2, "provisional"), (0, "final")]),
        ("no", [(1, "final"), (2, "provisional"), (0, "final")]),
        ("yes", [(1, "final"), (2, "final"), (2, "final")]),
    ],
)
def test_another_drug_hides_fever_where_its_record_says_so_else_the_check_is_asked(
    course: Course, nurse: User, hides: str, found: list[tuple[int, str]]
) -> None:
    log(course, nurse, 2, 6, crs=HOT)
    dose = GivenDose("other", at(course, 2, 8), "crs", other_drug="Metamizole", hides_fever=hides)
    about: dict[str, Any] = {"course_id": course.pk, "confirmed": ("dose_unknown",), "actor": nurse}
    row = give_treatment(**about, given=dose, now=at(course, 2, 9))
    log(course, nurse, 2, 14, crs=replace(WELL, hypotension=True, fever_masked=None))
    log(course, nurse, 2, 22, crs=replace(WELL, hypotension=True))
    assert grades(course) == found
    # Whoever puts the record right is believed at once.
    correct_treatment(
        **about, treatment_id=row.pk, given=replace(dose, hides_fever="yes"), reason="asked",
        now=at(course, 3),
    )  # fmt: skip
    assert grades(course) == [(1, "final"), (2, "final"), (2, "final")]
    with pytest.raises(IntegrityError), transaction.atomic():
        Treatment.objects.create(
            course=course, drug="g_csf", given_at=at(course, 2), purpose="crs", hides_fever="no",
            received_at=at(course, 2), recorded_by="test",
        )  # fmt: skip


def test_who_denies_what_an_earlier_check_of_the_same_crs_said_is_asked(
    course: Course, nurse: User
) -> None:
    low = replace(WELL, hypotension=True)
    log(course, nurse, 2, 6, crs=HOT)
    log(course, nurse, 2, 14, crs=replace(low, fever_masked=True))
    denied = log(course, nurse, 2, 22, crs=low).assessment
    log(course, nurse, 3, 6, crs=WELL)
    log(course, nurse, 4, 14, crs=WELL)
    assert grades(course) == [
        (1, "final"), (2, "final"), (2, "provisional"), (0, "final"), (0, "final"),
    ]  # fmt: skip
    shown = grades_of(denied)[0]
    assert "denies it" in shown.warnings[0]
    assert "whether a drug hides the fever is not known" in shown.sentence
    assert (episode(course).ongoing, episode(course).to_confirm) == (True, True)
    # The next episode begins with no answer of the one before; a drug on record settles it.
    give(course, 2, 20)
    log(course, nurse, 5, 20, crs=HOT)
    log(course, nurse, 6, 6, crs=low)
    assert [grades(course)[2], *grades(course)[-2:]] == [(2, "final"), (1, "final"), (0, "final")]


def test_a_tick_that_was_not_set_is_not_read_as_a_no(course: Course, nurse: User) -> None:
    log(course, nurse, 2, 6, crs=HOT)
    said = row_of(Seen(at(course, 2, 14), crs=replace(WELL, hypotension=True)))
    assert said.signs["crs"]["fever_masked"] == "no"
    said.signs["crs"]["fever_masked"] = False  # as it was kept once
    said.course, said.received_at, said.recorded_by = course, at(course, 2, 14), "test"
    said.save()
    log(course, nurse, 2, 22, crs=replace(WELL, hypotension=True))
    assert grades(course) == [(1, "final"), (2, "provisional"), (0, "final")]


def test_since_when_a_drug_hides_the_fever_is_known_while_crs_is_open(
    course: Course, nurse: User
) -> None:
    assert crs_open_after(course) is None
    log(course, nurse, 1, 6, crs=WELL)
    assert crs_open_after(course) is None
    log(course, nurse, 2, 6, crs=HOT)
    assert crs_open_after(course) == at(course, 1, 6)
    for day, hour in ((2, 14), (3, 16)):
        log(course, nurse, day, hour, crs=WELL)
    assert crs_open_after(course) is None


class TestRecordOnly:
    """A centre that computes nothing: the grade is picked beside the published table."""

    @pytest.fixture
    def protocol(self, db: None) -> Protocol:
        """As shipped."""
        return make_protocol()

    @pytest.mark.parametrize(
        ("drug", "signs", "over"),
        [("tocilizumab", None, False), ("tocilizumab", replace(WELL, fever_masked=False), False),
         ("", None, False), ("", replace(WELL, fever_masked=None), False), ("", WELL, True)],
        ids=["drug", "drug, denied", "nothing said", "not said", "nothing hides it"],
    )  # fmt: skip
    def test_zeros_end_crs_only_where_nothing_hides_it(
        self, course: Course, nurse: User, drug: str, signs: CrsSigns | None, over: bool
    ) -> None:
        log(course, nurse, 2, 6, chosen={"crs": 2})
        if drug:
            give(course, 2, 10, drug)
        for day, hour in ((2, 14), (3, 16)):
            log(course, nurse, day, hour, chosen={"crs": 0}, crs=signs)
        assert grades(course) == [(2, "final"), (0, "final"), (0, "final")]
        assert (episode(course).ongoing, episode(course).to_confirm) == (not over, not over)


def test_a_warning_goes_once_a_recorded_drug_answers_it_and_nobody_is_told_again(
    course: Course, nurse: User
) -> None:
    unsaid = replace(WELL, fever_masked=None, hypotension=None, vasopressors=None)
    log(course, nurse, 2, 6, crs=replace(SUPPORTED, temp_c=Decimal("38.6")))
    for hour in (14, 15):
        log(course, nurse, 2, hour, crs=replace(unsaid, temp_c=Decimal("36.9")))
    told = list(Notice.objects.values_list("pk", "causes", "withdrawn_at"))
    before = [one.grades["crs"] for one in checks_of(course)[1:]]
    dose = GivenDose("dexamethasone", at(course, 2, 10), "crs", Decimal(10), "mg", route="iv")
    give_treatment(course_id=course.pk, given=dose, actor=nurse, now=at(course, 2, 16))
    after = [one.grades["crs"] for one in checks_of(course)[1:]]
    assert {w["code"] for one in before for w in one.warnings} == {"masking_needed"}
    assert {w["code"] for one in after for w in one.warnings} == {"signs_not_known"}
    assert [(one.grade, one.status) for one in before] == [(one.grade, one.status) for one in after]
    assert list(Notice.objects.values_list("pk", "causes", "withdrawn_at")) == told
    regrade(course, infusion_day(course), actor=nurse, now=at(course, 3))
    assert [one.grades["crs"].pk for one in checks_of(course)[1:]] == [one.pk for one in after]
