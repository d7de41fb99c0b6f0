"""What the page components are fed with: small frozen values, no models, no queries."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, pgettext_lazy

from accounts.wording import RefusalView
from patients.identity import IdentityView, Named
from terms.partial_dates import PartialDate

__all__ = [
    "Action",
    "BoardColumn",
    "BoardRow",
    "CardView",
    "IdentityView",
    "MoveView",
    "Named",
    "RailBox",
    "RailState",
    "RailView",
    "RefusalView",
    "TimelineRow",
]

Text = str | Promise


class RailState(StrEnum):
    """How far a box of the rail is. Each has a word and a mark, never a colour alone."""

    DONE = "done"
    UNCHECKED = "unchecked"  # done before Percorso: its guards were never asked
    CURRENT = "current"
    PLANNED = "planned"
    SKIPPED = "skipped"
    HELD = "held"
    ENDED = "ended"
    UNREACHED = "unreached"  # the course ended before it

    @property
    def word(self) -> Promise:
        """The state as the rail writes it."""
        return _RAIL_WORDS[self]


_RAIL_WORDS: dict[RailState, Promise] = {
    RailState.DONE: pgettext_lazy("pathway box", "Done"),
    RailState.UNCHECKED: gettext_lazy("Not checked"),
    RailState.CURRENT: pgettext_lazy("pathway box", "Now"),
    RailState.PLANNED: pgettext_lazy("pathway box", "To come"),
    RailState.SKIPPED: pgettext_lazy("pathway box", "Skipped"),
    RailState.HELD: pgettext_lazy("pathway box", "On hold"),
    RailState.ENDED: pgettext_lazy("pathway box", "Ended"),
    RailState.UNREACHED: pgettext_lazy("pathway box", "Not reached"),
}


@dataclass(frozen=True)
class RailBox:
    """One box of Figure 2: a stage of the spine, or a companion beside it.

    `days` and `target` are whole days, None when not counted. `here` marks the box where the
    course stands, held or not; `unchecked` that it came there before Percorso. `lanes` are
    companions that run inside the stage at the same time; `beside` one that runs along this stage
    and the next.
    """

    label: Text
    state: RailState
    start: date | None = None
    end: date | None = None
    days: int | None = None
    target: int | None = None
    note: Text = ""
    here: bool = False
    unchecked: bool = False
    lanes: tuple["RailBox", ...] = ()
    beside: "RailBox | None" = None

    @property
    def over(self) -> bool:
        """Whether the stage took, or is taking, longer than its target."""
        return self.days is not None and self.target is not None and self.days > self.target


@dataclass(frozen=True)
class RailView:
    """The whole of Figure 2 for one course: the eight boxes of the spine, in order.

    `of` names the course where a page shows more than one rail.
    """

    boxes: tuple[RailBox, ...]
    of: str = ""


@dataclass(frozen=True)
class CardWords:
    """What every card says: apart from the cards, so that a board translates it only once."""

    mine: Text
    target: Text
    over: Text
    held: Text
    unchecked: Text


CARD_WORDS = CardWords(
    mine=gettext_lazy("mine"),
    target=gettext_lazy("target"),
    over=gettext_lazy("Over target"),
    held=gettext_lazy("On hold"),
    unchecked=gettext_lazy("Not checked"),
)


@dataclass(frozen=True)
class CardView:
    """One course on the board.

    `days` in the stage and `target` are whole days. `holds` are the reasons of open holds,
    `line` what runs beside the stage, `need` what falls due, `mine` that the viewer is
    responsible, `unchecked` that it came to its stage before Percorso, `clock` how long the
    infusion has been waiting since lymphodepletion.
    """

    name: str
    code: str
    url: str
    product: Text = ""
    days: int | None = None
    target: int | None = None
    day: int | None = None
    holds: tuple[Text, ...] = ()
    line: Text = ""
    need: Text = ""
    mine: bool = False
    unchecked: bool = False
    clock: Text = ""
    words: CardWords = CARD_WORDS

    @property
    def over(self) -> bool:
        """Whether the course stands in its stage for longer than the target."""
        return self.days is not None and self.target is not None and self.days > self.target


@dataclass(frozen=True)
class BoardColumn:
    """One stage of the board. `rest` courses have no card; `needing` ask for something soon."""

    stage: str
    label: Text
    cards: tuple[CardView, ...]
    count: int
    needing: int
    rest: int


@dataclass(frozen=True)
class BoardRow:
    """One course in the board's table."""

    stage: Text
    card: CardView


@dataclass(frozen=True)
class Action:
    """A link to a form of the course page."""

    label: Text
    url: str


@dataclass(frozen=True)
class MoveView:
    """A move the page offers: open at `url` when allowed, else with every reason against it.

    Soft refusals do not close the move: the form behind it asks for the reason.
    """

    target: str
    label: Text
    url: str = ""
    allowed: bool = True
    back: bool = False
    refusals: tuple[RefusalView, ...] = ()
    sheet: tuple[str, str] | None = None  # name and address of the checklist behind the move
    earlier: bool = False  # closed now, but to be recorded where it happened earlier


@dataclass(frozen=True)
class TimelineRow:
    """One dated fact of a course. `day` counts from the infusion, None when it cannot.

    `recorded` tells when and by whom it was written down; `replaced` marks a corrected row;
    `folded` are the rows that this one stands for.
    """

    on: PartialDate | date | None
    label: Text
    day: int | None = None
    value: Text = ""
    facet: Text = ""
    source: Text = ""
    recorded: Text = ""
    replaced: bool = False
    folded: "tuple[TimelineRow, ...]" = ()
