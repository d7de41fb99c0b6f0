"""The page that corrects when a step of the journey or of a companion happened."""

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
from pathway.selectors import course_state
from pathway.wording import machine_name, state_name
from patients.fields import MomentField
from patients.form_pages import FormPage, Moment, answer, posted
from patients.identity import Named


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
    return answer(
        request,
        page,
        form,
        lambda values: correct_time(
            course_id=pk, place=place, **values, actor=request.user, now=moment.now
        ),
        moment,
    )


def _stands(at: datetime, *, known: bool) -> str:
    return str(param_in_words(at)) if known else ""
