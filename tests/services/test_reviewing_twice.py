"""Two clinicians on one grade: whoever comes second reads the first word before overruling it."""

from typing import Any

import pytest

from accounts.models import User
from audit.models import AuditEvent
from config.demo_data.computing import computing
from patients.models import Course
from protocol.models import Protocol
from terms.refusals import Overtaken
from tests.conftest import PROTOCOL_FILE, UserWith, make_protocol
from tests.services.refused import codes
from tests.toxicity_course import HOT, at, infuse, log
from toxicity.models import AssessmentGrade, GradeReview
from toxicity.reviewing import review_grade

pytestmark = pytest.mark.django_db
ILL: dict[str, Any] = {"verdict": "overridden", "grade": 3, "reason": "hypoxia at night"}


@pytest.fixture
def protocol(db: None) -> Protocol:
    """A centre that has its grades computed."""
    return make_protocol(computing(PROTOCOL_FILE.read_bytes()))


@pytest.fixture
def grade(course: Course, user_with: UserWith) -> AssessmentGrade:
    """CRS 1 of a check that stands."""
    nurse = user_with("ward_nurse")
    return log(infuse(course), nurse, 1, crs=HOT).assessment.grades.get()


def says(row: AssessmentGrade, who: User, hour: int = 12, **said: Any) -> GradeReview:
    course = row.assessment.course
    return review_grade(grade_id=row.pk, actor=who, now=at(course, 2, hour), **said)


def test_nobody_is_overruled_unread(grade: AssessmentGrade, user_with: UserWith) -> None:
    first, second = user_with("haematologist"), user_with("haematologist", username="second")
    ill = says(grade, first, **ILL)
    with pytest.raises(Overtaken) as refused:
        says(grade, second, 13, verdict="confirmed")
    assert codes(refused.value) == {"spoken_meanwhile"}
    told = str(refused.value.refusals[0])
    for word in (first.get_username(), "Another grade", "grade 3", "hypoxia at night"):
        assert word in told
    assert refused.value.standing["id"] == ill.pk
    assert GradeReview.objects.get() == ill
    # Read, and overruled all the same: both words are kept.
    over = says(grade, second, 13, verdict="confirmed", answers=ill.pk)
    with pytest.raises(Overtaken):
        says(grade, first, 14, answers=ill.pk, verdict="other_cause", reason="sepsis")
    assert GradeReview.objects.latest("pk") == over
    assert AuditEvent.objects.filter(action="grade.review").count() == 2


def test_what_is_wrong_besides_is_said_with_it(grade: AssessmentGrade, user_with: UserWith) -> None:
    says(grade, user_with("haematologist"), **ILL)
    with pytest.raises(Overtaken) as refused:
        says(grade, user_with("haematologist", username="second"), 13, verdict="other_cause")
    assert codes(refused.value) == {"spoken_meanwhile", "reason_needed"}


def test_a_double_tap_is_one_word(grade: AssessmentGrade, user_with: UserWith) -> None:
    doctor = user_with("haematologist")
    assert says(grade, doctor, **ILL) == says(grade, doctor, 13, **ILL)
    assert GradeReview.objects.count() == 1
    with pytest.raises(Overtaken):
        says(grade, doctor, 13, **ILL | {"grade": 2})
