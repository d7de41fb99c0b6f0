"""Who one is in the API: name, centre, roles, permissions."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api_answers import reading
from accounts.api_requests import ApiView
from accounts.permissions import Permission


class CentreOut(serializers.Serializer[Any]):
    """A centre."""

    code = serializers.CharField()
    name = serializers.CharField()
    time_zone = serializers.CharField()


class MeOut(serializers.Serializer[Any]):
    """The caller, at the centre where they work now."""

    id = serializers.IntegerField()
    username = serializers.CharField()
    name = serializers.CharField()
    centre = CentreOut(allow_null=True)
    roles = serializers.ListField(child=serializers.CharField())
    permissions = serializers.ListField(
        child=serializers.ChoiceField(choices=[str(p) for p in Permission])
    )


class MeView(ApiView):
    """The caller."""

    @reading("Read who one is", MeOut)
    def get(self, request: Request) -> Response:
        """Read one's name, centre, roles and permissions."""
        me = self.actor
        return Response(
            MeOut(
                {
                    "id": me.pk,
                    "username": me.get_username(),
                    "name": me.get_full_name(),
                    "centre": me.working_centre,
                    "roles": sorted(me.roles),
                    "permissions": sorted(me.permissions),
                }
            ).data
        )
