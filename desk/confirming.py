"""What waits for a clinician's word: grades without one, words that were lost, episodes."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import Permission
from accounts.wording import param_in_words
from patients.models import Anchor, Course
from patients.models.courses import AnchorKind
from patients.selectors import person_label
from toxicity.domain.scales import SCALE_NAMES
from toxicity.flowsheet import episode_text
from toxicity.models import Episode
from toxicity.standing_grades import Standing, latest_by_scale, read, standing_grades

ON_A_PAGE = 50


@dataclass(frozen=True)
class Waiting:
    """One line of the list: whose, what, since when, and where it is answered."""

    name: str
    code: str
    what: str
    at: datetime
    grade: int | None
    status: str
    url: str
    before: str = ""  # a clinician's word that was of a higher grade, before a correction


@dataclass(frozen=True)
class ToConfirm:
    """The list: the episodes, and one page of the grades, the newest first."""

    episodes: tuple[Waiting, ...]
    grades: tuple[Waiting, ...]
    page: Page[Any]

    @property
    def count(self) -> int:
        """How much waits in all."""
        return len(self.episodes) + self.page.paginator.count


def to_confirm(user: User, number: str | None) -> ToConfirm:
    """What waits on courses that `user` may see, in five queries however much it is."""
    episodes, ordered = list(waiting_episodes(user)), waiting_grades(user)
    page = Paginator(ordered, ON_A_PAGE).get_page(number)
    start = (page.number - 1) * ON_A_PAGE
    found = read(ordered[start : start + ON_A_PAGE])
    latest = latest_by_scale({one.course_id for one in episodes}, known=True)
    courses = Course.objects.select_related("patient").in_bulk({one.course_id for one in found})
    return ToConfirm(
        tuple(_episode(user, one, latest.get((one.course_id, one.scale))) for one in episodes),
        tuple(_grade(user, one, courses[one.course_id]) for one in found),
        page,
    )


def waiting_episodes(user: User) -> "QuerySet[Episode]":
    """Episodes without signs that nobody has said to be over, the newest first."""
    return (
        Episode.objects.visible_to(user)
        .filter(to_confirm=True, ended_at=None)
        .annotate(infused_on=Subquery(_infusions()))
        .select_related("course__patient")
        .order_by("-last_at", "-pk")
    )


def waiting_grades(user: User) -> "QuerySet[Any, Any]":
    """Grades above 0 without a word, and words that a correction lost, the newest first."""
    rows = standing_grades().filter(
        Q(effective__gt=0) | Q(lost__isnull=False),
        assessment__course__in=Course.objects.visible_to(user),
        verdict=None,
    )
    return rows.order_by("-assessment__observed_at", "-pk")


def _infusions() -> "QuerySet[Any, Any]":
    infusion = Anchor.objects.filter(
        course=OuterRef("course"), kind=AnchorKind.INFUSION, actual_on__isnull=False
    )
    return infusion.values("actual_on")[:1]


def _episode(user: User, one: Episode, last: Standing | None) -> Waiting:
    infused_on: date = one.infused_on  # type: ignore[attr-defined]
    return Waiting(
        person_label(user, one.course.patient, one.course),
        one.course.code,
        episode_text(one, infused_on),
        one.last_at,
        one.peak,
        "",
        # Whoever confirms the last check, which found nothing, says that the episode is over.
        reverse("flowsheet", args=[one.course_id]) if last is None else _address(user, last),
    )


def _grade(user: User, one: Standing, course: Course) -> Waiting:
    return Waiting(
        person_label(user, course.patient, course),
        course.code,
        _(SCALE_NAMES[one.scale]),
        one.at,
        one.grade,
        one.status,
        _address(user, one),
        _before(user, one),
    )


def _before(user: User, one: Standing) -> str:
    """What was said before a correction; by whom and why for who may see names."""
    if one.lost is None:
        return ""
    lost = one.lost
    if not user.may(Permission.SEE_IDENTITY):
        return _("A clinician said %(grade)s before a correction.") % {"grade": lost.grade}
    return _("%(who)s said %(grade)s on %(at)s, before a correction: %(why)s") % {
        "who": lost.by,
        "grade": lost.grade,
        "at": param_in_words(lost.at),
        "why": lost.reason or "–",
    }


def _address(user: User, one: Standing) -> str:
    """Where the grade is reviewed, for who may; else the check it belongs to."""
    if user.may(Permission.REVIEW_GRADES):
        return reverse("check_review", args=[one.course_id, one.check, one.scale])
    return reverse("check", args=[one.course_id, one.check])
