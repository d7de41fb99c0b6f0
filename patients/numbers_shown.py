"""The numbers of a patient as page and API show them: which is compared, and what stood before."""

from collections import defaultdict
from dataclasses import dataclass

from django.utils.translation import gettext as _

from patients.domain.numbers import Number, compared_with, own_issuer
from patients.models import Identifier, IdentifierCorrection, Patient


def issuer_text(system: str) -> str:
    """The issuer of a number as it was written; the hospital itself in the reader's language."""
    own = own_issuer(system)
    return system if own is None else _(own)


@dataclass(frozen=True)
class NumberView:
    """One number. `compared` is the one that wristband and labels must carry."""

    pk: int
    system: str
    value: str
    on_labels: bool
    compared: bool
    in_error: bool
    earlier: tuple[IdentifierCorrection, ...]


def numbers_shown(patient: Patient) -> tuple[NumberView, ...]:
    """Every number ever recorded of `patient`, those entered in error last, in two queries."""
    rows = list(Identifier.all_rows.filter(patient=patient).order_by("in_error", "pk"))
    standing = [(row, Number(row.system, row.value, row.on_labels)) for row in rows
                if not row.in_error]  # fmt: skip
    compared = compared_with(number for _row, number in standing)
    chosen = {row.pk for row, number in standing if number is compared}
    earlier: dict[int, list[IdentifierCorrection]] = defaultdict(list)
    for one in patient.identifier_corrections.order_by("-pk"):
        earlier[one.identifier_id].append(one)
    return tuple(
        NumberView(
            pk=row.pk,
            system=row.system,
            value=row.value,
            on_labels=row.on_labels,
            compared=row.pk in chosen,
            in_error=row.in_error,
            earlier=tuple(earlier[row.pk]),
        )
        for row in rows
    )
