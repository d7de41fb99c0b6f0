"""Notices: to whom, counted, acknowledged by each person, taken back by their cause."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from accounts.models import Centre, User
from audit.models import AuditEvent
from patients.models import Course
from reminders.badges import MOST_COUNTED, open_counts
from reminders.models import Notice
from reminders.notices import (
    acknowledge,
    raise_notice,
    restore_notices,
    withdraw_all,
    withdraw_notices,
)
from reminders.telling import (
    acknowledged_notices,
    notice_views,
    notices_of,
    open_notices,
)
from terms.refusals import Refused
from terms.words import Bilingual
from tests.conftest import NOW, UserWith
from tests.services.refused import codes

LATER = NOW + timedelta(hours=1)
HOLD = {
    "step": "Infusion",
    "reason": Bilingual("Travel", "Viaggio"),
    "since": date(2026, 11, 10),
}


@pytest.fixture
def tell(course: Course, coordinator: User) -> Any:
    """Raise a notice on the course."""

    def raised(**given: Any) -> Notice:
        values: dict[str, Any] = {
            "code": "hold_opened",
            "roles": ["haematologist"],
            "params": HOLD,
            "now": NOW,
        }
        return raise_notice(course=course, actor=coordinator, **(values | given))

    return raised


def test_a_notice_reaches_the_role_and_the_person_it_is_sent_to(
    tell: Any, user_with: UserWith, haematologist: User
) -> None:
    nurse, colleague = user_with("ward_nurse"), user_with("ward_nurse")
    notice = tell(to_users=[nurse])
    assert [open_counts(user).notices for user in (haematologist, nurse, colleague)] == [1, 1, 0]
    assert list(open_notices(nurse)) == [notice]
    assert AuditEvent.objects.filter(action="notice.raise", object_id=str(notice.pk)).exists()


def test_the_frame_counts_a_hundred_and_no_more(
    tell: Any, haematologist: User, client: Client
) -> None:
    client.force_login(haematologist)
    for number in range(MOST_COUNTED - 1):
        tell(about=f"hold:{number}")
    assert "> 99</span>" in client.get(reverse("about")).content.decode()
    tell(about="hold:once-more")
    assert "> 99+</span>" in client.get(reverse("about")).content.decode()


def test_a_notice_stays_at_its_centre(tell: Any, user_with: UserWith, other_centre: Centre) -> None:
    stranger, nobody = user_with("haematologist", at=other_centre), user_with()
    tell(to_users=[stranger, nobody])
    assert [open_counts(stranger).notices, open_counts(nobody).notices] == [0, 0]


def test_words_come_in_the_readers_language(tell: Any, haematologist: User) -> None:
    view = notice_views(haematologist, [tell()])[0]
    assert view.text == "On hold since 10-Nov-2026: Infusion (Travel)."
    assert view.name.startswith("ROSSI")
    with translation.override("it"):
        italian = notice_views(haematologist, [Notice.objects.get()])[0]
        assert "Infusione (Viaggio)" in italian.text
        assert "10-nov-2026" in italian.text


def test_a_reader_of_codes_gets_no_name(tell: Any, user_with: UserWith, course: Course) -> None:
    reader = user_with("data_manager")
    assert notice_views(reader, [tell(roles=["data_manager"])])[0].name == course.code


def test_repeats_count_on_one_row_and_ask_again(tell: Any, haematologist: User) -> None:
    first = tell(about="hold:1")
    acknowledge(notice_id=first.pk, actor=haematologist, now=NOW, remark=" seen ")
    assert open_counts(haematologist).notices == 0
    assert [n.pk for n in acknowledged_notices(haematologist)] == [first.pk]
    again = tell(about="hold:1", now=LATER, roles=["coordinator"])
    assert again.pk == first.pk
    assert again.count == 2
    assert again.roles == ["coordinator", "haematologist"]
    assert open_counts(haematologist).notices == 1
    assert tell(about="hold:2").pk != first.pk


def test_each_person_acknowledges_alone_and_once(
    tell: Any, haematologist: User, user_with: UserWith, course: Course
) -> None:
    colleague = user_with("haematologist")
    notice = tell()
    reading = acknowledge(notice_id=notice.pk, actor=haematologist, now=LATER, remark=" seen ")
    assert (reading.remark, reading.at) == ("seen", LATER)
    assert [open_counts(haematologist).notices, open_counts(colleague).notices] == [0, 1]
    assert list(notices_of(colleague, course)) == [notice]
    with pytest.raises(Refused) as refused:
        acknowledge(notice_id=notice.pk, actor=haematologist, now=LATER, remark="x" * 501)
    assert codes(refused.value) == {"already_acknowledged", "too_long"}


def test_nobody_acknowledges_what_was_sent_to_others(
    tell: Any, user_with: UserWith, coordinator: User
) -> None:
    notice = tell()
    with pytest.raises(Notice.DoesNotExist):
        acknowledge(notice_id=notice.pk, actor=coordinator, now=LATER)


def test_an_undo_takes_back_what_its_cause_told(
    tell: Any, course: Course, coordinator: User, haematologist: User
) -> None:
    tell(cause="change:1")
    tell(cause="change:2", now=LATER)
    withdraw_notices(course, cause="change:1", actor=coordinator, now=LATER)
    assert Notice.objects.get().count == 1
    assert open_counts(haematologist).notices == 1
    withdraw_notices(course, cause="change:2", actor=coordinator, now=LATER)
    withdraw_notices(course, cause="change:2", actor=coordinator, now=LATER)
    assert open_counts(haematologist).notices == 0
    assert Notice.objects.get().withdrawn_cause == "change:2"
    assert tell(cause="change:3").count == 1


def test_all_are_taken_back_and_exactly_those_put_back(
    tell: Any, course: Course, coordinator: User, haematologist: User
) -> None:
    tell(cause="change:1", about="a")
    tell(cause="change:2", about="b")
    withdraw_notices(course, cause="change:1", actor=coordinator, now=LATER)
    withdraw_all(course, cause="error:1", actor=coordinator, now=LATER)
    assert open_counts(haematologist).notices == 0
    restore_notices(course, cause="error:1", actor=coordinator, now=LATER)
    assert [notice.about for notice in open_notices(haematologist)] == ["b"]


def test_the_most_pressing_comes_first(tell: Any, haematologist: User) -> None:
    tell(now=LATER)
    tell(code="product_interlock", params={"state": "Failed", "on": date(2026, 11, 1)})
    shown = [notice.code for notice in open_notices(haematologist)]
    assert shown == ["product_interlock", "hold_opened"]


@pytest.mark.parametrize(
    "given",
    [
        {"code": "unheard_of"},
        {"params": {"step": "Infusion"}},
        {"roles": ["boss"]},
        {"roles": []},
    ],
)
def test_a_notice_without_kind_params_or_reader_is_a_fault_of_the_caller(
    tell: Any, given: dict[str, Any]
) -> None:
    with pytest.raises(ValueError, match=r"notice|Role"):
        tell(**given)
