"""Earlier treatment as guards see it: its washout class and its last day."""

from collections.abc import Iterable

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.db.models.functions import JSONObject

from pathway.domain.facts import TherapyFacts
from patients.models import TherapyLine
from terms.partial_dates import parse


def therapy_lines() -> ArraySubquery:
    """The lines of a washout class, asked together with the journey of their course."""
    lines = TherapyLine.objects.filter(course=OuterRef("course")).exclude(drug_class="")
    row = JSONObject(drug_class="drug_class", on="on")
    return ArraySubquery(lines.order_by("pk").values(line=row))


def therapies_of(lines: Iterable[dict[str, str]]) -> tuple[TherapyFacts, ...]:
    """Earlier drugs of a washout class, with the last day as far as it is known.

    A month or a year counts from its last day: the nearest to collection it can have been.
    """
    return tuple(
        TherapyFacts(line["drug_class"], parse(line["on"]).latest() if line["on"] else None)
        for line in lines
    )
