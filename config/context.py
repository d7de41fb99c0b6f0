"""What the frame of every page shows: navigation, who works where, theme, version, warnings."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.held_forms import typed_by
from accounts.home import home_of
from accounts.models import Centre, User
from accounts.permissions import Permission
from accounts.wording import role_names
from config.theme import chosen_theme
from reminders.badges import MOST_COUNTED, open_counts
from reminders.selectors import sweep_banner


@dataclass(frozen=True)
class NavItem:
    """One entry of the main navigation."""

    label: str
    url: str
    current: bool
    count: int = 0  # what waits there; nothing is shown for none
    waits: str = ""  # what these are, for who does not see where the count stands

    @property
    def counted(self) -> str:
        """The count as it is shown."""
        return str(self.count) if self.count < MOST_COUNTED else f"{MOST_COUNTED - 1}+"


@dataclass(frozen=True)
class Frame:
    """The frame's values; from `signed_in` on they stay empty for somebody not signed in."""

    version: str
    demo: bool
    theme: str
    idle_minutes: int
    shown_at: datetime
    banner: str = ""  # a warning for everybody, such as reminders standing still
    signed_in: bool = False
    user_name: str = ""
    roles: tuple[str, ...] = ()
    centre: str = ""
    centres: tuple[Centre, ...] = ()
    home: str = ""  # where the work of who is signed in begins
    typed_by: str = ""  # who opens a form, signed: see accounts/held_forms.py
    nav: tuple[NavItem, ...] = ()


def frame(request: HttpRequest) -> dict[str, Frame]:
    """Context processor: `frame` for the templates in `templates/frame/`.

    For a signed-in user it costs a query for the last sweep, one for the roles, one for what waits.
    """
    anybody = Frame(
        version=settings.VERSION,
        demo=settings.DEMO,
        theme=chosen_theme(request),
        idle_minutes=settings.IDLE_MINUTES,
        shown_at=timezone.now(),
    )
    # A request refused before the authentication middleware ran has no user.
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"frame": anybody}
    centres = _centres(user)
    return {
        "frame": replace(
            anybody,
            signed_in=True,
            banner=sweep_banner(anybody.shown_at),
            user_name=user.get_full_name() or user.get_username(),
            roles=role_names(sorted(user.roles)),
            centre=next((c.name for c in centres if c.pk == user.working_centre_id), ""),
            centres=centres,
            home=reverse(home_of(user)),
            typed_by=typed_by(user),
            nav=_nav(user, request.path),
        )
    }


def _centres(user: User) -> tuple[Centre, ...]:
    """The centres where the user holds a role, by name."""
    found = {membership.centre for membership in user.open_memberships}
    return tuple(sorted(found, key=lambda centre: centre.name))


def _nav(user: User, path: str) -> tuple[NavItem, ...]:
    entries = [
        (_("Ward"), "ward", user.may(Permission.LOG_TOXICITY)),
        (_("Today"), "today", user.may(Permission.READ_COURSES)),
        (_("Board"), "board", user.may(Permission.READ_COURSES)),
        (_("Calendar"), "calendar", user.may(Permission.READ_COURSES)),
        (_("Patients"), "patient_list", user.may(Permission.READ_COURSES)),
        (_("Cohort"), "cohort", user.may(Permission.READ_COURSES)),
        (_("Due for me"), "due_for_me", user.may(Permission.READ_COURSES)),
        (_("Notices"), "notice_list", user.may(Permission.READ_COURSES)),
        (_("Exports"), "export_list", user.may(Permission.EXPORT_CODED)),
        (_("Protocols"), "protocol_list", user.may(Permission.READ_COURSES)),
        (_("Entered in error"), "error_list", user.may(Permission.UNDO_ERROR)),
        (_("Users"), "user_list", user.may(Permission.MANAGE_USERS)),
        (_("Sending"), "queue", user.may(Permission.WATCH_SENDING)),
    ]
    open_ones = open_counts(user)
    counts = {
        "due_for_me": (open_ones.due, _("Not seen yet")),
        "notice_list": (open_ones.notices, _("To acknowledge")),
    }
    items = []
    for label, name, shown in entries:
        if shown:
            url = reverse(name)
            current = path == url or (url != "/" and path.startswith(url))
            items.append(NavItem(label, url, current, *counts.get(name, ())))
    return tuple(items)
