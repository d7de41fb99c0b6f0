"""Two taps at the same moment, on the real PostgreSQL: one treatment, whoever was quicker."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

from accounts.models import User
from patients.models import Course
from tests.conftest import NOW, Refer
from tests.faults.test_racing_custody import race
from toxicity.given_refusals import GivenDose
from toxicity.giving import correct_treatment, give_treatment
from toxicity.models import Treatment

KEY = UUID("7f1d9a52-0000-4000-8000-000000000003")
DEXA = GivenDose(
    "dexamethasone", datetime(2026, 11, 11, 20, tzinfo=UTC), "prevention", Decimal("10"), "mg"
)


def giving(course: Course, actor: User, given: GivenDose = DEXA) -> Callable[[], Treatment]:
    """Somebody who gives under the one key when told to; they know it is before the infusion."""

    def give() -> Treatment:
        return give_treatment(
            course_id=course.pk, given=given, confirmed=["before_infusion"], key=KEY,
            actor=User.objects.get(pk=actor.pk), now=NOW,
        )  # fmt: skip

    return give


def test_a_double_tap_stores_one_row(
    transactional_db: None, refer_patient: Refer, coordinator: User
) -> None:
    course = refer_patient(coordinator)
    assert race(*[giving(course, coordinator) for _ in range(4)]) == ["done"] * 4
    assert Treatment.objects.count() == 1


def test_one_key_for_two_courses_at_once_stands_for_one_of_them(
    transactional_db: None, refer_patient: Refer, coordinator: User
) -> None:
    taps = [giving(refer_patient(coordinator), coordinator) for _ in range(3)]
    assert race(*taps) == ["done", "key_reused", "key_reused"]
    assert Treatment.objects.count() == 1


def test_of_two_corrections_at_once_one_stands(
    transactional_db: None, refer_patient: Refer, coordinator: User
) -> None:
    course = refer_patient(coordinator)
    first = giving(course, coordinator)()

    def correcting(times: int) -> Callable[[], Treatment]:
        def correct() -> Treatment:
            return correct_treatment(
                course_id=course.pk, treatment_id=first.pk, given=replace(DEXA, times=times),
                reason="misread", confirmed=["before_infusion"],
                actor=User.objects.get(pk=coordinator.pk), now=NOW,
            )  # fmt: skip

        return correct

    assert race(correcting(2), correcting(3)) == ["already_replaced", "done"]
    assert Treatment.objects.standing().count() == 1
