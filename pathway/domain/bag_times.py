"""How long a bag had lain thawed when its infusion is said to have begun, once times are known."""

from datetime import datetime, timedelta

from pathway.domain.product_rules import ProductRules
from pathway.domain.refusing import hard, soft
from terms.refusals import Refusal
from terms.words import N_

LATE, EXPIRED = "thaw_too_long", "thaw_expired"
CODES = (LATE, EXPIRED)
# What is to be said of an infusion that is over.
OVER = ("infusion_too_long", "unstable_at_end")
# The steps between whose times a bag ages.
STEPS = frozenset({("product", "thawing"), ("journey", "infusion")})
_MINUTE = timedelta(minutes=1)
_LATE = N_(
    "The infusion is said to have begun %(minutes)s minutes after the thaw; "
    "the protocol allows %(most)s."
)
_EXPIRED = N_(
    "The infusion is said to have begun %(minutes)s minutes after the thaw; "
    "the bag is stable for at most %(most)s."
)


def minutes_between(thawed: datetime | None, begun: datetime | None) -> int | None:
    """The age of the bag at the beginning; None where a time is not known or the order is wrong."""
    if thawed is None or begun is None or begun < thawed.replace(second=0, microsecond=0):
        return None
    return max(0, (begun - thawed) // _MINUTE)


def lay_too_long(
    thawed: datetime | None, begun: datetime | None, rules: ProductRules, *, used: bool
) -> tuple[Refusal, ...]:
    """What the label says against those times.

    Once the cells are recorded as given (`used`) the truth can be told with a reason, however bad
    it is; before, it refuses as the move itself would.
    """
    minutes = minutes_between(thawed, begun)
    soon, stable = rules.thaw_to_infusion_minutes.value, rules.thaw_stability_minutes.value
    if minutes is None or minutes <= soon:
        return ()
    if minutes <= stable:
        return (soft(LATE, _LATE, minutes=minutes, most=soon),)
    refuse = soft if used else hard
    return (refuse(EXPIRED, _EXPIRED, minutes=minutes, most=stable),)


def took_too_long(
    begun: datetime | None, ended: datetime | None, rules: ProductRules
) -> Refusal | None:
    """What the label says against an infusion between those times."""
    minutes, most = minutes_between(begun, ended), rules.infusion_minutes.value
    if minutes is None or minutes <= most:
        return None
    return soft(
        "infusion_too_long",
        N_("The infusion took %(minutes)s minutes; the protocol allows %(most)s."),
        minutes=minutes,
        most=most,
    )


def unstable_at_end(
    thawed: datetime | None, ended: datetime | None, rules: ProductRules
) -> Refusal | None:
    """What it says against the last of a bag running in so long after the thaw."""
    minutes, most = minutes_between(thawed, ended), rules.thaw_stability_minutes.value
    if minutes is None or minutes <= most:
        return None
    return soft(
        "unstable_at_end",
        N_(
            "The infusion ended %(minutes)s minutes after the thaw; the bag is stable for at most "
            "%(most)s."
        ),
        minutes=minutes,
        most=most,
    )
