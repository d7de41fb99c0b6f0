"""The board: who stands where, for how long against the target, held by what, and what is due."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from django.db.models import (
    Case,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from accounts.access import centre_of, require
from accounts.models import User
from accounts.permissions import Permission
from desk import board_sql
from desk.board_sql import Narrowed
from pathway.domain.rules import StageTargets
from pathway.domain.spine import Stage
from pathway.loading import CompanionRow, companions_of
from pathway.models import Journey
from patients.domain.likeness import plain_words
from patients.models import Anchor, Hold, Stay
from patients.models.courses import AnchorKind
from protocol.domain.loading import ParsedProtocol
from protocol.models import Protocol, Status
from protocol.selectors import settings_of
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
CARDS_IN_A_COLUMN = 6  # as many as a screen shows; the rest is one click away, and counted
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
        return self.by_protocol[protocol_id].section("stages", StageTargets).of(stage)


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


def narrowed(user: User, filters: Filters, rules: Rules, today: date) -> Narrowed:
    """The same journeys for the statements of board_sql."""
    centre_id = centre_of(user).pk
    if not filters.narrowed:
        return Narrowed(centre_id)
    courses = standing_journeys(user, filters, rules, today).values("course_id")
    sql, params = courses.query.sql_with_params()
    return Narrowed(centre_id, sql, tuple(params))


def columns(user: User, filters: Filters, rules: Rules, today: date) -> tuple[Column, ...]:
    """The board in six queries, whatever the number of courses.

    First which courses get a card, by narrow index scans, and only then what their cards say.
    """
    require(user, Permission.READ_COURSES)
    journeys = narrowed(user, filters, rules, today)
    soon = today + timedelta(days=DUE_WITHIN_DAYS)
    counts = board_sql.counts(journeys)
    longest, asking = board_sql.picks(
        journeys, cards=CARDS_IN_A_COLUMN, soon=soon, most=MOST_COUNTED
    )
    places = {pk: i for i, pk in enumerate([*longest, *asking[:CARDS_IN_A_COLUMN]])}
    chosen = sorted(board_sql.details(journeys, list(places)), key=lambda row: places[row[0]])
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
