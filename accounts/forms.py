"""What administrators type about people; the services decide, these only carry."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.permissions import ROLE_CHOICES


def _new_password_field() -> forms.CharField:
    return forms.CharField(
        label=_("Password"),
        strip=False,
        help_text=_(
            "At least 12 characters; not a common password, nor one close to the person's name."
        ),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


class NewUserForm(forms.Form):
    """A login to be made."""

    given_name = forms.CharField(label=_("Given name"), max_length=150)
    family_name = forms.CharField(label=_("Family name"), max_length=150)
    username = forms.CharField(
        label=_("Username"),
        max_length=150,
        help_text=_("Letters, digits and . @ + - _; kept in lower case."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    email = forms.EmailField(label=_("E-mail"), required=False)
    roles = forms.MultipleChoiceField(
        label=_("Roles"), choices=ROLE_CHOICES, widget=forms.CheckboxSelectMultiple
    )
    password = _new_password_field()


class GrantRoleForm(forms.Form):
    """One more role for somebody."""

    role = forms.ChoiceField(label=_("Role"), choices=ROLE_CHOICES)


class DeactivateForm(forms.Form):
    """Why a login is closed."""

    reason = forms.CharField(label=_("Reason"), max_length=300)


class InitialPasswordForm(forms.Form):
    """A new password for somebody who lost theirs."""

    password = _new_password_field()
