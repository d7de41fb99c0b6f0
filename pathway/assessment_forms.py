"""Forms of eligibility items, gate checks and the meeting; the services judge what is typed."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from pathway.assessing import ItemNote
from pathway.checklists import Row
from pathway.domain.assessments import GateOutcome, ItemStep
from pathway.domain.measures import LONGEST_TEXT, NO, YES, Measure, units_of
from pathway.gating import CheckNote
from pathway.measure_words import threshold_text, unit_text
from pathway.meeting import LONGEST, Minutes
from pathway.models import Meeting
from pathway.number_fields import add_beside, typed_beside
from patients.fields import DayField, MomentField, choices_with_blank
from patients.models import Course

Data = Mapping[str, Any] | None
# None of them is optional: a check that is not recorded stands in the way.
BLANK_NOTE = _("(blank: not recorded)")
_APART = "-"  # no code holds it: what a check's second field is called
_NONE = f"{_APART}none"


def reason_field(label: Any, *, required: bool = True) -> forms.CharField:
    """A few lines of why."""
    area = forms.Textarea(attrs={"rows": 2})
    return forms.CharField(label=label, required=required, widget=area, max_length=2000)


def value_field(measure: Measure, label: str) -> forms.Field:
    """The field of one value; left blank it is not recorded now."""
    told: dict[str, Any] = {"label": label, "required": False}
    limits = threshold_text(measure)
    if limits:
        told["help_text"] = _("In range: %(limits)s") % {"limits": limits}
    if measure.kind == "choice":
        answers = [(c, one.label.in_language(_language())) for c, one in measure.choices.items()]
        return forms.ChoiceField(choices=choices_with_blank(answers), **told)
    if measure.kind == "yes_no":
        return forms.ChoiceField(
            choices=choices_with_blank([(YES, _("Yes")), (NO, _("No"))]), **told
        )
    attrs = {"autocomplete": "off"}
    if measure.kind == "number":
        attrs |= {"inputmode": "decimal"}
        if not units_of(measure):  # else the unit is chosen beside it
            attrs |= {"data-unit": unit_text(measure)}
    return forms.CharField(widget=forms.TextInput(attrs=attrs), max_length=LONGEST_TEXT, **told)


class ResultsForm(forms.Form):
    """The results of one day: those that are left blank are not recorded now."""

    blank_note = BLANK_NOTE

    def __init__(self, data: Data, *, rows: Iterable[tuple[Row, Measure]], today: date) -> None:
        super().__init__(data)
        self.fields["on"] = DayField(label=_("Day of the sample or examination"), initial=today)
        self.codes: list[str] = []
        for row, measure in rows:
            self.fields[row.code] = value_field(measure, row.label)
            add_beside(self, row.code, measure, row.label)
            self.codes.append(row.code)

    def notes(self) -> list[ItemNote]:
        """What the valid form says."""
        told = self.cleaned_data
        return [
            ItemNote(
                code, ItemStep.RESULTED.value, told[code], told["on"], **typed_beside(told, code)
            )
            for code in self.codes
            if told[code]
        ]


class StepsForm(forms.Form):
    """Several items ordered, or their samples taken, on one day."""

    step = forms.ChoiceField(
        label=_("What was done"),
        choices=[(ItemStep.REQUESTED.value, _("Ordered")), (ItemStep.SAMPLED.value, _("Sampled"))],
    )

    def __init__(self, data: Data, *, rows: Iterable[Row], today: date) -> None:
        rows = list(rows)
        super().__init__(data, initial={"items": [row.code for row in rows if _wanting(row)]})
        self.fields["on"] = DayField(label=_("Day"), initial=today)
        self.fields["items"] = forms.MultipleChoiceField(
            label=_("Items"),
            choices=[(row.code, row.label) for row in rows],
            widget=forms.CheckboxSelectMultiple,
            required=False,
        )

    def notes(self) -> list[ItemNote]:
        """What the valid form says."""
        step, on = self.cleaned_data["step"], self.cleaned_data["on"]
        return [ItemNote(item, step, on=on) for item in self.cleaned_data["items"]]


def _wanting(row: Row) -> bool:
    return row.expired or row.state == "not_requested"


class ChecksForm(forms.Form):
    """What was found of several checks at one moment; blank ones are not recorded now."""

    blank_note = BLANK_NOTE

    def __init__(
        self,
        data: Data,
        *,
        rows: Sequence[tuple[Row, Measure | None, bool]],
        course: Course,
        now: datetime,
    ) -> None:
        super().__init__(data, initial={"checked_at": now})
        self.fields["checked_at"] = MomentField(label=_("Checked at"), zone=course.centre.zone)
        self.codes = [row.code for row, _measure, _optional in rows]
        self.plain = {row.code for row, measure, _optional in rows if measure is None}
        for row, measure, optional in rows:
            self._add(row, measure, optional=optional)

    def _add(self, row: Row, measure: Measure | None, *, optional: bool) -> None:
        if measure is None:
            answers = [(GateOutcome.MET.value, _("Met")), (GateOutcome.NOT_MET.value, _("Not met"))]
            if optional:
                answers.append((GateOutcome.NOT_APPLICABLE.value, _("Does not apply")))
            self.fields[row.code] = forms.ChoiceField(
                label=row.label, choices=choices_with_blank(answers), required=False
            )
            return
        self.fields[row.code] = value_field(measure, row.label)
        add_beside(self, row.code, measure, row.label)
        if optional:
            label = _("%(check)s: does not apply") % {"check": row.label}
            self.fields[row.code + _NONE] = forms.BooleanField(label=label, required=False)

    def clean(self) -> dict[str, Any]:
        """A check that does not apply has no value."""
        cleaned = super().clean() or {}
        for code in self.codes:
            if cleaned.get(code) and cleaned.get(code + _NONE):
                self.add_error(code, _("Give a value, or say that it does not apply."))
        return cleaned

    def notes(self) -> list[CheckNote]:
        """What the valid form says."""
        return [
            note for code in self.codes if (note := self._note(code, self.cleaned_data)) is not None
        ]

    def _note(self, code: str, cleaned: Mapping[str, Any], **more: Any) -> CheckNote | None:
        at, said = cleaned["checked_at"], cleaned[code]
        if cleaned.get(code + _NONE):
            said = GateOutcome.NOT_APPLICABLE.value
        if not said:
            return None
        if code in self.plain or cleaned.get(code + _NONE):
            return CheckNote(code, outcome=said, checked_at=at, **more)
        return CheckNote(code, value=said, checked_at=at, **typed_beside(cleaned, code), **more)


class ReasonForm(forms.Form):
    """Why an item or a check is waived."""

    reason = reason_field(_("Reason"))


class ItemCorrectionForm(forms.Form):
    """What a result was in truth, and why the record was wrong."""

    def __init__(self, data: Data, *, row: Row, measure: Measure) -> None:
        super().__init__(data, initial={"on": row.on, "replaces": row.entry})
        self.fields["replaces"] = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
        self.fields["on"] = DayField(label=_("Day of the sample or examination"))
        self.fields[row.code] = value_field(measure, row.label)
        add_beside(self, row.code, measure, row.label)
        self.fields["reason"] = reason_field(_("Why it was wrong"))

    def note(self, code: str) -> ItemNote:
        """What the valid form says."""
        told = self.cleaned_data
        return ItemNote(
            code, ItemStep.RESULTED.value, told[code], told["on"], told["reason"], told["replaces"],
            **typed_beside(told, code),
        )  # fmt: skip


class CheckCorrectionForm(ChecksForm):
    """What a check was in truth, and why the record was wrong."""

    def __init__(
        self,
        data: Data,
        *,
        row: Row,
        measure: Measure | None,
        optional: bool,
        course: Course,
        now: datetime,
    ) -> None:
        rows = [(row, measure, optional)]
        super().__init__(data, rows=rows, course=course, now=row.at or now)
        self.initial["replaces"] = row.entry
        self.fields["replaces"] = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
        self.fields["remark"] = reason_field(_("Why it was wrong"))

    def notes(self) -> list[CheckNote]:
        """What the valid form says."""
        told = self.cleaned_data
        note = self._note(self.codes[0], told, remark=told["remark"], replaces=told["replaces"])
        return [] if note is None else [note]


class TakeBackForm(forms.Form):
    """Why a record was a mistake; it is the row that was looked at, or none."""

    reason = reason_field(_("Why it was wrong"))
    replaces = forms.IntegerField(widget=forms.HiddenInput, min_value=1)

    def __init__(self, data: Data, *, row: Row) -> None:
        super().__init__(data, initial={"replaces": row.taken_back})


class MeetingForm(forms.Form):
    """The minutes and the vote; signed at once by a haematologist, or later."""

    participants = forms.CharField(
        label=_("Participants"), widget=forms.Textarea(attrs={"rows": 3}), max_length=LONGEST
    )
    minutes = forms.CharField(
        label=_("Minutes"), widget=forms.Textarea(attrs={"rows": 6}), max_length=LONGEST
    )
    vote = forms.ChoiceField(label=_("Decision"))
    in_favour = forms.IntegerField(label=_("Votes in favour"), min_value=0, max_value=99)
    against = forms.IntegerField(label=_("Votes against"), min_value=0, max_value=99, initial=0)
    abstained = forms.IntegerField(label=_("Abstentions"), min_value=0, max_value=99, initial=0)
    reason = reason_field(_("Reason for a deferral or a refusal"), required=False)

    def __init__(self, data: Data, *, today: date, may_sign: bool) -> None:
        super().__init__(data)
        column: Any = Meeting._meta.get_field("vote")
        self.fields["vote"].choices = choices_with_blank(column.choices)  # type: ignore[attr-defined]
        self.fields["held_on"] = DayField(label=_("Date of the meeting"), initial=today)
        self.fields["review_on"] = DayField(
            label=_("Review on"), required=False, help_text=_("Needed for a deferral.")
        )
        self.order_fields(["held_on"])
        if may_sign:
            self.fields["sign"] = forms.BooleanField(
                label=_("I sign these minutes now"), required=False
            )

    @property
    def signed(self) -> bool:
        """Whether the valid form is also a signature."""
        return bool(self.cleaned_data.get("sign"))

    def record(self) -> Minutes:
        """What the valid form says."""
        return Minutes(**{k: value for k, value in self.cleaned_data.items() if k != "sign"})


def _language() -> str:
    return get_language() or "en"
