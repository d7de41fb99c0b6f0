"""Two-person checks of identity: who may read, what agrees, how long it holds, what guards say."""

from datetime import timedelta
from typing import Any

import pytest

from pathway.domain.identity_checks import (
    Outcome,
    Reading,
    mismatches,
    outcome_of,
    refuse_person,
    unreadable,
)
from pathway.domain.identity_guards import (
    bedside_check_stands,
    bedside_checked,
    deviations_numbered,
    given_as_checked,
    never_thawed,
    receipt_checked,
)
from terms.refusals import Kind
from terms.roles import Role
from tests.domain.course_facts import NOON, RULES, check, companion, facts

SNAPSHOT = {
    "hospital_id": "H 0042",
    "din": "A999926123456",
    "lot": "LOT-1",
    "coi_id": "",
    "dose_total": "68.5",
    "dose_per_kg": "0.98",
}
RIGHT: dict[str, Any] = {
    "hospital_id": "h0042",
    "din": "A9999 26 123456 T",
    "lot": "lot-1 ",
    "labels_agree": True,
    "cassette_lot": "LOT-1",
    "cassette_agrees": True,
    "dose": "68,50",
}
MINUTE = timedelta(minutes=1)


def reading(person: int, *roles: str, after: int = 0, wrong: tuple[str, ...] = ()) -> Reading:
    """Somebody's reading, minutes after noon."""
    return Reading(person, frozenset(roles), NOON + after * MINUTE, wrong)


@pytest.mark.parametrize(
    ("spoilt", "names"),
    [
        ({}, ()),
        ({"din": "=A99992612345600"}, ()),
        ({"din": "=W00012600012361"}, ("din",)),
        ({"hospital_id": "H0043"}, ("hospital_id",)),
        ({"lot": "LOT-2"}, ("lot",)),
        ({"labels_agree": False}, ("labels_agree",)),
        ({"cassette_agrees": False}, ("cassette_agrees",)),
        ({"cassette_lot": "LOT-2"}, ("cassette_lot",)),
        ({"dose": "0.98"}, ()),
        ({"dose": "69"}, ("dose",)),
        ({"dose": "0.90"}, ("dose",)),
        ({"lot": "LOT-2", "labels_agree": False}, ("lot", "labels_agree")),
    ],
)
def test_what_does_not_agree_is_named(spoilt: dict[str, Any], names: tuple[str, ...]) -> None:
    assert mismatches("bedside", SNAPSHOT, RIGHT | spoilt) == names


def test_a_dose_is_read_at_the_bedside_where_the_certificate_says_one() -> None:
    unknown = SNAPSHOT | {"dose_total": "", "dose_per_kg": ""}
    silent = {name: text for name, text in RIGHT.items() if name != "dose"}
    assert unreadable("bedside", unknown, silent) == []
    assert mismatches("bedside", unknown, silent) == ()
    per_kg = SNAPSHOT | {"dose_total": ""}
    assert mismatches("bedside", per_kg, RIGHT) == ("dose",)
    # At receipt the bag is inside its cassette: neither is asked about on its own.
    received = {name: RIGHT[name] for name in ("din", "lot", "labels_agree")}
    assert unreadable("receipt", SNAPSHOT, received) == []
    assert mismatches("receipt", SNAPSHOT, received) == ()


def test_a_chain_of_identity_number_is_scanned_when_there_is_one() -> None:
    known = SNAPSHOT | {"coi_id": "COI-9"}
    missing = unreadable("receipt", known, RIGHT)
    assert [(refusal.code, refusal.field) for refusal in missing] == [("not_scanned", "coi_id")]
    assert mismatches("receipt", known, RIGHT | {"coi_id": "COI-8"}) == ("coi_id",)


