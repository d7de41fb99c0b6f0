"""The checks of a gate that did not stand at a dose told after it was given."""

from collections.abc import Mapping

from pathway.domain.facts import CourseFacts
from pathway.domain.gate_rules import Check, Gate
from pathway.domain.gates import checklist

# What every further dose asks of itself, whatever stood at an earlier one.
_ASKED_ALWAYS = frozenset({"product_on_site", "no_hold", "consents_kept", "dose_on_target"})


def checks_behind(gate: Gate, facts: CourseFacts) -> Mapping[str, Check]:
    """The check behind each code with which a gate refuses now."""
    found: dict[str, Check] = {}
    for standing in checklist(gate, facts):
        found |= dict.fromkeys((one.code for one in standing.refusals), standing.check)
        found[f"since_{standing.check.code}"] = standing.check
    return found


def still_open(gate: Gate, facts: CourseFacts) -> tuple[Check, ...]:
    """The checks that did not stand when the subject's first dose was given, and do not now.

    Also where that dose was taken back since: those after it were given past the same gate.
    """
    doses = facts.subject.doses if facts.subject else ()
    then = frozenset[str]().union(*(dose.unpassed for dose in doses))
    if not then:
        return ()
    return tuple(
        one.check
        for one in checklist(gate, facts)
        if one.check.code in then and not one.passed and one.check.fact not in _ASKED_ALWAYS
    )
