"""When a patient may be called lost to follow-up: out of contact for long, and looked for."""

from pathway.domain.facts import CourseFacts
from pathway.domain.refusing import hard, soft
from terms.day_numbers import add_months
from terms.refusals import Refusal
from terms.words import N_


def out_of_contact(facts: CourseFacts) -> Refusal | None:
    """The last known contact lies more than the protocol's months back."""
    last, months = facts.last_contact_on, facts.rules.loss.months_without_contact.value
    if last is None:
        return soft(
            "last_contact_unknown",
            N_("No contact with the patient is recorded. Since when has there been none?"),
        )
    if facts.on > add_months(last, months):
        return None
    return hard(
        "contact_recent",
        N_(
            "The last known contact was on %(on)s; a patient is lost after more than "
            "%(months)s months without one."
        ),
        on=last,
        months=months,
    )


def looked_for(facts: CourseFacts) -> Refusal | None:
    """The protocol's number of attempts was made since the last contact and written down."""
    last, needed = facts.last_contact_on, facts.rules.loss.contact_attempts.value
    made = [on for on in facts.attempts_on if on <= facts.on and (last is None or on > last)]
    if len(made) >= needed:
        return None
    return hard(
        "attempts_missing",
        N_(
            "%(made)s attempts to reach the patient since the last contact are recorded; "
            "the protocol asks for %(needed)s."
        ),
        made=len(made),
        needed=needed,
    )
