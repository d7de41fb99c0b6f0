"""The guards of identity: no product is received, infused or let out of quarantine without."""

from datetime import datetime, timedelta

from pathway.domain.facts import CourseFacts
from pathway.domain.identity_checks import CHANGED_NAMES, CheckFacts, CheckKind
from pathway.domain.refusing import hard, soft
from terms.refusals import Refusal
from terms.words import N_

_MISMATCH = N_("The identity check of %(at)s found a mismatch: this product is not used.")
_DOUBTED = N_(
    "The infusion has begun, and the identity check before it does not stand any more. "
    "Under which deviation were the cells given?"
)


def receipt_checked(facts: CourseFacts) -> Refusal | None:
    """Two people have found the product in hand to be this patient's when it came."""
    check = _latest(facts, CheckKind.RECEIPT)
    if check is None:
        return hard(
            "receipt_not_checked",
            N_("Two people have not checked the product's identity at receipt."),
        )
    return _refuse_unless_passed(check)


def bedside_check_stands(facts: CourseFacts) -> Refusal | None:
    """The cells recorded as given are those that two people checked at the bedside."""
    check = _latest(facts, CheckKind.BEDSIDE)
    if check is None:
        return hard(
            "bedside_not_checked",
            N_("Two people have not checked the product's identity at the bedside."),
        )
    return _refuse_unless_passed(check)


def given_as_checked(facts: CourseFacts) -> Refusal | None:
    """What ran in is recorded as given, also when something was found once it had begun.

    The course came to the infusion past `bedside_checked`. What is found later stops no cells any
    more: a haematologist says under which deviation they were given.
    """
    found = bedside_check_stands(facts)
    if found is None or facts.stage != "infusion":
        return found
    return soft("identity_doubted", _DOUBTED)


def _refuse_unless_passed(check: CheckFacts) -> Refusal | None:
    """The latest check that was begun decides: unfinished, it is no pass, and hides none."""
    if not check.finished:
        return hard(
            "check_unfinished",
            N_("The identity check begun at %(at)s was not finished by two people."),
            at=check.at,
        )
    if not check.passed:
        return hard("identity_mismatch", _MISMATCH, at=check.at)
    if check.changed:
        return hard(
            "labels_changed",
            N_("Recorded otherwise since the identity check of %(at)s: %(names)s. Check again."),
            at=check.at,
            names=tuple(CHANGED_NAMES[name] for name in check.changed),
        )
    return None


def bedside_checked(facts: CourseFacts) -> Refusal | None:
    """Two people have checked at the bedside, before the infusion and not long before it."""
    missing = bedside_check_stands(facts)
    if missing is not None:
        return missing
    passed = [c for c in _checks(facts) if c.kind == CheckKind.BEDSIDE and not c.changed]
    latest, back_at = passed[-1], _returned_at(facts)
    passed = [check for check in passed if back_at is None or check.at >= back_at]
    if not passed:
        return hard(
            "bedside_check_before_return",
            N_(
                "The product came back from quarantine after the identity check of %(at)s: "
                "two people check it anew."
            ),
            at=latest.at,
        )
    limit = facts.rules.identity_checks.bedside_valid_minutes.value
    if any(_fresh(check, facts, timedelta(minutes=limit)) for check in passed):
        return None
    return hard(
        "bedside_check_too_old",
        N_(
            "The identity check at the bedside was at %(at)s; "
            "the infusion begins at most %(limit)s minutes after it."
        ),
        at=passed[-1].at,
        limit=limit,
    )


def _returned_at(facts: CourseFacts) -> datetime | None:
    """When the thawed product came back from quarantine, unless it was running in by then."""
    product, begun = facts.subject or facts.product, facts.infusion_begun_at
    back_at = product.returned_at if product else None
    return None if back_at and begun and back_at > begun else back_at


def _fresh(check: CheckFacts, facts: CourseFacts, limit: timedelta) -> bool:
    if facts.at is None:
        return check.passed and check.on == facts.on
    # People give minutes: an infusion in the minute of the check follows it.
    begun = check.at.replace(second=0, microsecond=0)
    return check.passed and begun <= facts.at <= check.at + limit


def never_thawed(facts: CourseFacts) -> Refusal | None:
    """What was thawed is never frozen again."""
    if facts.subject is None or "thawing" not in facts.subject.reached:
        return None
    return hard("was_thawed", N_("The product was thawed: it cannot go back to the tank."))


def deviations_numbered(facts: CourseFacts) -> Refusal | None:
    """Every mismatch has its deviation number before quality decides on the product."""
    if all(check.passed or check.deviation or not check.finished for check in _checks(facts)):
        return None
    return hard(
        "deviation_missing",
        N_("The mismatch of the identity check has no deviation number yet."),
    )


def custody_settled(facts: CourseFacts) -> Refusal | None:
    """Whatever damage or excursion the chain of custody notes has its deviation number."""
    product = facts.subject or facts.product
    if product is None or not product.papers.custody_faults:
        return None
    return hard(
        "custody_fault",
        N_("The chain of custody notes damage or an excursion without a deviation number."),
    )


def _latest(facts: CourseFacts, kind: CheckKind) -> CheckFacts | None:
    """The last check of the product that ended: a later mismatch undoes an earlier pass."""
    return next((check for check in reversed(_checks(facts)) if check.kind == kind), None)


def _checks(facts: CourseFacts) -> tuple[CheckFacts, ...]:
    """The checks of the product that moves, or of the one at the bedside, in order."""
    product = facts.subject or facts.product
    return tuple(c for c in facts.checks if product is not None and c.product == product.pk)
