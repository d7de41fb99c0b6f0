"""The page that says anew how far a withdrawal goes."""

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.permissions import Permission
from accounts.requests import SignedInRequest
from pathway.domain.exits import SCOPE_MEANS, SCOPE_NAMES, SCOPES, scope_of
from pathway.selectors import course_state
from pathway.withdrawing import say_scope
from patients.form_pages import FormPage, Moment, answer, posted
from patients.identity import Named


class ScopeForm(forms.Form):
    """How far a withdrawal goes, and who said so or why it is said anew."""

    exit_scope = forms.ChoiceField(label=gettext_lazy("How far the withdrawal goes"))
    reason = forms.CharField(label=gettext_lazy("Reason"), widget=forms.Textarea(attrs={"rows": 2}))
    expected_version = forms.IntegerField(widget=forms.HiddenInput)

    field_order = ("exit_scope", "reason")


@login_required
@require_http_methods(["GET", "POST"])
def withdrawal_scope(request: SignedInRequest, pk: int) -> HttpResponse:
    """Say how far the withdrawal of a course goes."""
    state = course_state(request.user, pk)
    scope = scope_of(state.journey.stage, state.journey.exit_scope)
    if not scope:
        raise Http404
    moment = Moment.at(state.course)
    page = FormPage(
        state.course,
        _("How far the withdrawal goes"),
        Permission.EDIT_CHART,
        lead=_("What was said before stays to be read."),
        facts=(Named(_("Stands as"), _(SCOPE_NAMES[scope])),),
    )
    form = ScopeForm(posted(request), initial={"expected_version": state.course.version})
    found = form.fields["exit_scope"]
    found.choices = [  # type: ignore[attr-defined]
        ("", _("Choose")), *((code, _(word)) for code, word in SCOPES.items())
    ]  # fmt: skip
    found.help_text = " ".join(
        f"{_(SCOPES[code])}: {_(words)}" for code, words in SCOPE_MEANS.items()
    )
    return answer(
        request,
        page,
        form,
        lambda values: say_scope(course_id=pk, **values, actor=request.user, now=moment.now),
        moment,
    )
