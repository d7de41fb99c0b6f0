"""The page of what is due: sections, words, order, who sees whom; and the forms it leads to."""

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pytest
import time_machine
from django.db import transaction
from django.test import Client
from django.urls import reverse

from accounts.models import Centre, User
from desk.worklist import MOST_IN_A_SECTION
from patients.anchors import clear_actual, set_actual
from patients.courses import lock_course
from patients.models import Course, Stay
from protocol.models import Protocol
from reminders import closing
from reminders.models import Reminder, Status
from reminders.sending import send_due
from reminders.wording import due_text, standing_text
from tests.conftest import NOW, Refer, UserWith, make_protocol
from tests.marrow_only import marrow_only
from tests.toxicity_course import at
from toxicity.models import Episode

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 12)


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    """Pages read the clock."""
    with time_machine.travel(NOW, tick=False):
        yield


@transaction.atomic
def infuse(course: Course, actor: User, on: date, now: datetime = NOW) -> Course:
    set_actual(lock_course(course.pk, actor=actor), "infusion", on, actor=actor, now=now)
    return course


@pytest.fixture
def protocol(db: None) -> Protocol:
    """One whose schedule has the marrow checks alone."""
    return make_protocol(marrow_only())


@pytest.fixture
def followed(refer_patient: Refer, coordinator: User) -> dict[str, Course]:
    """Overdue by nine days, due within its window, due in six days, due much later."""
    days = {"Tarda": 2, "Adesso": 14, "Presto": 21}
    courses = {
        name: infuse(
            refer_patient(coordinator, family_name=name, number=name),
            coordinator,
            date(2026, 10, day),
        )
        for name, day in days.items()
    }
    lontana = refer_patient(coordinator, family_name="Lontana", number="L")
    return courses | {"Lontana": infuse(lontana, coordinator, date(2026, 11, 10))}


def first_of(course: Course) -> Reminder:
    return Reminder.objects.filter(course=course).order_by("due_on")[0]


def page(client: Client, user: User, query: str = "") -> str:
    """The page without its markup."""
    client.force_login(user)
    response = client.get(reverse("today") + query)
    assert response.status_code == 200
    main = response.content.decode().split("<main")[1].split("</main>")[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main.split("</form>", 1)[1]))


def test_what_is_due_stands_in_its_section_with_its_lateness_as_a_word(
    client: Client, followed: dict[str, Course], haematologist: User
) -> None:
    said = page(client, haematologist)
    late, rest = said.split("Overdue (1)")[1].split("Due now (1)")
    now, soon = rest.split("Next 7 days (1)")
    assert "TARDA" in late
    assert "Overdue, 6 days" in late
    assert "Day +41" in late
    assert "Bone marrow" in late
    assert "Haematologist" in late
    assert "due 30-Oct-2026, in time from 27-Oct-2026 to 06-Nov-2026" in late
    assert "ADESSO" in now
    assert "In 6 days" in soon
    assert "PRESTO" in soon
    assert "LONTANA" not in said
    assert "as of 12-Nov-2026 10:30" in said


def test_patients_with_open_toxicity_come_first_and_a_week_stands_together(
    client: Client, followed: dict[str, Course], haematologist: User, coordinator: User
) -> None:
    worse = followed["Presto"]
    infuse(worse, coordinator, date(2026, 10, 6))  # due on 3-Nov, less late than Tarda
    Episode.objects.create(
        course=worse, scale="crs", ordinal=1, peak=1, peak_at=at(worse, 1), onset_at=at(worse, 1),
        last_at=at(worse, 1), onset_on=date(2026, 10, 9), last_on=date(2026, 10, 9),
    )  # fmt: skip
    twin = first_of(worse)
    twin.pk, twin.item, twin.role = None, "PET30", "haematologist"
    twin.save(force_insert=True)
    said = page(client, haematologist).split("Due now")[0]
    assert said.index("PRESTO") < said.index("TARDA")
    assert said.count("PRESTO, Maria Day +37") == 1
    assert "Open toxicity" in said.split("TARDA")[0]
    assert "PET30" in said.split("TARDA")[0]


