"""The multidisciplinary meeting: minutes, vote, signature, and the moves that wait for it."""

from datetime import timedelta
from typing import Any

import pytest

from audit.models import AuditEvent
from pathway.loading import load_state
from pathway.meeting import sign_meeting
from pathway.models import EligibilityReview, Meeting
from patients.models import Course
from terms.refusals import NotAllowed, Refused
from tests.conftest import UserWith
from tests.services.refused import codes, fields
from tests.walking import Walk

pytestmark = pytest.mark.walked("to_eligibility")


@pytest.fixture
def walk(walk: Walk) -> Walk:
    """A course whose review is on the meeting's list."""
    walk.move("eligibility", "assessing", "coordinator")
    walk.assess().move("eligibility", "mdt_review", "coordinator")
    return walk


def test_the_vote_leads_on_once_its_minutes_are_signed(walk: Walk) -> None:
    with pytest.raises(Refused) as none:
        walk.move("eligibility", "accepted")
    assert codes(none.value) == {"minutes_missing"}
    walk.meet(sign=False)
    with pytest.raises(Refused) as unsigned:
        walk.move("eligibility", "accepted")
    assert codes(unsigned.value) == {"minutes_not_signed"}
    drafted = Meeting.objects.get()
    signed = sign_meeting(
        course_id=walk.course.pk, meeting_id=drafted.pk, actor=walk.by("haematologist"),
        now=walk.tick(),
    )  # fmt: skip
    assert (signed.replaces_id, signed.signed_by) == (drafted.pk, walk.by("haematologist"))
    assert Meeting.objects.get(pk=drafted.pk).signed_by is None
    with pytest.raises(Refused) as otherwise:
        walk.move("eligibility", "deferred", reason="x")
    assert codes(otherwise.value) == {"vote_differs"}
    walk.course.refresh_from_db()
    assert walk.move("eligibility", "accepted").target == "accepted"
    actions = AuditEvent.objects.filter(action__startswith="meeting.").order_by("pk")
    assert [event.action for event in actions] == ["meeting.record", "meeting.sign"]
    assert actions[1].after["replaces"] == drafted.pk


def test_a_later_meeting_takes_the_place_of_an_earlier_one(walk: Walk) -> None:
    walk.meet().meet("not_eligible", reason="unfit")
    review = load_state(walk.course).assessments.meetings
    assert [one.vote for one in review] == ["not_eligible"]
    assert Meeting.objects.count() == 2
    with pytest.raises(Refused) as replaced:
        sign_meeting(
            course_id=walk.course.pk,
            meeting_id=Meeting.objects.earliest("pk").pk,
            actor=walk.by("haematologist"),
            now=walk.tick(),
        )
    assert codes(replaced.value) == {"no_such_row"}
    with pytest.raises(Refused) as twice:
        sign_meeting(
            course_id=walk.course.pk,
            meeting_id=Meeting.objects.latest("pk").pk,
            actor=walk.by("haematologist"),
            now=walk.tick(),
        )
    assert codes(twice.value) == {"already_signed"}


@pytest.mark.parametrize(
    ("vote", "given", "refused"),
    [
        ("perhaps", {}, {("vote", "unknown_vote")}),
        ("accepted", {"in_favour": 1, "against": 1}, {("in_favour", "no_majority")}),
        ("accepted", {"in_favour": 3, "abstained": -1}, {("in_favour", "no_majority")}),
        ("not_eligible", {"reason": " "}, {("reason", "reason_missing")}),
        ("deferred", {}, {("reason", "reason_missing"), ("review_on", "review_missing")}),
        (
            "accepted",
            {"participants": " ", "minutes": "x" * 10_001},
            {("participants", "value_missing"), ("minutes", "too_long")},
        ),
    ],
)
def test_minutes_that_cannot_be_are_refused_by_name(
    walk: Walk, vote: str, given: dict[str, Any], refused: set[tuple[str, str]]
) -> None:
    with pytest.raises(Refused) as said:
        walk.meet(vote, **given)
    assert fields(said.value) == refused
    assert not Meeting.objects.exists()


def test_the_days_of_a_meeting_lie_in_order(walk: Walk) -> None:
    today = walk.now.date()
    with pytest.raises(Refused) as early:
        walk.meet(held_on=today - timedelta(days=9))
    assert fields(early.value) == {("held_on", "before_the_list")}
    with pytest.raises(Refused) as late:
        walk.meet(held_on=today + timedelta(days=9))
    assert ("held_on", "future_date") in fields(late.value)
    with pytest.raises(Refused) as review:
        walk.meet("deferred", reason="fever", review_on=today - timedelta(days=1))
    assert fields(review.value) == {("review_on", "review_too_early")}


def test_the_move_may_name_a_later_day_of_review_than_the_meeting(walk: Walk) -> None:
    today = walk.now.date()
    walk.meet("deferred", reason="fever", review_on=today + timedelta(days=7))
    later = today + timedelta(days=30)
    walk.move("eligibility", "deferred", reason="fever", details={"review_on": str(later)})
    assert EligibilityReview.objects.get(course=walk.course).review_on == later


def test_who_writes_and_who_signs(walk: Walk, user_with: UserWith) -> None:
    walk._users["haematologist"] = user_with("coordinator")
    with pytest.raises(NotAllowed) as signing:
        walk.meet()
    assert [one.who_may for one in signing.value.refusals] == [("haematologist",)]
    walk.meet(sign=False)
    with pytest.raises(NotAllowed):
        sign_meeting(
            course_id=walk.course.pk, meeting_id=Meeting.objects.get().pk,
            actor=walk.by("coordinator"), now=walk.tick(),
        )  # fmt: skip
    walk._users["haematologist"] = user_with("ward_nurse")
    with pytest.raises(NotAllowed) as writing:
        walk.meet(sign=False)
    assert [one.who_may for one in writing.value.refusals] == [("coordinator", "haematologist")]


def test_a_meeting_is_about_a_review_on_the_list(course: Course, user_with: UserWith) -> None:
    walk = Walk(course, user_with).prepare()
    with pytest.raises(Refused) as none:
        walk.meet()
    assert codes(none.value) == {"not_on_the_list"}
    walk.go("eligibility", "coordinator")
    with pytest.raises(Refused) as early:
        walk.meet()
    assert codes(early.value) == {"not_on_the_list"}
    with pytest.raises(Meeting.DoesNotExist):
        sign_meeting(
            course_id=course.pk, meeting_id=1, actor=walk.by("haematologist"), now=walk.tick()
        )


def test_a_review_opened_again_the_same_day_is_voted_on_again(walk: Walk) -> None:
    walk.meet().move("eligibility", "accepted")
    walk.move("eligibility", "assessing", reason="a new lesion")
    walk.move("eligibility", "mdt_review", "coordinator")
    with pytest.raises(Refused) as morning:
        walk.move("eligibility", "accepted")
    assert codes(morning.value) == {"minutes_missing"}
    walk.meet().move("eligibility", "accepted")
