"""What was hidden while a patient died or a course ended comes back as everything else stands."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from accounts.models import User
from pathway.transitions import MoveOrder, advance
from patients.charting import add_entry
from patients.deaths import record_death, withdraw_death
from patients.holds import open_hold
from patients.mistaken_facts import bring_back, mark_fact
from patients.models import Correction, Course, Hold, Stay
from patients.stays import admit, discharge
from reminders.models import Notice
from terms.refusals import Refused
from tests.conftest import UserWith
from tests.services.refused import codes

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 12, 1, 9, tzinfo=UTC)
DIED = date(2026, 11, 25)


class Desk:
    """One course with somebody who marks and somebody who brings back."""

    def __init__(self, course: Course, user_with: UserWith) -> None:
        self.course, self.now = course, NOW
        self.doctor, self.quality = user_with("haematologist"), user_with("quality")

    def by(self, actor: User | None = None) -> dict[str, Any]:
        """Who and when: a minute after the deed before."""
        self.now += timedelta(minutes=1)
        return {"actor": actor or self.doctor, "now": self.now}

    def admit(self, day: int) -> Stay:
        """Admit in November."""
        on = date(2026, 11, day)
        return admit(course_id=self.course.pk, unit="ward", place="", on=on, **self.by())

    def hold(self, day: int = 10) -> Hold:
        """Hold the infusion since a day of November."""
        return open_hold(
            course_id=self.course.pk, step="infusion", reason_code="PERSONAL",
            began_on=date(2026, 11, day), **self.by(),
        )  # fmt: skip

    def hold_other(self) -> Hold:
        """Hold lymphodepletion."""
        return open_hold(
            course_id=self.course.pk, step="lymphodepletion", reason_code="TRAVEL",
            began_on=date(2026, 11, 10), **self.by(),
        )  # fmt: skip

    def hide(self, kind: str, pk: int) -> Correction:
        """Mark a fact as entered in error."""
        return mark_fact(
            course_id=self.course.pk, kind=kind, fact_id=pk, reason="wrong", **self.by()
        )

    def show(self, mark: Correction) -> None:
        """Bring it back."""
        bring_back(correction_id=mark.pk, reason="right after all", **self.by(self.quality))

    def die(self) -> str:
        """Record the death; the key of what it closes."""
        death = record_death(patient_id=self.course.patient_id, died_on=DIED, **self.by())
        return f"death:{death.pk}"

    def live(self) -> None:
        """Take the death back."""
        withdraw_death(patient_id=self.course.patient_id, reason="another patient", **self.by())


@pytest.fixture
def desk(course: Course, user_with: UserWith) -> Desk:
    return Desk(course, user_with)


def test_stay_and_hold_hidden_at_a_death_come_back_ended_by_it_and_open_with_its_undo(
    desk: Desk,
) -> None:
    stay, hold = desk.admit(20), desk.hold()
    marks = [desk.hide("stay", stay.pk), desk.hide("hold", hold.pk)]
    cause = desk.die()
    for mark in marks:
        desk.show(mark)
    for fact in (stay, hold):
        fact.refresh_from_db()
        assert (fact.ended_on, fact.ended_cause) == (DIED, cause)
    desk.live()
    for fact in (stay, hold):
        fact.refresh_from_db()
        assert (fact.ended_on, fact.ended_cause, fact.in_error) == (None, "", False)


def test_what_a_death_ended_before_it_was_hidden_opens_though_the_undo_came_first(
    desk: Desk,
) -> None:
    stay, hold = desk.admit(20), desk.hold()
    desk.die()
    marks = [desk.hide("stay", stay.pk), desk.hide("hold", hold.pk)]
    desk.live()
    for mark in marks:
        desk.show(mark)
    assert desk.course.stays.get().ended_on is None
    assert desk.course.holds.get().ended_on is None


def test_two_that_would_be_open_at_once_after_the_undo_are_refused(desk: Desk) -> None:
    stay, hold = desk.admit(20), desk.hold()
    marks = [desk.hide("stay", stay.pk), desk.hide("hold", hold.pk)]
    desk.admit(DIED.day)
    desk.hold(12)
    desk.die()
    for mark, code in zip(marks, ("overlaps", "already_held"), strict=True):
        with pytest.raises(Refused) as caught:
            desk.show(mark)
        assert codes(caught.value) == {code}
    desk.live()
    assert desk.course.stays.filter(ended_on=None).count() == 1
    assert desk.course.holds.filter(ended_on=None).count() == 1


def test_nothing_that_shows_life_comes_back_after_the_death(desk: Desk) -> None:
    late = desk.admit(28)
    marks = [desk.hide("stay", late.pk)]
    began = desk.hold(28)
    held = desk.hide("hold", began.pk)
    for kind, values in (
        ("comorbidity", {"on": "2026-11-29", "description": "pneumonia"}),
        ("attempt", {"on": "2026-11-29", "means": "phone", "made_by": "Rita", "reached": "true"}),
    ):
        entry = add_entry(course_id=desk.course.pk, kind=kind, values=values, **desk.by())
        marks.append(desk.hide(kind, entry.pk))
    note = add_entry(
        course_id=desk.course.pk,
        kind="note",
        values={"on": "2026-11-29", "text": "asked for her"},
        **desk.by(),
    )
    noted = desk.hide("note", note.pk)
    undated = add_entry(
        course_id=desk.course.pk, kind="comorbidity", values={"description": "gout"}, **desk.by()
    )
    marked = desk.hide("comorbidity", undated.pk)
    desk.die()
    for mark in marks:
        with pytest.raises(Refused) as caught:
            desk.show(mark)
        assert codes(caught.value) == {"after_death"}
    for mark in (noted, marked, held):
        desk.show(mark)
    began.refresh_from_db()
    assert began.ended_on == began.began_on  # as the death ends a hold begun before anybody knew
    desk.live()
    for mark in marks:
        desk.show(mark)
    assert desk.course.stays.get().ended_on is None


def test_hold_hidden_at_an_exit_comes_back_ended_and_opens_on_the_way_back(desk: Desk) -> None:
    hold = desk.hold()
    mark = desk.hide("hold", hold.pk)
    left = {"exit_reason": "patient_choice", "exit_scope": "treatment_only"}
    advance(
        course_id=desk.course.pk,
        order=MoveOrder(target="withdrawn", happened_at=desk.now, reason="chose", details=left),
        **desk.by(),
    )
    desk.show(mark)
    hold.refresh_from_db()
    assert hold.ended_cause.startswith("change:")
    advance(
        course_id=desk.course.pk,
        order=MoveOrder(target="referral", happened_at=desk.now, reason="a mistake"),
        **desk.by(),
    )
    hold.refresh_from_db()
    assert (hold.ended_on, hold.in_error) == (None, False)


def test_an_ended_stay_comes_back_as_it_was(desk: Desk) -> None:
    stay = desk.admit(20)
    discharge(course_id=desk.course.pk, on=date(2026, 11, 22), **desk.by())
    mark = desk.hide("stay", stay.pk)
    desk.die()
    desk.show(mark)
    stay.refresh_from_db()
    assert (stay.ended_on, stay.ended_cause) == (date(2026, 11, 22), "")


def test_a_hold_brought_back_while_the_patient_was_dead_is_told_when_it_opens(desk: Desk) -> None:
    hold, other = desk.hold(), desk.hold_other()
    told = Notice.objects.standing().filter(code="hold_opened")
    mark = desk.hide("hold", hold.pk)
    assert [one.about for one in told] == [f"hold:{other.pk}"]
    desk.die()
    desk.show(mark)
    assert [one.about for one in told.all()] == [f"hold:{other.pk}"]
    desk.live()
    found = {one.about: len(one.causes) for one in told.all()}
    assert found == {f"hold:{other.pk}": 1, f"hold:{hold.pk}": 1}
