"""Fever that a drug may hide: what nobody said of it neither lowers a grade nor ends an episode."""

from dataclasses import replace
from decimal import Decimal

import pytest

from accounts.models import User
from config.demo_data.computing import computing
from patients.models import Course
from protocol.models import Protocol
from tests.conftest import PROTOCOL_FILE, UserWith, make_protocol
from tests.toxicity_course import HOT, WELL, at, infuse, log
from toxicity.checks import checks_of
from toxicity.domain.crs import CrsSigns
from toxicity.domain.given import MASKING
from toxicity.given_refusals import GivenDose
from toxicity.giving import give_treatment
from toxicity.models import Episode, Treatment
from toxicity.resuming import crs_open_after

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


@pytest.fixture
def nurse(user_with: UserWith) -> User:
    """A ward nurse."""
    return user_with("ward_nurse")


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


def test_another_drug_leaves_the_answer_to_the_check(course: Course, nurse: User) -> None:
    log(course, nurse, 2, 6, crs=HOT)
    dose = GivenDose("other", at(course, 2, 8), "crs", other_drug="Metamizole")
    give_treatment(
        course_id=course.pk, given=dose, confirmed=("dose_unknown",), actor=nurse,
        now=at(course, 2, 9),
    )  # fmt: skip
    log(course, nurse, 2, 14, crs=replace(WELL, hypotension=True, fever_masked=None))
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
