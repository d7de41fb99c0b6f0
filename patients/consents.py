"""Which consents of a course stand on a day, from the rows of its chart."""

from collections.abc import Iterable
from datetime import date

from patients.domain.consents import ConsentFacts, standing_kinds
from patients.models import Consent
from terms.partial_dates import parse


def standing_consents(consents: Iterable[Consent], on: date) -> frozenset[str]:
    """The kinds among `consents`, given as they were recorded, that stand on the day `on`."""
    return standing_kinds((_facts(consent) for consent in consents), on)


def _facts(consent: Consent) -> ConsentFacts:
    return ConsentFacts(
        pk=consent.pk,
        kind=consent.kind,
        given=consent.given,
        on=parse(consent.on) if consent.on else None,
        withdrawn_on=consent.withdrawn_on,
    )
