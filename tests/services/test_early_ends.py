"""Courses that end before their time: coded, undone exactly, counted by intention to treat."""

from datetime import UTC, datetime
from typing import Any

import pytest

from accounts.models import User
from audit.models import AuditEvent
from exports.requesting import request_course_timeline, request_intended, request_timelines
from exports.timeline import course_timeline, timeline
from pathway.domain.outcomes import Outcome
from pathway.intention import Intended, as_intended, intended
from pathway.models import Journey
from patients.charting import withdraw_consent
from patients.deaths import record_death, withdraw_death
from patients.models import Course
from terms.refusals import NotAllowed, Refused
from tests.conftest import Refer, UserWith
from tests.services.refused import codes
from tests.walking import Walk

LATER = datetime(2026, 12, 30, 12, tzinfo=UTC)
LOST: dict[str, Any] = {"reason": "No material left", "details": {"exit_reason": "product_lost"}}
DATA_TOO = {"exit_reason": "patient_choice", "exit_scope": "treatment_and_data"}


def rows(user: User) -> dict[str, Intended]:
    return {row.code: row for row in map(as_intended, intended(user))}


@pytest.mark.walked("to_bridging")
def test_failed_product_with_no_repeat_ends_the_course_and_still_counts(
    walk: Walk, refer_patient: Refer, coordinator: User
) -> None:
    refer_patient(coordinator)  # never enrolled: not in the count
    code = walk.course.code
    assert rows(coordinator)[code].outcome is Outcome.UNDER_WAY
    with pytest.raises(Refused) as refused:
        walk.go("declined", reason="", details={"exit_reason": "product_lost"})
    assert codes(refused.value) == {"no_product_lost", "reason_missing"}
    walk.move("product", "at_manufacturer", "coordinator")
    walk.move("product", "manufacturing", "coordinator")
    why = {"failure_reason": "poor_growth"}
    walk.move("product", "failed", "coordinator", reason="No growth", details=why)
    walk.go("declined", **LOST)
    journey = Journey.objects.get(course=walk.course)
    assert (journey.exit_reason, journey.exit_scope, journey.active) == ("product_lost", "", False)
    row = rows(coordinator)[code]
    assert (row.outcome, row.left, row.exit_reason) == (
        Outcome.NEVER_INFUSED, "bridging", "product_lost",
    )  # fmt: skip
    assert row.ended_on == walk.now.date()
    assert len(rows(coordinator)) == 1
    [said] = [r for r in course_timeline(coordinator, walk.course) if r.event_code[:4] == "EXIT"]
    assert (said.label, said.value) == ("Declined: Product lost, not made again", LOST["reason"])
    file = "".join(request_intended(actor=coordinator, now=LATER).pieces).splitlines()
    assert file[1].startswith(f"{code},2026-09-10,never_infused,,declined,bridging,")
    assert file[1].endswith(",product_lost,,no")
    assert AuditEvent.objects.filter(action="export.intention_to_treat").count() == 1
    walk.go("bridging", reason="A slot after all")
    journey.refresh_from_db()
    assert (journey.exit_reason, journey.stage, journey.active) == ("", "bridging", True)
    assert rows(coordinator)[code].outcome is Outcome.UNDER_WAY


@pytest.mark.walked("to_apheresis")
def test_death_before_the_infusion_counts_and_its_undo_takes_it_back(
    walk: Walk, coordinator: User
) -> None:
    died_on = walk.now.date()
    record_death(
        patient_id=walk.course.patient_id, died_on=died_on, actor=coordinator, now=walk.tick()
    )
    row = rows(coordinator)[walk.course.code]
    assert (row.outcome, row.left) == (Outcome.NEVER_INFUSED, "apheresis")
    assert row.died_on == died_on
    withdraw_death(
        patient_id=walk.course.patient_id, reason="x", actor=coordinator, now=walk.tick()
    )
    assert rows(coordinator)[walk.course.code].outcome is Outcome.UNDER_WAY


@pytest.mark.walked("to_follow_up")
def test_withdrawal_of_the_data_after_infusion_keeps_the_course_out_of_every_file(
    walk: Walk, coordinator: User, user_with: UserWith
) -> None:
    walk.until(40)
    with pytest.raises(Refused) as refused:
        walk.go("withdrawn", reason="asked to", details={})
    assert codes(refused.value) == {"exit_reason_needed", "exit_scope_needed"}
    everybody = Course.objects.all()
    before = list(timeline(coordinator, everybody, coded=True))
    walk.go("withdrawn", reason="asked to", details=DATA_TOO)
    assert list(timeline(coordinator, everybody, coded=True)) == []
    assert len("".join(request_timelines(actor=coordinator, now=LATER).pieces).splitlines()) == 1
    with pytest.raises(Refused) as refused:
        request_course_timeline(course_id=walk.course.pk, actor=coordinator, now=LATER)
    assert codes(refused.value) == {"data_withdrawn"}
    labels = [row.label for row in course_timeline(coordinator, walk.course)]
    assert "Withdrawn: The patient's choice: Treatment and use of the data" in labels
    row = rows(coordinator)[walk.course.code]
    assert (row.outcome, row.withheld) == (Outcome.INFUSED, True)
    assert (row.enrolled_on, row.infused_on, row.ended_on) == (None, None, None)
    assert not walk.course.reminders.filter(status="open").exists()
    walk.go("follow_up", reason="Recorded on the wrong patient")
    after = [r for r in timeline(coordinator, everybody, coded=True) if r.course]
    known = {(r.event_code, r.event_date, r.value) for r in after}
    assert {(r.event_code, r.event_date, r.value) for r in before} <= known
    assert not rows(coordinator)[walk.course.code].withheld
    assert walk.course.reminders.filter(status="open").exists()


@pytest.mark.walked("to_eligibility")
def test_who_takes_back_the_use_of_the_data_alone_leaves_every_file(
    walk: Walk, coordinator: User
) -> None:
    everybody = Course.objects.all()
    assert list(timeline(coordinator, everybody, coded=True))
    consent = walk.course.consents.get(kind="data")
    withdraw_consent(
        consent_id=consent.pk, withdrawn_on=walk.now.date(), actor=coordinator, now=walk.tick()
    )
    assert list(timeline(coordinator, everybody, coded=True)) == []
    with pytest.raises(Refused) as refused:
        request_course_timeline(course_id=walk.course.pk, actor=coordinator, now=LATER)
    assert codes(refused.value) == {"data_withdrawn"}
    assert rows(coordinator)[walk.course.code].withheld
    walk.note("consent", kind="data", on=str(walk.now.date()), given="true")
    assert list(timeline(coordinator, everybody, coded=True))
    assert not rows(coordinator)[walk.course.code].withheld


@pytest.mark.walked("to_eligibility")
def test_withdrawal_of_the_treatment_leaves_the_data_in_files(
    walk: Walk, coordinator: User
) -> None:
    walk.go("withdrawn", reason="asked to")
    assert list(timeline(coordinator, Course.objects.all(), coded=True))
    assert Journey.objects.get(course=walk.course).exit_scope == "treatment_only"
    # A mistaken course leaves the count, as every list.
    Course.objects.filter(pk=walk.course.pk).update(error_cause="error:1")
    assert rows(coordinator) == {}


def test_only_readers_see_the_count_and_only_exporters_get_the_file(
    walk: Walk, user_with: UserWith
) -> None:
    with pytest.raises(NotAllowed):
        intended(user_with())
    with pytest.raises(NotAllowed):
        request_intended(actor=user_with("ward_nurse"), now=LATER)