def test_small_things_of_a_week_are_folded_below_what_matters_more(
    client: Client, followed: dict[str, Course], haematologist: User
) -> None:
    twin = first_of(followed["Adesso"])
    twin.minor = True
    for ordinal in (1, 2):
        twin.pk, twin.item, twin.ordinal = None, "IRAE", ordinal
        twin.save(force_insert=True)
        folded = page(client, haematologist).split("Due now")[1].split("Next 7 days")[0]
        assert folded.count("ADESSO, Maria Day +29") == 1
        assert ("2 smaller things of the same week" in folded) is (ordinal == 2)
    first_of(followed["Adesso"]).delete()
    alone = page(client, haematologist).split("Due now")[1].split("Next 7 days")[0]
    assert "smaller" not in alone
    twin.pk, twin.ordinal = None, 3
    twin.save(force_insert=True)
    small = page(client, haematologist).split("Due now")[1].split("Next 7 days")[0]
    assert "2 smaller things of the same week" in small, "the first of them stands open"


def test_my_roles_are_shown_and_the_rest_is_counted(
    client: Client, followed: dict[str, Course], coordinator: User
) -> None:
    assert "TARDA" in page(client, coordinator), "a coordinator sees what all have to do"
    mine = page(client, coordinator, "?role=mine")
    assert "TARDA" not in mine
    assert "Nothing of what you chose to see is due." in mine
    assert "nothing is foreseen" not in mine
    assert "2 more are overdue or due for others." in mine
    everything = page(client, coordinator, "?role=all")
    assert "TARDA" in everything
    assert "due for others" not in everything
    assert "TARDA" in page(client, coordinator, "?role=haematologist")
    assert "TARDA" not in page(client, coordinator, "?role=nonsense&coordinator=x")
    Course.objects.filter(pk=followed["Tarda"].pk).update(coordinator=coordinator)
    narrowed = page(client, coordinator, f"?role=all&coordinator={coordinator.pk}")
    assert "TARDA" in narrowed
    assert "ADESSO" not in narrowed


def test_what_was_escalated_to_somebody_is_theirs_to_see(
    client: Client, followed: dict[str, Course], coordinator: User
) -> None:
    assert "TARDA" not in page(client, coordinator, "?role=mine")
    send_due(NOW)
    mine = page(client, coordinator, "?role=mine")
    assert "TARDA" in mine, "three days late: told to the coordinators"
    assert "ADESSO" not in mine, "a day late: with the haematologists"
    assert "1 more is overdue or due for others." in mine


def test_when_nothing_is_due_the_next_is_named(
    client: Client, followed: dict[str, Course], haematologist: User
) -> None:
    for name in ("Tarda", "Adesso"):
        closing.skip(
            reminder_id=first_of(followed[name]).pk, reason="x", actor=haematologist, now=NOW
        )
    Reminder.objects.filter(course=followed["Tarda"]).delete()
    Reminder.objects.filter(course=followed["Adesso"]).delete()
    said = page(client, haematologist)
    first = r"Nothing is due\. Next: Bone marrow.* of PRESTO.* on 18-Nov-2026"
    assert re.search(first, said)
    great = first_of(followed["Lontana"])
    for number in range(MOST_IN_A_SECTION):
        great.pk, great.ordinal = None, 100 + number
        great.due_on = great.window_start = great.window_end = date(2026, 11, 19)
        great.save(force_insert=True)
    Reminder.objects.filter(course=followed["Presto"]).update(minor=True)
    assert re.search(first, page(client, haematologist)), "what matters more hides no earlier day"
    Reminder.objects.filter(ordinal__gte=100).delete()
    Reminder.objects.filter(course=followed["Presto"]).delete()
    said = page(client, haematologist)
    assert re.search(r"Nothing is due\. Next: Bone marrow.* of LONTANA.* on 08-Dec-2026", said)


def test_a_data_manager_reads_codes_and_no_reason_and_does_nothing(
    client: Client, followed: dict[str, Course], user_with: UserWith, haematologist: User
) -> None:
    closing.snooze(
        reminder_id=first_of(followed["Tarda"]).pk,
        until=TODAY + timedelta(days=2),
        reason="her son marries",
        actor=haematologist,
        now=NOW,
    )
    manager = user_with("data_manager")
    said = page(client, manager, "?role=all")
    assert followed["Tarda"].code in said
    assert "TARDA" not in said
    assert "son marries" not in said
    assert "Put off until 14-Nov-2026" in said
    assert "Done for all" not in said
    due = client.get(reverse("course_due", args=[followed["Tarda"].pk])).content.decode()
    assert "son marries" not in due
    assert "/snooze/" not in due
    assert "son marries" in page(client, haematologist)


