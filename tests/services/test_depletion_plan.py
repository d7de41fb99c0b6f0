"""Moving the planned day 0 moves the planned lymphodepletion and its doses, and nothing begun."""

from datetime import date, timedelta

import pytest

from audit.models import AuditEvent
from pathway.models import Lymphodepletion
from patients.models import Course
from patients.models.courses import AnchorKind
from tests.conftest import UserWith
from tests.walking import DAY_ZERO, Walk

WEEK, FIRST = timedelta(days=7), timedelta(days=-4)


@pytest.fixture
def walk(course: Course, user_with: UserWith) -> Walk:
    """A course at lymphodepletion with day 0 planned."""
    walk = Walk(course, user_with).to_lymphodepletion().until(-6)
    walk.plan("infusion", DAY_ZERO)
    return walk


def planned(walk: Walk) -> tuple[date | None, list[date | None], list[date | None]]:
    """The planned day of the companion, of the anchor's occurrences, of the doses."""
    found = walk.course.anchors.filter(kind=AnchorKind.LYMPHODEPLETION).order_by("occurrence")
    row = Lymphodepletion.objects.filter(course=walk.course).latest("pk")
    doses = [dose.planned_on for dose in walk.doses("lymphodepletion")]
    return row.planned_on, [anchor.planned_on for anchor in found], doses


def test_all_that_is_planned_follows_day_zero(walk: Walk) -> None:
    walk.open("lymphodepletion", regimen="Flu/Cy", planned_on=DAY_ZERO + FIRST)
    _day, _anchors, before = planned(walk)
    walk.plan("infusion", DAY_ZERO + WEEK, reason="EBV")
    first = DAY_ZERO + WEEK + FIRST
    assert planned(walk) == (first, [first], [day + WEEK for day in before if day])
    event = AuditEvent.objects.get(action="lymphodepletion.replan")
    assert event.before == {"planned_on": str(DAY_ZERO + FIRST)}
    # Its own plan moves it too; the doses stay with day 0.
    walk.plan("lymphodepletion", first + timedelta(days=1), reason="no bed")
    later = first + timedelta(days=1)
    assert planned(walk)[:2] == (later, [later])
    walk.plan("discharge", DAY_ZERO + 3 * WEEK)
    assert planned(walk)[0] == later


def test_a_plan_without_a_companion_follows_and_nothing_planned_stays_so(walk: Walk) -> None:
    walk.plan("infusion", DAY_ZERO + WEEK, reason="EBV")
    assert not walk.course.anchors.filter(kind=AnchorKind.LYMPHODEPLETION).exists()
    walk.plan("lymphodepletion", DAY_ZERO + FIRST)
    walk.plan("infusion", DAY_ZERO + 2 * WEEK, reason="EBV again")
    anchor = walk.course.anchors.get(kind=AnchorKind.LYMPHODEPLETION)
    assert anchor.planned_on == DAY_ZERO + 2 * WEEK + FIRST
    walk.open("lymphodepletion", regimen="Flu/Cy")
    walk.plan("infusion", DAY_ZERO, reason="well again")
    assert planned(walk)[0] is None


def test_what_has_begun_stays_where_it_is(walk: Walk) -> None:
    walk.open("lymphodepletion", regimen="Flu/Cy", planned_on=DAY_ZERO + FIRST)
    walk.pass_gate("lymphodepletion").until(-4).give("lymphodepletion", 1)
    walk.plan("infusion", DAY_ZERO + timedelta(days=1), reason="no bed")
    day, anchors, _doses = planned(walk)
    assert (day, anchors) == (DAY_ZERO + FIRST, [DAY_ZERO + FIRST])
