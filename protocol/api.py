"""Protocols in the API: the versions, what they say, what differs, loading and publishing."""

from typing import Any

from django.http import Http404
from django.utils import timezone
from django.utils.translation import get_language
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api_answers import reading, writing
from accounts.api_requests import ApiView, StrictInput, WordsField, actor_of, body_of, read
from accounts.models import User
from protocol.domain.comparing import Entry, compare, entries
from protocol.forms import LARGEST_FILE
from protocol.models import Protocol
from protocol.selectors import content_of, versions_for
from protocol.services import load, publish_draft


class ProtocolOut(serializers.Serializer[Any]):
    """One version of a protocol."""

    id = serializers.IntegerField()
    code = serializers.CharField()
    version = serializers.IntegerField()
    title = serializers.CharField()
    product = serializers.CharField()
    status = serializers.CharField(help_text="draft, published or retired.")
    sha256 = serializers.CharField(help_text="Of the file as it was handed in.")
    loaded_at = serializers.DateTimeField(allow_null=True)
    loaded_by = serializers.CharField()
    published_at = serializers.DateTimeField(allow_null=True)
    published_by = serializers.CharField()
    courses = serializers.IntegerField(help_text="Of the caller's centre, pinned to this version.")


class ProtocolEntryOut(serializers.Serializer[Any]):
    """What a file says under one key."""

    value = serializers.JSONField()
    source = serializers.CharField()  # type: ignore[assignment]
    confirmed = serializers.BooleanField(
        allow_null=True, help_text="Whether the source was read for it; null for a text."
    )


class ValueOut(ProtocolEntryOut):
    """One value of a version."""

    key = serializers.CharField(help_text="Dotted, as in the file.")


class ProtocolValuesOut(ProtocolOut):
    """A version with everything it says, in the order of the file."""

    values = ValueOut(many=True)


class DifferenceOut(serializers.Serializer[Any]):
    """One key that two versions do not say alike."""

    key = serializers.CharField()
    kind = serializers.CharField(help_text="added, removed or changed.")
    before = ProtocolEntryOut(allow_null=True)
    after = ProtocolEntryOut(allow_null=True)


class ProtocolIn(StrictInput):
    """A version to load as a draft."""

    filename = WordsField(max_length=200)
    content = WordsField(max_length=LARGEST_FILE, help_text="The TOML text.", trim_whitespace=False)


class ProtocolsView(ListAPIView[Protocol]):
    """Versions of protocols."""

    serializer_class = ProtocolOut
    queryset = Protocol.objects.none()

    @reading("List versions of protocols")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List the versions, newest of each protocol first."""
        page = self.paginate_queryset(versions_for(actor_of(request))) or []
        return self.get_paginated_response([_json(version) for version in page])

    @writing("Load a version as a draft", ProtocolIn, ProtocolOut)
    def post(self, request: Request) -> Response:
        """Load a version; every fault of the file is a reason with its dotted key as field."""
        actor = actor_of(request)
        given = read(ProtocolIn, body_of(request), actor)
        draft = load(
            content=given["content"].encode(),
            filename=given["filename"],
            actor=actor,
            now=timezone.now(),
        )
        return Response(_json(_version(actor, draft.pk)), status=201)


class ProtocolView(ApiView):
    """One version."""

    @reading("Read a version of a protocol", ProtocolValuesOut)
    def get(self, request: Request, pk: int) -> Response:
        """Answer everything the version says."""
        version = _version(self.actor, pk)
        values = [
            {"key": key, **_entry_json(entry)}
            for key, entry in entries(content_of(version)).items()
        ]
        return Response({**_json(version), "values": values})


class ProtocolPublishView(ApiView):
    """A draft to put in force."""

    @writing("Publish a draft", None, ProtocolOut, status=200)
    def post(self, request: Request, pk: int) -> Response:
        """Put a draft that somebody else loaded in force and retire the version before."""
        _version(self.actor, pk)
        publish_draft(protocol_id=pk, actor=self.actor, now=timezone.now())
        return Response(_json(_version(self.actor, pk)))


class ProtocolDifferencesView(ListAPIView[Any]):
    """Two versions compared."""

    serializer_class = DifferenceOut

    @reading("Compare two versions")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List what `other` says differently, in the order of its file."""
        actor = actor_of(request)
        before, after = _version(actor, kwargs["pk"]), _version(actor, kwargs["other"])
        page: Any = self.paginate_queryset(list(compare(content_of(before), content_of(after))))
        rows = [
            {
                "key": one.key,
                "kind": one.kind.value,
                "before": _entry_json(one.before) if one.before else None,
                "after": _entry_json(one.after) if one.after else None,
            }
            for one in page
        ]
        return self.get_paginated_response(rows)


def _version(actor: User, pk: int) -> Protocol:
    found = versions_for(actor).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def _json(version: Any) -> dict[str, Any]:
    names = (
        "code", "version", "product", "status", "sha256",
        "loaded_at", "loaded_by", "published_at", "published_by",
    )  # fmt: skip
    return {
        "id": version.pk,
        "title": version.title(get_language() or "en"),
        "courses": version.course_count,
        **{name: getattr(version, name) for name in names},
    }


def _entry_json(entry: Entry) -> dict[str, Any]:
    return {"value": entry.value, "source": entry.source, "confirmed": entry.confirmed}
