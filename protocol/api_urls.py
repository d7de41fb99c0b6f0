"""Addresses of protocols in the API, under /api/v1/."""

from django.urls import path

from protocol import api

urlpatterns = [
    path("protocols/", api.ProtocolsView.as_view(), name="api_protocols"),
    path("protocols/<int:pk>/", api.ProtocolView.as_view(), name="api_protocol"),
    path(
        "protocols/<int:pk>/publish/",
        api.ProtocolPublishView.as_view(),
        name="api_protocol_publish",
    ),
    path(
        "protocols/<int:pk>/to/<int:other>/",
        api.ProtocolDifferencesView.as_view(),
        name="api_protocol_differences",
    ),
]
