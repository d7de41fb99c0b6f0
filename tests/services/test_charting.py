"""Chart entries: partial dates, units, what each kind needs, what it causes; consents withdrawn."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.utils import translation

from accounts.models import Centre, User
from accounts.wording import in_words
from audit.models import AuditEvent
from patients import charting
from patients.anchors import set_actual
from patients.charting import KINDS
from patients.consequences import Event, Happening
from patients.correcting import correct_entry
from patients.models import Consent, Course, LabResult
from patients.models.history import ChartEntry
from patients.results import body_rules
from terms.partial_dates import PartialDate
from terms.refusals import NotAllowed, Refused
from tests.conftest import NOW, UserWith
from tests.services.refused import codes, fields

pytestmark = pytest.mark.django_db
GOOD: dict[str, dict[str, Any]] = {
    "diagnosis": {"on": "2021", "disease": "B-ALL", "ph_status": "positive", "risk": "high"},
    "line": {"on": "06/2023", "treatment": "dasatinib", "response": ""},
    "transplant": {"on": "2022-03", "kind": "allo", "donor": "MUD 10/10", "conditioning": "RIC"},
    "relapse": {"on": "apr-2024", "kind": "haematological", "after_infusion": False},
    "antigen": {"on": "", "antigen": "cd19", "positive": True, "percent": "99,5"},
    "comorbidity": {"description": "carcinoma of the sigmoid, in remission"},
    "consent": {"on": "2026-10-02", "kind": "assessment", "given": "true"},
    "lab": {"on": "12/11/2026", "analyte": "ANC", "value": "1200", "unit": "/uL"},
    "marrow": {"on": "2026-11", "blasts_percent": "71", "remission": "", "mrd": "not_assessed"},
    "imaging": {"on": "2026-11-10", "kind": "pet_ct", "finding": "clear"},
    "csf": {"on": "2026-11-10", "cytology": "negative", "flow": "not_done"},
    "allergy": {"on": "2026-11-10", "substance": "penicillin"},
    "contact": {"name": "Anna", "phone": "02 1234"},
    "caregiver": {"on": "2026-11-10", "present": "true", "minutes_away": "90"},
    "document": {"kind": "minutes", "number": "MDT-7", "kept_at": "archive"},
    "attempt": {"on": "2026-11-10", "means": "phone", "made_by": "Anna Neri", "reached": "false"},
    "handover": {"on": "2026-11-10", "centre": "Pavia", "shared": "visits"},
    "note": {"text": "Travels from far away."},
}


def add(course: Course, actor: User, kind: str, **changed: Any) -> Any:
    """The entry made, of the model of its kind."""
    return charting.add_entry(
        course_id=course.pk,
        kind=kind,
        values={**GOOD[kind], **changed},
        actor=actor,
        now=NOW,
        source="synthetic",
    )


def test_every_kind_has_a_good_example() -> None:
    assert GOOD.keys() == KINDS.keys()


@pytest.mark.parametrize("kind", GOOD)
def test_entry_is_kept_with_who_and_when_and_runs_its_event(
    course: Course, coordinator: User, happenings: list[Happening], kind: str
) -> None:
    entry = add(course, coordinator, kind)
    entry.refresh_from_db()
    assert isinstance(entry, KINDS[kind].model)
    assert (entry.course, entry.source) == (course, "synthetic")
    assert (entry.recorded_at, entry.recorded_by) == (NOW, coordinator.username)
    results = {"lab", "marrow", "imaging", "csf"}
    expected = Event.RESULT_RECORDED if kind in results else Event.CHART_CHANGED
    expected = Event.RELAPSE_RECORDED if kind == "relapse" else expected
    assert [h.event for h in happenings] == [expected]
    event = AuditEvent.objects.get(action=f"{kind}.add")
    assert (event.course_id, set(event.after)) == (course.pk, set(KINDS[kind].fields))


@pytest.mark.parametrize(
    ("kind", "on"),
    [("diagnosis", "2021"), ("line", "2023-06"), ("relapse", "2024-04"), ("antigen", "")],
)
def test_date_is_kept_as_far_as_it_is_known(
    course: Course, coordinator: User, kind: str, on: str
) -> None:
    assert add(course, coordinator, kind).on == on


@pytest.mark.parametrize("on", [PartialDate(2021, 3), "2021-03"])
def test_date_may_come_read_already(course: Course, coordinator: User, on: object) -> None:
    assert add(course, coordinator, "line", on=on).on == "2021-03"
    assert add(course, coordinator, "line", on=date(2021, 3, 14)).on == "2021-03-14"


@pytest.mark.parametrize(
    ("on", "code"),
    [
        ("2026-12", "future_date"),
        ("2027", "future_date"),
        ("1950", "before_birth"),
        ("31/02/2026", "no_such_day"),
        ("spring 2021", "not_a_date"),
    ],
)
def test_date_that_cannot_be_is_refused(
    course: Course, coordinator: User, on: str, code: str
) -> None:
    with pytest.raises(Refused) as caught:
        add(course, coordinator, "line", on=on)
    assert fields(caught.value) == {("on", code)}
    assert not course.therapylines.exists()


def test_date_that_may_still_be_past_is_kept(course: Course, coordinator: User) -> None:
    assert add(course, coordinator, "line", on="2026").on == "2026"
    assert add(course, coordinator, "line", on="1961").on == "1961"


@pytest.mark.parametrize(
    ("kind", "missing"),
    [
        ("diagnosis", {"disease"}),
        ("line", {"treatment"}),
        ("transplant", {"kind"}),
        ("relapse", {"kind"}),
        ("antigen", {"antigen", "positive"}),
        ("comorbidity", {"description"}),
        ("consent", {"on", "kind", "given"}),
        ("lab", {"on", "analyte", "value"}),
        ("marrow", {"on", "mrd"}),
        ("note", {"text"}),
    ],
)
def test_empty_entry_names_everything_it_lacks_at_once(
    course: Course, coordinator: User, kind: str, missing: set[str]
) -> None:
    with pytest.raises(Refused) as caught:
        charting.add_entry(course_id=course.pk, kind=kind, values={}, actor=coordinator, now=NOW)
    assert fields(caught.value) == {(name, "required") for name in missing}


@pytest.mark.parametrize(
    ("answer", "kept"), [("true", True), ("false", False), (False, False), ("", None), (None, None)]
)
def test_unknown_stays_apart_from_no(
    course: Course, coordinator: User, answer: object, kept: bool | None
) -> None:
    assert add(course, coordinator, "diagnosis", cns_involved=answer).cns_involved is kept


def test_antigen_is_written_in_capitals_with_its_percentage(
    course: Course, coordinator: User
) -> None:
    entry = add(course, coordinator, "antigen")
    assert (entry.antigen, entry.positive, entry.percent) == ("CD19", True, Decimal("99.5"))
    with pytest.raises(Refused) as caught:
        add(course, coordinator, "antigen", antigen="<b>", percent="101")
    assert fields(caught.value) == {("antigen", "invalid"), ("percent", "impossible")}


@pytest.mark.parametrize(
    ("analyte", "value", "unit", "canonical"),
    [
        ("ANC", "1200", "/uL", ("1.2", "10*9/L")),
        ("FIBRINOGEN", "150", "mg/dL", ("1.5", "g/L")),
        ("FERRITIN", 4321.5, "ng/mL", ("4321.5", "ug/L")),
        ("ANC", Decimal("0.5"), "10*9/L", ("0.5", "10*9/L")),
        ("ANC", 0, "10*9/L", ("0", "10*9/L")),
    ],
)
def test_lab_value_is_kept_in_the_canonical_unit_beside_what_was_typed(
    course: Course,
    coordinator: User,
    analyte: str,
    value: object,
    unit: str,
    canonical: tuple[str, str],
) -> None:
    entry = add(course, coordinator, "lab", analyte=analyte, value=value, unit=unit)
    assert isinstance(entry, LabResult)
    entry.refresh_from_db()
    assert (entry.value, entry.unit) == (Decimal(canonical[0]), canonical[1])
    assert entry.typed == f"{value} {unit}"
    assert (entry.course, entry.recorded_at) == (course, NOW)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"value": "1.234"}, ("value", "ambiguous")),
        ({"value": "abc"}, ("value", "not_a_number")),
        ({"value": -1}, ("value", "sign")),
        ({"value": float("nan")}, ("value", "not_a_number")),
        ({"value": True}, ("value", "not_a_number")),
        ({"value": "5000", "unit": "10*9/L"}, ("value", "impossible")),
        ({"unit": "mg/dL"}, ("unit", "unknown_unit")),
        ({"unit": "furlong"}, ("unit", "invalid_choice")),
        ({"analyte": "MOOD"}, ("analyte", "invalid_choice")),
        ({"on": "2026-11"}, ("on", "day_needed")),
        ({"on": "2026-12-01"}, ("on", "future_date")),
    ],
)
def test_lab_value_that_cannot_be_is_refused(
    course: Course, coordinator: User, changed: dict[str, Any], reason: tuple[str, str]
) -> None:
    with pytest.raises(Refused) as caught:
        add(course, coordinator, "lab", **changed)
    assert reason in fields(caught.value)
    assert not LabResult.objects.exists()


AFTER = {"after_infusion": True, "cd19": "negative", "cd22": "not_tested"}


def infuse(course: Course, actor: User, on: date) -> None:
    with transaction.atomic():
        set_actual(course, "infusion", on, actor=actor, now=NOW)


def test_relapse_after_the_infusion_with_a_full_date_is_an_anchor(
    course: Course, coordinator: User
) -> None:
    infuse(course, coordinator, date(2026, 10, 10))
    add(course, coordinator, "relapse", on="2026-11-10", **AFTER)
    add(course, coordinator, "relapse", on="2026-11-12", **AFTER | {"after_infusion": "on"})
    for unknown in ("2026-11", ""):
        with pytest.raises(Refused) as caught:
            add(course, coordinator, "relapse", on=unknown, **AFTER)
        assert fields(caught.value) == {("on", "day_needed")}
    add(course, coordinator, "relapse", on="2026-09-01")
    found = course.anchors.filter(kind="relapse").order_by("occurrence")
    assert list(found.values_list("occurrence", "actual_on")) == [
        (1, date(2026, 11, 10)),
        (2, date(2026, 11, 12)),
    ]


def test_relapse_after_an_infusion_that_was_not_or_was_later_is_refused(
    course: Course, coordinator: User
) -> None:
    with pytest.raises(Refused) as caught:
        add(course, coordinator, "relapse", on="2026-11-10", **AFTER)
    assert fields(caught.value) == {("after_infusion", "not_infused")}
    infuse(course, coordinator, date(2026, 11, 11))
    with pytest.raises(Refused) as caught:
        add(course, coordinator, "relapse", on="2026-11-10", **AFTER)
    assert fields(caught.value) == {("on", "before_infusion")}


def test_unknown_kind_is_refused(course: Course, coordinator: User) -> None:
    with pytest.raises(Refused) as caught:
        charting.add_entry(
            course_id=course.pk, kind="horoscope", values={}, actor=coordinator, now=NOW
        )
    assert codes(caught.value) == {"unknown_kind"}


@pytest.mark.parametrize(
    ("kind", "role", "allowed"),
    [
        ("lab", "ward_nurse", True),
        ("note", "pharmacist", True),
        ("line", "ward_nurse", False),
        ("lab", "pharmacist", False),
        ("note", "data_manager", False),
    ],
)
def test_entry_is_made_by_the_roles_that_may(
    course: Course, user_with: UserWith, kind: str, role: str, allowed: bool
) -> None:
    actor = user_with(role)
    if allowed:
        assert add(course, actor, kind).pk
    else:
        with pytest.raises(NotAllowed):
            add(course, actor, kind)


def take_back(consent: ChartEntry, actor: User, on: date) -> Consent:
    return charting.withdraw_consent(
        consent_id=consent.pk, withdrawn_on=on, reason=" asked to ", actor=actor, now=NOW
    )


def test_consent_is_withdrawn_once_and_stays_in_the_chart(
    course: Course, coordinator: User
) -> None:
    consent = add(course, coordinator, "consent")
    assert take_back(consent, coordinator, date(2026, 11, 1)).withdrawn_on == date(2026, 11, 1)
    event = AuditEvent.objects.get(action="consent.withdraw")
    assert (event.reason, event.after["kind"]) == ("asked to", "assessment")
    with pytest.raises(Refused) as caught:
        take_back(consent, coordinator, date(2026, 11, 13))
    assert codes(caught.value) == {"not_standing", "future_date"}


def test_refused_consent_or_one_given_later_cannot_be_withdrawn(
    course: Course, coordinator: User
) -> None:
    consent = add(course, coordinator, "consent", given=False)
    with pytest.raises(Refused) as caught:
        take_back(consent, coordinator, date(2026, 10, 1))
    assert codes(caught.value) == {"not_standing", "before_consent"}


def test_consent_of_another_centre_is_not_found(
    course: Course, coordinator: User, user_with: UserWith, other_centre: Centre
) -> None:
    consent = add(course, coordinator, "consent")
    with pytest.raises(Consent.DoesNotExist):
        take_back(consent, user_with("coordinator", at=other_centre), date(2026, 11, 1))


def test_a_weight_far_from_the_one_before_is_asked_about(
    course: Course, coordinator: User, user_with: UserWith
) -> None:
    """Height and weight exchanged both lie in their ranges, and doses are counted from them."""

    def weigh(on: str, value: str, **more: Any) -> Any:
        told = {"on": on, "analyte": "WEIGHT", "value": value, "unit": "kg", **more}
        return add(course, coordinator, "lab", **told)

    weigh("2026-11-01", "70")
    weigh("2026-11-08", "84")  # a fifth more is taken
    with translation.override("it"), pytest.raises(Refused) as refused:
        weigh("2026-11-09", "175")
    (why,) = refused.value.refusals
    assert (why.code, why.field) == ("unusual", "confirmed")
    assert "84 kg" in in_words(why)
    assert "08-nov-2026" in in_words(why)
    mistaken = weigh("2026-11-09", "175", confirmed=True)
    assert mistaken.confirmed
    # The one that is corrected is none to compare with.
    values = {**GOOD["lab"], "on": "2026-11-09", "analyte": "WEIGHT", "value": "75", "unit": "kg"}
    corrected = correct_entry(
        course_id=course.pk, kind="lab", entry_id=mistaken.pk, values=values,
        reason="Exchanged with the height", actor=user_with("haematologist"), now=NOW,
    )  # fmt: skip
    assert isinstance(corrected, LabResult)
    assert (corrected.value, corrected.confirmed) == (Decimal(75), False)


def test_a_weight_is_asked_about_only_where_a_weight_and_a_limit_are_known(
    course: Course, coordinator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = {"analyte": "WEIGHT", "unit": "kg", "context": "Told by telephone"}
    add(course, coordinator, "lab", **told, on="", value="50")
    add(course, coordinator, "lab", **told, on="2026-11-01", value="<90")
    add(course, coordinator, "lab", **told, on="2026-11-02", value="70")
    add(course, coordinator, "lab", **told, on="", value="120")
    # A version that says nothing of it asks for nothing.
    silent = replace(body_rules(course), weight_change_percent=None)
    monkeypatch.setattr("patients.lab_forms.body_rules", lambda _course: silent)
    add(course, coordinator, "lab", **told, on="2026-11-03", value="175")
