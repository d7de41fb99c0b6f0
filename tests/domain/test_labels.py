"""What a label says: reading it, comparing two readings, what has changed since a check."""

from datetime import date
from typing import Any

import pytest

from pathway.domain.labels import (
    changed_since,
    coi_refusal,
    label_name,
    read_label,
    refuse_role,
    same,
)

TODAY = date(2026, 11, 12)


@pytest.mark.parametrize(
    ("name", "text", "kept", "code"),
    [
        ("din", "A9999 26 123456 T", "A999926123456", ""),
        ("din", "=A99992612345600", "A999926123456", ""),
        ("din", "A999926123456", "A999926123456", "din_unchecked"),
        ("din", "A999926123456X", "A999926123456", "check_character"),
        ("lot", " LOT  1\n", "LOT 1", ""),
        ("lot", " \r\n", "", "value_missing"),
        ("lot", "x" * 41, "", "too_long"),
        ("coi_id", "=A99992612345600", "", "wrong_barcode"),
        ("coi_id", "=A9999261234560", "=A9999261234560", ""),
        ("expires_on", "01-May-2027", "2027-05-01", ""),
        ("expires_on", "05/2027", "", "day_needed"),
        ("expires_on", "tomorrow", "", "not_a_date"),
        ("expires_on", "2999-01-01", "", "year_out_of_range"),
        ("expires_on", "2062-01-01", "", "date_out_of_range"),
    ],
)
def test_reading_a_label(name: str, text: str, kept: str, code: str) -> None:
    value, refusals = read_label(name, text, TODAY)
    assert {refusal.field for refusal in refusals} <= {"value"}
    assert ([refusal.code for refusal in refusals], value) == ([code] if code else [], kept)


def test_spaces_and_case_do_not_count() -> None:
    assert same("LOT 1\n", "lot1")
    assert not same("LOT 1", "LOT 2")


SNAPSHOT = {
    "family_name": "Rossi", "given_name": "Maria", "birth_date": "1961-10-14", "hospital_id": "1",
    "din": "A999926123456", "lot": "L", "coi_id": "C", "expires_on": "2027-05-01",
    "order_number": "O",
}  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "now", "changed"),
    [
        ("receipt", {}, ()),
        ("receipt", {"family_name": "Verdi"}, ()),
        ("bedside", {"family_name": "Verdi"}, ("family_name",)),
        ("receipt", {"lot": "M", "coi_id": ""}, ("lot", "coi_id")),
        ("bedside", {"expires_on": "2027-06-01"}, ("expires_on",)),
        ("bedside", {"lot": " l"}, ()),
        ("bedside", {"dose_total": "71"}, ()),  # of before doses were compared
    ],
)
def test_what_has_changed_since_a_check(
    kind: str, now: dict[str, Any], changed: tuple[str, ...]
) -> None:
    assert changed_since(kind, SNAPSHOT, SNAPSHOT | now) == changed


@pytest.mark.parametrize(("kind", "changed"), [("receipt", ()), ("bedside", ("dose_per_kg",))])
def test_another_dose_ends_a_check_at_the_bedside(kind: str, changed: tuple[str, ...]) -> None:
    doses = {"dose_total": "70", "dose_per_kg": "1"}
    now = {**SNAPSHOT, **doses, "dose_per_kg": "1.1"}
    assert changed_since(kind, SNAPSHOT | doses, now) == changed


@pytest.mark.parametrize(
    ("product", "order", "stops"),
    [("", "", False), ("C", "", False), ("", "C", False), ("C", "c ", False), ("C", "D", True)],
)
def test_two_chains_of_identity_stop(product: str, order: str, stops: bool) -> None:
    assert bool(coi_refusal(product, order)) is stops


def test_who_reads_which_label() -> None:
    assert refuse_role("apheresis", frozenset({"apheresis_nurse"})) == []
    assert [r.code for r in refuse_role("product", frozenset({"apheresis_nurse"}))] == ["role"]
    assert label_name("din") == "Donation number"
