"""How far a withdrawal goes, in the API."""

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api_answers import IF_MATCH, writing
from accounts.api_requests import ApiView, StrictInput, VersionField, WordsField
from pathway.api.answers import ChangeOut
from pathway.api.moves import moved
from pathway.domain.exits import SCOPES
from pathway.withdrawing import say_scope
from patients.selectors import course_or_404


class ScopeIn(StrictInput):
    """How far it goes and why; `expected_version` may be given by `If-Match` instead."""

    exit_scope = serializers.ChoiceField(choices=list(SCOPES))
    reason = WordsField(max_length=2000)
    expected_version = VersionField(required=False)


class ScopeView(ApiView):
    """The scope of a withdrawal."""

    @writing("Say how far a withdrawal goes", ScopeIn, ChangeOut, statuses=(428,),
             parameters=[IF_MATCH])  # fmt: skip
    def post(self, request: Request, pk: int) -> Response:
        """Say whether a withdrawn patient withdrew the use of the data too."""
        course_or_404(self.actor, pk)
        given, version = self.received_on(ScopeIn, pk)
        change = say_scope(
            course_id=pk, expected_version=version, actor=self.actor, now=timezone.now(), **given
        )
        return moved(change)
