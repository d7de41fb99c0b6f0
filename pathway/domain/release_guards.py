"""The guards around papers and labels: nothing is released, received or shipped unnamed."""

from collections.abc import Mapping
from dataclasses import replace

from pathway.domain.facts import CourseFacts
from pathway.domain.product_guards import certificate_known
from pathway.domain.refusing import soft
from terms.refusals import Refusal
from terms.roles import Role
from terms.words import N_

_NO_DIN = N_("The collection has no donation number (DIN): nobody can tell whose it is.")


def papers_at_hand(values: Mapping[str, object], facts: CourseFacts) -> Refusal | None:
    """A product comes with its certificate of analysis, its lot and its date of expiry."""
    certified = certificate_known(facts) is None
    missing = (
        *(() if certified else (N_("certificate of analysis with the dose"),)),
        *(() if values["lot"] else (N_("lot"),)),
        *(() if values["expires_on"] else (N_("date of expiry"),)),
    )
    if not missing:
        return None
    return soft(
        "release_papers",
        N_("Not on record of this product: %(missing)s."),
        missing=missing,
    )


def papers_never_asked(values: Mapping[str, object], facts: CourseFacts) -> Refusal | None:
    """What went into quarantine before it was received is asked for its papers on the way out.

    Quality, which alone lets it out, answers for what is missing.
    """
    if facts.subject is None or facts.subject.came_to("received"):
        return None
    found = papers_at_hand(values, facts)
    return replace(found, who_may=(Role.QUALITY.value,)) if found else None


def donation_named(values: Mapping[str, object], _facts: CourseFacts) -> Refusal | None:
    """A collection counts under its donation number."""
    return None if values["din"] else soft("din_unknown", _NO_DIN)


def material_named(facts: CourseFacts) -> Refusal | None:
    """What is sent to be made is the latest adequate collection, under its donation number."""
    adequate = [attempt for attempt in facts.attempts if attempt.state == "adequate"]
    if not adequate or adequate[-1].din:
        return None  # without any, collection_adequate refuses
    return soft("din_unknown", _NO_DIN)
