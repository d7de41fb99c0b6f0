"""Which consents stand on a day: the latest answer of each kind decides, and none before its day.

An answer whose day is known to the month or the year counts as late as it can have been where it
lets the course go on, and as early as it can have been where it stops it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from terms.partial_dates import PartialDate


@dataclass(frozen=True)
class ConsentFacts:
    """One answer of the patient, in the order it was recorded; `on` is None where unknown."""

    pk: int
    kind: str
    given: bool
    on: PartialDate | None
    withdrawn_on: date | None = None


def standing_kinds(consents: Iterable[ConsentFacts], on: date) -> frozenset[str]:
    """The kinds of consent that stand on the day `on`: given by then, not refused or taken back.

    Two answers of one day stand in the order they were recorded. A refusal of an unknown day may
    be the latest word, so it decides.
    """
    latest: dict[str, tuple[date, int, bool]] = {}
    for consent in consents:
        for answer in _answers(consent, on):
            latest[consent.kind] = max(answer, latest.get(consent.kind, answer))
    return frozenset(kind for kind, (_on, _pk, stands) in latest.items() if stands)


def _answers(consent: ConsentFacts, on: date) -> list[tuple[date, int, bool]]:
    """What an entry says until `on`: where it lies among the others, and yes or no."""
    said: list[tuple[date, int, bool]] = []
    if consent.on is None:
        return said if consent.given else [(on, consent.pk, False)]
    if consent.given and consent.on.latest() <= on:
        said.append((consent.on.earliest(), consent.pk, True))
    if not consent.given and consent.on.earliest() <= on:
        said.append((consent.on.latest(), consent.pk, False))
    if consent.withdrawn_on is not None and consent.withdrawn_on <= on:
        # Taken back on the day it was given: the taking back is the later word.
        said = [(consent.withdrawn_on, consent.pk, False)]
    return said
