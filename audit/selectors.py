"""Reading the audit: events of the centre one works at, newest first."""

from django.db.models import QuerySet

from audit.models import AuditEvent
from audit.recording import Actor


def visible_events(actor: Actor) -> QuerySet[AuditEvent]:
    """Events recorded at the centre `actor` works at, newest first.

    Whether `actor` may read the audit at all is for the caller to check.
    """
    return AuditEvent.objects.filter(centre_id=actor.working_centre_id).order_by("-at", "-pk")


def events_of_course(course_id: int, *actions: str) -> QuerySet[AuditEvent]:
    """What was done to a course by any of `actions`, in order: to compare it with what stands."""
    return AuditEvent.objects.filter(course_id=course_id, action__in=actions).order_by("pk")
