"""The items of a review: their states, validity, and what stands against the meeting."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from pathway.domain.assessments import Assessments, ItemEntry, Vote
from pathway.domain.eligibility_items import ItemStanding, role_list, standings
from pathway.domain.facts import CourseFacts
from pathway.domain.review_guards import items_settled, items_stand, standings_of, vote_agrees
from terms.refusals import Kind
from tests.domain.course_facts import DAY, ITEMS, NOON, RULES, companion, facts, meeting
from tests.domain.test_protocol_loading import changed, said, setting


def row(pk: int, step: str, value: str = "", days_ago: int = 0, code: str = "CBC") -> ItemEntry:
    """A row about the haemoglobin, so many days ago."""
    return ItemEntry(pk, 1, code, step, value, DAY - timedelta(days=days_ago), "nurse")


def stands(*rows: ItemEntry, code: str = "CBC", on: date = DAY) -> ItemStanding:
    """How one item stands from these rows."""
    found = standings(RULES.items, rows, on, on_label=True)
    return next(one for one in found if one.item.code == code)


@pytest.mark.parametrize(
    ("rows", "state", "settled"),
    [
        ([], "not_requested", False),
        ([row(1, "requested")], "requested", False),
        ([row(1, "requested"), row(2, "sampled")], "sampled", False),
        ([row(1, "resulted", "98")], "accepted", True),
        ([row(1, "resulted", "80")], "out_of_range", False),
        ([row(1, "resulted", "unclear")], "resulted", False),
        ([row(1, "resulted", "70"), row(2, "waived")], "waived", True),
        ([row(1, "waived")], "waived", True),
        # A result of a later day counts, whenever it is entered.
        ([row(1, "resulted", "98", 5), row(2, "resulted", "70")], "out_of_range", False),
        ([row(1, "resulted", "98"), row(2, "resulted", "70", 5)], "accepted", True),
        ([row(1, "waived", days_ago=3), row(2, "resulted", "98")], "accepted", True),
        # Who waived had not seen a result entered after, though its sample is older.
        ([row(1, "waived"), row(2, "resulted", "70", 3)], "out_of_range", False),
        # Taken back, what stood before counts again; a waiver of before does not.
        ([row(2, "withdrawn")], "not_requested", False),
        ([row(1, "resulted", "70"), row(3, "withdrawn")], "out_of_range", False),
        ([row(1, "requested"), row(3, "withdrawn")], "requested", False),
        ([row(1, "waived"), row(3, "withdrawn")], "not_requested", False),
        ([row(1, "waived"), row(3, "withdrawn"), row(4, "waived")], "waived", True),
        # Ordered again it is open until its next result.
        ([row(1, "resulted", "98", 5), row(2, "requested")], "requested", False),
        ([row(1, "requested"), row(2, "resulted", "98", 1)], "accepted", True),
        ([row(1, "resulted", "98"), row(2, "requested", days_ago=3)], "accepted", True),
    ],
)
def test_the_state_of_an_item_follows_from_its_rows(
    rows: list[ItemEntry], state: str, settled: bool
) -> None:
    found = stands(*rows)
    assert (found.state, found.settled) == (state, settled)


@pytest.mark.parametrize(("days_ago", "expired"), [(0, False), (7, False), (8, True), (400, True)])
@pytest.mark.parametrize("step", ["resulted", "waived"])
def test_results_and_waivers_expire_by_the_validity_of_the_protocol(
    step: str, days_ago: int, expired: bool
) -> None:
    found = stands(row(1, step, "98" if step == "resulted" else "", days_ago))
    assert (found.expired, found.settled, found.age_days) == (expired, not expired, days_ago)
    assert found.valid_until == DAY - timedelta(days=days_ago - 7)


def test_what_lies_later_than_the_day_asked_about_is_not_seen() -> None:
    earlier = DAY - timedelta(days=1)
    assert stands(row(1, "resulted", "98"), on=earlier).state == "not_requested"
    taken_back = (row(1, "waived", days_ago=2), row(2, "withdrawn"))
    assert stands(*taken_back, on=earlier).state == "not_requested", "no waiver of before is seen"


def test_a_value_stays_beside_its_waiver_and_goes_with_a_new_order() -> None:
    assert stands(row(1, "resulted", "70"), row(2, "waived")).value == "70"
    assert stands(row(1, "resulted", "98", 5), row(2, "requested")).value == ""


def test_a_request_and_an_item_without_validity_never_expire() -> None:
    assert not stands(row(1, "requested", days_ago=400)).expired
    assert not stands(row(1, "resulted", "yes", 400, "RR"), code="RR").expired


@pytest.mark.parametrize(("on_label", "state"), [(True, "accepted"), (False, "out_of_range")])
def test_age_is_computed_unless_it_is_waived(on_label: bool, state: str) -> None:
    [age] = [
        one for one in standings(RULES.items, (), DAY, on_label=on_label) if one.item.code == "AGE"
    ]
    assert (age.state, age.on) == (state, DAY)
    assert stands(row(1, "waived", code="AGE"), code="AGE").state == "waived"


def without(*codes: str) -> CourseFacts:
    """A course whose review lacks the results of these items."""
    rows = tuple(one for one in ITEMS if one.code not in codes)
    return facts(assessments=Assessments(rows, (), (meeting(),)))


def test_only_the_latest_review_counts() -> None:
    assert items_settled(facts()) == ()
    another = facts(reviews=(companion("accepted"), companion("assessing", pk=2)))
    assert {one.state for one in standings_of(another)} == {"not_requested", "accepted"}
    assert [one.item.code for one in standings_of(another) if one.settled] == ["AGE"]
    assert [one.settled for one in standings_of(facts(reviews=())) if one.item.code == "CBC"] == [
        False
    ]


def test_every_missing_mandatory_item_is_named_and_no_optional_one() -> None:
    refusals = items_settled(without("CBC", "LVEF", "CD22"))
    assert {refusal.code for refusal in refusals} == {"item_CBC", "item_LVEF"}
    assert {refusal.kind for refusal in refusals} == {"hard"}


@pytest.mark.parametrize(
    ("last", "words"),
    [
        (row(900, "resulted", "70"), "out of range"),
        (row(900, "resulted", "unclear"), "cannot be read"),
        (row(900, "requested"), "no result"),
        (row(900, "resulted", "98", 30), "older than its validity"),
    ],
)
def test_a_refusal_says_what_is_wrong_with_an_item(last: ItemEntry, words: str) -> None:
    seen = without("CBC")
    rows = (*seen.assessments.items, last)
    [refusal] = items_settled(replace(seen, assessments=Assessments(rows, (), ())))
    assert words in str(refusal)
    assert "Haemoglobin" in str(refusal)


@pytest.mark.parametrize(
    ("spoilt", "code"),
    [
        ({}, None),
        ({"meetings": ()}, "minutes_missing"),
        ({"meetings": (meeting(on=DAY - timedelta(days=9)),)}, "minutes_missing"),
        ({"meetings": (meeting(recorded_at=NOON - timedelta(hours=1)),)}, "minutes_missing"),
        ({"meetings": (meeting(signed_by=""),)}, "minutes_not_signed"),
        ({"meetings": (meeting(on=DAY + timedelta(days=1)),)}, "before_the_meeting"),
        ({"meetings": (meeting("deferred"),)}, "vote_differs"),
    ],
)
def test_the_vote_is_that_of_a_signed_meeting_since_the_list(
    spoilt: dict[str, Any], code: str | None
) -> None:
    reached = {"mdt_review": DAY - timedelta(days=3)}
    listed = companion("mdt_review", reached=reached, entered_at=NOON)
    seen = facts(reviews=(listed,), assessments=Assessments(**{"meetings": (meeting(),), **spoilt}))
    refusal = vote_agrees(Vote.ACCEPTED)(seen)
    assert (refusal.code if refusal else None) == code


def test_without_a_review_or_a_day_of_the_list_nothing_is_inferred() -> None:
    refusal = vote_agrees(Vote.ACCEPTED)(facts(reviews=()))
    assert refusal is not None
    assert refusal.code == "minutes_missing"
    undated = facts(reviews=(companion("mdt_review", reached={}),))
    assert vote_agrees(Vote.ACCEPTED)(undated) is None


def test_roles_are_named_in_a_list() -> None:
    assert role_list(["haematologist", "quality"]) == "Haematologist, Quality"


@pytest.mark.parametrize(
    ("key", "value", "fault"),
    [
        ("eligibility_items", {}, "eligibility_items"),
        ("eligibility_items.CBC.recorded_by", setting("boss"), "recorded_by"),
        ("eligibility_items.CBC.validity_days", setting(0), "validity_days"),
        ("eligibility_items.CBC.mandatory", setting("yes"), "mandatory"),
    ],
)
def test_faults_of_the_items_are_named(key: str, value: object, fault: str) -> None:
    assert any(fault in problem for problem in said(changed(key, value)))


def test_a_waiver_that_the_protocol_does_not_know_any_more_is_none() -> None:
    item = RULES.items.by_code["CBC"]
    nobody = replace(item, waived_by=replace(item.waived_by, value=()))
    items = replace(RULES.items, by_code={"CBC": nobody})
    for rows, state in (
        ((row(1, "waived"),), "not_requested"),
        ((row(1, "resulted", "20"), row(2, "waived")), "out_of_range"),
    ):
        [found] = standings(items, rows, DAY, on_label=True)
        assert found.state == state


def test_what_the_meeting_accepted_stands_when_the_course_goes_on() -> None:
    assert items_stand(facts()) == ()
    assert items_stand(replace(facts(), reviews=())) == ()
    assert items_stand(replace(without("CBC"), reviews=(companion("assessing"),))) == ()
    [gone] = items_stand(without("CBC", "CD22"))
    assert (gone.code, gone.kind) == ("item_CBC", Kind.HARD)
    old = items_stand(replace(without("LVEF"), on=DAY + timedelta(days=8)))
    assert [(one.code, one.kind) for one in old] == [
        ("item_LVEF", Kind.HARD),
        ("items_expired", Kind.SOFT),
    ]
    assert "Haemoglobin" in str(old[1])
    assert "Age" not in str(old[1])
    low = (*without("CBC").assessments.items, row(900, "resulted", "70", 30))
    [firm] = items_stand(facts(assessments=Assessments(low, (), ())))
    assert (firm.code, firm.kind) == ("item_CBC", Kind.HARD)  # old, and out of range
    elsewhere = companion("accepted", transcribed=frozenset({"accepted"}))
    [unknown] = items_stand(replace(without("CBC", "LVEF"), reviews=(elsewhere,)))
    assert (unknown.code, unknown.kind) == ("items_not_checked", Kind.SOFT)
