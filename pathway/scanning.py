"""Fields and forms that take what a barcode scanner types: text and then Enter, without script.

Enter presses the first button of a form. In a form with a scanned field that is an unseen one,
named `scanned`: nothing is saved, what is there is kept, and the cursor goes to the next field.
"""

from typing import TYPE_CHECKING

from django import forms
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

LONGEST_SCAN = 80
# Nothing that a device believes to know may change what the scanner sent.
_AS_SENT = {
    "autocomplete": "off",
    "autocapitalize": "off",
    "autocorrect": "off",
    "spellcheck": "false",
    "data-scan": "",
}


class ScanField(forms.CharField):
    """A scanned or typed code; the line end that the scanner adds is left out."""

    def __init__(
        self,
        *,
        label: "StrOrPromise",
        help_text: "StrOrPromise" = "",
        required: bool = True,
        longest: int = LONGEST_SCAN,
    ) -> None:
        super().__init__(
            label=label,
            help_text=help_text,
            required=required,
            max_length=longest,
            widget=forms.TextInput(attrs=_AS_SENT),
        )


SCANNED = "scanned"  # the unseen button that a scanner's Enter presses
SCAN_HELP = _("Scan it, or type what the label prints. Enter goes on to the next field.")


class SignedForm(forms.Form):
    """A form that a scanner fills, code by code, and a password signs."""

    def sign(self) -> None:
        """Ask for the password, below everything else."""
        self.fields["password"] = forms.CharField(
            label=_("Your password, to sign"),
            max_length=1024,
            strip=False,
            # A password that the browser remembers signs for whoever sits there.
            widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        )


def only_scanned(form: forms.BaseForm) -> bool:
    """Whether the scanner sent a code and nobody said that the form is finished."""
    if not form.is_bound:
        return False
    unsigned = "password" in form.fields and not form.data.get("password")
    return SCANNED in form.data or unsigned


def keep(form: forms.BaseForm) -> None:
    """Show the same texts without complaints, with the cursor where the next one goes."""
    asked = [name for name in form.fields if name != "password"]
    if form.is_bound:
        form.initial = {name: form.data.get(name, "") for name in asked}
        form.is_bound = False
    empty = [
        name
        for name in form.fields
        if form.fields[name].required and not str(form.initial.get(name) or "").strip()
    ]
    if empty:
        form.fields[empty[0]].widget.attrs["autofocus"] = True


def scans(form: forms.BaseForm) -> bool:
    """Whether a form has a field for the scanner."""
    return any(isinstance(field, ScanField) for field in form.fields.values())
