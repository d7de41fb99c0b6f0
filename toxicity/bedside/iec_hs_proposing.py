"""What the chart proposes to the form of IEC-HS: each value beside its field, with its age."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django import forms
from django.utils.translation import gettext as _

from accounts.wording import day_text
from patients.domain.ranges import Ranges
from patients.lab_forms import analyte_label
from patients.models import Course
from patients.result_pages import shown
from toxicity.bedside.last_values import add_help
from toxicity.domain.chart_values import Taken
from toxicity.domain.iec_hs_results import Proposal, Proposed
from toxicity.scores.computing import Asked, asked_of, proposals_of
from toxicity.scores.words import WHY, age_words
from toxicity.wording.numbers import number_text


@dataclass(frozen=True)
class Proposals:
    """What could be taken over, and what on record helps to judge, in words."""

    values: Mapping[str, Decimal]
    seen: tuple[str, ...]  # counts of grade 4, the ferritin before
    unused: tuple[str, ...]


def proposals_for(course: Course, form: forms.Form, *, today: date) -> Proposals:
    """Say at each field what is on record for it; nothing is filled in. Two queries."""
    asked = asked_of(course, today=today)
    found = proposals_of(asked)
    for name, one in found.signs.items():
        add_help(form, name, _proposal(one, today))
    return Proposals(
        {name: one.value for name, one in found.signs.items()},
        tuple(_seen(asked, found, today)),
        tuple(
            f"{_name(asked.ranges, one.result.analyte)} "
            f"{shown(asked.ranges.analyte(one.result.analyte), one.result.reading).text}"
            f" ({_(WHY[one.why])})"
            for one in found.unused
        ),
    )


def _proposal(one: Proposal, today: date) -> str:
    if one.taken is None:
        text = _("Usual range of the protocol: %(value)s.")
        return text % {"value": number_text(one.value)}
    text = _("On record: %(value)s, %(on)s, %(age)s%(source)s.")
    return text % {"value": number_text(one.value), **_where(one.taken, today)}


def _where(taken: Taken, today: date) -> dict[str, str]:
    source = taken.result.source
    return {
        "on": day_text(taken.on),
        "age": age_words((today - taken.on).days),
        "source": _(", source: %(source)s") % {"source": source} if source else "",
    }


def _seen(asked: Asked, found: Proposed, today: date) -> list[str]:
    rows = [*found.counts, *((found.before,) if found.before is not None else ())]
    words = []
    for taken in rows:
        said = {
            "what": _name(asked.ranges, taken.result.analyte),
            "value": shown(asked.ranges.analyte(taken.result.analyte), taken.result.reading).text,
            **_where(taken, today),
        }
        text = (
            _("%(what)s before: %(value)s, %(on)s, %(age)s%(source)s")
            if taken is found.before
            else _("%(what)s of grade 4: %(value)s, %(on)s, %(age)s%(source)s")
        )
        words.append(text % said)
    return words


def _name(ranges: Ranges, code: str) -> str:
    analyte = ranges.analyte(code)
    return analyte_label(analyte) if analyte is not None else code
