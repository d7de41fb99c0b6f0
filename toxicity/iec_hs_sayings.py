"""Who says that IEC-HS is confirmed, over, or something else: a haematologist; others keep it."""

from dataclasses import dataclass, replace
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

_SAID = (
    Q(signs__iec_hs__confirmed=True)
    | Q(signs__iec_hs__over=True)
    | Q(signs__iec_hs__other_cause=True)
)
_CONFIRMED = N_("A haematologist says whether IEC-HS is confirmed.")
_OVER = N_("A haematologist says whether IEC-HS is over.")
_OTHER_CAUSE = N_("A haematologist says whether another cause explains it.")


@dataclass(frozen=True)
class Sayings:
    """What a haematologist has said of IEC-HS."""

    confirmed: bool = False
    over: bool = False
    other_cause: bool | None = None

    @property
    def weighty(self) -> bool:
        """Whether it decides anything: that no other cause is known does not."""
        return self.confirmed or self.over or bool(self.other_cause)


def may_say(actor: User) -> bool:
    """Whether `actor` is asked whether it is confirmed, whether it is over, or something else."""
    return actor.may(Permission.REVIEW_GRADES)


def said_before(course: Course, at: datetime, stood: Assessment | None = None) -> Sayings:
    """What stays said in a check of the moment `at`.

    `stood` is the check that is corrected: what it said stays said in it. Otherwise a confirmation
    does, until it is over. Another cause was said of one picture: of the next it is asked anew.
    """
    own = Sayings() if stood is None else _sayings(stood)
    return own if own.weighty else replace(own, confirmed=_confirmed(course, at, but=stood))


def _confirmed(course: Course, at: datetime, *, but: Assessment | None = None) -> bool:
    """Whether the last check that says anything of it by then confirms it."""
    rows = Assessment.objects.filter(_SAID, course=course, observed_at__lte=at).standing()
    last = rows.exclude(pk=but and but.pk).latest_first().first()
    said = Sayings() if last is None else _sayings(last)
    if last is None or said.over or said.other_cause:
        return False
    # Grade 0 is a clinician's word beside it: another cause, or that there is nothing of it.
    return check_with_grades(last).grade(Scale.IEC_HS) != 0


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
        found.append(_refusal("confirmed_by_others", _CONFIRMED, "confirmed"))
    if said.over != own.over:
        found.append(_refusal("over_by_others", _OVER, "over"))
    if said.other_cause != own.other_cause:
        found.append(_refusal("other_cause_by_others", _OTHER_CAUSE, "other_cause"))
    return found


def against_unsaying(course: Course, stood: Assessment, actor: User) -> list[Refusal]:
    """What stands against taking back a check in which a haematologist said something.

    A confirmation that an earlier check says too stays said without this one.
    """
    own = _sayings(stood)
    if not own.weighty or may_say(actor):
        return []
    found = []
    if own.confirmed and not _confirmed(course, stood.observed_at, but=stood):
        found.append(_refusal("confirmed_by_others", _CONFIRMED))
    if own.over:
        found.append(_refusal("over_by_others", _OVER))
    if own.other_cause:
        found.append(_refusal("other_cause_by_others", _OTHER_CAUSE))
    return found


def _refusal(code: str, message: str, field: str = "") -> Refusal:
    return Refusal(
        code=code, message=message, who_may=roles_with(Permission.REVIEW_GRADES), field=field
    )


def _sayings(row: Assessment) -> Sayings:
    return _of(seen_of(row).iec_hs)


def _of(signs: IecHsSigns | None) -> Sayings:
    return Sayings() if signs is None else Sayings(signs.confirmed, signs.over, signs.other_cause)
