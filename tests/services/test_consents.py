"""A consent counts from its day, until a later refusal; who leads the course hears of one."""

from datetime import timedelta
from typing import Any

import pytest

from patients.charting import add_entry
from patients.correcting import correct_entry
from patients.models import Consent, Course
from reminders.models import Notice
from terms.refusals import Refused
from tests.walking import Walk


def told(course: Course) -> list[str]:
    return list(Notice.objects.standing().filter(course=course).values_list("code", flat=True))


def answer(walk: Walk, **values: Any) -> Consent:
    entry = add_entry(
        course_id=walk.course.pk,
        kind="consent",
        values={"on": str(walk.now.date()), "kind": "data", "given": True, **values},
        actor=walk.by("coordinator"),
        now=walk.tick(),
    )
    assert isinstance(entry, Consent)
    return entry


def test_a_refusal_undoes_an_earlier_consent_and_is_told(walk: Walk, course: Course) -> None:
    answer(walk, kind="assessment", given=False, on=str(course.referred_on))
    assert told(course) == []  # nobody had gone on by a consent given before
    walk.prepare().until(-39)
    answer(walk, given=False)
    assert told(course) == ["consent_refused"]
    with pytest.raises(Refused) as refused:
        walk.go("eligibility", "coordinator")
    assert [one.code for one in refused.value.refusals] == ["consent_missing"]
    answer(walk, given=False, on=str(course.referred_on))  # an old one, entered late
    walk.until(-38)
    answer(walk)
    yesterday = walk.now - timedelta(days=1)
    with pytest.raises(Refused) as refused:
        walk.go("eligibility", "coordinator", happened_at=yesterday)  # given only later
    assert "consent_missing" in [one.code for one in refused.value.refusals]
    walk.go("eligibility", "coordinator")


@pytest.mark.walked("to_eligibility")
def test_an_answer_corrected_to_a_refusal_is_told(walk: Walk, course: Course) -> None:
    given = course.consents.get(kind="data")
    values = {"on": given.on, "kind": "data", "given": False}
    correct_entry(
        course_id=course.pk, kind="consent", entry_id=given.pk, values=values,
        reason="the box for no was ticked", actor=walk.by("quality"), now=walk.tick(),
    )  # fmt: skip
    (notice,) = Notice.objects.standing()
    assert (notice.code, notice.about) == ("consent_refused", f"consent:{given.pk}")
    assert notice.roles == ["coordinator", "haematologist"]
