"""Reading protocols: the version now in force and the settings a version holds."""

import tomllib
from collections.abc import Mapping
from typing import Any

import structlog
from django.db.models import Count, Q

from accounts.models import User
from protocol.domain.loading import ParsedProtocol, ProtocolInvalid, read_data
from protocol.models import Protocol, ProtocolFile, ProtocolQuerySet, Status
from protocol.sections import registered

# A published version never changes, so its content's digest names its settings for good.
_settings: dict[str, ParsedProtocol] = {}
# Nor does one that this software cannot read become readable while it runs.
_unreadable: set[str] = set()

logger = structlog.get_logger(__name__)


def current(code: str) -> Protocol:
    """The published version of `code`, for a new course.

    Raises `Protocol.DoesNotExist` when none is published.
    """
    return Protocol.objects.get(code=code, status=Status.PUBLISHED)


def settings_of(protocol: Protocol) -> ParsedProtocol:
    """The parsed settings of a version, kept in memory by the digest of its file.

    Raises `ProtocolInvalid` when an app has since begun to demand what this version lacks.
    """
    known = _settings.get(protocol.sha256)
    if known is None:
        name = f"{protocol.code} {protocol.version}"
        known = _settings[protocol.sha256] = read_data(protocol.data, name, registered())
    return known


def settings_if_readable(protocol: Protocol) -> ParsedProtocol | None:
    """As `settings_of`, but None for a version that can no longer be read, which is logged once.

    For lists over many courses: one whose rules cannot be read hides neither itself nor others.
    """
    if protocol.sha256 in _unreadable:
        return None
    try:
        return settings_of(protocol)
    except ProtocolInvalid:
        logger.exception("protocol_unreadable", protocol=protocol.pk)
        _unreadable.add(protocol.sha256)
        return None


def content_of(protocol: Protocol) -> Mapping[str, Any]:
    """What the version's file says, in the order of the file where the file was kept."""
    file = ProtocolFile.objects.filter(protocol=protocol).first()
    return protocol.data if file is None else tomllib.loads(file.text)


def version_named(name: str) -> Protocol | None:
    """The version called `code:version`; None for anything else."""
    code, _, version = name.rpartition(":")
    if not version.isascii() or not version.isdecimal() or len(version) > 4:
        return None
    return Protocol.objects.filter(code=code, version=int(version)).first()


def versions_for(user: User) -> ProtocolQuerySet:
    """The versions `user` may see, newest of each protocol first, without their content.

    Each counts the courses of the user's own centre that are pinned to it.
    """
    mine = Count("courses", filter=Q(courses__centre_id=user.working_centre_id))
    found = Protocol.objects.visible_to(user).annotate(course_count=mine)
    return found.order_by("code", "-version").defer("data")


def in_force(code: str) -> Protocol | None:
    """The published version of `code`; None when none is."""
    return Protocol.objects.filter(code=code, status=Status.PUBLISHED).first()
