"""Earlier treatment as guards see it: its washout class, if it has one, and its last day."""

from collections.abc import Iterable

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.db.models.functions import JSONObject

from pathway.domain.facts import TherapyFacts
from patients.models import TherapyLine
from terms.partial_dates import parse


def therapy_lines() -> ArraySubquery:
    """Every line, asked together with the journey of its course."""
    lines = TherapyLine.objects.filter(course=OuterRef("course"))
    row = JSONObject(drug_class="drug_class", on="on")
    return ArraySubquery(lines.order_by("pk").values(line=row))


def therapies_of(lines: Iterable[dict[str, str]]) -> tuple[TherapyFacts, ...]:
    """Earlier lines, with the last day as far as it is known; some are of no washout class.

    A month or a year counts from its last day: the nearest to collection it can have been.
    """
    return tuple(
        TherapyFacts(line["drug_class"], parse(line["on"]).latest() if line["on"] else None)
        for line in lines
    )
