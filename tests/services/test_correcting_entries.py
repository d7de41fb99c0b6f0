"""Correcting entries of the chart, entries in error and back: what counts, what is kept."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.db import DatabaseError, transaction

from accounts.models import Centre, User
from audit.models import AuditEvent
from exports.timeline import course_timeline
from pathway.dosing import DoseOrder
from pathway.loading import load_state
from patients.charting import KINDS, add_entry
from patients.correcting import correct_entry
from patients.deaths import record_death
from patients.fact_values import told, typed_values
from patients.identity import identity_view
from patients.mistaken_facts import bring_back, mark_fact, marks_of
from patients.models import Anchor, Correction, Course
from patients.results import latest_results
from patients.selectors import chart_of
from reminders.models import Notice, Reminder
from terms.refusals import NotAllowed, Refused, StaleVersion
from tests.conftest import UserWith
from tests.services.refused import codes, fields
from tests.services.test_charting import AFTER, GOOD
from tests.services.test_noticing import standing
from tests.walking import DAY_ZERO, Walk

NOW = datetime(2026, 12, 1, 9, tzinfo=UTC)
TODAY = NOW.date()


class Desk:
    """Adds, corrects and marks entries of one course, an hour later each time."""

    def __init__(self, course: Course, actor: User, quality: User) -> None:
        self.course, self.actor, self.quality, self.now = course, actor, quality, NOW

    def tick(self) -> datetime:
        self.now += timedelta(hours=1)
        return self.now

    def add(self, entry_kind: str, **values: Any) -> Any:
        return add_entry(
            course_id=self.course.pk,
            kind=entry_kind,
            values=values or GOOD[entry_kind],
            actor=self.actor,
            now=self.tick(),
        )

    def correct(self, entry_kind: str, entry: Any, **changed: Any) -> Any:
        reason, actor = changed.pop("reason", "typed wrongly"), changed.pop("actor", self.actor)
        version = changed.pop("expected_version", None)
        entry.refresh_from_db()
        return correct_entry(
            course_id=self.course.pk,
            kind=entry_kind,
            entry_id=entry.pk,
            values=typed_values(entry, entry_kind) | changed,
            reason=reason,
            actor=actor,
            now=self.tick(),
            expected_version=version,
        )

    def mark(self, entry_kind: str, entry: Any, **given: Any) -> Correction:
        asked = {"reason": "another patient's", "actor": self.actor, **given}
        return mark_fact(
            course_id=self.course.pk, kind=entry_kind, fact_id=entry.pk, now=self.tick(), **asked
        )

    def back(self, mark: Correction, **given: Any) -> Correction:
        asked = {"reason": "it was right", "actor": self.quality, **given}
        return bring_back(correction_id=mark.pk, now=self.tick(), **asked)


@pytest.fixture
def desk(course: Course, haematologist: User, user_with: UserWith) -> Desk:
    return Desk(course, haematologist, user_with("quality"))


@pytest.fixture
def followed(walk: Walk, desk: Desk) -> Desk:
    """A course in follow-up: the first marrow check is due four weeks after day 0."""
    return desk


def first_marrow(course: Course) -> Reminder:
    return Reminder.objects.get(course=course, item="MARROW", ordinal=1)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_is_corrected_marked_and_brought_back(desk: Desk, kind: str) -> None:
    entry = desk.add(kind)
    before = typed_values(entry, kind)
    words = [named.value for _name, named in told(desk.course, kind, entry, TODAY)]
    on = "2026-11-09"
    new = desk.correct(kind, entry, on=on)
    new.refresh_from_db()
    assert new.pk == entry.pk
    assert typed_values(new, kind) == {**before, "on": on}
    # Everything besides the date reads as it did, comparator and unit included.
    assert [named.value for _name, named in told(desk.course, kind, new, TODAY)] == words
    assert (new.recorded_at, new.recorded_by) == (desk.now, desk.actor.username)
    (kept,) = Correction.objects.all()
    assert (kept.fact, kept.fact_id, kept.kind) == (kind, entry.pk, "corrected")
    assert (kept.reason, kept.corrected_by) == ("typed wrongly", desk.actor.username)
    assert kept.before["on"] == entry.on
    assert kept.before["recorded_by"] == desk.actor.username
    assert AuditEvent.objects.get(action=f"{kind}.corrected").reason == "typed wrongly"
    mark = desk.mark(kind, new)
    assert not KINDS[kind].model.objects.exists()
    assert KINDS[kind].model.all_rows.count() == 1
    assert list(marks_of(desk.quality)) == [mark]
    desk.back(mark)
    assert KINDS[kind].model.objects.get() == new
    actions = AuditEvent.objects.filter(action__startswith=f"{kind}.").values_list("action")
    assert [action for (action,) in actions.order_by("pk")] == [
        f"{kind}.{verb}" for verb in ("add", "corrected", "in_error", "brought_back")
    ]


def test_what_is_refused_is_refused_whole(
    desk: Desk, coordinator: User, other_centre: Centre, user_with: UserWith
) -> None:
    entry = desk.add("marrow")
    version = Course.objects.get(pk=desk.course.pk).version
    with pytest.raises(Refused) as caught:
        desk.correct("marrow", entry, on="2027", mrd="", reason=" ")
    assert fields(caught.value) == {
        ("reason", "reason_needed"),
        ("on", "future_date"),
        ("mrd", "required"),
    }
    with pytest.raises(Refused) as caught:
        desk.correct("marrow", entry)
    assert codes(caught.value) == {"nothing_changed"}
    with pytest.raises(Refused) as caught:
        desk.mark("marrow", entry, reason="")
    assert codes(caught.value) == {"reason_needed"}
    for wrong in (coordinator, user_with("ward_nurse")):
        with pytest.raises(NotAllowed):
            desk.correct("marrow", entry, on="2026", actor=wrong)
        with pytest.raises(NotAllowed):
            desk.mark("marrow", entry, actor=wrong)
    with pytest.raises(Course.DoesNotExist):
        desk.correct("marrow", entry, on="2026", actor=user_with("haematologist", at=other_centre))
    with pytest.raises(StaleVersion):
        desk.correct("marrow", entry, on="2026-11-10", expected_version=version - 1)
    assert not Correction.objects.exists()
    assert Course.objects.get(pk=desk.course.pk).version == version
    desk.correct("marrow", entry, on="2026-11-10", expected_version=version)
    assert Course.objects.get(pk=desk.course.pk).version == version + 1


def test_a_mark_is_undone_once_and_by_who_may(
    desk: Desk, other_centre: Centre, user_with: UserWith
) -> None:
    entry = desk.add("lab")
    mark = desk.mark("lab", entry)
    with pytest.raises(ObjectDoesNotExist):
        desk.mark("lab", entry)
    with pytest.raises(ObjectDoesNotExist):
        desk.correct("lab", entry, on="2026-11-10")
    with pytest.raises(NotAllowed):
        desk.back(mark, actor=desk.actor)
    with pytest.raises(Correction.DoesNotExist):
        desk.back(mark, actor=user_with("quality", at=other_centre))
    with pytest.raises(Refused) as caught:
        desk.back(mark, reason="")
    assert codes(caught.value) == {"reason_needed"}
    desk.back(mark)
    again = desk.mark("lab", entry)
    with pytest.raises(Refused) as caught:
        desk.back(mark)
    assert codes(caught.value) == {"already_undone"}
    desk.back(again)


def test_corrections_only_ever_grow(desk: Desk) -> None:
    desk.mark("note", desk.add("note"))
    for write in (
        lambda: Correction.objects.update(reason="another"),
        lambda: Correction.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            write()


def test_a_corrected_weight_is_the_one_that_counts(desk: Desk) -> None:
    def latest() -> Any:
        return latest_results(desk.course, ["WEIGHT"])["WEIGHT"].value

    weight = {"analyte": "WEIGHT", "unit": "kg", "on": "2026-11-10"}
    first = desk.add("lab", value="17", confirmed=True, **weight)
    assert latest() == 17
    desk.correct("lab", first, value="71", confirmed="")
    assert latest() == 71
    second = desk.add("lab", value="70", **weight)
    assert latest() == 70
    # Corrected later, yet not measured later: of one day the value entered last counts.
    desk.correct("lab", first, value="72")
    assert latest() == 70
    mark = desk.mark("lab", second)
    assert latest() == 72
    desk.back(mark)
    assert latest() == 70


def test_units_limits_and_answers_survive_a_correction(desk: Desk) -> None:
    viral = desk.add(
        "lab", on="2026-11-10", analyte="CMV", result="negative", value="<50", unit="[IU]/mL"
    )
    assert viral.comparator == "<"
    desk.correct("lab", viral, on="2026-11-09")
    viral.refresh_from_db()
    assert (viral.comparator, viral.value, viral.result) == ("<", Decimal(50), "negative")
    found = {name: str(named.value) for name, named in told(desk.course, "lab", viral, TODAY)}
    assert found["value"] == "<50"
    desk.correct("lab", viral, value="", unit="", result="positive")
    viral.refresh_from_db()
    assert (viral.comparator, viral.value, viral.typed) == ("", None, "")


def test_a_therapy_corrected_away_counts_for_no_washout(desk: Desk) -> None:
    line = desk.add(
        "line", on="2026-11-10", treatment="dexamethasone", drug_class="systemic_steroid"
    )

    def counted() -> list[tuple[str, date | None]]:
        found = load_state(desk.course).therapies
        return [(therapy.drug_class, therapy.last_on) for therapy in found]

    desk.correct("line", line, on="2026-10-01")
    assert counted() == [("systemic_steroid", date(2026, 10, 1))]
    desk.correct("line", line, drug_class="")
    assert counted() == [("", date(2026, 10, 1))]  # there, and weighed by nobody
    desk.correct("line", line, drug_class="systemic_steroid")
    mark = desk.mark("line", line)
    assert counted() == []
    desk.back(mark)
    assert counted() == [("systemic_steroid", date(2026, 10, 1))]


def test_a_consent_entered_in_error_is_missing(desk: Desk) -> None:
    consent = desk.add("consent")

    def missing() -> int:
        return len(load_state(desk.course).facts(on=TODAY).missing_consents)

    some = missing()
    mark = desk.mark("consent", consent)
    assert missing() == some + 1
    desk.back(mark)
    desk.correct("consent", consent, withdrawn_on="2026-11-10")
    assert missing() == some + 1
    assert standing(desk.course) == ["consent_withdrawn"]
    mark = desk.mark("consent", consent)
    assert standing(desk.course) == []
    desk.back(mark)
    assert standing(desk.course) == ["consent_withdrawn"]
    desk.correct("consent", consent, withdrawn_on="")
    assert missing() == some
    assert standing(desk.course) == []
    for wrong, code in (
        ({"withdrawn_on": "2026-01-01"}, "before_beginning"),
        ({"withdrawn_on": "2026-12-31"}, "future_date"),
        ({"withdrawn_on": "2026-11-10", "given": "false"}, "not_given"),
    ):
        with pytest.raises(Refused) as caught:
            desk.correct("consent", consent, **wrong)
        assert fields(caught.value) == {("withdrawn_on", code)}


def test_a_refuted_allergy_is_warned_of_no_more(desk: Desk) -> None:
    def warned() -> tuple[tuple[str, ...], bool]:
        view = identity_view(desk.actor, desk.course, TODAY)
        return view.allergies, view.no_allergies

    allergy = desk.add("allergy")
    none = {"on": "2026-11-20", "none_known": True}
    with pytest.raises(Refused) as caught:
        desk.add("allergy", **none)
    assert codes(caught.value) == {"allergy_known"}
    desk.correct("allergy", allergy, refuted_on="2026-11-20")
    # Refuted is not the same as none known: nobody said that yet.
    assert warned() == ((), False)
    desk.correct("allergy", allergy, refuted_on="")
    assert warned() == (("penicillin",), False)
    mark = desk.mark("allergy", allergy)
    assert warned() == ((), False)
    desk.add("allergy", **none)
    assert warned() == ((), True)
    desk.back(mark)
    assert warned() == (("penicillin",), False)
    with pytest.raises(Refused) as caught:
        desk.correct("allergy", allergy, substance="", none_known="true", refuted_on="2026-11-20")
    assert fields(caught.value) == {("refuted_on", "not_named")}
    # Said of the entry itself it is no contradiction.
    desk.correct("allergy", allergy, substance="", none_known="true", reaction="")
    assert warned() == ((), True)


@pytest.mark.walked("to_follow_up")
def test_a_marrow_corrected_away_opens_its_reminder_and_brought_back_closes_it(
    followed: Desk,
) -> None:
    desk, course = followed, followed.course
    due = first_marrow(course)
    marrow = desk.add("marrow", on=due.due_on.isoformat(), mrd="negative", remission="cr")
    assert (first_marrow(course).status, first_marrow(course).done_on) == ("done", due.due_on)
    moved = due.due_on + timedelta(days=1)
    desk.correct("marrow", marrow, on=moved.isoformat())
    assert (first_marrow(course).status, first_marrow(course).done_on) == ("done", moved)
    desk.correct("marrow", marrow, on=(DAY_ZERO + timedelta(days=1)).isoformat())
    assert (first_marrow(course).status, first_marrow(course).done_on) == ("open", None)
    desk.correct("marrow", marrow, on=moved.isoformat())
    mark = desk.mark("marrow", marrow)
    assert first_marrow(course).status == "open"
    assert chart_of(course).marrows == ()
    codes_seen = {row.event_code for row in course_timeline(desk.actor, course)}
    assert "MARROW" not in codes_seen
    desk.back(mark)
    assert (first_marrow(course).status, first_marrow(course).done_on) == ("done", moved)
    record_death(patient_id=course.patient_id, died_on=TODAY, actor=desk.actor, now=desk.tick())
    desk.mark("marrow", marrow)
    closed = first_marrow(course)
    assert (closed.status, closed.done_on) == ("cancelled", None)
    assert closed.closed_cause.startswith("death:")


@pytest.mark.walked("to_follow_up")
def test_b_cells_told_of_by_a_wrong_value_are_taken_back(followed: Desk) -> None:
    desk = followed
    early = {"on": "2026-11-20", "analyte": "CD19", "value": "90", "unit": "/uL"}

    def told_of() -> bool:
        standing = Notice.objects.standing().filter(course=desk.course)
        return standing.filter(code="early_b_cell_recovery").exists()

    value = desk.add("lab", **early)
    assert told_of()
    desk.correct("lab", value, value="0")
    assert not told_of()
    desk.correct("lab", value, value="90")
    assert told_of()
    mark = desk.mark("lab", value)
    assert not told_of()
    desk.back(mark)
    assert told_of()


@pytest.mark.walked("to_apheresis")
def test_a_weight_corrected_while_doses_are_ordered_is_told(
    walk: Walk, course: Course, desk: Desk
) -> None:
    weight = {"on": "2026-09-01", "analyte": "WEIGHT", "value": "71", "unit": "kg"}

    def told_of() -> list[str]:
        standing = Notice.objects.standing().filter(course=course, code="measure_corrected")
        return [notice.params["what"] for notice in standing]

    entry = desk.add("lab", **weight)
    desk.correct("lab", entry, value="72")
    assert told_of() == []
    walk.open("containment", drug="dexamethasone", drug_class="systemic_steroid")
    walk.order("containment", DoseOrder("dexamethasone", route="po", amount=Decimal(40)))
    desk.correct("lab", desk.add("lab"), on="2026-11-10")
    desk.correct("marrow", desk.add("marrow"), on="2026-11-10")
    assert told_of() == []
    desk.correct("lab", entry, value="73")
    assert told_of() == ["Weight"]
    # Corrected again it is told anew, once; what it said in error counts just the same.
    desk.mark("lab", entry)
    assert told_of() == ["Weight"]
    walk.give("containment", 1, amount=Decimal(40))
    second = desk.add("lab", **weight)
    desk.correct("lab", second, value="60")
    assert told_of() == ["Weight"]


@pytest.mark.walked("to_follow_up")
def test_a_relapse_moves_and_takes_its_anchor_along(followed: Desk) -> None:
    desk = followed

    def anchors() -> list[tuple[int, date | None]]:
        found = Anchor.objects.filter(course=desk.course, kind="relapse").order_by("occurrence")
        return [(one.occurrence, one.actual_on) for one in found]

    def relapse(on: str) -> Any:
        return desk.add("relapse", on=on, kind="molecular", **AFTER)

    def told_of() -> set[str]:
        standing = Notice.objects.standing().filter(course=desk.course, code="relapse")
        return {str(one.params["on"]["date"]) for one in standing}

    first, second = relapse("2026-11-10"), relapse("2026-11-20")
    assert anchors() == [(1, date(2026, 11, 10)), (2, date(2026, 11, 20))]
    assert told_of() == {"2026-11-10", "2026-11-20"}
    desk.correct("relapse", first, on="2026-11-11")
    assert told_of() == {"2026-11-11", "2026-11-20"}
    assert anchors() == [(1, date(2026, 11, 11)), (2, date(2026, 11, 20))]
    mark = desk.mark("relapse", second)
    assert anchors() == [(1, date(2026, 11, 11))]
    assert told_of() == {"2026-11-11"}
    # What comes next never takes the number of what may come back.
    relapse("2026-11-25")
    desk.back(mark)
    assert anchors() == [
        (1, date(2026, 11, 11)),
        (2, date(2026, 11, 20)),
        (3, date(2026, 11, 25)),
    ]
    assert told_of() == {"2026-11-11", "2026-11-20", "2026-11-25"}
    desk.correct("relapse", first, after_infusion="")
    assert [occurrence for occurrence, _on in anchors()] == [2, 3]
    desk.correct("relapse", first, on="2026-11-12", after_infusion="true")
    assert (4, date(2026, 11, 12)) in anchors()
    # A relapse before the infusion is none.
    desk.mark("relapse", desk.add("relapse"))
    assert len(anchors()) == 3
