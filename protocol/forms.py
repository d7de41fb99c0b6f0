"""What is typed about protocols: the file of a version."""

from django import forms
from django.utils.translation import gettext_lazy as _

# A protocol has some tens of kilobytes.
LARGEST_FILE = 500_000


class LoadForm(forms.Form):
    """The file of a version."""

    file = forms.FileField(
        label=_("Protocol file"), help_text=_("A TOML file; every fault is named before anything.")
    )

    def clean_file(self) -> object:
        """The file, unless it is far too large to be a protocol."""
        file = self.cleaned_data["file"]
        if file.size > LARGEST_FILE:
            raise forms.ValidationError(_("This file is too large to be a protocol."))
        return file
