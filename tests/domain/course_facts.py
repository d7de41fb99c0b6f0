"""Facts for the tables of guards: a course on which nothing stands in the way, to be spoilt."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from config.demo_data.passing import check_notes, item_notes, recorders
from pathway.domain.assessments import Assessments, GateEntry, ItemEntry, MeetingEntry
from pathway.domain.facts import CompanionFacts, CourseFacts, TherapyFacts
from pathway.domain.gate_rules import Gate
from pathway.domain.identity_checks import CheckFacts
from pathway.domain.paper_facts import PaperFacts
from pathway.domain.rules import PathwayRules
from pathway.domain.toxicity_facts import LastGrade, ToxicityFacts
from patients.domain.body import Measure
from tests.domain.shipped import shipped

RULES, YOUNG_RULES = (
    PathwayRules.of(shipped(code)) for code in ("brexucel-adult-all", "tisacel-young-all")
)
DAY = date(2026, 11, 12)

NOON = datetime(2026, 11, 12, 12, 0, 30, tzinfo=UTC)
MORNING = datetime(DAY.year, DAY.month, DAY.day, 9, tzinfo=UTC)


CALM = ToxicityFacts(
    scales=("crs", "icans"),
    grades={scale: LastGrade(0, NOON, DAY) for scale in ("crs", "icans")},
    highest=1,
    fresh=timedelta(hours=24),
)
WEIGHT = Measure(Decimal(70), DAY - timedelta(days=6))
CERTIFIED = PaperFacts(certified=True, dose_per_kg=Decimal("1.0"), dose_total=Decimal(70))


def check(kind: str, *, passed: bool = True, **given: Any) -> CheckFacts:
    """A check of the product that ended today at noon."""
    return CheckFacts(
        **{"kind": kind, "product": 1, "passed": passed, "at": NOON, "on": DAY, **given}
    )


def companion(state: str, pk: int = 1, **given: Any) -> CompanionFacts:
    """A companion in `state`, reached today unless said otherwise; a bag is thawed at noon."""
    when = {"reached": {state: DAY}, "since_at": NOON if state == "thawing" else None}
    return CompanionFacts(pk=pk, state=state, **{**when, **given})


ITEMS = tuple(
    ItemEntry(number, 1, note.item, note.step, note.value, DAY, "physician")
    for number, note in enumerate(item_notes(RULES.items, {}))
)
CHECKS = tuple(
    GateEntry(
        number, gate.value, note.check, round_, note.outcome or "met", note.value,
        MORNING, DAY, "physician", MORNING, DAY,
    )
    for round_ in (1, 2)
    for gate in Gate
    for role in recorders(RULES.gates, gate)
    for number, note in enumerate(check_notes(RULES.gates, gate, role, repeat=True))
)  # fmt: skip


def meeting(vote: str = "accepted", signed_by: str = "physician", **given: Any) -> MeetingEntry:
    """A meeting about the review, today unless said otherwise."""
    minutes = {"participants": "two", "minutes": "discussed", "reason": "", "review_on": None}
    return MeetingEntry(
        pk=1, review=1, vote=vote, counts=(3, 0, 0), signed_by=signed_by, by="physician",
        **{"on": DAY, "recorded_at": NOON, **minutes, **given},
    )  # fmt: skip


def facts(stage: str = "referral", **spoilt: Any) -> CourseFacts:
    """A course at `stage` with every guard content, except for what is `spoilt`."""
    clean = CourseFacts(
        stage=stage,
        on=DAY,
        rules=RULES,
        birth_date=date(1961, 10, 14),
        identity_verified=True,
        reviews=(companion("accepted"),),
        attempts=(companion("adequate", din="A999926123456"),),
        products=(companion("thawing", papers=CERTIFIED),),
        bridgings=(companion("closed"),),
        therapies=(TherapyFacts("", DAY - timedelta(days=366)),),
        depletions=(companion("complete", reached={"complete": DAY - timedelta(days=2)}),),
        ever_admitted=True,
        checks=(check("receipt"), check("bedside")),
        assessments=Assessments(ITEMS, CHECKS, (meeting(),)),
        weight=WEIGHT,
        toxicity=CALM,
    )
    return replace(clean, **spoilt)
