"""The form in which a file is asked for, and the one in which somebody signs."""

from typing import Any

from django import forms
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.permissions import Permission
from exports.asking import LONGEST_TEXT, Wanted
from exports.choosing import Who
from exports.contents import CONTENTS
from exports.fields.kinds import Level
from exports.jobs_shown import LEVEL_NAMES
from exports.writers.formats import FORMATS
from patients.fields import DayField
from patients.models import Course


def purpose_field(kept: Any) -> forms.CharField:
    """What a file is for; `kept` says where that stays."""
    return forms.CharField(
        label=_("What for"),
        max_length=LONGEST_TEXT,
        help_text=kept,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class RegistryForm(forms.Form):
    """What a file for a registry is for."""

    purpose = purpose_field(_("Kept in the audit. No name belongs here."))


class PasswordForm(forms.Form):
    """One's own password, for something with names in it."""

    password = forms.CharField(
        label=_("Your password"),
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class ExportForm(forms.Form):
    """What, about whom, in which format, what for; with names only for who may."""

    content = forms.ChoiceField(label=_("What"))
    product = forms.ChoiceField(label=_("Product"), required=False)
    protocol = forms.ChoiceField(label=_("Protocol"), required=False)
    infused_after = DayField(label=_("Infused from"), required=False)
    infused_before = DayField(label=_("Infused until"), required=False)
    format = forms.ChoiceField(
        label=_("Format"), help_text=_("PDF and FHIR hold timelines, a PDF of few courses.")
    )
    language = forms.ChoiceField(
        label=_("Language"), choices=[("en", "English"), ("it", "Italiano")]
    )
    purpose = purpose_field(_("Kept with the file and in the audit. No name belongs here."))
    level = forms.ChoiceField(label=_("Identity"), widget=forms.RadioSelect)
    reason = forms.CharField(
        label=_("Why with names"),
        max_length=LONGEST_TEXT,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    password = forms.CharField(
        label=_("Your password"),
        required=False,
        help_text=_("Your own, again: whoever asks for names shows who it is."),
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, data: Any, *, user: User) -> None:
        first = {"level": Level.PSEUDONYMISED.value, "language": (get_language() or "en")[:2]}
        super().__init__(data, initial=first)
        named = user.may(Permission.EXPORT_IDENTIFIED)
        levels = tuple(Level) if named else (Level.PSEUDONYMISED,)
        self._choose("content", [(c.code, gettext(c.label)) for c in CONTENTS.values()])
        self._choose("format", [(f.code, gettext(f.label)) for f in FORMATS.values()])
        self._choose("level", [(one.value, gettext(LEVEL_NAMES[one])) for one in levels])
        seen = Course.objects.visible_to(user).order_by()
        for name, column in (("product", "product"), ("protocol", "protocol__code")):
            found = sorted(seen.values_list(column, flat=True).distinct())
            self._choose(name, [("", gettext("All")), *((text, text) for text in found)])
        for name in ("reason", "password"):
            note = gettext("(needed for a file with names)")
            self.fields[name].blank_note = note  # type: ignore[attr-defined]
            if not named:
                del self.fields[name]

    def _choose(self, name: str, choices: list[tuple[str, str]]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]

    def wanted(self) -> Wanted:
        """What was asked for."""
        said = self.cleaned_data
        return Wanted(
            content=said["content"],
            format=said["format"],
            purpose=said["purpose"],
            language=said["language"],
            level=said["level"],
            reason=said.get("reason", ""),
            who=Who(
                product=said["product"],
                protocol=said["protocol"],
                infused_after=said["infused_after"],
                infused_before=said["infused_before"],
            ),
        )
