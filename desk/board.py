"""The board: who stands where, for how long against the target, held by what, and what is due."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from django.db.models import (
    Case,
    Exists,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)

from accounts.access import centre_of, require
from accounts.models import User
from accounts.permissions import Permission
from desk import board_sql
from desk.board_sql import Narrowed
from pathway.domain.rules import PathwayRules, StageTargets
from pathway.domain.spine import Stage
from pathway.loading_companions import CompanionRow, companions_of
from pathway.models import Journey
from patients.domain.likeness import plain_words
from patients.models import Hold
from protocol.domain.loading import ParsedProtocol
from protocol.models import Protocol, Status
from protocol.selectors import settings_if_readable

COLUMNS = (
    Stage.REFERRAL,
    Stage.ELIGIBILITY,
    Stage.APHERESIS,
    Stage.BRIDGING,
    Stage.LYMPHODEPLETION,
    Stage.INFUSION,
    Stage.FOLLOW_UP,
)
CARDS_IN_A_COLUMN = 5  # what a screen shows at a glance; the rest is one click away, and counted
DUE_WITHIN_DAYS = 30
MOST_COUNTED = 100  # beyond it the board says "100 or more"


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
    holds: tuple[str, ...]  # reason codes of the open ones, oldest first
    due_item: str  # what falls due next, empty when nothing does
    due_ordinal: int
    due_unsure: bool  # nobody recorded whether it is needed
    due_on: date | None
    due_until: date | None
    due_words: str  # of who asked for it by hand
    due_performed_on: date | None = None  # the test was done, its result is not there
    unchecked: bool = False  # came to its stage before Percorso, so nobody checked it
    infusion_held: bool = False
    target: int | None = None
    companions: tuple[CompanionRow, ...] = ()


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
    """The protocols that courses are pinned to, parsed, by their ids.

    Without those that can no longer be read: their courses are shown, and that this is so.
    """

    by_protocol: Mapping[int, ParsedProtocol]

    @property
    def products(self) -> frozenset[str]:
        """The products in use; a card names its product only where there are several."""
        return frozenset(protocol.meta.product for protocol in self.by_protocol.values())

    def hold_days(self, protocol_id: int) -> int:
        """Days that the infusion may be on hold after lymphodepletion."""
        intervals = PathwayRules.of(self.by_protocol[protocol_id]).intervals
        return intervals.infusion_hold_clock_days.value

    def target(self, protocol_id: int, stage: str) -> int | None:
        """Days a course of the protocol should take in `stage`; None where nothing says so."""
        known = self.by_protocol.get(protocol_id)
        return None if known is None else known.section("stages", StageTargets).of(stage)


def load_rules() -> Rules:
    """Every published or retired protocol; their parsed settings stay in memory."""
    known = Protocol.objects.exclude(status=Status.DRAFT).defer("data")
    read = ((protocol.pk, settings_if_readable(protocol)) for protocol in known)
    return Rules({pk: settings for pk, settings in read if settings is not None})


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
    """The board in four queries, whatever the number of courses.

    First which courses get a card, by narrow index scans, and only then what their cards say.
    """
    require(user, Permission.READ_COURSES)
    journeys = narrowed(user, filters, rules, today)
    soon = today + timedelta(days=DUE_WITHIN_DAYS)
    counts = board_sql.counts(journeys)
    longest, asking = board_sql.picks(
        journeys, cards=CARDS_IN_A_COLUMN, today=today, soon=soon, most=MOST_COUNTED
    )
    shown = [*longest, *asking[:CARDS_IN_A_COLUMN]]
    by_stage: dict[str, list[Standing]] = defaultdict(list)
    for standing in standings(journeys, shown, rules, today):
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


def in_order(journeys: "QuerySet[Journey]") -> "QuerySet[Journey, int]":
    """Course ids for the table, in the order of the pathway and then longest there first."""
    rank = Case(*(When(stage=stage, then=Value(i)) for i, stage in enumerate(COLUMNS)))
    return journeys.order_by(rank, "stage_since", "course_id").values_list("course_id", flat=True)


def standings(
    journeys: Narrowed, course_ids: list[int], rules: Rules, today: date
) -> list[Standing]:
    """What cards and rows say of `course_ids`, in that order, in two queries."""
    places = {pk: place for place, pk in enumerate(course_ids)}
    rows = sorted(board_sql.details(journeys, course_ids, today), key=lambda row: places[row[0]])
    beside = companions_of(course_ids)
    return [
        replace(
            standing,
            target=rules.target(standing.protocol_id, standing.stage),
            companions=beside.get(standing.course_id, ()),
        )
        for standing in (Standing(*row) for row in rows)
    ]


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
