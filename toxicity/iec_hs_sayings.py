"""Who says that IEC-HS is confirmed, or over: a haematologist; others keep what one said before."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from accounts.models import User
from accounts.permissions import Permission, roles_with
from patients.models import Course
from terms.refusals import Refusal
from terms.words import N_
from toxicity.checks import check_with_grades
from toxicity.domain.iec_hs import IecHsSigns
from toxicity.domain.scales import Scale
from toxicity.models import Assessment
from toxicity.seen import Seen, seen_of

_SAID = Q(signs__iec_hs__confirmed=True) | Q(signs__iec_hs__over=True)


@dataclass(frozen=True)
class Sayings:
    """What a haematologist has said of IEC-HS."""

    confirmed: bool = False
    over: bool = False


def may_say(actor: User) -> bool:
    """Whether `actor` is asked whether it is confirmed, and whether it is over."""
    return actor.may(Permission.REVIEW_GRADES)


def said_before(course: Course, at: datetime, stood: Assessment | None = None) -> Sayings:
    """What was said by `at`: it stays said in later checks until it is over, or another cause.

    `stood` is the check that is corrected: what it said stays said in it.
    """
    if stood is not None:
        own = _sayings(stood)
        if own != Sayings():
            return own
    rows = Assessment.objects.filter(_SAID, course=course, observed_at__lte=at).standing()
    last = rows.exclude(pk=stood and stood.pk).latest_first().first()
    if last is None or _sayings(last).over:
        return Sayings()
    # Grade 0 is a clinician's word beside it: another cause, or that there is nothing of it.
    return Sayings(confirmed=check_with_grades(last).grade(Scale.IEC_HS) != 0)


def against_saying(
    course: Course, seen: Seen, actor: User, stood: Assessment | None = None
) -> list[Refusal]:
    """What stands against what is said by somebody who only keeps what a haematologist said."""
    said = _of(seen.iec_hs)
    own = Sayings() if stood is None else _sayings(stood)
    if said == own or may_say(actor):
        return []
    carried = said.confirmed and said_before(course, seen.observed_at, stood).confirmed
    found = []
    if said.confirmed != own.confirmed and not carried:
        message = N_("A haematologist says whether IEC-HS is confirmed.")
        found.append(_refusal("confirmed_by_others", message, "confirmed"))
    if said.over != own.over:
        message = N_("A haematologist says whether IEC-HS is over.")
        found.append(_refusal("over_by_others", message, "over"))
    return found


def _refusal(code: str, message: str, field: str) -> Refusal:
    return Refusal(
        code=code, message=message, who_may=roles_with(Permission.REVIEW_GRADES), field=field
    )


def _sayings(row: Assessment) -> Sayings:
    return _of(seen_of(row).iec_hs)


def _of(signs: IecHsSigns | None) -> Sayings:
    return Sayings() if signs is None else Sayings(signs.confirmed, signs.over)
