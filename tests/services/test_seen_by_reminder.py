"""Which work on a reminder shows that the patient was there, in the report and before a loss."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import User
from exports.domain.survival import Time
from pathway.loading import load_state
from patients.models import Course
from reminders.models import Reminder
from tests.conftest import Refer
from tests.services.test_cohort import LATER, enrol, only, samples
from tests.services.test_cohort_apart import reminder
from tests.services.test_counting import kept
from tests.toxicity_course import infuse
from tests.walking import DAY_ZERO, Walk

BY_HAND: dict[str, Any] = {
    "anchor_kind": "", "made_by": "somebody", "label": "Write to the family doctor",
    "anchor_occurrence": 0,
}  # fmt: skip


@pytest.mark.walked("to_follow_up")
@pytest.mark.parametrize(
    ("item", "said", "seen"),
    [
        ("VISIT_M3_12", {"role": "ward_nurse"}, True),
        ("VACC_FLU", {"role": "haematologist"}, True),
        ("REG_6M", {"role": "data_manager"}, False),
        ("AIFA_OUTCOME", {"role": "pharmacist"}, False),
        ("DRIVE_END", {"role": "coordinator"}, False),
        ("TASK", {"role": "haematologist", **BY_HAND}, False),
    ],
)
def test_a_form_filled_in_later_is_no_follow_up(
    walk: Walk, item: str, said: dict[str, Any], seen: bool
) -> None:
    actor, now = walk.by("coordinator"), walk.at(300)
    before = only(actor, now).follow_up
    last = load_state(walk.course).last_contact(now.date())
    Reminder.objects.bulk_create([reminder(walk.course, item, 99, 200, **said)])
    one = kept(actor, now).rows()[0]
    if seen:
        assert one.since_infusion(one.seen_on) == 200
        assert load_state(walk.course).last_contact(now.date()) == DAY_ZERO + timedelta(days=200)
        Reminder.objects.filter(course=walk.course, ordinal=99).update(role="data_manager")
        assert kept(actor, now).rows()[0].follow_up == before
    else:
        assert one.follow_up == before
        assert load_state(walk.course).last_contact(now.date()) == last


def test_who_is_seen_in_a_later_course_is_followed_in_the_first_one_too(
    coordinator: User, refer_patient: Refer
) -> None:
    now = LATER + timedelta(days=400)
    first = enrol(infuse(refer_patient(coordinator), DAY_ZERO))
    second = enrol(refer_patient(coordinator, number="OTHER"))
    Course.objects.filter(pk=second.pk).update(patient=first.patient)
    infuse(second, DAY_ZERO + timedelta(days=200))
    samples(first, "ANC", [(100, "2400", "")])
    kept(coordinator, now)
    samples(second, "ANC", [(400, "2400", "")])
    alive = [one.overall for one in kept(coordinator, now).rows()]
    assert alive == [Time(400, event=False), Time(200, event=False)]
    Course.objects.filter(pk=second.pk).update(error_cause="of somebody else")
    assert [one.overall for one in kept(coordinator, now).rows()] == [Time(100, event=False)]
    samples(second, "ANC", [(401, "2400", "")])
    kept(coordinator, now)