@pytest.mark.parametrize(
    ("spoilt", "codes"),
    [
        ({}, []),
        ({"din": "A999926123456"}, ["din_unchecked"]),
        ({"din": "A999926123457T"}, ["check_character"]),
        ({"din": " "}, ["not_scanned"]),
        ({"lot": None, "hospital_id": ""}, ["not_scanned", "not_scanned"]),
        ({"labels_agree": None}, ["not_answered"]),
        ({"cassette_agrees": None, "cassette_lot": ""}, ["not_scanned", "not_answered"]),
        ({"cassette_lot": "=A99992612345600"}, ["wrong_barcode"]),
        ({"dose": ""}, ["not_scanned"]),
        ({"dose": "1 x 10^8"}, ["not_a_number"]),
        ({"lot": "=A99992612345600"}, ["wrong_barcode"]),
    ],
)
def test_what_no_label_says_is_read_again_and_stops_nothing(
    spoilt: dict[str, Any], codes: list[str]
) -> None:
    assert [r.code for r in unreadable("bedside", SNAPSHOT, RIGHT | spoilt)] == codes


NURSE, DOCTOR, LAB, PHARMACY = Role.WARD_NURSE, Role.HAEMATOLOGIST, Role.CELL_LAB, Role.PHARMACIST


@pytest.mark.parametrize(
    ("kind", "before", "person", "roles", "code"),
    [
        ("bedside", (), 1, {NURSE}, None),
        ("bedside", (), 1, {DOCTOR}, None),
        ("bedside", (), 1, {LAB}, "role"),
        ("bedside", (), 1, set(), "role"),
        ("bedside", (reading(1, NURSE),), 2, {DOCTOR}, None),
        ("bedside", (reading(1, DOCTOR),), 2, {NURSE}, None),
        ("bedside", (reading(1, NURSE),), 2, {NURSE}, "role"),
        ("bedside", (reading(1, DOCTOR),), 2, {DOCTOR}, "role"),
        ("bedside", (reading(1, NURSE, DOCTOR),), 2, {NURSE}, None),
        ("bedside", (reading(1, NURSE, DOCTOR),), 1, {NURSE, DOCTOR}, "same_person"),
        ("receipt", (reading(1, LAB),), 2, {LAB}, None),
        ("receipt", (reading(1, PHARMACY),), 2, {LAB}, None),
        ("receipt", (reading(1, LAB),), 1, {LAB}, "same_person"),
        ("receipt", (), 1, {NURSE}, "role"),
    ],
)
def test_two_different_people_of_the_right_roles_read(
    kind: str, before: tuple[Reading, ...], person: int, roles: set[str], code: str | None
) -> None:
    found = refuse_person(kind, person, frozenset(roles), before)
    assert [refusal.code for refusal in found] == ([code] if code else [])


def test_the_second_place_names_who_is_still_needed() -> None:
    (refusal,) = refuse_person("bedside", 2, frozenset({NURSE}), (reading(1, NURSE),))
    assert refusal.who_may == (DOCTOR,)
    (refusal,) = refuse_person("bedside", 2, frozenset({LAB}), (reading(1, NURSE),))
    assert set(refusal.who_may) == {NURSE, DOCTOR}


@pytest.mark.parametrize(
    ("readings", "minutes", "outcome"),
    [
        ((), 15, Outcome.OPEN),
        ((), 16, Outcome.EXPIRED),
        ((reading(1, after=10),), 25, Outcome.OPEN),
        ((reading(1, after=10),), 26, Outcome.EXPIRED),
        ((reading(1), reading(2)), 900, Outcome.PASSED),
        ((reading(1, wrong=("din",)),), 900, Outcome.STOPPED),
        ((reading(1), reading(2, wrong=("lot",))), 0, Outcome.STOPPED),
    ],
)
def test_how_a_check_stands(readings: tuple[Reading, ...], minutes: int, outcome: Outcome) -> None:
    now = NOON + minutes * MINUTE
    assert outcome_of(NOON, readings, now, RULES.identity_checks) is outcome


@pytest.mark.parametrize("guard", [receipt_checked, bedside_check_stands, bedside_checked])
def test_no_check_or_a_mismatch_refuses_firmly(guard: Any) -> None:
    kind = "receipt" if guard is receipt_checked else "bedside"
    assert guard(facts()) is None
    for checks in (
        (),
        (check(kind, product=2),),
        (check("other"),),
        (check(kind, passed=False),),
        (check(kind), check(kind, passed=False)),
    ):
        refusal = guard(facts(checks=checks))
        assert refusal is not None
        assert refusal.kind is Kind.HARD
    assert guard(facts(products=())) is not None


