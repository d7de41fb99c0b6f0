"""The board: who stands where, for how long against the target, held by what, and what is due."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
    Window,
)
from django.db.models.functions import Coalesce, RowNumber

from accounts.models import User
from accounts.permissions import Permission
from pathway.domain.rules import PathwayRules
from pathway.domain.spine import Stage
from pathway.loading import CompanionRow, companions_of
from pathway.models import Journey
from patients.domain.likeness import plain_words
from patients.models import Anchor, Hold, Stay
from patients.models.courses import AnchorKind
from protocol.domain.loading import ParsedProtocol
from protocol.models import Protocol, Status
from protocol.selectors import settings_of
from reminders.models import Reminder
from reminders.models import Status as ReminderStatus
from reminders.selectors import NextDue, next_for_courses

COLUMNS = (
    Stage.REFERRAL,
    Stage.ELIGIBILITY,
    Stage.APHERESIS,
    Stage.BRIDGING,
    Stage.LYMPHODEPLETION,
    Stage.INFUSION,
    Stage.FOLLOW_UP,
)
CARDS_IN_A_COLUMN = 8
DUE_WITHIN_DAYS = 30
MOST_COUNTED = 100  # beyond it the board says "100 or more"
_FIELDS = (
    "course_id", "stage", "stage_since", "code", "product", "protocol_id",
    "family", "given", "coordinator", "haematologist",
    "infused_on", "planned_infusion", "unit",
)  # fmt: skip


@dataclass(frozen=True)
class Filters:
    """What the board is narrowed to."""

    text: str = ""
    mine: bool = False
    held: bool = False
    over: bool = False

    @property
    def narrowed(self) -> bool:
        """Whether anything is left out."""
        return bool(self.text or self.mine or self.held or self.over)


@dataclass(frozen=True)
class Standing:
    """One course as the board knows it: plain values, no wording."""

    course_id: int
    stage: str
    stage_since: date
    code: str
    product: str
    protocol_id: int
    family: str
    given: str
    coordinator: int | None
    haematologist: int | None
    infused_on: date | None
    planned_infusion: date | None
    unit: str
    target: int | None = None
    companions: tuple[CompanionRow, ...] = ()
    holds: tuple[Hold, ...] = ()
    next_due: NextDue | None = None


@dataclass(frozen=True)
class Column:
    """One stage: the cards shown, how many there are, how many of them need something."""

    stage: Stage
    standings: tuple[Standing, ...]
    count: int
    needing: int

    @property
    def rest(self) -> int:
        """Courses of the stage that have no card here."""
        return self.count - len(self.standings)


@dataclass(frozen=True)
class Rules:
    """The protocols that courses are pinned to, parsed, by their ids."""

    by_protocol: Mapping[int, ParsedProtocol]

    @property
    def products(self) -> frozenset[str]:
        """The products in use; a card names its product only where there are several."""
        return frozenset(protocol.meta.product for protocol in self.by_protocol.values())

    def target(self, protocol_id: int, stage: str) -> int | None:
        """Days a course of the protocol should take in `stage`."""
        return PathwayRules.of(self.by_protocol[protocol_id]).target_days(stage)


def load_rules() -> Rules:
    """Every published or retired protocol; their parsed settings stay in memory."""
    known = Protocol.objects.exclude(status=Status.DRAFT).defer("data")
    return Rules({protocol.pk: settings_of(protocol) for protocol in known})


def standing_journeys(
    user: User, filters: Filters, rules: Rules, today: date
) -> "QuerySet[Journey]":
    """Active journeys that `user` may see, narrowed."""
    found = Journey.objects.visible_to(user).filter(active=True)
    if filters.mine:
        found = found.filter(Q(course__coordinator=user) | Q(course__haematologist=user))
    if filters.held:
        found = found.filter(_held())
    if filters.over:
        found = found.filter(_over(rules, today))
    for word in plain_words(filters.text).split():
        match = Q(course__code__icontains=word)
        if user.may(Permission.SEE_IDENTITY):
            match |= Q(course__patient__search_text__contains=word)
        found = found.filter(match)
    return found


def columns(user: User, filters: Filters, rules: Rules, today: date) -> tuple[Column, ...]:
    """The board in seven queries, whatever the number of courses.

    First which courses get a card, by narrow index scans, and only then what their cards say.
    """
    journeys = standing_journeys(user, filters, rules, today)
    counts = dict(journeys.values_list("stage").annotate(number=Count("pk")))
    asking = _asking(journeys, today + timedelta(days=DUE_WITHIN_DAYS))
    shown = [*_longest_in_each(journeys), *asking[:CARDS_IN_A_COLUMN]]
    chosen = list(_values(Journey.objects.visible_to(user).filter(course_id__in=shown)))
    places = {course_id: place for place, course_id in enumerate(shown)}
    chosen.sort(key=lambda row: places[row[0]])
    by_stage: dict[str, list[Standing]] = defaultdict(list)
    for standing in complete(user, chosen, rules, today):
        by_stage[standing.stage].append(standing)
    return tuple(
        Column(
            stage=stage,
            standings=tuple(by_stage[stage]),
            count=counts.get(stage, 0),
            needing=len(asking) if stage is Stage.FOLLOW_UP else counts.get(stage, 0),
        )
        for stage in COLUMNS
    )


def _longest_in_each(journeys: "QuerySet[Journey]") -> list[int]:
    """The courses standing longest in each stage before follow-up."""
    rank = Window(RowNumber(), partition_by="stage", order_by=["stage_since", "course_id"])
    ranked = journeys.exclude(stage=Stage.FOLLOW_UP).annotate(rank=rank)
    return list(
        ranked.filter(rank__lte=CARDS_IN_A_COLUMN)
        .order_by("stage_since", "course_id")
        .values_list("course_id", flat=True)
    )


def _asking(journeys: "QuerySet[Journey]", soon: date) -> list[int]:
    """Courses in follow-up that need something, held ones first, then by date; at most so many.

    Driven from the short lists of open holds and due reminders, not from all that are followed.
    """
    followed = journeys.filter(stage=Stage.FOLLOW_UP).values("course_id")
    held = Hold.objects.filter(ended_on=None, course_id__in=followed)
    due = Reminder.objects.filter(
        status=ReminderStatus.OPEN, due_on__lte=soon, course_id__in=followed
    )
    parts = [
        rows.order_by(on, "course_id").values_list("course_id", on, urgency)[:MOST_COUNTED]
        for rows, on, urgency in (
            (held.annotate(urgency=Value(0)), "began_on", "urgency"),
            (due.annotate(urgency=Value(1)), "due_on", "urgency"),
        )
    ]
    first, second = parts
    rows = sorted(first.union(second, all=True), key=lambda row: (row[2], row[1], row[0]))
    return list(dict.fromkeys(row[0] for row in rows))[:MOST_COUNTED]


def table_rows(journeys: "QuerySet[Journey]") -> "QuerySet[Journey, Any]":
    """The same courses as rows, in the order of the pathway and then longest there first."""
    rank = Case(*(When(stage=stage, then=Value(i)) for i, stage in enumerate(COLUMNS)))
    return _values(journeys).order_by(rank, "stage_since", "course_id")


def complete(
    user: User, rows: "list[tuple[Any, ...]]", rules: Rules, today: date
) -> list[Standing]:
    """Add to rows of columns what hangs on their courses, in three queries."""
    found = {row[0]: Standing(*row) for row in rows}
    beside = companions_of(found)
    holds: dict[int, list[Hold]] = defaultdict(list)
    for hold in Hold.objects.filter(course_id__in=found, ended_on=None).order_by("began_on", "id"):
        holds[hold.course_id].append(hold)
    due = next_for_courses(user, found, today=today)
    return [
        replace(
            standing,
            target=rules.target(standing.protocol_id, standing.stage),
            companions=beside.get(pk, ()),
            holds=tuple(holds[pk]),
            next_due=due.get(pk),
        )
        for pk, standing in found.items()
    ]


def _values(journeys: "QuerySet[Journey]") -> "QuerySet[Journey, Any]":
    patient = "course__patient__"
    return journeys.annotate(
        code=F("course__code"),
        product=F("course__product"),
        protocol_id=F("course__protocol_id"),
        family=F(patient + "family_name"),
        given=F(patient + "given_name"),
        coordinator=F("course__coordinator_id"),
        haematologist=F("course__haematologist_id"),
        infused_on=_infusion("actual_on"),
        planned_infusion=_infusion("planned_on"),
        unit=Coalesce(_open_stay(), Value("")),
    ).values_list(*_FIELDS)


def _infusion(column: str) -> Subquery:
    anchors = Anchor.objects.filter(course=OuterRef("course_id"), kind=AnchorKind.INFUSION)
    return Subquery(anchors.values(column)[:1])


def _open_stay() -> Subquery:
    return Subquery(
        Stay.objects.filter(course=OuterRef("course_id"), ended_on=None).values("unit")[:1]
    )


def _held() -> Exists:
    return Exists(Hold.objects.filter(course=OuterRef("course_id"), ended_on=None))


def _over(rules: Rules, today: date) -> Q:
    """Longer in the stage than the target of the course's own protocol."""
    late = Q(pk=None)
    for protocol_id in rules.by_protocol:
        for stage in COLUMNS:
            target = rules.target(protocol_id, stage)
            if target is not None:
                late |= Q(
                    course__protocol_id=protocol_id,
                    stage=stage,
                    stage_since__lt=today - timedelta(days=target),
                )
    return late
