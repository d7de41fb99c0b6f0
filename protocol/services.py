"""Loading a version of a protocol as a draft, and publishing one; two people, both recorded."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NoReturn

from django.db import transaction

from accounts.access import require
from accounts.models import User
from accounts.permissions import Permission
from audit.recording import Actor, record
from protocol.domain.loading import ParsedProtocol, ProtocolInvalid, digest, parse, read_data
from protocol.models import Protocol, ProtocolFile, Status
from protocol.sections import registered
from terms.refusals import Refusal, Refused
from terms.words import N_


@dataclass
class Operator:
    """Whoever runs a command on the server: known to the audit by name, a member of no centre."""

    name: str
    pk: None = None
    working_centre_id: int | None = None

    @property
    def roles(self) -> frozenset[str]:
        """None: the command line is guarded by the server's own sign-in."""
        return frozenset()

    def get_username(self) -> str:
        """The name the audit shows."""
        return self.name


@transaction.atomic
def load(*, content: bytes, filename: str, actor: Actor, now: datetime) -> Protocol:
    """Keep the version in `content` as a draft, in place of an earlier draft of that version.

    The same file twice does nothing. Raises NotAllowed, or `Refused` with every fault of the file,
    with `version_taken` when that version is or was in force with another content, or with
    `version_not_newer` when a newer one was.
    """
    if isinstance(actor, User):
        require(actor, Permission.LOAD_PROTOCOL)
    parsed, sha256 = _checked(content, filename), digest(content)
    versions = _locked(parsed.meta.code)
    same = next((one for one in versions if one.version == parsed.meta.version), None)
    if same is not None and same.sha256 == sha256:
        return same
    _refuse_old(parsed.meta.version, versions)
    if same is not None:
        same.delete()
    draft = _create(parsed, content, filename, actor, now)
    _note(actor, now, "protocol.load", draft, {"replaced": same.sha256 if same else ""}, filename)
    return draft


@transaction.atomic
def publish_draft(*, protocol_id: int, actor: User, now: datetime) -> Protocol:
    """Put a draft in force and retire the version before it.

    Raises Protocol.DoesNotExist, NotAllowed, or `Refused`: `same_person` for whoever loaded it,
    `not_a_draft`, `version_not_newer`, and every fault that the software has since begun to see.
    """
    require(actor, Permission.PUBLISH_PROTOCOL)
    code = Protocol.objects.visible_to(actor).only("code").get(pk=protocol_id).code
    versions = _locked(code)
    draft = next(one for one in versions if one.pk == protocol_id)
    if draft.status != Status.DRAFT:
        _refuse("not_a_draft", N_("This version is not a draft."))
    if draft.loaded_by == actor.get_username():
        _refuse("same_person", N_("Somebody else than who loaded the version publishes it."))
    _refuse_old(draft.version, versions)
    try:
        read_data(draft.data, f"{code} {draft.version}", registered())
    except ProtocolInvalid as invalid:
        _refuse_problems(invalid)
    return _in_force(draft, versions, actor, now)


@transaction.atomic
def publish(*, content: bytes, filename: str, actor_name: str, now: datetime) -> Protocol:
    """Load and publish in one step by one name: for setting up the demo, the bench and tests only.

    A site in use has two people for it, `load` and `publish_draft`. The same file twice does
    nothing; raises `Refused` as they do.
    """
    actor = Operator(actor_name)
    draft = load(content=content, filename=filename, actor=actor, now=now)
    if draft.status != Status.DRAFT:
        return draft
    return _in_force(draft, _locked(draft.code), actor, now)


def _locked(code: str) -> list[Protocol]:
    """Every version of `code`, locked; of two first ever loads, the unique constraint stops one."""
    return list(
        Protocol.objects.select_for_update().filter(code=code).order_by("version").defer("data")
    )


def _create(
    parsed: ParsedProtocol, content: bytes, filename: str, actor: Actor, now: datetime
) -> Protocol:
    meta = parsed.meta
    draft = Protocol.objects.create(
        code=meta.code,
        version=meta.version,
        title_en=meta.title.en,
        title_it=meta.title.it,
        product=meta.product,
        data=parsed.data,
        sha256=digest(content),
        loaded_at=now,
        loaded_by=actor.get_username(),
    )
    ProtocolFile.objects.create(protocol=draft, name=filename[-200:], text=content.decode())
    return draft


def _in_force(draft: Protocol, versions: list[Protocol], actor: Actor, now: datetime) -> Protocol:
    retired = [one for one in versions if one.status == Status.PUBLISHED]
    for protocol in retired:
        protocol.status = Status.RETIRED
        protocol.save(update_fields=["status"])
    draft.status, draft.published_at = Status.PUBLISHED, now
    draft.published_by = actor.get_username()
    draft.save(update_fields=["status", "published_at", "published_by"])
    before = {"retired_versions": [protocol.version for protocol in retired]}
    _note(actor, now, "protocol.publish", draft, before, "")
    return draft


def _note(
    actor: Actor,
    now: datetime,
    action: str,
    protocol: Protocol,
    before: Mapping[str, object],
    filename: str,
) -> None:
    after = {
        "code": protocol.code,
        "version": protocol.version,
        "sha256": protocol.sha256,
        "loaded_by": protocol.loaded_by,
    }
    if filename:
        after["file"] = filename
    record(actor=actor, now=now, action=action, obj=protocol, before=before, after=after)


def _checked(content: bytes, filename: str) -> ParsedProtocol:
    try:
        return parse(content, filename, registered())
    except ProtocolInvalid as invalid:
        _refuse_problems(invalid)


def _refuse_problems(invalid: ProtocolInvalid) -> NoReturn:
    raise Refused(
        Refusal(
            code="protocol_problem",
            message=N_("The protocol file has a fault: %(problem)s"),
            params={"problem": str(problem)},
            field=problem.dotted_key,
        )
        for problem in invalid.problems
    ) from invalid


def _refuse_old(version: int, versions: list[Protocol]) -> None:
    """Refuse a version that was in force already, or that is older than one that was."""
    sealed = [one for one in versions if one.status != Status.DRAFT]
    if not sealed:
        return
    newest = sealed[-1]
    params = {"code": newest.code, "version": version, "newest": newest.version}
    if any(one.version == version for one in sealed):
        message = N_(
            "Version %(version)s of %(code)s already exists with other content: raise the version."
        )
        _refuse("version_taken", message, params)
    if newest.version > version:
        message = N_("Version %(newest)s of %(code)s exists: raise the version.")
        _refuse("version_not_newer", message, params)


def _refuse(code: str, message: str, params: Mapping[str, object] | None = None) -> NoReturn:
    field = "meta.version" if params else ""
    raise Refused([Refusal(code=code, message=message, params=params or {}, field=field)])
