"""The follow-up schedule as the protocol lists it: items counted from anchors."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise

from protocol.domain.loading import SectionParser
from protocol.domain.reading import CAPITAL_CODE, Setting, TableReader
from reminders.domain.calendar import ASKED_FOR
from reminders.domain.care import Care, read_care
from reminders.domain.facts import ANALYTES, CONDITIONS
from reminders.domain.levels import Level, Phase, Span, SpanUnit
from reminders.domain.older import lasting_by_phases, shown_by_code
from terms.roles import Role
from terms.words import N_, Bilingual

_SPAN = re.compile(r"(-?[0-9]{1,4}) (day|month)s?")

# The codes that patients.models stores for its anchors; a test compares them.
ANCHORS = ("enrolment", "apheresis", "lymphodepletion", "infusion", "discharge", "relapse")
# What may be done again on one course.
REPEATED = ("apheresis", "lymphodepletion")
ROLES = tuple(role.value for role in Role)
# The code of what people ask for in words of their own, beside the protocol's items.
TASK = "TASK"


class Kind(StrEnum):
    """How the dates of an item come about."""

    DATED = "dated"  # at offsets from the anchor
    PERIOD = "period"  # begun, and after a time looked at whether it may end
    TRIGGERED = "triggered"  # by a fact
    CADENCE = "cadence"  # several times a day in hospital: on the ward's page, never a row


class Trigger(StrEnum):
    """What makes a triggered item due."""

    LOW = "low"  # a value below its line
    DEATH = "death"
    HAND = "hand"  # somebody asks for it, when something happens that no record tells of


class RepeatsFrom(StrEnum):
    """What the dates after the first are counted from."""

    GRID = "grid"  # the anchor: they stay where they are, however late one is done
    LAST_DONE = "last_done"  # the day on which the last one was done


class Weight(StrEnum):
    """Whether an item stands for itself on lists, or is of the small ones that come often."""

    MAJOR = "major"
    MINOR = "minor"


# What may answer an item: a result of one of its kinds whose day lies in its window. An examination
# by image answers by which one it was: an echocardiogram is no CT. A puncture of which nobody said
# that therapy was given is `csf` alone.
ANSWERS = (
    "marrow",
    "csf",
    "intrathecal",
    "pet_ct",
    "ct",
    "mri",
    *(f"lab {code}" for code in ANALYTES),
)


@dataclass(frozen=True)
class Low:
    """A value below a line, in the value's canonical unit."""

    analyte: Setting[str]
    below: Setting[Decimal]


@dataclass(frozen=True)
class Bound:
    """No date of an item lies more than `offset` after the first `anchor` of the course."""

    anchor: Setting[str]
    offset: Setting[Span]


@dataclass(frozen=True)
class ScheduleItem:
    """One thing to do, due at `first_offset` from its anchor and then through its phases.

    `window_before` and `window_after` are days around each due date in which it is on time.
    `further` are offsets beside the first, where they are not regular. `only_if` is a condition of
    the chart. `stop` ends it, or leaves dates that are `then_every` apart; it looks at samples from
    the first window on and spares the dates up to `kept_until`. A period ends after
    `ends`, counted from `ends_from` where that is another anchor, and while its `stop` is not
    reached is looked at again each `review`. `not_after` ends any item with another anchor, such as
    a relapse. A triggered one is asked again each `review` while its value stays low, and never
    comes before `earliest`, counted from its anchor. `stop_with` are levels that have to be
    reached besides `stop`. What is `outpatient` is not asked for while the patient is in hospital.
    `after_icans` is counted from the last day of neurotoxicity where that is later. `care` is what
    is looked at before it is done, `result_after` when a result that is awaited is asked about,
    `note` why it differs from what is usual. Without any day of its anchor it is counted from
    those of `or_from`. What `repeats_from` the last one done keeps its distances from that day.
    `calendar` is as what the calendar shows it, where it does; what is asked `for_life` outlasts
    the completion of the course. Where no item says these, older rules hold.
    """

    code: str
    label: Bilingual
    role: Setting[str]
    anchor: Setting[str]
    first_offset: Setting[Span]
    phases: tuple[Phase, ...]
    window_before: Setting[int]
    window_after: Setting[int]
    kind: Kind = Kind.DATED
    further: tuple[Setting[Span], ...] = ()
    only_if: Setting[str] | None = None
    answered_by: Setting[tuple[str, ...]] | None = None
    stop: Level | None = None
    then_every: Setting[Span] | None = None
    kept_until: Setting[Span] | None = None
    trigger: Trigger | None = None
    low: Low | None = None
    ends: Setting[Span] | None = None
    ends_from: Setting[str] | None = None
    review: Setting[Span] | None = None
    not_after: tuple[Bound, ...] = ()
    earliest: Setting[Span] | None = None
    weight: Setting[str] | None = None
    stop_with: tuple[Level, ...] = ()
    outpatient: Setting[bool] | None = None
    after_icans: Setting[Span] | None = None
    care: Care | None = None
    result_after: Setting[int] | None = None
    note: Bilingual | None = None
    or_from: Setting[str] | None = None
    repeats_from: Setting[str] | None = None
    calendar: Setting[str] | None = None
    for_life: Setting[bool] | None = None

    @property
    def lasting(self) -> bool:
        """Whether it goes on after the follow-up is completed, for as long as the patient lives."""
        return self.for_life is not None and self.for_life.value

    @property
    def from_last_done(self) -> bool:
        """Whether its dates are counted from the day on which the last one was done."""
        return self.repeats_from is not None and self.repeats_from.value == RepeatsFrom.LAST_DONE

    @property
    def offsets(self) -> tuple[Span, ...]:
        """Those that are named, the first and the further ones."""
        return (self.first_offset.value, *(one.value for one in self.further))

    @property
    def stops(self) -> tuple[Level, ...]:
        """Every level of its stop rule."""
        return () if self.stop is None else (self.stop, *self.stop_with)

    @property
    def minor(self) -> bool:
        """Whether it is one of the small ones that come often."""
        return self.weight is not None and self.weight.value == Weight.MINOR


