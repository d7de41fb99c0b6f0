"""Facts for the tables of guards: a course on which nothing stands in the way, to be spoilt."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from pathway.domain.facts import CompanionFacts, CourseFacts
from pathway.domain.rules import SECTIONS as PATHWAY_SECTIONS
from pathway.domain.rules import PathwayRules
from patients.domain.delays import SECTIONS as DELAY_SECTIONS
from protocol.domain.loading import parse
from reminders.domain.items import SECTIONS as SCHEDULE_SECTIONS

_FOLDER = Path(__file__).parent.parent.parent / "protocols"
_PARSERS = {**PATHWAY_SECTIONS, **DELAY_SECTIONS, **SCHEDULE_SECTIONS}


def rules_of(code: str) -> PathwayRules:
    """The rules of a shipped protocol."""
    file = _FOLDER / f"{code}.toml"
    return PathwayRules.of(parse(file.read_bytes(), file.name, _PARSERS))


RULES, YOUNG_RULES = rules_of("brexucel-adult-all"), rules_of("tisacel-young-all")
DAY = date(2026, 11, 12)


def companion(state: str, pk: int = 1, **given: Any) -> CompanionFacts:
    """A companion in `state`, reached today unless said otherwise."""
    return CompanionFacts(pk=pk, state=state, **{"reached": {state: DAY}, **given})


def facts(stage: str = "referral", **spoilt: Any) -> CourseFacts:
    """A course at `stage` with every guard content, except for what is `spoilt`."""
    clean = CourseFacts(
        stage=stage,
        on=DAY,
        rules=RULES,
        birth_date=date(1961, 10, 14),
        identity_verified=True,
        reviews=(companion("accepted"),),
        attempts=(companion("adequate"),),
        products=(companion("thawing"),),
        bridgings=(companion("closed"),),
        depletions=(companion("complete", reached={"complete": DAY - timedelta(days=2)}),),
        ever_admitted=True,
    )
    return replace(clean, **spoilt)
