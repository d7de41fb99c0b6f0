"""What is kept of a course for reports is at every step what is counted of it there and then."""

import random
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest
from celery import current_app
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from exports import tasks
from exports.cohort import Cohort, CohortFilters, cohort
from exports.cohort_facts import STATEMENT, read_courses
from exports.cohort_sql import BASE
from exports.domain.figures import tally_of
from exports.models import CountedCourse, TouchedCourse
from patients.anchors import set_actual
from patients.charting import add_entry
from patients.deaths import record_death, withdraw_death
from patients.mistaken_facts import mark_fact
from patients.models import Course
from reminders.closing import mark_done, skip
from reminders.models import Reminder, Status
from terms.day_numbers import local_date
from terms.refusals import Refused
from tests.conftest import Refer, UserWith
from tests.services.test_cohort import enrol
from tests.services.test_giving import DEXA
from tests.walking import DAY_ZERO, Walk
from toxicity.given_refusals import InfectionFacts
from toxicity.giving import give_treatment
from toxicity.infections import end_infection, record_infection

EVENTS = {"exports_touch_insert", "exports_touch_update", "exports_touch_delete"}


def kept(user: User, now: datetime) -> Cohort:
    """The cohort from what is kept, after comparing it with what is counted live."""
    found = cohort(user, CohortFilters(), now=now)
    centre = user.working_centre
    assert centre is not None
    pks = Course.objects.visible_to(user).values_list("pk", flat=True)
    live = read_courses(pks, local_date(now, centre.zone), centre.time_zone)
    assert found.rows() == live
    assert found.tally == tally_of(live)
    assert not TouchedCourse.objects.exists()
    return found


def test_every_table_that_is_read_is_watched(db: None) -> None:
    tables = r"(?:FROM|JOIN)\s+((?:patients|pathway|toxicity|reminders)_\w+)"
    read = set(re.findall(tables, STATEMENT + BASE))
    assert len(read) > 30
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text, array_agg(tgname::text) FROM pg_trigger "
            "WHERE tgname LIKE 'exports_touch_%' GROUP BY 1"
        )
        watched = {table for table, names in cursor.fetchall() if set(names) == EVENTS}
    assert read - watched == set()


def test_along_the_whole_way_what_is_kept_is_what_is_counted(
    walk: Walk, monkeypatch: pytest.MonkeyPatch
) -> None:
    actor, steps = walk.by("coordinator"), []
    tick = Walk.tick

    def compared(on_its_way: Walk) -> datetime:
        steps.append(on_its_way.now)
        if len(steps) % 5 == 0:
            kept(actor, on_its_way.now)
        return tick(on_its_way)

    with monkeypatch.context() as patched:
        patched.setattr(Walk, "tick", compared)
        walk.to_follow_up()
    assert len(steps) > 50
    for days in (1, 20, 40, 61, 300, 900, 2):  # and a clock that was put back
        assert kept(actor, walk.now + timedelta(days=days)).infused == 1
    waiting = Reminder.objects.filter(course=walk.course, status=Status.OPEN, provisional=False)
    first, second = waiting.order_by("due_on", "pk")[:2]
    mark_done(reminder_id=first.pk, done_on=walk.now.date(), actor=actor, now=walk.tick())
    later = walk.now + timedelta(days=400)
    done = kept(actor, later).tally.total("items_due")
    skip(reminder_id=second.pk, reason="elsewhere", actor=actor, now=walk.tick())
    assert kept(actor, later).tally.total("items_due") == done - 1
    patient = walk.course.patient_id
    record_death(patient_id=patient, died_on=walk.now.date(), actor=actor, now=walk.tick())
    assert kept(actor, walk.now).rows()[0].died_on == walk.now.date()
    withdraw_death(patient_id=patient, reason="lives", actor=actor, now=walk.tick())
    assert kept(actor, walk.now).rows()[0].died_on is None


