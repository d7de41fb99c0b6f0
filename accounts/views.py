"""Pages of users and roles, and the switch of centre."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import managing, selectors
from accounts.access import require
from accounts.forms import DeactivateForm, GrantRoleForm, InitialPasswordForm, NewUserForm
from accounts.home import home_of
from accounts.models import Centre, User
from accounts.permissions import Permission
from accounts.refusing import note_refusal
from accounts.requests import SignedInRequest
from accounts.wording import add_refusals, in_words, role_names
from terms.refusals import Refused
from terms.roles import Role

REFUSED = 422


@login_required
@require_GET
def user_list(request: SignedInRequest) -> HttpResponse:
    """The people of the centre."""
    require(request.user, Permission.MANAGE_USERS)
    return render(request, "accounts/user_list.html", {"users": selectors.user_list(request.user)})


@login_required
@require_GET
def permissions_table(request: SignedInRequest) -> HttpResponse:
    """Who may do what: for everybody who signs in."""
    context = {"rows": list(selectors.permission_table()), "roles": role_names(Role)}
    return render(request, "accounts/permissions_table.html", context)


@login_required
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def user_new(request: SignedInRequest) -> HttpResponse:
    """Make a login."""
    require(request.user, Permission.MANAGE_USERS)
    form = NewUserForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            made = managing.create_user(
                new=managing.NewUser(**form.cleaned_data), actor=request.user, now=timezone.now()
            )
        except Refused as refused:
            _show(request, form, refused)
        else:
            messages.success(request, _("Login %(name)s made.") % {"name": made.username})
            return redirect("user", pk=made.pk)
    status = REFUSED if form.is_bound else 200
    return render(request, "accounts/user_new.html", {"form": form}, status=status)


@login_required
@require_GET
def user(request: SignedInRequest, pk: int) -> HttpResponse:
    """One person: roles now and before, and what an administrator may do."""
    return _user_page(request, _person(request, pk))


@login_required
@require_POST
def user_role_grant(request: SignedInRequest, pk: int) -> HttpResponse:
    """Give one more role."""
    person, form = _person(request, pk), GrantRoleForm(request.POST)
    if form.is_valid():
        try:
            managing.grant_role(
                user_id=pk,
                role=form.cleaned_data["role"],
                actor=request.user,
                now=timezone.now(),
            )
        except Refused as refused:
            _show(request, form, refused)
        else:
            messages.success(request, _("Role given."))
            return redirect("user", pk=pk)
    return _user_page(request, person, grant_form=form)


@login_required
@require_POST
def user_role_end(request: SignedInRequest, pk: int) -> HttpResponse:
    """End a role; `pk` is the membership's."""
    require(request.user, Permission.MANAGE_USERS)
    membership = get_object_or_404(selectors.memberships_at_centre(request.user), pk=pk)
    try:
        managing.end_role(membership_id=pk, actor=request.user, now=timezone.now())
    except Refused as refused:
        _say(request, refused)
    else:
        messages.success(request, _("Role ended."))
    return redirect("user", pk=membership.user_id)


@login_required
@require_POST
def user_deactivate(request: SignedInRequest, pk: int) -> HttpResponse:
    """Close a login at once."""
    person, form = _person(request, pk), DeactivateForm(request.POST)
    if form.is_valid():
        try:
            managing.deactivate_user(
                user_id=pk,
                reason=form.cleaned_data["reason"],
                actor=request.user,
                now=timezone.now(),
            )
        except Refused as refused:
            _show(request, form, refused)
        else:
            messages.success(request, _("Login deactivated: it is signed out everywhere."))
            return redirect("user", pk=pk)
    return _user_page(request, person, deactivate_form=form)


@login_required
@require_POST
def user_reactivate(request: SignedInRequest, pk: int) -> HttpResponse:
    """Open a login again."""
    _person(request, pk)
    try:
        managing.reactivate_user(user_id=pk, actor=request.user, now=timezone.now())
    except Refused as refused:
        _say(request, refused)
    else:
        messages.success(request, _("Login active again."))
    return redirect("user", pk=pk)


@login_required
@sensitive_post_parameters("password")
@require_POST
def user_password(request: SignedInRequest, pk: int) -> HttpResponse:
    """Give somebody a new password."""
    person, form = _person(request, pk), InitialPasswordForm(request.POST)
    if form.is_valid():
        try:
            managing.set_initial_password(
                user_id=pk,
                password=form.cleaned_data["password"],
                actor=request.user,
                now=timezone.now(),
            )
        except Refused as refused:
            _show(request, form, refused)
        else:
            messages.success(request, _("Password set: they are signed out everywhere."))
            return redirect("user", pk=pk)
    return _user_page(request, person, password_form=form)


@login_required
@require_POST
def switch_centre(request: SignedInRequest) -> HttpResponse:
    """Work at another centre from now on."""
    try:
        managing.switch_centre(
            centre_code=request.POST.get("centre", ""), actor=request.user, now=timezone.now()
        )
    except Centre.DoesNotExist as error:
        raise Http404 from error
    return redirect(home_of(request.user))


def _person(request: SignedInRequest, pk: int) -> User:
    require(request.user, Permission.MANAGE_USERS)
    return get_object_or_404(selectors.visible_users(request.user), pk=pk)


def _user_page(request: SignedInRequest, person: User, **bound: Form) -> HttpResponse:
    """The page of `person`; `bound` holds the form that was refused, shown with its reasons."""
    context = {
        "person": person,
        "own": person.pk == request.user.pk,
        "memberships": selectors.memberships_here(person, request.user),
        "grant_form": GrantRoleForm(),
        "deactivate_form": DeactivateForm(),
        "password_form": InitialPasswordForm(),
        **bound,
    }
    return render(request, "accounts/user.html", context, status=REFUSED if bound else 200)


def _show(request: SignedInRequest, form: Form, refused: Refused) -> None:
    note_refusal(request.user, refused, request.path, now=timezone.now())
    add_refusals(form, refused)


def _say(request: SignedInRequest, refused: Refused) -> None:
    note_refusal(request.user, refused, request.path, now=timezone.now())
    for refusal in refused.refusals:
        messages.error(request, in_words(refusal))
