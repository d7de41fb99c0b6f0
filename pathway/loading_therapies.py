"""Earlier treatment as guards see it: its washout class, if it has one, and its last day."""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import JSONObject

from pathway.domain.facts import TherapyFacts
from pathway.models import BridgingCourse, ContainmentTherapy, Dose
from patients.models import TherapyLine, Transplant
from patients.models.history import TransplantKind
from terms.partial_dates import parse

# The classes of the washout table that a transplant and lymphocytes of its donor are.
TRANSPLANTED: Mapping[str, str] = MappingProxyType(
    {TransplantKind.ALLO.value: "allogeneic_transplant", TransplantKind.DLI.value: "dli"}
)


def _class_of(model: type[ContainmentTherapy] | type[BridgingCourse]) -> Subquery:
    return Subquery(
        model._default_manager.filter(pk=OuterRef("subject_id")).values("drug_class")[:1]
    )


# The class of a dose, else that of its companion.
_CLASS = Case(
    When(~Q(drug_class=""), then=F("drug_class")),
    When(machine="containment", then=_class_of(ContainmentTherapy)),
    When(machine="bridging", then=_class_of(BridgingCourse)),
    default=Value(""),
)


def earlier_treatment(course: int, patient: int) -> dict[str, ArraySubquery]:
    """Every line and every transplant, asked together with the journey of its course.

    A transplant after the infusion lies behind every collection of the course. What was given in
    another course of the patient was given to the same blood.
    """
    lines = TherapyLine.objects.filter(course=OuterRef("course")).order_by("pk")
    given = Transplant.objects.filter(course=OuterRef("course"), after_infusion=False)
    return {
        "lines": ArraySubquery(lines.values(line=JSONObject(drug_class="drug_class", on="on"))),
        "transplants": ArraySubquery(
            given.order_by("pk").values(line=JSONObject(kind="kind", on="on"))
        ),
        "elsewhere": ArraySubquery(
            _doses_elsewhere(course, patient).values(
                line=JSONObject(drug_class=_CLASS, on="given_on")
            )
        ),
    }


def _doses_elsewhere(course: int, patient: int) -> "QuerySet[Dose]":
    others = Dose.objects.filter(course__patient=patient, course__error_cause="", replaced_by=None)
    return others.exclude(course=course).exclude(given_on=None).order_by("pk")


def therapies_of(read: Mapping[str, Any]) -> tuple[TherapyFacts, ...]:
    """Earlier lines, transplants, doses of other courses, with the last day as far as it is known.

    Some lines are of no washout class. A month or a year counts from its last day: the nearest to
    collection it can have been.
    """
    return (
        *(TherapyFacts(line["drug_class"], _last(line)) for line in read["lines"]),
        *(
            TherapyFacts(TRANSPLANTED[line["kind"]], _last(line), transplant=True)
            for line in read["transplants"]
        ),
        *(
            TherapyFacts(dose["drug_class"], date.fromisoformat(dose["on"]), elsewhere=True)
            for dose in read["elsewhere"]
        ),
    )


def _last(line: Mapping[str, str]) -> date | None:
    return parse(line["on"]).latest() if line["on"] else None
