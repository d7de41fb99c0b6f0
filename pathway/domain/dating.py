"""Whether a corrected day of an anchor fits with the days of the others."""

from collections.abc import Iterable
from datetime import date

from terms.refusals import Refusal
from terms.words import N_

# What must not come before what: enrolment begins a course, the infusion follows its preparation.
_FOLLOWS = {
    "apheresis": ("enrolment",),
    "lymphodepletion": ("enrolment",),
    "infusion": ("enrolment", "apheresis", "lymphodepletion"),
    "discharge": ("infusion",),
    "relapse": ("infusion",),
}


def refuse_anchor_order(
    kind: str, on: date, others: Iterable[tuple[str, date]], field: str
) -> list[Refusal]:
    """What is against `kind` having happened on `on`; `others` are kinds with their actual days."""
    refusals = []
    for other, other_on in others:
        if other in _FOLLOWS.get(kind, ()) and on < other_on:
            refusals.append(
                Refusal(
                    code="before_earlier_anchor",
                    message=N_("This is before something that must come first, on %(limit)s."),
                    params={"limit": other_on},
                    field=field,
                )
            )
        elif kind in _FOLLOWS.get(other, ()) and other != "discharge" and other_on < on:
            refusals.append(
                Refusal(
                    code="after_later_anchor",
                    message=N_("This is after something that must come later, on %(limit)s."),
                    params={"limit": other_on},
                    field=field,
                )
            )
    return refusals