def test_another_centre_sees_nothing(
    client: Client, followed: dict[str, Course], user_with: UserWith, other_centre: Centre
) -> None:
    stranger = user_with("haematologist", at=other_centre)
    assert not set(followed) & set(page(client, stranger, "?role=all").split())
    together = reverse("reminders_done") + f"?reminder={first_of(followed['Tarda']).pk}"
    assert client.get(together).status_code == 404


def test_a_section_shows_its_first_hundred_and_counts_the_rest(
    client: Client, followed: dict[str, Course], haematologist: User
) -> None:
    row = first_of(followed["Tarda"])
    for number in range(100):
        row.pk, row.ordinal = None, 1000 + number
        row.minor = True
        row.save(force_insert=True)
    said = page(client, haematologist)
    assert "Overdue (101)" in said
    assert "1 more is not shown. Show them too" in said
    whole = page(client, haematologist, "?most=all")
    assert "not shown" not in whole


def test_small_things_never_push_what_matters_off_the_page(
    client: Client, followed: dict[str, Course], haematologist: User
) -> None:
    small = first_of(followed["Tarda"])
    for number in range(100):
        small.pk, small.ordinal, small.minor = None, 1000 + number, True
        small.due_on = small.window_start = date(2026, 9, 10)
        small.save(force_insert=True)
    said = page(client, haematologist)
    assert "due 30-Oct-2026" in said, "the marrow, late less long than a hundred small ones"


def test_done_put_off_skipped_and_opened_again_in_the_browser(
    client: Client, followed: dict[str, Course], haematologist: User
) -> None:
    reminder = first_of(followed["Tarda"])
    client.force_login(haematologist)

    def form(name: str) -> str:
        return reverse(name, args=[reminder.pk])

    asked = client.get(form("reminder_done")).content.decode()
    assert "Save for TARDA" in asked
    assert 'value="12-Nov-2026"' in asked
    early = client.post(form("reminder_done"), {"done_on": "1-Jan-2020"})
    assert early.status_code == 422
    assert "before the referral" in early.content.decode()
    assert client.post(form("reminder_done"), {"done_on": "10-Nov-2026"}).url == reverse("today")  # type: ignore[attr-defined]
    said = page(client, haematologist).split("Done or skipped in the last 7 days (1)")[1]
    assert "Done on 10-Nov-2026" in said
    assert "Open again" in said
    assert client.post(form("reminder_reopen"), {"reason": ""}).status_code == 422
    from_course = client.post(form("reminder_reopen") + "?from=course", {"reason": "dry tap"})
    assert from_course.url == reverse("course_due", args=[reminder.course_id])  # type: ignore[attr-defined]
    wrong = client.post(form("reminder_snooze"), {"until": "12-Nov-2026", "reason": "abroad"})
    assert "Put it off to a day after 12-Nov-2026." in wrong.content.decode()
    client.post(form("reminder_snooze"), {"until": "16-Nov-2026", "reason": "abroad"})
    said = page(client, haematologist)
    assert "Overdue (" not in said
    assert "Put off until 16-Nov-2026" in said.split("Next 7 days (2)")[1]
    client.post(form("reminder_skip"), {"reason": "refuses"})
    assert "refuses" in page(client, haematologist).split("last 7 days")[1]
    reminder.refresh_from_db()
    assert reminder.status == Status.SKIPPED


def test_a_course_shows_all_its_reminders_and_the_way_to_each(
    client: Client, followed: dict[str, Course], haematologist: User, coordinator: User
) -> None:
    course = followed["Adesso"]
    client.force_login(haematologist)
    on_course = client.get(reverse("course", args=[course.pk])).content.decode()
    assert reverse("course_due", args=[course.pk]) in on_course
    said = client.get(reverse("course_due", args=[course.pk])).content.decode()
    assert "Due, in time until" in said
    assert f"/reminders/{first_of(course).pk}/done/?from=course" in said
    with transaction.atomic():
        clear_actual(
            lock_course(course.pk, actor=coordinator), "infusion", actor=coordinator, now=NOW
        )
    gone = client.get(reverse("course_due", args=[course.pk])).content.decode()
    assert re.search(r"Cancelled <span class=\"soft\">\(\d\d\)", gone)


