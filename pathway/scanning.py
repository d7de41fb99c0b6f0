"""A field that takes what a barcode scanner types: text and then Enter, without any script."""

from typing import TYPE_CHECKING

from django import forms

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
        self, *, label: "StrOrPromise", help_text: "StrOrPromise" = "", required: bool = True
    ) -> None:
        super().__init__(
            label=label,
            help_text=help_text,
            required=required,
            max_length=LONGEST_SCAN,
            widget=forms.TextInput(attrs=_AS_SENT),
        )
