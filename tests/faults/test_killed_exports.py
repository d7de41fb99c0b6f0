"""Files whose worker is killed, whose data changes meanwhile, who are cancelled: on PostgreSQL."""

import csv
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from django.db import connection
from django.test import override_settings
from django.utils import timezone

from accounts.models import User
from exports import building, claiming
from exports.building import build_next
from exports.claiming import LEASE
from exports.contents import CONTENTS
from exports.deciding import cancel_export
from exports.models import ExportJob
from exports.storing import path_of
from patients.models import Course
from tests.conftest import NOW, Refer, UserWith
from tests.exporting import asked

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def files(tmp_path: Path) -> Iterator[Path]:
    """Where the files of a test go."""
    with override_settings(EXPORT_DIR=tmp_path / "exports"):
        yield tmp_path / "exports"


@pytest.fixture
def job(refer_patient: Refer, coordinator: User, user_with: UserWith) -> ExportJob:
    """A file about six courses."""
    for _ in range(6):
        refer_patient(coordinator)
    return asked(user_with("data_manager"), NOW, content="courses")


def courses_in(job: ExportJob) -> set[str]:
    with path_of(job.file_name).open(newline="") as file:
        return {row["course"] for row in csv.DictReader(file)}


def slowly(rows: Any, each: Any) -> Any:
    """A content whose rows come one by one, with something done before each."""

    def slow(*given: Any) -> Iterator[Any]:
        for number, row in enumerate(rows(*given)):
            each(number)
            yield row

    return slow


def test_what_a_killed_worker_began_is_made_by_another_from_the_start(
    job: ExportJob, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claiming, "_PAUSE_SECONDS", 0.0)
    pid = os.fork()
    if pid == 0:
        connection.connection = None  # the parent's
        content = CONTENTS["courses"]
        stopping = slowly(content.rows, lambda number: time.sleep(60 if number == 3 else 0))
        object.__setattr__(content, "rows", stopping)
        try:
            build_next(lambda: NOW)
        finally:
            os._exit(1)
    ended = time.monotonic() + 30
    while ExportJob.objects.get(pk=job.pk).done < 2:
        assert time.monotonic() < ended, "it does not begin"
        time.sleep(0.05)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    job.refresh_from_db()
    assert (job.status, job.done, job.total, job.attempts) == ("running", 2, 6, 1)
    assert build_next(lambda: NOW) is None, "nobody knows yet that it was killed"
    later = NOW + LEASE * 2
    assert build_next(lambda: later) == job
    job.refresh_from_db()
    assert (job.status, job.done, job.attempts) == ("ready", 6, 2)
    assert len(courses_in(job)) == 6
    whole = [path.name for path in files.iterdir() if path.is_file()]
    assert whole == [job.file_name], "no half a file beside it"


def test_a_file_is_of_one_moment_whatever_is_written_meanwhile(
    job: ExportJob, refer_patient: Refer, coordinator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = Event()

    def refer_more() -> None:
        begun.wait(30)
        refer_patient(User.objects.get(pk=coordinator.pk))
        Course.objects.filter(code__gt="").update(product="changed meanwhile")
        connection.close()

    def wait(number: int) -> None:
        if number == 0:
            begun.set()
            other.join(30)

    other = Thread(target=refer_more)
    content = CONTENTS["courses"]
    monkeypatch.setitem(
        CONTENTS,
        "courses",
        type(content)("courses", content.label, content.columns, slowly(content.rows, wait)),
    )
    # Each row is asked for apart: the later ones would see what was written before them.
    monkeypatch.setattr("exports.wide._COURSES_AT_A_TIME", 1)
    other.start()
    assert build_next(timezone.now) == job
    job.refresh_from_db()
    assert (Course.objects.count(), job.total) == (7, 6)
    with path_of(job.file_name).open(newline="") as file:
        products = {row["product"] for row in csv.DictReader(file)}
    assert len(courses_in(job)) == 6
    assert products == {Course.objects.first().protocol.product}  # type: ignore[union-attr]


def test_a_file_that_is_cancelled_while_it_is_made_leaves_nothing(
    job: ExportJob, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claiming, "_PAUSE_SECONDS", 0.0)

    def cancel() -> None:
        actor = User.objects.get(pk=job.requested_by_id)
        cancel_export(job_id=job.pk, actor=actor, now=NOW)
        connection.close()

    def wait(number: int) -> None:
        if number == 3:
            other = Thread(target=cancel)
            other.start()
            other.join(30)

    content = CONTENTS["courses"]
    monkeypatch.setitem(
        CONTENTS,
        "courses",
        type(content)("courses", content.label, content.columns, slowly(content.rows, wait)),
    )
    assert build_next(lambda: NOW) == job
    job.refresh_from_db()
    assert (job.status, job.file_name, list(files.iterdir())) == ("cancelled", "", [])


def test_the_moment_of_a_file_writes_nothing(job: ExportJob) -> None:
    with pytest.raises(Exception, match="read-only transaction"), building.one_moment():
        ExportJob.objects.update(done=1)


def test_timelines_go_by_copy_within_that_moment(
    job: ExportJob, user_with: UserWith, files: Path
) -> None:
    named = asked(User.objects.get(pk=job.requested_by_id), NOW, content="timelines")
    assert build_next(timezone.now) is not None
    assert build_next(timezone.now) is not None
    for one in (job, named):
        one.refresh_from_db()
        assert one.status == "ready", one.error_code
    assert courses_in(named) == courses_in(job)
