"""The clock of a thawed bag: how old it is, and what that refuses."""

from datetime import timedelta
from typing import Any

import pytest

from pathway.domain import thaw_guards as t
from pathway.domain.facts import CourseFacts
from pathway.domain.gate_rules import Gate
from pathway.domain.gates import checklist
from pathway.domain.machine_types import Guard
from pathway.domain.paper_facts import PaperFacts
from pathway.domain.product_rules import read_product
from protocol.domain.reading import ProtocolProblem, TableReader
from tests.domain.course_facts import CERTIFIED, DAY, NOON, companion, facts

MINUTE, DAYS_AGO = timedelta(minutes=1), {"thawing": DAY - timedelta(days=2)}


def bag(minutes: int | None = None, **given: Any) -> CourseFacts:
    """A course at noon with a bag that was thawed so many minutes before."""
    since = None if minutes is None else NOON - minutes * MINUTE
    product = companion("thawing", **{"since_at": since, "papers": CERTIFIED, **given})
    return facts("lymphodepletion", products=(product,), at=NOON)


def ending(
    minutes: int | None, papers: PaperFacts = CERTIFIED, begun: int | None = None
) -> CourseFacts:
    """The same bag, whose infusion began `begun` minutes after the thaw and is recorded now."""
    about = bag(minutes, papers=papers)
    at = None if begun is None or minutes is None else NOON + (begun - minutes) * MINUTE
    return facts("infusion", subject=about.product, at=NOON, infusion_begun_at=at)


def ran(begun: int | None, ended: int | None, thawed: int | None = 0) -> CourseFacts:
    """An infusion on paper, its times counted in minutes from the noon of the thaw."""
    at: dict[str, Any] = {
        name: None if minutes is None else NOON + minutes * MINUTE
        for name, minutes in (
            ("infusion_started_at", begun),
            ("infusion_ended_at", ended),
            ("thaw_ended_at", thawed),
        )
    }
    return ending(None, PaperFacts(**at))


def doubted(
    minutes: int | None, stage: str = "lymphodepletion", papers: PaperFacts = CERTIFIED
) -> CourseFacts:
    """A bag thawed so many minutes before noon, and in quarantine since."""
    before = None if minutes is None else NOON - minutes * MINUTE
    given: dict[str, Any] = {"before_at": before, "since_at": NOON, "papers": papers}
    return facts(stage, subject=companion("quarantined", **given), at=NOON)


NOTED = PaperFacts(thaw_ended_at=NOON - 200 * MINUTE)


