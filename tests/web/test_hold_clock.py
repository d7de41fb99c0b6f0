"""What stands before a transcribed step, and the clock of an infusion on hold, on their pages."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.models import User
from pathway.domain.transcription import PastAttempt, PastCourse
from pathway.hold_clocks import clock_text
from pathway.loading import load_state
from pathway.loading_companions import CompanionRow
from pathway.referring import NewCourse
from pathway.selectors import stage_options
from pathway.transcribing import Transcript, transcribe
from patients.holds import open_hold
from patients.models import Course
from patients.people import NewPatient
from protocol.models import Protocol
from tests.conftest import NOW

TODAY = NOW.date()


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


DEPLETED = PastCourse(
    stage="lymphodepletion",
    referred_on=ago(90),
    enrolled_on=ago(85),
    accepted_on=ago(80),
    attempts=(PastAttempt(ago(75), "adequate"),),
    product_state="stored",
    product_on=ago(20),
    ld_regimen="Flu/Cy",
    ld_from=ago(7),
    ld_to=ago(5),
)


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def enter(protocol: Protocol, coordinator: User, client: Client) -> Any:
    """A transcribed course with its infusion on hold, and its pages."""

    def entered(past: PastCourse, name: str = "Rossi") -> Course:
        course = transcribe(
            patient=NewPatient(
                family_name=name,
                given_name="Anna",
                birth_date=date(1970, 1, 2),
                sex="female",
                identifiers=(("Hospital", name),),
            ),
            transcript=Transcript(
                NewCourse(protocol_code=protocol.code, referred_on=past.referred_on), past
            ),
            actor=coordinator,
            now=NOW,
        )
        open_hold(
            course_id=course.pk, step="infusion", reason_code="PERSONAL", began_on=ago(1),
            actor=coordinator, now=NOW,
        )  # fmt: skip
        return course

    client.force_login(coordinator)
    return entered


def pages(client: Client, course: Course) -> list[str]:
    """The course page, and the board both ways."""
    addresses = (
        reverse("course", args=[course.pk]),
        reverse("board"),
        f"{reverse('board')}?view=table",
    )
    return [client.get(address).content.decode() for address in addresses]


@pytest.mark.parametrize(
    ("past", "said"),
    [
        (DEPLETED, "Day 5 of 14 since the end of lymphodepletion"),
        (replace(DEPLETED, ld_from=ago(16), ld_to=ago(14)), "Day 14 of 14"),
        (
            replace(DEPLETED, ld_from=ago(18), ld_to=ago(15)),
            "Day 15 since the end of lymphodepletion: past the 14 of the protocol",
        ),
    ],
)
def test_the_clock_of_a_hold_counts_from_the_end_of_lymphodepletion(
    enter: Any, client: Client, past: PastCourse, said: str
) -> None:
    course = enter(past)
    for page in pages(client, course):
        assert said in page


def test_no_clock_runs_before_lymphodepletion_is_complete(enter: Any, client: Client) -> None:
    course = enter(replace(DEPLETED, ld_to=None))
    for page in pages(client, course):
        assert "since the end of lymphodepletion" not in page


@pytest.mark.parametrize(
    ("row", "stage", "since", "said"),
    [
        ({}, "lymphodepletion", ago(8), "Day 5 of 14 since the end of lymphodepletion"),
        ({"last_given_on": ago(6)}, "lymphodepletion", ago(8), "Day 6 of 14"),
        ({"state": "in_progress"}, "lymphodepletion", ago(8), ""),
        ({"state": "cancelled"}, "lymphodepletion", ago(8), ""),
        ({}, "infusion", ago(8), ""),
        # Back from lymphodepletion and forward again: that was an earlier round.
        ({}, "lymphodepletion", ago(4), ""),
    ],
)
def test_which_lymphodepletion_runs_the_clock(
    row: dict[str, Any], stage: str, since: date, said: str
) -> None:
    plain = CompanionRow("lymphodepletion", 1, "complete", ago(5), None, "", "", None, None, None)
    text = clock_text([replace(plain, **row)], stage=stage, stage_since=since, most=14, today=TODAY)
    assert text.startswith(said) if said else text == ""


def test_what_was_transcribed_says_so_wherever_it_is_shown(
    enter: Any, client: Client, haematologist: User, coordinator: User
) -> None:
    course = enter(DEPLETED)
    page, *_boards = pages(client, course)
    assert "not transcribed" in page
    assert page.count("badge--unchecked") > 3  # each companion, besides the rail and the course
    (depletion,) = load_state(course).of("lymphodepletion")
    doses = client.get(reverse("doses", args=[course.pk, "lymphodepletion", depletion.pk]))
    assert "Doses not transcribed" in doses.content.decode()
    records = client.get(reverse("course_records", args=[course.pk])).content.decode()
    assert "badge--unchecked" in records
    detail = client.get(f"/api/v1/courses/{course.pk}/").json()
    told = {row["machine"]: row["doses_not_transcribed"] for row in detail["companions"]}
    assert told["lymphodepletion"] is True
    assert told["apheresis"] is False
    changes = client.get(f"/api/v1/courses/{course.pk}/changes/").json()["results"]
    assert all(change["transcribed"] for change in changes)
    timeline = client.get(f"/api/v1/courses/{course.pk}/timeline/").json()["results"]
    sources = {row["event_code"]: row["source"] for row in timeline}
    assert sources["LD_END"] == sources["ENROL"] == "transcribed, not checked"
    assert "transcribed, not checked" in page
    file = client.get(reverse("course_timeline_csv", args=[course.pk])).getvalue()
    assert b"transcribed, not checked" in file
    options = stage_options(load_state(course), haematologist, TODAY, NOW)
    infusion = next(option for option in options if option.move.target == "infusion")
    # Doses that nobody transcribed are asked about: not known is not none, and not all.
    assert "doses_not_transcribed" in {refusal.code for refusal in infusion.soft}
