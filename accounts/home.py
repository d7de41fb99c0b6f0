"""Where somebody's work begins: the page after signing in, and behind the name of the site."""

from accounts.models import User
from terms.roles import Role

# By the one role that somebody holds; with several of them, or another one, it is the board.
_HOMES = {Role.WARD_NURSE.value: "ward"}


def home_of(user: User) -> str:
    """The name of the address where `user` begins."""
    only = next(iter(user.roles)) if len(user.roles) == 1 else ""
    return _HOMES.get(only, "board")