def test_several_are_done_together_on_one_page(
    client: Client, followed: dict[str, Course], haematologist: User
) -> None:
    rows = [first_of(followed[name]) for name in ("Tarda", "Adesso")]
    client.force_login(haematologist)
    together = reverse("reminders_done")
    query = "?" + "&".join(f"reminder={row.pk}" for row in rows)
    asked = client.get(together + query).content.decode()
    assert "TARDA" in asked
    assert "ADESSO" in asked
    body = {"reminder": [str(row.pk) for row in rows], "done_on": "1-Jan-2020"}
    refused = client.post(together, body)
    assert refused.status_code == 422
    assert rows[0].course.code in refused.content.decode()
    assert client.post(together, body | {"done_on": "11-Nov-2026"}).status_code == 302
    assert Reminder.objects.filter(status=Status.DONE, done_on="2026-11-11").count() == 2
    Reminder.objects.filter(pk=rows[0].pk).update(item="PET30")
    mixed = client.get(together + query).content.decode()
    assert "Only reminders of the same kind" in mixed
    assert "done_on" not in mixed
    for unreadable in ("?reminder=x", "?reminder=0", "?reminder=1" + "&reminder=1" * 50):
        assert client.get(together + unreadable).status_code == 404
    assert client.get(together).status_code == 302


def test_a_data_manager_does_what_is_for_data_managers_by_codes_alone(
    client: Client, followed: dict[str, Course], user_with: UserWith
) -> None:
    theirs, others = first_of(followed["Tarda"]), first_of(followed["Adesso"])
    Reminder.objects.filter(pk=theirs.pk).update(role="data_manager")
    client.force_login(user_with("data_manager"))
    said = client.get(reverse("today") + "?role=all").content.decode()
    assert reverse("reminder_done", args=[theirs.pk]) in said
    assert reverse("reminder_done", args=[others.pk]) not in said
    assert "Done for all those ticked" in said
    course_due = client.get(reverse("course_due", args=[theirs.course_id])).content.decode()
    assert reverse("reminder_skip", args=[theirs.pk]) in course_due
    for name in ("reminder_done", "reminder_snooze", "reminder_skip", "reminder_reopen"):
        form = client.get(reverse(name, args=[theirs.pk]))
        assert form.status_code == 200
        assert theirs.course.code in form.content.decode()
        assert "TARDA" not in form.content.decode()
        assert client.get(reverse(name, args=[others.pk])).status_code == 403
    together = f"{reverse('reminders_done')}?reminder={theirs.pk}"
    assert client.get(f"{together}&reminder={others.pk}").status_code == 403
    assert "TARDA" not in client.get(together).content.decode()
    done = client.post(
        reverse("reminder_done", args=[theirs.pk]), {"done_on": "12-Nov-2026"}, follow=True
    ).content.decode()
    assert f"recorded for {theirs.course.code}" in done
    assert first_of(followed["Tarda"]).status == Status.DONE


def test_in_patients_in_need_of_a_check_are_counted_and_linked(
    client: Client, followed: dict[str, Course], haematologist: User
) -> None:
    course = followed["Lontana"]
    Stay.objects.create(
        course=course, unit="ward", began_on=TODAY, recorded_at=NOW, recorded_by="test"
    )
    said = page(client, haematologist)
    assert "1 in-patient needs a bedside check now" in said
    client.force_login(haematologist)
    assert client.get(reverse("ward")).content.decode().count("ward__row--overdue") == 1


def test_the_page_speaks_italian(
    client: Client, followed: dict[str, Course], haematologist: User
) -> None:
    client.cookies["django_language"] = "it"
    said = page(client, haematologist)
    assert "In ritardo di 6 giorni" in said
    assert "Midollo" in said


def test_words_of_what_has_no_window_is_due_today_cancelled_or_to_come(
    followed: dict[str, Course],
) -> None:
    row = first_of(followed["Adesso"])
    row.window_start = row.window_end = row.due_on = TODAY
    assert (due_text(row), standing_text(row, TODAY)) == ("12-Nov-2026", "Due today")
    row.provisional = True
    assert standing_text(row, TODAY) == "Follows a step that is still to come"
    row.status = Status.CANCELLED
    assert standing_text(row, TODAY) == "Cancelled"
