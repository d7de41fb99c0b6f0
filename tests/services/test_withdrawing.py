"""Withdrawals from before Percorso: data stay here until somebody says how far they went."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from audit.models import AuditEvent
from exports.requesting import request_course_timeline, request_intended, request_timelines
from exports.timeline import course_timeline
from pathway.correcting import history
from pathway.importing import Report, try_courses
from pathway.models import Journey
from pathway.referring import NewCourse
from pathway.transcribing import Transcript, transcribe
from pathway.transitions import MoveOrder, advance
from pathway.withdrawing import say_scope
from patients.models import Course
from patients.people import NewPatient
from protocol.models import Protocol
from terms.refusals import NotAllowed, Refused, StaleVersion
from tests.conftest import NOW, UserWith
from tests.domain.test_transcription import LEFT
from tests.services.refused import codes

pytestmark = pytest.mark.django_db
LATER = datetime(2026, 12, 30, 12, tzinfo=UTC)


@pytest.fixture
def left(protocol: Protocol, coordinator: User) -> Course:
    """A transcribed withdrawal of which nobody knows how far it went."""
    patient = NewPatient(
        family_name="Rossi",
        given_name="Maria",
        birth_date=datetime(1961, 10, 14, tzinfo=UTC).date(),
        identifiers=(("Hospital", "1"),),
    )
    past = replace(LEFT, exit_scope="scope_unknown")
    asked = NewCourse(protocol_code=protocol.code, referred_on=past.referred_on)
    course = transcribe(
        patient=patient, transcript=Transcript(asked, past), actor=coordinator, now=NOW
    )
    return Course.objects.get(pk=course.pk)


def leaving(actor: User) -> int:
    """How many lines of the file of every timeline there are, besides its header."""
    return len("".join(request_timelines(actor=actor, now=LATER).pieces).splitlines()) - 1


def test_data_leave_once_somebody_said_that_only_the_treatment_ended(
    left: Course, coordinator: User
) -> None:
    assert leaving(coordinator) == 0
    with pytest.raises(Refused) as caught:
        request_course_timeline(course_id=left.pk, actor=coordinator, now=LATER)
    assert "not known" in str(caught.value)
    [row] = "".join(request_intended(actor=coordinator, now=LATER).pieces).splitlines()[1:]
    assert row.startswith(f"{left.code},,")
    who: dict[str, Any] = {"course_id": left.pk, "actor": coordinator, "now": LATER}
    change = say_scope(exit_scope="treatment_only", reason="asked her", **who)
    assert (change.transcribed, change.happened_on, change.source) == (
        True, left.closed_on, "bridging",
    )  # fmt: skip
    assert leaving(coordinator) > 0
    labels = [one.label for one in course_timeline(coordinator, left)]
    assert "Withdrawn: Treatment only" in labels
    [struck] = [one for one in course_timeline(coordinator, left) if one.event_code == "CORRECTED"]
    assert (struck.label, struck.value) == (
        "Corrected, stood before: Withdrawn", "scope_unknown",
    )  # fmt: skip
    with pytest.raises(Refused) as caught:
        say_scope(exit_scope="treatment_only", reason=" ", **who)
    assert codes(caught.value) == {"nothing_changed", "reason_needed"}
    with pytest.raises(StaleVersion):
        say_scope(exit_scope="treatment_and_data", reason="x", expected_version=left.version, **who)
    say_scope(exit_scope="treatment_and_data", reason="she called again", **who)
    assert leaving(coordinator) == 0
    event = AuditEvent.objects.filter(action="journey.scope").latest("pk")
    assert (event.before, event.after) == (
        {"exit_scope": "treatment_only"},
        {"exit_scope": "treatment_and_data"},
    )
    standing, earlier = history(left)[-1]
    assert [one.details.get("exit_scope") for one in (standing, *earlier)] == [
        "treatment_and_data", "treatment_only", "scope_unknown",
    ]  # fmt: skip


def test_the_way_back_takes_the_scope_along(
    left: Course, haematologist: User, user_with: UserWith
) -> None:
    who: dict[str, Any] = {"course_id": left.pk, "now": LATER, "reason": "asked"}
    with pytest.raises(NotAllowed):
        say_scope(exit_scope="treatment_only", actor=user_with("quality"), **who)
    say_scope(exit_scope="treatment_and_data", actor=haematologist, **who)
    advance(
        course_id=left.pk,
        order=MoveOrder(target="bridging", happened_at=LATER, reason="came back"),
        actor=haematologist,
        now=LATER,
    )
    assert Journey.objects.get(course=left).exit_scope == ""
    assert leaving(haematologist) > 0
    with pytest.raises(Refused) as caught:
        say_scope(exit_scope="treatment_only", actor=haematologist, **who)
    assert codes(caught.value) == {"not_withdrawn"}


def test_a_line_of_a_file_says_how_far(protocol: Protocol, coordinator: User) -> None:
    def tried(**cells: str) -> Report:
        line = {
            "family_name": "Prova", "given_name": "Ada", "birth_date": "1970-01-02",
            "identifier_value": "9", "referred_on": "2026-09-02", "protocol": protocol.code,
            "stage": "withdrawn", "left_stage": "referral", "exited_on": "2026-09-20",
            "exit_reason": "her wish", **cells,
        }  # fmt: skip
        content = ",".join(line) + "\n" + ",".join(line.values()) + "\n"
        return try_courses(content=content.encode(), actor=coordinator, now=NOW)

    def faults(**cells: str) -> set[tuple[str, str]]:
        return {(one.field, one.code) for one in tried(**cells).outcomes[0].refusals}

    assert faults() == {("exit_scope", "exit_scope_needed")}
    assert faults(exit_scope="everything") == {("exit_scope", "invalid_choice")}
    assert faults(stage="declined", exit_scope="scope_unknown") == {
        ("exit_scope", "no_withdrawal")
    }  # fmt: skip
    for said in ("Treatment and use of the data", "scope_unknown", "not known how far"):
        assert faults(exit_scope=said) == set()


def test_page_and_api_say_how_far(client: Client, left: Course, coordinator: User) -> None:
    client.force_login(coordinator)
    page = client.get(reverse("course", args=[left.pk])).text
    assert "none of it leaves in a file" in page
    assert "data withheld" in client.get(reverse("intention")).text
    url = reverse("withdrawal_scope", args=[left.pk])
    assert url in page
    assert "Not known how far" in client.get(url).text
    said = {"exit_scope": "", "reason": "asked her", "expected_version": str(left.version)}
    assert client.post(url, said).status_code == 422
    assert client.post(url, said | {"exit_scope": "treatment_only"}).status_code == 302
    assert client.post(url, said | {"exit_scope": "treatment_and_data"}).status_code == 409
    page = client.get(reverse("course", args=[left.pk])).text
    assert "Corrected, stood before: Withdrawn" in page
    assert "Not known how far" in page  # on the timeline
    assert "What is recorded stays in lists and files." in page
    api = f"/api/v1/courses/{left.pk}/withdrawal/"
    body: dict[str, Any] = {"exit_scope": "treatment_and_data", "reason": "she called"}
    assert client.post(api, body, "application/json").status_code == 428
    body["expected_version"] = left.version + 1
    assert client.post(api, body, "application/json").status_code == 201
    assert Journey.objects.get(course=left).exit_scope == "treatment_and_data"


def test_page_of_a_course_under_way_is_not_there(
    client: Client, course: Course, coordinator: User
) -> None:
    client.force_login(coordinator)
    assert client.get(reverse("withdrawal_scope", args=[course.pk])).status_code == 404
