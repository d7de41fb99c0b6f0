"""Every column of every model says whether it identifies somebody, and files keep to it."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db.models import Model, When
from django.db.models.expressions import Col

from exports import fields
from exports.fields import kind_of, leaves
from exports.fields.kinds import Declared, Kind, Level
from exports.union import SOURCES
from patients.models import Course
from patients.timeline_columns import COLUMNS
from tests.repository.sources import APPS, CODE

# Of which the timeline shows only what is coded or a date, whatever else they hold.
_IN_PART = {
    ("pathway.eligibilityentry", "value"),  # in the words of a fixed list, else left out
    ("pathway.gateentry", "value"),
    ("pathway.change", "details"),  # the codes of an exit
    ("patients.correction", "before"),  # the date that stood before
}
# The code of the course stands for the patient; pseudonyms take its place.
_HIDDEN = {Kind.DIRECT, Kind.STAFF, Kind.TEXT}


def models() -> Iterator[type[Model]]:
    ours = {*APPS, *CODE}
    return (model for model in apps.get_models() if model.__module__.split(".")[0] in ours)


def columns() -> set[tuple[str, str]]:
    return {
        (model._meta.label_lower, field.name)
        for model in models()
        for field in (*model._meta.local_fields, *model._meta.local_many_to_many)
    }


def test_every_column_is_declared_and_every_declaration_has_its_column() -> None:
    known = set(fields.declared())
    undeclared = sorted(".".join(column) for column in columns() - known)
    stale = sorted(".".join(column) for column in known - columns())
    assert (undeclared, stale) == ([], []), "declare them in exports/fields/"


def test_a_column_declared_twice_is_named() -> None:
    twice = (Declared("patients.patient", direct="sex"), Declared("patients.patient", coded="sex"))
    with pytest.raises(ValueError, match=r"patients\.patient\.sex is declared twice"):
        fields._gathered(twice)


def test_what_identifies_leaves_in_no_pseudonymised_file_and_free_text_in_none() -> None:
    assert leaves("patients.patient", "sex", Level.PSEUDONYMISED)
    assert not leaves("patients.patient", "birth_date", Level.PSEUDONYMISED)
    assert leaves("patients.patient", "birth_date", Level.IDENTIFIED)
    assert not leaves("patients.coursenote", "text", Level.IDENTIFIED)
    assert not leaves("patients.patient", "created_by", Level.IDENTIFIED)


def part_of(rows: Any, name: str) -> Any:
    """What a query of rows has in one of the columns of the timeline."""
    alias = list(rows.query.selected)[COLUMNS.index(name)]
    return rows.query.annotations[alias]


def sources_of(expression: Any) -> Iterator[tuple[str, str]]:
    """The columns that an expression of a query shows; a condition only picks what is shown."""
    if isinstance(expression, Col):
        yield expression.target.model._meta.label_lower, expression.target.name
    parts = expression.get_source_expressions()
    for part in parts[1:] if isinstance(expression, When) else parts:
        if part is not None:
            yield from sources_of(part)


def kinds_of_row() -> list[Any]:
    return [query for source in SOURCES for query in source(Course.objects.all())]


def test_rows_that_leave_in_coded_files_are_made_of_nothing_that_identifies() -> None:
    """Label, value and unit of each kind of row of the timeline, back to their columns.

    Kinds of which some rows identify say so row by row; services' tests look at those.
    """
    found = {
        f"{model}.{name}"
        for rows in kinds_of_row()
        if getattr(part_of(rows, "identifying"), "value", None) is False
        for part in ("label", "value", "unit")
        for model, name in sources_of(part_of(rows, part))
        if kind_of(model, name) in _HIDDEN and (model, name) not in _IN_PART
    }
    assert found == set()


def test_the_search_finds_what_a_row_is_made_of() -> None:
    of_notes = {("patients.coursenote", "text")}
    (note,) = (
        rows for rows in kinds_of_row() if set(sources_of(part_of(rows, "value"))) == of_notes
    )
    assert part_of(note, "identifying").value is True
