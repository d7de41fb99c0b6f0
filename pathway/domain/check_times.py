"""Whether the check at the bedside stood when a product is said to have been thawed and given."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from pathway.domain.identity_checks import CheckFacts, CheckKind
from pathway.domain.refusing import soft
from terms.refusals import Refusal
from terms.words import N_

THAWED, BEGUN, GIVEN = "thawed_after_check", "begun_outside_check", "given_before_check"
# The step that says each of the times; the journey's is the beginning of the infusion.
CODES: dict[tuple[str, str], str] = {
    ("product", "thawing"): THAWED,
    ("journey", "infusion"): BEGUN,
    ("product", "infused"): GIVEN,
}

_SAID: dict[str, str] = {
    THAWED: N_(
        "The product is said to have been thawed at %(said)s, "
        "after the identity check at the bedside of %(at)s."
    ),
    BEGUN: N_(
        "The identity check at the bedside was at %(at)s: it did not stand when the "
        "infusion is said to have begun, at %(said)s."
    ),
    GIVEN: N_(
        "The product is said to have been given at %(said)s, "
        "before the identity check at the bedside of %(at)s."
    ),
}


@dataclass(frozen=True)
class SaidTimes:
    """When the product that counts was thawed, begun and given; None where nobody says so."""

    product: int
    thawed: datetime | None = None
    begun: datetime | None = None
    given: datetime | None = None


def outside_check(
    checks: Iterable[CheckFacts], said: SaidTimes, limit: timedelta
) -> tuple[Refusal, ...]:
    """Every time at which no passed check at the bedside stood, each with a code of its own.

    Without any such check nothing is said: that none was made is told elsewhere.
    """
    bedside = [c for c in checks if c.kind == CheckKind.BEDSIDE and c.product == said.product]
    times = [check.at for check in bedside if check.passed]
    stood: tuple[tuple[str, datetime | None, Callable[[datetime, datetime], bool]], ...] = (
        (THAWED, said.thawed, lambda thawed, at: _minute(thawed) <= at),
        (BEGUN, said.begun, lambda begun, at: _minute(at) <= begun <= at + limit),
        (GIVEN, said.given, lambda given, at: _minute(at) <= given),
    )
    return tuple(
        soft(code, _SAID[code], said=when, at=max(times))
        for code, when, stands in stood
        if times and when is not None and not any(stands(when, at) for at in times)
    )


def _minute(at: datetime) -> datetime:
    """People give minutes: what is of the minute of a check is with it."""
    return at.replace(second=0, microsecond=0)
