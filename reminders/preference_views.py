"""The page on which people say how they want to be told."""

from dataclasses import asdict

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.refusing import note_refusal
from accounts.requests import SignedInRequest
from accounts.wording import add_refusals
from reminders.preference_forms import PreferenceForm
from reminders.preferences import Wishes, set_wishes, wishes_of
from terms.refusals import Refused

REFUSED = 422


@login_required
@require_http_methods(["GET", "POST"])
def sending_preferences(request: SignedInRequest) -> HttpResponse:
    """How the reader is told of what is due; saving it."""
    user, now = request.user, timezone.now()
    form = PreferenceForm(
        request.POST if request.method == "POST" else None, initial=asdict(wishes_of(user))
    )
    if form.is_valid():
        try:
            set_wishes(wishes=Wishes(**form.cleaned_data), actor=user, now=now)
        except Refused as refused:
            note_refusal(user, refused, request.path, now=now)
            add_refusals(form, refused)
        else:
            messages.success(request, _("Saved."))
            return redirect("sending_preferences")
    context = {"form": form, "address": user.email}
    status = REFUSED if form.is_bound else 200
    return render(request, "reminders/preferences.html", context, status=status)
