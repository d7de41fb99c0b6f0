"""Sign-in as allauth's adapter: closed sign-up, and every entry and exit in the audit."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.internal import ratelimit
from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.home import home_of
from accounts.idle import begin_session
from accounts.models import User
from accounts.passwords import is_public
from accounts.tokens import delete_tokens
from audit.recording import NOT_SIGNED_IN, record


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc] # allauth is not typed
    """allauth's hooks, filled with what this site does there."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody signs up: an administrator makes the login."""
        return False

    def login(self, request: HttpRequest, user: User) -> None:
        """Sign `user` in at a centre where they hold a role, start the idle clock, record it."""
        now = timezone.now()
        with transaction.atomic():
            settle_centre(user)
            super().login(request, user)
            begin_session(request.session, now)
            record(actor=user, now=now, action="session.sign_in", obj=user)

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """The page where the work of who signed in begins."""
        return reverse(home_of(request.user)) if isinstance(request.user, User) else "/"

    def post_login(self, request: HttpRequest, user: User, **more: Any) -> HttpResponse:
        """Lead on. Who came by the front door wants the own page, which may not be the board."""
        if more.get("redirect_url") == reverse("board"):
            more["redirect_url"] = reverse(home_of(user))
        response: HttpResponse = super().post_login(request, user, **more)
        return response

    def logout(self, request: HttpRequest) -> None:
        """Sign the user out and record it."""
        if isinstance(request.user, User):
            record(
                actor=request.user,
                now=timezone.now(),
                action="session.sign_out",
                obj=request.user,
            )
        super().logout(request)

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count a try before any password is looked at, and record one that is over a limit.

        First for the username from this address, then for the username from anywhere: whoever is
        stopped by the first does not use up the second, which would lock out the owner.
        """
        try:
            super().pre_authenticate(request, **credentials)
            self._tried_anywhere = ratelimit.consume(
                request,
                app="allauth.account",
                action="login_failed_anywhere",
                key=_username_in(credentials),
            )
            if not self._tried_anywhere:
                raise self.validation_error("too_many_login_attempts")
        except ValidationError:
            record_refused_sign_in(credentials, why="rate limit")
            raise

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """By username and address: by username alone, anybody could lock anybody out."""
        return f"{_username_in(credentials)}|{ratelimit.get_ip(request)}"

    def _rollback_login_failed_rl_usage(self) -> None:
        super()._rollback_login_failed_rl_usage()
        self._tried_anywhere.rollback()

    def authenticate(self, request: HttpRequest, **credentials: Any) -> AbstractBaseUser | None:
        """The owner of the credentials; outside the demo nobody by the demo's public password."""
        user: AbstractBaseUser | None = super().authenticate(request, **credentials)
        if user is not None and is_public(credentials.get("password", "")):
            record_refused_sign_in(credentials, why="demo password")
            return None
        return user

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Record a wrong name or password."""
        record_refused_sign_in(credentials, why="wrong name or password")

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:
        """Record that somebody with a deactivated login knew its password."""
        record_refused_sign_in({"username": user.username}, why="deactivated")
        response: HttpResponse = super().respond_user_inactive(request, user)
        return response

    def reauthenticate(self, user: AbstractBaseUser, password: str) -> bool:
        """Check the signed-in user's password again and record that it was given."""
        confirmed: bool = super().reauthenticate(user, password)
        if confirmed and isinstance(user, User):
            record(actor=user, now=timezone.now(), action="session.sign_in_again", obj=user)
        return confirmed

    def clean_password(self, password: str, user: AbstractBaseUser | None = None) -> str:
        """The new password; raises ValidationError, also for the one an administrator knows."""
        cleaned: str = super().clean_password(password, user)
        if isinstance(user, User) and user.must_change_password and user.check_password(password):
            raise ValidationError(_("Choose another password than the present one."))
        return cleaned

    def set_password(self, user: User, password: str) -> None:
        """Change the signed-in user's own password; their tokens end with the old one."""
        with transaction.atomic():
            user.must_change_password = False
            super().set_password(user, password)
            delete_tokens(user)
            record(actor=user, now=timezone.now(), action="user.change_password", obj=user)


def settle_centre(user: User) -> None:
    """Let `user` work at a centre where they hold a role, when the present one has none left."""
    if user.roles:
        return
    membership = user.memberships.filter(ended_at=None).order_by("granted_at", "pk").first()
    if membership is not None:
        user.working_centre_id = membership.centre_id
        user.save(update_fields=["working_centre"])
        user.forget_roles()


def _username_in(credentials: dict[str, Any]) -> str:
    return str(credentials.get("username") or "").lower()


def record_refused_sign_in(credentials: dict[str, Any], *, why: str) -> None:
    """Record a refused sign-in without what was typed: it may be a password in the wrong box.

    The login is named only when it exists; nobody proved to be its owner, so nobody acts.
    """
    known = User.objects.filter(username__iexact=credentials.get("username") or "").first()
    record(
        actor=NOT_SIGNED_IN,
        now=timezone.now(),
        action="session.sign_in_refused",
        obj=known,
        centre_id=known.working_centre_id if known else None,
        reason=why,
        after={"username": known.username} if known else None,
    )
