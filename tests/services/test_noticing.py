"""What raises notices by itself: holds, interlocks, deaths, B cells that come back early."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from accounts.models import User
from patients.charting import add_entry, withdraw_consent
from patients.deaths import record_death, withdraw_death
from patients.models import Course
from reminders.models import Notice
from terms.refusals import Refused
from tests.walking import DAY_ZERO, Walk

NOW = datetime(2026, 12, 1, 9, tzinfo=UTC)


def standing(course: Course) -> list[str]:
    return list(Notice.objects.standing().filter(course=course).values_list("code", flat=True))


@pytest.mark.walked("to_eligibility")
def test_a_hold_is_told_to_those_who_lead(walk: Walk) -> None:
    hold = walk.hold("eligibility")
    (notice,) = Notice.objects.standing()
    assert (notice.code, notice.about) == ("hold_opened", f"hold:{hold.pk}")
    assert notice.roles == ["coordinator", "haematologist"]


@pytest.mark.walked("to_lymphodepletion")
def test_a_product_in_doubt_near_lymphodepletion_is_told(walk: Walk) -> None:
    walk.move("product", "quarantined", "cell_lab", reason="temperature log missing")
    (notice,) = Notice.objects.standing()
    assert notice.code == "product_interlock"
    assert notice.roles == ["cell_lab", "coordinator", "haematologist"]
    # What somebody typed stays out: readers of codes see it too.
    assert "temperature" not in str(notice.params)


@pytest.mark.walked("to_lymphodepletion", "deplete")
def test_a_consent_taken_back_is_told_and_asked_about_before_the_infusion(
    walk: Walk, course: Course
) -> None:
    walk.thaw()
    consent = course.consents.get(kind="data")
    withdraw_consent(
        consent_id=consent.pk, withdrawn_on=walk.now.date(), actor=walk.by("coordinator"),
        now=walk.tick(),
    )  # fmt: skip
    (notice,) = Notice.objects.standing()
    assert (notice.code, notice.roles) == ("consent_withdrawn", ["coordinator", "haematologist"])
    course.refresh_from_db()
    walk.check("bedside", "ward_nurse", "haematologist")
    with pytest.raises(Refused) as refused:
        walk.go("infusion")
    assert [(one.code, one.kind) for one in refused.value.refusals] == [
        ("consent_not_standing", "soft")
    ]
    assert walk.go("infusion", overrides={"consent_not_standing": "of data only"}).overrides


@pytest.mark.walked("to_eligibility")
def test_a_death_is_told_and_its_undo_takes_that_back(
    walk: Walk, course: Course, coordinator: User
) -> None:
    patient, now = course.patient_id, walk.tick()
    record_death(patient_id=patient, died_on=now.date(), actor=coordinator, now=now)
    (notice,) = Notice.objects.standing()
    assert notice.roles == ["cell_lab", "coordinator", "pharmacist", "quality"]
    withdraw_death(patient_id=patient, reason="another patient", actor=coordinator, now=now)
    assert standing(course) == []
    record_death(patient_id=patient, died_on=now.date(), actor=coordinator, now=now)
    assert standing(course) == ["patient_died"]


@pytest.fixture
def count(course: Course, coordinator: User) -> Any:
    """Record a B-cell count."""

    def recorded(value: str, on: date | str) -> None:
        values = {"on": str(on), "analyte": "CD19", "value": value, "unit": "/uL"}
        if not on:
            values["context"] = "from a letter"
        add_entry(course_id=course.pk, kind="lab", values=values, actor=coordinator, now=NOW)

    return recorded


@pytest.mark.walked("to_follow_up")
def test_early_b_cells_are_told_once_each_and_unknown_never_is(
    walk: Walk, course: Course, count: Any
) -> None:
    count("5", DAY_ZERO + timedelta(days=20))
    count("90", "")
    assert standing(course) == []
    count("40", DAY_ZERO + timedelta(days=30))
    assert standing(course) == ["early_b_cell_recovery"]
    # A later count that is low, or has no day, clears nothing.
    count("0", DAY_ZERO + timedelta(days=35))
    count("0", "")
    (notice,) = Notice.objects.standing().filter(course=course)
    assert (notice.count, notice.roles) == (1, ["haematologist"])
    count("60", DAY_ZERO + timedelta(days=38))
    notice.refresh_from_db()
    assert notice.count == 2


@pytest.mark.walked("to_infusion")
def test_without_day_zero_nothing_is_early(walk: Walk, course: Course, count: Any) -> None:
    walk.until(1)
    count("40", DAY_ZERO + timedelta(days=1))
    assert standing(course) == ["early_b_cell_recovery"]
    walk.go("lymphodepletion", reason="never infused")
    assert standing(course) == []
