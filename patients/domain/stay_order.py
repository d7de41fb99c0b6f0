"""Stays in hospital one after the other: what is against the dates of one among the others."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from terms.refusals import Refusal
from terms.words import N_


@dataclass(frozen=True)
class Span:
    """One stay: from, to (None while it goes on)."""

    began_on: date
    ended_on: date | None


def refuse_span(span: Span, others: Sequence[Span]) -> list[Refusal]:
    """Backwards, or at the same time as another one; the day of a change may be shared."""
    if span.ended_on is not None and span.ended_on < span.began_on:
        return [
            Refusal(
                code="before_stay_began",
                message=N_("This is before the stay began, on %(limit)s."),
                params={"limit": span.began_on},
                field="ended_on",
            )
        ]
    for other in others:
        if _meet(span, other):
            return [
                Refusal(
                    code="overlaps",
                    message=N_("Another stay is recorded for this time, since %(since)s."),
                    params={"since": other.began_on},
                    field="began_on",
                )
            ]
    return []


def _meet(one: Span, other: Span) -> bool:
    first, second = sorted(
        (one, other), key=lambda span: (span.began_on, span.ended_on or date.max)
    )
    return first.ended_on is None or first.ended_on > second.began_on
