"""The indicators that are told apart by codes, each behind the one that it takes apart."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType

from exports.domain.apart import (
    CAUSE,
    DEATH,
    INCIDENT,
    ITEM,
    LEFT,
    LOST,
    REASON,
    SIDE,
    UNKNOWN,
    Part,
)
from exports.domain.indicators import Indicator
from exports.domain.indicators_on_the_way import DAYS
from exports.domain.summaries import PER_100, Definition, Proportion, Total
from exports.domain.tally import Tally
from pathway.domain.paper_facts import INCIDENT_CATEGORIES, NO_CATEGORY
from terms.words import N_, Bilingual

_APART: Mapping[str, Definition] = MappingProxyType(
    {
        ITEM: Definition(
            "item_timeliness",
            N_("Follow-up in time"),
            N_("Dates of this item done in their window, of those whose window has passed."),
        ),
        SIDE: Definition(
            "delay_days_side",
            N_("Days of delay by side"),
            N_(
                "Days of the recorded delays on this side that are over, together; n is how many "
                "are over, those going on are missing. Delays on the same days count each."
            ),
            DAYS,
        ),
        REASON: Definition(
            "delay_days",
            N_("Days of delay by reason"),
            N_(
                "Days of the recorded delays for this reason that are over, together; n is how "
                "many are over, those going on are missing. Delays on the same days count each."
            ),
            DAYS,
        ),
        LEFT: Definition(
            "attrition_reason",
            N_("Never infused, by reason"),
            N_(
                "Of all enrolled whose outcome is known, courses that ended for this reason "
                "without an infusion."
            ),
        ),
        CAUSE: Definition(
            "mortality_cause",
            N_("Deaths by cause"),
            N_(
                "Deaths for this recorded cause, however long after the infusion, of those infused."
            ),
        ),
        INCIDENT: Definition(
            "incidents_category",
            N_("Incidents by category"),
            N_(
                "Incidents of this category recorded of products, to the number of infusions, and "
                "how many that is for every 100. Two of one product count twice."
            ),
            PER_100,
        ),
    }
)
# What stands before each kind.
_BEHIND: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "attrition_lymphodepletion": (LEFT,),
        "delay_burden": (SIDE, REASON),
        "mortality_year": (CAUSE,),
        "item_timeliness": (ITEM,),
        "incidents": (INCIDENT,),
    }
)
SIDES: Mapping[str, str] = MappingProxyType(
    {
        "patient": N_("The patient's side"),
        "disease": N_("The disease"),
        "site": N_("The centre's side"),
        "manufacturer": N_("The manufacturer's side"),
        "payer": N_("The payer's side"),
        "other": N_("Another side"),
        UNKNOWN: N_("The side is not known"),
    }
)
# A test compares them with those of the chart.
CAUSES: Mapping[str, str] = MappingProxyType(
    {
        "disease": N_("Relapse, progression or persistent disease"),
        "crs": N_("Cytokine release syndrome"),
        "icans": N_("Neurotoxicity (ICANS)"),
        "iec_hs": N_("Haemophagocytic syndrome (IEC-HS)"),
        "infection": N_("Infection"),
        "haemorrhage": N_("Haemorrhage"),
        "organ": N_("Organ failure"),
        "gvhd": N_("Graft versus host disease"),
        "second_malignancy": N_("Second malignancy"),
        "other_treatment": N_("Other cause, related to the treatment"),
        "unrelated": N_("Unrelated to disease and treatment"),
        UNKNOWN: N_("Not known"),
    }
)
# Beside what the protocols name.
WORDS: Mapping[str, str] = MappingProxyType(
    {
        **{f"{SIDE}/{side}": word for side, word in SIDES.items()},
        **{f"{CAUSE}/{cause}": word for cause, word in CAUSES.items()},
        **{f"{INCIDENT}/{category}": word for category, word in INCIDENT_CATEGORIES.items()},
        f"{INCIDENT}/{UNKNOWN}": NO_CATEGORY,
        f"{LEFT}/{DEATH}": N_("Death before the infusion"),
        f"{LEFT}/{LOST}": N_("Lost to follow-up"),
        f"{LEFT}/{UNKNOWN}": N_("No coded reason recorded"),
    }
)
Names = Mapping[str, Bilingual]


def parts_of(tally: Tally) -> dict[str, Part]:
    """What a cohort says to each code: ends of known outcomes; deaths, incidents of infusions."""
    left, infusions = tally.rate("attrition"), (tally.total("infusions"), 0)
    of = {LEFT: (left.of, left.missing), CAUSE: infusions, INCIDENT: infusions}
    return {
        code: replace(part, of=of[_kind(code)][0], missing=of[_kind(code)][1])
        if _kind(code) in of
        else part
        for code, part in tally.parts.items()
    }


def with_parts(
    indicators: Iterable[Indicator], parts: Mapping[str, Part], names: Names
) -> Iterator[Indicator]:
    """The indicators, and behind each what it is told apart by, in the order of codes."""
    for one in indicators:
        yield one
        for kind in _BEHIND.get(one.definition.code, ()):
            for code in sorted(parts):
                if _kind(code) == kind:
                    yield _indicator(code, parts[code], names)


def _kind(code: str) -> str:
    return code.partition("/")[0]


def _indicator(code: str, found: Part, names: Names) -> Indicator:
    kind, _slash, rest = code.partition("/")
    definition = _APART[kind]
    own = replace(definition, code=f"{definition.code}_{rest.replace('/', '_')}")
    last = rest.rpartition("/")[2]
    name = names.get(code) or WORDS.get(code) or Bilingual(last, last)
    hidden, missing = found.suppressed, found.missing
    if definition.unit == DAYS:
        told = Total(None if hidden else found.part, None if hidden else found.of, missing, hidden)
        return Indicator(own, total=told, name=name)
    rate = Proportion(None if hidden else found.part, found.of, missing, suppressed=hidden)
    return Indicator(own, rate=rate, name=name)
