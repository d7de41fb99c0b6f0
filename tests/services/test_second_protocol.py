"""A course of the second protocol from referral to follow-up: nothing is made for one product."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from accounts.models import User
from pathway.domain.rules import PathwayRules
from pathway.referring import NewCourse, refer
from pathway.selectors import course_state
from patients.models import Course
from patients.people import NewPatient
from protocol.models import Protocol
from protocol.selectors import settings_of
from protocol.services import publish
from reminders.models import Reminder
from terms.refusals import Refused
from tests.conftest import NOW, UserWith
from tests.walking import DAY_ZERO, Walk

pytestmark = pytest.mark.django_db

FILE = Path(__file__).parents[2] / "protocols" / "tisacel-young-all.toml"


@pytest.fixture
def young_protocol(protocol: Protocol) -> Protocol:
    """The second shipped protocol, in force beside the first."""
    return publish(content=FILE.read_bytes(), filename=FILE.name, actor_name="test", now=NOW)


def referred(actor: User, protocol: Protocol, born: date) -> Course:
    patient = NewPatient(
        family_name="Neri",
        given_name="Alice",
        birth_date=born,
        sex="female",
        identifiers=(("Hospital", "Y1"),),
    )
    course = NewCourse(protocol_code=protocol.code, referred_on=date(2026, 9, 1))
    return refer(patient=patient, course=course, actor=actor, now=NOW)


def test_a_child_walks_from_referral_to_follow_up_by_the_second_protocol(
    user_with: UserWith, coordinator: User, young_protocol: Protocol
) -> None:
    course = referred(coordinator, young_protocol, date(2015, 1, 21))
    assert course.product == "tisagenlecleucel"
    walk = Walk(course, user_with).to_follow_up()
    state = course_state(coordinator, course.pk)
    assert (state.journey.stage, state.infused_on) == ("follow_up", DAY_ZERO)
    # The slot was told by telephone; nothing else of this protocol stands in the way.
    asked = {one["code"] for change in state.changes for one in change.overrides}
    assert asked == {"slot_unknown"}
    rules = state.facts(on=walk.now.date()).rules
    assert (rules.target_days("bridging"), rules.lymphodepletion.first_day) == (35, -6)
    due = Reminder.objects.filter(course=course, item="MARROW").earliest("due_on")
    assert due.due_on == DAY_ZERO + timedelta(days=28)


def test_the_upper_age_of_the_second_protocol_asks_for_a_reason(
    user_with: UserWith, coordinator: User, young_protocol: Protocol
) -> None:
    walk = Walk(referred(coordinator, young_protocol, date(1990, 1, 21)), user_with).prepare()
    with pytest.raises(Refused) as refused:
        walk.go("eligibility", "coordinator")
    assert [one.code for one in refused.value.refusals] == ["over_label_age"]
    change = walk.go("eligibility", overrides={"over_label_age": "compassionate use"})
    assert [(one["code"], one["reason"]) for one in change.overrides] == [
        ("over_label_age", "compassionate use")
    ]


def test_both_protocols_stand_beside_each_other(
    young_protocol: Protocol, protocol: Protocol
) -> None:
    adult, young = (PathwayRules.of(settings_of(one)) for one in (protocol, young_protocol))
    assert (adult.maximum_age, young.minimum_age.value) == (None, 3)
    assert adult.lymphodepletion != young.lymphodepletion
