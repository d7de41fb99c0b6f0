"""Files that people ask for: what is refused, what is made, who takes it, and what ends it."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from celery import current_app
from celery.exceptions import SoftTimeLimitExceeded
from django.db import OperationalError
from django.utils import timezone

from accounts.managing import deactivate_user
from accounts.models import Centre, Membership, User
from audit.models import AuditEvent
from exports import building, tasks
from exports.building import build_next
from exports.claiming import LEASE, Lost, claim, finish
from exports.deciding import cancel_export, retry_export, sign_export
from exports.domain.jobs import MOST_ATTEMPTS, Impossible, JobStatus, moved, tried_anew, tries
from exports.expiring import expire_files
from exports.fetching import Fetched, fetch_export
from exports.fields.kinds import Level
from exports.jobs_shown import job_view, jobs_of
from exports.models import ExportJob, Pseudonym
from exports.storing import Kept, folder
from patients.models import Course
from terms.refusals import NotAllowed, Refused
from tests.conftest import Refer, UserWith
from tests.exporting import asked, content_of, csv_rows, in_one_transaction, made
from tests.services.test_early_ends import DATA_TOO
from tests.walking import Walk

pytestmark = pytest.mark.django_db
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture(autouse=True)
def files(tmp_path: Path) -> Iterator[Path]:
    """Where the files of a test go."""
    with in_one_transaction(tmp_path / "exports"):
        yield tmp_path / "exports"


@pytest.fixture
def manager(user_with: UserWith) -> User:
    """A data manager."""
    return user_with("data_manager")


def codes(refused: Any) -> set[str]:
    return {refusal.code for refusal in refused.value.refusals}


def actions() -> list[str]:
    found = AuditEvent.objects.filter(action__startswith="export").order_by("pk")
    return list(found.values_list("action", flat=True))


def fetch(job: ExportJob, actor: User, now: datetime) -> Fetched:
    return fetch_export(job_id=job.pk, actor=User.objects.get(pk=actor.pk), now=now)


def test_a_file_is_asked_for_made_taken_and_gone_after_a_day(
    course: Course, manager: User, now: datetime, files: Path
) -> None:
    job = asked(manager, now, who={"product": course.product})
    assert (job.status, job.total, job.left_out) == ("queued", 1, 0)
    job = made(job, now + MINUTE)
    assert (job.status, job.done, job.attempts, job.lease_until) == ("ready", 1, 1, None)
    assert job.expires_at == now + MINUTE + 24 * HOUR
    assert (files.stat().st_mode & 0o777, len(list(files.iterdir()))) == (0o700, 1)
    taken = fetch(job, manager, now + HOUR)
    assert taken.path.stat().st_mode & 0o777 == 0o600
    assert taken.path.stat().st_size == job.file_size
    assert taken.name == f"percorso-timelines-NIG-2026-11-12-{job.pk}.csv"
    fetch(job, manager, now + HOUR)
    job.refresh_from_db()
    assert job.downloads == 2
    last = AuditEvent.objects.filter(action="export.download").latest("pk")
    assert (last.after["downloads"], last.after["sha256"]) == (2, job.sha256)
    assert expire_files(now + 24 * HOUR) == 0
    with pytest.raises(Refused) as late:
        fetch(job, manager, now + 25 * HOUR)
    assert codes(late) == {"expired"}
    assert job_view(job, manager, now + 25 * HOUR).status == "expired"
    assert expire_files(now + 25 * HOUR) == 1
    assert list(files.iterdir()) == []
    with pytest.raises(Refused) as gone:
        fetch(job, manager, now + 26 * HOUR)
    assert codes(gone) == {"expired"}
    assert actions() == [
        "export.request", "export.ready", "export.download", "export.download", "export.expired",
    ]  # fmt: skip


def test_everything_against_a_request_is_said_at_once(manager: User, now: datetime) -> None:
    nobody_yet = Course.objects.count() == 0
    who = {"infused_after": date(2026, 2, 1), "infused_before": date(2026, 1, 1)}
    with pytest.raises(Refused) as refused:
        asked(manager, now, content="all", format="doc", language="fr", level="some", purpose=" ",
              who=who)  # fmt: skip
    assert nobody_yet
    assert codes(refused) == {
        "unknown_choice", "purpose_needed", "dates_backwards", "nothing_to_export",
    }  # fmt: skip
    fields = {refusal.field for refusal in refused.value.refusals}
    assert {"content", "format", "language", "level", "purpose", "infused_before"} <= fields


def test_who_may_not_export_asks_in_vain(
    course: Course, user_with: UserWith, now: datetime
) -> None:
    with pytest.raises(NotAllowed):
        asked(user_with("ward_nurse"), now)
    with pytest.raises(NotAllowed):
        asked(user_with("coordinator"), now, level=Level.IDENTIFIED)


def test_nobody_keeps_the_worker_from_all_others(
    course: Course, manager: User, now: datetime
) -> None:
    jobs = [asked(manager, now) for _ in range(10)]
    with pytest.raises(Refused) as refused:
        asked(manager, now)
    assert codes(refused) == {"too_many_waiting"}
    cancel_export(job_id=jobs[0].pk, actor=manager, now=now)
    asked(manager, now)


def test_the_courses_are_chosen_by_product_protocol_centre_and_infusion(
    refer_patient: Refer, course: Course, user_with: UserWith, manager: User, now: datetime
) -> None:
    walk = Walk(refer_patient(user_with("coordinator")), user_with).to_infusion()
    infused = walk.course.anchors.get(kind="infusion").actual_on
    assert infused is not None
    day = timedelta(days=1)

    def total(**who: Any) -> int:
        return asked(manager, now, who=who).total

    assert total() == 2
    assert total(protocol=course.protocol.code, centre="NIG") == 2
    assert total(infused_after=infused, infused_before=infused) == 1
    for who in (
        {"infused_after": infused + day},
        {"infused_before": infused - day},
        {"product": "other"},
        {"protocol": "other"},
        {"centre": "PAV"},
    ):
        with pytest.raises(Refused) as refused:
            total(**who)
        assert codes(refused) == {"nothing_to_export"}


def test_whoever_withdrew_the_data_is_in_no_file_and_counted(
    refer_patient: Refer, course: Course, user_with: UserWith, manager: User, now: datetime
) -> None:
    walk = Walk(refer_patient(user_with("coordinator")), user_with).to_apheresis()
    job = asked(manager, now)
    assert (job.total, job.left_out) == (2, 0)
    walk.go("withdrawn", reason="asked to", details=DATA_TOO)
    job = made(job, now)
    assert (job.total, job.left_out, job.status) == (1, 1, "ready")
    assert {row["course"] for row in csv_rows(job)} == {Pseudonym.objects.get(course=course).code}
    fetch(job, manager, now)
    Walk(course, user_with).to_apheresis().go("withdrawn", reason="too", details=DATA_TOO)
    with pytest.raises(Refused) as gone:
        fetch(job, manager, now)
    assert codes(gone) == {"withdrawn_since"}
    job.refresh_from_db()
    assert job.downloads == 1
    with pytest.raises(Refused) as refused:
        asked(manager, now)
    assert codes(refused) == {"nothing_to_export"}


def test_a_file_of_which_nothing_is_left_fails(
    refer_patient: Refer, user_with: UserWith, manager: User, now: datetime
) -> None:
    walk = Walk(refer_patient(user_with("coordinator")), user_with).to_apheresis()
    job = asked(manager, now)
    walk.go("withdrawn", reason="asked to", details=DATA_TOO)
    job = made(job, now)
    assert (job.status, job.error_code) == ("failed", "nothing_left")
    assert "Nothing that may leave" in job_view(job, manager, now).fault


def test_a_file_with_names_of_a_data_manager_waits_for_a_haematologist(
    course: Course, manager: User, haematologist: User, now: datetime
) -> None:
    job = asked(manager, now, level=Level.IDENTIFIED)
    assert job.status == "to_sign"
    assert build_next(lambda: now) is None
    with pytest.raises(NotAllowed):
        sign_export(job_id=job.pk, signed_in_at=now, actor=manager, now=now)
    with pytest.raises(Refused) as stale:
        sign_export(job_id=job.pk, signed_in_at=now - HOUR, actor=haematologist, now=now)
    assert codes(stale) == {"sign_in_again"}
    assert job_view(job, haematologist, now).may_sign
    sign_export(job_id=job.pk, signed_in_at=now, actor=haematologist, now=now)
    with pytest.raises(Refused) as twice:
        sign_export(job_id=job.pk, signed_in_at=now, actor=haematologist, now=now)
    assert codes(twice) == {"not_waiting"}
    job = made(job, now)
    assert job.status == "ready"
    [patient] = {(r["family_name"], r["birth_date"], r["identifiers"]) for r in csv_rows(job)}
    family, born = course.patient.family_name, course.patient.birth_date.isoformat()
    assert patient[:2] == (family, born)
    assert patient[2].startswith("Hospital ")
    assert csv_rows(job)[0]["course"] == course.code
    assert "export.sign" in actions()
    with pytest.raises(NotAllowed):
        fetch(job, haematologist, now)  # signed it, did not ask for it


def test_a_file_with_names_needs_a_reason_and_a_fresh_password(
    course: Course, haematologist: User, now: datetime
) -> None:
    with pytest.raises(Refused) as refused:
        asked(haematologist, now, level=Level.IDENTIFIED, reason=" ")
    assert codes(refused) == {"reason_needed"}
    job = asked(haematologist, now, level=Level.IDENTIFIED)
    assert job.status == "queued"
    made(job, now)
    Membership.objects.filter(user=haematologist).update(role="coordinator")
    with pytest.raises(NotAllowed):
        fetch(job, haematologist, now)


def test_nobody_signs_their_own(course: Course, user_with: UserWith, now: datetime) -> None:
    manager = user_with("data_manager")
    job = asked(manager, now, level=Level.IDENTIFIED)
    Membership.objects.filter(user=manager).update(role="haematologist")
    with pytest.raises(Refused) as own:
        sign_export(job_id=job.pk, signed_in_at=now, actor=User.objects.get(pk=manager.pk), now=now)
    assert codes(own) == {"two_people"}


def test_who_could_sign_declines_and_nobody_else_cancels_for_another(
    course: Course, manager: User, haematologist: User, user_with: UserWith, now: datetime
) -> None:
    job = asked(manager, now, level=Level.IDENTIFIED)
    with pytest.raises(NotAllowed):
        cancel_export(job_id=job.pk, actor=user_with("quality"), now=now)
    cancel_export(job_id=job.pk, actor=haematologist, now=now)
    job.refresh_from_db()
    assert job.status == "cancelled"
    with pytest.raises(Refused) as over:
        cancel_export(job_id=job.pk, actor=manager, now=now)
    assert codes(over) == {"nothing_to_cancel"}


def test_who_sees_which_file(
    course: Course,
    manager: User,
    haematologist: User,
    user_with: UserWith,
    other_centre: Centre,
    now: datetime,
) -> None:
    named, plain = asked(manager, now, level=Level.IDENTIFIED), asked(manager, now + MINUTE)
    for reader, seen in (
        (manager, [plain, named]),
        (user_with("quality"), [plain, named]),
        (user_with("centre_admin"), [plain, named]),
        (haematologist, [named]),
        (user_with("coordinator"), []),
        (user_with("ward_nurse"), []),
        (user_with("centre_admin", at=other_centre), []),
    ):
        assert list(jobs_of(reader)) == seen, reader
    made(plain, now)
    plain.refresh_from_db()
    for reader in (user_with("quality"), user_with("centre_admin")):
        assert not job_view(plain, reader, now).may_download
        with pytest.raises(NotAllowed):
            fetch(plain, reader, now)
    with pytest.raises(ExportJob.DoesNotExist):
        fetch(plain, user_with("centre_admin", at=other_centre), now)


def test_what_a_fault_ends_is_told_and_tried_again(
    course: Course, manager: User, now: datetime, monkeypatch: pytest.MonkeyPatch, files: Path
) -> None:
    job = asked(manager, now)
    with pytest.raises(Refused) as running:
        retry_export(job_id=job.pk, actor=manager, now=now)
    assert codes(running) == {"not_failed"}
    for error, code in (
        (ValueError("of Rossi"), "ValueError"),
        (OSError(28, "no space"), "no_room"),
        (SoftTimeLimitExceeded(), "too_long"),
    ):
        with monkeypatch.context() as broken:
            broken.setattr(building, "_write", _raising(error))
            job = made(job, now)
        assert (job.status, job.error_code, job.lease_until) == ("failed", code, None)
        assert list(files.iterdir()) == []
        retry_export(job_id=job.pk, actor=manager, now=now)
    assert made(job, now).status == "ready"
    assert actions().count("export.failed") == actions().count("export.retry") == 3
    assert "Rossi" not in str(AuditEvent.objects.filter(action="export.failed").values())


def _raising(error: Exception) -> Any:
    def write(*_given: Any) -> None:
        raise error

    return write


def test_a_database_that_goes_away_leaves_the_job_to_its_lease(
    course: Course, manager: User, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = asked(manager, now)
    with monkeypatch.context() as broken:
        broken.setattr(building, "_write", _raising(OperationalError("gone")))
        with pytest.raises(OperationalError):
            build_next(lambda: now)
    assert build_next(lambda: now + MINUTE) is None, "its lease has not run out"
    job = made(job, now + LEASE + MINUTE)
    assert (job.status, job.attempts) == ("ready", 2)


def test_what_kills_each_worker_is_given_up_and_says_how_far_it_came(
    course: Course, manager: User, now: datetime
) -> None:
    job = asked(manager, now)
    at = now
    for attempt in range(1, MOST_ATTEMPTS + 1):
        taken = claim(at)
        assert taken is not None
        assert taken.attempts == attempt
        ExportJob.objects.filter(pk=job.pk).update(done=attempt)
        at += LEASE + MINUTE
    assert claim(at) is None
    job.refresh_from_db()
    assert (job.status, job.error_code, job.done) == ("failed", "worker_lost", MOST_ATTEMPTS)
    assert "after 3 of 1 courses" in job_view(job, manager, at).fault
    view = job_view(job, manager, at)
    assert (view.may_retry, view.may_cancel, view.moving) == (True, False, False)
    # The first of them wakes up when another makes it on a second asking: it is not its own.
    retry_export(job_id=job.pk, actor=manager, now=at)
    again = claim(at)
    assert again is not None
    job.refresh_from_db()
    assert (job.status, job.done, tries(job.attempts)) == ("running", 0, 1)
    woken = ExportJob.objects.get(pk=job.pk)
    woken.attempts = 1
    with pytest.raises(Lost):
        finish(woken, Kept("old.csv", 1, "0" * 64), at, total=1, left_out=0)
    finish(again, Kept("new.csv", 1, "0" * 64), at, total=1, left_out=0)
    job.refresh_from_db()
    assert (job.status, job.file_name) == ("ready", "new.csv")


def test_one_is_made_at_a_time_and_the_eldest_first(
    course: Course, manager: User, coordinator: User, now: datetime
) -> None:
    later, first = asked(manager, now + MINUTE), asked(coordinator, now)
    taken = claim(now + HOUR)
    assert taken == first
    assert claim(now + HOUR) is None
    finish(first_of(taken), Kept("x.csv", 1, "0" * 64), now + HOUR, total=1, left_out=0)
    assert claim(now + HOUR) == later


def first_of(job: ExportJob | None) -> ExportJob:
    assert job is not None
    return job


def test_who_lost_their_job_throws_its_file_away(
    course: Course, manager: User, now: datetime, monkeypatch: pytest.MonkeyPatch, files: Path
) -> None:
    job = asked(manager, now)

    def cancelled_meanwhile(*given: Any, **more: Any) -> None:
        cancel_export(job_id=job.pk, actor=manager, now=now)
        finish(*given, **more)

    with monkeypatch.context() as slow:
        slow.setattr(building, "finish", cancelled_meanwhile)
        job = made(job, now)
    assert (job.status, job.file_name, list(files.iterdir())) == ("cancelled", "", [])
    assert "export.ready" not in actions()
    job = asked(manager, now)
    with monkeypatch.context() as slow:
        slow.setattr(building, "_write", _raising(Lost()))
        made(job, now)
    assert list(files.iterdir()) == []


def test_who_may_not_export_any_more_gets_no_file(
    course: Course, manager: User, user_with: UserWith, now: datetime
) -> None:
    job = asked(manager, now)
    deactivate_user(
        user_id=manager.pk, reason="left the house", actor=user_with("centre_admin"), now=now
    )
    job = made(job, now)
    assert (job.status, job.error_code) == ("failed", "not_permitted")


def test_a_missing_file_is_said_clearly(
    course: Course, manager: User, now: datetime, files: Path
) -> None:
    job = made(asked(manager, now), now)
    (files / job.file_name).unlink()
    view = job_view(job, manager, now)
    assert (view.missing, view.may_download) == (True, False)
    with pytest.raises(Refused) as missing:
        fetch(job, manager, now)
    assert codes(missing) == {"file_missing"}
    waiting = asked(manager, now)
    with pytest.raises(Refused) as early:
        fetch(waiting, manager, now)
    assert codes(early) == {"not_ready"}
    assert expire_files(now + 25 * HOUR) == 1, "nothing to delete is no fault"


def test_what_a_crash_left_in_the_folder_goes_after_a_day(
    course: Course, manager: User, files: Path
) -> None:
    now = timezone.now()
    job = made(asked(manager, now), now)
    (folder() / "making-of-a-killed-worker").mkdir()
    (folder() / "orphan.csv").write_text("half")
    assert expire_files(now) == 0
    assert len(list(files.iterdir())) == 3, "somebody may be making it"
    job.expires_at = now + 100 * HOUR
    job.save(update_fields=["expires_at"])
    expire_files(now + 25 * HOUR)
    assert [path.name for path in files.iterdir()] == [job.file_name]
    assert content_of(job)


def test_a_retry_with_names_is_asked_for_anew(
    course: Course, haematologist: User, coordinator: User, now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    job = asked(haematologist, now, level=Level.IDENTIFIED)
    with monkeypatch.context() as broken:
        broken.setattr(building, "_write", _raising(ValueError()))
        made(job, now)
    with pytest.raises(Refused) as refused:
        retry_export(job_id=job.pk, actor=haematologist, now=now)
    assert codes(refused) == {"ask_anew"}
    assert not job_view(ExportJob.objects.get(pk=job.pk), haematologist, now).may_retry


def test_the_table_knows_no_way_back_from_an_end() -> None:
    with pytest.raises(Impossible, match="expired to queued"):
        moved(JobStatus.EXPIRED, JobStatus.QUEUED)


def test_beat_looks_for_files_and_deletes_them(
    course: Course, manager: User, now: datetime
) -> None:
    schedule = current_app.conf.beat_schedule
    assert schedule["exports"]["task"] == tasks.build_now.name
    assert schedule["export_expiry"]["task"] == tasks.expire_now.name
    job = asked(manager, now)
    tasks.build_now()
    job.refresh_from_db()
    assert job.status == "ready"
    tasks.expire_now()


def test_tries_are_counted_on_when_somebody_asks_again() -> None:
    assert [tries(count) for count in (0, 3, 100, 103)] == [0, 3, 0, 3]
    assert [tried_anew(count) for count in (0, 3, 103, 29_903)] == [100, 100, 200, 0]
