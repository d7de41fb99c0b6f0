"""The rows of one course that its state is made of, as queries that every move asks."""

from django.db.models import QuerySet, Subquery

from audit.prepared import Prepared
from pathway.loading_contact import beside_journey
from pathway.loading_therapies import earlier_treatment
from pathway.loading_toxicity import infections_on_record, latest_grades
from pathway.models import Change, Journey
from patients.models import Anchor, Consent, Death, Hold, Stay


def _journey(course: int, patient: int) -> "QuerySet[Journey]":
    """The journey with what else one query can bring along."""
    death = Death.objects.filter(patient=patient, withdrawn_at=None).values("died_on")
    return Journey.objects.filter(course=course).annotate(
        deceased_on=Subquery(death[:1]),
        **earlier_treatment(course, patient),
        **beside_journey(course, patient),
        **latest_grades(),
        **infections_on_record(),
    )


JOURNEY = Prepared(_journey)
CHANGES = Prepared(
    lambda pk: Change.objects.filter(course=pk).select_related("actor").order_by("sequence")
)
ANCHORS = Prepared(lambda pk: Anchor.objects.filter(course=pk).order_by("kind", "occurrence"))
HOLDS = Prepared(lambda pk: Hold.objects.filter(course=pk).order_by("began_on", "id"))
STAYS = Prepared(lambda pk: Stay.objects.filter(course=pk).order_by("began_on", "id"))
CONSENTS = Prepared(lambda pk: Consent.objects.filter(course=pk).order_by("id"))
