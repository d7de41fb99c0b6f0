"""What people say of how they want to be told."""

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from reminders.domain.sending import EARLIEST_HOUR, LATEST_HOUR


class PreferenceForm(forms.Form):
    """E-mail or not, when, in which language."""

    email = forms.BooleanField(label=_("A digest by e-mail, once a day"), required=False)
    hour = forms.TypedChoiceField(
        label=_("Not before"),
        coerce=int,
        choices=[(hour, f"{hour:02d}:00") for hour in range(EARLIEST_HOUR, LATEST_HOUR + 1)],
        help_text=_(
            "By the clocks of the centre where you work. What falls due on a day is told in the "
            "site first, as a rule at 08:00: an earlier e-mail has what was told the day before."
        ),
    )
    language = forms.ChoiceField(label=_("Language of e-mail"), choices=settings.LANGUAGES)
