"""Moves on the real PostgreSQL: racing threads, and a web process killed inside a move."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from django.db import connection

from accounts.models import User
from audit.models import AuditEvent
from pathway.models import Change, Journey
from pathway.transitions import MoveOrder, advance
from patients.deaths import record_death
from patients.models import Course
from terms.day_numbers import local_date
from terms.refusals import Refused, StaleVersion
from tests.conftest import Refer, UserWith
from tests.walking import ENDINGS, Walk

RACERS = 8
ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def ready(
    transactional_db: None, refer_patient: Refer, coordinator: User, user_with: UserWith
) -> Walk:
    """A course that may go on to eligibility; every row is committed."""
    walk = Walk(refer_patient(coordinator), user_with).prepare()
    walk.course.refresh_from_db()
    return walk


def test_of_eight_racing_threads_one_wins_and_writes_one_change(ready: Walk) -> None:
    actor, now = ready.by("coordinator"), ready.tick()
    order = MoveOrder("eligibility", now, expected_version=ready.course.version)
    start, outcomes = threading.Barrier(RACERS), []

    def race() -> None:
        racer = User.objects.get(pk=actor.pk)
        start.wait(timeout=10)
        try:
            advance(course_id=ready.course.pk, order=order, actor=racer, now=now)
            outcomes.append("won")
        except StaleVersion:
            outcomes.append("stale")
        finally:
            connection.close()

    threads = [threading.Thread(target=race) for _ in range(RACERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert sorted(outcomes) == ["stale"] * (RACERS - 1) + ["won"]
    assert Change.objects.filter(course=ready.course, machine="journey").count() == 2
    assert AuditEvent.objects.filter(action="journey.move").count() == 1


def test_a_death_recorded_while_a_move_is_in_flight_has_one_outcome(ready: Walk) -> None:
    ready.go("eligibility", "coordinator")
    actor, now = ready.by("coordinator"), ready.tick()
    start, outcomes = threading.Barrier(2), []

    def move() -> None:
        racer = User.objects.get(pk=actor.pk)
        start.wait(timeout=10)
        try:
            advance(
                course_id=ready.course.pk,
                order=MoveOrder(
                    "withdrawn", now, reason="asked for it", details=ENDINGS["withdrawn"]
                ),
                actor=racer,
                now=now,
            )
            outcomes.append("moved")
        except Refused as refused:
            outcomes.append(refused.refusals[0].code)
        finally:
            connection.close()

    def die() -> None:
        racer = User.objects.get(pk=actor.pk)
        start.wait(timeout=10)
        record_death(
            patient_id=ready.course.patient_id,
            died_on=local_date(now, ready.course.centre.zone),
            cause="",
            actor=racer,
            now=now,
        )
        connection.close()

    threads = [threading.Thread(target=one) for one in (move, die)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert ready.course.patient.deaths.filter(withdrawn_at=None).count() == 1
    moved = outcomes == ["moved"]
    assert moved or outcomes == ["patient_died"]
    journey = Journey.objects.get(course=ready.course)
    assert (journey.stage, journey.active) == ("withdrawn" if moved else "eligibility", False)
    # whoever came second, the review was closed once
    closings = Change.objects.filter(course=ready.course, machine="eligibility", target="closed")
    assert closings.count() == 1


# The child makes the real move but stops, inside its transaction, at the last write: the audit.
_CHILD = """
import sys, time
import django
django.setup()
from datetime import datetime
from django.db import connections
connections["default"].settings_dict["NAME"] = sys.argv[1]
from accounts.models import User
from pathway import transitions
def stop(**event):
    print("inside", flush=True)
    time.sleep(60)
transitions.record = stop
transitions.advance(
    course_id=int(sys.argv[2]),
    order=transitions.MoveOrder("eligibility", datetime.fromisoformat(sys.argv[4])),
    actor=User.objects.get(pk=int(sys.argv[3])),
    now=datetime.fromisoformat(sys.argv[4]),
)
"""


def test_a_process_killed_inside_a_move_leaves_state_change_and_audit_untouched(
    ready: Walk,
) -> None:
    actor, now = ready.by("coordinator"), ready.tick()
    before = (Change.objects.count(), AuditEvent.objects.count())
    arguments = [
        str(connection.settings_dict["NAME"]), str(ready.course.pk), str(actor.pk), now.isoformat(),
    ]  # fmt: skip
    child = subprocess.Popen(
        [sys.executable, "-c", _CHILD, *arguments],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings"},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    with child.stdout:
        assert child.stdout.readline().strip() == "inside"
        child.send_signal(signal.SIGKILL)
        child.wait(timeout=10)
    _wait_until_the_server_noticed(ready.course)
    assert Journey.objects.get(course=ready.course).stage == "referral"
    assert (Change.objects.count(), AuditEvent.objects.count()) == before
    # and nothing stands in the way of making the move again
    change = advance(
        course_id=ready.course.pk, order=MoveOrder("eligibility", now), actor=actor, now=now
    )
    assert change.target == "eligibility"


def _wait_until_the_server_noticed(course: Course) -> None:
    """PostgreSQL ends the dead client's transaction by itself; its lock goes with it."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
                "AND pid <> pg_backend_pid() AND state <> 'idle'"
            )
            if cursor.fetchone() == (0,):
                return
        time.sleep(0.1)
    raise AssertionError(f"the transaction on course {course.pk} is still open")
