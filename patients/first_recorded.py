"""When an entry was first written down, however often it was corrected since."""

from django.db.models import DateTimeField, F, OuterRef, Subquery
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Coalesce

from patients.models import Correction


def first_recorded(kind: str) -> Coalesce:
    """The moment for a query of entries of `kind`: a correction makes nothing later than it was."""
    before = Correction.objects.filter(
        course=OuterRef("course"), fact=kind, fact_id=OuterRef("pk"), before__has_key="recorded_at"
    )
    moment = Cast(KT("before__recorded_at"), DateTimeField())
    first = before.order_by("pk").values(moment=moment)[:1]
    return Coalesce(Subquery(first, output_field=DateTimeField()), F("recorded_at"))
