"""Neurotoxicity told to the schedule, which knows nothing of this app: see config/wiring.py."""

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q
from django.db.models.functions import JSONObject

from toxicity.domain.scales import Scale
from toxicity.models import Episode


def icans_spells() -> ArraySubquery:
    """First and last day of each episode of the outer row's course, and whether it is over."""
    rows = Episode.objects.filter(course=OuterRef("course"), scale=Scale.ICANS).order_by("ordinal")
    said = JSONObject(onset="onset_on", last="last_on", over=Q(ended_at__isnull=False))
    return ArraySubquery(rows.values_list(said))
