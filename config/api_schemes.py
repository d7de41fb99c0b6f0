"""How the published schema describes the two ways to sign in; loaded with the API's addresses.

Apart from api_authentication.py because drf-spectacular needs the views, which need that file.
"""

from drf_spectacular.authentication import SessionScheme
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema


class ExpiringTokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """The token in the published schema."""

    target_class = "config.api_authentication.ExpiringTokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        """Describe the header."""
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "`Token ` and the text from `POST /api/v1/auth/token/`",
        }


class SignedInSessionScheme(SessionScheme):  # type: ignore[no-untyped-call]
    """The session cookie in the published schema."""

    target_class = "config.api_authentication.SignedInSessionAuthentication"
    name = "session"
