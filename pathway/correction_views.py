"""The page that corrects when a step of the journey or of a companion happened."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.permissions import Permission
from accounts.requests import SignedInRequest
from accounts.wording import param_in_words
from pathway.correcting import correct_time
from pathway.day_times import CODES as DAYS
from pathway.domain import bag_times, check_times
from pathway.forms import OVERRIDE
from pathway.selectors import course_state
from pathway.wording import machine_name, state_name
from patients.fields import MomentField
from patients.form_pages import FormPage, Moment, answer, posted
from patients.identity import Named
from terms.refusals import Kind, Refused

_FOR_ALL = "reason_for_all"
_TIMES = frozenset(check_times.CODES.values())


class CorrectionForm(forms.Form):
    """When a step really happened, and why it is corrected."""

    expected_version = forms.IntegerField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label=gettext_lazy("Why this is corrected"), widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, zone: ZoneInfo, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["happened_at"] = MomentField(
            label=gettext_lazy("When it really happened"), zone=zone
        )
        self.order_fields(["happened_at", "reason"])
        for name in self.data:
            if name.startswith(OVERRIDE):
                self._ask(name.removeprefix(OVERRIDE))

    def ask_reasons(self, refused: Refused) -> Refused:
        """Add the field in which each soft refusal yields to a reason; it stands at that field."""
        asked = [one for one in refused.refusals if one.kind == Kind.SOFT]
        for refusal in asked:
            self._ask(refusal.code)
        return type(refused)(
            replace(one, field=OVERRIDE + one.code) if one in asked else one
            for one in refused.refusals
        )

    def _ask(self, code: str) -> None:
        shown = gettext_lazy("It will be shown that this check of the gate did not stand then.")
        if code in _TIMES:
            shown = gettext_lazy("The identity check will be shown as not standing then.")
        elif code in DAYS:
            shown = gettext_lazy(
                "Haematologists and quality are told that this did not stand then."
            )
        elif code in bag_times.OVER:
            shown = gettext_lazy("It will be shown that the infusion went on for too long.")
        elif code in bag_times.CODES:
            shown = gettext_lazy("It will be shown that the bag had lain thawed for too long.")
        self.fields[OVERRIDE + code] = forms.CharField(
            label=gettext_lazy("Reason to go on"),
            help_text=shown,
            required=False,
            widget=forms.Textarea(attrs={"rows": 2}),
        )
        if sum(name.startswith(OVERRIDE) for name in self.fields) > 1:
            # A day put right is before all that was recorded on it: one reason answers that.
            self.fields[_FOR_ALL] = forms.CharField(
                label=gettext_lazy("One reason for all of these that are left empty"),
                required=False,
                widget=forms.Textarea(attrs={"rows": 2}),
            )

    @property
    def overrides(self) -> dict[str, str]:
        """The reasons of the valid form, by what they let yield."""
        for_all = self.cleaned_data.get(_FOR_ALL, "")
        return {
            name.removeprefix(OVERRIDE): reason or for_all
            for name, reason in self.cleaned_data.items()
            if name.startswith(OVERRIDE) and (reason or for_all)
        }


@login_required
@require_http_methods(["GET", "POST"])
def change_correct(request: SignedInRequest, pk: int, place: int) -> HttpResponse:
    """Correct when a step happened."""
    state = course_state(request.user, pk)
    change = next((one for one in state.changes if one.place == place), None)
    if change is None:
        raise Http404
    moment = Moment.at(state.course)
    page = FormPage(
        state.course,
        _("Correct a time"),
        Permission.CORRECT,
        foresees=True,
        lead=_(
            "What stood before stays to be read. Everything counted from this step moves along."
        ),
        facts=(
            Named(machine_name(change.machine), state_name(change.machine, change.target)),
            Named(_("Stands as"), _stands(change.happened_at, known=change.known_on is not None)),
        ),
    )
    form = CorrectionForm(
        posted(request),
        zone=state.course.centre.zone,
        initial={"expected_version": state.course.version},
    )

    def save(values: Mapping[str, Any]) -> None:
        own = {name: values[name] for name in ("happened_at", "reason", "expected_version")}
        try:
            correct_time(
                course_id=pk,
                place=place,
                overrides=form.overrides,
                **own,
                actor=request.user,
                now=moment.now,
            )
        except Refused as refused:
            raise form.ask_reasons(refused) from None

    return answer(request, page, form, save, moment)


def _stands(at: datetime, *, known: bool) -> str:
    return str(param_in_words(at)) if known else ""
