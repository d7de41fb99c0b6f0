"""The guard around bridging drugs that no washout before lymphodepletion is known of."""

from pathway.domain.facts import CourseFacts
from pathway.domain.refusing import soft
from terms.refusals import Refusal
from terms.words import N_


def bridging_weighed(facts: CourseFacts) -> Refusal | None:
    """A drug of no class with a rule is weighed by nobody, unless it lies far enough back anyway.

    So is supportive care whose drug has no class and no day.
    """
    rules = facts.rules
    longest = max((d.value for d in rules.intervals.bridging_last_dose_to_ld.values()), default=0)
    count = sum(
        rules.bridging_washout_days(drug_class) is None and (facts.on - last).days < longest
        for bridging in facts.bridgings
        for drug_class, last in bridging.doses_given
    )
    count += sum(
        bridging.state == "none" and bool(bridging.title) and not bridging.doses_given
        for bridging in facts.bridgings
        if rules.bridging_washout_days(bridging.drug_class) is None
    )
    if not count:
        return None
    return soft(
        "bridging_not_weighed",
        N_("Bridging drugs of a class without a washout, not weighed: %(count)s."),
        count=count,
    )
