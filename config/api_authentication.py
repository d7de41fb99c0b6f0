"""Who asks the API: a token, or the session of the signed-in browser."""

import re

from django.utils.translation import gettext as _
from knox.auth import TokenAuthentication
from knox.models import AuthToken
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from accounts.models import User

# As knox makes them; anything else never reaches the database.
_TOKEN = re.compile(rb"[0-9a-f]{64}")


class ExpiringTokenAuthentication(TokenAuthentication):  # type: ignore[misc] # knox is not typed
    """`Authorization: Token …`: hashed, expiring, and dead with the login."""

    def authenticate_credentials(self, token: bytes) -> tuple[User, AuthToken]:
        """Return the token's owner; raises AuthenticationFailed also for what is no token."""
        if not _TOKEN.fullmatch(token):
            raise AuthenticationFailed(_("Invalid token."))
        found: tuple[User, AuthToken] = super().authenticate_credentials(token)
        return found


class SignedInSessionAuthentication(SessionAuthentication):
    """The session of the pages, with its CSRF check; 401 when there is none."""

    def authenticate_header(self, request: Request) -> str:
        """What makes DRF answer 401 rather than 403 to somebody not signed in."""
        return "Session"
