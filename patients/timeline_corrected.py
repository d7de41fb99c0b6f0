"""What facts and numbers said before they were put right, as rows of the timeline."""

from django.db.models import Exists, F, OuterRef, Q, QuerySet, TextField, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce, Concat

from patients.models import Correction, Course
from patients.models.corrections import CorrectionKind
from patients.timeline_columns import CORRECTED, Rows, choice, local_day, row_of

_NUMBERS = {
    "corrected": "NUMBER_CORRECTED",
    "in_error": "NUMBER_IN_ERROR",
    "on_labels": "NUMBER_ON_LABELS",
}


def corrected_row(courses: QuerySet[Course]) -> Rows:
    """When a fact that stands said something else, by the date that stood before."""
    fact = "corrections__fact"
    back = Correction.objects.filter(
        fact=OuterRef("fact"), fact_id=OuterRef("fact_id"), pk__gt=OuterRef("pk"),
        kind=CorrectionKind.BROUGHT_BACK,
    )  # fmt: skip
    gone = Correction.objects.filter(
        ~Exists(back), fact=OuterRef(fact), fact_id=OuterRef("corrections__fact_id"),
        kind=CorrectionKind.IN_ERROR,
    )  # fmt: skip
    before = [KeyTextTransform(name, "corrections__before") for name in ("on", "began_on")]
    return row_of(
        courses,
        "corrections",
        on=local_day("corrections__corrected_at"),
        code=CORRECTED,
        label=F(fact),
        value=Coalesce(*before, Value(""), output_field=TextField()),
        by="corrected_by",
        at="corrected_at",
        source="",
        where=Q(~Exists(gone), corrections__kind=CorrectionKind.CORRECTED),
    )


def number_row(courses: QuerySet[Course]) -> Rows:
    """When a number of the patient was put right or chosen, and what it said: never in a file."""
    rel = "patient__identifier_corrections"
    said = [KeyTextTransform(name, f"{rel}__before") for name in ("system", "value")]
    return row_of(
        courses,
        rel,
        on=local_day(f"{rel}__corrected_at"),
        code=choice(f"{rel}__kind", _NUMBERS),
        label="",
        value=Concat(said[0], Value(" "), said[1], output_field=TextField()),
        by="corrected_by",
        at="corrected_at",
        source="",
        identifying=True,
    )