def deeds(chance: random.Random, on: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Something for the chart, by chance."""
    number = str(chance.choice((0, 90, 400, 499, 501, 2000)))
    yield "lab", {"on": on, "analyte": "ANC", "value": number, "unit": "/uL", "confirmed": True}
    cells = str(chance.choice((0, 19, 20, 90)))
    yield "lab", {"on": on, "analyte": "CD19", "value": cells, "unit": "/uL", "confirmed": True}
    remission = chance.choice(("cr", "cri", "none"))
    yield (
        "marrow",
        {"on": on, "remission": remission, "mrd": chance.choice(("negative", "positive"))},
    )
    yield "line", {"treatment": "a scheme", "on": chance.choice(("2024", "2023-05", ""))}
    yield "transplant", {"kind": "allo", "on": "2024-03", "donor": "MUD"}
    yield "diagnosis", {"disease": "B-ALL", "risk": chance.choice(("high", "standard"))}
    yield (
        "relapse",
        {"kind": "haematological", "on": on, "cd19": "negative", "after_infusion": True},
    )
    yield "consent", {"kind": "assessment", "on": on, "given": True}


@pytest.mark.walked("to_follow_up")
def test_whatever_is_recorded_by_chance_is_counted(walk: Walk) -> None:
    chance, actor = random.Random(20261128), walk.by("haematologist")
    nurse = walk.by("ward_nurse")
    about: dict[str, Any] = {"course_id": walk.course.pk, "actor": nurse}
    recorded = []
    for _ in range(18):
        now = walk.until((walk.now.date() - DAY_ZERO).days + chance.randint(1, 20)).now
        on = now.date() - timedelta(days=chance.randint(0, 6))
        kind, values = chance.choice(list(deeds(chance, str(on))))
        told: dict[str, Any] = {"course_id": walk.course.pk, "kind": kind}
        try:
            entry = add_entry(**told, values=values, actor=actor, now=now)
        except Refused:
            continue
        recorded.append(kind)
        kept(actor, now)
        give_treatment(**about, given=replace(DEXA, given_at=now), now=now)
        infection = InfectionFacts(on, chance.choice(("e_coli", "cmv")), "blood", 3)
        begun = record_infection(**about, infection=infection, now=now)
        kept(actor, now)
        if chance.random() < 0.5:
            end_infection(**about, infection_id=begun.pk, ended_on=now.date(), now=now)
            mark_fact(**told, fact_id=entry.pk, reason="of another", actor=actor, now=now)
            kept(actor, now)
    assert len(set(recorded)) >= 5, "chance drew too little"
    assert len(recorded) >= 10


def test_what_is_written_while_somebody_counts_is_counted_afterwards(
    course: Course, coordinator: User, now: datetime
) -> None:
    enrol(course)
    real = read_courses

    def slow(*asked: Any) -> Any:
        found = real(*asked)
        set_actual(course, "enrolment", now.date(), actor=coordinator, now=now)
        return found

    with patch("exports.counting.read_courses", slow):
        (old,) = cohort(coordinator, CohortFilters(), now=now).rows()
    assert old.enrolled_on is None
    assert kept(coordinator, now).rows()[0].enrolled_on == now.date()


def test_other_rules_count_everything_anew_and_beat_does_it_before_anybody_asks(
    course: Course, coordinator: User, now: datetime, user_with: UserWith, refer_patient: Refer
) -> None:
    enrol(course)
    entry = current_app.conf.beat_schedule["counting"]
    assert entry["task"] == tasks.count_now.name
    tasks.count_now()
    (row,) = CountedCourse.objects.all()
    assert row.enrolled
    CountedCourse.objects.update(rule="of yesterday", told=[], known={})
    kept(coordinator, now)
    with CaptureQueriesContext(connection) as captured:
        cohort(coordinator, CohortFilters(), now=now)
    steady = len(captured)
    assert steady <= 6
    for _number in range(3):
        enrol(refer_patient(coordinator))
    with CaptureQueriesContext(connection) as captured:
        cohort(coordinator, CohortFilters(), now=now)
    assert len(captured) <= steady + 10
