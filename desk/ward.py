"""In-patients around their infusion: what is due, how late, and the last grades with their time.

Clinical risk comes first, lateness second. A last grade is of the past once the next check is
overdue or a later one gave no grade, and somebody who was never checked has none: neither is shown
as a 0.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from desk.board import Rules, load_rules
from pathway.domain.spine import SPINE, Stage
from pathway.wording import stage_name
from patients.models import Anchor, Course, Stay
from patients.models.courses import AnchorKind, StayUnit
from patients.selectors import person_label
from protocol.domain.loading import ParsedProtocol
from protocol.selectors import settings_if_readable
from terms.day_numbers import day_number, local_date
from toxicity.domain.cadence import Due, Last, Urgency, next_due, soonest
from toxicity.domain.rules import ToxicityRules
from toxicity.domain.scales import SCALE_NAMES, Scale
from toxicity.models import Assessment, Episode
from toxicity.standing_grades import Standing, latest_by_scale

TIMED = (Scale.CRS, Scale.ICANS)  # looked for at every check; IEC-HS follows from results
_BEFORE = (Stage.LYMPHODEPLETION, Stage.INFUSION)
_EVER = datetime.min.replace(tzinfo=UTC)
_Key = tuple[int, str]


@dataclass(frozen=True)
class LastGrade:
    """The last grade of a scale. `grade` None: never checked, or never with a grade."""

    scale: str
    label: str
    grade: int | None
    at: datetime | None
    current: bool
    tried_at: datetime | None = None  # a later check that gave no grade
    at_least: bool = False  # something was not known, and no clinician spoke


@dataclass(frozen=True)
class WardRow:
    """One in-patient. `late` is how long the check is overdue, None where it never was made."""

    course_id: int
    name: str
    code: str
    url: str
    log_url: str
    day: int | None
    icu: bool
    due: Due
    late: timedelta | None
    grades: tuple[LastGrade, ...]
    open: bool  # an episode that nobody knows to be over
    to_confirm: tuple[str, ...]  # scales with an episode that somebody has to say is over
    baseline: bool
    ended: str = ""  # how the course ended, of who stays in bed without an infusion

    @property
    def urgency(self) -> Urgency:
        """How the next check stands against the clock."""
        return self.due.urgency


@dataclass(frozen=True)
class Ward:
    """Everybody, by urgency; in each the highest risk first."""

    rows: Mapping[Urgency, tuple[WardRow, ...]]

    @property
    def count(self) -> int:
        """How many in-patients there are."""
        return sum(len(rows) for rows in self.rows.values())

    @property
    def next(self) -> WardRow | None:
        """Whose check comes next, of those that are not due yet."""
        later = self.rows[Urgency.LATER]
        return min(later, key=lambda row: row.due.at or _EVER) if later else None


def ward(user: User, now: datetime) -> Ward:
    """The in-patients that `user` may see, in five queries however many they are."""
    stays = list(_stays(user))
    courses = [stay.course_id for stay in stays]
    known, tried = latest_by_scale(courses, known=True), latest_by_scale(courses, known=False)
    open_ = Episode.objects.filter(course__in=courses, ended_at=None)
    episodes = {(one.course_id, one.scale): one for one in open_}
    rules = load_rules()
    rows = [_row(user, stay, known, tried, episodes, rules, now) for stay in stays]
    return Ward(
        {
            urgency: tuple(sorted((r for r in rows if r.urgency is urgency), key=_risk))
            for urgency in Urgency
        }
    )


def needing_a_check(user: User, now: datetime) -> int:
    """How many in-patients the ward page shows as overdue or due now, in three queries."""
    stays = list(_stays(user).select_related("course__protocol").defer("course__protocol__data"))
    courses = [stay.course_id for stay in stays]
    known = latest_by_scale(courses, known=True)
    open_ = Episode.objects.filter(course__in=courses, ended_at=None)
    episodes = set(open_.values_list("course_id", "scale"))
    needing = (Urgency.OVERDUE, Urgency.DUE_NOW)
    return sum(
        soonest(
            _dues(stay, known, episodes, settings_if_readable(stay.course.protocol), now).values()
        ).urgency
        in needing
        for stay in stays
    )


def _stays(user: User) -> "QuerySet[Stay]":
    infusion = Anchor.objects.filter(
        course=OuterRef("course"), kind=AnchorKind.INFUSION, actual_on__isnull=False
    )
    baseline = Assessment.objects.filter(course=OuterRef("course"), baseline=True).standing()
    return (
        Stay.objects.filter(ended_on=None, course__in=Course.objects.visible_to(user))
        .annotate(infused_on=Subquery(infusion.values("actual_on")[:1]), baseline=Exists(baseline))
        .filter(
            Q(infused_on__isnull=False)
            | Q(course__journey__stage__in=_BEFORE, course__journey__active=True)
            # Who leaves the programme after lymphodepletion has no cells in the blood yet.
            | Q(course__journey__left_stage__in=_BEFORE, course__journey__active=False)
        )
        .select_related("course__patient", "course__centre", "course__journey")
        .order_by("pk")
    )


def _row(
    user: User,
    stay: Stay,
    known: Mapping[_Key, Standing],
    tried: Mapping[_Key, Standing],
    episodes: Mapping[_Key, Episode],
    rules: Rules,
    now: datetime,
) -> WardRow:
    course = stay.course
    infused_on: date | None = stay.infused_on  # type: ignore[attr-defined]
    dues = _dues(stay, known, episodes, rules.by_protocol.get(course.protocol_id), now)
    due = soonest(dues.values())
    return WardRow(
        course_id=course.pk,
        name=person_label(user, course.patient, course),
        code=course.code,
        url=reverse("flowsheet", args=[course.pk]),
        log_url=reverse("check_new", args=[course.pk]),
        day=None
        if infused_on is None
        else day_number(local_date(now, course.centre.zone), infused_on),
        icu=stay.unit == StayUnit.ICU,
        due=due,
        late=now - due.at if due.at is not None and due.urgency is Urgency.OVERDUE else None,
        grades=tuple(_grades(course.pk, known, tried, dues)),
        open=any((course.pk, scale) in episodes for scale in Scale),
        to_confirm=tuple(
            _(SCALE_NAMES[scale])
            for scale in Scale
            if (course.pk, scale) in episodes and episodes[course.pk, scale].to_confirm
        ),
        baseline=stay.baseline,  # type: ignore[attr-defined]
        ended=stage_name(course.journey.stage) if course.journey.stage in SPINE.ends else "",
    )


def _dues(
    stay: Stay,
    known: Mapping[_Key, Standing],
    episodes: Collection[_Key],
    protocol: ParsedProtocol | None,
    now: datetime,
) -> dict[Scale, Due]:
    """When each scale is due. Where nobody can read how often, it is overdue since the last one."""
    dues = {}
    infused_on: date | None = stay.infused_on  # type: ignore[attr-defined]
    for scale in TIMED:
        found = known.get((stay.course_id, scale))
        last = None if found is None or found.grade is None else Last(found.at, found.grade)
        if protocol is None:
            urgency = Urgency.NOT_YET if infused_on is None else Urgency.OVERDUE
            dues[scale] = Due(urgency, None if last is None else last.at, never=last is None)
            continue
        dues[scale] = next_due(
            ToxicityRules.of(protocol).cadence,
            last,
            infused_on=infused_on,
            zone=stay.course.centre.zone,
            now=now,
            tight=(stay.course_id, scale) in episodes,
        )
    return dues


def _grades(
    course: int,
    known: Mapping[_Key, Standing],
    tried: Mapping[_Key, Standing],
    dues: Mapping[Scale, Due],
) -> Iterable[LastGrade]:
    for scale in Scale:
        last, latest = known.get((course, scale)), tried.get((course, scale))
        if scale not in dues and latest is None:
            continue
        failed = latest is not None and latest.grade is None
        yield LastGrade(
            scale.value,
            _(SCALE_NAMES[scale]),
            None if last is None else last.grade,
            None if last is None else last.at,
            current=dues.get(scale, soonest(dues.values())).current and not failed,
            tried_at=latest.at if failed and latest is not None else None,
            at_least=last is not None and last.at_least,
        )


def _risk(row: WardRow) -> tuple[object, ...]:
    """The highest last grade first, an open episode as 1, unknown before 0; then unit and time."""
    grades = [one.grade for one in row.grades]
    most = max([int(row.open), *(grade for grade in grades if grade is not None)])
    unsure = any(one.grade is None or one.tried_at is not None for one in row.grades)
    return (-most, not unsure, not row.icu, row.due.at or _EVER, row.course_id)
