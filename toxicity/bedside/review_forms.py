"""The forms about a check that stands: why it is taken back, what a clinician says of a grade."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from toxicity.domain.scales import MOST, VERDICT_NAMES


class WhyForm(forms.Form):
    """Why a check is taken back."""

    reason = forms.CharField(
        label=_("Why it is taken back"), max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )


def why_corrected() -> forms.CharField:
    """Why something else stands from now on."""
    return forms.CharField(
        label=_("Why this is corrected"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class ReviewForm(forms.Form):
    """A clinician's word about one grade."""

    blank_note = ""

    # The grade that was read: another one that stands meanwhile is not what the word is about.
    of = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)
    # The word that was read with it: another one said meanwhile is to be read first.
    answers = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)
    verdict = forms.ChoiceField(
        label=_("What do you say?"),
        choices=[(verdict, _(name)) for verdict, name in VERDICT_NAMES.items()],
        widget=forms.RadioSelect,
    )
    grade = forms.TypedChoiceField(
        label=_("Another grade"),
        required=False,
        choices=[(str(grade), str(grade)) for grade in range(MOST + 1)],
        coerce=int,
        empty_value=None,
        widget=forms.RadioSelect,
        help_text=_("Only where you give another one."),
    )
    reason = forms.CharField(
        label=_("Why"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Needed for another grade and for another cause; both grades are kept."),
    )

    def now_read(self, review: object) -> None:
        """Show the form again as the answer to a word that was said meanwhile."""
        data: Any = self.data  # what was posted
        self.data = data.copy()
        self.data["answers"] = str(review)  # type: ignore[index]
