"""Publishing a version of a protocol."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Max

from audit.recording import record
from protocol.domain.loading import ParsedProtocol, ProtocolInvalid, digest, parse
from protocol.models import Protocol, Status
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
def publish(*, content: bytes, filename: str, actor_name: str, now: datetime) -> Protocol:
    """Publish the version in `content` and retire the one before; the same file twice does nothing.

    Raises `Refused` with every fault of the file, with `version_taken` when that version was
    published with another content, or with `version_not_newer` when a newer one exists.
    """
    parsed = _checked(content, filename)
    meta, sha256 = parsed.meta, digest(content)
    # Locks the published versions; of two first ever loads, the unique constraint stops one.
    versions = Protocol.objects.select_for_update().filter(code=meta.code)
    list(versions.order_by("version").values_list("pk"))
    same = versions.filter(version=meta.version).first()
    if same is not None and same.sha256 == sha256 and same.status != Status.DRAFT:
        return same
    _refuse_old_version(parsed, same, versions.aggregate(newest=Max("version"))["newest"])
    retired = [protocol for protocol in versions if protocol.status == Status.PUBLISHED]
    for protocol in retired:
        protocol.status = Status.RETIRED
        protocol.save(update_fields=["status"])
    published = Protocol.objects.create(
        code=meta.code,
        version=meta.version,
        title_en=meta.title.en,
        title_it=meta.title.it,
        product=meta.product,
        status=Status.PUBLISHED,
        data=parsed.data,
        sha256=sha256,
        published_at=now,
        published_by=actor_name,
    )
    record(
        actor=Operator(actor_name),
        now=now,
        action="protocol.publish",
        obj=published,
        before={"retired_versions": [protocol.version for protocol in retired]},
        after={"code": meta.code, "version": meta.version, "sha256": sha256, "file": filename},
    )
    return published


def _checked(content: bytes, filename: str) -> ParsedProtocol:
    try:
        return parse(content, filename, registered())
    except ProtocolInvalid as invalid:
        raise Refused(
            Refusal(
                code="protocol_problem",
                message=N_("The protocol file has a fault: %(problem)s"),
                params={"problem": str(problem)},
                field=problem.dotted_key,
            )
            for problem in invalid.problems
        ) from invalid


def _refuse_old_version(parsed: ParsedProtocol, same: Protocol | None, newest: int | None) -> None:
    params = {"code": parsed.meta.code, "version": parsed.meta.version, "newest": newest}
    if same is not None:
        raise Refused(
            [
                Refusal(
                    code="version_taken",
                    message=N_(
                        "Version %(version)s of %(code)s already exists with other content: "
                        "raise the version."
                    ),
                    params=params,
                    field="meta.version",
                )
            ]
        )
    if newest is not None and parsed.meta.version < newest:
        raise Refused(
            [
                Refusal(
                    code="version_not_newer",
                    message=N_("Version %(newest)s of %(code)s exists: raise the version."),
                    params=params,
                    field="meta.version",
                )
            ]
        )
