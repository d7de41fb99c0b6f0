"""What the pages of the calculators show, in the reader's language."""

from dataclasses import dataclass

from django.forms import BoundField
from django.urls import reverse
from django.utils.translation import gettext as _

from toxicity.calculators.answers import Answer
from toxicity.calculators.forms import ScaleForm
from toxicity.calculators.scales import SCALES
from toxicity.calculators.tables import TABLES, Table
from toxicity.domain.all_hematotox import RULE_VERSION as ALL_HEMATOTOX


@dataclass(frozen=True)
class Entry:
    """One calculator in the list of all."""

    title: str
    lead: str
    url: str


@dataclass(frozen=True)
class LineShown:
    """One line of a table, and whether it is the one that applies."""

    cells: tuple[str, ...]
    applies: bool


@dataclass(frozen=True)
class TableShown:
    """A published table beside the answer."""

    title: str
    columns: tuple[str, ...]
    lines: tuple[LineShown, ...]


@dataclass(frozen=True)
class CalculatorPage:
    """One calculator; `answer` is None until something that can be read was sent."""

    title: str
    lead: str
    note: str
    source: str
    rule_version: str
    parts: tuple[tuple[str, tuple[BoundField, ...]], ...]
    answer: Answer | None
    tables: tuple[TableShown, ...]


@dataclass(frozen=True)
class IndexPage:
    """All calculators, and the rule version of the one that waits for its table."""

    entries: tuple[Entry, ...]
    waiting: str


def index_page() -> IndexPage:
    """The list of all calculators of the scales."""
    entries = tuple(
        Entry(_(scale.title), _(scale.lead), reverse(f"calculator_{code}"))
        for code, scale in SCALES.items()
    )
    return IndexPage(entries, ALL_HEMATOTOX)


def calculator_page(code: str, form: ScaleForm) -> CalculatorPage:
    """One calculator with the answer to a form that can be read."""
    scale = SCALES[code]
    answer = scale.answer(form.given) if form.is_valid() else None
    return CalculatorPage(
        title=_(scale.title),
        lead=_(scale.lead),
        note=_(scale.note) if scale.note else "",
        source=scale.source,
        rule_version=scale.rule_version,
        parts=tuple(
            (_(part.title) if part.title else "", tuple(form[name] for name in part.names))
            for part in scale.parts
        ),
        answer=answer,
        tables=tuple(table_shown(table, answer) for table in TABLES[code]),
    )


def table_shown(table: Table, answer: Answer | None = None) -> TableShown:
    """A published table, with the lines marked that an answer names."""
    lines = tuple(
        LineShown(
            cells=tuple(_(cell) if cell else "" for cell in row.cells),
            applies=answer is not None and row.key in answer.lines,
        )
        for row in table.rows
    )
    return TableShown(_(table.title), tuple(_(column) for column in table.columns), lines)
