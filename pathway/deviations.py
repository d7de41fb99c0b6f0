"""The number that the hospital gives to the deviation that a mismatch of identity is."""

from datetime import datetime

from django.db import transaction

from accounts.models import User
from audit.recording import record
from pathway.domain.identity_checks import role_refusal
from pathway.models import IdentityCheck, IdentityDeviation
from patients.courses import lock_course
from terms.refusals import NotAllowed, Refusal, Refused
from terms.roles import Role
from terms.words import N_

# Who may write down the number of a deviation: those who were there, and who follow it up.
DEVIATION_ROLES = (
    Role.COORDINATOR, Role.WARD_NURSE, Role.HAEMATOLOGIST, Role.PHARMACIST, Role.CELL_LAB,
    Role.QUALITY,
)  # fmt: skip


@transaction.atomic
def record_deviation(
    *, course_id: int, check_id: int, number: str, actor: User, now: datetime
) -> IdentityDeviation:
    """Keep the hospital's number for the deviation that a stopped check is."""
    course = lock_course(course_id, actor=actor)
    check = IdentityCheck.objects.get(course=course, pk=check_id)
    refusals = []
    if actor.roles.isdisjoint(DEVIATION_ROLES):
        refusals.append(role_refusal(tuple(role.value for role in DEVIATION_ROLES)))
    if not number.strip():
        refusals.append(Refusal("value_missing", N_("This is needed."), field="number"))
    if not any(scan.mismatches for scan in check.scans.all()):
        refusals.append(Refusal("no_mismatch", N_("This check found no mismatch.")))
    if IdentityDeviation.objects.filter(check_of=check).exists():
        refusals.append(Refusal("deviation_known", N_("The deviation number is recorded already.")))
    if any(refusal.code == "role" for refusal in refusals):
        raise NotAllowed(refusals)
    if refusals:
        raise Refused(refusals)
    deviation = IdentityDeviation.objects.create(
        check_of=check, number=number.strip(), recorded_at=now, recorded_by=actor
    )
    record(
        actor=actor,
        now=now,
        action="identity_check.deviation",
        obj=check,
        course_id=course.pk,
        patient_id=course.patient_id,
        after={"number": deviation.number},
    )
    return deviation
