"""Earlier treatment as guards see it: its washout class and its last day."""

from pathway.domain.facts import TherapyFacts
from patients.models import Course, TherapyLine
from terms.partial_dates import parse


def therapies_of(course: Course) -> tuple[TherapyFacts, ...]:
    """Earlier drugs of a washout class, with the last day as far as it is known.

    A month or a year counts from its last day: the nearest to collection it can have been.
    """
    lines = TherapyLine.objects.filter(course=course).exclude(drug_class="")
    return tuple(
        TherapyFacts(drug_class, parse(on).latest() if on else None)
        for drug_class, on in lines.values_list("drug_class", "on")
    )
