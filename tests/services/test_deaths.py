"""Death: what it closes, what contradicts it, and that its withdrawal restores exactly that."""

from datetime import date, timedelta
from typing import Any

import pytest

from accounts.models import Centre, User
from audit.models import AuditEvent
from pathway.referring import NewCourse, add_course
from patients import deaths, holds, stays
from patients.charting import add_entry
from patients.consequences import Event, Happening
from patients.models import Course, Death, Hold, Patient, Stay
from terms.refusals import NotAllowed, Refused
from tests.conftest import NOW, UserWith
from tests.services.refused import codes

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 12)
DIED = date(2026, 11, 8)


def die(course: Course, actor: User, on: date = DIED, **given: Any) -> Death:
    return deaths.record_death(
        patient_id=course.patient_id, died_on=on, actor=actor, now=NOW, **given
    )


def withdraw(course: Course, actor: User, reason: str = "wrong patient") -> Death:
    return deaths.withdraw_death(patient_id=course.patient_id, reason=reason, actor=actor, now=NOW)


def hold_and_stay(course: Course, actor: User) -> None:
    holds.open_hold(
        course_id=course.pk,
        step="infusion",
        reason_code="PERSONAL",
        began_on=date(2026, 11, 2),
        actor=actor,
        now=NOW,
    )
    stays.admit(
        course_id=course.pk,
        unit="ward",
        place="",
        on=date(2026, 11, 3),
        actor=actor,
        now=NOW,
    )


def everything() -> list[Any]:
    return [list(model.objects.order_by("pk").values()) for model in (Hold, Stay)]


def test_death_closes_holds_and_stay_and_its_withdrawal_restores_exactly_those(
    course: Course, coordinator: User, happenings: list[Happening]
) -> None:
    hold_and_stay(course, coordinator)
    before = everything()
    happenings.clear()
    death = die(course, coordinator, cause=" sepsis ", place=" ward ")
    assert (death.cause, death.place, death.recorded_by) == (
        "sepsis",
        "ward",
        coordinator.username,
    )
    assert course.holds.get().ended_on == DIED
    assert course.stays.get().ended_on == DIED
    key = f"death:{death.pk}"
    assert [(h.event, h.cause) for h in happenings] == [(Event.PATIENT_DIED, key)]
    withdrawn = withdraw(course, coordinator)
    assert everything() == before
    assert [(h.event, h.cause) for h in happenings[1:]] == [
        (Event.HOLD_REOPENED, f"hold:{course.holds.get().pk}"),
        (Event.DEATH_WITHDRAWN, key),
    ]
    assert (withdrawn.withdrawn_at, withdrawn.withdrawn_reason) == (NOW, "wrong patient")
    assert AuditEvent.objects.get(action="death.withdraw").reason == "wrong patient"


def test_death_reaches_every_course_in_the_order_of_ids(
    course: Course, coordinator: User, happenings: list[Happening]
) -> None:
    course.journey.stage = "follow_up"
    course.journey.save(update_fields=["stage"])
    second = add_course(
        patient_id=course.patient_id,
        course=NewCourse(protocol_code=course.protocol.code, referred_on=TODAY),
        actor=coordinator,
        now=NOW,
    )
    die(course, coordinator)
    assert [h.course.pk for h in happenings] == [course.pk, second.pk]


def test_death_can_be_recorded_again_after_its_withdrawal(
    course: Course, coordinator: User
) -> None:
    die(course, coordinator)
    withdraw(course, coordinator)
    die(course, coordinator, TODAY)
    assert course.patient.deaths.count() == 2


def test_second_death_is_refused(course: Course, coordinator: User) -> None:
    die(course, coordinator)
    with pytest.raises(Refused) as caught:
        die(course, coordinator, TODAY + timedelta(days=1))
    assert codes(caught.value) == {"death_recorded", "future_date"}


def test_death_before_birth_is_refused(course: Course, coordinator: User) -> None:
    with pytest.raises(Refused) as caught:
        die(course, coordinator, date(1950, 1, 1))
    assert codes(caught.value) == {"before_birth"}


def test_death_before_something_known_to_have_happened_is_refused(
    course: Course, coordinator: User
) -> None:
    hold_and_stay(course, coordinator)
    with pytest.raises(Refused) as caught:
        die(course, coordinator, date(2026, 11, 2))
    assert codes(caught.value) == {"before_last_fact"}
    assert not Death.objects.exists()
    assert course.holds.get().ended_on is None


def test_withdrawal_without_a_death_or_a_reason_is_refused(
    course: Course, coordinator: User
) -> None:
    with pytest.raises(Refused) as caught:
        withdraw(course, coordinator, " ")
    assert codes(caught.value) == {"no_death", "reason_needed"}
    die(course, coordinator)
    with pytest.raises(Refused) as caught:
        withdraw(course, coordinator, "")
    assert codes(caught.value) == {"reason_needed"}


