"""Addresses of reminders in the API, under /api/v1/."""

from django.urls import path

from reminders import api, notices_api

urlpatterns = [
    path("reminders/", api.RemindersView.as_view(), name="api_reminders"),
    path("notices/", notices_api.NoticesView.as_view(), name="api_notices"),
    path(
        "notices/<int:pk>/acknowledge/",
        notices_api.AcknowledgementView.as_view(),
        name="api_notice_acknowledge",
    ),
]
