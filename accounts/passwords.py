"""The demo password is public, so outside the demo nobody may have it or sign in with it."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.models import User
from terms.demo import DEMO_PASSWORD


def is_public(password: str) -> bool:
    """Whether `password` is the demo's and this is no demo."""
    return password == DEMO_PASSWORD and not settings.DEMO


class DemoPasswordValidator:
    """Refuses the demo password on a production site."""

    def validate(self, password: str, user: User | None = None) -> None:
        """Raise ValidationError when `password` is the demo's and this is no demo."""
        if is_public(password):
            raise ValidationError(_("This is the public demo password."), code="demo_password")

    def get_help_text(self) -> str:
        """Sentence shown beside the password field."""
        return _("Not the password of the public demo.")
