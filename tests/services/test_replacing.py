"""Records of toxicity: stored once per key, replaced and taken back with who, when and why."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from unittest.mock import patch
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction

from accounts.models import User
from accounts.wording import in_words
from audit.models import AuditEvent
from patients.models import Course
from terms.refusals import Refused
from tests.conftest import NOW, Refer, UserWith
from tests.services.refused import codes
from toxicity import replacing
from toxicity.models import Treatment
from toxicity.replacing import Sending, earlier, replaced, said, store, taking_back

pytestmark = pytest.mark.django_db
KEY = UUID("7f1d9a52-0000-4000-8000-000000000001")


def dose(**given: Any) -> Treatment:
    values = {"drug": "dexamethasone", "dose": Decimal("10"), "unit": "mg", "purpose": "crs"}
    return Treatment(given_at=NOW, **{**values, **given})


def sending(course: Course, actor: User, **given: Any) -> Sending:
    return Sending(**{"course": course, "actor": actor, "now": NOW, "content": {}, **given})


def test_same_key_finds_the_row_for_the_same_content_only(
    course: Course, coordinator: User, haematologist: User, refer_patient: Refer
) -> None:
    first = sending(course, coordinator, key=KEY, content={"dose": "10", "unit": "mg"})
    assert earlier(Treatment, first) is None
    row = store(dose(), first, "treatment.give")
    again = sending(course, coordinator, key=KEY, content={"unit": "mg", "dose": "10"})
    assert earlier(Treatment, again) == row
    other = refer_patient(coordinator)
    for others in (
        sending(course, coordinator, key=KEY, content={"dose": "20", "unit": "mg"}),
        sending(course, haematologist, key=KEY, content=first.content),
        sending(other, coordinator, key=KEY, content=first.content),
    ):
        with pytest.raises(Refused) as caught:
            earlier(Treatment, others)
        assert codes(caught.value) == {"key_reused"}
    assert earlier(Treatment, sending(course, coordinator, content=first.content)) is None


def test_who_comes_second_with_a_key_gets_the_row_of_the_first(
    course: Course, coordinator: User
) -> None:
    first = sending(course, coordinator, key=KEY, content={"dose": "10"})
    row = store(dose(), first, "treatment.give")
    assert store(dose(), first, "treatment.give") == row
    with pytest.raises(Refused) as caught:
        store(dose(), sending(course, coordinator, key=KEY, content={}), "treatment.give")
    assert codes(caught.value) == {"key_reused"}
    # The transaction goes on.
    assert Treatment.objects.get() == row
    assert AuditEvent.objects.filter(action="treatment.give").count() == 1


@pytest.mark.parametrize("key", [None, KEY])
def test_what_the_database_refuses_for_another_reason_stays_refused(
    course: Course, coordinator: User, key: UUID | None
) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        store(dose(dose=Decimal(0)), sending(course, coordinator, key=key), "treatment.give")
    assert not Treatment.objects.exists()


def test_record_is_replaced_with_what_stood_in_the_audit(
    course: Course, coordinator: User, haematologist: User
) -> None:
    row = store(dose(), sending(course, coordinator, source="synthetic"), "treatment.give")
    assert (row.recorded_by, row.received_at, row.source) == (
        coordinator.username, NOW, "synthetic",
    )  # fmt: skip
    event = AuditEvent.objects.get(action="treatment.give")
    assert (event.after["dose"], event.before, event.course_id) == ("10", {}, course.pk)
    stood = replaced(Treatment, course, row.pk)
    assert stood == row
    later = sending(course, haematologist, now=NOW + timedelta(hours=1))
    new = store(
        dose(dose=Decimal("20")), later, "treatment.correct", replaces=stood, reason=" misread "
    )
    assert list(Treatment.objects.standing()) == [new]
    event = AuditEvent.objects.get(action="treatment.correct")
    assert (event.before, event.reason) == ({"dose": "10.000"}, "misread")
    assert event.after == {"replaces": row.pk, "dose": "20"}
    with pytest.raises(Refused) as caught:
        replaced(Treatment, course, row.pk)
    (refusal,) = caught.value.refusals
    assert refusal.code == "already_replaced"
    assert in_words(refusal).startswith(f"{haematologist.username} corrected this on 12-Nov-2026")


def test_record_that_was_taken_back_stands_no_more_nor_what_takes_it_back(
    course: Course, coordinator: User
) -> None:
    row = store(dose(), sending(course, coordinator), "treatment.give")
    back = store(
        taking_back(row), sending(course, coordinator), "treatment.withdraw",
        replaces=row, reason="wrong patient",
    )  # fmt: skip
    assert not Treatment.objects.standing().exists()
    assert said(back) == said(row)
    event = AuditEvent.objects.get(action="treatment.withdraw")
    assert (event.before["drug"], event.after) == (
        "dexamethasone", {"replaces": row.pk, "withdrawn": True},
    )  # fmt: skip
    for pk in (row.pk, back.pk):
        with pytest.raises(Refused) as caught:
            replaced(Treatment, course, pk)
        assert "took this back" in in_words(caught.value.refusals[0])


def test_record_of_another_course_is_not_found(
    course: Course, coordinator: User, refer_patient: Refer, user_with: UserWith
) -> None:
    row = store(dose(), sending(course, coordinator), "treatment.give")
    with pytest.raises(Treatment.DoesNotExist):
        replaced(Treatment, refer_patient(coordinator), row.pk)


def test_two_requests_at_the_same_moment_store_one_row(course: Course, coordinator: User) -> None:
    first = sending(course, coordinator, key=KEY, content={"dose": "10"})
    row = store(dose(), first, "treatment.give")
    # The other one asked before the first had stored anything.
    asked = [None, row]
    with patch.object(replacing, "earlier", lambda model, sent: asked.pop(0)):
        assert replacing.earlier(Treatment, first) is None
        assert store(dose(), first, "treatment.give") == row
