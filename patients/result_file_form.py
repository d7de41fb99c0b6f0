"""What somebody says about a file of results on its page: names, conflicts, unusual values."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from patients.domain.result_rows import ADD, SKIP
from patients.imported_results import Outcome
from patients.lab_forms import analyte_label, ranges_of
from patients.result_import import Choices, Report

MOST_NAMES = 100  # on one page; a file with more is said of bit by bit


class ResultFileForm(forms.Form):
    """The choices for a file, sent back with it."""

    conflicts = forms.ChoiceField(
        label=_("Values that differ from one of the same time"),
        required=False,
        choices=[
            ("", _("Not decided yet")),
            (SKIP, _("Leave them out")),
            (ADD, _("Add them beside the others")),
        ],
        help_text=_("A wrong value that is recorded is corrected on the page of its course."),
        widget=forms.RadioSelect,
    )
    confirmed = forms.BooleanField(
        label=_("I checked the unusual values"), required=False, widget=forms.CheckboxInput
    )
    reason = forms.CharField(
        label=_("Why the unusual values stand"), required=False, max_length=300
    )

    def choices(self) -> Choices:
        """What is said, as the service takes it; the form has been cleaned."""
        given = self.cleaned_data
        return Choices(
            names=_names(self.data),
            conflicts=given.get("conflicts", ""),
            confirmed=given.get("confirmed", False),
            reason=given.get("reason", ""),
        )

    def changed(self) -> bool:
        """Whether something was chosen since the file was checked: nobody saw what comes of it."""
        pairs = [("conflicts", "was")]
        pairs += [(f"analyte_{number}", f"was_{number}") for number in range(MOST_NAMES)]
        return any(self.data.get(now, "") != self.data.get(was, "") for now, was in pairs)


def _names(data: Mapping[str, Any]) -> dict[str, str]:
    """The analyte that was chosen for each name."""
    return {
        data[f"name_{number}"]: data.get(f"analyte_{number}", "")
        for number in range(MOST_NAMES)
        if f"name_{number}" in data
    }


@dataclass(frozen=True)
class NameRow:
    """One name of a laboratory with the analytes to choose from."""

    number: int
    name: str
    chosen: str
    analytes: Sequence[tuple[str, str]]


def name_rows(report: Report) -> Iterator[NameRow]:
    """The names in the file that the protocol does not know, each beside what it means here."""
    analytes = sorted(_analytes(report.outcomes).items(), key=lambda pair: pair[1])
    for number, (name, chosen) in enumerate(list(report.names.items())[:MOST_NAMES]):
        yield NameRow(number, name, chosen, analytes)


def _analytes(outcomes: Sequence[Outcome]) -> dict[str, str]:
    """Every analyte that a protocol of the file's courses knows."""
    by_protocol = {o.course.protocol_id: o.course for o in outcomes if o.course is not None}
    return {
        one.code: analyte_label(one)
        for course in by_protocol.values()
        for one in ranges_of(course).analytes
    }
