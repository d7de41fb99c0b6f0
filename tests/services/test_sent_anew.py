"""What was laid out to be sent follows the rules, the window and the role as they are by now."""

from datetime import UTC, date, datetime, timedelta

import pytest

from accounts.models import User
from pathway.repinning import repin
from patients.models import Course
from protocol.models import Protocol
from protocol.services import publish
from reminders.correcting_tasks import correct_task
from reminders.dispatches import UNREADABLE, lay_dispatches, not_laid
from reminders.hand_tasks import NewTask, add_task
from reminders.models import Delivery, Dispatch, Reminder
from reminders.sending import send_due
from tests.conftest import NOW, make_protocol
from tests.marrow_only import marrow_only
from tests.services.test_sweep import infuse

pytestmark = pytest.mark.django_db
EIGHT = datetime(2026, 11, 17, 7, tzinfo=UTC)  # by the clocks of Rome, day 28
DAY = timedelta(days=1)
END = EIGHT + 7 * DAY  # the last day in time
ESCALATIONS = (
    "[[sending.escalations]]\ndays = { value = 3,",
    "[[sending.escalations]]\ndays = { value = 7,",
)


@pytest.fixture
def protocol(db: None) -> Protocol:
    """A schedule of one item."""
    return make_protocol(marrow_only())


@pytest.fixture
def first(course: Course, coordinator: User, haematologist: User) -> Reminder:
    """The first marrow, for the haematologist."""
    infuse(course, coordinator)
    return Reminder.objects.filter(course=course).earliest("due_on")


def follow(course: Course, actor: User, *changes: tuple[str, str], number: int = 2) -> None:
    """Let the course follow a version of its protocol in which something else is said."""
    text = marrow_only().decode().replace("version = 1", f"version = {number}", 1)
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    target = publish(content=text.encode(), filename="x.toml", actor_name="test", now=NOW)
    course.refresh_from_db()
    repin(
        course_id=course.pk, protocol_id=target.pk, reason="new", actor=actor, now=NOW,
        expected_version=course.version,
    )  # fmt: skip


def plan(reminder: Reminder) -> list[tuple[int, str, datetime, str, bool]]:
    """What is sent of a reminder and when, without what lapsed."""
    rows = Dispatch.objects.filter(reminder=reminder).exclude(status="void").order_by("step")
    return [(row.step, row.role, row.send_at, row.status, row.last) for row in rows]


def test_another_window_moves_the_steps_that_were_not_sent(
    first: Reminder, course: Course, haematologist: User
) -> None:
    send_due(EIGHT)
    longer = ("window_after = { value = 7", "window_after = { value = 12")
    follow(course, haematologist, longer)
    first.refresh_from_db()
    assert first.window_end == END.date() + 5 * DAY
    send_due(EIGHT + DAY)
    assert plan(first) == [
        (0, "haematologist", EIGHT, "sent", False),
        (1, "coordinator", END + 8 * DAY, "waiting", False),
        (2, "haematologist", END + 12 * DAY, "waiting", True),
    ]
    assert send_due(END + 8 * DAY - DAY).sent == 0, "not three days after the old end"
    assert send_due(END + 8 * DAY).sent == 1


def test_other_steps_are_laid_out_though_no_date_moved(
    first: Reminder, course: Course, haematologist: User
) -> None:
    send_due(EIGHT)
    third, seventh = ESCALATIONS
    sooner = (third, third.replace("3", "1")), (seventh, seventh.replace("7", "9"))
    follow(course, haematologist, *sooner, ("hour = { value = 8", "hour = { value = 10"))
    send_due(EIGHT + DAY)
    two = timedelta(hours=2)
    assert plan(first) == [
        (0, "haematologist", EIGHT, "sent", False),
        (1, "coordinator", END + DAY + two, "waiting", False),
        (2, "haematologist", END + 9 * DAY + two, "waiting", True),
    ]


def test_fewer_steps_than_were_sent_leave_nothing_to_lay_out_for_ever(
    first: Reminder, course: Course, haematologist: User
) -> None:
    send_due(END + 3 * DAY)
    assert [one[3] for one in plan(first)] == ["sent", "sent", "waiting"]
    text = marrow_only().decode()
    begin = text.index(ESCALATIONS[1])
    follow(course, haematologist, (text[begin : text.index("\n\n", begin) + 2], ""))
    assert not_laid(END + 3 * DAY).filter(pk=first.pk).exists()
    lay_dispatches(END + 3 * DAY)
    assert not not_laid(END + 3 * DAY).exists()
    assert [(one[0], one[3], one[4]) for one in plan(first)] == [
        (0, "sent", False),
        (1, "sent", True),
    ]
    assert send_due(END + 20 * DAY).sent == 0
    assert Delivery.objects.filter(channel="inapp").count() == 2, "nobody was told twice"


def test_who_has_to_do_it_by_now_is_told_too(
    first: Reminder, course: Course, haematologist: User, coordinator: User
) -> None:
    send_due(EIGHT)
    text = marrow_only().decode()
    begin = text.index("[schedule.MARROW]")
    role = text[begin : text.index("\n", text.index("role =", begin))]
    follow(course, haematologist, (role, role.replace('"haematologist"', '"coordinator"')))
    assert send_due(EIGHT + DAY).sent == 1
    told = Delivery.objects.filter(channel="inapp", dispatch__reminder=first, dispatch__step=0)
    assert [row.recipient for row in told.order_by("pk")] == [haematologist, coordinator]


def test_a_task_put_right_is_sent_as_it_says_by_now(
    course: Course, coordinator: User, haematologist: User
) -> None:
    on = date(2026, 11, 17)
    task = NewTask(due_on=on, label="Call", role="coordinator")
    row = add_task(course_id=course.pk, task=task, actor=coordinator, now=NOW)
    lay_dispatches(EIGHT - DAY)
    until = NewTask(due_on=on, label="Call", role="haematologist", until=on + 4 * DAY)
    correct_task(reminder_id=row.pk, task=until, reason="x", actor=coordinator, now=NOW)
    lay_dispatches(EIGHT - DAY)
    assert [one[:3] for one in plan(row)] == [
        (0, "haematologist", EIGHT),
        (1, "coordinator", END),
        (2, "haematologist", END + 4 * DAY),
    ]


def test_what_no_protocol_could_be_read_for_is_laid_out_by_the_one_that_can(
    first: Reminder, course: Course, haematologist: User
) -> None:
    Dispatch.objects.create(
        reminder=first, due_on=first.due_on, step=0, last=True, role="haematologist",
        send_at=EIGHT, laid_at=NOW, status="dead", error_code=UNREADABLE,
    )  # fmt: skip
    assert send_due(EIGHT).sent == 0
    follow(course, haematologist)
    assert send_due(EIGHT).sent == 1
