"""Treatments, infections and doubts about a dose in words, without free text for coded readers."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from accounts.wording import day_text, in_words, param_in_words
from terms.quantities import unit_text
from terms.refusals import Refusal
from toxicity.domain.amounts import plain
from toxicity.domain.given import (
    BAG,
    DRUGS,
    HIDES_FEVER,
    IRRADIATED,
    ORGANISMS,
    PURPOSES,
    ROUTES,
    SEVERITIES,
    SITES,
)
from toxicity.models import Infection, Treatment

_NUMBERS = frozenset({"dose", "computed", "per_kg", "weight", "cap"})


def drug_text(row: Treatment, *, named: bool) -> str:
    """`Dexamethasone`; the name of another drug only for who may read free text."""
    return row.other_drug if named and row.other_drug else _(DRUGS[row.drug])


def shown_unit(unit: str) -> str:
    """The unit of a dose; a transfusion is counted in bags."""
    return _("bags") if unit == BAG else unit_text(unit)


def dose_text(row: Treatment) -> str:
    """`4 × 10 mg`, or that the dose is not known."""
    if row.dose is None:
        amount = _("dose not known")
    else:
        amount = f"{param_in_words(plain(row.dose))} {shown_unit(row.unit)}"
    return amount if row.times == 1 else f"{row.times} × {amount}"


def treatment_parts(row: Treatment) -> Iterator[str]:
    """What else is said of a dose: route, reason, taper."""
    if row.route:
        yield _(ROUTES[row.route])
    yield _("given for: %(what)s") % {"what": _(PURPOSES[row.purpose])}
    if row.irradiated:
        yield _(IRRADIATED[row.irradiated])
    if row.hides_fever:
        yield _(HIDES_FEVER[row.hides_fever])
    if row.tapering:
        yield _("part of a taper")


def treatment_text(row: Treatment, *, named: bool) -> str:
    """One dose in one line, without its time."""
    parts = [f"{drug_text(row, named=named)} {dose_text(row)}", *treatment_parts(row)]
    return " · ".join([*parts, *([row.remark] if named and row.remark else [])])


def infection_text(row: Infection, *, named: bool) -> str:
    """One infection in one line: organism, site, severity, from when to when."""
    organism = row.other_organism if named and row.other_organism else _(ORGANISMS[row.organism])
    parts = [organism, _(SITES[row.site])]
    if row.severity is not None:
        parts.append(_("severity %(what)s") % {"what": _(SEVERITIES[row.severity])})
    return " · ".join([*parts, *([row.remark] if named and row.remark else [])])


def span_text(row: Infection) -> str:
    """`03-Nov-2026 – 09-Nov-2026`, or since when it goes on."""
    if row.ended_on is None:
        return _("since %(on)s") % {"on": day_text(row.began_on)}
    return f"{day_text(row.began_on)} – {day_text(row.ended_on)}"


def doubt_text(doubt: Mapping[str, Any]) -> str:
    """A doubt as it was kept, in the active language."""
    params = {name: _revived(name, value) for name, value in doubt["params"].items()}
    return in_words(Refusal(doubt["code"], doubt["message"], params))


def _revived(name: str, value: Any) -> object:
    if name in _NUMBERS:
        return Decimal(value)
    if name == "on":
        return date.fromisoformat(value)
    return datetime.fromisoformat(value) if name == "at" else value
