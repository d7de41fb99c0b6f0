"""Earlier treatment as guards see it: its washout class, if it has one, and its last day."""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.db.models.functions import JSONObject

from pathway.domain.facts import TherapyFacts
from patients.models import TherapyLine, Transplant
from patients.models.history import TransplantKind
from terms.partial_dates import parse

# The classes of the washout table that a transplant and lymphocytes of its donor are.
TRANSPLANTED: Mapping[str, str] = MappingProxyType(
    {TransplantKind.ALLO.value: "allogeneic_transplant", TransplantKind.DLI.value: "dli"}
)


def earlier_treatment() -> dict[str, ArraySubquery]:
    """Every line and every transplant, asked together with the journey of its course.

    A transplant after the infusion lies behind every collection of the course.
    """
    lines = TherapyLine.objects.filter(course=OuterRef("course")).order_by("pk")
    given = Transplant.objects.filter(course=OuterRef("course"), after_infusion=False)
    return {
        "lines": ArraySubquery(lines.values(line=JSONObject(drug_class="drug_class", on="on"))),
        "transplants": ArraySubquery(
            given.order_by("pk").values(line=JSONObject(kind="kind", on="on"))
        ),
    }


def therapies_of(read: Mapping[str, Any]) -> tuple[TherapyFacts, ...]:
    """Earlier lines, then transplants, with the last day as far as it is known.

    Some lines are of no washout class. A month or a year counts from its last day: the nearest to
    collection it can have been.
    """
    return (
        *(TherapyFacts(line["drug_class"], _last(line)) for line in read["lines"]),
        *(
            TherapyFacts(TRANSPLANTED[line["kind"]], _last(line), transplant=True)
            for line in read["transplants"]
        ),
    )


def _last(line: Mapping[str, str]) -> date | None:
    return parse(line["on"]).latest() if line["on"] else None