@pytest.mark.parametrize("guard", [receipt_checked, bedside_check_stands, bedside_checked])
@pytest.mark.parametrize(
    ("spoilt", "code"),
    [
        ({"passed": False, "finished": False}, "check_unfinished"),
        ({"changed": ("lot",)}, "labels_changed"),
    ],
)
def test_a_pass_counts_only_while_nothing_newer_stands_against_it(
    guard: Any, spoilt: dict[str, Any], code: str
) -> None:
    kind = "receipt" if guard is receipt_checked else "bedside"
    refusal = guard(facts(checks=(check(kind), check(kind, **spoilt))))
    assert (refusal.code, refusal.kind) == (code, Kind.HARD)


def test_a_check_at_receipt_may_be_repeated_after_a_mismatch() -> None:
    again = (check("receipt", passed=False), check("receipt"))
    assert receipt_checked(facts(checks=again)) is None


@pytest.mark.parametrize(
    ("seconds", "stands"),
    [(-31, False), (-30, True), (0, True), (3600, True), (3601, False), (86_400, False)],
)
def test_the_infusion_follows_the_check_at_the_bedside_soon(seconds: int, stands: bool) -> None:
    refusal = bedside_checked(facts(at=NOON + timedelta(seconds=seconds)))
    assert (refusal is None) is stands


def test_without_a_time_the_day_of_the_check_counts() -> None:
    yesterday = check("bedside", on=NOON.date() - timedelta(days=1))
    refusal = bedside_checked(facts(checks=(yesterday,)))
    assert refusal is not None
    assert refusal.code == "bedside_check_too_old"


@pytest.mark.parametrize(
    ("back", "begun", "code"),
    [
        (0, None, None),
        (1, None, "bedside_check_before_return"),
        (1, 1, "bedside_check_before_return"),
        (2, 1, None),  # it was running in already: the check before it counts
    ],
)
def test_only_a_check_after_quarantine_counts(
    back: int, begun: int | None, code: str | None
) -> None:
    returned = companion("thawing", returned_at=NOON + back * MINUTE)
    begun_at = None if begun is None else NOON + begun * MINUTE
    refusal = bedside_checked(facts(products=(returned,), infusion_begun_at=begun_at, at=NOON))
    assert (refusal and refusal.code) == code


def test_what_was_thawed_stays_out_of_the_tank() -> None:
    thawed = companion("quarantined", reached={"thawing": NOON.date()})
    assert never_thawed(facts(subject=thawed)) is not None
    assert never_thawed(facts(subject=companion("quarantined"))) is None
    assert never_thawed(facts()) is None


def test_a_mismatch_waits_for_the_number_of_its_deviation() -> None:
    assert deviations_numbered(facts(checks=(check("receipt", passed=False),))) is not None
    numbered = check("receipt", passed=False, deviation="DEV-1")
    assert deviations_numbered(facts(checks=(numbered,))) is None
    unfinished = check("receipt", passed=False, finished=False)
    assert deviations_numbered(facts(checks=(unfinished,))) is None


@pytest.mark.parametrize(
    ("stage", "checks", "code", "kind"),
    [
        ("infusion", (check("bedside"),), None, None),
        ("infusion", (check("bedside", changed=("lot",)),), "identity_doubted", Kind.SOFT),
        ("infusion", (check("bedside", passed=False),), "identity_doubted", Kind.SOFT),
        ("infusion", (), "identity_doubted", Kind.SOFT),
        ("lymphodepletion", (check("bedside", passed=False),), "identity_mismatch", Kind.HARD),
    ],
)
def test_what_is_found_once_the_cells_run_in_is_answered_for(
    stage: str, checks: tuple[Any, ...], code: str | None, kind: Kind | None
) -> None:
    refusal = given_as_checked(facts(stage, checks=checks))
    assert (refusal and refusal.code, refusal and refusal.kind) == (code, kind)
