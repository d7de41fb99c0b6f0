"""Reading a refusal in a test."""

from terms.refusals import Refused


def codes(refused: Refused) -> set[str]:
    """The codes of every reason given."""
    return {refusal.code for refusal in refused.refusals}


def fields(refused: Refused) -> set[tuple[str, str]]:
    """Every reason with the input it is about."""
    return {(refusal.field, refusal.code) for refusal in refused.refusals}
