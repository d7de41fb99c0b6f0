"""Pages that move courses to a newer version of their protocol: one, and the list of all."""

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import require
from accounts.permissions import Permission
from accounts.refusing import note_refusal, status_of
from accounts.requests import SignedInRequest
from accounts.wording import add_refusals
from pathway.repinning import effect_of, repin, state_to_move
from pathway.repinning_shown import shown
from pathway.selectors import behind, course_of
from patients.identity import identity_of
from protocol.selectors import in_force, versions_for
from terms.day_numbers import local_date
from terms.refusals import Refused

COURSES_ON_A_PAGE = 10


class RepinForm(forms.Form):
    """Why the course follows another version from now on, and what was seen."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )
    protocol_id = forms.IntegerField(widget=forms.HiddenInput)
    expected_version = forms.IntegerField(widget=forms.HiddenInput)


@login_required
@require_http_methods(["GET", "POST"])
def course_protocol(request: SignedInRequest, pk: int) -> HttpResponse:
    """Which version the course follows, and what following the one in force would change."""
    now, user = timezone.now(), request.user
    state = state_to_move(course_of(user, pk))
    require(user, Permission.SEE_IDENTITY)  # what newly stands against a move tells of the patient
    course, target = state.course, in_force(state.course.protocol.code)
    effect = effect_of(state, target, actor=user, now=now) if target else None
    posted = request.POST if request.method == "POST" else None
    seen = {"protocol_id": target.pk if target else 0, "expected_version": course.version}
    form, status = RepinForm(posted, initial=seen), 200
    if posted is not None:
        require(user, Permission.MOVE_TO_VERSION)
        status = _moved(request, form, pk)
        if status == 302:
            messages.success(request, _("The course follows the version in force."))
            return redirect("course", pk=pk)
    today = local_date(now, course.centre.zone)
    identity = identity_of(
        user, course, today=today, infused_on=state.infused_on, died_on=state.deceased_on
    )
    context = {
        "identity": identity,
        "now_follows": course.protocol,
        "effect": shown(effect) if effect else None,
        "form": form,
        "may_move": user.may(Permission.MOVE_TO_VERSION) and effect and not effect.refusals,
    }
    return render(request, "pathway/repin.html", context, status=status)


@login_required
@require_GET
def protocol_courses(request: SignedInRequest, pk: int) -> HttpResponse:
    """The courses of the centre that follow an earlier version, each with its effect."""
    require(request.user, Permission.READ_COURSES, Permission.SEE_IDENTITY)
    now, user = timezone.now(), request.user
    version = get_object_or_404(versions_for(user), pk=pk)
    page = Paginator(behind(user, version), COURSES_ON_A_PAGE).get_page(request.GET.get("page"))
    rows = [
        (course, shown(effect_of(state_to_move(course), version, actor=user, now=now)))
        for course in page.object_list
    ]
    context = {"version": version, "page": page, "rows": rows}
    return render(request, "pathway/repin_list.html", context)


def _moved(request: SignedInRequest, form: RepinForm, pk: int) -> int:
    """Move the course as the form asks; 302 when done, else the status that says why not."""
    if not form.is_valid():
        return 422
    now = timezone.now()
    try:
        repin(course_id=pk, **form.cleaned_data, actor=request.user, now=now)
    except Refused as refused:
        note_refusal(request.user, refused, request.path, now=now)
        add_refusals(form, refused)
        return status_of(refused)
    return 302