@pytest.mark.parametrize(
    ("guard", "seen", "code", "kind"),
    [
        (t.thaw_stable, bag(180), None, None),
        (t.thaw_stable, bag(181), "thaw_expired", "hard"),
        (t.thaw_stable, bag(3 * 24 * 60), "thaw_expired", "hard"),
        (t.thaw_stable, bag(10, papers=NOTED), "thaw_expired", "hard"),
        (t.thaw_stable, bag(200, papers=PaperFacts(thaw_ended_at=NOON)), None, None),
        (t.thaw_stable, bag(), None, None),
        (t.thaw_stable, bag(reached=DAYS_AGO), "thaw_expired", "hard"),
        (t.thaw_stable, bag(reached={}), None, None),
        (t.thaw_stable, facts(products=(), at=NOON), None, None),
        (t.thaw_stable, facts(products=(companion("stored", since_at=NOON),)), None, None),
        (t.thaw_known, bag(1), None, None),
        (t.thaw_known, bag(), "thaw_unknown", "soft"),
        (t.thaw_known, facts(products=()), None, None),
        (t.thaw_known, facts(products=(companion("stored"),)), None, None),
        (t.thaw_fresh, bag(30), None, None),
        (t.thaw_fresh, bag(-1), None, None),
        (t.thaw_fresh, bag(31), "thaw_too_long", "soft"),
        (t.thaw_fresh, bag(181), None, None),  # thaw_stable refuses
        (t.thaw_fresh, bag(), None, None),
        (t.infused_while_stable, ending(60), None, None),
        (t.infused_while_stable, ending(181), "thaw_expired", "hard"),
        (t.infused_while_stable, ending(200, PaperFacts(thaw_ended_minutes=20)), None, None),
        (t.infused_while_stable, ending(20, PaperFacts(thaw_ended_minutes=181)),
         "thaw_expired", "hard"),
        (t.infused_while_stable, facts(products=(), at=NOON), None, None),
        # Recorded hours later: the beginning counts.
        (t.infused_while_stable, ending(400, begun=20), None, None),
        (t.infused_while_stable, ending(400, begun=181), "thaw_expired", "hard"),
        (t.infused_while_stable, ending(400, begun=-2), "thaw_expired", "hard"),
        (t.infused_while_stable, ending(400, NOTED, begun=300), None, None),
        (t.given_while_stable, ending(180, begun=20), None, None),
        (t.given_while_stable, ending(181, begun=20), "given_late", "soft"),
        (t.given_while_stable, ending(400, begun=181), None, None),  # the other one refuses
        (t.given_while_stable, ending(400, PaperFacts(thaw_ended_minutes=20)), None, None),
        (t.given_while_stable, ending(None), None, None),
        (t.given_while_stable, facts(products=(), at=NOON), None, None),
        (t.still_stable, doubted(180), None, None),
        (t.still_stable, doubted(181), "thaw_expired", "hard"),
        (t.still_stable, doubted(181, stage="infusion"), None, None),
        (t.still_stable, doubted(None), None, None),
        (t.still_stable, doubted(5, papers=NOTED), "thaw_expired", "hard"),
        (t.still_stable, facts(products=(), at=NOON), None, None),
        (t.infused_quickly, ran(10, 40), None, None),
        (t.infused_quickly, ran(10, 41), "infusion_too_long", "soft"),
        (t.infused_quickly, ran(None, 41), None, None),
        (t.infused_quickly, ran(10, None), None, None),
        (t.infused_quickly, facts(products=(), at=NOON), None, None),
        # Without the start on paper that of the journey's step counts.
        (t.infused_quickly, ending(60, PaperFacts(infusion_ended_at=NOON), begun=29),
         "infusion_too_long", "soft"),
        (t.stable_to_the_end, ran(170, 180), None, None),
        (t.stable_to_the_end, ran(170, 181), "unstable_at_end", "soft"),
        (t.stable_to_the_end, ran(170, None), None, None),
        (t.stable_to_the_end, ran(170, 181, thawed=None), None, None),
        (t.stable_to_the_end, facts(products=(), at=NOON), None, None),
    ],
)  # fmt: skip
def test_a_bag_is_given_while_it_is_stable(
    guard: Guard, seen: CourseFacts, code: str | None, kind: str | None
) -> None:
    refusal = guard(seen)
    assert (refusal and refusal.code, refusal and refusal.kind) == (code, kind)


@pytest.mark.parametrize(
    ("seen", "status", "minutes"),
    [
        (bag(20), "met", 20),
        (bag(31), "not_met", 31),
        (bag(181), "stale", 181),
        (bag(), "not_met", None),
    ],
)
def test_the_gate_shows_the_age_of_the_bag(
    seen: CourseFacts, status: str, minutes: int | None
) -> None:
    found = next(c for c in checklist(Gate.INFUSION, seen) if c.check.code == "product")
    assert found.finding is not None
    assert (found.status, found.finding.params.get("minutes")) == (status, minutes)
    assert found.passed is (status == "met")


def test_a_bag_is_stable_for_as_long_as_the_infusion_may_wait() -> None:
    def settings(stable: int) -> dict[str, Any]:
        told = {"source": "Programme default", "confirmed": False}
        return {
            "thaw_to_infusion_minutes": {"value": 30, **told},
            "thaw_stability_minutes": {"value": stable, **told},
            "infusion_minutes": {"value": 30, **told},
        }

    for stable, faults in ((30, 0), (29, 1)):
        problems: list[ProtocolProblem] = []
        reader = TableReader(settings(stable), "file.toml", "product", problems)
        assert read_product(reader).thaw_stability_minutes.value == stable
        assert len(problems) == faults