@dataclass(frozen=True)
class Schedule:
    """Every item, by code."""

    items: tuple[ScheduleItem, ...]

    def item(self, code: str) -> ScheduleItem:
        """The item called `code`. Raises `KeyError` when there is none."""
        for item in self.items:
            if item.code == code:
                return item
        raise KeyError(code)

    @property
    def on_occasion(self) -> tuple[ScheduleItem, ...]:
        """What the protocol asks for only when somebody says that it is needed."""
        return tuple(item for item in self.items if item.trigger is Trigger.HAND)


def read_span(text: str) -> Span:
    """Read `28 days`, `1 month` or `-7 days`. Raises `ValueError` for anything else."""
    match = _SPAN.fullmatch(text)
    if match is None:
        raise ValueError(text)
    return Span(int(match[1]), SpanUnit(f"{match[2]}s"))


def read_schedule(reader: TableReader) -> Schedule:
    """Parse `[schedule.<ITEM>]` with its `[[schedule.<ITEM>.phases]]`."""
    items = [_item(code, row) for code, row in reader.children(CAPITAL_CODE)]
    # Versions that are published never change, and courses stay on theirs: older ones say nothing.
    if all(one.calendar is None for one in items):
        items = [replace(one, calendar=shown_by_code(one.code)) for one in items]
    if all(one.for_life is None for one in items):
        items = [replace(one, for_life=lasting_by_phases(one.phases)) for one in items]
    return Schedule(tuple(items))


def _item(code: str, row: TableReader) -> ScheduleItem:
    kind = Kind(row.choice("kind", tuple(Kind)).value) if "kind" in row else Kind.DATED
    trigger = row.choice("trigger", tuple(Trigger)) if kind is Kind.TRIGGERED else None
    stop, period = _stop(row), kind is Kind.PERIOD
    repeating = period or (trigger is not None and trigger.value == "low")
    if code == TASK:
        row.problem("", N_("is the code of what people ask for by hand"))
    if period and stop is not None and "review" not in row:
        row.problem("review", N_("is needed where the end waits for a value"))
    item = ScheduleItem(
        code=code,
        label=row.bilingual("label"),
        role=row.choice("role", ROLES),
        anchor=row.choice("anchor", ANCHORS),
        first_offset=_span(row, "first_offset"),
        phases=_phases(row) if "phases" in row else (),
        window_before=row.whole_number("window_before", 0, 365),
        window_after=row.whole_number("window_after", 0, 365),
        kind=kind,
        further=_further(row) if "further" in row else (),
        only_if=row.choice("only_if", CONDITIONS) if "only_if" in row else None,
        answered_by=row.choices("answered_by", ANSWERS) if "answered_by" in row else None,
        stop=stop,
        then_every=_span(row, "then_every") if "then_every" in row else None,
        kept_until=_span(row, "kept_until") if "kept_until" in row else None,
        trigger=None if trigger is None else Trigger(trigger.value),
        low=_low(row.child("low")) if trigger is not None and trigger.value == "low" else None,
        ends=_span(row, "ends") if period else None,
        ends_from=row.choice("ends_from", ANCHORS) if period and "ends_from" in row else None,
        review=_span(row, "review") if repeating and "review" in row else None,
        not_after=_bounds(row) if "not_after" in row else (),
        earliest=_span(row, "earliest") if trigger is not None and "earliest" in row else None,
        weight=row.choice("weight", tuple(Weight)) if "weight" in row else None,
        stop_with=_stops(row) if stop is not None and "stop_with" in row else (),
        outpatient=row.flag("outpatient") if "outpatient" in row else None,
        after_icans=_span(row, "after_icans") if "after_icans" in row else None,
        care=read_care(row.child("care")) if "care" in row else None,
        result_after=row.whole_number("result_after", 1, 90) if "result_after" in row else None,
        note=row.bilingual("note") if "note" in row else None,
        or_from=row.choice("or_from", ANCHORS) if "or_from" in row else None,
        repeats_from=(
            row.choice("repeats_from", tuple(RepeatsFrom)) if "repeats_from" in row else None
        ),
        calendar=row.choice("calendar", ASKED_FOR) if "calendar" in row else None,
        for_life=row.flag("for_life") if "for_life" in row else None,
    )
    _check_repeats(item, row)
    return item


