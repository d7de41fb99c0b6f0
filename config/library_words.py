"""Words of the libraries that people see and that there have no Italian, or a too familiar one.

Nothing imports them: they stand here so that the catalogue has them, which Django asks before the
libraries' own.
"""

from django.utils.translation import ngettext_lazy

from terms.words import N_

DJANGO = (
    N_("Your password can’t be too similar to your other personal information."),
    N_("Your password can’t be a commonly used password."),
    ngettext_lazy(
        "Your password must contain at least %(min_length)d character.",
        "Your password must contain at least %(min_length)d characters.",
    ),
    ngettext_lazy(
        "This password is too short. It must contain at least %d character.",
        "This password is too short. It must contain at least %d characters.",
    ),
)
REST_FRAMEWORK = (
    N_("A valid biginteger is required."),
    N_("Datetime value out of range."),
    N_("Ensure this field has at least {min_length} elements."),
    N_("Ensure this field has no more than {max_length} elements."),
    N_('Enter a valid "slug" consisting of Unicode letters, numbers, underscores, or hyphens.'),
    N_("Expected available in {wait} second."),
    N_("Expected available in {wait} seconds."),
    N_("Invalid input."),
    N_('Invalid datetime for the timezone "{timezone}".'),
    N_("Must be a valid UUID."),
    N_("Must be a valid boolean."),
    N_("Not a valid string."),
    N_("Surrogate characters are not allowed: U+{code_point:X}."),
    N_("This dictionary may not be empty."),
)
KNOX = (
    N_("Invalid token header. No credentials provided."),
    N_("Invalid token header. Token string should not contain spaces."),
    N_("User inactive or deleted."),
)
