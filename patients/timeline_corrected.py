"""What a fact of the chart said before it was corrected, as a row of the timeline."""

from django.db.models import Exists, F, OuterRef, Q, QuerySet, TextField, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce

from patients.models import Correction, Course
from patients.models.corrections import CorrectionKind
from patients.timeline_columns import CORRECTED, Rows, local_day, row_of


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
