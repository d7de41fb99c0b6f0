"""The form of a task that somebody asks for by hand."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.permissions import ROLE_CHOICES
from patients.fields import DayField, choices_with_blank
from patients.once import OnceForm
from reminders.domain.items import TASK, ScheduleItem
from reminders.domain.repeats import Every
from reminders.hand_tasks import LONGEST_LABEL, LONGEST_REPEAT, NewTask
from reminders.models import Reminder


class TaskForm(OnceForm):
    """What, when, who. An item that the protocol keeps for an occasion brings window and role."""

    item = forms.ChoiceField(
        label=_("Of the protocol"),
        required=False,
        help_text=_("What the protocol keeps for an occasion; empty for a task of your own words."),
    )
    label = forms.CharField(
        label=_("What there is to do"),
        max_length=LONGEST_LABEL,
        required=False,
        help_text=_("Stays on this site: e-mail and other calendars say “task” alone."),
    )
    due_on = DayField(label=_("Due on"))
    until = DayField(
        label=_("In time until"),
        required=False,
        help_text=_("Left empty: as the protocol says, else the day itself."),
    )
    role = forms.ChoiceField(
        label=_("Who"), choices=choices_with_blank(ROLE_CHOICES), required=False
    )

    every = forms.IntegerField(
        label=_("Again every"),
        required=False,
        min_value=1,
        max_value=LONGEST_REPEAT,
        help_text=_("Left empty: once."),
    )
    unit = forms.ChoiceField(
        label=_("Counted in"),
        choices=choices_with_blank(
            [(Every.DAYS, _("days")), (Every.WEEKS, _("weeks")), (Every.MONTHS, _("months"))]
        ),
        required=False,
    )
    last = DayField(label=_("Last day of the repeat"), required=False)

    def __init__(self, data: Any, *, occasions: Sequence[ScheduleItem], today: date) -> None:
        super().__init__(data, initial={"due_on": today})
        language = get_language() or "en"
        named = [(one.code, one.label.in_language(language)) for one in occasions]
        either, whose = _("(one of these two)"), _("(needed with words of your own)")
        notes = {"item": either, "label": either, "role": whose}
        for name, note in notes.items():
            self.fields[name].blank_note = note  # type: ignore[attr-defined]
        self.fields["item"].choices = choices_with_blank(named)  # type: ignore[attr-defined]

    def task(self, item: str = "") -> NewTask:
        """What is asked for, of `item` where that is settled."""
        said = self.cleaned_data
        return NewTask(
            due_on=said["due_on"], label=said["label"], item=item or said["item"] or TASK,
            role=said["role"], until=said["until"], every=said.get("every"),
            unit=said.get("unit", ""), last=said.get("last"),
        )  # fmt: skip


class TaskCorrectionForm(TaskForm):
    """A task as it stands, to be put right; what of the protocol it is stays."""

    reason = forms.CharField(label=_("Reason"), widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, data: Any, *, row: Reminder, today: date) -> None:
        super().__init__(data, occasions=(), today=today)
        for name in ("key", "item", "every", "unit", "last"):
            del self.fields[name]
        self.fields["label"].blank_note = "" if row.item == TASK else _("(optional)")  # type: ignore[attr-defined]
        self.initial = {
            "label": row.label, "due_on": row.due_on, "until": row.window_end, "role": row.role,
        }  # fmt: skip
