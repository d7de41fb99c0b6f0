"""Asking those who correct the chart to put a fact right; they hear of it, and why is kept."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import override

from accounts.access import require
from accounts.models import User
from accounts.permissions import Permission
from patients.correcting import keep, refuse_unreasoned
from patients.courses import lock_course
from patients.fact_values import model_of
from patients.facts_shown import label_of
from patients.models import Correction
from patients.models.corrections import CorrectionKind
from reminders.notices import raise_notice
from terms.refusals import Refused
from terms.roles import Role


@transaction.atomic
def ask_to_correct(
    *, course_id: int, kind: str, fact_id: int, reason: str, actor: User, now: datetime
) -> Correction:
    """Say what is wrong with an entry, a stay or a hold, to those who may correct it.

    The notice goes when the fact is corrected or marked. Raises Refused (no reason), NotAllowed,
    Course.DoesNotExist, ObjectDoesNotExist for a fact of another course or in error, KeyError.
    """
    course = lock_course(course_id, actor=actor)
    require(actor, Permission.WRITE_NOTES)
    fact = model_of(kind).objects.get(pk=fact_id, course=course)
    refusals = refuse_unreasoned(reason)
    if refusals:
        raise Refused(refusals)
    asked = keep(
        course, kind, fact, {}, reason, actor=actor, now=now, what=CorrectionKind.ASKED_FOR
    )
    raise_notice(
        course=course,
        code="correction_asked",
        roles=(Role.HAEMATOLOGIST, Role.QUALITY),
        params={"what": _english(kind)},
        about=f"ask:{kind}:{fact_id}",
        cause=f"{kind}:{fact_id}",
        actor=actor,
        now=now,
    )
    return asked


def _english(kind: str) -> str:
    """The msgid of a kind: whoever reads the notice reads it in their own language."""
    with override("en"):
        return str(label_of(kind))
