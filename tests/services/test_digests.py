"""E-mail: one digest a day, in the reader's language and at their hour, that names nobody."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from celery import current_app
from django.core import mail
from django.core.management import call_command
from django.db import transaction
from pytest_django import Settings

from accounts.models import Centre, User
from patients.anchors import set_actual
from patients.courses import lock_course
from patients.models import Course, Identifier
from protocol.models import Protocol
from reminders import closing, digests
from reminders.digests import make_digests
from reminders.mailing import send_digests
from reminders.models import Delivery, Digest, Reminder
from reminders.preferences import Wishes, set_wishes
from reminders.queue import backlog
from reminders.sending import send_due
from tests.conftest import NOW, Refer, make_protocol
from tests.marrow_only import marrow_only
from tests.services.test_sweep import infuse

pytestmark = pytest.mark.django_db
EIGHT = datetime(2026, 11, 17, 7, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def protocol(db: None) -> Protocol:
    """A schedule of one item."""
    return make_protocol(marrow_only())


@pytest.fixture
def reader(haematologist: User, settings: Settings) -> User:
    """A haematologist with an address, who reads Italian from nine on."""
    settings.SITE_URL = "https://percorso.example"
    haematologist.email = "h@example.org"
    haematologist.save(update_fields=["email"])
    set_wishes(wishes=Wishes(True, 9, "it"), actor=haematologist, now=NOW)
    return haematologist


@pytest.fixture
def courses(reader: User, coordinator: User, refer_patient: Refer) -> list[Course]:
    """Two courses whose first marrows are due on the same day."""
    made = [refer_patient(coordinator) for _ in range(2)]
    for course in made:
        infuse(course, coordinator)
    return made


@pytest.fixture(autouse=True)
def outbox() -> Iterator[None]:
    """Empty at the start of each test."""
    mail.outbox = []
    yield
    mail.outbox = []


def run(now: datetime) -> int:
    """A tick of both tasks; how many e-mails it sent."""
    send_due(now)
    return send_digests(now).sent


def test_one_digest_at_the_readers_hour_about_everything(courses: list[Course]) -> None:
    assert [run(EIGHT), run(EIGHT + HOUR - MINUTE)] == [0, 0]
    assert run(EIGHT + HOUR) == 1
    assert run(EIGHT + 2 * HOUR) == 0
    [letter] = mail.outbox
    assert (letter.to, letter.subject) == (["h@example.org"], "Percorso: 2 scadenze")
    first, second = (course.code for course in courses)
    assert letter.body.splitlines() == [
        "2 promemoria in scadenza:",
        "",
        f"M.R. {first}: scadenza 17-nov-2026",
        f"M.R. {second}: scadenza 17-nov-2026",
        "",
        "https://percorso.example/due/",
        "",
        letter.body.splitlines()[-1],
    ]
    digest = Digest.objects.get()
    key = f"<digest-{digest.message_key}@percorso.example>"
    assert letter.extra_headers["Message-ID"] == key
    assert (digest.status, digest.day, digest.sent_at) == (
        "sent", date(2026, 11, 17), EIGHT + HOUR,
    )  # fmt: skip
    assert Delivery.objects.filter(channel="email", digest=digest).count() == 2


def test_what_was_put_off_is_in_the_digest_of_its_day(courses: list[Course], reader: User) -> None:
    run(EIGHT + HOUR)
    first = Reminder.objects.filter(course=courses[0]).earliest("due_on")
    back = first.due_on + timedelta(days=2)
    closing.snooze(reminder_id=first.pk, until=back, reason="abroad", actor=reader, now=EIGHT)
    assert run(EIGHT + HOUR + DAY) == 0
    assert run(EIGHT + HOUR + 2 * DAY) == 1
    assert mail.outbox[-1].subject == "Percorso: 1 scadenza"


def test_no_e_mail_holds_anything_that_names_the_patient(courses: list[Course]) -> None:
    run(EIGHT + HOUR)
    [letter] = mail.outbox
    text = letter.message().as_string() + letter.body
    for course in courses:
        patient = course.patient
        told = [patient.family_name, patient.given_name, patient.family_name.upper()]
        told += Identifier.objects.filter(patient=patient).values_list("value", flat=True)
        told += [patient.birth_date.isoformat(), "14-ott-1961", "1961"]
        told += ["MARROW", "midollo", "marrow", "brexu", "leuc", "leuk"]
        assert [word for word in told if word.lower() in text.lower()] == []


def test_a_reader_of_codes_gets_codes(courses: list[Course], reader: User) -> None:
    User.objects.filter(pk=reader.pk).update(working_centre=None)
    run(EIGHT + HOUR)
    assert "M.R." not in mail.outbox[0].body
    assert courses[0].code in mail.outbox[0].body


def test_after_days_without_a_worker_there_is_one_digest(courses: list[Course]) -> None:
    assert run(EIGHT + 3 * DAY + HOUR) == 1
    assert run(EIGHT + 3 * DAY + 2 * HOUR) == 0
    assert mail.outbox[0].subject == "Percorso: 2 scadenze"


def test_what_comes_later_waits_for_tomorrows(
    courses: list[Course], reader: User, coordinator: User, refer_patient: Refer
) -> None:
    run(EIGHT + HOUR)
    infuse(refer_patient(coordinator), coordinator)
    assert [run(EIGHT + 3 * HOUR), run(EIGHT + DAY)] == [0, 0]
    assert run(EIGHT + DAY + HOUR) == 1
    assert mail.outbox[1].subject == "Percorso: 1 scadenza"
    assert len({letter.extra_headers["Message-ID"] for letter in mail.outbox}) == 2


def test_a_digest_waits_for_the_sweep_of_its_hour_but_not_for_ever(
    courses: list[Course], reader: User, coordinator: User, refer_patient: Refer
) -> None:
    send_due(EIGHT)
    infuse(refer_patient(coordinator), coordinator)  # due, and no sweep has seen it
    at_nine = EIGHT + HOUR
    assert make_digests(at_nine) == 0
    assert make_digests(at_nine + 10 * MINUTE) == 1


def test_what_was_done_meanwhile_is_left_out_and_nothing_left_sends_nothing(
    courses: list[Course], coordinator: User
) -> None:
    send_due(EIGHT)
    first, second = Reminder.objects.filter(ordinal=1).order_by("pk")
    done = {"done_on": date(2026, 11, 12), "actor": coordinator, "now": NOW}
    closing.mark_done(reminder_id=first.pk, **done)  # type: ignore[arg-type]
    make_digests(EIGHT + HOUR)
    closing.mark_done(reminder_id=second.pk, **done)  # type: ignore[arg-type]
    assert send_digests(EIGHT + HOUR).sent == 0
    assert Digest.objects.get().status == "void"
    assert mail.outbox == []


def test_who_left_or_wants_none_gets_none(
    courses: list[Course], reader: User, other_centre: Centre
) -> None:
    send_due(EIGHT)
    set_wishes(wishes=Wishes(False, 9, "it"), actor=reader, now=NOW)
    assert make_digests(EIGHT + HOUR) == 0
    set_wishes(wishes=Wishes(True, 9, "it"), actor=reader, now=NOW)
    User.objects.filter(pk=reader.pk).update(is_active=False)
    assert make_digests(EIGHT + HOUR) == 0
    User.objects.filter(pk=reader.pk).update(is_active=True)
    reader.memberships.update(ended_at=NOW)
    assert make_digests(EIGHT + HOUR) == 1
    assert send_digests(EIGHT + HOUR).sent == 0
    assert (mail.outbox, Digest.objects.get().status) == ([], "void")


@pytest.mark.parametrize("change", ["wants none", "left", "without an address"])
def test_who_left_or_wants_none_since_it_was_made_gets_none(
    courses: list[Course], reader: User, change: str
) -> None:
    send_due(EIGHT)
    assert make_digests(EIGHT + HOUR) == 1
    if change == "wants none":
        set_wishes(wishes=Wishes(False, 9, "it"), actor=reader, now=NOW)
    elif change == "left":
        User.objects.filter(pk=reader.pk).update(is_active=False)
    else:
        User.objects.filter(pk=reader.pk).update(email="")
    assert send_digests(EIGHT + HOUR).sent == 0
    assert (mail.outbox, Digest.objects.get().status) == ([], "void")


def test_two_at_once_make_one_digest(courses: list[Course], reader: User) -> None:
    send_due(EIGHT)
    day = date(2026, 11, 17)
    assert digests._make(reader, day, EIGHT + HOUR)
    assert not digests._make(reader, day, EIGHT + HOUR)


def test_the_task_that_beat_sends_and_the_command_mail(
    courses: list[Course], capsys: pytest.CaptureFixture[str]
) -> None:
    send_due(EIGHT)
    current_app.loader.import_default_modules()  # as a worker does when it starts
    entry = current_app.conf.beat_schedule["mail"]
    assert entry["options"]["expires"] < entry["schedule"]
    with time_machine.travel(EIGHT + HOUR, tick=False):
        current_app.tasks[entry["task"]].apply(throw=True)
        call_command("reminders", "mail")
    assert capsys.readouterr().out == "0 digests sent, 0 not sent\n"
    assert len(mail.outbox) == 1


@pytest.mark.parametrize("on", [date(2026, 10, 25), date(2027, 3, 28)])
@pytest.mark.parametrize("hour", [5, 9, 22])
def test_on_a_day_whose_clocks_change_each_is_sent_once_and_at_its_hour(
    course: Course, coordinator: User, reader: User, on: date, hour: int
) -> None:
    set_wishes(wishes=Wishes(True, hour, "en"), actor=reader, now=NOW)
    zone, now = course.centre.zone, datetime(on.year, on.month, on.day, tzinfo=UTC) - 4 * HOUR
    with transaction.atomic():
        locked = lock_course(course.pk, actor=coordinator)
        set_actual(locked, "infusion", on - 28 * DAY, actor=coordinator, now=now)
    Reminder.objects.filter(course=course).exclude(due_on=on).delete()
    found = []
    for _tick in range(2 * 30):
        before = Delivery.objects.filter(channel="inapp").count()
        told = run(now)
        sent = Delivery.objects.filter(channel="inapp").count() - before
        local = now.astimezone(zone)
        found += [("site", local.date(), local.hour, local.minute)] * sent
        found += [("mail", local.date(), local.hour, local.minute)] * told
        now += 30 * MINUTE
    # At five nothing is told yet: the letter of the day leaves with what comes first.
    left = max(hour, 8)
    assert found[0] == ("site", on, 8, 0)
    assert found[1:] in ([("mail", on, left, 0)], [("mail", on, left, 30)])


def test_letters_that_nobody_makes_are_told_after_a_day(
    courses: list[Course], reader: User
) -> None:
    send_due(EIGHT)
    mornings = backlog(EIGHT + 25 * HOUR), backlog(EIGHT + 26 * HOUR)
    assert [one.oldest_unsent for one in mornings] == [None, EIGHT]
    set_wishes(wishes=Wishes(False, 9, "it"), actor=reader, now=NOW)
    assert backlog(EIGHT + 26 * HOUR).oldest_unsent is None, "they want none"
    set_wishes(wishes=Wishes(True, 9, "it"), actor=reader, now=NOW)
    assert run(EIGHT + 26 * HOUR) == 1
    assert backlog(EIGHT + 26 * HOUR).oldest_unsent is None
