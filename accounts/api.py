"""The API's sign-in: a token against a password, and its end."""

from allauth.account.adapter import get_adapter
from allauth.core import ratelimit
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from knox.models import AuthToken
from rest_framework import serializers
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied, Throttled
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import own_password
from accounts.adapter import record_refused_sign_in, settle_centre
from accounts.api_requests import body_of
from accounts.models import User
from accounts.tokens import issue_token, revoke_token

# Seconds until the limits of settings.ACCOUNT_RATE_LIMITS let somebody try again, at most.
ADDRESS_WAIT, USERNAME_WAIT = 60, 15 * 60


class PasswordChangeRequired(PermissionDenied):
    """The password is an administrator's: it opens nothing but the page that changes it."""

    default_code = own_password.CODE

    def __init__(self) -> None:
        super().__init__(detail=own_password.in_words())


class Credentials(serializers.Serializer[None]):
    """What a script signs in with."""

    username = serializers.CharField(max_length=150)
    password = serializers.CharField(
        max_length=1024, trim_whitespace=False, style={"input_type": "password"}
    )


class TokenAnswer(serializers.Serializer[dict[str, object]]):
    """The token, shown this once, and when it ends."""

    token = serializers.CharField()
    expiry = serializers.DateTimeField()


class TokenView(APIView):
    """Sign-in of scripts, under the same rate limits as the page's."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    def get_authenticate_header(self, request: Request) -> str:
        """Wrong credentials answer 401, not 403."""
        return "Token"

    @extend_schema(request=Credentials, responses={200: TokenAnswer})
    def post(self, request: Request) -> Response:
        """Check name and password and give a token for the header `Authorization: Token …`."""
        typed = Credentials(data=body_of(request))
        typed.is_valid(raise_exception=True)
        user = _authenticated(request, typed.validated_data)
        if user.must_change_password:
            raise PasswordChangeRequired
        with transaction.atomic():
            settle_centre(user)
            issued = issue_token(actor=user, now=timezone.now())
        answer = TokenAnswer({"token": issued.text, "expiry": issued.expires_at})
        return Response(answer.data, headers={"Cache-Control": "no-store"})


class SignOutView(APIView):
    """Sign-out of scripts, and of a browser that uses the API."""

    @extend_schema(request=None, responses={204: None})
    def post(self, request: Request) -> Response:
        """End the token of this request, or the session."""
        user = request.user
        if isinstance(request.auth, AuthToken) and isinstance(user, User):
            revoke_token(token=request.auth, actor=user, now=timezone.now())
        else:
            get_adapter().logout(request._request)
        return Response(status=204)


def _authenticated(request: Request, credentials: dict[str, str]) -> User:
    """The owner of the credentials; raises Throttled (429) or AuthenticationFailed (401)."""
    asked = request._request
    if not ratelimit.consume(asked, action="login"):
        raise Throttled(wait=ADDRESS_WAIT)
    try:
        user = get_adapter(asked).authenticate(asked, **credentials)
    except ValidationError as error:
        raise Throttled(wait=USERNAME_WAIT) from error
    if user is not None and not user.is_active:
        record_refused_sign_in(credentials, why="deactivated")
    if not isinstance(user, User) or not user.is_active:
        raise AuthenticationFailed(_("The username or the password is not right."))
    return user
