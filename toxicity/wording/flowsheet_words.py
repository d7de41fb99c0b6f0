"""Cells of the flowsheet in words: a character that can be seen, and a word that can be read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from terms.words import N_
from toxicity.domain.amounts import MG, Amount, plain
from toxicity.domain.flowsheet import Cell, Kind, kinds_in
from toxicity.domain.given import BAG
from toxicity.wording.given_words import shown_unit

_CHARACTERS: Mapping[Kind, str] = MappingProxyType(
    {
        Kind.NOT_GRADEABLE: "?",
        Kind.INFECTION: "■",
        Kind.NONE_RECORDED: "–",
        Kind.NOT_RECORDED: "·",
        Kind.AWAY: "⌂",
        Kind.DEAD: "†",
        Kind.FUTURE: "",
    }
)
_WORDS: Mapping[Kind, str] = MappingProxyType(
    {
        Kind.GRADE: N_("grade 0: checked, and absent"),
        Kind.NOT_GRADEABLE: N_("checked, not gradeable: not a 0"),
        Kind.GIVEN: N_("given, how much is not known"),
        Kind.INFECTION: N_("infection"),
        Kind.WARD: N_("ward"),
        Kind.ICU: N_("intensive care"),
        Kind.NONE_RECORDED: N_("none recorded"),
        Kind.NOT_RECORDED: N_("not recorded"),
        Kind.AWAY: N_("not in hospital"),
        Kind.DEAD: N_("after the death"),
        Kind.FUTURE: N_("still to come"),
    }
)


@dataclass(frozen=True)
class CellView:
    """One cell: what is seen, what is read aloud where that says more, and how it is drawn."""

    text: str
    word: str
    css: str
    url: str = ""  # of the check behind it, or of the day's where there are several
    link: str = ""  # what is read aloud of the link besides


def cell_view(cell: Cell) -> CellView:
    """A cell in the active language."""
    if cell.kind is Kind.GRADE and cell.grade is not None:
        return _graded(cell, cell.grade)
    if cell.kind is Kind.GIVEN and cell.amount is not None:
        return _given(cell.amount)
    return CellView(_character(cell.kind), _(_WORDS[cell.kind]), f"flow__cell--{cell.kind}")


def _character(kind: Kind) -> str:
    if kind is Kind.WARD:
        return pgettext("one letter on the flowsheet: ward", "W")
    if kind is Kind.ICU:
        return pgettext("short on the flowsheet: intensive care", "ICU")
    return _CHARACTERS[kind]


def _graded(cell: Cell, grade: int) -> CellView:
    words = []
    if cell.at_least:
        words.append(_("at least grade %(grade)s") % {"grade": grade})
    if cell.unsure:
        words.append(_("another check of the day is not gradeable"))
    text = f"{'≥' if cell.at_least else ''}{grade}{'?' if cell.unsure else ''}"
    return CellView(text, "; ".join(words), f"flow__cell--grade grade--{grade}")


def _given(amount: Amount) -> CellView:
    css = "flow__cell--given"
    if amount.total is None:
        return CellView("●", _(_WORDS[Kind.GIVEN]), css)
    number = str(number_format(plain(amount.total), use_l10n=True, force_grouping=False))
    doses = ngettext("%(number)s dose", "%(number)s doses", amount.doses)
    word = f"{shown_unit(amount.unit)}, {doses % {'number': amount.doses}}"
    # The head of the row says these units.
    plainly = amount.unit in (MG, BAG)
    return CellView(number if plainly else f"{number} {amount.unit}", word, css)


def legend(rows: Sequence[Sequence[Cell]]) -> tuple[CellView, ...]:
    """What each kind of cell in a table means, drawn as there; only of those that it holds."""
    cells = [cell for row in rows for cell in row]
    kinds = kinds_in(rows)
    found = []
    for kind in kinds:
        if kind is Kind.GRADE:
            found.append(CellView("0", _(_WORDS[kind]), "flow__cell--grade grade--0"))
            if any(cell.at_least for cell in cells):
                found.append(CellView("≥1", _("at least 1: something was not known"), ""))
            if any(cell.unsure for cell in cells):
                found.append(CellView("1?", _("another check of that day is not gradeable"), ""))
        elif kind is Kind.GIVEN:
            found.append(CellView("●", _(_WORDS[kind]), "flow__cell--given"))
        else:
            found.append(CellView(_character(kind), _(_WORDS[kind]), f"flow__cell--{kind}"))
    return tuple(found)
