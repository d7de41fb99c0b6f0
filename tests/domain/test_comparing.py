"""Comparing two versions: what was added, removed, changed, and the order in which it is told."""

from typing import Any

from protocol.domain.comparing import Difference, Entry, Kind, compare, entries


def setting(value: object, source: str = "label", *, confirmed: bool = False) -> dict[str, Any]:
    return {"value": value, "source": source, "confirmed": confirmed}


BEFORE: dict[str, Any] = {
    "meta": {"version": 1, "title": {"en": "A", "it": "B"}},
    "stages": {"first": {"target_days": setting(7)}, "old": {"target_days": setting(1)}},
    "schedule": {"MARROW": {"phases": [{"every": setting("1 month")}, {"every": setting("2")}]}},
    "days": setting([1, 2]),
}
AFTER: dict[str, Any] = {
    "meta": {"version": 2, "title": {"en": "A", "it": "B"}},
    "stages": {
        "first": {"target_days": setting(7, confirmed=True)},
        "new": {"target_days": setting(3)},
    },
    "schedule": {"MARROW": {"phases": [{"every": setting("1 month", "leaflet")}]}},
    "days": setting([1, 2]),
}


def test_every_value_has_its_dotted_key_in_the_order_of_the_file() -> None:
    assert list(entries(BEFORE)) == [
        "meta.version",
        "meta.title.en",
        "meta.title.it",
        "stages.first.target_days",
        "stages.old.target_days",
        "schedule.MARROW.phases[0].every",
        "schedule.MARROW.phases[1].every",
        "days",
    ]
    assert entries(BEFORE)["days"] == Entry([1, 2], "label", confirmed=False)
    assert entries({"meta": {"code": "x", "list": []}}) == {
        "meta.code": Entry("x"),
        "meta.list": Entry([]),
    }


def test_differences_carry_both_sides_with_source_and_confirmation() -> None:
    assert compare(BEFORE, AFTER) == (
        Difference("meta.version", Kind.CHANGED, Entry(1), Entry(2)),
        Difference(
            "stages.first.target_days",
            Kind.CHANGED,
            Entry(7, "label", confirmed=False),
            Entry(7, "label", confirmed=True),
        ),
        Difference(
            "stages.old.target_days", Kind.REMOVED, Entry(1, "label", confirmed=False), None
        ),
        Difference("stages.new.target_days", Kind.ADDED, None, Entry(3, "label", confirmed=False)),
        Difference(
            "schedule.MARROW.phases[0].every",
            Kind.CHANGED,
            Entry("1 month", "label", confirmed=False),
            Entry("1 month", "leaflet", confirmed=False),
        ),
        Difference(
            "schedule.MARROW.phases[1].every",
            Kind.REMOVED,
            Entry("2", "label", confirmed=False),
            None,
        ),
    )


def test_the_same_file_differs_in_nothing() -> None:
    assert compare(BEFORE, BEFORE) == ()


def test_what_went_from_the_beginning_comes_first() -> None:
    found = compare({"a": setting(1), "b": setting(2)}, {"b": setting(2), "c": setting(3)})
    assert [(one.key, one.kind) for one in found] == [("a", Kind.REMOVED), ("c", Kind.ADDED)]
