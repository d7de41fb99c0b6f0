"""Where the cells of the flowsheet lead: to checks, or to treatments and infections."""

from dataclasses import replace

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.wording import day_text
from patients.models import Course
from toxicity.domain.flowsheet import Cell, Kind
from toxicity.wording.flowsheet_words import CellView, cell_view


def to_checks(course: Course, cell: Cell) -> CellView:
    """A cell that leads to its check, or to all checks of the day."""
    view = cell_view(cell)
    if not cell.checks:
        return view
    if len(cell.checks) == 1:
        return replace(view, url=reverse("check", args=[course.pk, *cell.checks]),
                       link=day_text(cell.on))  # fmt: skip
    said = _("%(day)s, %(number)s checks") % {"day": day_text(cell.on), "number": len(cell.checks)}
    url = reverse("check_day", args=[course.pk, cell.on.isoformat()])
    return replace(view, url=url, link=said)


def to_given(
    course: Course, cells: tuple[Cell, ...], kind: Kind, place: str
) -> tuple[CellView, ...]:
    """Cells of which those of a kind lead to a place of the list of what was given."""
    page = reverse("given_list", args=[course.pk])
    views = ((cell, cell_view(cell)) for cell in cells)
    return tuple(
        replace(view, url=page + place.format(cell.on), link=day_text(cell.on))
        if cell.kind is kind
        else view
        for cell, view in views
    )
