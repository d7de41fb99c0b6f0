"""The answer where a course's version of its protocol can no longer be read: what is the matter."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import structlog
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from accounts.models import Membership, User
from accounts.permissions import Permission
from patients.models import Course
from protocol.domain.loading import ProtocolInvalid
from protocol.selectors import in_force, settings_if_readable
from terms.roles import Role

logger = structlog.get_logger(__name__)

CODE, STATUS = "protocol_unreadable", 409
_COURSE = re.compile(r"/courses/([0-9]{1,9})/")
# What a form sends besides what somebody typed, and what no page repeats.
_UNSAID = frozenset({"csrfmiddlewaretoken", "typed_by", "key", "expected_version", "next"})
_SECRET = re.compile(r"password|secret", re.IGNORECASE)


def unreadable_page(request: HttpRequest, fault: ProtocolInvalid) -> HttpResponse:
    """What cannot be shown and why, what still can, whom to call; and all that was typed."""
    course = _course_of(request)
    _note(fault, course)
    sent = [
        (name, value)
        for name, found in request.POST.lists()
        for value in found
        if not _SECRET.search(name)
    ]
    context = {
        "course": course,
        "may_move": course is not None and _may_move(request, course),
        "text": unreadable_text(request),
        "people": list(_to_call(request)),
        "to": request.get_full_path() if request.method == "POST" else "",
        "fields": [pair for pair in sent if pair[0] not in ("csrfmiddlewaretoken", "typed_by")],
        "typed": [pair for pair in sent if pair[1].strip() and pair[0] not in _UNSAID],
    }
    answer = render(request, "unreadable.html", context, status=STATUS)
    answer["Cache-Control"] = "no-store"
    return answer


def unreadable_problem(request: HttpRequest, fault: ProtocolInvalid) -> Mapping[str, Any]:
    """The one reason of the answer under the API."""
    _note(fault, _course_of(request))
    text = unreadable_text(request)
    return {"code": CODE, "message": text, "kind": "hard", "who_may": [], "field": ""}


def unreadable_text(request: HttpRequest) -> str:
    """Which version of which protocol it is, where the address names a course that is seen."""
    course = _course_of(request)
    if course is None:
        return _("This software cannot read the protocol that this course follows.")
    protocol = course.protocol
    return _(
        "Course %(course)s follows version %(version)s of the protocol %(code)s, which this"
        " software cannot read."
    ) % {"course": course.code, "version": protocol.version, "code": protocol.code}


def _course_of(request: HttpRequest) -> Course | None:
    named = _COURSE.search(request.path)
    if named is None or not isinstance(request.user, User):
        return None
    seen = Course.objects.visible_to(request.user).select_related("protocol")
    return seen.defer("protocol__data").filter(pk=int(named[1])).first()


def _to_call(request: HttpRequest) -> Iterator[str]:
    """The administrators of the centre at which somebody works, by name."""
    if not isinstance(request.user, User):
        return
    held = Membership.objects.filter(
        centre=request.user.working_centre_id, role=Role.CENTRE_ADMIN, ended_at=None,
        user__is_active=True,
    )  # fmt: skip
    for one in held.select_related("user").order_by("user__username"):
        yield one.user.get_full_name() or one.user.get_username()


def _may_move(request: HttpRequest, course: Course) -> bool:
    """Whether somebody may let it follow a version in force, which mends it."""
    may = isinstance(request.user, User) and request.user.may(Permission.MOVE_TO_VERSION)
    target = in_force(course.protocol.code) if may else None
    return target is not None and settings_if_readable(target) is not None


def _note(fault: ProtocolInvalid, course: Course | None) -> None:
    logger.error(
        CODE,
        course=None if course is None else course.pk,
        protocol=None if course is None else course.protocol_id,
        exc_info=fault,
    )
