"""The chain of custody: what an entry must say, and that no entry is changed unseen."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from pathway.domain.custody import (
    ACT_NAMES,
    GENESIS,
    OF_MOVE,
    REQUIRED,
    WITNESSED_BY,
    WRITTEN_BY,
    Act,
    Link,
    broken_at,
    digest,
    faults_of,
    faults_of_shipment,
    refuse_values,
)
from pathway.domain.custody_ranges import refuse_celsius
from pathway.domain.product_states import Product
from terms.roles import Role
from tests.domain.course_facts import RULES
from tests.domain.test_protocol_loading import changed, setting
from tests.domain.test_protocol_loading import said as said_of

AT = datetime(2026, 11, 12, 9, 0, tzinfo=UTC)
WHOLE = {
    "handed_from": "Cell lab", "handed_to": "Courier", "place": "Tank 2", "seal": "S-1",
    "remark": "r", "temperature": "cryogenic", "condition": "intact",
}  # fmt: skip


def test_every_act_has_its_words_and_every_move_an_act() -> None:
    assert set(ACT_NAMES) == set(Act)
    assert set(REQUIRED) == set(WRITTEN_BY)
    assert set(OF_MOVE) <= {state.value for state in Product}
    assert set(OF_MOVE.values()) <= set(Act)
    assert Role.DATA_MANAGER not in WITNESSED_BY


@pytest.mark.parametrize("act", WRITTEN_BY)
def test_an_entry_says_everything_that_it_cannot_do_without(act: str) -> None:
    assert refuse_values(act, WHOLE) == []
    missing = refuse_values(act, dict.fromkeys(WHOLE, " ") | {"temperature": "", "condition": ""})
    assert {r.field for r in missing if r.code == "value_missing"} == set(REQUIRED[act])


@pytest.mark.parametrize(
    ("spoilt", "field", "code"),
    [
        ({"place": "x" * 81}, "place", "too_long"),
        ({"remark": "x" * 201}, "remark", "too_long"),
        ({"temperature": "warm"}, "temperature", "unknown_choice"),
        ({"condition": "fine"}, "condition", "unknown_choice"),
    ],
)
def test_what_cannot_be_kept_is_refused(spoilt: dict[str, str], field: str, code: str) -> None:
    assert [(r.field, r.code) for r in refuse_values("storage", WHOLE | spoilt)] == [(field, code)]


@pytest.mark.parametrize(
    ("act", "said", "faults"),
    [
        ("storage", {"temperature": "cryogenic", "condition": "intact"}, ()),
        ("storage", {"temperature": "", "condition": ""}, ()),
        ("storage", {"temperature": "out_of_range"}, ("Out of its range",)),
        ("receipt", {"condition": "damaged"}, ("Damaged",)),
        ("pack_out", {"condition": "unsealed"}, ("Seal broken or missing",)),
        (
            "receipt",
            {"temperature": "out_of_range", "condition": "leaking"},
            ("Out of its range", "Leaking"),
        ),
        ("excursion", {}, ("Temperature excursion",)),
        ("excursion", {"temperature": "out_of_range"}, ("Out of its range",)),
    ],
)
def test_damage_a_broken_seal_and_an_excursion_stop(
    act: str, said: dict[str, str], faults: tuple[str, ...]
) -> None:
    assert faults_of(act, said) == faults


@pytest.mark.parametrize(
    ("state", "celsius", "remark", "code"),
    [
        ("cryogenic", "", "", None),
        ("cryogenic", "-150", "", None),
        ("cryogenic", "−196,4", "", None),
        ("cryogenic", "-149.9", "", "temperature_doubtful"),
        ("cryogenic", "-149.9", "a sensor at the lid", None),
        ("cryogenic", "-129", "a sensor at the lid", "temperature_not_so"),
        ("cryogenic", "4", "", "temperature_not_so"),
        ("cooled", "4", "", None),
        ("out_of_range", "-129", "", None),
        ("", "-129", "", None),
        ("thawed", "22", "", None),
        ("out_of_range", "-201", "", "impossible_temperature"),
        ("room", "61", "", "impossible_temperature"),
        ("room", "warm", "", "not_a_number"),
        ("room", "-", "", "blank"),
    ],
)
def test_degrees_are_held_against_the_state(
    state: str, celsius: str, remark: str, code: str | None
) -> None:
    said = {"temperature": state, "celsius": celsius, "remark": remark}
    found = refuse_celsius(said, RULES.custody)
    assert [(one.code, one.field) for one in found] == ([(code, "celsius")] if code else [])
    assert all(str(one) for one in found)


@pytest.mark.parametrize(
    ("key", "value", "fault"),
    [
        ("custody.cryogenic.soft", setting([-200, -120]), "hard range"),
        ("custody.cryogenic.hard", setting([-190, -130]), "hard range"),
        ("custody.cryogenic.soft", setting([-150]), "soft"),
        ("custody.out_of_range", {"soft": setting([0, 1]), "hard": setting([0, 1])}, "no state"),
        ("custody.hot", {"soft": setting([0, 1]), "hard": setting([0, 1])}, "no state"),
    ],
)
def test_faults_of_the_ranges_are_named(key: str, value: object, fault: str) -> None:
    assert any(fault in problem for problem in said_of(changed(key, value)))


def test_the_hash_covers_the_degrees_as_the_database_has_them() -> None:
    typed, kept = {"celsius": Decimal("-152")}, {"celsius": Decimal("-152.0")}
    assert digest(1, typed, GENESIS) == digest(1, kept, GENESIS)
    assert digest(1, typed, GENESIS) != digest(1, {"celsius": Decimal("-153")}, GENESIS)


def test_an_entry_that_a_shipment_is_always_stops() -> None:
    assert faults_of_shipment({"temperature": "out_of_range"}) == ("Out of its range",)
    assert faults_of_shipment({"temperature": ""}) == ("Not accepted on arrival",)


def chain(*said: dict[str, Any]) -> list[Link]:
    """A whole chain of entries."""
    links: list[Link] = []
    for number, one in enumerate(said, start=1):
        previous = links[-1].hash if links else GENESIS
        links.append(Link(number, one, previous, digest(number, one, previous)))
    return links


def test_the_hash_covers_the_moment_whatever_its_zone() -> None:
    rome = AT.astimezone(timezone(timedelta(hours=1)))
    assert digest(1, {"at": AT}, GENESIS) == digest(1, {"at": rome}, GENESIS)
    assert digest(1, {"at": AT}, GENESIS) != digest(2, {"at": AT}, GENESIS)


def test_a_whole_chain_holds() -> None:
    assert broken_at([]) is None
    assert broken_at(chain({"act": "thaw", "at": AT}, {"act": "disposal", "witness": None})) is None


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_changed_a_missing_and_a_swapped_entry_are_found(place: int) -> None:
    whole = chain({"act": "a"}, {"act": "b"}, {"act": "c"})
    changed = list(whole)
    changed[place] = replace(whole[place], said={"act": "x"})
    assert broken_at(changed) == place + 1
    hidden = list(whole)
    hidden[place] = replace(
        hidden[place],
        said={"act": "x"},
        hash=digest(place + 1, {"act": "x"}, whole[place].previous),
    )
    assert broken_at(hidden) == (place + 2 if place < 2 else None), "the last one: see the audit"
    assert broken_at([*whole[:place], *whole[place + 1 :]]) == (place + 1 if place < 2 else None)
    assert broken_at([whole[1], whole[0], whole[2]]) == 1