def _check_repeats(item: ScheduleItem, row: TableReader) -> None:
    """Only what is dated and comes again does so for life or has distances, named in one unit."""
    if item.lasting and not (item.kind is Kind.DATED and item.phases):
        row.problem("for_life", N_("is for what is dated and comes again"))
    if not item.from_last_done:
        return
    if item.kind is not Kind.DATED or not (item.further or item.phases):
        row.problem("repeats_from", N_("is for what is dated and comes again"))
    elif len({span.unit for span in item.offsets}) > 1:
        row.problem("repeats_from", N_("needs the first and the further offsets in one unit"))


def _bounds(row: TableReader) -> tuple[Bound, ...]:
    return tuple(
        Bound(one.choice("anchor", ANCHORS), _span(one, "offset")) for one in row.rows("not_after")
    )


def _stop(row: TableReader) -> Level | None:
    if "stop" not in row:
        return None
    return _level(row.child("stop"))


def _stops(row: TableReader) -> tuple[Level, ...]:
    return tuple(_level(one) for one in row.rows("stop_with"))


def _level(stop: TableReader) -> Level:
    negative = stop.flag("negative") if "negative" in stop else None
    above = "above" in stop or ("below" not in stop and negative is None)  # one is needed
    return Level(
        analyte=stop.choice("analyte", ANALYTES),
        above=stop.decimal_number("above", "0", "100000") if above else None,
        samples=stop.whole_number("samples", 1, 10),
        below=stop.decimal_number("below", "0", "100000") if "below" in stop else None,
        apart=_span(stop, "apart") if "apart" in stop else None,
        negative=negative,
    )


def _low(row: TableReader) -> Low:
    return Low(
        analyte=row.choice("analyte", ANALYTES),
        below=row.decimal_number("below", "0", "100000"),
    )


def _further(row: TableReader) -> tuple[Setting[Span], ...]:
    """Offsets beside the first, each later than the one before; days and months do not mix."""
    found = tuple(_span(one, "offset") for one in row.rows("further"))
    spans = [one.value for one in found]
    if len({one.unit for one in spans}) > 1 or any(
        later.count <= one.count for one, later in pairwise(spans)
    ):
        row.problem("further", N_("must grow, all in days or all in months"))
    return found


def _phases(row: TableReader) -> tuple[Phase, ...]:
    """Phases follow one another; each must repeat and end in months or in days, not in both."""
    phases = []
    reached: Span | None = None
    for phase in row.rows("phases"):
        every, until = _span(phase, "every"), _span(phase, "until")
        if every.value.count < 1:
            phase.problem("every", N_("must be at least one day or month"))
        if every.value.unit != until.value.unit:
            phase.problem("until", N_("must be in the same unit as every"))
        if reached and (until.value.unit != reached.unit or until.value.count <= reached.count):
            phase.problem("until", N_("must be later than the phase before, in the same unit"))
        reached = until.value
        phases.append(Phase(every, until))
    return tuple(phases)


def _span(reader: TableReader, key: str) -> Setting[Span]:
    stand_in = Span(1, SpanUnit.DAYS)
    return reader.parsed(key, read_span, stand_in, N_("must be such as 28 days or 3 months"))


SECTIONS: Mapping[str, SectionParser] = {"schedule": read_schedule}
