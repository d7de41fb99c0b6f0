"""How a course ends early: the coded reason, how far a withdrawal goes, and what that means."""

from collections.abc import Mapping
from dataclasses import dataclass

from pathway.domain.facts import LOST_PRODUCT, CourseFacts
from terms.refusals import Refusal
from terms.words import N_

# What is recorded together with a move to an end, beside the reason in words.
EXIT_DETAILS: Mapping[str, tuple[str, ...]] = {
    "declined": ("exit_reason",),
    "withdrawn": ("exit_reason", "exit_scope"),
}
# A product that failed and is not made again ends the course with this reason.
PRODUCT_LOST = "product_lost"

TREATMENT, DATA, UNKNOWN = "treatment_only", "treatment_and_data", "scope_unknown"
SCOPES: Mapping[str, str] = {
    TREATMENT: N_("Treatment only"),
    DATA: N_("Treatment and use of the data"),
}
# How far a withdrawal from before Percorso went may be known to nobody. Whoever withdraws now is
# asked: a move takes none but the two above.
SCOPE_NAMES: Mapping[str, str] = {**SCOPES, UNKNOWN: N_("Not known how far")}
SCOPE_MEANS: Mapping[str, str] = {
    TREATMENT: N_(
        "Every open reminder, hold and therapy of the course is closed. What is recorded stays in "
        "lists and files."
    ),
    DATA: N_(
        "Every open reminder, hold and therapy of the course is closed. What is recorded stays in "
        "the chart, as the law asks; none of it leaves in a file from now on. The course still "
        "counts by intention to treat."
    ),
}
UNKNOWN_MEANS = N_(
    "Nobody recorded whether the patient withdrew the use of the data too: until that is said, "
    "none of it leaves in a file."
)


def scope_of(stage: str, scope: str) -> str:
    """How far a withdrawal goes, UNKNOWN where nothing is recorded; empty for any other stage."""
    return (scope or UNKNOWN) if "exit_scope" in EXIT_DETAILS.get(stage, ()) else ""


def withheld(stage: str, scope: str) -> bool:
    """Whether the data stay here: the use was withdrawn, or nobody knows that it was not."""
    return scope_of(stage, scope) in (DATA, UNKNOWN)


def scope_means(stage: str, scope: str) -> str:
    """What a withdrawal means for what is recorded, as a msgid; empty for any other stage."""
    found = scope_of(stage, scope)
    return SCOPE_MEANS.get(found, UNKNOWN_MEANS) if found else ""


@dataclass(frozen=True)
class Ending:
    """What is said of an end: a code of the protocol, and for a withdrawal how far it goes."""

    reason: str = ""
    scope: str = ""

    @classmethod
    def of(cls, target: str, details: Mapping[str, object]) -> "Ending":
        """What `details` say of the end `target`; nothing for every other stage."""
        known = EXIT_DETAILS.get(target, ())
        reason, scope = (
            str(details.get(name) or "") if name in known else ""
            for name in ("exit_reason", "exit_scope")
        )
        return cls(reason, scope)


def against_scope(stage: str, before: str, scope: str) -> tuple[Refusal, ...]:
    """Everything against saying anew, at `stage`, how far a withdrawal goes."""
    if not scope_of(stage, before):
        message = N_("The patient has not withdrawn: only a withdrawal says how far it goes.")
        return (Refusal(code="not_withdrawn", message=message),)
    if scope not in SCOPES:
        return (_scope_needed(),)
    if scope == before:
        return (Refusal("nothing_changed", N_("This is what stands already."), field="exit_scope"),)
    return ()


def _scope_needed() -> Refusal:
    return Refusal(
        code="exit_scope_needed",
        message=N_("Say whether the patient withdraws from the treatment only."),
        field="exit_scope",
    )


def against_ending(
    target: str, details: Mapping[str, object], facts: CourseFacts
) -> tuple[Refusal, ...]:
    """Everything against what is recorded together with a move to `target`, all at once."""
    known = EXIT_DETAILS.get(target, ())
    refusals = [
        Refusal(
            code="unknown_detail",
            message=N_("%(name)s cannot be recorded with this move."),
            params={"name": name},
            field=name,
        )
        for name, value in details.items()
        if name not in known and value not in (None, "")
    ]
    ending = Ending.of(target, details)
    if "exit_reason" in known:
        refusals += _against_reason(target, ending.reason, facts)
    if "exit_scope" in known and ending.scope not in SCOPES:
        refusals.append(_scope_needed())
    return tuple(refusals)


def _against_reason(target: str, reason: str, facts: CourseFacts) -> list[Refusal]:
    if reason not in facts.rules.exit_reasons.of(target):
        return [
            Refusal(
                code="exit_reason_needed",
                message=N_("Choose a reason from the list of this course's protocol."),
                field="exit_reason",
            )
        ]
    lost = any(product.state in LOST_PRODUCT for product in facts.products)
    standing = any(product.state not in LOST_PRODUCT for product in facts.products)
    if reason != PRODUCT_LOST or (lost and not standing):
        return []
    return [
        Refusal(
            code="no_product_lost",
            message=N_("No product is recorded as lost, or another one stands: record that first."),
            field="exit_reason",
        )
    ]
