"""The forms of the two-person check: what one person reads, and the number of a deviation."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pathway.domain.identity_checks import (
    AGREES,
    ANSWERED,
    DOSE,
    READ_NAMES,
    CheckKind,
    scanned_names,
)
from pathway.models import IdentityCheck
from pathway.scanning import SCAN_HELP, ScanField, SignedForm
from patients.fields import YesNoField


class ReadingForm(SignedForm):
    """What one person reads from the labels, and their password.

    The scanner's Enter sends the form after each code: what is there is kept for the next.
    """

    def __init__(self, data: Mapping[str, Any] | None = None, *, check: IdentityCheck) -> None:
        super().__init__(data)
        self.names = scanned_names(check.kind, check.snapshot)
        for name in self.names:
            self.fields[name] = ScanField(label=_(READ_NAMES[name]), help_text=SCAN_HELP)
        self.fields["din"].help_text = _("Scan the bag, or type the number with its check.")
        if DOSE in self.fields:
            self.fields[DOSE].help_text = _("Type the number that the bag itself prints.")
        self.answers = ANSWERED[check.kind]
        for name in self.answers:
            label = _(READ_NAMES[name])
            if name == AGREES and check.kind == CheckKind.BEDSIDE:
                label = _("Name, birth date, order and expiry on wristband and bag")
            self.fields[name] = YesNoField(
                label=label,
                yes=_("Yes: all are as shown above"),
                no=_("No: something is different"),
            )
        self.sign()

    def read(self) -> dict[str, Any]:
        """What was read, from the valid form."""
        return {name: self.cleaned_data[name] for name in (*self.names, *self.answers)}


class DeviationForm(forms.Form):
    """The hospital's number of the deviation."""

    number = forms.CharField(label=gettext_lazy("Deviation number"), max_length=40)