def test_death_by_a_role_without_the_permission_is_refused(
    course: Course, user_with: UserWith
) -> None:
    with pytest.raises(NotAllowed):
        die(course, user_with("ward_nurse"))


def test_death_at_another_centre_finds_no_patient(
    course: Course, user_with: UserWith, other_centre: Centre
) -> None:
    with pytest.raises(Patient.DoesNotExist):
        die(course, user_with("coordinator", at=other_centre))


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("marrow", {"mrd": "negative"}),
        ("lab", {"analyte": "FERRITIN", "value": "300", "unit": "ng/mL"}),
        ("comorbidity", {"description": "Gout"}),
    ],
)
def test_entry_dated_after_the_death_is_refused(
    course: Course, coordinator: User, haematologist: User, kind: str, values: dict[str, Any]
) -> None:
    die(course, coordinator)
    late = {**values, "on": (DIED + timedelta(days=1)).isoformat()}
    with pytest.raises(Refused) as caught:
        add_entry(course_id=course.pk, kind=kind, values=late, actor=haematologist, now=NOW)
    assert codes(caught.value) == {"after_death"}


def test_note_after_the_death_is_kept(course: Course, coordinator: User) -> None:
    die(course, coordinator)
    note = {"text": "Called the family", "on": TODAY.isoformat()}
    assert add_entry(course_id=course.pk, kind="note", values=note, actor=coordinator, now=NOW).pk


@pytest.mark.parametrize("kind", ["marrow", "lab"])
def test_death_before_a_dated_result_is_refused(
    course: Course, coordinator: User, haematologist: User, kind: str
) -> None:
    values = {"on": TODAY.isoformat(), "mrd": "negative", "analyte": "FERRITIN"}
    values |= {"value": "300", "unit": "ng/mL"}
    add_entry(course_id=course.pk, kind=kind, values=values, actor=haematologist, now=NOW)
    with pytest.raises(Refused) as caught:
        die(course, coordinator)
    assert codes(caught.value) == {"before_last_fact"}
    assert caught.value.refusals[0].params == {"limit": TODAY}


def test_death_before_an_entry_known_to_the_month_only_is_recorded(
    course: Course, coordinator: User
) -> None:
    values = {"on": "2026-11", "description": "Gout"}
    add_entry(course_id=course.pk, kind="comorbidity", values=values, actor=coordinator, now=NOW)
    assert die(course, coordinator).pk


def test_hold_or_note_begun_before_anybody_knew_does_not_stop_the_death(
    course: Course, coordinator: User
) -> None:
    holds.open_hold(
        course_id=course.pk, step="infusion", reason_code="PERSONAL", began_on=TODAY,
        actor=coordinator, now=NOW,
    )  # fmt: skip
    note = {"text": "Does not answer", "on": TODAY.isoformat()}
    add_entry(course_id=course.pk, kind="note", values=note, actor=coordinator, now=NOW)
    die(course, coordinator)
    assert course.holds.get().ended_on == TODAY


KNOWN: dict[str, Any] = {"category": "infection", "setting": "icu", "autopsy": "no"}


def test_what_nobody_knows_of_a_death_is_kept_as_not_known_until_it_is_learnt(
    course: Course, coordinator: User
) -> None:
    death = die(course, coordinator)
    assert (death.category, death.setting, death.autopsy) == ("unknown",) * 3
    by: dict[str, Any] = {"patient_id": course.patient_id, "actor": coordinator, "now": NOW}
    deaths.describe_death(**by, **KNOWN | {"cause": " sepsis "})
    death.refresh_from_db()
    assert (death.cause, death.category, death.died_on) == ("sepsis", "infection", DIED)
    event = AuditEvent.objects.get(action="death.describe")
    assert (event.before["category"], event.after["setting"]) == ("unknown", "icu")
    withdraw(course, coordinator)
    assert AuditEvent.objects.get(action="death.withdraw").before["category"] == "infection"
    with pytest.raises(Refused) as caught:
        deaths.describe_death(**KNOWN | {"autopsy": "perhaps"}, **by)
    assert codes(caught.value) == {"no_death", "not_listed"}


def test_words_of_no_list_are_refused_with_everything_else(
    course: Course, coordinator: User
) -> None:
    with pytest.raises(Refused) as caught:
        die(course, coordinator, date(1950, 1, 1), category="bad luck", setting="", autopsy="no")
    assert [(r.code, r.field) for r in caught.value.refusals if r.code == "not_listed"] == [
        ("not_listed", "category"), ("not_listed", "setting"),
    ]  # fmt: skip
    assert codes(caught.value) == {"before_birth", "not_listed"}
