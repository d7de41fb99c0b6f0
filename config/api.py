"""Every address of the API, /api/v1/."""

from django.urls import include, path, re_path

from accounts.api_me import MeView
from config import api_schemes  # noqa: F401 - describes the ways to sign in to the schema
from config.api_docs import DocsView, SchemaView, UnknownAddressView

urlpatterns = [
    path("", include("accounts.api_urls")),
    path("me/", MeView.as_view(), name="api_me"),
    path("", include("pathway.api.urls")),
    path("", include("toxicity.api.urls")),
    path("", include("desk.api_urls")),
    path("", include("protocol.api_urls")),
    path("", include("patients.api.urls")),
    path("", include("exports.api_urls")),
    path("", include("reminders.api_urls")),
    path("", include("reminders.calendar_api_urls")),
    path("schema/", SchemaView.as_view(), name="api-schema"),
    path("docs/", DocsView.as_view(), name="api-docs"),
    re_path(r"", UnknownAddressView.as_view(), name="api_unknown"),
]
