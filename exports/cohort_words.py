"""The cells of the cohort report in the reader's language: numbers, ranges, what is not known."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from exports.domain.counted import DISEASE_STATUS, NONE, Counted, Toxic, in_months
from exports.domain.indicators import Indicator
from exports.domain.summaries import PER_100, Exact, Proportion, Summary, Total, Value
from terms.words import N_
from toxicity.domain.given import ORGANISMS

# From so many patients on a part of a hundred says more than the number of patients.
LEAST_FOR_PERCENT = 10
_RISKS = {"standard": N_("Standard"), "high": N_("High")}
_UNITS = {
    "days": N_("%(number)s d"),
    "months": N_("%(number)s months"),
    "years": N_("%(number)s years"),
    "hours": N_("%(number)s h"),
    "minutes": N_("%(number)s min"),
    "mg": N_("%(number)s mg"),
    "doses": N_("%(number)s doses"),
}
_MINUS = "\u2212"


@dataclass(frozen=True)
class Cell:
    """What stands in a cell; `absent` is that nobody knows it, or that it does not apply."""

    text: str
    absent: bool = False


def cell(value: object) -> Cell:
    """A value, or that nobody knows it."""
    return Cell(_("Not known"), absent=True) if value in (None, "") else Cell(str(value))


def _does_not_apply() -> Cell:
    return Cell("–", absent=True)


def _length(value: Value | None) -> Cell:
    """A length; with a plus while it goes on."""
    if value is None:
        return _does_not_apply()
    return cell(None if value.length is None else f"{value.length}{'+' * value.censored}")


def table_1_cells(one: Counted) -> list[Cell]:
    """The cells of Table 1 after the patient."""
    return [
        cell(one.age),
        cell(one.diagnosis),
        cell(_(_RISKS[one.risk]) if one.risk else None),
        cell(one.first_line),
        cell(one.response),
        cell(_("None") if one.allo_hsct == NONE else one.allo_hsct),
        _length(one.days_to_apheresis),
        cell(_("None") if one.bridging == NONE else one.bridging),
    ]


def table_2_cells(one: Counted) -> list[Cell]:
    """The cells of Table 2 after the patient."""
    status = DISEASE_STATUS.get(one.disease_status or "")
    cells = [cell(_(status) if status else one.disease_status)]
    if not one.infused:
        return [*cells, *(_does_not_apply() for _column in range(12))]
    return [
        *cells,
        *_toxic_cells(one.of_scale("crs")),
        *_toxic_cells(one.of_scale("icans")),
        _length(one.stay),
        Cell(
            ", ".join(_(ORGANISMS.get(code, code)) for code in one.organisms) or _("None recorded")
        ),
        _length(one.neutropenia),
        _length(in_months(one.aplasia)),
        cell(one.ecog),
        _length(one.follow_up),
    ]


def _toxic_cells(found: Toxic) -> list[Cell]:
    if found.grade is None:
        return [cell(None)] * 3
    onset, duration = found.onset, found.duration
    if onset is None or onset.length is None:
        return [cell(found.grade), _does_not_apply(), _does_not_apply()]
    return [cell(found.grade), cell(signed(onset.length)), _length(duration)]


def signed(day: int) -> str:
    """A day number: `+3`, `0`, `−4`."""
    return f"+{day}" if day > 0 else f"{_MINUS}{-day}" if day < 0 else "0"


def number(exact: Exact) -> str:
    """An exact number as people of the language write it, with a decimal where it is not whole."""
    if isinstance(exact, int):
        return str(exact)
    return number_format(Decimal(exact.numerator) / Decimal(exact.denominator), decimal_pos=1)


def spread(found: Summary, unit: str) -> str:
    """`11 (10–18) d`; empty where nothing is known."""
    if found.median is None and found.low is None:
        return _("too few to be told") if found.suppressed else ""
    middle = pgettext("median", "not reached") if found.median is None else number(found.median)
    ends = "" if found.low is None else f" ({found.low}–{found.high})"
    return _(_UNITS[unit]) % {"number": f"{middle}{ends}"} if unit in _UNITS else middle + ends


def said(found: Indicator) -> str:
    """What an indicator says in one cell; empty where the data cannot say it."""
    if found.length is not None:
        return spread(found.length, found.definition.unit)
    if found.total is not None:
        return total(found.total, found.definition.unit)
    return "" if found.rate is None else rate(found.rate, found.definition.unit)


def total(found: Total, unit: str) -> str:
    """`34 d`; empty where nothing is over."""
    if found.suppressed:
        return _("too few to be told")
    return _(_UNITS[unit]) % {"number": found.sum} if found.n else ""


def rate(found: Proportion, unit: str = "") -> str:
    """`3/4`, with a part of a hundred, or so many for every hundred, where there are enough."""
    if found.suppressed:
        return _("too few to be told")
    if not found.of:
        return ""
    part = f"{found.part}/{found.of}"
    if found.fraction is None or found.of < LEAST_FOR_PERCENT:
        return part
    if unit == PER_100:
        return _("%(number)s (%(share)s per 100)") % {
            "number": part,
            "share": _share(found.fraction),
        }
    return f"{part} ({percent(found.fraction)})"


def percent(part: Fraction) -> str:
    """A part of a hundred with one decimal."""
    return f"{_share(part)} %"


def _share(part: Fraction) -> str:
    share = Decimal(part.numerator * 100) / Decimal(part.denominator)
    return number_format(share, decimal_pos=1)


def marks() -> Mapping[str, tuple[str, str]]:
    """The sign and the name of each thing that a swimmer plot shows."""
    return {
        "crs": ("C", _("CRS")),
        "icans": ("I", _("ICANS")),
        "response": ("R", _("First complete remission")),
        "relapse": ("P", _("Relapse or progression")),
        "transplant": ("T", _("Transplant")),
        "death": ("†", _("Death")),
        "ongoing": ("→", _("Alive at the last contact")),
    }
