"""Correcting stays and holds: order, transfers, the discharge anchor, what follows, in error."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from accounts.models import User
from pathway.loading import load_state
from patients.anchors import set_actual
from patients.correcting_holds import correct_hold
from patients.correcting_stays import correct_stay
from patients.deaths import record_death
from patients.holds import end_hold, open_hold
from patients.mistaken_facts import bring_back, mark_fact
from patients.models import Anchor, Correction, Course, Hold, Stay
from patients.stays import admit, discharge, transfer
from reminders.models import Notice
from terms.refusals import NotAllowed, Refused, StaleVersion
from tests.conftest import UserWith
from tests.services.refused import codes, fields

NOW = datetime(2026, 12, 1, 9, tzinfo=UTC)
TODAY = NOW.date()


def on(number: int) -> date:
    return date(2026, 11, number)


@pytest.fixture
def who(haematologist: User) -> dict[str, Any]:
    return {"actor": haematologist, "now": NOW}


@pytest.fixture
def stays(course: Course, who: dict[str, Any]) -> list[Stay]:
    """Ward from the 2nd, intensive care from the 5th, home on the 9th; again in since the 20th."""
    with transaction.atomic():
        set_actual(course, "infusion", on(3), **who)
    admit(course_id=course.pk, unit="ward", place="A", on=on(2), **who)
    transfer(course_id=course.pk, unit="icu", place="B", on=on(5), **who)
    discharge(course_id=course.pk, on=on(9), **who)
    admit(course_id=course.pk, unit="ward", place="C", on=on(20), **who)
    return list(course.stays.order_by("pk"))


@pytest.fixture
def correct(course: Course, who: dict[str, Any]) -> Any:
    """Correct a stay: what is not given stays."""

    def corrected(stay: Stay, **changed: Any) -> Stay:
        stay.refresh_from_db()
        kept = {name: getattr(stay, name) for name in ("unit", "place", "began_on", "ended_on")}
        asked = {"reason": "typed wrongly", **who, **kept, **changed}
        return correct_stay(course_id=course.pk, stay_id=stay.pk, **asked)

    return corrected


def days(course: Course) -> list[tuple[date, date | None]]:
    return list(course.stays.order_by("pk").values_list("began_on", "ended_on"))


def discharged(course: Course) -> date | None:
    found = Anchor.objects.filter(course=course, kind="discharge").first()
    return found.actual_on if found else None


def test_a_discharge_moves_with_its_anchor_and_can_be_taken_back(
    course: Course, stays: list[Stay], correct: Any
) -> None:
    version = Course.objects.get(pk=course.pk).version
    assert discharged(course) == on(9)
    correct(stays[1], ended_on=on(10), place="B2", expected_version=version)
    assert discharged(course) == on(10)
    assert Course.objects.get(pk=course.pk).version == version + 1
    (kept,) = Correction.objects.all()
    assert (kept.before["ended_on"], kept.before["place"]) == ("2026-11-09", "B")
    correct(stays[2], ended_on=on(25))
    assert not course.stays.filter(ended_on=None).exists()
    correct(stays[2], ended_on=None)
    assert load_state(course).stays[-1].ended_on is None


def test_a_transfer_moves_for_both_stays(course: Course, stays: list[Stay], correct: Any) -> None:
    correct(stays[1], began_on=on(6))
    assert days(course)[:2] == [(on(2), on(6)), (on(6), on(9))]
    assert Correction.objects.count() == 2
    correct(stays[0], ended_on=on(4))
    assert days(course)[:2] == [(on(2), on(4)), (on(4), on(9))]
    correct(stays[0], began_on=on(1))
    assert Correction.objects.filter(fact_id=stays[1].pk).count() == 2


@pytest.mark.parametrize(
    ("which", "changed", "refused"),
    [
        (0, {}, {("", "nothing_changed")}),
        (
            0,
            {"unit": "attic", "reason": ""},
            {("unit", "unknown_unit"), ("reason", "reason_needed")},
        ),
        (0, {"ended_on": None}, {("ended_on", "transferred"), ("began_on", "overlaps")}),
        (0, {"ended_on": on(10)}, {("ended_on", "before_stay_began")}),
        (1, {"began_on": on(1)}, {("began_on", "overlaps")}),
        (1, {"ended_on": on(21)}, {("began_on", "overlaps")}),
        (1, {"ended_on": None}, {("began_on", "overlaps")}),
        (2, {"began_on": on(8)}, {("began_on", "overlaps")}),
        (2, {"began_on": date(2027, 1, 1)}, {("began_on", "future_date")}),
        (
            2,
            {"began_on": date(1900, 1, 1)},
            {("began_on", "before_birth"), ("began_on", "overlaps")},
        ),
    ],
)
def test_what_no_stay_can_be_is_refused(
    course: Course,
    stays: list[Stay],
    correct: Any,
    which: int,
    changed: dict[str, Any],
    refused: set[tuple[str, str]],
) -> None:
    before = days(course)
    with pytest.raises(Refused) as caught:
        correct(stays[which], **changed)
    assert fields(caught.value) == refused
    assert days(course) == before
    assert not Correction.objects.exists()


def test_only_who_may_and_who_saw_the_course_as_it_is(
    course: Course, stays: list[Stay], correct: Any, coordinator: User, who: dict[str, Any]
) -> None:
    with pytest.raises(NotAllowed):
        correct(stays[0], place="D", actor=coordinator)
    with pytest.raises(StaleVersion):
        correct(stays[0], place="D", expected_version=1)
    with pytest.raises(Stay.DoesNotExist):
        correct_stay(
            course_id=course.pk, stay_id=10**6, unit="ward", place="", began_on=on(2),
            ended_on=on(3), reason="x", **who,
        )  # fmt: skip


def test_a_death_keeps_the_end_that_it_brought(
    course: Course, stays: list[Stay], correct: Any, who: dict[str, Any]
) -> None:
    record_death(patient_id=course.patient_id, died_on=on(28), **who)
    for stay, changed, code in (
        (stays[2], {"ended_on": on(27)}, "ended_by_death"),
        (stays[2], {"ended_on": None}, "ended_by_death"),
        (stays[1], {"ended_on": None}, "patient_died"),
        (stays[1], {"ended_on": on(29)}, "after_death"),
    ):
        with pytest.raises(Refused) as caught:
            correct(stay, **changed)
        assert code in codes(caught.value)
    correct(stays[2], place="D")
    assert Correction.objects.get().before["place"] == "C"


def test_a_stay_in_error_is_gone_until_it_is_brought_back(
    course: Course, stays: list[Stay], who: dict[str, Any], user_with: UserWith
) -> None:
    def mark(stay: Stay) -> Correction:
        return mark_fact(
            course_id=course.pk, kind="stay", fact_id=stay.pk, reason="another patient", **who
        )

    quality: dict[str, Any] = {"actor": user_with("quality"), "now": NOW, "reason": "right"}
    with pytest.raises(Refused) as caught:
        mark(stays[1])
    assert codes(caught.value) == {"by_transfer"}
    open_one = mark(stays[2])
    assert not load_state(course).facts(on=TODAY).in_hospital
    admit(course_id=course.pk, unit="ward", place="E", on=on(22), **who)
    with pytest.raises(Refused) as caught:
        bring_back(correction_id=open_one.pk, **quality)
    assert codes(caught.value) == {"overlaps"}
    mark(course.stays.get(place="E"))
    bring_back(correction_id=open_one.pk, **quality)
    assert load_state(course).facts(on=TODAY).in_hospital
    assert discharged(course) == on(9)


@pytest.fixture
def hold(course: Course, who: dict[str, Any]) -> Hold:
    """The infusion held since the 10th."""
    return open_hold(
        course_id=course.pk, step="infusion", reason_code="PERSONAL", began_on=on(10), **who
    )


@pytest.fixture
def redate(course: Course, who: dict[str, Any]) -> Any:
    """Correct a hold: what is not given stays."""

    def corrected(hold: Hold, **changed: Any) -> Hold:
        hold.refresh_from_db()
        kept = {name: getattr(hold, name) for name in ("began_on", "planned_on", "ended_on")}
        asked = {"reason": "typed wrongly", **who, **kept, **changed}
        return correct_hold(course_id=course.pk, hold_id=hold.pk, **asked)

    return corrected


def since(course: Course) -> date | None:
    return load_state(course).facts(on=TODAY).infusion_held_since


def test_a_hold_counts_from_its_corrected_day_and_is_told_anew(
    course: Course, hold: Hold, redate: Any
) -> None:
    redate(hold, began_on=on(12), planned_on=on(15))
    assert since(course) == on(12)
    (notice,) = Notice.objects.standing().filter(about=f"hold:{hold.pk}")
    assert notice.params["since"] == {"date": "2026-11-12"}
    assert Correction.objects.get().before["began_on"] == "2026-11-10"


@pytest.mark.parametrize(
    ("changed", "refused"),
    [
        ({}, {("", "nothing_changed")}),
        ({"ended_on": on(20)}, {("ended_on", "not_its_end")}),
        ({"began_on": date(2027, 1, 1)}, {("began_on", "future_date")}),
        (
            {"began_on": date(2026, 1, 1), "reason": ""},
            {("began_on", "before_referral"), ("reason", "reason_needed")},
        ),
    ],
)
def test_what_no_hold_can_be_is_refused(
    course: Course, hold: Hold, redate: Any, changed: Any, refused: Any
) -> None:
    with pytest.raises(Refused) as caught:
        redate(hold, **changed)
    assert fields(caught.value) == refused
    assert since(course) == on(10)


def test_the_coded_reason_of_a_hold_is_corrected_and_told_anew(
    course: Course, hold: Hold, redate: Any, who: dict[str, Any]
) -> None:
    other = open_hold(
        course_id=course.pk, step="infusion", reason_code="TRAVEL", began_on=on(11), **who
    )
    for code, refused in (("TRAVEL", "already_held"), ("WEATHER", "unknown_reason")):
        with pytest.raises(Refused) as caught:
            redate(hold, reason_code=code)
        assert fields(caught.value) == {("reason_code", refused)}
    with pytest.raises(Refused) as caught:
        redate(hold, reason_code="PERSONAL")
    assert codes(caught.value) == {"nothing_changed"}
    end_hold(hold_id=other.pk, ended_on=on(12), **who)
    redate(hold, reason_code="TRAVEL")
    hold.refresh_from_db()
    assert hold.reason_code == "TRAVEL"
    (notice,) = Notice.objects.standing().filter(about=f"hold:{hold.pk}")
    assert "ravel" in str(notice.params["reason"])
    assert Correction.objects.get().before["reason_code"] == "PERSONAL"
    redate(hold, began_on=on(12))
    assert Hold.objects.get(pk=hold.pk).reason_code == "TRAVEL", "left out, it stays"
    redate(other, reason_code="PERSONAL")
    with pytest.raises(Refused) as caught:
        redate(hold, reason_code="WEATHER", reason="")
    assert fields(caught.value) == {
        ("reason_code", "unknown_reason"), ("reason", "reason_needed"),
    }  # fmt: skip


def test_the_end_of_a_hold_is_corrected_where_it_was_said(
    course: Course, hold: Hold, redate: Any, who: dict[str, Any], coordinator: User
) -> None:
    end_hold(hold_id=hold.pk, ended_on=on(20), **who)
    redate(hold, ended_on=on(21))
    hold.refresh_from_db()
    assert hold.ended_on == on(21)
    for changed, code in (
        ({"ended_on": None}, "not_its_end"),
        ({"ended_on": on(9)}, "before_hold_began"),
        ({"ended_on": date(2027, 1, 1)}, "future_date"),
    ):
        with pytest.raises(Refused) as caught:
            redate(hold, **changed)
        assert fields(caught.value) == {("ended_on", code)}
    with pytest.raises(NotAllowed):
        redate(hold, ended_on=on(22), actor=coordinator)


def test_the_end_of_the_course_keeps_the_end_that_it_brought(
    course: Course, hold: Hold, redate: Any, who: dict[str, Any]
) -> None:
    record_death(patient_id=course.patient_id, died_on=on(28), **who)
    with pytest.raises(Refused) as caught:
        redate(hold, ended_on=on(27))
    assert codes(caught.value) == {"ended_by_course"}
    redate(hold, began_on=on(11))


def test_a_hold_in_error_holds_nothing(
    course: Course, hold: Hold, who: dict[str, Any], user_with: UserWith
) -> None:
    def told() -> bool:
        return Notice.objects.standing().filter(about=f"hold:{hold.pk}").exists()

    quality: dict[str, Any] = {"actor": user_with("quality"), "now": NOW + timedelta(hours=1)}
    assert told()
    mark = mark_fact(
        course_id=course.pk, kind="hold", fact_id=hold.pk, reason="another patient", **who
    )
    assert since(course) is None
    assert not told()
    twin = open_hold(
        course_id=course.pk, step="infusion", reason_code="PERSONAL", began_on=on(15), **who
    )
    with pytest.raises(Refused) as caught:
        bring_back(correction_id=mark.pk, reason="right", **quality)
    assert codes(caught.value) == {"already_held"}
    end_hold(hold_id=twin.pk, ended_on=on(16), **who)
    bring_back(correction_id=mark.pk, reason="right", **quality)
    assert told()
    ended = mark_fact(
        course_id=course.pk, kind="hold", fact_id=twin.pk, reason="another patient", **who
    )
    bring_back(correction_id=ended.pk, reason="right", **quality)
    assert course.holds.filter(ended_on=None).count() == 1
