"""Events of a course as lanes: what lasts as bars that never lie on one another, the rest as marks.

Plain values in and out; what nobody recorded is never drawn as if it had happened: a bar without a
recorded end goes on until today and says so, one whose end has no full date has none to draw.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum


class Lane(StrEnum):
    """What belongs together, in the order in which it is drawn."""

    JOURNEY = "journey"
    PRODUCT = "product"
    THERAPY = "therapy"
    DELAYS = "delays"
    HOSPITAL = "hospital"
    TOXICITY = "toxicity"
    GIVEN = "given"
    INFECTIONS = "infections"
    RESPONSE = "response"
    RESULTS = "results"
    DECISIONS = "decisions"
    REMINDERS = "reminders"
    OTHER = "other"


class End(StrEnum):
    """How a bar ends."""

    RECORDED = "recorded"
    ONGOING = "ongoing"  # no end is recorded
    UNKNOWN = "unknown"  # it ended on a day that nobody knows


@dataclass(frozen=True)
class Event:
    """One event; `on` None where its day is not known, `about` what it is about among its kind."""

    code: str
    on: date | None
    label: str = ""
    about: str = ""
    value: str = ""


@dataclass(frozen=True)
class Bar:
    """Something that lasts, from its event on; `last` None where it ended nobody knows when."""

    event: Event
    first: date
    last: date | None
    end: End

    @property
    def after(self) -> date:
        """The day after what is drawn; a stage ends on the day on which the next one begins."""
        if self.end is End.RECORDED and self.event.code in _CHAINED and self.last is not None:
            return self.last
        return (self.last or self.first) + _A_DAY


@dataclass(frozen=True)
class Drawn:
    """One lane: its bars in tracks, the marks between, and how many events have no full date."""

    lane: Lane
    tracks: tuple[tuple[Bar, ...], ...]
    marks: tuple[Event, ...]
    undated: int

    @property
    def count(self) -> int:
        """How many events it tells."""
        return sum(map(len, self.tracks)) + len(self.marks) + self.undated


@dataclass(frozen=True)
class _Span:
    """Codes that begin a bar and codes that end it; a chain ends where its next one begins."""

    lane: Lane
    begins: frozenset[str]
    ends: frozenset[str]
    chain: bool = False


def _codes(text: str) -> frozenset[str]:
    return frozenset(text.split())


_A_DAY = timedelta(days=1)
_SPANS = (
    _Span(
        Lane.JOURNEY,
        _codes(
            "STAGE_REFERRAL STAGE_ELIGIBILITY STAGE_APHERESIS STAGE_BRIDGING"
            " STAGE_LYMPHODEPLETION STAGE_INFUSION STAGE_FOLLOW_UP"
        ),
        _codes("STAGE_COMPLETED EXIT_DECLINED EXIT_WITHDRAWN EXIT_LOST DEATH"),
        chain=True,
    ),
    _Span(Lane.THERAPY, _codes("CONTAIN"), _codes("CONTAIN_END CONTAIN_CANCELLED")),
    _Span(Lane.THERAPY, _codes("BRIDGE"), _codes("BRIDGE_END BRIDGE_STOPPED BRIDGE_CANCELLED")),
    _Span(Lane.THERAPY, _codes("LD"), _codes("LD_END LD_STOPPED LD_CANCELLED")),
    _Span(Lane.DELAYS, _codes("DELAY"), _codes("DELAY_END")),
    _Span(Lane.HOSPITAL, _codes("ADMISSION"), _codes("DISCHARGE")),
    _Span(Lane.HOSPITAL, _codes("ICU"), _codes("ICU_END")),
    _Span(Lane.TOXICITY, _codes("CRS"), _codes("CRS_END")),
    _Span(Lane.TOXICITY, _codes("ICANS"), _codes("ICANS_END")),
    _Span(Lane.TOXICITY, _codes("IEC_HS"), _codes("IEC_HS_END")),
    _Span(Lane.INFECTIONS, _codes("INFECTION"), _codes("INFECTION_END")),
)
_BEGINS = {code: span for span in _SPANS for code in span.begins}
_ENDS = {code: span for span in _SPANS for code in span.ends}
_CHAINED = frozenset(code for code, span in _BEGINS.items() if span.chain)
# The end of an episode is its first day without signs: the bar lasts until the day before.
_DAY_AFTER = frozenset({"CRS_END", "ICANS_END", "IEC_HS_END"})
_LANES: Mapping[str, Lane] = {
    **{code: span.lane for code, span in (*_BEGINS.items(), *_ENDS.items())},
    **dict.fromkeys(_codes("INFUSION ENROL REFERRAL PROTOCOL_VERSION REOPENED"), Lane.JOURNEY),
    **dict.fromkeys(
        _codes(
            "MARROW MARROW_BLASTS PET CT MRI ECHO CHEST_FILM LVEF CSF RELAPSE_MOL RELAPSE_HAEM"
            " RELAPSE_EXTRAMEDULLARY MRD_POS REFRACTORY ANTIGEN ALLO DLI TRANSPLANT_PURPOSE"
        ),
        Lane.RESPONSE,
    ),
    **dict.fromkeys(_codes("CRS_GRADE ICANS_GRADE IEC_HS_GRADE"), Lane.TOXICITY),
    **dict.fromkeys(_codes("MEETING CONSENT CLEARANCE"), Lane.DECISIONS),
    "TREATMENT": Lane.GIVEN,
    "LAB": Lane.RESULTS,
}
_FAMILIES = (
    ("PRODUCT_", Lane.PRODUCT), ("CUSTODY_", Lane.PRODUCT), ("SHIPMENT_", Lane.PRODUCT),
    ("IDENTITY_", Lane.PRODUCT), ("APHERESIS", Lane.PRODUCT), ("COLLECTION_", Lane.PRODUCT),
    ("OOS_", Lane.PRODUCT), ("THAW", Lane.PRODUCT), ("CERTIFICATE", Lane.PRODUCT),
    ("ORDER_", Lane.PRODUCT), ("INFUSION_", Lane.PRODUCT), ("CONTAIN_", Lane.THERAPY),
    ("BRIDGE_", Lane.THERAPY), ("LD_", Lane.THERAPY), ("ELIGIBILITY_", Lane.DECISIONS),
    ("GATE_", Lane.DECISIONS), ("SCHEDULE_", Lane.REMINDERS), ("TASK", Lane.REMINDERS),
    ("APPOINTMENT", Lane.REMINDERS),
)  # fmt: skip


def lane_of(code: str) -> Lane:
    """The lane of an event; what belongs nowhere stands in the last one."""
    found = _LANES.get(code)
    if found is not None:
        return found
    return next((lane for start, lane in _FAMILIES if code.startswith(start)), Lane.OTHER)


def lanes(events: Iterable[Event], until: date) -> tuple[Drawn, ...]:
    """Every lane with something in it, in their order.

    `events` come in the order of dates, those without a full date last. `until` is the last day
    of which anything is known: today, or the day on which the course ended.
    """
    kept = list(events)
    bars, rest = _bars(kept)
    closed = [_until(bar, until) for bar in bars]
    found = []
    for lane in Lane:
        own = [bar for bar in closed if lane_of(bar.event.code) is lane]
        marks = [event for event in rest if lane_of(event.code) is lane]
        dated = tuple(event for event in marks if event.on is not None)
        drawn = Drawn(lane, _tracks(own), dated, len(marks) - len(dated))
        if drawn.count:
            found.append(drawn)
    return tuple(found)


def _bars(events: Sequence[Event]) -> tuple[list[Bar], list[Event]]:
    """What lasts, and every event that neither begins nor ends a bar."""
    bars: list[Bar] = []
    open_bars: dict[int, _Span] = {}
    rest: list[Event] = []
    for event in events:
        begins, ends = _BEGINS.get(event.code), _ENDS.get(event.code)
        span = begins or ends
        if span is None or (begins and event.on is None):
            rest.append(event)
            continue
        closed = _closed_by(event, span, bars, open_bars, begins=begins is not None)
        if closed is not None:
            del open_bars[closed]
            bars[closed] = _ended(bars[closed], event)
        if begins and event.on is not None:
            open_bars[len(bars)] = span
            bars.append(Bar(event, event.on, None, End.ONGOING))
        elif closed is None or span.chain:
            rest.append(event)
    return bars, rest


def _closed_by(
    event: Event, span: _Span, bars: Sequence[Bar], open_bars: Mapping[int, _Span], *, begins: bool
) -> int | None:
    """The bar that `event` ends: the first open one about the same, of a chain the only one."""
    if begins and not span.chain:
        return None
    for at, own in open_bars.items():
        if own is span and (span.chain or bars[at].event.about == event.about):
            return at
    return None


def _ended(bar: Bar, event: Event) -> Bar:
    if event.on is None:
        return Bar(bar.event, bar.first, None, End.UNKNOWN)
    last = event.on - _A_DAY if event.code in _DAY_AFTER else event.on
    return Bar(bar.event, bar.first, max(bar.first, last), End.RECORDED)


def _until(bar: Bar, until: date) -> Bar:
    """An open bar goes on until the last day that is known, where it began before."""
    if bar.end is End.ONGOING:
        return Bar(bar.event, bar.first, max(bar.first, until), End.ONGOING)
    return bar


def _tracks(bars: Iterable[Bar]) -> tuple[tuple[Bar, ...], ...]:
    """The bars so that those of one track do not lie on one another, in as few as can be."""
    tracks: list[list[Bar]] = []
    for bar in sorted(bars, key=lambda one: (one.first, one.last or one.first)):
        free = next((track for track in tracks if track[-1].after <= bar.first), None)
        if free is None:
            tracks.append([bar])
        else:
            free.append(bar)
    return tuple(tuple(track) for track in tracks)
