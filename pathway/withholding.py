"""Which courses leave in no file: the use of their data was withdrawn, or nobody knows."""

from django.db.models import Exists, OuterRef, Q, Subquery

from pathway.domain.exits import TREATMENT
from pathway.domain.spine import Stage
from patients.domain.delays import DATA_CONSENT
from patients.models import Consent


def data_taken_back(course: str = "pk") -> Exists:
    """Whether the last word about the use of the data is no; `course` leads there from the query.

    A patient may stay in treatment and take only this consent back. Where none is recorded, the
    guards ask for it: that is no refusal.
    """
    said = Consent.objects.filter(course=OuterRef(OuterRef(course)), kind=DATA_CONSENT)
    last = Consent.objects.filter(pk=Subquery(said.order_by("-pk").values("pk")[:1]))
    return Exists(last.filter(Q(given=False) | Q(withdrawn_on__isnull=False)))


# As `withheld` in domain/exits.py says it of a withdrawal, for a query of courses.
WITHHELD = Q(journey__stage=Stage.WITHDRAWN.value) & ~Q(journey__exit_scope=TREATMENT) | Q(
    data_taken_back()
)
