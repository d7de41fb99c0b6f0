"""Fields that take what a barcode scanner types: text and then Enter, without any script."""

from typing import TYPE_CHECKING, Any

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


def wait_for_next_scan(form: forms.Form) -> bool:
    """Let `form` go on to its first empty field without a complaint; False when none is empty.

    A scanner's Enter sends the form after every code: what is there is kept, and the cursor stands
    where the next one goes.
    """
    missing = [name for name in form.fields if _empty(form, name)]
    if missing:
        form.fields[missing[0]].widget.attrs["autofocus"] = True
    return bool(missing)


def _empty(form: forms.Form, name: str) -> bool:
    value: Any = form[name].data
    return form.fields[name].required and not str(value or "").strip()
